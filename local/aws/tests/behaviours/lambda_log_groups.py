"""A function deleted during an invocation does not get its log group back."""

import json
import threading

from tests.emulator import Emulator

# It says that it runs, and ends when it finds itself gone.
SOURCE = """
import boto3, time

def handler(event, context):
    def client(service):
        return boto3.client(service, endpoint_url=event["url"], region_name="us-east-1",
                            aws_access_key_id="test", aws_secret_access_key="test")
    functions = client("lambda")
    client("sqs").send_message(QueueUrl=event["queue"], MessageBody="running")
    while context.get_remaining_time_in_millis() > 1000:
        try:
            functions.get_function(FunctionName=context.function_name)
        except functions.exceptions.ResourceNotFoundException:
            print("gone")
            return
        time.sleep(0.02)
"""


def holds(aws: Emulator) -> None:
    name, functions = aws.function(SOURCE), aws.client("lambda")
    queue, _ = aws.queue()
    payload = json.dumps({"url": aws.url, "queue": queue}).encode()
    invocation = threading.Thread(target=functions.invoke, kwargs={"FunctionName": name, "Payload": payload})
    invocation.start()
    aws.eventually(lambda: aws.received(queue))
    functions.delete_function(FunctionName=name)
    invocation.join(timeout=30)
    groups = aws.client("logs").describe_log_groups(logGroupNamePrefix=f"/aws/lambda/{name}")["logGroups"]
    assert not invocation.is_alive()
    assert groups == []
