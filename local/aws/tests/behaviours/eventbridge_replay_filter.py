"""A replay that names a rule reaches that rule alone."""

import json
from datetime import UTC, datetime, timedelta

from tests.behaviours.eventbridge_queue_delivery import policy
from tests.emulator import Emulator, unique


def holds(aws: Emulator) -> None:
    events, sqs, bus = aws.client("events"), aws.client("sqs"), unique("bus")
    bus_arn = events.create_event_bus(Name=bus)["EventBusArn"]
    events.create_archive(ArchiveName=bus, EventSourceArn=bus_arn)
    queues: list[tuple[str, str]] = []
    for name in ("wanted", "other"):
        pattern = json.dumps({"source": ["hopcount.redirect"]})
        rule_arn = events.put_rule(Name=name, EventBusName=bus, EventPattern=pattern)["RuleArn"]
        url, arn = aws.queue()
        sqs.set_queue_attributes(QueueUrl=url, Attributes={"Policy": policy(arn, rule_arn)})
        events.put_targets(Rule=name, EventBusName=bus, Targets=[{"Id": "q", "Arn": arn}])
        queues.append((url, rule_arn))
    (wanted, wanted_rule), (other, _) = queues
    entry = {
        "EventBusName": bus,
        "Source": "hopcount.redirect",
        "DetailType": "LinkClicked.v1",
        "Detail": "{}",
    }
    events.put_events(Entries=[entry])
    assert len(aws.eventually(lambda: aws.received(wanted))) == 1
    assert len(aws.eventually(lambda: aws.received(other))) == 1

    now = datetime.now(UTC)
    events.start_replay(
        ReplayName=bus,
        EventSourceArn=events.describe_archive(ArchiveName=bus)["ArchiveArn"],
        EventStartTime=now - timedelta(minutes=5),
        EventEndTime=now + timedelta(minutes=5),
        Destination={"Arn": bus_arn, "FilterArns": [wanted_rule]},
    )
    replayed = aws.eventually(lambda: aws.received(wanted))
    assert json.loads(replayed[0]["Body"])["replay-name"] == bus
    aws.eventually(lambda: events.describe_replay(ReplayName=bus)["State"] == "COMPLETED")
    assert aws.received(other) == []
