"""The site: plain files from a folder, with the fallback that a single-page app needs."""

from __future__ import annotations

from pathlib import Path, PurePosixPath

from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import RedirectResponse, Response
from starlette.staticfiles import StaticFiles
from starlette.types import Receive, Scope, Send

from hopcount_local.front_door.pages import error_response

_APP = "app/"
_HEADERS = {
    "Content-Security-Policy": (
        "default-src 'self'; object-src 'none'; base-uri 'self'; form-action 'self'; frame-ancestors 'none'"
    ),
    "Referrer-Policy": "strict-origin-when-cross-origin",
    "X-Content-Type-Options": "nosniff",
}


class Site:
    """Serves the landing page and everything under `/app/`."""

    def __init__(self, folder: Path) -> None:
        # Starlette resolves the path and refuses whatever lies outside the folder, links included.
        self._files = StaticFiles(directory=folder, check_dir=False)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer one request (ASGI)."""
        response = await self._respond(Request(scope))
        for name, value in _HEADERS.items():
            response.headers.setdefault(name, value)
        await response(scope, receive, send)

    async def _respond(self, request: Request) -> Response:
        accept = request.headers.get("accept", "")
        if request.method not in {"GET", "HEAD"}:
            detail = "This part of the site can only be read."
            return error_response(405, "Method not allowed", detail, accept, {"Allow": "GET, HEAD"})
        path = request.scope["path"].removeprefix("/")
        if path == "app":
            return RedirectResponse("/app/", 308)
        return await self._file(path, request.scope) or error_response(
            404, "Nothing here", "There is no page at this address.", accept
        )

    async def _file(self, path: str, scope: Scope) -> Response | None:
        # A view of the app (no extension) is drawn by the app; a missing file is missing.
        is_view = path.startswith(_APP) and not PurePosixPath(path).suffix
        if path == "" or path.endswith("/"):
            path += "index.html"
        for name in (path, _APP + "index.html") if is_view else (path,):
            if "\0" in name:
                return None
            try:
                response = await self._files.get_response(name, scope)
            except HTTPException:
                continue
            fresh = "no-cache" if name.endswith(".html") else "public, max-age=300"
            response.headers["Cache-Control"] = fresh
            return response
        return None
