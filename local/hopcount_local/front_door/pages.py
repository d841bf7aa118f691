"""The front door's own answers: for people a page that looks as the site does, problem+json for programs."""

from __future__ import annotations

import html
import json

from starlette.responses import Response

_PAGE = """<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="color-scheme" content="light dark">
<meta name="robots" content="noindex">
<title>{title} · Hopcount</title>
<link rel="icon" href="/app/assets/icon.svg" type="image/svg+xml">
<link rel="stylesheet" href="/app/assets/site.css">
</head>
<body>
<header class="top">
<a class="brand" href="/"><img src="/app/assets/icon.svg" alt="" width="28" height="28">Hopcount</a>
</header>
<main class="hero">
<p class="status">{status}</p>
<h1>{title}</h1>
<p class="lead">{detail}</p>
</main>
</body>
</html>
"""
_POLICY = "default-src 'none'; style-src 'self'; img-src 'self'; base-uri 'none'; frame-ancestors 'none'"


def error_response(
    status: int, title: str, detail: str, accept: str, headers: dict[str, str] | None = None
) -> Response:
    """Answer an error in the form that the `Accept` header asks for; nothing keeps it."""
    sent = {"Cache-Control": "no-store", "Vary": "Accept", **(headers or {})}
    if "text/html" in accept:
        page = _PAGE.format(status=status, title=html.escape(title), detail=html.escape(detail))
        sent["Content-Security-Policy"] = _POLICY
        return Response(page, status, sent, "text/html")
    problem = {"type": "about:blank", "title": title, "status": status, "detail": detail}
    return Response(json.dumps(problem), status, sent, "application/problem+json")
