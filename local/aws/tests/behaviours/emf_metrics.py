"""A function's line in the embedded metric format is a metric."""

from datetime import UTC, datetime, timedelta

from tests.emulator import Emulator, unique

SOURCE = """
import json, time
def handler(event, context):
    directive = {"Namespace": event["namespace"], "Dimensions": [["service"], ["service", "stage"]],
                 "Metrics": [{"Name": "ClicksCounted", "Unit": "Count"}]}
    print(json.dumps({"_aws": {"Timestamp": int(time.time() * 1000), "CloudWatchMetrics": [directive]},
                      "service": "analytics", "stage": "local", "ClicksCounted": [3, 4]}))
    print("not a metric")
"""


def holds(aws: Emulator) -> None:
    namespace, name = unique("Hopcount"), aws.function(SOURCE)
    aws.client("lambda").invoke(FunctionName=name, Payload=f'{{"namespace": "{namespace}"}}')
    now = datetime.now(UTC)

    def total() -> float:
        points = aws.client("cloudwatch").get_metric_statistics(
            Namespace=namespace,
            MetricName="ClicksCounted",
            Dimensions=[{"Name": "service", "Value": "analytics"}],
            StartTime=now - timedelta(minutes=5),
            EndTime=now + timedelta(minutes=5),
            Period=3600,
            Statistics=["Sum"],
        )["Datapoints"]
        return float(sum(point["Sum"] for point in points))

    assert aws.eventually(total) == 7.0
