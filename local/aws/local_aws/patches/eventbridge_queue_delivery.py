"""A rule delivers to a queue only where the queue's policy lets it, else to the target's own DLQ.

AWS
    EventBridge sends as ``events.amazonaws.com`` with the rule as ``aws:SourceArn``; what cannot be
    delivered goes, as the whole event, to the target's ``DeadLetterConfig`` queue, the reason in message
    attributes.
MiniStack
    Ignores the queue's policy and the target's DLQ.
Here
    Both hold. A queue that does not exist counts as undeliverable too.
"""

import json
from typing import Any

from ministack.services import eventbridge, sqs

from local_aws.patching import Patch, targets_in

PRINCIPAL = "events.amazonaws.com"


def refusal(queue_arn: str, rule_arn: str) -> str | None:
    """Return EventBridge's error code for a delivery that would fail, else None."""
    if sqs._queue_by_arn(queue_arn) is None:
        return "QUEUE_DOES_NOT_EXIST"
    account = rule_arn.split(":")[4]
    return None if sqs.queue_policy_allows(queue_arn, PRINCIPAL, rule_arn, account) else "NO_PERMISSIONS"


def send_to_dlq(dlq_arn: str, event: dict[str, Any], details: dict[str, str]) -> None:
    """Put the whole event on the DLQ, with what went wrong beside it."""
    body = json.dumps(eventbridge._pattern_event_view(event).event_with_detail())
    queue = sqs._queue_by_arn(dlq_arn)
    eventbridge._dispatch_to_sqs(eventbridge.parse_arn(dlq_arn), body)
    for message in reversed(queue["messages"]):
        if message["body"] == body:
            message["message_attributes"] = {
                name: {"DataType": "String", "StringValue": value} for name, value in details.items()
            }
            break


def apply() -> None:
    """Stand in front of the delivery to a target."""
    deliver = eventbridge._invoke_target

    def invoke_target(
        target: dict[str, Any], event: dict[str, Any], rule: dict[str, Any], view: Any = None
    ) -> None:
        arn, rule_arn = target.get("Arn", ""), rule.get("Arn") or ""
        reason = refusal(arn, rule_arn) if ":sqs:" in arn and rule_arn else None
        if reason is None:
            deliver(target, event, rule, view)
            return
        eventbridge.logger.warning("EventBridge: %s was refused delivery to %s: %s", rule_arn, arn, reason)
        dlq_arn = (target.get("DeadLetterConfig") or {}).get("Arn")
        if dlq_arn and refusal(dlq_arn, rule_arn) is None:
            details = {"ERROR_CODE": reason, "RULE_ARN": rule_arn, "TARGET_ARN": arn}
            send_to_dlq(dlq_arn, event, details)

    eventbridge._invoke_target = invoke_target


PATCH = Patch(
    name="eventbridge-queue-delivery",
    targets=(
        targets_in(
            "ministack.services.eventbridge",
            {
                "_invoke_target": "550e304af080",
                "_dispatch_to_sqs": "eb75981283a2",
            },
        )
        + targets_in(
            "ministack.services.sqs",
            {
                "queue_policy_allows": "5de01aa09a4c",
                "_queue_by_arn": "b4981875c818",
            },
        )
    ),
    apply=apply,
)
