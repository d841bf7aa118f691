"""Where links may lead."""

from urllib.parse import urlsplit

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from links.domain.targets import MAX_LENGTH, leads_home, own_address, parse_target

OWN = frozenset({"sho.rt", "127.0.0.1", "localhost"})


@pytest.mark.parametrize(
    ("given_url", "kept"),
    [
        ("https://example.com", "https://example.com/"),
        ("HTTPS://EXAMPLE.com/Path?Q=1#F", "https://example.com/Path?Q=1#F"),
        ("http://bücher.example/ä?ö#ü", "http://xn--bcher-kva.example/%C3%A4?%C3%B6#%C3%BC"),
        ("http://\uff41\uff42\u3002com/", "http://ab.com/"),
        ("http://example.com:80/", "http://example.com/"),
        ("http://example.com:/", "http://example.com/"),
        ("http://[2001:db8::1]:8080/x", "http://[2001:db8::1]:8080/x"),
        ("http://0x7f.1/", "http://127.0.0.1/"),
        ("http://example.com/a@b?c@d#e@f", "http://example.com/a@b?c@d#e@f"),
        ("http://example.com/a/../b/./c", "http://example.com/b/c"),
        ('http://example.com/<"> '.strip(), "http://example.com/%3C%22%3E"),
        ("http://intranet/wiki", "http://intranet/wiki"),
    ],
)
def test_a_target_is_kept_as_browsers_read_it(given_url: str, kept: str) -> None:
    assert parse_target(given_url) == kept


@pytest.mark.parametrize(
    "url",
    [
        *(
            "",
            "example.com",
            "//example.com/",
            "/path",
            "http:",
            "http://",
            "http:///path",
            "http://?q",
            "http://#f",
        ),
        *("http:example.com", "http:/example.com", "mailto:a@b.c", "ftp://example.com/", "data:text/html,x"),
        *(
            "javascript:alert(1)",
            "JaVaScRiPt://example.com/%0aalert(1)",
            "file:///etc/passwd",
            "blob:http://x/y",
        ),
        *(
            "http://a@example.com/",
            "http://a:b@example.com/",
            "http://@example.com/",
            "http://:@example.com/",
        ),
        *("http://example.com\\@evil.example/", "http:\\\\example.com", "http://example.com/a\\b"),
        *(" http://example.com/", "http://example.com/ ", "http://exa mple.com/", "http://example.com/a b"),
        *(
            "http://example.com/\r\nX: y",
            "ht\ntp://example.com",
            "http://example.com/\t",
            "\x00http://example.com",
        ),
        *("http://example.com/\u2028", "http://example.com/\u202ecod.exe", "http://example.com/\ud800"),
        *("http://example.com/\u00a0", "http://exam\u00adple.com/", "http://example.com/\ufeff"),
        *("http://example.com:0/", "http://example.com:65536/", "http://example.com:port/", "http://."),
        *(
            "http://user%40example.com/",
            "http://xn--/",
            "http://1.2.3.4.5/",
            "http://256.1.1.1/",
            "http://[::g]/",
        ),
        *("http://[::1", "http://exa[mple.com/", "http://%00.com/", "http://a%2fb.com/"),
        "http://example.com/" + "a" * MAX_LENGTH,
        "http://example.com/" + "ä" * (MAX_LENGTH // 3),
    ],
)
def test_anything_else_is_refused(url: str) -> None:
    with pytest.raises(ValueError, match=r"must|is no URL"):
        parse_target(url)


def test_a_target_may_be_as_long_as_the_limit() -> None:
    url = "https://example.com/" + "a" * (MAX_LENGTH - 20)
    assert len(parse_target(url)) == MAX_LENGTH
    with pytest.raises(ValueError, match="2,048"):
        parse_target(url + "a")


@pytest.mark.parametrize(
    "url",
    [
        *(
            "https://sho.rt",
            "http://sho.rt/abc",
            "https://SHO.RT/app/",
            "https://sho.rt:8443/",
            "https://sho.rt./x",
        ),
        *(
            "http://LOCALHOST",
            "http://localhost:8080/x",
            "http://127.1/",
            "http://2130706433/",
            "http://0x7f.0.0.1/",
        ),
        *("https://\uff53ho.rt/", "https://sho\u3002rt/", "https://%73ho.rt/"),
    ],
)
def test_our_own_address_is_known_in_every_spelling(url: str) -> None:
    assert leads_home(parse_target(url), OWN)


@pytest.mark.parametrize(
    "url", ["https://sho.rt.example/", "https://notsho.rt/", "https://example.com/?sho.rt"]
)
def test_another_address_is_not_ours(url: str) -> None:
    assert not leads_home(parse_target(url), OWN)


@pytest.mark.parametrize(
    ("base_url", "address"),
    [
        ("https://sho.rt", "sho.rt"),
        ("http://SHO.rt.:80/", "sho.rt"),
        ("http://sho.rt:443", "sho.rt"),
        ("http://127.0.0.1:8080", "127.0.0.1:8080"),
    ],
)
def test_our_own_address_is_a_host_or_an_odd_port_of_one(base_url: str, address: str) -> None:
    assert own_address(base_url) == address


def test_the_other_ports_of_a_shared_machine_are_not_ours() -> None:
    own = {own_address("http://127.0.0.1:8080")}
    assert leads_home(parse_target("http://127.0.0.1:8080/abc"), own)
    assert leads_home(parse_target("http://0x7f.1:8080/abc"), own)
    assert not leads_home(parse_target("http://127.0.0.1:3000/"), own)
    assert not leads_home(parse_target("http://127.0.0.1/"), own)


URLS = st.builds(
    lambda scheme, rest: f"{scheme}://{rest}",
    st.sampled_from(["http", "https", "HTTP"]),
    st.one_of(st.text(max_size=60), st.text("abc.:/?#[]@%\\é0123456789-_~'\"", max_size=60)),
)


@given(st.one_of(st.text(max_size=80), URLS))
@example("http://a%20b/")
def test_what_is_kept_is_a_plain_absolute_http_url(text: str) -> None:
    try:
        kept = parse_target(text)
    except ValueError:
        return
    parts = urlsplit(kept)
    assert parts.scheme in {"http", "https"}
    assert parts.hostname
    assert "@" not in parts.netloc
    assert len(kept) <= MAX_LENGTH
    assert kept.isascii()
    assert kept.isprintable()
    assert " " not in kept
    assert parse_target(kept) == kept
