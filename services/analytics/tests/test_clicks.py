from datetime import UTC, datetime, timedelta, timezone

import pytest
from services.analytics.tests.support import HORIZON, NOW

from analytics.domain.clicks import MAX_CLOCK_SKEW, Provable, TooOldError, click_id
from hopcount_shared.errors import MessageRejectedError

SECOND = timedelta(seconds=1)
ALWAYS = datetime(1970, 1, 1, tzinfo=UTC)
PROVABLE = Provable(horizon=HORIZON, since=ALWAYS)


def test_a_click_is_named_after_its_producer_and_sequence() -> None:
    assert click_id("p" * 22, 7) == "p" * 22 + ":7"


@pytest.mark.parametrize("age", [HORIZON, timedelta(0), -MAX_CLOCK_SKEW])
def test_a_click_within_the_horizon_is_accepted(age: timedelta) -> None:
    PROVABLE.check(NOW - age, NOW)


@pytest.mark.parametrize(
    "occurred_at",
    [NOW - HORIZON - SECOND, ALWAYS - SECOND, datetime(1, 1, 1, tzinfo=timezone(timedelta(hours=14)))],
)
def test_a_click_whose_claim_may_be_gone_is_too_old(occurred_at: datetime) -> None:
    with pytest.raises(TooOldError, match="too old to prove"):
        PROVABLE.check(occurred_at, NOW)


@pytest.mark.parametrize(
    "occurred_at",
    [
        NOW + MAX_CLOCK_SKEW + SECOND,
        datetime(9999, 12, 31, 23, tzinfo=timezone(timedelta(hours=-12))),
    ],
)
def test_a_click_whose_clock_is_wrong_is_rejected_and_not_too_old(occurred_at: datetime) -> None:
    with pytest.raises(MessageRejectedError, match="in the future") as caught:
        PROVABLE.check(occurred_at, NOW)
    assert not isinstance(caught.value, TooOldError)


def test_a_click_from_before_the_claims_is_too_old_however_young_it_is() -> None:
    since_today = Provable(horizon=HORIZON, since=NOW - SECOND)
    since_today.check(NOW - SECOND, NOW)
    with pytest.raises(TooOldError, match="too old to prove"):
        since_today.check(NOW - 2 * SECOND, NOW)


def test_too_old_is_one_of_the_rejected() -> None:
    assert issubclass(TooOldError, MessageRejectedError)
