"""A consumer that fails, in part or altogether, gets its messages again."""

from tests.emulator import Emulator

CONSUME = {
    "Action": ["sqs:ReceiveMessage", "sqs:DeleteMessage", "sqs:GetQueueAttributes"],
    "Resource": "arn:aws:sqs:us-east-1:000000000000:*",
}
IN_PART = """
def handler(event, context):
    failures = []
    for record in event["Records"]:
        count = int(record["attributes"]["ApproximateReceiveCount"])
        print("SEEN", record["body"], count)
        if record["body"] == "bad" or (record["body"] == "late" and count == 1):
            failures.append({"itemIdentifier": record["messageId"]})
    return {"batchItemFailures": failures}
"""
KILLED_ONCE = """
import os, signal
def handler(event, context):
    count = int(event["Records"][0]["attributes"]["ApproximateReceiveCount"])
    if count == 1:
        os.kill(os.getpid(), signal.SIGKILL)
    print("SEEN", event["Records"][0]["body"], count)
"""


def test_only_the_reported_messages_come_again_and_the_last_stop_is_the_dlq(aws: Emulator) -> None:
    dlq_url, dlq_arn = aws.queue()
    redrive = f'{{"deadLetterTargetArn": "{dlq_arn}", "maxReceiveCount": 2}}'
    url, arn = aws.queue(VisibilityTimeout="3", RedrivePolicy=redrive)
    name = aws.function(IN_PART, CONSUME, Timeout=3)
    for body in ("good", "late", "bad"):
        aws.client("sqs").send_message(QueueUrl=url, MessageBody=body)
    aws.client("lambda").create_event_source_mapping(
        FunctionName=name,
        EventSourceArn=arn,
        BatchSize=10,
        FunctionResponseTypes=["ReportBatchItemFailures"],
    )
    assert [message["Body"] for message in aws.eventually(lambda: aws.received(dlq_url))] == ["bad"]
    assert sorted(aws.printed(name, "SEEN")) == ["bad 1", "bad 2", "good 1", "late 1", "late 2"]


def test_a_killed_function_gets_its_message_again(aws: Emulator) -> None:
    url, arn = aws.queue(VisibilityTimeout="3")
    name = aws.function(KILLED_ONCE, CONSUME, Timeout=3)
    aws.client("sqs").send_message(QueueUrl=url, MessageBody="click")
    aws.client("lambda").create_event_source_mapping(FunctionName=name, EventSourceArn=arn)
    assert aws.eventually(lambda: aws.printed(name, "SEEN")) == ["click 2"]
