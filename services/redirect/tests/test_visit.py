import re

import pytest
from hypothesis import given
from hypothesis import strategies as st
from services.redirect.tests.support import FIREFOX, NOW, PRODUCER, make_link

from redirect.domain.visit import Visit, read_visit
from redirect.events import link_clicked

HEADERS = {
    "accept-language": "de-CH,de;q=0.9,en;q=0.8",
    "cloudfront-viewer-address": "198.51.100.7:46532",
    "cloudfront-viewer-country": "CH",
    "referer": "https://user:word@News.Example.org:8443/item?id=42#x",
    "user-agent": FIREFOX,
    "x-forwarded-for": "198.51.100.7",
}
READ = ("accept-language", "cloudfront-viewer-country", "referer", "user-agent", "purpose", "sec-purpose")
ANY_TEXT = st.text(st.characters(), max_size=1000)  # lone surrogates as well


def test_reads_what_statistics_need() -> None:
    assert read_visit(HEADERS) == Visit(
        country="CH",
        user_agent=FIREFOX,
        referrer_host="news.example.org",
        language="de-CH",
    )


def test_a_request_may_say_nothing() -> None:
    assert read_visit({}) == Visit()


class TestHeaders:
    @pytest.mark.parametrize(
        ("value", "country"),
        [
            ("CH", "CH"),
            ("ch", "CH"),
            (" CH ", "CH"),
            ("", None),
            ("CHE", None),
            ("C1", None),
            ("\u00c4\u00d6", None),
            ("\u00df", None),
        ],
    )
    def test_country(self, value: str, country: str | None) -> None:
        assert read_visit({"cloudfront-viewer-country": value}).country == country

    @pytest.mark.parametrize(
        ("value", "host"),
        [
            ("https://example.com/secret?token=1", "example.com"),
            ("http://EXAMPLE.com", "example.com"),
            ("https://example.com:444/", "example.com"),
            ("https://user:word@example.com/", "example.com"),
            ("https://xn--bcher-kva.example/", "xn--bcher-kva.example"),
            (f"https://{'a' * 253}/", "a" * 253),
            (f"https://{'a' * 254}/", None),
            ("android-app://com.example/", None),
            ("about:blank", None),
            ("example.com/path", None),
            ("https://", None),
            ("https://[::1", None),
            ("https://exa mple.com/", None),
            ("https://b\u00fccher.example/", None),
            ("https://\u212a.example/", None),
            ("", None),
        ],
    )
    def test_referrer_is_a_host_and_nothing_else(self, value: str, host: str | None) -> None:
        assert read_visit({"referer": value}).referrer_host == host

    @pytest.mark.parametrize(
        ("value", "language"),
        [
            ("de", "de"),
            ("de-CH, de;q=0.9", "de-CH"),
            ("zh-Hant-TW;q=1", "zh-Hant-TW"),
            (" en-GB ", "en-GB"),
            ("*", None),
            ("", None),
            ("d", None),
            ("de_CH", None),
            ("de-CH" + "-variant" * 5, None),
            ("<script>", None),
            ("\u0661\u0661", None),
        ],
    )
    def test_language_is_the_first_tag(self, value: str, language: str | None) -> None:
        assert read_visit({"accept-language": value}).language == language

    def test_user_agent_is_cut(self) -> None:
        assert read_visit({"user-agent": "x" * 513}).user_agent == "x" * 512

    def test_user_agent_loses_what_no_log_should_print(self) -> None:
        assert read_visit({"user-agent": " a\r\nb\x00\ud800\x7fc "}).user_agent == "abc"
        assert read_visit({"user-agent": "\r\n"}).user_agent is None


@given(st.dictionaries(st.sampled_from(READ), ANY_TEXT))
def test_whatever_is_sent_the_click_can_be_published(headers: dict[str, str]) -> None:
    visit = read_visit(headers)
    text = link_clicked(make_link(), visit, (PRODUCER, 0), NOW, None).to_json()
    assert len(text.encode()) < 4096
    assert visit.country is None or re.fullmatch("[A-Z]{2}", visit.country)
    assert visit.referrer_host is None or len(visit.referrer_host) <= 253
    assert visit.language is None or len(visit.language) <= 35
    assert visit.user_agent is None or 0 < len(visit.user_agent) <= 512


@given(st.sampled_from(READ), ANY_TEXT)
def test_a_referrers_path_and_query_never_travel(path: str, query: str) -> None:
    host = read_visit({"referer": f"https://example.com/s3cret{path}?s3cret={query}"}).referrer_host
    assert host in {"example.com", None}
