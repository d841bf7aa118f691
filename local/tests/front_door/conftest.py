from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from local.tests.support import Upstream, served

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
    (folder / "app" / "assets").mkdir(parents=True)
    (folder / "index.html").write_text("<h1>landing</h1>")
    (folder / "app" / "index.html").write_text("<h1>app</h1>")
    (folder / "app" / "assets" / "site.css").write_text("a{}")
    (outside / "secret.txt").write_text("secret")
    (folder / "app" / "out.txt").symlink_to(outside / "secret.txt")
    return folder


@pytest.fixture(scope="module")
def shared_door(shared_upstream: Upstream, site: Path) -> Iterator[int]:
    url = f"http://127.0.0.1:{shared_upstream.port}/_aws/api/$default"
    settings = FrontDoorSettings(port=1, api_url=url, site=site, read_timeout=0.5)
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
