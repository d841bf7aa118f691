"""A table from a template has the expiry, encryption and recovery it asks for.

AWS
    Applies ``TimeToLiveSpecification``, ``SSESpecification`` and ``PointInTimeRecoverySpecification``; fails
    on a name that is taken, and on deleting a table under deletion protection.
MiniStack
    Drops all three; silently replaces a table of the same name by an empty one, and deletes a protected one.
Here
    The settings go through the service's own API, and a name that is taken fails the stack. A protected table
    is still deleted with its stack, on purpose: any stage made on this machine can be removed again.
"""

from typing import Any

from ministack.services import dynamodb
from ministack.services.cloudformation import provisioners

from local_aws.patching import Patch, targets_in

Properties = dict[str, Any]


def _checked(response: Any) -> None:
    status, _headers, body = response
    if status >= 400:
        raise ValueError(f"AWS::DynamoDB::Table: {body!r}")


def set_expiry(name: str, properties: Properties) -> None:
    """Turn the expiry of items on, or off where there is none any more."""
    wanted = properties.get("TimeToLiveSpecification") or {}
    current = dynamodb._ttl_settings.get(name) or {}
    is_on = current.get("TimeToLiveStatus") == "ENABLED"
    if bool(wanted.get("Enabled")) != is_on:
        attribute = (wanted or current)["AttributeName"]
        specification = {"AttributeName": attribute, "Enabled": not is_on}
        _checked(dynamodb._update_ttl({"TableName": name, "TimeToLiveSpecification": specification}))


def set_recovery(name: str, properties: Properties) -> None:
    """Turn point-in-time recovery on or off."""
    specification = properties.get("PointInTimeRecoverySpecification") or {}
    request = {"TableName": name, "PointInTimeRecoverySpecification": specification}
    _checked(dynamodb._update_continuous_backups(request))


def set_encryption(name: str, properties: Properties) -> None:
    """Describe the encryption at rest; a template says ``SSEEnabled`` where the API says ``Enabled``."""
    specification = dict(properties.get("SSESpecification") or {})
    if specification:
        specification["Enabled"] = specification.pop("SSEEnabled", False)
    dynamodb._tables[name]["SSEDescription"] = dynamodb._sse_description_from_spec(specification)


def settle(name: str, properties: Properties) -> None:
    """Apply what the emulator's provisioner leaves out."""
    set_expiry(name, properties)
    set_recovery(name, properties)
    set_encryption(name, properties)


def apply() -> None:
    """Wrap the provisioner of tables."""
    handler = provisioners._RESOURCE_HANDLERS["AWS::DynamoDB::Table"]
    base_create, base_update, base_delete = handler["create"], handler["update"], handler["delete"]

    def create(logical_id: str, properties: Properties, stack_name: str) -> Any:
        if properties.get("TableName") in dynamodb._tables:
            raise ValueError(f"Table already exists: {properties['TableName']}")
        name, attributes = base_create(logical_id, properties, stack_name)
        settle(name, properties)
        return name, attributes

    def update(physical_id: str, old: Properties, new: Properties, *rest: Any, **named: Any) -> Any:
        encryption = {"SSESpecification": old.get("SSESpecification")}
        name, attributes = base_update(physical_id, old, {**new, **encryption}, *rest, **named)
        settle(name, new)
        return name, attributes

    def delete(physical_id: str, properties: Properties) -> None:
        base_delete(physical_id, properties)
        dynamodb._ttl_settings.pop(physical_id, None)
        dynamodb._pitr_settings.pop(physical_id, None)

    handler.update(create=create, update=update, delete=delete)


PATCH = Patch(
    name="cloudformation-tables",
    targets=targets_in(
        "ministack.services.cloudformation.provisioners",
        {"_ddb_create": "277586e016c6", "_ddb_update": "0665980ffdd0", "_ddb_delete": "33ee7316b2ca"},
    )
    + targets_in(
        "ministack.services.dynamodb",
        {
            "_update_ttl": "e8243a4fbbb8",
            "_update_continuous_backups": "4d306deca0a2",
            "_sse_description_from_spec": "190b59f83f13",
        },
    ),
    apply=apply,
)
