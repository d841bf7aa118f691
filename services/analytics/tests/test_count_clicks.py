from collections.abc import Iterator, Mapping
from itertools import repeat

import pytest
from services.analytics.tests.support import make_click

from analytics.counting.count_clicks import Outcome, Patience, count_clicks
from analytics.domain.clicks import Click

CLICKS = {f"m{n}": make_click(n) for n in range(3)}


class Scripted:
    """A ledger that answers each click from its own script, and remembers the order of tries."""

    def __init__(self, scripts: Mapping[int, Iterator[Outcome | Exception]]) -> None:
        self._scripts = scripts
        self.tries: list[int] = []

    def count(self, click: Click) -> Outcome:
        self.tries.append(click.sequence)
        answer = next(self._scripts[click.sequence])
        if isinstance(answer, Exception):
            raise answer
        return answer


def always(answer: Outcome | Exception) -> Iterator[Outcome | Exception]:
    return repeat(answer)


def patience(tries: int = 1000, waits: list[float] | None = None) -> Patience:
    left = iter(range(tries, -1, -1))
    return Patience(
        time_left=lambda: float(next(left, 0)),
        wait=(waits if waits is not None else []).append,
        jitter=lambda _, high: high,
    )


def test_each_message_gets_its_own_outcome() -> None:
    ledger = Scripted({0: always(Outcome.COUNTED), 1: always(Outcome.DUPLICATE), 2: always(Outcome.REJECTED)})
    assert count_clicks(CLICKS, ledger, patience()) == {
        "m0": Outcome.COUNTED,
        "m1": Outcome.DUPLICATE,
        "m2": Outcome.REJECTED,
    }
    assert ledger.tries == [0, 1, 2]


def test_a_busy_click_waits_until_the_others_had_their_turn() -> None:
    ledger = Scripted(
        {
            0: iter([Outcome.BUSY, Outcome.BUSY, Outcome.COUNTED]),
            1: always(Outcome.COUNTED),
            2: iter([Outcome.BUSY, Outcome.COUNTED]),
        }
    )
    waits: list[float] = []
    outcomes = count_clicks(CLICKS, ledger, patience(waits=waits))
    assert set(outcomes.values()) == {Outcome.COUNTED}
    assert ledger.tries == [0, 1, 2, 0, 2, 0]
    assert waits == [0.025, 0.05]


def test_waits_double_up_to_a_second_and_never_pass_the_end() -> None:
    ledger = Scripted({0: always(Outcome.BUSY)})
    waits: list[float] = []
    seconds = iter([9.0] * 16 + [0.02, 0.01, 0.0])
    count_clicks(
        {"m0": CLICKS["m0"]},
        ledger,
        Patience(time_left=lambda: next(seconds), wait=waits.append, jitter=lambda _, high: high),
    )
    assert waits == [0.025, 0.05, 0.1, 0.2, 0.4, 0.8, 1.0, 1.0, 0.01]


def test_jitter_spreads_the_waits() -> None:
    ranges: list[tuple[float, float]] = []

    def jitter(low: float, high: float) -> float:
        ranges.append((low, high))
        return low

    ledger = Scripted({0: iter([Outcome.BUSY, Outcome.COUNTED])})
    count_clicks(
        {"m0": CLICKS["m0"]}, ledger, Patience(time_left=lambda: 9, wait=lambda _: None, jitter=jitter)
    )
    assert ranges == [(0, 0.025)]


@pytest.mark.parametrize(("tries", "reached"), [(0, []), (1, [0]), (2, [0, 1])])
def test_what_time_does_not_reach_is_reported_as_busy(tries: int, reached: list[int]) -> None:
    ledger = Scripted(dict.fromkeys(range(3), always(Outcome.COUNTED)))
    outcomes = count_clicks(CLICKS, ledger, patience(tries))
    assert ledger.tries == reached
    assert [outcomes[f"m{n}"] for n in range(3)] == [
        Outcome.COUNTED if n in reached else Outcome.BUSY for n in range(3)
    ]


def test_a_fatal_error_fails_its_own_click_only(caplog: pytest.LogCaptureFixture) -> None:
    ledger = Scripted(
        {0: always(Outcome.COUNTED), 1: always(RuntimeError("broken")), 2: always(Outcome.COUNTED)}
    )
    outcomes = count_clicks(CLICKS, ledger, patience())
    assert outcomes == {"m0": Outcome.COUNTED, "m1": Outcome.FAILED, "m2": Outcome.COUNTED}
    assert ledger.tries == [0, 1, 2]


def test_no_clicks_are_no_work() -> None:
    assert count_clicks({}, Scripted({}), patience(0)) == {}
