"""Build the zip that Lambda runs: a service's package, what it imports of hopcount_shared, and others' code.

Others' code is what uv.lock says that the service needs.

The Serverless CLI runs it, through the plugin serverless-uv-package.cjs. boto3 and botocore are left out:
Lambda has them, and so has the local AWS. Byte code is shipped, since Lambda cannot write any. The zip
depends on nothing but its inputs, so an unchanged service is not deployed again.

    .venv/bin/python tools/build_package.py SERVICE --platform host|aarch64-manylinux_2_28 --python 3.13
        [--extra NAME] [--no-sources] [--file TARGET=SOURCE]
"""

import argparse
import ast
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
UV = str(ROOT / ".tools" / "bin" / "uv")
LOCAL_AWS_PYTHON = ROOT / "local" / "aws" / ".venv" / "bin" / "python"
LEFT_OUT = ("boto3", "botocore")
SOURCE_ONLY = ("amazon-dax-client",)
"""Published without a wheel. It is pure Python: one built here is good for every processor."""


def main() -> None:
    """Build the package and print where it is."""
    parser = argparse.ArgumentParser(description="Build the zip that Lambda runs for one service")
    parser.add_argument("service")
    parser.add_argument("--platform", default="host", help="host, or a platform that uv knows")
    parser.add_argument("--python", default="3.13", help="the Python version that the template declares")
    parser.add_argument("--extra", action="append", default=[], help="an extra of the service to include")
    parser.add_argument(
        "--no-sources", action="store_true", help="of our code byte code alone, no docstrings"
    )
    parser.add_argument(
        "--file",
        action="append",
        default=[],
        metavar="TARGET=SOURCE",
        help="a file of this repository to put into the package as well",
    )
    asked = parser.parse_args()
    if not Path(UV).exists():
        sys.exit("build_package: run `make setup` first: .tools/bin/uv is missing")
    interpreter = find_interpreter(asked.platform, asked.python)
    requirements = export_requirements(asked.service, asked.extra)
    dependencies = install(requirements, asked.platform, asked.python, interpreter)
    name = "-".join(["+".join([asked.service, *asked.extra]), asked.platform])
    with tempfile.TemporaryDirectory(dir=BUILD) as staged:
        code = Path(staged)
        stage_code(
            code, ROOT / "services" / asked.service / asked.service, ROOT / "shared" / "hopcount_shared"
        )
        if asked.no_sources and interpreter:
            keep_byte_code_alone(code, interpreter)
        else:
            compile_folder(code, interpreter)
        add_files(code, asked.file)
        print(archive(name, dependencies, code))


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


def export_requirements(service: str, extras: list[str]) -> str:
    """Return what the lock says the service and its extras need, one requirement a line."""
    prune = [flag for name in LEFT_OUT for flag in ("--prune", name)]
    command = [UV, "export", "--quiet", "--frozen", "--package", f"hopcount-{service}", "--no-dev"]
    command += ["--no-emit-workspace", "--no-hashes", "--no-header", "--no-annotate", *prune]
    command += [flag for extra in extras for flag in ("--extra", extra)]
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
        command += [flag for name in SOURCE_ONLY for flag in ("--no-binary", name)]
        command += [
            "--python",
            interpreter or sys.executable,
            "--target",
            str(unfinished),
            "--requirement",
            str(listed),
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


def compile_folder(folder: Path, interpreter: str | None, *options: str) -> None:
    """Write byte code that is valid whatever the files' times become, if the right Python is here."""
    if interpreter is None:
        return
    command = [interpreter, "-m", "compileall", "-q", "-f", "--invalidation-mode", "unchecked-hash"]
    subprocess.run([*command, *options, "-s", folder, folder], check=True)


def stage_code(folder: Path, service: Path, shared: Path) -> None:
    """Copy a service's package, and of the shared one the modules that are imported."""
    shutil.copytree(service, folder / service.name, ignore=shutil.ignore_patterns("__pycache__"))
    target = folder / shared.name
    target.mkdir()
    shutil.copy(shared / "__init__.py", target)
    new = list(folder.rglob("*.py"))
    while new:
        wanted = set().union(*map(imported_names, new))
        modules = [m for m in sorted(shared.glob("*.py")) if f"{shared.name}.{m.stem}" in wanted]
        new = [Path(shutil.copy(m, target)) for m in modules if not (target / m.name).exists()]


def imported_names(module: Path) -> set[str]:
    """Return the full names of what a module imports, anywhere in it."""
    names: set[str] = set()
    for node in ast.walk(ast.parse(module.read_bytes())):
        if isinstance(node, ast.Import):
            names |= {alias.name for alias in node.names}
        elif isinstance(node, ast.ImportFrom) and node.module:
            names |= {node.module, *(f"{node.module}.{alias.name}" for alias in node.names)}
    return names


def keep_byte_code_alone(folder: Path, interpreter: str) -> None:
    """Put byte code without docstrings in the place of sources: half the size, and tracebacks have lines."""
    compile_folder(folder, interpreter, "-o", "2")
    for compiled in list(folder.rglob("__pycache__/*.pyc")):
        compiled.rename(compiled.parent.with_name(f"{compiled.name.split('.')[0]}.pyc"))
    for useless in (*folder.rglob("*.py"), *folder.rglob("py.typed")):
        useless.unlink()


def add_files(folder: Path, files: list[str]) -> None:
    """Copy further files, each written `where it goes=where it is in this repository`."""
    for target, _, source in (file.partition("=") for file in files):
        (folder / target).parent.mkdir(parents=True, exist_ok=True)
        shutil.copy(ROOT / source, folder / target)


def archive(name: str, *folders: Path) -> Path:
    """Zip what is in the folders; the same inputs give the same bytes."""
    result = BUILD / "packages" / f"{name}.zip"
    result.parent.mkdir(parents=True, exist_ok=True)
    unfinished = result.with_suffix(f".{os.getpid()}")
    with zipfile.ZipFile(unfinished, "w", zipfile.ZIP_DEFLATED, compresslevel=6) as target:
        for folder in folders:
            for path in sorted(p for p in folder.rglob("*") if p.is_file()):
                entry = zipfile.ZipInfo(path.relative_to(folder).as_posix(), date_time=(1980, 1, 1, 0, 0, 0))
                entry.external_attr = 0o644 << 16
                entry.compress_type = zipfile.ZIP_DEFLATED
                target.writestr(entry, path.read_bytes())
    unfinished.replace(result)
    return result


if __name__ == "__main__":
    main()
