"""What the HTTP API gets of a viewer's request, and the viewer of its answer."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from local.tests.support import Upstream, ask, free_port, served
from starlette.responses import RedirectResponse, Response, StreamingResponse

from hopcount_local.front_door.app import build_app
from hopcount_local.front_door.proxy import MAX_BODY
from hopcount_local.front_door.settings import FrontDoorSettings


@pytest.mark.parametrize(
    "target",
    [
        "/abc",
        "//abc",
        "/abc/",
        "/abc//",
        "/a%20b",
        "/%00",
        "/%0d%0aX:1",
        "/a/../b",
        "/app/%2e%2e/urls",
        "/%zz",
        "/a;b=c",
        "/$default/a",
        "/health",
        "/abc?",
        "/abc?q=%41&&r=a+b&q=//",
        "/" + "a" * 9000,
    ],
)
def test_the_target_arrives_as_it_was_sent(door: int, upstream: Upstream, target: str) -> None:
    assert ask(door, "GET", target).status == 200
    path, _, query = target.partition("?")
    assert upstream.last["raw_path"] == b"/_aws/api/$default" + path.encode()
    assert upstream.last["query_string"] == query.encode()


def test_the_host_is_not_forwarded_but_told(door: int, upstream: Upstream) -> None:
    ask(door, "GET", "/abc", {"Host": "go.example.com", "X-Forwarded-Host": "evil.example"})
    assert upstream.headers["host"] == f"127.0.0.1:{upstream.port}"
    assert upstream.headers["x-forwarded-host"] == "go.example.com"


def test_what_cloudfront_sets_cannot_be_sent_by_a_client(door: int, upstream: Upstream) -> None:
    spoofed = {
        "CloudFront-Viewer-Address": "6.6.6.6:1",
        "CloudFront-Viewer-Country": "XX",
        "CloudFront-Is-Mobile-Viewer": "true",
        "X-Forwarded-Proto": "gopher",
        "Forwarded": "for=6.6.6.6",
        "X-Forwarded-For": "6.6.6.6",
    }
    ask(door, "GET", "/abc", spoofed)
    headers = upstream.headers
    assert re.fullmatch(r"127\.0\.0\.1:\d+", headers["cloudfront-viewer-address"])
    assert headers["x-forwarded-for"] == "6.6.6.6, 127.0.0.1"
    assert headers["x-forwarded-proto"] == "http"
    assert "via" in headers
    for name in ("cloudfront-viewer-country", "cloudfront-is-mobile-viewer", "forwarded"):
        assert name not in headers


def test_a_viewer_may_choose_a_country_here(door: int, upstream: Upstream) -> None:
    ask(door, "GET", "/abc", {"X-Hopcount-Viewer-Country": "NL"})
    assert upstream.headers["cloudfront-viewer-country"] == "NL"
    assert "x-hopcount-viewer-country" not in upstream.headers


@pytest.mark.parametrize("country", ["nl", "NLD", "N1", "N L", "N\u00c4"])
def test_what_is_no_country_is_refused(door: int, upstream: Upstream, country: str) -> None:
    assert ask(door, "GET", "/abc", {"X-Hopcount-Viewer-Country": country}).status == 400
    assert not upstream.requests


def test_the_default_country_is_configurable(upstream: Upstream, site: Path) -> None:
    settings = FrontDoorSettings(
        port=1, api_url=f"http://127.0.0.1:{upstream.port}", site=site, viewer_country="DE"
    )
    with served(build_app(settings)) as port:
        ask(port, "GET", "/abc", {"CloudFront-Viewer-Country": "XX"})
    assert upstream.headers["cloudfront-viewer-country"] == "DE"


def test_everything_else_a_client_says_is_forwarded(door: int, upstream: Upstream) -> None:
    sent = {
        "Authorization": "Bearer x",
        "If-Match": '"3"',
        "Accept-Encoding": "br",
        "Sec-Purpose": "prefetch",
    }
    ask(door, "PATCH", "/urls/abc", sent, b'{"a": 1}')
    assert upstream.last["method"] == "PATCH"
    assert upstream.last["body"] == b'{"a": 1}'
    assert {name.title(): upstream.headers[name.lower()] for name in sent} == sent
    assert "user-agent" not in upstream.headers


def test_hop_by_hop_headers_stop_here(door: int, upstream: Upstream) -> None:
    sent = {
        "Connection": "close, X-Mine",
        "X-Mine": "1",
        "Keep-Alive": "5",
        "TE": "trailers",
        "Upgrade": "h2c",
    }
    ask(door, "GET", "/abc", sent)
    assert not {name.lower() for name in sent if name != "Connection"} & set(upstream.headers)


def test_a_redirect_is_passed_on_and_not_followed(door: int, upstream: Upstream) -> None:
    target = "https://example.com/%41?a=b%20c#d"
    upstream.response = Response(status_code=301, headers={"Location": target, "Cache-Control": "no-store"})
    answer = ask(door, "GET", "/abc")
    assert (answer.status, answer.header("Location")) == (301, target)
    assert answer.header("Cache-Control") == "no-store"
    assert len(upstream.requests) == 1


def test_cookies_are_nobodys_but_the_viewers(door: int, upstream: Upstream) -> None:
    upstream.response = RedirectResponse("/x")
    upstream.response.set_cookie("a", "1")
    upstream.response.set_cookie("b", "2")
    answer = ask(door, "GET", "/abc")
    assert len([name for name, _ in answer.headers if name.lower() == "set-cookie"]) == 2
    ask(door, "GET", "/abc")
    assert "cookie" not in upstream.headers


def test_head_has_the_headers_and_no_body(door: int, upstream: Upstream) -> None:
    upstream.response = Response("12345")
    answer = ask(door, "HEAD", "/abc")
    assert upstream.last["method"] == "HEAD"
    assert (answer.status, answer.header("Content-Length"), answer.body) == (200, "5", b"")


@pytest.mark.parametrize("status", [204, 304, 404, 429, 500])
def test_any_status_is_passed_on(door: int, upstream: Upstream, status: int) -> None:
    upstream.response = Response(status_code=status, headers={"Retry-After": "7"})
    answer = ask(door, "GET", "/abc")
    assert (answer.status, answer.header("Retry-After")) == (status, "7")


def test_compressed_answers_stay_as_they_are(door: int, upstream: Upstream) -> None:
    upstream.response = Response(b"\x1f\x8bnot really", headers={"Content-Encoding": "gzip"})
    assert ask(door, "GET", "/abc", {"Accept-Encoding": "gzip"}).body == b"\x1f\x8bnot really"


def test_an_answer_without_a_length_is_streamed(door: int, upstream: Upstream) -> None:
    async def chunks():
        for _ in range(3):
            yield b"x" * 1000

    upstream.response = StreamingResponse(chunks())
    assert len(ask(door, "GET", "/abc").body) == 3000


def test_ten_megabytes_pass(door: int, upstream: Upstream) -> None:
    assert ask(door, "POST", "/urls", body=b"x" * MAX_BODY).status == 200
    assert len(upstream.last["body"]) == MAX_BODY


def test_more_than_ten_megabytes_are_refused(door: int, upstream: Upstream) -> None:
    answer = ask(door, "POST", "/urls", {"Content-Length": str(MAX_BODY + 1)})
    assert (answer.status, answer.body) == (413, b'{"message":"Request Entity Too Large"}')
    assert not upstream.requests


def test_an_empty_body_keeps_its_length(door: int, upstream: Upstream) -> None:
    ask(door, "POST", "/urls/abc/restore", body=b"")
    assert upstream.headers["content-length"] == "0"


def test_one_connection_serves_many_requests(door: int, upstream: Upstream) -> None:
    for _ in range(5):
        ask(door, "GET", "/abc")
    assert len({request["client"] for request in upstream.requests}) == 1


def test_an_api_that_takes_too_long_is_504(door: int, upstream: Upstream) -> None:
    upstream.delay = 1.0
    answer = ask(door, "GET", "/abc")
    assert answer.status == 504
    assert answer.header("Content-Type") == "application/problem+json"


@pytest.mark.parametrize(
    ("accept", "kind"),
    [
        ("text/html,application/xhtml+xml,*/*;q=0.8", "text/html; charset=utf-8"),
        ("application/json", "application/problem+json"),
        ("*/*", "application/problem+json"),
    ],
)
def test_an_api_that_is_down_is_502(site: Path, accept: str, kind: str) -> None:
    settings = FrontDoorSettings(port=1, api_url=f"http://127.0.0.1:{free_port()}", site=site)
    with served(build_app(settings)) as port:
        answer = ask(port, "GET", "/abc", {"Accept": accept})
        assert ask(port, "GET", "/").status == 200
    assert (answer.status, answer.header("Content-Type")) == (502, kind)
    assert answer.header("Cache-Control") == "no-store"
    assert b"make up" in answer.body
    if "html" in kind:
        assert b'<html lang="en">' in answer.body


def test_the_api_is_found_again_after_it_was_down(upstream: Upstream, site: Path, door: int) -> None:
    assert ask(door, "GET", "/abc").status == 200
    upstream.delay = 1.0
    assert ask(door, "GET", "/abc").status == 504
    upstream.delay = 0.0
    assert ask(door, "GET", "/abc").status == 200
