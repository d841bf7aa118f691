"""How old the oldest message of a queue is: SQS tells nobody but CloudWatch."""

from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from mypy_boto3_cloudwatch.client import CloudWatchClient

_LOOK_BACK = timedelta(minutes=10)
_PERIOD = 60


def oldest_messages(
    cloudwatch: "CloudWatchClient", names: Sequence[str], now: datetime
) -> Mapping[str, timedelta]:
    """Return the age of the oldest message of each queue, as CloudWatch last heard it.

    A queue of which it heard nothing lately is left out, and so is every queue of a stand-in for AWS that has
    no such metric.
    """
    queries: list[Any] = [
        {
            "Id": f"q{number}",
            "MetricStat": {
                "Metric": {
                    "Namespace": "AWS/SQS",
                    "MetricName": "ApproximateAgeOfOldestMessage",
                    "Dimensions": [{"Name": "QueueName", "Value": name}],
                },
                "Period": _PERIOD,
                "Stat": "Maximum",
            },
        }
        for number, name in enumerate(names)
    ]
    answer = cloudwatch.get_metric_data(
        MetricDataQueries=queries, StartTime=now - _LOOK_BACK, EndTime=now, ScanBy="TimestampDescending"
    )
    newest = {result["Id"]: result["Values"][0] for result in answer["MetricDataResults"] if result["Values"]}
    return {
        name: timedelta(seconds=newest[f"q{number}"])
        for number, name in enumerate(names)
        if f"q{number}" in newest
    }
