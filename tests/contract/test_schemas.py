"""What is published is described, the description is true, and no promise to a reader is broken."""

import copy
import importlib
import inspect
import json
from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from jsonschema import Draft202012Validator, FormatChecker
from pydantic import BaseModel

from hopcount_shared.events import Envelope, EventData
from redirect.domain.link import Link, is_code
from redirect.domain.visit import read_visit
from redirect.events import link_clicked
from tests.contract import catalogue
from tests.contract.publishers import published
from tests.contract.rules import SERVICES
from tests.contract.schemas import BY_HAND, Schema, breaks, digest, promise, schema_of
from tests.support.stack import ROOT

RECORDED = catalogue.recorded_schemas()
GOLDEN = catalogue.golden()
DIGESTS = catalogue.digests()


def validate(event: Any, schema: Schema) -> None:
    Draft202012Validator(schema, format_checker=FormatChecker()).validate(event)


def test_the_catalogue_is_current() -> None:
    written = {
        str(path.relative_to(catalogue.FOLDER)): path.read_text()
        for path in catalogue.FOLDER.rglob("*")
        if path.is_file()
    }
    assert written == catalogue.files(), "`make events` renews docs/events"


@pytest.mark.parametrize("name", sorted(RECORDED))
def test_a_schema_is_one_and_says_what_every_field_means(name: str) -> None:
    schema = RECORDED[name]
    Draft202012Validator.check_schema(schema)

    def check(node: Schema) -> None:
        assert node["description"], node
        for property_ in node.get("properties", {}).values():
            check(property_)
        if "properties" in node.get("items", {}):
            check(node["items"])

    check(schema)


@pytest.mark.parametrize("name", sorted(GOLDEN))
def test_a_golden_event_keeps_its_schema(name: str) -> None:
    if catalogue.kind(name) in RECORDED:  # the others are read in advance, and published by nobody
        validate(GOLDEN[name], RECORDED[catalogue.kind(name)])


def test_every_version_that_was_ever_published_has_a_golden_event() -> None:
    assert set(RECORDED) <= {catalogue.kind(name) for name in GOLDEN}


def test_nothing_recorded_was_changed_or_lost() -> None:
    assert {name: digest(event) for name, event in GOLDEN.items()} == DIGESTS["goldens"], "`make events`"
    assert {name: digest(promise(schema)) for name, schema in RECORDED.items()} == DIGESTS["promises"]


def test_no_reader_of_a_published_version_breaks() -> None:
    assert not catalogue.refusals()


def models_of_publishers() -> Iterator[type[BaseModel]]:
    """Yield what the services' `events` modules say that they publish: data, and envelopes of their own."""
    for service in SERVICES:
        if (ROOT / "services" / service / service / "events.py").exists():
            for _, model in inspect.getmembers(importlib.import_module(f"{service}.events"), inspect.isclass):
                if issubclass(model, BaseModel) and (is_data(model) or is_envelope_of_one_type(model)):
                    yield model


def is_data(model: type[BaseModel]) -> bool:
    return issubclass(model, EventData) and model is not EventData


def is_envelope_of_one_type(model: type[BaseModel]) -> bool:
    return issubclass(model, Envelope) and isinstance(model.model_fields["type"].default, str)


def test_every_model_of_a_publisher_is_among_what_is_published() -> None:
    made = [event for event in published() if isinstance(event, Envelope)]
    known = {type(event) for event in made} | {type(event.data) for event in made}
    lists = [said for event in made for _, said in event.data if isinstance(said, tuple)]
    assert set(models_of_publishers()) <= known | {type(part) for said in lists for part in said}


def test_every_schema_by_hand_is_of_something_published() -> None:
    assert {path.stem for path in BY_HAND.glob("*.json")} <= {event.detail_type for event in published()}


codes = st.from_regex(r"[A-Za-z0-9_-]{1,64}", fullmatch=True)
headers = st.text() | st.from_regex(r"[A-Za-z]{2}(-[A-Za-z]{2})?|https?://[a-z.]+/.*", fullmatch=True)


