"""What may succeed in a moment is tried again, and what may not is not."""

import pytest

from hopcount_shared.errors import ConflictError, UnavailableError
from users.domain.patience import TRIES, Patience


class Busy:
    """Answers after some refusals."""

    def __init__(self, *refusals: Exception) -> None:
        self.refusals = list(refusals)
        self.calls = 0

    def __call__(self) -> str:
        self.calls += 1
        if self.refusals:
            raise self.refusals.pop(0)
        return "done"


def busy(times: int) -> Busy:
    return Busy(*(UnavailableError("busy", retry_after=1) for _ in range(times)))


def test_it_waits_longer_each_time_until_it_is_done() -> None:
    waits: list[float] = []
    call = busy(TRIES - 1)
    assert Patience(waits.append, lambda _, most: most).with_call(call) == "done"
    assert waits == [0.1, 0.2, 0.4, 0.8]


def test_it_ends() -> None:
    call = busy(TRIES + 1)
    with pytest.raises(UnavailableError):
        Patience(lambda _: None).with_call(call)
    assert call.calls == TRIES


def test_what_stays_wrong_is_told_at_once() -> None:
    call = Busy(ConflictError("no"))
    with pytest.raises(ConflictError):
        Patience(lambda _: None).with_call(call)
    assert call.calls == 1
