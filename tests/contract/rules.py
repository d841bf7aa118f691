"""The consumers' rules, read from the templates that deploy them."""

import json
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from moto.events.models import EventPattern
from tools.templates import read_template

from tests.support.stack import ROOT

SERVICES = sorted(path.parent.name for path in ROOT.glob("services/*/serverless.yml"))


@dataclass(frozen=True)
class Rule:
    """What one consumer wants of the bus, and which way it takes.

    Parameters
    ----------
    service, name
        Whose rule it is, and its logical id.
    pattern
        What it lets pass.
    queues
        Logical ids of the queues that it puts events into.
    functions
        Those of the service's functions that take from these queues, by their ids in serverless.yml.
    """

    service: str
    name: str
    pattern: Mapping[str, Any]
    queues: tuple[str, ...]
    functions: tuple[str, ...]

    def brings(self, envelope: Mapping[str, Any]) -> bool:
        """Tell whether the bus would hand it this event."""
        matches: Callable[[Any], bool] = EventPattern.load(json.dumps(self.pattern)).matches_event
        return matches(on_the_bus(envelope))


def rules() -> Iterator[Rule]:
    """Yield every rule of every service that listens to a bus: whichever file declares it, and however."""
    for service in SERVICES:
        template = read_template(ROOT / "services" / service / "serverless.yml")
        functions = template.get("functions") or {}
        for name, properties in _declared_rules(service, template):
            queues = tuple(_logical_id(target["Arn"]) for target in properties["Targets"])
            takers = [name for name, function in functions.items() if _sources(function) & set(queues)]
            yield Rule(service, name, properties["EventPattern"], queues, tuple(takers))
        for name, function in functions.items():
            for event in function.get("events") or ():
                if "eventBridge" in event and "pattern" in event["eventBridge"]:
                    yield Rule(service, name, event["eventBridge"]["pattern"], (), (name,))


def _declared_rules(service: str, template: Mapping[str, Any]) -> Iterator[tuple[str, Mapping[str, Any]]]:
    inline = template.get("resources") or {}
    parts = inline if isinstance(inline, list) else [inline]
    files = sorted((ROOT / "services" / service / "infra").glob("*.yml"))
    for part in [*(part for part in parts if isinstance(part, dict)), *map(read_template, files)]:
        for name, resource in (part.get("Resources") or {}).items():
            if resource["Type"] == "AWS::Events::Rule" and "EventPattern" in resource["Properties"]:
                yield name, resource["Properties"]


def _sources(function: Mapping[str, Any]) -> set[str]:
    return {
        _logical_id(event["sqs"]["arn"])
        for event in function.get("events") or ()
        if isinstance(event, dict) and "sqs" in event
    }


def _logical_id(arn: Any) -> str:
    """Return `Queue` of `!GetAtt Queue.Arn`."""
    return str(arn).split(".", maxsplit=1)[0]


def resources(service: str, file: str) -> dict[str, Any]:
    """Return what a file of a service's `infra` declares, by logical id."""
    declared: dict[str, Any] = read_template(ROOT / "services" / service / "infra" / file)["Resources"]
    return declared


def on_the_bus(envelope: Mapping[str, Any]) -> dict[str, Any]:
    """Return an envelope as the bus shows it to rules."""
    return {
        "source": envelope["source"],
        "detail-type": f"{envelope['type']}.v{envelope['version']}",
        "detail": envelope,
    }
