"""Publishers, rules and readers agree: on what is published today, and on what ever was.

`golden/` holds one event of each kind and version that was ever published. A file there never changes: a
consumer may still meet it in the archive. A new version of an event is a new file, and so is an event that
gained a field (`<Type>.v<N>.<what>.json`); `digests.json` and test_schemas.py hold them to that.
"""

import json
from collections.abc import Callable
from typing import Any

import pytest

from analytics.events import read_message
from hopcount_cli.ops.archive import RULES as REPLAYED
from hopcount_shared.errors import MessageRejectedError
from links.domain.user_events import read_user_deleted
from tests.contract.catalogue import golden, kind
from tests.contract.publishers import published
from tests.contract.rules import Rule, resources, rules
from users.domain.link_events import read_link_event
from web.events import read_app_used

GOLDEN = golden()
RULES = {(rule.service, rule.name): rule for rule in rules()}

# Who reads what: the rule that brings it, and the reader that takes it from the queue.
CONSUMERS: tuple[tuple[str, str, Callable[[str], Any], set[str]], ...] = (
    ("analytics", "ClickRule", read_message, {"LinkClicked.v1"}),
    ("analytics", "ErasureRule", read_message, {"LinkErased.v1", "UserDeleted.v1"}),
    ("links", "UserDeletedRule", read_user_deleted, {"UserDeleted.v1"}),
    (
        "users",
        "LinkEventsRule",
        read_link_event,
        {"LinkCreated.v1", "LinkDeleted.v1", "LinkRestored.v1"},
    ),
    ("web", "UsageRule", read_app_used, {"AppUsed.v1"}),
)


def test_every_rule_of_every_template_has_its_contract_here() -> None:
    assert set(RULES) == {(service, rule) for service, rule, _, _ in CONSUMERS}


def test_every_kind_of_event_has_a_golden_one() -> None:
    assert {event.detail_type for event in published()} <= set(GOLDEN)


@pytest.mark.parametrize("event", list(published()), ids=lambda event: event.detail_type)
def test_what_is_published_is_what_was_promised(event: Any) -> None:
    promised = [golden for name, golden in GOLDEN.items() if kind(name) == event.detail_type]
    assert json.loads(event.to_json()) in promised


@pytest.mark.parametrize(("service", "rule", "reader", "wanted"), CONSUMERS)
def test_a_rule_brings_what_its_consumer_wants_and_nothing_else(
    service: str, rule: str, reader: Callable[[str], Any], wanted: set[str]
) -> None:
    brought = {name for name, event in GOLDEN.items() if RULES[service, rule].brings(event)}
    assert {kind(name) for name in brought} == wanted
    assert all(reader(json.dumps(GOLDEN[name])) for name in brought)


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
    for name in wanted:
        unknown = {**GOLDEN[name], "version": 99}
        assert RULES[service, rule].brings(unknown)
        with pytest.raises(MessageRejectedError):
            reader(json.dumps(unknown))


@pytest.mark.parametrize(("service", "rule", "reader", "wanted"), CONSUMERS)
def test_an_event_under_anothers_name_is_not_brought(
    service: str, rule: str, reader: Callable[[str], Any], wanted: set[str]
) -> None:
    for name in wanted:
        assert not RULES[service, rule].brings({**GOLDEN[name], "source": "hopcount.stranger"})


def test_the_archive_keeps_every_fact_and_nothing_of_how_the_app_is_used() -> None:
    pattern = resources("platform", "event-bus.yml")["EventArchive"]["Properties"]["EventPattern"]
    archive = Rule("platform", "EventArchive", pattern, (), ())
    assert {kind(name) for name, event in GOLDEN.items() if not archive.brings(event)} == {"AppUsed.v1"}


def test_a_replay_brings_nobody_what_the_app_told() -> None:
    names = {name: ref for name, ref in exported_rules().items() if f"analytics/{name}" in REPLAYED}
    assert len(names) == len(REPLAYED)
    assert not any(RULES["analytics", rule].brings(GOLDEN["AppUsed.v1"]) for rule in names.values())


def exported_rules() -> dict[str, str]:
    """Return the rules that the engine tells operators of, by the last part of their parameter's name."""
    parameters = resources("analytics", "exports.yml").values()
    found = [(p["Properties"]["Name"], p["Properties"]["Value"]) for p in parameters]
    return {
        name.rpartition("/")[2]: value.removesuffix(".Arn")
        for name, value in found
        if name.endswith("-rule-arn")
    }
