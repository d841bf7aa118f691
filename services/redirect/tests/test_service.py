import json
from datetime import timedelta

import pytest
from services.redirect.tests.support import NOW, PRODUCER, FakeClicks, FakeLinks, make_link, make_numbers

from hopcount_shared.errors import GoneError, NotFoundError, UnavailableError
from redirect.domain.link import Link
from redirect.domain.visit import Visit
from redirect.service import Redirection, Redirector

URL = make_link().url
PERSON = Visit(counts=True, country="CH", user_agent="x", referrer_host="example.org", language="de-CH")
BROWSER = Visit(counts=False)


class Stage:
    def __init__(self, links: FakeLinks) -> None:
        self.links = links
        self.clicks = FakeClicks()
        self.redirector = Redirector(links, self.clicks, make_numbers(), lambda: NOW)


def test_a_visitor_is_sent_on_and_counted() -> None:
    stage = Stage(FakeLinks(make_link()))
    assert stage.redirector.follow("abc1234", PERSON, "request-1") == Redirection(URL, 301, 0)
    [click] = stage.clicks.recorded
    assert json.loads(click.to_json()) == {
        "id": f"{PRODUCER}:0",
        "type": "LinkClicked",
        "version": 1,
        "source": "hopcount.redirect",
        "time": "2026-11-22T15:26:58.123456Z",
        "correlationId": "request-1",
        "data": {
            "shortCode": "abc1234",
            "userId": "owner-1",
            "producer": PRODUCER,
            "sequence": 0,
            "occurredAt": "2026-11-22T15:26:58.123456Z",
            "country": "CH",
            "userAgent": "x",
            "referrerHost": "example.org",
            "language": "de-CH",
        },
    }


def test_clicks_are_numbered_across_links() -> None:
    stage = Stage(FakeLinks(make_link("one"), make_link("two")))
    for code in ("one", "two", "one"):
        stage.redirector.follow(code, PERSON)
    assert [(c.id, c.data.short_code) for c in stage.clicks.recorded] == [
        (f"{PRODUCER}:0", "one"),
        (f"{PRODUCER}:1", "two"),
        (f"{PRODUCER}:2", "one"),
    ]


@pytest.mark.parametrize("status", [301, 302, 307, 308])
def test_the_owner_chooses_the_status(status: int) -> None:
    stage = Stage(FakeLinks(make_link(status=status)))
    assert stage.redirector.follow("abc1234", PERSON).status == status


def test_the_owner_chooses_for_how_long_browsers_remember() -> None:
    stage = Stage(FakeLinks(make_link(max_age=60, expires_at=NOW + timedelta(seconds=10))))
    assert stage.redirector.follow("abc1234", PERSON).cache_seconds == 10


def test_who_does_not_count_is_sent_on_uncounted_and_remembers_nothing() -> None:
    stage = Stage(FakeLinks(make_link(max_age=60)))
    assert stage.redirector.follow("abc1234", BROWSER) == Redirection(URL, 301, 0)
    assert stage.clicks.recorded == []
    stage.redirector.follow("abc1234", PERSON)
    assert stage.clicks.recorded[0].id == f"{PRODUCER}:0", "no number was spent on it"


def test_an_unknown_code_is_not_found() -> None:
    stage = Stage(FakeLinks())
    with pytest.raises(NotFoundError):
        stage.redirector.follow("abc1234", PERSON)
    assert stage.clicks.recorded == []


@pytest.mark.parametrize("text", ["", "\x00", "a\r\nb", "..", "x" * 9000, "\ufffd", "a.b", "wp-login.php"])
def test_what_is_no_code_is_not_even_looked_up(text: str) -> None:
    stage = Stage(FakeLinks())
    with pytest.raises(NotFoundError):
        stage.redirector.follow(text, PERSON)
    assert stage.links.asked == []


@pytest.mark.parametrize("link", [make_link(deleted=True), make_link(expires_at=NOW)])
def test_a_link_that_was_is_gone_and_not_counted(link: Link) -> None:
    stage = Stage(FakeLinks(link))
    with pytest.raises(GoneError):
        stage.redirector.follow("abc1234", PERSON)
    assert stage.clicks.recorded == []


def test_nobody_is_sent_to_what_is_no_web_address() -> None:
    stage = Stage(FakeLinks(make_link(url="javascript:alert(1)")))
    with pytest.raises(NotFoundError):
        stage.redirector.follow("abc1234", PERSON)
    assert stage.clicks.recorded == []


def test_a_table_that_is_down_is_told() -> None:
    stage = Stage(FakeLinks(down=True))
    with pytest.raises(UnavailableError):
        stage.redirector.follow("abc1234", PERSON)
