"""How far a long command is: a bar on standard error in a terminal; elsewhere only why it waits."""

import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING

from hopcount_cli.console import err, note, safe, tell

if TYPE_CHECKING:
    from rich.progress import Progress as Bar
    from rich.progress import TaskID


class Progress:
    """Counts what is done, and waits so that somebody sees it.

    Parameters
    ----------
    total
        How much there is to do; `None` if nobody knows.
    wait
        How to wait, in seconds.
    """

    def __init__(self, total: int | None = None, *, wait: Callable[[float], None] = time.sleep) -> None:
        self.total = total
        self.done = 0
        self._wait = wait

    def advance(self, count: int) -> None:
        """Say that so much more is done."""
        self.done += count

    def tell(self, problem: str) -> None:
        """Say what went wrong."""
        tell(problem)

    def pause(self, seconds: float, why: str) -> None:
        """Wait, and say why."""
        note(f"{why}; going on in {_clock(seconds)}")
        self._wait(seconds)


class BarProgress(Progress):
    """A bar with numbers and the time that is left."""

    def __init__(self, bar: "Bar", task: "TaskID", what: str, total: int | None) -> None:
        super().__init__(total)
        self._bar = bar
        self._task = task
        self._what = what

    def advance(self, count: int) -> None:
        """Say that so much more is done."""
        super().advance(count)
        self._bar.update(self._task, completed=self.done)

    def tell(self, problem: str) -> None:
        """Say what went wrong, above the bar."""
        self._bar.console.print(safe(f"hopcount: {problem}"), style="red", markup=False, soft_wrap=True)

    def pause(self, seconds: float, why: str) -> None:
        """Wait with the rest of the time in sight."""
        self._bar.console.print(safe(why), markup=False, soft_wrap=True)
        left = seconds
        while left > 0:
            self._bar.update(self._task, description=f"waiting {_clock(left)}")
            self._wait(min(left, 1))
            left -= 1
        self._bar.update(self._task, description=self._what)


@contextmanager
def shown(what: str, total: int | None) -> Iterator[Progress]:
    """Show a bar while something goes on.

    Parameters
    ----------
    what
        What goes on, for instance `importing`.
    total
        How much there is to do; `None` if nobody knows.
    """
    if not sys.stderr.isatty():
        yield Progress(total)
        return
    from rich.progress import BarColumn, MofNCompleteColumn, TextColumn, TimeRemainingColumn  # noqa: PLC0415
    from rich.progress import Progress as Bar  # noqa: PLC0415

    columns = (TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn(), TimeRemainingColumn())
    # What is printed meanwhile goes above the bar where both share a terminal.
    with Bar(*columns, console=err(), redirect_stdout=sys.stdout.isatty(), redirect_stderr=False) as bar:
        yield BarProgress(bar, bar.add_task(what, total=total), what, total)


def _clock(seconds: float) -> str:
    minutes, rest = divmod(int(seconds + 0.999), 60)
    return f"{minutes}:{rest:02}"
