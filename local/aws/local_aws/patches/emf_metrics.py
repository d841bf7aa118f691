"""Log lines in CloudWatch's embedded metric format become metrics.

AWS
    A JSON line with ``_aws.CloudWatchMetrics`` is extracted into metrics as it is ingested.
MiniStack
    Stores the line and nothing else.
Here
    Each named value becomes a datum, once per dimension set; the line is stored as before.
"""

import json
from collections.abc import Iterator
from typing import Any

from ministack.services import cloudwatch, cloudwatch_logs

from local_aws.patching import Patch, targets_in

MARK = '"CloudWatchMetrics"'


def parsed(message: str) -> dict[str, Any]:
    """Return the metric document in the line, or an empty one where there is none."""
    start = message.find("{")
    if start < 0 or MARK not in message:
        return {}
    try:
        document = json.loads(message[start:])
    except ValueError:
        return {}
    directives = document.get("_aws") if isinstance(document, dict) else None
    return document if isinstance(directives, dict) and "Timestamp" in directives else {}


def data(document: dict[str, Any]) -> Iterator[tuple[str, str, dict[str, str], str, float]]:
    """Yield namespace, name, dimensions, unit and value of every datum the document holds."""
    for directive in (document.get("_aws") or {}).get("CloudWatchMetrics", []):
        for names in directive.get("Dimensions") or [[]]:
            dimensions = {name: str(document[name]) for name in names if name in document}
            for metric in directive.get("Metrics", []):
                values = document.get(metric["Name"])
                for value in values if isinstance(values, list) else [values]:
                    if isinstance(value, int | float):
                        unit = metric.get("Unit", "None")
                        yield directive["Namespace"], metric["Name"], dimensions, unit, value


def apply() -> None:
    """Read every batch of log events on its way to the store."""
    store = cloudwatch_logs._append_log_events

    def append(stream: dict[str, Any], events: list[dict[str, Any]]) -> None:
        for event in events:
            document = parsed(event.get("message", ""))
            for namespace, name, dimensions, unit, value in data(document):
                seconds = document["_aws"]["Timestamp"] / 1000
                cloudwatch._store_datum(namespace, name, dimensions, seconds, unit, value, None, None, None)
        store(stream, events)

    cloudwatch_logs._append_log_events = append


PATCH = Patch(
    name="emf-metrics",
    targets=(
        targets_in("ministack.services.cloudwatch_logs", {"_append_log_events": "e47cae7a15a4"})
        + targets_in("ministack.services.cloudwatch", {"_store_datum": "e0194e701d56"})
    ),
    apply=apply,
)
