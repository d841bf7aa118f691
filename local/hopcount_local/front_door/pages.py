"""The front door's own answers: a small page for people, problem+json for programs."""

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
<style>
body {{ font: 1.0625rem/1.6 system-ui, sans-serif; margin: 0 auto; max-width: 38rem; padding: 4rem 1.25rem }}
h1 {{ font-size: 1.75rem; line-height: 1.25 }}
code {{ font-size: .95em }}
</style>
</head>
<body>
<main>
<p>{status}</p>
<h1>{title}</h1>
<p>{detail}</p>
</main>
</body>
</html>
"""


def error_response(
    status: int, title: str, detail: str, accept: str, headers: dict[str, str] | None = None
) -> Response:
    """Answer an error in the form that the `Accept` header asks for; nothing keeps it."""
    sent = {"Cache-Control": "no-store", "Vary": "Accept", **(headers or {})}
    if "text/html" in accept:
        page = _PAGE.format(status=status, title=html.escape(title), detail=html.escape(detail))
        sent["Content-Security-Policy"] = "default-src 'none'; style-src 'unsafe-inline'"
        return Response(page, status, sent, "text/html")
    problem = {"type": "about:blank", "title": title, "status": status, "detail": detail}
    return Response(json.dumps(problem), status, sent, "application/problem+json")
