"""The zip that Lambda gets, for those who run it."""

import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
PYTHON_VERSION = "3.13"
"""The one that the template declares."""


def build_redirect() -> Path:
    """Build the redirect's zip for this machine, with the options of its template, and return it.

    Raises
    ------
    RuntimeError
        With what the tool said, if it fails.
    """
    tool = ROOT / "tools" / "build_package.py"
    options = ["--platform", "host", "--python", PYTHON_VERSION, "--no-sources"]
    built = subprocess.run(
        [sys.executable, tool, "redirect", *options], capture_output=True, text=True, check=False
    )
    if built.returncode:
        raise RuntimeError(f"the redirect cannot be built:\n{built.stderr[-4000:]}")
    return Path(built.stdout.strip().splitlines()[-1])
