"""JSON Schemas of what is published, made from the publishers' own models, and what may change in them.

A schema describes every event of its version that was ever published, since the archive holds them all.
So within a version only two things may change: what the words say, and that a field is added which readers
may find missing. All else is a new version.
"""

import hashlib
import inspect
import json
import re
from collections.abc import Iterator, Mapping
from typing import Any

from pydantic import BaseModel

from hopcount_shared.events import Envelope
from redirect.events import Event
from tests.support.stack import ROOT

Schema = dict[str, Any]

DIALECT = "https://json-schema.org/draft/2020-12/schema"
BY_HAND = ROOT / "services" / "redirect" / "schemas"
"""Of events whose publisher has no models to make a schema from."""

_ANNOTATIONS = ("title", "description", "$schema", "default", "examples")


def schema_of(event: Envelope[Any] | Event) -> Schema:
    """Return the schema of an event's type and version."""
    if isinstance(event, Event):
        written: Schema = json.loads((BY_HAND / f"{event.detail_type}.json").read_text())
        return written
    return _of_envelope(event)


def _of_envelope(event: Envelope[Any]) -> Schema:
    properties = _properties(Envelope, leave_out="data")
    for name in ("type", "version", "source"):
        properties[name] = {"description": properties[name]["description"], "const": getattr(event, name)}
    data = type(event.data)
    made = data.model_json_schema(by_alias=True)
    properties["data"] = {
        "description": _summary(data),
        "type": "object",
        "required": made["required"],
        "properties": _properties(data),
    }
    return {
        "$schema": DIALECT,
        "title": event.detail_type,
        # A publisher may give each event a class, or make plain envelopes around its data.
        "description": _summary(data if type(event).__name__.startswith("Envelope") else type(event)),
        "type": "object",
        "required": list(properties),  # an envelope is written whole, what is unknown as null
        "properties": properties,
    }


def _properties(model: type[BaseModel], leave_out: str = "") -> Schema:
    """Return the schema of each field, with what the model's docstring says of it."""
    made = model.model_json_schema(by_alias=True)
    inlined = _inline(made, made.get("$defs", {}))["properties"]
    meanings = _meanings(model)
    return {
        name: {"description": meanings.get(name, ""), **property_}
        for name, property_ in inlined.items()
        if name != leave_out
    }


def _inline(node: Any, definitions: Mapping[str, Any]) -> Any:
    """Put what is referred to in its place, and leave out the titles that pydantic makes of names."""
    if isinstance(node, list):
        return [_inline(part, definitions) for part in node]
    if not isinstance(node, dict):
        return node
    if "$ref" in node:
        return _inline(_described(definitions[node["$ref"].rpartition("/")[2]]), definitions)
    return {
        name: {key: _inline(part, definitions) for key, part in value.items()}
        if name == "properties"
        else _inline(value, definitions)
        for name, value in node.items()
        if name not in {"$defs", "title", "default"}
    }


def _described(model: Schema) -> Schema:
    """Return the schema of a model within a model, with what its docstring says of each of its fields."""
    text = model["description"]
    meanings = _parameters(text)
    properties = {name: {"description": meanings[name], **said} for name, said in model["properties"].items()}
    return {**model, "description": _first_paragraph(text), "properties": properties}


def _summary(model: type[Any]) -> str:
    return _first_paragraph(inspect.cleandoc(model.__doc__ or ""))


def _first_paragraph(text: str) -> str:
    return text.partition("\n\n")[0].replace("\n", " ")


def _meanings(model: type[BaseModel]) -> dict[str, str]:
    """Return what a model's docstring says of its fields, by their names outside."""
    said = _parameters(inspect.cleandoc(model.__doc__ or ""))
    return {model.model_fields[name].alias or name: meaning for name, meaning in said.items()}


def _parameters(text: str) -> dict[str, str]:
    described: dict[str, str] = {}
    _, _, parameters = text.partition("Parameters\n----------\n")
    for names, meaning in re.findall(r"^(\w[\w, ]*)\n((?:    .*\n?)+)", parameters, re.MULTILINE):
        described |= dict.fromkeys(names.split(", "), " ".join(meaning.split()))
    return described


def breaks(old: Schema, new: Schema) -> list[str]:
    """Return what a reader, of the bus or of the archive, could no longer rely on; nothing if all is well."""
    return list(_breaks("", old, new))


def _breaks(path: str, old: Any, new: Any) -> Iterator[str]:
    before, after = _constraints(old), _constraints(new)
    if before != after:
        yield f"{path or 'the event'}: {before} became {after}"
    for name, property_ in old.get("properties", {}).items():
        if name not in new.get("properties", {}):
            yield f"{path}{name}: is gone"
        else:
            yield from _breaks(f"{path}{name}.", property_, new["properties"][name])
    if "items" in old and "items" in new:
        yield from _breaks(f"{path}items.", old["items"], new["items"])


def _constraints(schema: Any) -> Any:
    """Return what a schema demands, its properties and items aside, in one order."""
    kept = {key: part for key, part in schema.items() if key not in {*_ANNOTATIONS, "properties", "items"}}
    if "required" in kept:
        kept["required"] = sorted(kept["required"])
    return kept


def promise(schema: Schema) -> Any:
    """Return what a reader may rely on for ever: required fields and their constraints, without the words."""
    required = set(schema.get("required", ()))
    items = {"items": promise(schema["items"])} if "items" in schema else {}
    return {
        **_constraints(schema),
        **items,
        "properties": {
            name: promise(part) for name, part in schema.get("properties", {}).items() if name in required
        },
    }


def digest(content: Any) -> str:
    """Return a name of a JSON value that changes with it."""
    text = json.dumps(content, sort_keys=True, separators=(",", ":"), ensure_ascii=True)
    return hashlib.sha256(text.encode()).hexdigest()
