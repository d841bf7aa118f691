"""Build the site into a folder: `python -m tools.build_app OUT`."""

from __future__ import annotations

import argparse
import contextlib
import fcntl
import json
import sys
import time
from collections.abc import Iterator
from pathlib import Path

from tools.build_app import site
from tools.build_app.errors import BuildError
from tools.build_app.inputs import inputs_digest


def main() -> int:
    """Build the site; return the exit code."""
    parser = argparse.ArgumentParser(prog="python -m tools.build_app", description="Build the site")
    parser.add_argument("folder", type=Path, help="what is made; whatever is there is replaced")
    asked = parser.parse_args()
    folder = asked.folder.resolve()
    with one_at_a_time(folder):
        inputs = inputs_digest()
        if built_from(folder) == inputs:
            print(f"{asked.folder}: built already, nothing changed")
            return 0
        started = time.monotonic()
        try:
            files = site.collect()
            site.write(files, folder, inputs)
        except BuildError as error:
            print(f"build_app: {error}", file=sys.stderr)
            return 1
        print(f"{asked.folder}: {len(files)} files in {time.monotonic() - started:.1f} s")
        return 0


@contextlib.contextmanager
def one_at_a_time(folder: Path) -> Iterator[None]:
    """Wait for whoever builds the same folder: `make up` and a test may ask for it at once."""
    folder.parent.mkdir(parents=True, exist_ok=True)
    with folder.with_name(f".{folder.name}.lock").open("w") as file:
        fcntl.flock(file, fcntl.LOCK_EX)
        yield


def built_from(folder: Path) -> str | None:
    """Return the digest of what a folder was built from, `None` where nothing is built."""
    try:
        return str(json.loads((folder / site.MANIFEST).read_text())["inputs"])
    except (FileNotFoundError, ValueError, KeyError):
        return None


if __name__ == "__main__":
    sys.exit(main())
