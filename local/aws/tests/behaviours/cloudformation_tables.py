"""A table's settings come from its template, its name is its own, and it goes with its stack."""

from typing import Any

import pytest

from tests.emulator import Emulator, unique


def resources(name: str, **settings: Any) -> dict[str, Any]:
    attribute = {"AttributeName": "id", "AttributeType": "S"}
    properties = {
        "TableName": name,
        "BillingMode": "PAY_PER_REQUEST",
        "AttributeDefinitions": [attribute],
        "KeySchema": [{"AttributeName": "id", "KeyType": "HASH"}],
        **settings,
    }
    return {"Table": {"Type": "AWS::DynamoDB::Table", "Properties": properties}}


ALL = {
    "TimeToLiveSpecification": {"AttributeName": "ttl", "Enabled": True},
    "PointInTimeRecoverySpecification": {"PointInTimeRecoveryEnabled": True},
    "SSESpecification": {"SSEEnabled": True},
    "DeletionProtectionEnabled": True,
}


def settings_of(aws: Emulator, name: str) -> tuple[str, str, str]:
    """Return the status of expiry, recovery and encryption."""
    dynamodb = aws.client("dynamodb")
    expiry = dynamodb.describe_time_to_live(TableName=name)["TimeToLiveDescription"]
    backups = dynamodb.describe_continuous_backups(TableName=name)["ContinuousBackupsDescription"]
    table = dynamodb.describe_table(TableName=name)["Table"]
    return (
        expiry["TimeToLiveStatus"],
        backups["PointInTimeRecoveryDescription"]["PointInTimeRecoveryStatus"],
        table.get("SSEDescription", {}).get("Status", "DISABLED"),
    )


def holds(aws: Emulator) -> None:
    name, dynamodb = unique("table"), aws.client("dynamodb")
    stack = aws.deploy(resources(name, **ALL))["StackName"]
    assert settings_of(aws, name) == ("ENABLED", "ENABLED", "ENABLED")
    dynamodb.put_item(TableName=name, Item={"id": {"S": "old"}, "ttl": {"N": "1000000000"}})
    dynamodb.put_item(TableName=name, Item={"id": {"S": "kept"}})

    with pytest.raises(AssertionError, match="already exists"):
        aws.deploy(resources(name))
    assert "Item" in dynamodb.get_item(TableName=name, Key={"id": {"S": "kept"}})

    aws.deploy(resources(name), stack)
    assert settings_of(aws, name) == ("DISABLED", "DISABLED", "DISABLED")
    assert "Item" in dynamodb.get_item(TableName=name, Key={"id": {"S": "kept"}})

    aws.deploy(resources(name, **ALL), stack)
    aws.remove(stack)
    assert name not in dynamodb.list_tables()["TableNames"]
