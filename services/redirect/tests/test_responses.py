import base64
import hashlib
import json
import re
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from services.redirect.tests.support import NOW, make_link

from hopcount_shared.errors import GoneError, NotFoundError, UnavailableError
from redirect.domain.link import DisabledError
from redirect.domain.location import UnsafeTargetError
from redirect.responses import prefers_json, redirect, refuse, static
from redirect.service import Redirection

BROWSER = "text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.8"
REFUSALS = [
    (NotFoundError("x"), 404, "not-found"),
    (UnsafeTargetError("x"), 404, "not-found"),
    (GoneError("x"), 410, "gone"),
    (DisabledError("Phishing"), 451, "disabled"),
    (DisabledError(""), 451, "disabled"),
    (UnavailableError("x", retry_after=2), 503, "unavailable"),
]


class TestRedirect:
    def test_is_not_remembered(self) -> None:
        answer = redirect(Redirection(make_link(), "https://example.com/", 0, NOW))
        assert answer["statusCode"] == 301
        assert answer["headers"]["Location"] == "https://example.com/"
        assert answer["headers"]["Cache-Control"] == "no-store"
        assert answer["body"] == ""

    def test_is_remembered_if_the_owner_wants_it(self) -> None:
        answer = redirect(Redirection(make_link(status=302), "https://example.com/", 60, NOW))
        assert answer["headers"]["Cache-Control"] == "public, max-age=60"

    @pytest.mark.parametrize("status", [301, 302, 307, 308])
    def test_has_the_status_that_the_owner_chose(self, status: int) -> None:
        answer = redirect(Redirection(make_link(status=status), "https://example.com/", 0, NOW))
        assert answer["statusCode"] == status


class TestStatic:
    def test_crawlers_get_their_rules(self) -> None:
        answer = static("robots.txt", "GET")
        assert answer is not None
        assert (answer["statusCode"], answer["headers"]["Content-Type"]) == (200, "text/plain; charset=utf-8")
        assert answer["body"].endswith("Disallow: /users/\n")
        assert not answer["isBase64Encoded"]

    def test_browsers_get_their_picture(self) -> None:
        answer = static("favicon.ico", "GET")
        assert answer is not None
        assert (answer["isBase64Encoded"], answer["headers"]["Content-Type"]) == (True, "image/x-icon")
        assert base64.b64decode(answer["body"]).startswith(b"\x00\x00\x01\x00")

    @pytest.mark.parametrize("path", ["robots.txt", "favicon.ico"])
    def test_both_may_be_remembered_and_have_no_body_for_head(self, path: str) -> None:
        answer = static(path, "HEAD")
        assert answer is not None
        assert (answer["body"], answer["headers"]["Cache-Control"]) == ("", "public, max-age=86400")

    @pytest.mark.parametrize("path", ["", "Robots.txt", "sitemap.xml", "abc1234"])
    def test_nobody_gets_anything_else(self, path: str) -> None:
        assert static(path, "GET") is None


@pytest.mark.parametrize(("error", "status", "slug"), REFUSALS)
class TestRefusal:
    def test_is_a_page_for_people(self, error: Any, status: int, slug: str) -> None:
        answer = refuse(error, "GET", BROWSER)
        headers = answer["headers"]
        assert answer["statusCode"] == status
        assert headers["Content-Type"] == "text/html; charset=utf-8"
        assert headers["Referrer-Policy"] == "no-referrer"
        assert answer["body"].startswith("<!doctype html>")
        assert "<script" not in answer["body"]
        assert 'lang="en"' in answer["body"]
        assert answer["body"].count("<h1>") == 1
        assert "color-scheme:light dark" in answer["body"]

    def test_loads_nothing_and_its_style_is_let_through(self, error: Any, status: int, slug: str) -> None:
        answer = refuse(error, "GET", BROWSER)
        policy = answer["headers"]["Content-Security-Policy"]
        [style] = re.findall("<style>(.*)</style>", answer["body"])
        digest = base64.b64encode(hashlib.sha256(style.encode()).digest()).decode()
        assert policy.startswith("default-src 'none';")
        assert f"style-src 'sha256-{digest}'" in policy
        assert re.findall("(?:src|href)=[^ >]*", answer["body"]) == ['href="/"']

    def test_is_problem_details_for_programs(self, error: Any, status: int, slug: str) -> None:
        answer = refuse(error, "GET", "application/json")
        assert answer["headers"]["Content-Type"] == "application/problem+json"
        body = json.loads(answer["body"])
        assert (body["type"], body["status"]) == (f"urn:hopcount:problem:{slug}", status)
        assert body["title"]
        assert body["detail"]

    @pytest.mark.parametrize("accept", [BROWSER, "application/json"])
    def test_is_never_remembered(self, error: Any, status: int, slug: str, accept: str) -> None:
        headers = refuse(error, "GET", accept)["headers"]
        assert headers["Cache-Control"] == "no-store"
        assert headers["Vary"] == "Accept"
        assert headers["X-Content-Type-Options"] == "nosniff"
        assert ("Retry-After" in headers) == (status == 503)

    @pytest.mark.parametrize("accept", [BROWSER, "application/json"])
    def test_has_no_body_for_head(self, error: Any, status: int, slug: str, accept: str) -> None:
        get, head = refuse(error, "GET", accept), refuse(error, "HEAD", accept)
        assert head == {**get, "body": ""}


class TestReason:
    def test_is_told_where_there_is_one(self) -> None:
        said = json.loads(
            refuse(DisabledError("Phishing, <b>reported</b>"), "GET", "application/json")["body"]
        )
        assert said["detail"].endswith("disabled this link. The reason: Phishing, <b>reported</b>")
        unsaid = json.loads(refuse(DisabledError(""), "GET", "application/json")["body"])
        assert unsaid["detail"].endswith("disabled this link.")

    def test_is_words_on_the_page_and_no_more(self) -> None:
        body = refuse(DisabledError("<script>alert('1 & 2')</script>"), "GET", BROWSER)["body"]
        assert "&lt;script&gt;alert('1 &amp; 2')&lt;/script&gt;" in body
        assert "<script" not in body

    @pytest.mark.parametrize("accept", [BROWSER, "application/json"])
    def test_is_cut_so_that_the_answer_stays_small(self, accept: str) -> None:
        body = refuse(DisabledError("word " * 10_000), "GET", accept)["body"]
        assert len(body) < 3_000


class TestAccept:
    @pytest.mark.parametrize(
        "accept",
        [
            "application/json",
            "application/problem+json",
            "application/problem+json, application/json;q=0.9",
            "APPLICATION/JSON; charset=utf-8",
            "text/html;q=0.5, application/json",
            "application/json, */*;q=0.1",
        ],
    )
    def test_json(self, accept: str) -> None:
        assert prefers_json(accept)

    @pytest.mark.parametrize(
        "accept",
        [
            "",
            "*/*",
            BROWSER,
            "text/html",
            "text/*",
            "application/json, text/html",
            "application/json;q=0",
            "application/json;q=nonsense",
            "application/json;q=nan, */*",
            "image/png",
        ],
    )
    def test_page(self, accept: str) -> None:
        assert not prefers_json(accept)

    @given(st.text(st.characters()))
    def test_anything_is_one_or_the_other(self, accept: str) -> None:
        assert prefers_json(accept) in {True, False}
