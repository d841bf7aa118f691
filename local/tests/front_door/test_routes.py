from __future__ import annotations

import pytest

from hopcount_local.front_door.routes import is_site, normalise


@pytest.mark.parametrize(
    "path", ["/", "/app", "/app/", "/app/links/x", "/robots.txt", "/favicon.ico", "/%61pp/", "/x/../app/"]
)
def test_the_site_answers(path: str) -> None:
    assert is_site(path.encode())


@pytest.mark.parametrize(
    "path",
    [
        "/a",
        "/apps",
        "/application",
        "//",
        "//app/",
        "/app%2Fx",
        "/app/../urls",
        "/app/%2e%2E/urls",
        "/urls",
        "/App/",
    ],
)
def test_the_api_answers(path: str) -> None:
    assert not is_site(path.encode())


@pytest.mark.parametrize(
    ("path", "normal"),
    [
        ("/a%2Db%7e", "/a-b~"),
        ("/a%2fb%zz%", "/a%2fb%zz%"),
        ("/a/./b/../c", "/a/c"),
        ("/../../a", "/a"),
        ("/a/..", "/"),
        ("/a//../b", "/a/b"),
        ("/a/b/.", "/a/b/"),
        ("/.well-known/x", "/.well-known/x"),
        ("*", "*"),
    ],
)
def test_paths_are_normalised_as_rfc_3986_says(path: str, normal: str) -> None:
    assert normalise(path.encode()) == normal.encode()
