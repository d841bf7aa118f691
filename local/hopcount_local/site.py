"""Building the site, which the front door serves and a deployment uploads."""

from __future__ import annotations

import subprocess
import sys

from hopcount_local.errors import BuildError
from hopcount_local.progress import Progress
from hopcount_local.settings import Settings


def ensure(settings: Settings, progress: Progress) -> None:
    """Build the site unless what is built is what lies here.

    Raises
    ------
    BuildError
        With what the build said.
    """
    ran = subprocess.run(
        [sys.executable, "-m", "tools.build_app", str(settings.site)],
        cwd=settings.root,
        capture_output=True,
        text=True,
        check=False,
    )
    if ran.returncode:
        raise BuildError(f"The site cannot be built:\n{ran.stderr.strip()}")
    progress.say(f"the site: {ran.stdout.strip().rpartition(': ')[2]}")
