from __future__ import annotations

from pathlib import Path

import pytest
from local.tests.support import Upstream, ask, make_site, served

from hopcount_local.front_door.site import Site


def test_the_landing_page_is_at_the_root(door: int, upstream: Upstream) -> None:
    answer = ask(door, "GET", "/")
    assert (answer.status, answer.body) == (200, b"<h1>landing</h1>")
    assert answer.header("Cache-Control") == "no-cache"
    assert answer.header("X-Content-Type-Options") == "nosniff"
    assert not upstream.requests


@pytest.mark.parametrize("path", ["/app/", "/app/links", "/app/links/aB3-_x9", "/app/?next=/x", "/%61pp/"])
def test_the_app_draws_its_own_views(door: int, path: str) -> None:
    assert ask(door, "GET", path).body == b"<h1>app</h1>"


def test_the_app_lies_in_a_folder(door: int) -> None:
    answer = ask(door, "GET", "/app")
    assert (answer.status, answer.header("Location")) == (308, "/app/")


def test_files_are_revalidated_by_etag(door: int) -> None:
    first = ask(door, "GET", "/app/assets/site.css")
    assert (first.status, first.header("Content-Type")) == (200, "text/css; charset=utf-8")
    again = ask(door, "GET", "/app/assets/site.css", {"If-None-Match": first.header("ETag") or ""})
    assert (again.status, again.body) == (304, b"")
    assert (again.header("ETag"), again.header("Cache-Control")) == (first.header("ETag"), "no-cache")


def test_each_file_is_kept_as_long_as_the_build_says(door: int) -> None:
    assert ask(door, "GET", "/app/").header("Cache-Control") == "no-cache"
    assert ask(door, "GET", "/app/_/app-1.zip").header("Cache-Control") == "immutable"


@pytest.mark.parametrize(
    ("accepted", "encoding", "body"),
    [
        ("gzip, deflate, br", "br", b"br:<h1>app</h1>"),
        ("BR;q=0.5", "br", b"br:<h1>app</h1>"),
        ("br; q=0, gzip", None, b"<h1>app</h1>"),
        ("", None, b"<h1>app</h1>"),
    ],
)
def test_a_page_comes_compressed_to_whom_understands_it(
    door: int, accepted: str, encoding: str | None, body: bytes
) -> None:
    answer = ask(door, "GET", "/app/", {"Accept-Encoding": accepted})
    assert (answer.header("Content-Encoding"), answer.body) == (encoding, body)
    assert answer.header("Vary") == "Accept-Encoding"
    again = ask(
        door, "GET", "/app/", {"Accept-Encoding": accepted, "If-None-Match": answer.header("ETag") or ""}
    )
    assert again.status == 304


def test_a_site_that_is_built_anew_is_served_at_once(tmp_path: Path) -> None:
    make_site(tmp_path, {"index.html": b"old"})
    with served(Site(tmp_path)) as port:
        assert ask(port, "GET", "/").body == b"old"
        make_site(tmp_path, {"index.html": b"new", "app/index.html": b"app"})
        assert ask(port, "GET", "/").body == b"new"
        assert ask(port, "GET", "/app/").body == b"app"


def test_variants_have_etags_of_their_own(door: int) -> None:
    plain, packed = (ask(door, "GET", "/app/", {"Accept-Encoding": value}) for value in ("", "br"))
    assert plain.header("ETag") != packed.header("ETag")


def test_the_app_may_talk_to_where_it_is_told(door: int) -> None:
    policy = ask(door, "GET", "/app/").header("Content-Security-Policy")
    assert policy == "connect-src 'self' https://login.example; base-uri 'self'"
    assert ask(door, "GET", "/").header("Content-Security-Policy") is None


def test_head_has_no_body(door: int) -> None:
    answer = ask(door, "HEAD", "/")
    assert (answer.status, answer.header("Content-Length"), answer.body) == (200, "16", b"")


@pytest.mark.parametrize(
    "path", ["/app/missing.js", "/robots.txt", "/favicon.ico", "/app/assets/nothing.css"]
)
def test_a_missing_file_is_missing(door: int, upstream: Upstream, path: str) -> None:
    assert ask(door, "GET", path, {"Accept": "text/html"}).status == 404
    assert not upstream.requests


@pytest.mark.parametrize(
    "path",
    [
        "/app/..%2f..%2fsecret.txt",
        "/app/%2e%2e%2f%2e%2e%2fsecret.txt",
        "/app/..%5c..%5csecret.txt",
        "/app//secret.txt",
        "/app/%2fetc/passwd",
        "/app/out.txt",
        "/app/assets/..%2f..%2f..%2fsecret.txt",
        "/app/x%00.txt",
        "/app/manifest.json",
        "/app/index.html.br",
    ],
)
def test_nothing_outside_the_folder_is_served(door: int, path: str) -> None:
    answer = ask(door, "GET", path)
    assert b"secret" not in answer.body
    assert answer.status in {200, 404}
    assert answer.status == 404 or answer.body == b"<h1>app</h1>"


@pytest.mark.parametrize("method", ["POST", "PUT", "DELETE", "OPTIONS"])
def test_the_site_can_only_be_read(door: int, upstream: Upstream, method: str) -> None:
    answer = ask(door, method, "/", body=b"")
    assert (answer.status, answer.header("Allow")) == (405, "GET, HEAD")
    assert not upstream.requests
