"""Start the local AWS in the foreground: ``python -m local_aws``."""

import importlib
import logging
import os
import shutil
import sys

from local_aws import patches, patching
from local_aws.settings import Settings, SettingsError, apply_to_process
from local_aws.state.owner import FolderInUseError
from local_aws.state.store import DamagedSnapshotError

# Addresses that mail is sent to; one line for each file that is loaded; botocore's and asyncio's inner life.
QUIET_LOGGERS = ("ses", "persistence", "botocore", "asyncio")


def main() -> int:
    """Prepare the process, mend the emulator and serve until stopped."""
    try:
        settings = Settings.from_environment(os.environ)
    except SettingsError as error:
        print(f"local-aws: {error}", file=sys.stderr)
        return 2
    apply_to_process(settings)
    shutil.rmtree(settings.state_dir / "tmp", ignore_errors=True)
    (settings.state_dir / "tmp").mkdir(parents=True)
    app = importlib.import_module("ministack.app")
    for name in QUIET_LOGGERS:
        logging.getLogger(name).setLevel(logging.WARNING)
    try:
        patching.apply_all(patches.selected(settings.without))
    except (patching.PatchTargetChangedError, FolderInUseError, DamagedSnapshotError) as error:
        print(f"local-aws: {error}", file=sys.stderr)
        return 3
    sys.argv[1:] = []
    app.main()
    return 0


if __name__ == "__main__":
    sys.exit(main())
