"""What is typed of a link, and what is made of it."""

from datetime import UTC, date, datetime, timedelta

import pytest
from services.web.app.tests.support import NOON, make_link

from hopcount_app.ages import ago
from hopcount_app.api_service.errors import InvalidError
from hopcount_app.api_service.models import LinkDraft
from hopcount_app.components.links.badges import badges
from hopcount_app.link_input import (
    Options,
    changes_of,
    check_moment,
    day_of,
    draft_of,
    on_day,
    read_moment,
    write_moment,
)
from hopcount_app.store.listing import Row


def test_a_draft_says_only_what_somebody_chose() -> None:
    values = {"originalUrl": " https://example.com/ ", "alias": "", "expiresAt": ""}
    assert draft_of(values, Options()) == LinkDraft("https://example.com/")
    chosen = draft_of({**values, "alias": " mine "}, Options(302, "60", pass_query=True))
    assert (chosen.alias, chosen.redirect_status, chosen.max_age, chosen.pass_query) == (
        "mine",
        302,
        60,
        True,
    )


def test_an_option_that_is_wrong_is_named() -> None:
    with pytest.raises(InvalidError) as wrong:
        draft_of({"originalUrl": "https://example.com/"}, Options(max_age="soon"))
    assert "maxAge" in wrong.value.fields


def test_an_edit_carries_only_what_changed() -> None:
    ends = NOON + timedelta(seconds=30)
    link = make_link("a", expires_at=ends, max_age=5)
    values = {"originalUrl": link.original_url, "expiresAt": write_moment(ends)}
    assert changes_of(link, values, Options.of(link)) == {}
    assert changes_of(link, {**values, "expiresAt": ""}, Options.of(link)) == {"expires_at": None}
    assert changes_of(link, values, Options(308, "", pass_query=False)) == {
        "redirect_status": 308,
        "max_age": None,
    }


def test_moments_are_typed_by_the_own_clock() -> None:
    moment = datetime(2026, 12, 31, 18, tzinfo=UTC)
    assert read_moment(write_moment(moment)) == moment
    assert read_moment("  ") is None


@pytest.mark.parametrize(
    ("text", "is_right"), [("", True), ("2099-12-31 18:00", True), ("tomorrow", False), ("2020-01-01", False)]
)
def test_an_end_is_a_moment_to_come(text: str, is_right: bool) -> None:
    assert (check_moment(text, NOON) is None) is is_right


@pytest.mark.parametrize(
    ("span", "text"),
    [
        (timedelta(seconds=-5), "just now"),
        (timedelta(seconds=59), "just now"),
        (timedelta(minutes=1), "1 minute ago"),
        (timedelta(hours=5), "5 hours ago"),
        (timedelta(days=1), "1 day ago"),
        (timedelta(days=70), "2 months ago"),
        (timedelta(days=800), "2 years ago"),
    ],
)
def test_ages(span: timedelta, text: str) -> None:
    assert ago(NOON - span, NOON) == text


def test_what_is_special_about_a_link_is_said_in_a_word() -> None:
    plain, over = make_link("a"), make_link("b", expires_at=NOON)
    assert badges(Row("a", plain), NOON) == []
    assert [badge.text for badge in badges(Row("a", plain, pending=True, new=True), NOON)] == ["being made"]
    assert [badge.text for badge in badges(Row("b", over, pending=True), NOON)] == ["saving", "expired"]
    soon = make_link("c", expires_at=NOON + timedelta(days=2, hours=1), disabled_at=NOON)
    assert [badge.text for badge in badges(Row("c", soon), NOON)] == [
        "disabled",
        "ends in 2 days",
    ]


@pytest.mark.parametrize(
    ("text", "then"),
    [
        ("", "2027-02-28 23:59"),
        ("next week", "2027-02-28 23:59"),
        ("2026-12-31 18:00", "2027-02-28 18:00"),
        (" 2026-12-31 ", "2027-02-28 00:00"),
    ],
)
def test_a_day_is_put_into_what_is_typed(text: str, then: str) -> None:
    assert on_day(text, date(2027, 2, 28)) == then


@pytest.mark.parametrize(
    ("text", "day"), [("", None), ("next week", None), ("2026-12-31 18:00", date(2026, 12, 31))]
)
def test_the_day_that_is_typed_is_found(text: str, day: date | None) -> None:
    assert day_of(text) == day