@settings(deadline=None)
@given(
    code=codes,
    visit=st.fixed_dictionaries(
        {},
        optional=dict.fromkeys(
            ("cloudfront-viewer-country", "user-agent", "referer", "accept-language"), headers
        ),
    ),
    number=st.tuples(st.from_regex(r"[0-9A-Za-z]{22}", fullmatch=True), st.integers(0, 2**53 - 1)),
    occurred_at=st.datetimes(min_value=datetime(2020, 1, 1), timezones=st.just(UTC)),  # noqa: DTZ001  # hypothesis adds the zone
    request=st.none() | st.text(),
)
def test_whatever_the_redirect_publishes_keeps_the_schema_written_for_it(
    code: str, visit: dict[str, str], number: tuple[str, int], occurred_at: datetime, request: str | None
) -> None:
    assert is_code(code)
    event = link_clicked(
        Link(code, "https://example.com/", "owner"), read_visit(visit), number, occurred_at, request
    )
    validate(json.loads(event.to_json()), RECORDED["LinkClicked.v1"])


def test_the_schema_by_hand_names_every_field_that_is_published() -> None:
    event = next(event for event in published() if event.detail_type == "LinkClicked.v1")
    schema, said = schema_of(event), json.loads(event.to_json())
    assert set(said) == set(schema["properties"]) == set(schema["required"])
    data = schema["properties"]["data"]
    assert set(said["data"]) == set(data["properties"]) == set(data["required"])


def data_of(schema: Schema) -> Schema:
    data: Schema = schema["properties"]["data"]
    return data


def gains_a_field(schema: Schema) -> None:
    data_of(schema)["properties"]["more"] = {"type": "string"}


def says_it_in_other_words(schema: Schema) -> None:
    data_of(schema)["properties"]["shortCode"]["description"] = "otherwise"


def loses_a_field(schema: Schema) -> None:
    del data_of(schema)["properties"]["originalUrl"]


def changes_a_type(schema: Schema) -> None:
    data_of(schema)["properties"]["shortCode"]["type"] = "integer"


def may_miss_a_field(schema: Schema) -> None:
    data_of(schema)["required"].remove("shortCode")


def demands_a_field_that_old_events_lack(schema: Schema) -> None:
    gains_a_field(schema)
    data_of(schema)["required"].append("more")


def widens_a_field(schema: Schema) -> None:
    data_of(schema)["properties"]["shortCode"]["maxLength"] += 1


Change = Callable[[Schema], None]


@pytest.mark.parametrize("change", [gains_a_field, says_it_in_other_words])
def test_a_version_may_grow(change: Change) -> None:
    changed = copy.deepcopy(RECORDED["LinkCreated.v1"])
    change(changed)
    assert breaks(RECORDED["LinkCreated.v1"], changed) == []
    assert promise(changed) == promise(RECORDED["LinkCreated.v1"])


@pytest.mark.parametrize(
    "change",
    [loses_a_field, changes_a_type, may_miss_a_field, demands_a_field_that_old_events_lack, widens_a_field],
)
def test_a_version_may_not_break_its_readers(change: Change) -> None:
    changed = copy.deepcopy(RECORDED["LinkCreated.v1"])
    change(changed)
    assert breaks(RECORDED["LinkCreated.v1"], changed)
    assert promise(changed) != promise(RECORDED["LinkCreated.v1"])


def items_of(schema: Schema) -> Schema:
    items: Schema = data_of(schema)["properties"]["events"]["items"]
    return items


def test_what_lists_hold_may_grow_and_not_break_either() -> None:
    recorded = RECORDED["AppUsed.v1"]
    grown, broken = copy.deepcopy(recorded), copy.deepcopy(recorded)
    items_of(grown)["properties"]["more"] = {"type": "string"}
    items_of(grown)["properties"]["hour"]["description"] = "otherwise"
    del items_of(broken)["properties"]["hour"]
    assert (breaks(recorded, grown), promise(grown)) == ([], promise(recorded))
    assert breaks(recorded, broken) == ["data.events.items.hour: is gone"]
    assert promise(broken) != promise(recorded)
