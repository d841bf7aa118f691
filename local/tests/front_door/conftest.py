from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from local.tests.support import Upstream, make_site, served

from hopcount_local.front_door.app import build_app
from hopcount_local.front_door.settings import FrontDoorSettings


@pytest.fixture(scope="module")
def shared_upstream() -> Iterator[Upstream]:
    stub = Upstream()
    # Uvicorn asks about a lifespan; this stub has none, which it takes as that.
    with served(stub) as port:
        stub.port = port
        yield stub


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory) -> Path:
    outside = tmp_path_factory.mktemp("web")
    folder = outside / "site"
    folder.mkdir()
    make_site(
        folder,
        {
            "index.html": b"<h1>landing</h1>",
            "app/index.html": b"<h1>app</h1>",
            "app/assets/site.css": b"a{}",
            "app/_/app-1.zip": b"zip",
        },
    )
    (outside / "secret.txt").write_text("secret")
    (folder / "app" / "out.txt").symlink_to(outside / "secret.txt")
    return folder


@pytest.fixture(scope="module")
def shared_door(shared_upstream: Upstream, site: Path) -> Iterator[int]:
    url = f"http://127.0.0.1:{shared_upstream.port}/_aws/api/$default"
    settings = FrontDoorSettings(
        port=1, api_url=url, site=site, connect="https://login.example", read_timeout=0.5
    )
    with served(build_app(settings)) as port:
        yield port


@pytest.fixture
def upstream(shared_upstream: Upstream) -> Upstream:
    """The API's stand-in, forgetful: servers take a while to stop, so one serves a whole module."""
    shared_upstream.forget()
    return shared_upstream


@pytest.fixture
def door(shared_door: int, upstream: Upstream) -> int:
    return shared_door
