"""Publishers, rules and readers agree: on what is published today, and on what ever was.

`golden/` holds one event of each kind and version that was ever published, or is read in advance
(`LinkErased`: nobody publishes it yet). A file there never changes: a consumer may still
meet it in the archive. A new version of an event is a new file.
"""

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from analytics.events import read_message
from hopcount_shared.errors import MessageRejectedError
from tests.contract.publishers import published
from tests.contract.rules import on_the_bus, rule_pattern
from users.domain.link_events import read_link_event

GOLDEN = {path.stem: json.loads(path.read_text()) for path in Path(__file__).parent.glob("golden/*.json")}

# Who reads what: the rule that brings it, and the reader that takes it from the queue.
CONSUMERS: tuple[tuple[str, str, Callable[[str], Any], set[str]], ...] = (
    ("analytics", "ClickRule", read_message, {"LinkClicked.v1"}),
    ("analytics", "ErasureRule", read_message, {"LinkErased.v1", "UserDeleted.v1"}),
    (
        "users",
        "LinkEventsRule",
        read_link_event,
        {"LinkCreated.v1", "LinkDeleted.v1", "LinkRestored.v1"},
    ),
)


def test_every_kind_of_event_has_a_golden_one() -> None:
    assert {event.detail_type for event in published()} <= set(GOLDEN)


@pytest.mark.parametrize("event", list(published()), ids=lambda event: event.detail_type)
def test_what_is_published_is_what_was_promised(event: Any) -> None:
    assert json.loads(event.to_json()) == GOLDEN[event.detail_type]


@pytest.mark.parametrize(("service", "rule", "reader", "wanted"), CONSUMERS)
def test_a_rule_brings_what_its_consumer_wants_and_nothing_else(
    service: str, rule: str, reader: Callable[[str], Any], wanted: set[str]
) -> None:
    pattern = rule_pattern(service, rule)
    brought = {name for name, event in GOLDEN.items() if pattern.matches_event(on_the_bus(event))}
    assert brought == wanted
    assert all(reader(json.dumps(GOLDEN[name])) for name in wanted)


@pytest.mark.parametrize(("service", "rule", "reader", "wanted"), CONSUMERS)
def test_a_reader_ignores_what_it_does_not_know(
    service: str, rule: str, reader: Callable[[str], Any], wanted: set[str]
) -> None:
    for name in wanted:
        event = GOLDEN[name]
        richer = {**event, "new": 1, "data": {**event["data"], "new": {"deep": True}}}
        assert reader(json.dumps(richer)) is not None


@pytest.mark.parametrize(("service", "rule", "reader", "wanted"), CONSUMERS)
def test_an_unknown_version_is_brought_and_refused_not_lost(
    service: str, rule: str, reader: Callable[[str], Any], wanted: set[str]
) -> None:
    pattern = rule_pattern(service, rule)
    for name in wanted:
        unknown = {**GOLDEN[name], "version": 99}
        assert pattern.matches_event(on_the_bus(unknown))
        with pytest.raises(MessageRejectedError):
            reader(json.dumps(unknown))


@pytest.mark.parametrize(("service", "rule", "reader", "wanted"), CONSUMERS)
def test_an_event_under_anothers_name_is_not_brought(
    service: str, rule: str, reader: Callable[[str], Any], wanted: set[str]
) -> None:
    pattern = rule_pattern(service, rule)
    for name in wanted:
        assert not pattern.matches_event(on_the_bus({**GOLDEN[name], "source": "hopcount.stranger"}))
