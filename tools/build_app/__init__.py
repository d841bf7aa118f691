"""Builds the site: the plain pages, and under `app/` the web app, as the front door and the CDN serve it.

    .venv/bin/python -m tools.build_app OUT

Why it is built here and not by `flet publish`: docs/adr/0022-the-app-is-built-here.md.
"""
