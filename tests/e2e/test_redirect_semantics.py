"""What a redirect looks like from outside, and that nothing a visitor sends bends it."""

import base64
import hashlib
import re
import socket
import uuid
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from email.message import Message
from http.client import parse_headers
from urllib.parse import urlsplit

import httpx
import pytest

from tests.support.clicks import BROWSER
from tests.support.counting import assert_counted
from tests.support.people import Creator, Json, Visitor, ok, open_http, problem
from tests.support.poll import until
from tests.support.stack import ROOT, Stack

SITE = ROOT / "services/web/site"
TARGET = "https://example.com/target"
HTML = "text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.8"
PREFETCHES = [
    {"Sec-Purpose": "prefetch"},
    {"Sec-Purpose": "prefetch;prerender"},
    {"Purpose": "prefetch"},
    {"X-Purpose": "preview"},
    {"X-Moz": "prefetch"},
]
CACHE_SECONDS = 15
"""How long an edit may take to show: more than any sandbox remembers a link."""


@dataclass(frozen=True)
class Door:
    """One of the addresses under which links are followed."""

    http: httpx.Client
    prefix: str

    def ask(self, target: str, method: str = "GET", **headers: str) -> httpx.Response:
        """Send a path and query exactly as they are given: a client would tidy them up."""
        raw = (self.prefix + target).encode("latin-1")
        return self.http.request(method, "/", headers=headers, extensions={"target": raw})

    def send(self, target: str) -> tuple[int, Message]:
        """Send what no client would."""
        host, port = self.http.base_url.host, self.http.base_url.port
        request = f"GET {self.prefix}{target} HTTP/1.1\r\nHost: {host}\r\nConnection: close\r\n\r\n"
        with socket.create_connection((host, port), timeout=30) as connection:
            connection.sendall(request.encode("latin-1"))
            with connection.makefile("rb") as answer:
                return int(answer.readline().split()[1]), parse_headers(answer)


@pytest.fixture(scope="module", params=["baseUrl", "apiUrl"])
def door(request: pytest.FixtureRequest, stack: Stack) -> Door:
    """The front door, and the API as a deployment without a CDN shows it."""
    url = str(stack.outputs[request.param])
    parts = urlsplit(url)
    return Door(open_http(f"{parts.scheme}://{parts.netloc}", {"User-Agent": BROWSER}), parts.path)


def edit(creator: Creator, code: str, **changes: object) -> None:
    ok(creator.http.patch(f"/urls/{code}", json=changes))


def location(answer: httpx.Response) -> str:
    assert answer.status_code == 301, answer.text
    return answer.headers["location"]


class TestAnswer:
    @pytest.mark.parametrize("status", [301, 302, 307, 308])
    def test_has_the_links_own_status(self, creator: Creator, door: Door, status: int) -> None:
        code = creator.create(TARGET, redirectStatus=status)["id"]
        for method in ("GET", "HEAD"):
            answer = door.ask(f"/{code}", method)
            assert (answer.status_code, answer.headers["location"]) == (status, TARGET)
            assert answer.content == b""

    @pytest.mark.parametrize(
        ("fields", "kept"),
        [
            ({}, "no-store"),
            ({"maxAge": 0}, "no-store"),
            ({"maxAge": 60}, "public, max-age=60"),
            ({"maxAge": 60, "redirectStatus": 302}, "public, max-age=60"),
        ],
    )
    def test_is_remembered_as_long_as_its_owner_says(
        self, creator: Creator, door: Door, fields: Json, kept: str
    ) -> None:
        code = creator.create(TARGET, **fields)["id"]
        assert door.ask(f"/{code}").headers["cache-control"] == kept

    def test_is_not_remembered_beyond_the_links_life(self, creator: Creator, door: Door) -> None:
        soon = (datetime.now(UTC) + timedelta(seconds=300)).isoformat()
        code = creator.create(TARGET, maxAge=3_600, expiresAt=soon)["id"]
        kept = re.fullmatch(r"public, max-age=(\d+)", door.ask(f"/{code}").headers["cache-control"])
        assert kept
        assert 0 < int(kept[1]) <= 300

    def test_to_a_prefetch_is_not_remembered(self, creator: Creator, door: Door) -> None:
        code = creator.create(TARGET, maxAge=60)["id"]
        for headers in PREFETCHES:
            answer = door.ask(f"/{code}", **headers)
            assert location(answer) == TARGET
            assert answer.headers["cache-control"] == "no-store"

    def test_keeps_the_targets_own_query_and_fragment(self, creator: Creator, door: Door) -> None:
        target = "https://example.com/a%20b?x=1&y=%0D%0A#part"
        assert location(door.ask(f"/{creator.create(target)['id']}?z=2")) == target


