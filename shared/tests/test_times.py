from datetime import UTC, datetime, timedelta, timezone

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hopcount_shared.times import from_iso, to_iso, utc_now

ZONES = st.integers(-14 * 60, 14 * 60).map(lambda minutes: timezone(timedelta(minutes=minutes)))
EARLIEST, LATEST = datetime.fromisoformat("1970-01-02"), datetime.fromisoformat("9999-12-30")
MOMENTS = st.datetimes(EARLIEST, LATEST, timezones=ZONES)


def test_always_six_digits_and_z() -> None:
    assert to_iso(datetime(2026, 11, 22, 15, 26, 58, tzinfo=UTC)) == "2026-11-22T15:26:58.000000Z"


def test_another_zone_is_converted() -> None:
    moment = datetime(2026, 1, 1, 0, 30, tzinfo=timezone(timedelta(hours=1)))
    assert to_iso(moment) == "2025-12-31T23:30:00.000000Z"
    assert from_iso("2026-01-01T00:30:00+01:00") == moment


@given(MOMENTS)
def test_nothing_is_lost(moment: datetime) -> None:
    read = from_iso(to_iso(moment))
    assert read == moment
    assert read.tzinfo is UTC


@given(MOMENTS, MOMENTS)
def test_text_order_is_time_order(one: datetime, other: datetime) -> None:
    assert (to_iso(one) < to_iso(other)) == (one < other)


def test_a_naive_time_is_refused() -> None:
    with pytest.raises(ValueError, match="naive"):
        to_iso(datetime(2026, 1, 1))  # noqa: DTZ001 a naive time is what this is about
    with pytest.raises(ValueError, match="no zone"):
        from_iso("2026-01-01T00:00:00")


@pytest.mark.parametrize("text", ["", "yesterday", "2026-13-01T00:00:00Z"])
def test_other_text_is_refused(text: str) -> None:
    with pytest.raises(ValueError):  # noqa: PT011 whatever Python says about it
        from_iso(text)


def test_now_is_aware() -> None:
    assert utc_now().tzinfo is UTC
    assert abs(utc_now() - datetime.now(UTC)) < timedelta(minutes=1)
