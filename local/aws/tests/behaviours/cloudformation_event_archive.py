"""A template creates, changes and removes an archive, and events reach it."""

import json
from typing import Any

from tests.emulator import Emulator, unique


def resources(bus: str, days: int) -> dict[str, Any]:
    return {
        "Bus": {"Type": "AWS::Events::EventBus", "Properties": {"Name": bus}},
        "Archive": {
            "Type": "AWS::Events::Archive",
            "Properties": {
                "ArchiveName": f"{bus}-archive",
                "SourceArn": {"Fn::GetAtt": ["Bus", "Arn"]},
                "EventPattern": {"source": ["hopcount.redirect"]},
                "RetentionDays": days,
            },
        },
    }


def holds(aws: Emulator) -> None:
    bus, events = unique("bus"), aws.client("events")
    outputs: dict[str, Any] = {"Name": {"Ref": "Archive"}, "Arn": {"Fn::GetAtt": ["Archive", "Arn"]}}
    stack = aws.deploy(resources(bus, 7), **outputs)
    assert stack["Name"] == f"{bus}-archive"
    assert stack["Arn"].endswith(f":archive/{bus}-archive")
    for source in ("hopcount.redirect", "hopcount.links"):
        detail = json.dumps({"id": "a:1"})
        entry = {"EventBusName": bus, "Source": source, "DetailType": "LinkClicked.v1", "Detail": detail}
        events.put_events(Entries=[entry])
    assert events.describe_archive(ArchiveName=stack["Name"])["EventCount"] == 1
    aws.deploy(resources(bus, 30), stack["StackName"], **outputs)
    changed = events.describe_archive(ArchiveName=stack["Name"])
    assert (changed["RetentionDays"], changed["EventCount"]) == (30, 1)
    aws.remove(stack["StackName"])
    assert not events.list_archives(NamePrefix=bus)["Archives"]
