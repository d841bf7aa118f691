"""How well visitors are told apart, on what two packages ship: real programs and real browsers.

    .venv/bin/python -m bench.classification

Programs: the instances of crawler-user-agents. Its own patterns find them, naturally, so it is also shown how
many would be found if that list were empty: what becomes of programs that are on no list yet. Browsers, with
their device, browser and system: the data of fake-useragent. Each agent counts once, however often it is in.
"""

import json
from collections.abc import Iterable, Mapping, Sequence
from typing import NamedTuple

from crawleruseragents import CRAWLER_USER_AGENTS_DATA  # type: ignore[import-untyped]  # it has none
from fake_useragent.utils import load

from analytics.domain import visitors
from analytics.domain.visitors import Agent, read_agent


class Labelled(NamedTuple):
    """A browser, and what fake-useragent says that it is."""

    user_agent: str
    device: str
    browser: str
    os: str


def programs() -> Sequence[str]:
    """Return the agents of known programs."""
    return sorted({instance for entry in CRAWLER_USER_AGENTS_DATA for instance in entry["instances"]})


def browsers() -> Sequence[Labelled]:
    """Return the agents of people, the most frequent first."""
    seen: dict[str, int] = {}
    labels: dict[str, Labelled] = {}
    for row in load():
        agent = row["useragent"]
        seen[agent] = seen.get(agent, 0) + 1
        labels.setdefault(agent, Labelled(agent, row["type"], row["browser"] or "", row["os"] or ""))
    return sorted(labels.values(), key=lambda label: -seen[label.user_agent])


def score() -> Mapping[str, float]:
    """Classify all of them, and return which parts were told right."""
    bots, people = programs(), browsers()
    told = [read_agent(label.user_agent) for label in people]
    return {
        "bots": len(bots),
        "bots_recall": _share(read_agent(agent).is_bot for agent in bots),
        "bots_recall_without_list": _share(agent.is_bot for agent in _without_list(bots)),
        "people": len(people),
        "people_false_positives": _share(agent.is_bot for agent in told),
        "device_agreement": _share(a.device == b.device for a, b in zip(told, people, strict=True)),
        "browser_agreement": _share(a.browser == b.browser for a, b in zip(told, people, strict=True)),
        "os_agreement": _share(a.os == b.os for a, b in zip(told, people, strict=True)),
    }


def _without_list(agents: Iterable[str]) -> Sequence[Agent]:
    engine = visitors.engine
    patterns = visitors.compile_patterns([])
    try:
        visitors.engine = lambda: patterns  # type: ignore[assignment]  # a cached function is more than this
        return [read_agent.__wrapped__(agent) for agent in agents]
    finally:
        visitors.engine = engine


def _share(told: Iterable[bool]) -> float:
    results = list(told)
    return round(sum(results) / len(results), 4)


def _report() -> None:
    for label in browsers():
        told = read_agent(label.user_agent)
        if (told.device, told.browser, told.os) != label[1:]:
            print(f"{label[1:]} is told as {told[1:]}: {label.user_agent}")
    for agent in programs():
        if not read_agent(agent).is_bot:
            print(f"taken for a person: {agent}")
    print(json.dumps(score()))


if __name__ == "__main__":
    _report()
