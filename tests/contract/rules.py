"""The consumers' rules, read from the templates that deploy them."""

import json
from typing import Any

import yaml
from moto.events.models import EventPattern

from tests.support.stack import ROOT


class _Loader(yaml.SafeLoader):
    """Reads a template; CloudFormation's tags (`!Ref`, `!GetAtt` ...) become what stands behind them."""


def _ignore_tag(loader: yaml.SafeLoader, _: str, node: yaml.Node) -> Any:
    if isinstance(node, yaml.ScalarNode):
        return loader.construct_scalar(node)
    if isinstance(node, yaml.SequenceNode):
        return loader.construct_sequence(node)
    return loader.construct_mapping(node) if isinstance(node, yaml.MappingNode) else None


_Loader.add_multi_constructor("!", _ignore_tag)


def resources(service: str, file: str) -> dict[str, Any]:
    """Return what a file of a service's `infra` declares, by logical id."""
    text = (ROOT / "services" / service / "infra" / file).read_text()
    declared: dict[str, Any] = yaml.load(text, Loader=_Loader)["Resources"]  # noqa: S506  # a SafeLoader that drops unknown tags
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
