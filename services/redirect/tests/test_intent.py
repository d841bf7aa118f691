import pytest

from redirect.domain.intent import counts

HEADERS = {"accept-language": "de-CH", "user-agent": "x"}


def test_following_a_link_does() -> None:
    assert counts("GET", HEADERS)


@pytest.mark.parametrize("method", ["HEAD", "OPTIONS", "POST", "get"])
def test_only_get(method: str) -> None:
    assert not counts(method, HEADERS)


@pytest.mark.parametrize(
    ("header", "value"),
    [
        ("sec-purpose", "prefetch"),
        ("sec-purpose", "prefetch;prerender"),
        ("sec-purpose", "Prefetch; anonymous-client-ip"),
        ("purpose", "prefetch"),
        ("x-moz", "prefetch"),
        ("x-purpose", "preview"),
    ],
)
def test_not_a_browser_on_its_own_account(header: str, value: str) -> None:
    assert not counts("GET", {**HEADERS, header: value})


@pytest.mark.parametrize(("header", "value"), [("sec-purpose", ""), ("purpose", "navigate"), ("x-moz", "1")])
def test_other_purposes_do_not_matter(header: str, value: str) -> None:
    assert counts("GET", {**HEADERS, header: value})
