"""IAM sees the source and detail type of the events a caller puts on a bus.

AWS
    Fills ``events:source`` and ``events:detail-type`` for ``PutEvents``.
MiniStack
    Leaves them out: a ``StringEquals`` on them denies every call.
Here
    They are filled; a batch that mixes sources matches no single value, and is denied.
"""

import json
from typing import Any

from ministack.core import iam_actions

from local_aws.patching import Patch, targets_in

KEYS = {"events:source": "Source", "events:detail-type": "DetailType"}


def event_context(body: bytes) -> dict[str, Any]:
    """Return the condition keys that a ``PutEvents`` request carries."""
    try:
        request = json.loads(body or b"{}")
    except ValueError:
        return {}
    entries = request.get("Entries") if isinstance(request, dict) else None
    entries = [entry for entry in entries or [] if isinstance(entry, dict)]
    values = {key: sorted({str(entry.get(field, "")) for entry in entries}) for key, field in KEYS.items()}
    return {key: found[0] if len(found) == 1 else found for key, found in values.items() if found}


def apply() -> None:
    """Extend the context that goes with every request."""
    base_context = iam_actions.request_tag_context

    def request_context(service: str, iam_action: str, body: bytes, params: dict[str, Any]) -> dict[str, Any]:
        context: dict[str, Any] = base_context(service, iam_action, body, params)
        return {**context, **event_context(body)} if iam_action == "events:PutEvents" else context

    iam_actions.request_tag_context = request_context


PATCH = Patch(
    name="iam-event-conditions",
    targets=(
        targets_in("ministack.core.iam_actions", {"request_tag_context": "d46adb816e02"})
        + targets_in("ministack.app", {"_dispatch_service_request": "17e5ef6dcfa0"})
    ),
    apply=apply,
)
