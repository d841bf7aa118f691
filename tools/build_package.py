"""Build the zip that Lambda runs for one service: its package, hopcount_shared, what uv.lock says they need.

Standard library only, so that any Python can run it; the Serverless CLI does, through the plugin
serverless-uv-package.cjs. boto3 and botocore are left out: Lambda has them, and so has the local AWS. Byte
code is shipped, since Lambda cannot write any. The zip depends on nothing but its inputs, so an unchanged
service is not deployed again.

    python3 tools/build_package.py SERVICE --platform host|aarch64-manylinux_2_28 --python 3.13
"""

import argparse
import hashlib
import os
import shutil
import subprocess
import sys
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


def find_interpreter(platform: str, version: str) -> str:
    """Return the Python that will run the package (locally), or one of the same version (for AWS)."""
    if platform == "host" and LOCAL_AWS_PYTHON.exists():
        return str(LOCAL_AWS_PYTHON)
    found = subprocess.run(
        [UV, "python", "find", "--no-project", version], capture_output=True, text=True, check=False
    )
    if found.returncode and platform != "host":
        print(f"build_package: no Python {version} here, byte code is not shipped", file=sys.stderr)
    return sys.executable if found.returncode else found.stdout.strip()


def export_requirements(service: str) -> str:
    """Return what the lock says the service needs, one requirement a line."""
    prune = [flag for name in LEFT_OUT for flag in ("--prune", name)]
    command = [UV, "export", "--quiet", "--frozen", "--package", f"hopcount-{service}", "--no-dev"]
    command += ["--no-emit-workspace", "--no-hashes", "--no-header", "--no-annotate", *prune]
    return subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=True).stdout


def install(requirements: str, platform: str, version: str, interpreter: str) -> Path:
    """Install third-party code into a folder named by its inputs, and return it."""
    key = hashlib.sha256(f"{requirements}|{platform}|{version}|{interpreter}".encode()).hexdigest()[:16]
    folder = BUILD / "dependencies" / key
    if folder.exists():
        return folder
    unfinished = folder.with_name(f"{key}.{os.getpid()}")
    unfinished.mkdir(parents=True)
    listed = unfinished.with_suffix(".txt")
    listed.write_text(requirements)
    target = [] if platform == "host" else ["--python-platform", platform, "--python-version", version]
    command = [UV, "pip", "install", "--quiet", "--no-deps", "--only-binary", ":all:", *target]
    command += ["--python", interpreter, "--target", unfinished, "--requirement", listed]
    subprocess.run(command, check=True)
    listed.unlink()
    for useless in (*unfinished.glob("bin"), *unfinished.glob("*/tests"), unfinished / ".lock"):
        shutil.rmtree(useless) if useless.is_dir() else useless.unlink(missing_ok=True)
    compile_folder(unfinished, interpreter)
    try:
        unfinished.rename(folder)
    except OSError:  # somebody else was faster with the same inputs
        shutil.rmtree(unfinished)
    return folder


def compile_folder(folder: Path, interpreter: str) -> None:
    """Write byte code that is valid whatever the files' times become."""
    command = [interpreter, "-m", "compileall", "-q", "-f", "--invalidation-mode", "unchecked-hash"]
    subprocess.run([*command, "-s", folder, folder], check=True)


def archive(service: str, platform: str, dependencies: Path, sources: list[Path], interpreter: str) -> Path:
    """Zip dependencies and sources; the same inputs give the same bytes."""
    staged = BUILD / "staged" / f"{service}-{platform}.{os.getpid()}"
    staged.mkdir(parents=True)
    for source in sources:
        shutil.copytree(source, staged / source.name, ignore=shutil.ignore_patterns("__pycache__"))
    compile_folder(staged, interpreter)
    result = BUILD / "packages" / f"{service}-{platform}.zip"
    result.parent.mkdir(parents=True, exist_ok=True)
    unfinished = result.with_suffix(f".{os.getpid()}")
    with zipfile.ZipFile(unfinished, "w", zipfile.ZIP_DEFLATED, compresslevel=6) as target:
        for base in (dependencies, staged):
            for path in sorted(p for p in base.rglob("*") if p.is_file()):
                entry = zipfile.ZipInfo(path.relative_to(base).as_posix(), date_time=(1980, 1, 1, 0, 0, 0))
                entry.external_attr = 0o644 << 16
                entry.compress_type = zipfile.ZIP_DEFLATED
                target.writestr(entry, path.read_bytes())
    unfinished.replace(result)
    shutil.rmtree(staged)
    return result


if __name__ == "__main__":
    main()