class TestQuery:
    @pytest.mark.parametrize(
        ("target", "joined"),
        [
            ("https://example.com/", "https://example.com/?{}"),
            ("https://example.com/a?x=1", "https://example.com/a?x=1&{}"),
            ("https://example.com/a#part", "https://example.com/a?{}#part"),
            ("https://example.com/a?x=1#part?no", "https://example.com/a?x=1&{}#part?no"),
        ],
    )
    def test_goes_on_to_the_target_if_its_owner_says_so(
        self, creator: Creator, door: Door, target: str, joined: str
    ) -> None:
        query = "utm_source=mail&x=2&x=3"
        passing, other = creator.create(target, passQuery=True)["id"], creator.create(target)["id"]
        assert location(door.ask(f"/{passing}?{query}")) == joined.format(query)
        assert location(door.ask(f"/{other}?{query}")) == target
        for nothing in ("", "?"):
            assert location(door.ask(f"/{passing}{nothing}")) == target

    def test_goes_on_with_every_status_and_method(self, creator: Creator, door: Door) -> None:
        code = creator.create(TARGET, passQuery=True, redirectStatus=307, maxAge=60)["id"]
        for method in ("GET", "HEAD"):
            answer = door.ask(f"/{code}?a=b", method)
            assert (answer.status_code, answer.headers["location"]) == (307, f"{TARGET}?a=b")

    @pytest.mark.parametrize(
        "query",
        [
            "a=%0d%0aSet-Cookie:%20zq7=1",
            "%0D%0A%0D%0A(zq7)",
            "a=%00%01%7f",
            "a=%E2%80%A8%F0%9F%98%80",
            "a=%ff%fe",
            "a=%C3%A9&b=%",
            "%zz&&&===",
            "a=b?c=d",
            "next=//evil.example/..%2f",
            "%23part",
            "a+b=c%20d",
            "flag",
        ],
    )
    def test_arrives_as_it_was_sent_and_splits_nothing(
        self, creator: Creator, door: Door, query: str
    ) -> None:
        code = creator.create(TARGET, passQuery=True)["id"]
        answer = door.ask(f"/{code}?{query}")
        assert "set-cookie" not in answer.headers
        found = location(answer)
        assert re.fullmatch("[!-~]+", found)
        assert urlsplit(found)[:3] == urlsplit(TARGET)[:3]
        assert found == f"{TARGET}?{query}"

    @pytest.mark.parametrize(
        "query", ["a='\"<>`{}|\\^", "a=\xe9\xff", "a=b\tc", "a=\x00", "a=\x0b\x1b[2J", "\r"]
    )
    def test_that_no_browser_sends_is_refused_or_made_harmless(
        self, creator: Creator, door: Door, query: str
    ) -> None:
        code = creator.create(TARGET, passQuery=True)["id"]
        status, headers = door.send(f"/{code}?{query}")
        if status != 400:
            assert status == 301
            assert re.fullmatch(re.escape(TARGET) + r"\?[!-~]*", headers["location"])

    def test_that_is_too_long_is_left_out(self, creator: Creator, door: Door) -> None:
        code = creator.create(TARGET, passQuery=True)["id"]
        long, too_long = "a=" + "x" * 7_900, "a=" + "x" * 8_100
        assert location(door.ask(f"/{code}?{long}")) == f"{TARGET}?{long}"
        assert location(door.ask(f"/{code}?{too_long}")) == TARGET

    def test_makes_no_link_of_what_is_none(self, creator: Creator, door: Door) -> None:
        code = creator.create(TARGET, passQuery=True)["id"]
        assert door.ask(f"/{code}%3Fa=b").status_code == 404
        assert door.ask(f"/nosuch12?{code}").status_code == 404


