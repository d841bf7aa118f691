"""A batch is as large as the mapping allows, gathers for its window, and stays under Lambda's 6 MB."""

import json

from tests.emulator import Emulator

SOURCE = """
import json
def handler(event, context):
    print("BATCH", len(event["Records"]), len(json.dumps(event)))
"""
MESSAGES = 25
LARGE_MESSAGES = 8
LARGE_BODY = "x" * 900_000
CONSUME = {
    "Action": ["sqs:ReceiveMessage", "sqs:DeleteMessage", "sqs:GetQueueAttributes"],
    "Resource": "arn:aws:sqs:us-east-1:000000000000:*",
}


def batches(aws: Emulator, bodies: list[str]) -> list[tuple[int, int]]:
    """Return records and bytes of every invocation that it took to consume the messages."""
    url, arn = aws.queue()
    name = aws.function(SOURCE, CONSUME)
    sqs = aws.client("sqs")
    for body in bodies:
        sqs.send_message(QueueUrl=url, MessageBody=body)
    aws.client("lambda").create_event_source_mapping(
        FunctionName=name, EventSourceArn=arn, BatchSize=1000, MaximumBatchingWindowInSeconds=1
    )

    def seen() -> list[tuple[int, int]]:
        lines = [line.split() for line in aws.printed(name, "BATCH")]
        found = [(int(records), int(size)) for records, size in lines]
        return found if sum(records for records, _size in found) == len(bodies) else []

    return aws.eventually(seen)


def holds(aws: Emulator) -> None:
    assert [records for records, _size in batches(aws, ["{}"] * MESSAGES)] == [MESSAGES]
    large = batches(aws, [LARGE_BODY] * LARGE_MESSAGES)
    assert max(size for _records, size in large) < 6 * 1024 * 1024
    assert len(large) > 1
    assert json.dumps(large)
