"""The pages of docs/events: one for each kind of event, and the table of all."""

import json
from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any

from tests.contract.rules import Rule
from tests.contract.schemas import Schema

MADE = "<!-- Made by `make events` from the publishers' code and the consumers' rules. Do not edit. -->\n"

INTRODUCTION = """\
What the services tell each other: facts in the past tense, each in one envelope (`id`, `type`, `version`,
`source`, `time`, `correlationId`, `data`), on one bus. The bus entry's detail type is
`<type>.v<version>`, its source is `source`, its detail is the envelope. The archive keeps them for 90 days,
but for those that say otherwise."""

RULES_OF_THE_BUS = """\
The publisher owns the schema; the consumer owns its rule, its queue, and a reader that takes what it
needs. Delivery is at least once and in no order: an event's `id` names the fact, so that whoever gets it
twice can tell.

To subscribe, put a rule on the bus (SSM has its name, `/hopcount/<stage>/platform/event-bus-name`) that
names the source and the prefix of the detail type. By prefix, so that a version which you cannot read yet
ends in your dead-letter queue and not nowhere:

```json
{"source": ["hopcount.links"], "detail-type": [{"prefix": "LinkCreated."}]}
```"""

GROWTH = """\
Schema: [schemas/{name}.json](schemas/{name}.json) (JSON Schema 2020-12). A reader ignores what it does
not know: a version may gain fields, and never loses or changes one."""


def page(schema: Schema, example: Mapping[str, Any], rules: Iterable[Rule], *, current: bool) -> str:
    """Return the page of one kind of event.

    Parameters
    ----------
    schema, example
        What it promises, and one that keeps it.
    rules
        Of all consumers.
    current
        Whether it is published today; otherwise it is in the archive only.
    """
    name, source = schema["title"], schema["properties"]["source"]["const"]
    publisher = source.removeprefix("hopcount.")
    who = f"Published by [{publisher}](../../services/{publisher}/README.md)"
    lines = [
        MADE,
        f"# {name}",
        "",
        schema["description"],
        "",
        f"{who} as `{source}`." if current else f"{who} once, and in the archive still; not any more.",
        "",
        "## Who reads it",
        "",
        *_readers(example, rules),
        "",
        "## Fields",
        "",
        "| field | type | always | |",
        "|---|---|---|---|",
        *_fields(schema),
        "",
        GROWTH.format(name=name),
        "",
        "## Example",
        "",
        "```json",
        json.dumps(example, indent=2, ensure_ascii=False),
        "```",
    ]
    return "\n".join(lines) + "\n"


def index(schemas: Mapping[str, Schema], unpublished: Mapping[str, Any], rules: Sequence[Rule]) -> str:
    """Return the table of all events.

    Parameters
    ----------
    schemas
        Of each kind that was ever published.
    unpublished
        Events that somebody reads in advance.
    rules
        Of all consumers.
    """
    lines = [
        MADE,
        "# Events",
        "",
        INTRODUCTION,
        "",
        "| event | says | published by | read by |",
        "|---|---|---|---|",
    ]
    for name, schema in schemas.items():
        properties = schema["properties"]
        envelope = {key: properties[key]["const"] for key in ("source", "type", "version")}
        publisher = envelope["source"].removeprefix("hopcount.")
        lines.append(
            f"| [{name}]({name}.md) | {schema['description']} | {publisher} | {_services(envelope, rules)} |"
        )
    for name, event in unpublished.items():
        lines.append(f"| {name} | | nobody yet | {_services(event, rules)} |")
    lines += ["", RULES_OF_THE_BUS]
    return "\n".join(lines) + "\n"


def _services(event: Mapping[str, Any], rules: Iterable[Rule]) -> str:
    event = {"data": {}, **event}
    return ", ".join(sorted({rule.service for rule in rules if rule.brings(event)})) or "nobody of us"


def _readers(event: Mapping[str, Any], rules: Iterable[Rule]) -> Iterator[str]:
    found = False
    for rule in rules:
        if rule.brings(event):
            found = True
            way = " -> ".join(f"`{step}`" for step in (rule.name, *rule.queues, *rule.functions))
            yield f"- [{rule.service}](../../services/{rule.service}/README.md): {way}"
    if not found:
        yield "Nobody of us: it is for whoever subscribes."


def _fields(schema: Schema, prefix: str = "") -> Iterator[str]:
    required = schema["required"]
    for name, property_ in schema["properties"].items():
        always = "yes" if name in required else "no"
        yield f"| `{prefix}{name}` | {_type(property_)} | {always} | {property_['description']} |"
        if "properties" in property_:
            yield from _fields(property_, f"{prefix}{name}.")
        elif "properties" in property_.get("items", {}):
            yield from _fields(property_["items"], f"{prefix}{name}[].")


def _type(property_: Schema) -> str:
    if "const" in property_:
        return f"`{json.dumps(property_['const'])}`"
    if "anyOf" in property_:
        return " or ".join(_type(choice) for choice in property_["anyOf"])
    if property_.get("format") == "date-time":
        return "time, UTC"
    return str(property_["type"])
