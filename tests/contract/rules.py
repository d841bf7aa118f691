"""The consumers' rules, read from the templates that deploy them."""

import json
from typing import Any

from moto.events.models import EventPattern
from tools.templates import read_template

from tests.support.stack import ROOT


def resources(service: str, file: str) -> dict[str, Any]:
    """Return what a file of a service's `infra` declares, by logical id."""
    declared: dict[str, Any] = read_template(ROOT / "services" / service / "infra" / file)["Resources"]
    return declared


def rule_pattern(service: str, rule: str) -> EventPattern:
    """Return a rule's pattern as a matcher of events."""
    return EventPattern.load(json.dumps(resources(service, "queues.yml")[rule]["Properties"]["EventPattern"]))


def on_the_bus(envelope: dict[str, Any]) -> dict[str, Any]:
    """Return an envelope as the bus shows it to rules."""
    return {
        "source": envelope["source"],
        "detail-type": f"{envelope['type']}.v{envelope['version']}",
        "detail": envelope,
    }
