"""The few words that a visitor reads who is not sent on: no script, nothing loaded, light or dark."""

_STYLE = (
    ":root{color-scheme:light dark;--paper:#fbfaf7;--ink:#1d2422;--quiet:#55605c;--accent:#0b6b53}"
    "@media(prefers-color-scheme:dark){"
    ":root{--paper:#151a19;--ink:#e8ece9;--quiet:#a3afaa;--accent:#6fd3b1}}"
    "*{margin:0}"
    "body{background:var(--paper);color:var(--ink);"
    'font:1.125rem/1.6 system-ui,-apple-system,"Segoe UI",sans-serif}'
    "main{max-width:32rem;margin:auto;padding:max(3rem,22vh) 1.5rem 3rem}"
    "svg{display:block;fill:none;stroke:var(--accent);stroke-width:4;stroke-linecap:round}"
    "h1{margin:.25rem 0 .75rem;font-size:clamp(1.75rem,7vw,2.5rem);line-height:1.15;"
    "letter-spacing:-.015em;text-wrap:balance}"
    "p{color:var(--quiet);text-wrap:pretty}"
    "a{color:var(--accent);text-underline-offset:.2em}"
    ".home{margin-top:2rem}"
    ".status{margin-top:2rem;color:var(--accent);font-weight:650;font-variant-numeric:tabular-nums}"
)

_PICTURE = (  # a hop, and one that comes down nowhere
    '<svg width="112" height="36" viewBox="0 0 112 36" aria-hidden="true">'
    '<path d="M3 32C11-6 37-6 45 32"/><path d="M45 32c7-29 27-29 34 0" stroke-dasharray="0 8"/>'
    '<circle cx="99" cy="26" r="6"/></svg>'
)

CONTENT_SECURITY_POLICY = (
    # The hash is that of `_STYLE`; working it out here would cost every cold start (a test does).
    "default-src 'none'; style-src 'sha256-dc/I5pfczhDyNLJGjrtEIZiS0n2vmHSgtYUAbbPcReQ='; "
    "base-uri 'none'; form-action 'none'; frame-ancestors 'none'"
)


def page(status: int, title: str, text: str) -> str:
    """Return an HTML page.

    Parameters
    ----------
    status
        The HTTP status, shown above the title.
    title
        Title and only heading.
    text
        One paragraph.
    """
    title, text = _escape(title), _escape(text)
    return (
        '<!doctype html><html lang="en"><head><meta charset="utf-8">'
        '<meta name="viewport" content="width=device-width,initial-scale=1">'
        '<meta name="robots" content="noindex">'
        f"<title>{title}</title><style>{_STYLE}</style></head>"
        f'<body><main>{_PICTURE}<p class="status">{status}</p>'
        f'<h1>{title}</h1><p>{text}</p><p class="home"><a href="/">Hopcount</a></p></main></body></html>'
    )


def _escape(text: str) -> str:
    # Not `html.escape`: its module is slow to import.
    return text.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")
