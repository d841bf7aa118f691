"""Build the site into a folder: `python -m tools.build_app OUT`."""

from __future__ import annotations

import argparse
import json
import sys
import time
from pathlib import Path

from tools.build_app import site
from tools.build_app.errors import BuildError
from tools.build_app.inputs import inputs_digest


def main() -> int:
    """Build the site; return the exit code."""
    parser = argparse.ArgumentParser(prog="python -m tools.build_app", description="Build the site")
    parser.add_argument("folder", type=Path, help="what is made; whatever is there is replaced")
    asked = parser.parse_args()
    folder, inputs = asked.folder.resolve(), inputs_digest()
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


def built_from(folder: Path) -> str | None:
    """Return the digest of what a folder was built from, `None` where nothing is built."""
    try:
        return str(json.loads((folder / site.MANIFEST).read_text())["inputs"])
    except (FileNotFoundError, ValueError, KeyError):
        return None


if __name__ == "__main__":
    sys.exit(main())
