"""A filter for a field that is missing lets a record pass whose parent is missing too."""

import json

from tests.emulator import Emulator

SOURCE = """
def handler(event, context):
    for record in event["Records"]:
        print("RECORD", record["eventName"], record["dynamodb"]["Keys"]["id"]["S"])
"""
READ = {
    "Action": ["dynamodb:GetRecords", "dynamodb:GetShardIterator", "dynamodb:DescribeStream"],
    "Resource": "arn:aws:dynamodb:us-east-1:000000000000:table/*",
}
NOT_YET_DELETED = {"dynamodb": {"OldImage": {"deletedAt": {"S": [{"exists": False}]}}}}


def holds(aws: Emulator) -> None:
    table, name, dynamodb = aws.table(stream=True), aws.function(SOURCE, READ), aws.client("dynamodb")
    aws.client("lambda").create_event_source_mapping(
        FunctionName=name,
        EventSourceArn=aws.stream_arn(table),
        StartingPosition="TRIM_HORIZON",
        FilterCriteria={"Filters": [{"Pattern": json.dumps(NOT_YET_DELETED)}]},
    )
    dynamodb.put_item(TableName=table, Item={"id": {"S": "new"}})
    dynamodb.put_item(TableName=table, Item={"id": {"S": "new"}, "deletedAt": {"S": "now"}})
    dynamodb.put_item(TableName=table, Item={"id": {"S": "new"}, "deletedAt": {"S": "later"}})
    dynamodb.put_item(TableName=table, Item={"id": {"S": "last"}})
    expected = ["INSERT new", "MODIFY new", "INSERT last"]
    seen = aws.eventually(lambda: [r for r in [aws.printed(name, "RECORD")] if "INSERT last" in r])
    assert seen[0] == expected
