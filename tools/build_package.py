"""Build the zip that Lambda runs for one service: its package, hopcount_shared, what uv.lock says they need.

The Serverless CLI runs it, through the plugin serverless-uv-package.cjs. boto3 and botocore are left out:
Lambda has them, and so has the local AWS. Byte code is shipped, since Lambda cannot write any. The zip
depends on nothing but its inputs, so an unchanged service is not deployed again.

    .venv/bin/python tools/build_package.py SERVICE --platform host|aarch64-manylinux_2_28 --python 3.13
"""

import argparse
import contextlib
import hashlib
import os
import shutil
import subprocess
import sys
import tempfile
import zipfile
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
BUILD = ROOT / "build"
UV = ROOT / ".tools" / "bin" / "uv"
LOCAL_AWS_PYTHON = ROOT / "local" / "aws" / ".venv" / "bin" / "python"
LEFT_OUT = ("boto3", "botocore")


def main() -> None:
    """Build the package and print where it is."""
    parser = argparse.ArgumentParser(description="Build the zip that Lambda runs for one service")
    parser.add_argument("service")
    parser.add_argument("--platform", default="host", help="host, or a platform that uv knows")
    parser.add_argument("--python", default="3.13", help="the Python version that the template declares")
    asked = parser.parse_args()
    if not UV.exists():
        sys.exit("build_package: run `make setup` first: .tools/bin/uv is missing")
    interpreter = find_interpreter(asked.platform, asked.python)
    requirements = export_requirements(asked.service)
    dependencies = install(requirements, asked.platform, asked.python, interpreter)
    sources = [ROOT / "services" / asked.service / asked.service, ROOT / "shared" / "hopcount_shared"]
    print(archive(asked.service, asked.platform, dependencies, sources, interpreter))


def find_interpreter(platform: str, version: str) -> str | None:
    """Return the Python that will run the package (locally), or one of the same version (for AWS) if any."""
    if platform == "host" and LOCAL_AWS_PYTHON.exists():
        return str(LOCAL_AWS_PYTHON)
    command = [UV, "python", "find", "--system", "--no-project", version]
    found = subprocess.run(command, capture_output=True, text=True, check=False)
    if found.returncode:
        print(f"build_package: no Python {version} here, byte code is not shipped", file=sys.stderr)
        return None
    return found.stdout.strip()


def export_requirements(service: str) -> str:
    """Return what the lock says the service needs, one requirement a line."""
    prune = [flag for name in LEFT_OUT for flag in ("--prune", name)]
    command = [UV, "export", "--quiet", "--frozen", "--package", f"hopcount-{service}", "--no-dev"]
    command += ["--no-emit-workspace", "--no-hashes", "--no-header", "--no-annotate", *prune]
    return subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=True).stdout


def install(requirements: str, platform: str, version: str, interpreter: str | None) -> Path:
    """Install third-party code into a folder named by its inputs, and return it."""
    key = hashlib.sha256(f"{requirements}|{platform}|{version}|{interpreter}".encode()).hexdigest()[:16]
    folder = BUILD / "dependencies" / key
    if folder.exists():
        return folder
    folder.parent.mkdir(parents=True, exist_ok=True)
    # Services are built at once, and some need the same: each works in a folder of its own until it is done.
    with tempfile.TemporaryDirectory(dir=folder.parent) as temporary:
        unfinished, listed = Path(temporary, "code"), Path(temporary, "requirements.txt")
        listed.write_text(requirements)
        target = [] if platform == "host" else ["--python-platform", platform, "--python-version", version]
        command = [UV, "pip", "install", "--quiet", "--no-deps", "--only-binary", ":all:", *target]
        command += [
            "--python",
            interpreter or sys.executable,
            "--target",
            unfinished,
            "--requirement",
            listed,
        ]
        subprocess.run(command, check=True)
        drop_what_lambda_never_reads(unfinished)
        compile_folder(unfinished, interpreter)
        with contextlib.suppress(OSError):  # somebody else was faster with the same inputs
            unfinished.rename(folder)
    return folder


def drop_what_lambda_never_reads(folder: Path) -> None:
    """Remove commands, tests and uv's lock from installed code."""
    for useless in (*folder.glob("bin"), *folder.glob("*/tests"), *folder.glob(".lock")):
        if useless.is_dir():
            shutil.rmtree(useless)
        else:
            useless.unlink()


def compile_folder(folder: Path, interpreter: str | None) -> None:
    """Write byte code that is valid whatever the files' times become, if the right Python is here."""
    if interpreter is None:
        return
    command = [interpreter, "-m", "compileall", "-q", "-f", "--invalidation-mode", "unchecked-hash"]
    subprocess.run([*command, "-s", folder, folder], check=True)


def archive(
    service: str, platform: str, dependencies: Path, sources: list[Path], interpreter: str | None
) -> Path:
    """Zip dependencies and sources; the same inputs give the same bytes."""
    result = BUILD / "packages" / f"{service}-{platform}.zip"
    result.parent.mkdir(parents=True, exist_ok=True)
    unfinished = result.with_suffix(f".{os.getpid()}")
    with (
        tempfile.TemporaryDirectory(dir=BUILD) as staged,
        zipfile.ZipFile(unfinished, "w", zipfile.ZIP_DEFLATED, compresslevel=6) as target,
    ):
        for source in sources:
            shutil.copytree(source, Path(staged, source.name), ignore=shutil.ignore_patterns("__pycache__"))
        compile_folder(Path(staged), interpreter)
        for base in (dependencies, Path(staged)):
            for path in sorted(p for p in base.rglob("*") if p.is_file()):
                entry = zipfile.ZipInfo(path.relative_to(base).as_posix(), date_time=(1980, 1, 1, 0, 0, 0))
                entry.external_attr = 0o644 << 16
                entry.compress_type = zipfile.ZIP_DEFLATED
                target.writestr(entry, path.read_bytes())
    unfinished.replace(result)
    return result


if __name__ == "__main__":
    main()
