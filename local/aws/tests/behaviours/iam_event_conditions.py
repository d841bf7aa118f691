"""A policy on the source of an event lets that source through, and no other."""

from typing import Any

from botocore.exceptions import ClientError

from tests.emulator import ACCOUNT, REGION, Emulator, unique


def put(events: Any, bus: str, *sources: str) -> bool:
    """Put one event for each source; tell whether the caller was let through."""
    entry = {"EventBusName": bus, "DetailType": "LinkClicked.v1", "Detail": "{}"}
    try:
        answer = events.put_events(Entries=[{**entry, "Source": source} for source in sources])
    except ClientError as error:
        if error.response["Error"]["Code"] != "AccessDeniedException":
            raise
        return False
    assert answer["FailedEntryCount"] == 0
    return True


def holds(aws: Emulator) -> None:
    bus = unique("bus")
    aws.client("events").create_event_bus(Name=bus)
    rights = {
        "Action": "events:PutEvents",
        "Resource": f"arn:aws:events:{REGION}:{ACCOUNT}:event-bus/{bus}",
        "Condition": {"StringEquals": {"events:source": "hopcount.redirect"}},
    }
    events = aws.client("events", aws.session(aws.role(rights)))
    assert put(events, bus, "hopcount.redirect")
    assert put(events, bus, "hopcount.redirect", "hopcount.redirect")
    assert not put(events, bus, "hopcount.links")
    assert not put(events, bus, "hopcount.redirect", "hopcount.links")
