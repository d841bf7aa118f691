from datetime import UTC, datetime, timedelta

import pytest

from analytics.domain.clicks import Provable
from hopcount_cli.errors import UsageError
from hopcount_cli.ops.moments import Window, parse_window

NOW = datetime(2026, 11, 22, 15, 30, tzinfo=UTC)
PROVABLE = Provable(timedelta(days=120), datetime(2026, 8, 1, tzinfo=UTC))


def window(first: str, last: str | None = None) -> Window:
    return parse_window(first, last, NOW, PROVABLE)


@pytest.mark.parametrize(
    ("first", "last", "start", "end"),
    [
        ("2026-11-22T10:00:00Z", None, datetime(2026, 11, 22, 10, tzinfo=UTC), NOW),
        ("2026-11-22T10:00:00+02:00", None, datetime(2026, 11, 22, 8, tzinfo=UTC), NOW),
        ("2026-11-20", None, datetime(2026, 11, 20, tzinfo=UTC), NOW),
        ("2026-11-20", "2026-11-20", datetime(2026, 11, 20, tzinfo=UTC), datetime(2026, 11, 21, tzinfo=UTC)),
        ("2026-11-20", "2026-11-22", datetime(2026, 11, 20, tzinfo=UTC), NOW),
    ],
)
def test_times_and_days_are_understood(first: str, last: str | None, start: datetime, end: datetime) -> None:
    assert window(first, last) == Window(start, end)


@pytest.mark.parametrize(
    ("first", "last", "problem"),
    [
        ("2026-11-22T10:00:00", None, "--from: .* neither"),
        ("20261122", None, "--from: .* neither"),
        ("2026-13-01", None, "--from: .* neither"),
        ("2026-11-22", "noon", "--to: .* neither"),
        ("2026-11-22T16:00:00Z", None, "before --to, and in the past"),
        ("2026-11-22T10:00:00Z", "2026-11-22T10:00:00Z", "before --to"),
        ("2026-11-22T10:00:00Z", "2026-11-22T09:00:00Z", "before --to"),
        ("2026-11-22T10:00:00Z", "2026-11-22T15:30:01Z", "in the future"),
        ("2026-11-20", "2026-11-23", "in the future"),
        ("2026-07-31T23:59:59Z", None, "from before 2026-08-01T00:00:00Z .* refused"),
        ("2026-07-01", "2026-07-02", "refused"),
    ],
)
def test_what_is_no_window_that_can_be_replayed_is_refused(
    first: str, last: str | None, problem: str
) -> None:
    with pytest.raises(UsageError, match=problem):
        window(first, last)


def test_the_horizon_moves_on() -> None:
    later = NOW + timedelta(days=30)
    with pytest.raises(UsageError, match="from before 2026-08-24T15:30:00Z"):
        parse_window("2026-08-24", None, later, PROVABLE)


@pytest.mark.parametrize(
    ("second", "fraction", "first", "last"), [(10, 0, 9, 11), (10, 1, 9, 12), (10, 999999, 9, 12)]
)
def test_a_window_is_padded_to_the_second_around_it(
    second: int, fraction: int, first: int, last: int
) -> None:
    moment = datetime(2026, 11, 22, 10, 0, second, fraction, tzinfo=UTC)
    padded = Window(moment, moment).padded
    assert (padded.start.second, padded.end.second) == (first, last)
    assert padded.start.microsecond == padded.end.microsecond == 0
