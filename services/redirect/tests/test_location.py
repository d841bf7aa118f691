import re
from urllib.parse import unquote_to_bytes, urlsplit

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hopcount_shared.errors import NotFoundError
from redirect.domain.location import LOCATION_LENGTH, UnsafeTargetError, to_location

ANY_TEXT = st.text(st.characters())  # lone surrogates as well


@pytest.mark.parametrize(
    "url",
    [
        "https://example.com/",
        "http://example.com:8080/a/b;c=d?e=f&g=%20%0D%0A#h!$'()*+,",
        "HTTPS://EXAMPLE.COM/~user/[brackets]",
        "https://xn--bcher-kva.example/",
    ],
)
def test_what_the_links_service_stores_is_not_changed(url: str) -> None:
    assert to_location(url) == url


@pytest.mark.parametrize(
    ("url", "location"),
    [
        ("https://e.com/\r\nSet-Cookie: a=b", "https://e.com/%0D%0ASet-Cookie:%20a=b"),
        ("https://e.com/\u560d\u560aX", "https://e.com/%E5%98%8D%E5%98%8AX"),
        ("https://e.com/b\u00fccher", "https://e.com/b%C3%BCcher"),
        ("https://e.com/\x00\x7f\t", "https://e.com/%00%7F%09"),
    ],
)
def test_anything_else_is_encoded(url: str, location: str) -> None:
    assert to_location(url) == location


@pytest.mark.parametrize(
    "url",
    [
        "",
        "javascript:alert(1)",
        "data:text/html,x",
        "//evil.example",
        "/path",
        " https://e.com",
        "\nhttps://e.com",
        "ftp://e.com",
        "https:e.com",
    ],
)
def test_what_is_no_web_address_leads_nowhere(url: str) -> None:
    with pytest.raises(UnsafeTargetError):
        to_location(url)
    assert issubclass(UnsafeTargetError, NotFoundError)


@given(st.sampled_from(["http://", "https://"]), ANY_TEXT)
def test_no_text_can_split_the_header(scheme: str, rest: str) -> None:
    location = to_location(scheme + rest)
    assert re.fullmatch("[!-~]+", location)
    assert location.encode("ascii")
    if "%" not in rest:
        assert unquote_to_bytes(location) == (scheme + rest).encode("utf-8", "surrogatepass")


class TestQuery:
    @pytest.mark.parametrize(
        ("url", "query", "location"),
        [
            ("https://e.com", "a=b", "https://e.com?a=b"),
            ("https://e.com/?c=d", "a=b", "https://e.com/?c=d&a=b"),
            ("https://e.com/?", "a=b", "https://e.com/?a=b"),
            ("https://e.com/?c=d&", "a=b", "https://e.com/?c=d&a=b"),
            ("https://e.com/&", "a=b", "https://e.com/&?a=b"),
            ("https://e.com/x#part", "a=b", "https://e.com/x?a=b#part"),
            ("https://e.com/#/route?x", "a=b", "https://e.com/?a=b#/route?x"),
            ("https://e.com/#part", "a=b#evil", "https://e.com/?a=b%23evil#part"),
            ("https://e.com/", "a=\r\nSet-Cookie: b", "https://e.com/?a=%0D%0ASet-Cookie:%20b"),
            ("https://e.com/", "a=%0d%0a", "https://e.com/?a=%0d%0a"),
            ("https://e.com/", "\u00fc", "https://e.com/?%C3%BC"),
        ],
    )
    def test_is_added(self, url: str, query: str, location: str) -> None:
        assert to_location(url, query) == location

    def test_is_left_out_if_the_whole_gets_too_long(self) -> None:
        url = "https://e.com/"
        fits = "x" * (LOCATION_LENGTH - len(url) - 1)
        assert to_location(url, fits) == f"{url}?{fits}"
        assert to_location(url, fits + "x") == url

    @given(ANY_TEXT, ANY_TEXT)
    def test_changes_neither_where_it_leads_nor_what_part(self, rest: str, query: str) -> None:
        plain, with_query = (
            urlsplit(to_location("https://e.com/" + rest)),
            to_location("https://e.com/" + rest, query),
        )
        assert re.fullmatch("[!-~]+", with_query)
        split = urlsplit(with_query)
        assert (split.netloc, split.path, split.fragment) == ("e.com", plain.path, plain.fragment)
        assert split.query.startswith(plain.query)


@given(ANY_TEXT)
def test_any_text_is_a_web_address_or_refused(text: str) -> None:
    try:
        location = to_location(text)
    except UnsafeTargetError:
        return
    assert location.lower().startswith(("http://", "https://"))
