"""Where the build finds things in this repository."""

from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
WEB = ROOT / "services" / "web"
APP = WEB / "app"
LOADER = WEB / "loader"
PAGES = WEB / "site"
CACHE = ROOT / ".local" / "build-app"
PIP = [str(ROOT / ".tools" / "bin" / "python"), "-m", "pip"]
