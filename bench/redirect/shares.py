"""A part of a processor, as Lambda gives it to a function by its memory: a control group with a quota."""

import contextlib
import os
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from bench.prices import MB_PER_PROCESSOR

PERIOD_MICROSECONDS = 20_000
"""A quota is given out again so often."""

_GROUPS = Path("/sys/fs/cgroup")


class UnavailableError(Exception):
    """No control group can be made here; the message says why."""


@dataclass(frozen=True)
class Share:
    """A control group.

    Parameters
    ----------
    folder
        Where the kernel shows it.
    """

    folder: Path

    def command(self, command: Sequence[str | Path]) -> tuple[str | Path, ...]:
        """Return a command that runs another inside it, from the first instruction on."""
        script = 'echo $$ > "$0" && exec "$@"'
        return ("/bin/sh", "-c", script, self.folder / "cgroup.procs", *command)

    def limit(self, processors: float | None) -> None:
        """Set how much of a processor those inside have together; None for as much as there is."""
        period = PERIOD_MICROSECONDS
        quota = None if processors is None else round(processors * period)
        if (self.folder / "cpu.max").exists():
            (self.folder / "cpu.max").write_text(f"{'max' if quota is None else quota} {period}")
        else:
            (self.folder / "cpu.cfs_period_us").write_text(str(period))
            (self.folder / "cpu.cfs_quota_us").write_text(str(-1 if quota is None else quota))


@contextmanager
def share(name: str, groups: Path = _GROUPS) -> Iterator[Share]:
    """Make a control group and remove it when those inside have ended.

    Raises
    ------
    UnavailableError
        If that is not possible.
    """
    parent = groups / "cpu" if (groups / "cpu").is_dir() else groups  # version 1, or the unified version 2
    folder = parent / f"hopcount-{os.getpid()}-{name}"
    try:
        folder.mkdir()
    except OSError as error:
        raise UnavailableError(f"no control group can be made in {parent}: {error.strerror}") from error
    try:
        if not any((folder / quota).exists() for quota in ("cpu.max", "cpu.cfs_quota_us")):
            raise UnavailableError(f"control groups in {parent} have no processor quota")
        yield Share(folder)
    finally:
        with contextlib.suppress(OSError):
            folder.rmdir()


def processors(memory_mb: int) -> float:
    """Return how much of a processor a Lambda function of so much memory has."""
    return memory_mb / MB_PER_PROCESSOR
