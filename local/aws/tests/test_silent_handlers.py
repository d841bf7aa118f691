"""What a handler logged is in its own answer's log, however late the thread that reads it has its turn."""

import os
from types import SimpleNamespace
from typing import Any

from local_aws.patches.lambda_silent_handlers import FIRST_LINE_LOOKS, drain


class SlowReader:
    """A worker whose log is read only when somebody has looked for it many times."""

    def __init__(self, looks: int) -> None:
        reading, self._writing = os.pipe()
        self.pipe = os.fdopen(reading)
        self._proc = SimpleNamespace(stderr=self.pipe, stdout=None)
        self._looks = looks

    def log(self, line: str) -> None:
        os.write(self._writing, f"{line}\n".encode())
        os.close(self._writing)

    def _drain_stderr(self) -> str:
        self._looks -= 1
        return self.pipe.readline().strip() if self._looks == 0 else ""


def logged(worker: Any) -> str:
    return drain(worker)


def test_a_line_that_is_still_in_the_pipe_is_waited_for() -> None:
    worker = SlowReader(looks=10 * FIRST_LINE_LOOKS)
    worker.log("counted")
    with worker.pipe:
        assert logged(worker) == "counted"


def test_nothing_is_waited_for_where_nothing_was_written() -> None:
    worker = SlowReader(looks=10 * FIRST_LINE_LOOKS)
    worker.log("")
    worker.pipe.readline()
    with worker.pipe:
        assert logged(worker) == ""


def test_a_pipe_that_is_closed_holds_nothing() -> None:
    worker = SlowReader(looks=10 * FIRST_LINE_LOOKS)
    worker.log("gone with the process")
    worker.pipe.close()
    assert logged(worker) == ""
