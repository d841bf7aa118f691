"""Servers on ports of their own, for the time of a test."""

from __future__ import annotations

import asyncio
import contextlib
import json
import socket
import threading
import time
from collections.abc import Iterator
from dataclasses import dataclass, field
from http.client import HTTPConnection
from pathlib import Path
from typing import Any

import uvicorn
from starlette.requests import Request
from starlette.responses import Response
from starlette.types import ASGIApp, Receive, Scope, Send


@contextlib.contextmanager
def served(app: ASGIApp) -> Iterator[int]:
    """Serve an application in a thread; gives the port."""
    listener = socket.create_server(("127.0.0.1", 0))
    config = uvicorn.Config(app, log_level="error", server_header=False, proxy_headers=False, ws="none")
    server = uvicorn.Server(config)
    thread = threading.Thread(target=server.run, kwargs={"sockets": [listener]})
    thread.start()
    deadline = time.monotonic() + 10
    while not server.started:
        assert thread.is_alive(), "the server ended"
        assert time.monotonic() < deadline, "the server did not start"
        time.sleep(0.01)
    try:
        yield listener.getsockname()[1]
    finally:
        server.should_exit = True
        thread.join(10)


def free_port() -> int:
    """Return a port on which nothing listens."""
    with socket.create_server(("127.0.0.1", 0)) as probe:
        port: int = probe.getsockname()[1]
        return port


@dataclass
class Upstream:
    """Stands for the HTTP API: records what it gets, answers what it is told to."""

    port: int = 0
    requests: list[dict[str, Any]] = field(default_factory=list)
    response: Response = field(default_factory=lambda: Response("ok"))
    delay: float = 0.0

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] == "http":
            body = await Request(scope, receive).body()
            await asyncio.sleep(self.delay)
            self.requests.append({**scope, "body": body})
            await self.response(scope, receive, send)

    def forget(self) -> None:
        """Be as new."""
        self.requests, self.response, self.delay = [], Response("ok"), 0.0

    @property
    def last(self) -> dict[str, Any]:
        """The last request: its ASGI scope and its body."""
        return self.requests[-1]

    @property
    def headers(self) -> dict[str, str]:
        """The headers of the last request; one that came twice fails."""
        pairs = [(name.decode(), value.decode("latin-1")) for name, value in self.last["headers"]]
        assert len(pairs) == len(dict(pairs))
        return dict(pairs)


@dataclass(frozen=True)
class Answer:
    """What a server answered."""

    status: int
    headers: list[tuple[str, str]]
    body: bytes

    def header(self, name: str) -> str | None:
        """Return the first value of a header."""
        return next((value for key, value in self.headers if key.lower() == name.lower()), None)


def ask(
    port: int, method: str, target: str, headers: dict[str, str] | None = None, body: bytes | None = None
) -> Answer:
    """Send a request whose target goes out exactly as given."""
    with contextlib.closing(HTTPConnection("127.0.0.1", port, timeout=10)) as connection:
        connection.putrequest(method, target, skip_host="Host" in (headers or {}), skip_accept_encoding=True)
        for name, value in (headers or {}).items():
            connection.putheader(name, value)
        if body is not None:
            connection.putheader("Content-Length", str(len(body)))
        connection.endheaders(body)
        response = connection.getresponse()
        return Answer(response.status, response.getheaders(), response.read())


def make_site(folder: Path, files: dict[str, bytes]) -> None:
    """Write a built site: what is below `app/_/` for ever, pages with a brotli variant that says so."""
    listed = {}
    for name, content in files.items():
        page = name.endswith(".html")
        variants = {"identity": ("", content)} | ({"br": (".br", b"br:" + content)} if page else {})
        for ending, variant in variants.values():
            (folder / name).parent.mkdir(parents=True, exist_ok=True)
            (folder / (name + ending)).write_bytes(variant)
        listed[name] = {
            "contentType": "text/html; charset=utf-8" if page else "text/css; charset=utf-8",
            "cacheControl": "immutable" if name.startswith("app/_/") else "no-cache",
            "etag": f'"{name}"',
            "encodings": {k: {"file": name + e, "bytes": len(v)} for k, (e, v) in variants.items()},
        }
    headers = {"X-Content-Type-Options": "nosniff"}
    app = {"Content-Security-Policy": "connect-src 'self' ${connect}; base-uri 'self'"}
    manifest = {"headers": headers, "appHeaders": headers | app, "files": listed}
    (folder / "manifest.json").write_text(json.dumps(manifest))
