"""A replay reaches only the rules it names.

AWS
    ``StartReplay`` with ``Destination.FilterArns`` sends the archived events to those rules alone.
MiniStack
    Sends them to every rule of the bus.
Here
    Rules that are not named are passed over.
"""

from typing import Any

from ministack.services import eventbridge

from local_aws.patching import Patch, targets_in


def wanted_rules(event: dict[str, Any]) -> list[str]:
    """Return the ARNs of the rules that the event's replay names; none means every rule."""
    replay = eventbridge._replays.get(event.get("ReplayName") or "") or {}
    return (replay.get("Destination") or {}).get("FilterArns") or []


def apply() -> None:
    """Stand in front of the delivery to a target."""
    deliver = eventbridge._invoke_target

    def invoke_target(
        target: dict[str, Any], event: dict[str, Any], rule: dict[str, Any], view: Any = None
    ) -> None:
        wanted = wanted_rules(event)
        if not wanted or rule.get("Arn") in wanted:
            deliver(target, event, rule, view)

    eventbridge._invoke_target = invoke_target


PATCH = Patch(
    name="eventbridge-replay-filter",
    targets=targets_in(
        "ministack.services.eventbridge",
        {
            "_invoke_target": "550e304af080",
            "_start_replay": "1ea7cca397a7",
        },
    ),
    apply=apply,
)
