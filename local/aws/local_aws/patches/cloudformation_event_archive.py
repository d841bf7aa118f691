"""A template can create an EventBridge archive.

AWS
    ``AWS::Events::Archive`` is a resource type.
MiniStack
    Has the archive's API and no resource type: the stack fails.
Here
    The type is provisioned through that API.
"""

import json
from typing import Any

from ministack.services import eventbridge
from ministack.services.cloudformation import provisioners

from local_aws.patching import Patch, targets_in

Properties = dict[str, Any]


def _request(name: str, properties: Properties) -> Properties:
    pattern = properties.get("EventPattern") or ""
    return {
        "ArchiveName": name,
        "EventSourceArn": properties["SourceArn"],
        "Description": properties.get("Description", ""),
        "EventPattern": json.dumps(pattern) if isinstance(pattern, dict) else pattern,
        "RetentionDays": int(properties.get("RetentionDays") or 0),
    }


def _attributes(response: Any) -> Properties:
    status, _headers, body = response
    if status >= 400:
        raise ValueError(f"AWS::Events::Archive: {body!r}")
    return {"Arn": json.loads(body)["ArchiveArn"]}


def create(logical_id: str, properties: Properties, stack_name: str) -> tuple[str, Properties]:
    """Create the archive; CloudFormation's reference to it is its name."""
    name = properties.get("ArchiveName") or provisioners._physical_name(stack_name, logical_id, max_len=48)
    attributes = _attributes(eventbridge._create_archive(_request(name, properties)))
    return name, {"ArchiveName": name, **attributes}


def update(physical_id: str, old: Properties, new: Properties, stack_name: str) -> tuple[str, Properties]:
    """Change the archive in place; a new bus means a new archive, which AWS makes by replacement."""
    if new["SourceArn"] != old["SourceArn"]:
        delete(physical_id, old)
        return create(physical_id, {"ArchiveName": physical_id, **new}, stack_name)
    attributes = _attributes(eventbridge._update_archive(_request(physical_id, new)))
    return physical_id, {"ArchiveName": physical_id, **attributes}


def delete(physical_id: str, properties: Properties) -> None:
    """Remove the archive and its events; it may be gone already."""
    del properties
    eventbridge._archives.pop(physical_id, None)


def apply() -> None:
    """Register the resource type."""
    provisioners._RESOURCE_HANDLERS["AWS::Events::Archive"] = {
        "create": create,
        "update": update,
        "delete": delete,
    }


PATCH = Patch(
    name="cloudformation-event-archive",
    targets=(
        targets_in(
            "ministack.services.eventbridge",
            {
                "_create_archive": "e6dd5c7fb01e",
                "_update_archive": "4c1dec7d1a4c",
            },
        )
        + targets_in(
            "ministack.services.cloudformation.provisioners",
            {
                "_provision_resource": "3b8f01fb1871",
                "_physical_name": "aeef5b394ad2",
            },
        )
    ),
    apply=apply,
)
