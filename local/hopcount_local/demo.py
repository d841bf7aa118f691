"""A dozen real links, followed by visitors as they are, so that there is something to look at.

It happens once. A journal says which link has had how many visits, so that a demo which was interrupted
goes on where it stopped: a visit is noted before it is made, and none is made twice.
"""

from __future__ import annotations

import random
import time
from pathlib import Path
from typing import Any

import httpx

from hopcount_local.demo_data import URLS, Visitors
from hopcount_local.errors import DemoError
from hopcount_local.files import read_json, write_json
from hopcount_local.progress import Progress
from hopcount_local.settings import Settings

Link = dict[str, Any]

_COUNTED_WITHIN = 90.0
"""Seconds that the last click may take to show."""


def journal(settings: Settings) -> Path:
    """Return the file that says how far the demo has come."""
    return settings.data / "demo.json"


def chance(code: str) -> random.Random:
    """Return the dice for a link's visits: they fall the same way each time, and hide nothing."""
    return random.Random(code)  # noqa: S311


def ensure(settings: Settings, token: str, progress: Progress) -> list[Link]:
    """Make the demo's links and clicks if they were never made; return the account's newest links.

    Raises
    ------
    DemoError
        The API answered otherwise than it should, or a click did not show in time.
    """
    headers = {"Authorization": f"Bearer {token}"}
    with httpx.Client(base_url=settings.base_url, timeout=30, trust_env=False) as http:
        try:
            return _ensure(_Demo(http, headers, journal(settings)), progress)
        except httpx.TransportError as error:
            raise DemoError(f"The API did not answer: {type(error).__name__}") from error


def _ensure(demo: _Demo, progress: Progress) -> list[Link]:
    links = demo.links()
    if demo.is_done(links):
        return links
    progress.say(f"making a demo: {len(URLS)} links and their visitors")
    codes = demo.shorten(links)
    demo.visit(codes)
    progress.say("waiting for the last click to be counted")
    links = demo.wait_until_counted(codes)
    demo.finish()
    progress.say(f"{sum(link['clicks'] + link['botClicks'] for link in links)} clicks counted")
    return links


class _Demo:
    def __init__(self, http: httpx.Client, headers: dict[str, str], path: Path) -> None:
        self._http = http
        self._headers = headers
        self._path = path
        me = self._json("GET", "/users/me")
        known = read_json(path) or {}
        # Another account means other data: what an older journal says is about links that are gone.
        same = known.get("userId") == me["userId"]
        self._journal = known if same else {"userId": me["userId"], "visits": {}}

    def is_done(self, links: list[Link]) -> bool:
        # Links without any journal are somebody's own: leave them alone.
        return bool(self._journal.get("done")) or (not self._path.exists() and bool(links))

    def links(self) -> list[Link]:
        items: list[Link] = self._json("GET", "/urls?limit=100")["items"]
        return items

    def shorten(self, links: list[Link]) -> list[str]:
        """Return the code of each of the demo's URLs, making what is not there."""
        self._save()
        known = {link["originalUrl"]: link["id"] for link in links}
        # Oldest last in a list that shows the newest first: the most visited link on top.
        for url in reversed(URLS):
            if url not in known:
                key = f"demo-{self._journal['userId']}-{URLS.index(url)}"
                body = {"originalUrl": url}
                known[url] = self._json("POST", "/urls", {"Idempotency-Key": key}, body)["id"]
        return [known[url] for url in URLS]

    def visit(self, codes: list[str]) -> None:
        for number, code in enumerate(codes):
            # The same visits for the same link each time, so that those which were made can be left out.
            visits = list(Visitors(chance(code)).of_link(number))
            for visit in visits[self._journal["visits"].get(code, {"made": 0})["made"] :]:
                self._note(code, counts=visit.counts)
                response = self._http.request(visit.method, f"/{code}", headers=visit.headers)
                if response.status_code != 301:
                    raise DemoError(f"A short link answered {response.status_code} instead of 301.")

    def wait_until_counted(self, codes: list[str]) -> list[Link]:
        clicks = {code: self._journal["visits"][code]["clicks"] for code in codes}
        deadline = time.monotonic() + _COUNTED_WITHIN
        while True:
            links = self.links()
            counted = {link["id"]: link["clicks"] + link["botClicks"] for link in links}
            if all(counted.get(code, 0) >= expected for code, expected in clicks.items()):
                return links
            if time.monotonic() > deadline:
                missing = sum(expected - counted.get(code, 0) for code, expected in clicks.items())
                raise DemoError(f"{missing} clicks were not counted within {_COUNTED_WITHIN:.0f} s.")
            time.sleep(0.3)

    def finish(self) -> None:
        self._journal["done"] = True
        self._save()

    def _note(self, code: str, *, counts: bool) -> None:
        entry = self._journal["visits"].setdefault(code, {"made": 0, "clicks": 0})
        entry["made"] += 1
        entry["clicks"] += counts
        self._save()

    def _save(self) -> None:
        write_json(self._path, self._journal)

    def _json(
        self, method: str, path: str, headers: dict[str, str] | None = None, body: Link | None = None
    ) -> Any:
        sent = self._headers | (headers or {})
        response = self._http.request(method, path, headers=sent, json=body)
        if not response.is_success:
            raise DemoError(f"{method} {path} answered {response.status_code}: {response.text[:300]}")
        return response.json()
