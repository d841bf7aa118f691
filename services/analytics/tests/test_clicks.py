from datetime import UTC, datetime, timedelta, timezone

import pytest
from services.analytics.tests.support import HORIZON, NOW, make_click

from analytics.domain.clicks import CLAIM_MARGIN, MAX_CLOCK_SKEW, ensure_provable
from hopcount_shared.errors import MessageRejectedError

SECOND = timedelta(seconds=1)


def at(text: str) -> datetime:
    return datetime.fromisoformat(text)


def test_a_click_is_named_after_its_producer_and_sequence() -> None:
    assert make_click(7, producer="p" * 22).id == "p" * 22 + ":7"


@pytest.mark.parametrize(
    ("occurred_at", "day", "hour"),
    [
        ("2026-02-28T23:59:59.999999+00:00", "2026-02-28", 23),
        ("2026-03-01T00:00:00+00:00", "2026-03-01", 0),
        ("2024-02-29T12:00:00+00:00", "2024-02-29", 12),
        ("2026-01-01T00:30:00+01:00", "2025-12-31", 23),
        ("2025-12-31T20:30:00-05:00", "2026-01-01", 1),
    ],
)
def test_a_click_counts_for_its_utc_day_and_hour(occurred_at: str, day: str, hour: int) -> None:
    click = make_click(occurred_at=at(occurred_at))
    assert (click.day, click.hour) == (day, hour)


@pytest.mark.parametrize("age", [HORIZON, timedelta(0), -MAX_CLOCK_SKEW])
def test_a_click_within_the_horizon_is_accepted(age: timedelta) -> None:
    ensure_provable(NOW - age, NOW, HORIZON)


@pytest.mark.parametrize(
    ("occurred_at", "reason"),
    [
        (NOW - HORIZON - SECOND, "too old to prove"),
        (NOW + MAX_CLOCK_SKEW + SECOND, "in the future"),
        (datetime(1, 1, 1, tzinfo=timezone(timedelta(hours=14))), "too old to prove"),
        (datetime(9999, 12, 31, 23, tzinfo=timezone(timedelta(hours=-12))), "in the future"),
    ],
)
def test_a_click_whose_claim_may_be_gone_or_whose_clock_is_wrong_is_rejected(
    occurred_at: datetime, reason: str
) -> None:
    with pytest.raises(MessageRejectedError, match=reason):
        ensure_provable(occurred_at, NOW, HORIZON)


def test_a_claim_outlives_the_last_moment_in_which_its_click_is_accepted() -> None:
    click = make_click(occurred_at=NOW)
    last_accepted = NOW + HORIZON
    expires = datetime.fromtimestamp(click.claim_expires_at(HORIZON), UTC)
    assert expires == last_accepted + CLAIM_MARGIN
