"""A reported record comes again, a poison one ends at the on-failure destination, the rest goes on."""

import json

from tests.emulator import Emulator

SOURCE = """
def handler(event, context):
    failures = []
    for record in event["Records"]:
        key = record["dynamodb"]["Keys"]["id"]["S"]
        print("RECORD", key)
        if key == "poison":
            return {"batchItemFailures": [{"itemIdentifier": record["dynamodb"]["SequenceNumber"]}]}
"""
RIGHTS = {
    "Action": [
        "dynamodb:GetRecords",
        "dynamodb:GetShardIterator",
        "dynamodb:DescribeStream",
        "sqs:SendMessage",
    ],
    "Resource": ["arn:aws:dynamodb:us-east-1:000000000000:table/*", "arn:aws:sqs:us-east-1:000000000000:*"],
}


def holds(aws: Emulator) -> None:
    table, name, dynamodb = aws.table(stream=True), aws.function(SOURCE, RIGHTS), aws.client("dynamodb")
    failed_url, failed_arn = aws.queue()
    for key in ("first", "poison", "last"):
        dynamodb.put_item(TableName=table, Item={"id": {"S": key}})
    aws.client("lambda").create_event_source_mapping(
        FunctionName=name,
        EventSourceArn=aws.stream_arn(table),
        StartingPosition="TRIM_HORIZON",
        FunctionResponseTypes=["ReportBatchItemFailures"],
        MaximumRetryAttempts=1,
        BisectBatchOnFunctionError=True,
        DestinationConfig={"OnFailure": {"Destination": failed_arn}},
    )
    failures = aws.eventually(lambda: aws.received(failed_url))
    described = json.loads(failures[0]["Body"])
    assert described["requestContext"]["condition"] == "RetryAttemptsExhausted"
    assert described["DDBStreamBatchInfo"]["batchSize"] == 1
    seen = aws.eventually(lambda: [r for r in [aws.printed(name, "RECORD")] if "last" in r])[0]
    assert seen.count("first") == 1
    assert seen.count("poison") >= 2
    assert seen.count("last") == 1
