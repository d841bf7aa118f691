from datetime import timedelta

import pytest
from services.redirect.tests.support import NOW, FakeLinks, make_link

from hopcount_shared.errors import GoneError, NotFoundError, UnavailableError
from redirect.domain.link import DisabledError, Link
from redirect.service import Redirection, Redirector

URL = make_link().url


def follow(*links: Link, code: str = "abc1234", query: str = "", counts: bool = True) -> Redirection:
    return Redirector(FakeLinks(*links), lambda: NOW).follow(code, query, counts=counts)


def test_a_visitor_is_sent_on() -> None:
    assert follow(make_link()) == Redirection(make_link(), URL, 0, NOW)


def test_the_owner_chooses_for_how_long_browsers_remember() -> None:
    link = make_link(max_age=60, expires_at=NOW + timedelta(seconds=10))
    assert follow(link).cache_seconds == 10


def test_who_does_not_count_remembers_nothing() -> None:
    assert follow(make_link(max_age=60), counts=False).cache_seconds == 0


def test_a_query_is_handed_on_only_if_the_owner_wants_it() -> None:
    link = make_link(url="https://example.com/page?q=1#part")
    assert follow(link, query="a=b").location == link.url
    link.pass_query = True
    assert follow(link, query="a=b").location == "https://example.com/page?q=1&a=b#part"


def test_an_unknown_code_is_not_found() -> None:
    with pytest.raises(NotFoundError):
        follow()


@pytest.mark.parametrize("text", ["", "\x00", "a\r\nb", "..", "x" * 9000, "\ufffd", "a.b", "wp-login.php"])
def test_what_is_no_code_is_not_even_looked_up(text: str) -> None:
    links = FakeLinks()
    with pytest.raises(NotFoundError):
        Redirector(links, lambda: NOW).follow(text, "", counts=True)
    assert links.asked == []


@pytest.mark.parametrize("link", [make_link(deleted=True), make_link(expires_at=NOW)])
def test_a_link_that_was_is_gone(link: Link) -> None:
    with pytest.raises(GoneError):
        follow(link)


@pytest.mark.parametrize("reason", ["Phishing", ""])
def test_nobody_is_sent_on_by_a_link_that_is_disabled(reason: str) -> None:
    with pytest.raises(DisabledError) as refused:
        follow(make_link(disabled=reason))
    assert refused.value.reason == reason


def test_what_is_gone_is_gone_although_it_was_disabled() -> None:
    with pytest.raises(GoneError):
        follow(make_link(disabled="Phishing", deleted=True))


def test_nobody_is_sent_to_what_is_no_web_address() -> None:
    with pytest.raises(NotFoundError):
        follow(make_link(url="javascript:alert(1)"))


def test_a_table_that_is_down_is_told() -> None:
    with pytest.raises(UnavailableError):
        Redirector(FakeLinks(down=True), lambda: NOW).follow("abc1234", "", counts=True)
