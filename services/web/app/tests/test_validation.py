"""What is said while somebody types; tests/contract/test_app_rules.py holds it to the API's rules."""

from datetime import UTC, datetime, timedelta

import pytest

from hopcount_app import validation

NOW = datetime(2026, 11, 23, 12, tzinfo=UTC)


@pytest.mark.parametrize(
    "text",
    ["https://example.com", "HTTP://EXAMPLE.com:8080/a?b#c", "https://käse.example/ü", "http://[::1]:8000/"],
)
def test_an_address_is_taken(text: str) -> None:
    assert validation.target(text, "https://sho.rt") is None


@pytest.mark.parametrize(
    ("text", "hint"),
    [
        ("", "Paste"),
        ("example.com", "https://"),
        ("ftp://example.com", "https://"),
        ("https://", "https://"),
        ("https:///path", "https://"),
        ("javascript:alert(1)", "https://"),
        ("https://a b.example", "spaces"),
        ("https://example.com/\n", "spaces"),
        ("https://example.com\\@evil.example", "backslashes"),
        ("https://me:secret@example.com/", "password"),
        ("https://.", "host"),
        ("https://example.com:0/", "host"),
        ("https://example.com/" + "x" * 2048, "2,048"),
        ("https://SHO.rt./abc", "ours"),
        ("https://sho.rt:8443/abc", "ours"),
    ],
)
def test_an_address_is_refused_with_a_hint(text: str, hint: str) -> None:
    assert hint in (validation.target(text, "https://sho.rt") or "")


def test_other_ports_of_a_machine_that_somebody_works_on_are_other_sites() -> None:
    assert validation.target("http://127.0.0.1:3000/", "http://127.0.0.1:8080") is None
    assert validation.target("http://127.0.0.1:8080/x", "http://127.0.0.1:8080") is not None


@pytest.mark.parametrize("text", ["", "abc", "A_b-9", "x" * 64])
def test_an_alias_is_taken(text: str) -> None:
    assert validation.alias(text) is None


@pytest.mark.parametrize("text", ["ab", "x" * 65, "a.b.c", "käse", "a b c", "abc\n"])
def test_an_alias_has_its_form(text: str) -> None:
    assert "3 to 64" in (validation.alias(text) or "")


def test_our_own_paths_are_reserved() -> None:
    assert "reserved" in (validation.alias("Stats") or "")


def test_a_link_ends_in_the_future() -> None:
    assert validation.expiry(None, NOW) is None
    assert validation.expiry(NOW + timedelta(seconds=1), NOW) is None
    assert validation.expiry(NOW, NOW) is not None


@pytest.mark.parametrize(("text", "is_right"), [("", True), ("0", True), ("31536000", True)])
def test_an_age_is_seconds(text: str, is_right: bool) -> None:
    assert (validation.max_age(text) is None) is is_right


@pytest.mark.parametrize("text", ["31536001", "-1", "1.5", "1e3", "x", "٣"])
def test_an_age_is_nothing_else(text: str) -> None:
    assert validation.max_age(text) is not None


def test_a_status_is_one_of_four() -> None:
    statuses = (200, 301, 302, 303, 307, 308)
    assert [status for status in statuses if validation.redirect_status(status) is None] == [
        301,
        302,
        307,
        308,
    ]


@pytest.mark.parametrize(("text", "is_right"), [("ada@example.com", True), (" a.b+c@x.y.example ", True)])
def test_a_mail_address_is_taken(text: str, is_right: bool) -> None:
    assert (validation.email(text) is None) is is_right


@pytest.mark.parametrize("text", ["", "ada", "ada@", "@b.example", "a@b", "a b@c.de", "a@b..de", "a@b@c.de"])
def test_a_mail_address_is_refused(text: str) -> None:
    assert validation.email(text) is not None


@pytest.mark.parametrize(
    ("text", "missing"),
    [
        ("", 5),
        ("correct horse", 2),
        ("Correct horse 1", 0),
        ("CORRECTHORSE1!", 1),
        ("Correcthorsé12", 1),
        ("Sh0rt!", 1),
    ],
)
def test_a_password_needs_of_everything(text: str, missing: int) -> None:
    assert len(validation.password_needs(text)) == missing
    assert (validation.password(text) is None) is (missing == 0)


def test_a_password_is_not_padded_and_not_endless() -> None:
    assert "space" in (validation.password(" Correct horse 1") or "")
    assert "256" in (validation.password("Aa1!" * 65) or "")


@pytest.mark.parametrize(("text", "is_right"), [("123456", True), (" 123456 ", True), ("12345", False)])
def test_a_code_has_six_digits(text: str, is_right: bool) -> None:
    assert (validation.code(text) is None) is is_right


@pytest.mark.parametrize(("text", "is_right"), [("CI", True), ("", False), ("x" * 65, False)])
def test_a_token_has_a_name(text: str, is_right: bool) -> None:
    assert (validation.token_name(text) is None) is is_right


def test_something_is_something() -> None:
    assert validation.required(" x") is None
    assert validation.required("  ") is not None