class TestCounting:
    def test_only_a_visit_counts(self, stack: Stack, visitor: Visitor) -> None:
        owner = Creator.sign_up(stack)
        code = owner.create(TARGET)["id"]
        for _ in range(2):
            assert visitor.http.head(f"/{code}").status_code == 301
            for headers in PREFETCHES:
                assert visitor.follow(code, **headers).status_code == 301
        assert visitor.follow(code).status_code == 301
        assert visitor.follow(code, **{"Sec-Purpose": "translate"}).status_code == 301
        assert_counted(stack, owner, code, 2)


class TestChanges:
    """Sandboxes remember links for a while: a change shows within it, whichever of them answers."""

    def shows(self, read: Callable[[], object], wanted: object) -> None:
        until(read, lambda found: found == wanted, seconds=CACHE_SECONDS)

    def test_an_edit_shows(self, creator: Creator, visitor: Visitor) -> None:
        code = creator.create(TARGET)["id"]

        def read() -> tuple[int, str | None, str | None]:
            answer = visitor.http.get(f"/{code}?a=b")
            return answer.status_code, answer.headers.get("location"), answer.headers.get("cache-control")

        assert read() == (301, TARGET, "no-store")
        edit(creator, code, originalUrl="https://example.org/new")
        self.shows(read, (301, "https://example.org/new", "no-store"))
        edit(creator, code, redirectStatus=308, maxAge=7, passQuery=True)
        self.shows(read, (308, "https://example.org/new?a=b", "public, max-age=7"))
        edit(creator, code, passQuery=False, maxAge=None)
        self.shows(read, (308, "https://example.org/new", "no-store"))

    def test_a_deletion_and_a_return_show(self, creator: Creator, visitor: Visitor) -> None:
        code = creator.create(TARGET)["id"]
        assert location(visitor.follow(code)) == TARGET
        assert creator.http.delete(f"/urls/{code}").status_code == 204
        self.shows(lambda: visitor.follow(code).status_code, 410)
        ok(creator.http.post(f"/urls/{code}/restore"))
        self.shows(lambda: visitor.follow(code).status_code, 301)

    def test_an_end_shows(self, creator: Creator, visitor: Visitor) -> None:
        soon = (datetime.now(UTC) + timedelta(seconds=3)).isoformat()
        code = creator.create(TARGET, expiresAt=soon)["id"]
        self.shows(lambda: visitor.follow(code).status_code, 410)

    def test_a_new_link_shows_where_nothing_was(self, creator: Creator, visitor: Visitor) -> None:
        alias = f"new-{uuid.uuid4()}"
        assert visitor.follow(alias).status_code == 404
        creator.create(TARGET, alias=alias)
        self.shows(lambda: visitor.follow(alias).status_code, 301)


class TestOddPaths:
    @pytest.mark.parametrize(
        "path",
        [
            "/%00",
            "/zq7%00",
            "/%0d%0aSet-Cookie:zq7",
            "/zq7%0D%0ASet-Cookie:%20zq7=1",
            "/zq7%0aLocation:%20https://evil.example/",
            "//x",
            "//zq7.example",
            "//zq7.example/%2e%2e",
            "/\\zq7.example",
            "/zq7" + "x" * 2_048,
            "/" + "%41" * 683,
            "/%2e%2e",
            "/..",
            "/%2e%2e%2fzq7",
            "/..%5czq7",
            "/%F0%9F%98%80",
            "/%ff",
            "/zq7%C0%AF",
            "/%3Cscript%3Ezq7%3C%2Fscript%3E",
            "/zq7'%22%3E%3Cimg%20src=x%3E",
            "/{id}",
            "/%7Bid%7D",
            "/$default",
            "/zq7%25",
            "/zq7%zz",
            "/*",
            "/-",
            "/zq7.html",
            "/ROBOTS.TXT",
            "/robots.txt%00",
            "/favicon",
        ],
    )
    def test_are_not_found_and_say_nothing_of_themselves(self, door: Door, path: str) -> None:
        for accept in (HTML, "application/json"):
            answer = door.ask(path, Accept=accept)
            assert answer.status_code == 404, answer.text
            assert not {"set-cookie", "location"} & set(answer.headers)
            assert "zq7" not in f"{answer.headers}{answer.text}"
            assert len(answer.content) < 2_048

    def test_are_not_the_link_that_they_look_like(self, creator: Creator, door: Door) -> None:
        code = creator.create(TARGET, alias=f"Odd-{uuid.uuid4()}")["id"]
        looks = [
            *(f"/{code}/", f"//{code}", f"/./{code}/.", f"/{code}//", f"/{code}/x"),
            *(f"/{code.swapcase()}", f"/{code.lower()}", f"/{code.upper()}"),
            *(f"/{code}%20", f"/%20{code}", f"/{code}%00", f"/{code}%0a", f"/{code};a=b", f"/{code}.html"),
            *(f"/{code}%2F", f"/%2F{code}", f"/{code}%3F", f"/{code}%23"),
            f"/{code}".replace("O", "%EF%BC%AF"),
        ]
        for path in looks:
            answer = door.ask(path)
            assert answer.status_code == 404, path
            assert "location" not in answer.headers
        assert location(door.ask(f"/{code}")) == TARGET


