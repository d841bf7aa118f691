"""The site: the files that a build's manifest names, with the fallback that a single-page app needs."""

from __future__ import annotations

import contextlib
import json
from pathlib import Path, PurePosixPath
from string import Template
from typing import Any

from starlette.requests import Request
from starlette.responses import FileResponse, RedirectResponse, Response
from starlette.types import Receive, Scope, Send

from hopcount_local.front_door.pages import error_response

MANIFEST = "manifest.json"
"""Written by tools/build_app: the same that says how files are uploaded."""

_APP = "app/"
_APP_PAGE = "app/index.html"
_PREFERRED = ("br", "gzip")


class Site:
    """Serves the landing page and everything under `/app/`.

    Parameters
    ----------
    folder
        What `python -m tools.build_app` made. Nothing but what its manifest names is served.
    connect
        Origins beside its own that the app may talk to.
    """

    def __init__(self, folder: Path, connect: str = "") -> None:
        self._folder = folder
        self._connect = connect
        self._read = 0
        self._read_manifest()

    def _read_manifest(self) -> None:
        """Read what is served, unless it is known: a build may replace the folder at any time."""
        written = (self._folder / MANIFEST).stat().st_mtime_ns
        if written == self._read:
            return
        manifest = json.loads((self._folder / MANIFEST).read_text())
        self._files: dict[str, Any] = manifest["files"]
        self._headers: dict[str, str] = manifest["headers"]
        self._app_headers = {
            name: " ".join(Template(value).substitute(connect=self._connect).split()).replace(" ;", ";")
            for name, value in manifest["appHeaders"].items()
        }
        self._read = written

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer one request (ASGI)."""
        request = Request(scope)
        # Where a build is just replacing the folder, what was there before is what there is.
        with contextlib.suppress(FileNotFoundError):
            self._read_manifest()
        path = scope["path"].removeprefix("/")
        response = self._respond(request, path)
        for name, value in (self._app_headers if path.startswith(_APP) else self._headers).items():
            response.headers.setdefault(name, value)
        await response(scope, receive, send)

    def _respond(self, request: Request, path: str) -> Response:
        accept = request.headers.get("accept", "")
        if request.method not in {"GET", "HEAD"}:
            detail = "This part of the site can only be read."
            return error_response(405, "Method not allowed", detail, accept, {"Allow": "GET, HEAD"})
        if path == "app":
            return RedirectResponse("/app/", 308)
        file = self._files.get(self._name(path))
        if file is None:
            return error_response(404, "Nothing here", "There is no page at this address.", accept)
        return self._send(file, request)

    def _name(self, path: str) -> str:
        """Return which file answers a path: a view of the app has no extension, and the app draws it."""
        if path == "" or path.endswith("/"):
            path += "index.html"
        is_view = path.startswith(_APP) and not PurePosixPath(path).suffix
        return _APP_PAGE if path not in self._files and (is_view or path.endswith("/index.html")) else path

    def _send(self, file: dict[str, Any], request: Request) -> Response:
        encoding = chosen(request.headers.get("accept-encoding", ""), file["encodings"])
        etag = file["etag"] if encoding == "identity" else f'{file["etag"][:-1]}-{encoding}"'
        headers = {"Cache-Control": file["cacheControl"], "ETag": etag}
        if len(file["encodings"]) > 1:
            headers["Vary"] = "Accept-Encoding"
        if etag in request.headers.get("if-none-match", ""):
            return Response(None, 304, headers)
        if encoding != "identity":
            headers["Content-Encoding"] = encoding
        path = self._folder / file["encodings"][encoding]["file"]
        return FileResponse(path, headers=headers, media_type=file["contentType"])


def chosen(accepted: str, offered: dict[str, Any]) -> str:
    """Return the encoding that an `Accept-Encoding` header gets: brotli before gzip before none."""
    wanted = {}
    for part in accepted.lower().split(","):
        name, _, weight = part.partition(";")
        wanted[name.strip()] = weight.replace(" ", "") not in {"q=0", "q=0.0", "q=0.00", "q=0.000"}
    return next((name for name in _PREFERRED if name in offered and wanted.get(name)), "identity")
