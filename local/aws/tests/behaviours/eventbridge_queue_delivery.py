"""A rule reaches a queue only by the queue's policy; what it may not deliver goes to its own DLQ."""

import json
from typing import Any

from tests.emulator import Emulator, unique


def policy(queue_arn: str, rule_arn: str) -> str:
    statement = {
        "Effect": "Allow",
        "Principal": {"Service": "events.amazonaws.com"},
        "Action": "sqs:SendMessage",
        "Resource": queue_arn,
        "Condition": {"ArnEquals": {"aws:SourceArn": rule_arn}},
    }
    return json.dumps({"Version": "2012-10-17", "Statement": [statement]})


def holds(aws: Emulator) -> None:
    events, sqs, bus = aws.client("events"), aws.client("sqs"), unique("bus")
    events.create_event_bus(Name=bus)
    pattern = json.dumps({"source": ["hopcount.redirect"]})
    rule_arn = events.put_rule(Name=bus, EventBusName=bus, EventPattern=pattern)["RuleArn"]
    queue_url, queue_arn = aws.queue()
    dlq_url, dlq_arn = aws.queue()
    sqs.set_queue_attributes(QueueUrl=dlq_url, Attributes={"Policy": policy(dlq_arn, rule_arn)})
    target = {"Id": "q", "Arn": queue_arn, "InputPath": "$.detail", "DeadLetterConfig": {"Arn": dlq_arn}}
    events.put_targets(Rule=bus, EventBusName=bus, Targets=[target])

    def publish(detail: dict[str, Any]) -> None:
        entry = {"EventBusName": bus, "Source": "hopcount.redirect", "DetailType": "LinkClicked.v1"}
        events.put_events(Entries=[{**entry, "Detail": json.dumps(detail)}])

    publish({"id": "refused"})
    refused = aws.eventually(lambda: aws.received(dlq_url))[0]
    assert json.loads(refused["Body"])["detail"] == {"id": "refused"}
    attributes = {name: value["StringValue"] for name, value in refused["MessageAttributes"].items()}
    assert attributes == {"ERROR_CODE": "NO_PERMISSIONS", "RULE_ARN": rule_arn, "TARGET_ARN": queue_arn}

    other_rule = rule_arn.replace(":rule/", ":rule/other-")
    sqs.set_queue_attributes(QueueUrl=queue_url, Attributes={"Policy": policy(queue_arn, other_rule)})
    publish({"id": "refused too"})
    aws.eventually(lambda: aws.received(dlq_url))
    assert aws.received(queue_url) == []

    sqs.set_queue_attributes(QueueUrl=queue_url, Attributes={"Policy": policy(queue_arn, rule_arn)})
    publish({"id": "allowed"})
    allowed = aws.eventually(lambda: aws.received(queue_url))[0]
    assert json.loads(allowed["Body"]) == {"id": "allowed"}
