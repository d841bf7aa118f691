"""How long the landing page and the web app take to load in Debian's chromium, cold and warm.

    make up
    python -m bench.app_load [--times 3]

Everything runs on this machine, browser and front door alike: there is no network to wait for, and whatever
else runs here counts in. Cold is a browser that was never here, warm one that keeps what it was told to keep.
The last line is JSON.
"""

import argparse
import json
import statistics
from collections.abc import Mapping, Sequence
from typing import Any

from playwright.sync_api import Browser
from tests.support.browser import AppPage, launched, opened
from tests.support.stack import Stack

TIMES = 3
APP = "/app/?debug=1"
STAGES = {
    "engine": "Flutter's code is there and read",
    "python": "Pyodide runs",
    "app": "the app's Python is imported",
    "running": "Python and Flutter are connected",
    "app-drawn": "the app has drawn itself",
}
"""The marks that services/web/loader sets, and what they mean."""
_ENTRIES = "performance.getEntriesByType('{}').map((entry) => entry.toJSON())"

Entry = Mapping[str, Any]


def main() -> None:
    """Measure, print, and say what takes most."""
    parser = argparse.ArgumentParser(prog="bench-app", description=__doc__.partition("\n")[0])
    parser.add_argument("--times", type=int, default=TIMES, help="of which the median counts (%(default)s)")
    times = parser.parse_args().times
    try:
        base_url = Stack.load().base_url
    except RuntimeError as error:
        raise SystemExit(f"bench-app: {error}") from None
    with launched() as browser:
        landing = [load_landing(browser, base_url) for _ in range(times)]
        loads = [load_app(browser, base_url) for _ in range(times)]
    cold, warm = ([load[temperature] for load in loads] for temperature in (0, 1))
    figures = {"landing": median(landing), "cold": median(cold), "warm": median(warm)}
    print("\n".join(report(figures, cold[0]["files"])))
    print(json.dumps(figures))


def load_landing(browser: Browser, base_url: str) -> dict[str, Any]:
    """Open the landing page in a fresh profile."""
    with opened(browser, base_url) as tab:
        tab.page.goto(f"{base_url}/", wait_until="load")
        return seen(tab)


def load_app(browser: Browser, base_url: str) -> tuple[dict[str, Any], dict[str, Any]]:
    """Open the app in a fresh profile, and then once more."""
    with opened(browser, base_url) as tab:
        tab.open(APP)
        cold = seen(tab)
        tab.page.goto("about:blank")
        tab.open(APP)
        return cold, seen(tab)


def seen(tab: AppPage) -> dict[str, Any]:
    """Return what the page and its workers measured of themselves: milliseconds and bytes."""
    tab.page.wait_for_function("performance.getEntriesByName('first-contentful-paint').length")
    entries = tab.page.evaluate(_ENTRIES.format("resource")) + tab.page.evaluate(
        _ENTRIES.format("navigation")
    )
    for worker in tab.page.workers:
        entries += worker.evaluate(_ENTRIES.format("resource"))
    marks = {mark["name"]: mark["startTime"] for mark in tab.page.evaluate(_ENTRIES.format("mark"))}
    paints = {paint["name"]: paint["startTime"] for paint in tab.page.evaluate(_ENTRIES.format("paint"))}
    return {
        "bytes": sum(entry["transferSize"] for entry in entries),
        "skeleton": paints.get("first-contentful-paint"),
        **{stage: marks[stage] for stage in STAGES if stage in marks},
        "files": entries,
    }


def median(loads: Sequence[Mapping[str, Any]]) -> dict[str, int]:
    """Return the median of each figure, in whole milliseconds or bytes."""
    names = [name for name in loads[0] if name != "files"]
    return {name: round(statistics.median(load[name] for load in loads)) for name in names}


def report(figures: Mapping[str, Mapping[str, int]], files: Sequence[Entry]) -> list[str]:
    """Return the figures as lines for people, and what they are made of."""
    landing, cold, warm = figures["landing"], figures["cold"], figures["warm"]
    lines = [
        f"landing page  {landing['bytes'] / 1000:8.1f} kB, seen after {landing['skeleton']} ms",
        f"transfer      {cold['bytes'] / 1e6:8.2f} MB cold, {warm['bytes'] / 1e6:.2f} MB warm",
        f"skeleton      {cold['skeleton']:8} ms cold, {warm['skeleton']} ms warm",
    ]
    for stage, meaning in STAGES.items():
        lines.append(f"{stage:13} {cold[stage]:8} ms cold, {warm[stage]} ms warm: {meaning}")
    lines.append("largest, cold:")
    for entry in sorted(files, key=lambda entry: -entry["transferSize"])[:6]:
        name = entry["name"].rpartition("/")[2]
        lines.append(f"  {entry['transferSize'] / 1e6:6.2f} MB {name}")
    return [*lines, f"{dominating(cold)} takes most, cold; {dominating(warm)}, warm"]


def dominating(load: Mapping[str, int]) -> str:
    """Return the stage that takes longest, of those that follow each other.

    Flutter and Python load side by side: the later of them counts.
    """
    side = "Flutter's engine" if load["engine"] > load["app"] else "Python"
    ready = max(load["engine"], load["app"])
    rest = {side: ready, "drawing the first view": load["app-drawn"] - ready}
    return max(rest, key=rest.__getitem__)


if __name__ == "__main__":
    main()