class TestUnbidden:
    """What browsers and crawlers ask for: from the site, or from the API where no site stands before it."""

    def test_robots_may_follow_links_but_not_read_the_app(self, door: Door) -> None:
        answer = door.ask("/robots.txt")
        assert answer.status_code == 200
        assert answer.headers["content-type"].startswith("text/plain")
        assert answer.content == (SITE / "robots.txt").read_bytes()

    def test_there_is_an_icon(self, door: Door) -> None:
        answer = door.ask("/favicon.ico")
        assert answer.status_code == 200
        assert answer.headers["content-type"].startswith("image/")
        assert answer.content == (SITE / "favicon.ico").read_bytes()

    @pytest.mark.parametrize("path", ["/robots.txt", "/favicon.ico"])
    def test_they_may_be_kept_and_asked_for_without_a_body(self, door: Door, path: str) -> None:
        answer = door.ask(path, "HEAD")
        assert (answer.status_code, answer.content) == (200, b"")
        assert re.search(r"max-age=[1-9]", answer.headers["cache-control"])


@pytest.fixture(scope="module")
def refused(creator: Creator, visitor: Visitor) -> dict[int, str]:
    """Codes by the status that they answer."""
    code = creator.create(TARGET)["id"]
    assert creator.http.delete(f"/urls/{code}").status_code == 204
    until(lambda: visitor.follow(code).status_code, lambda status: status == 410, seconds=CACHE_SECONDS)
    return {404: "nosuch12", 410: code}


class TestRefusals:
    @pytest.mark.parametrize("status", [404, 410])
    def test_are_pages_for_people(self, door: Door, refused: dict[int, str], status: int) -> None:
        answer = door.ask(f"/{refused[status]}", Accept=HTML)
        assert answer.status_code == status
        assert answer.headers["content-type"] == "text/html; charset=utf-8"
        assert answer.headers["cache-control"] == "no-store"
        assert answer.headers["x-content-type-options"] == "nosniff"
        page = answer.text
        assert page.startswith('<!doctype html><html lang="en">')
        assert page.count("<h1>") == page.count("<main>") == 1
        assert 'name="robots" content="noindex"' in page
        assert "prefers-color-scheme:dark" in page
        assert len(answer.content) < 2_048

    @pytest.mark.parametrize("status", [404, 410])
    def test_run_and_load_nothing(self, door: Door, refused: dict[int, str], status: int) -> None:
        answer = door.ask(f"/{refused[status]}", Accept=HTML)
        policy = answer.headers["content-security-policy"]
        assert policy.startswith("default-src 'none';")
        assert "script-src" not in policy
        [style] = re.findall("<style>(.*)</style>", answer.text)
        digest = base64.b64encode(hashlib.sha256(style.encode()).digest()).decode()
        assert f"style-src 'sha256-{digest}'" in policy
        assert not re.search(r"<script|\son\w+=|src=|url\(", answer.text)

    @pytest.mark.parametrize(("status", "slug"), [(404, "not-found"), (410, "gone")])
    def test_are_problem_details_for_programs(
        self, door: Door, refused: dict[int, str], status: int, slug: str
    ) -> None:
        for accept in ("application/json", "application/problem+json"):
            problem(door.ask(f"/{refused[status]}", Accept=accept), status, slug)

    @pytest.mark.parametrize("status", [404, 410])
    def test_have_no_body_for_head(self, door: Door, refused: dict[int, str], status: int) -> None:
        answer = door.ask(f"/{refused[status]}", "HEAD", Accept=HTML)
        assert (answer.status_code, answer.content) == (status, b"")
