"""`python -m tests.chaos --schedules 200`: run schedules, and print what was lost and doubled as JSON."""

import argparse
import json
import os
import sys
from typing import Any

import boto3
from botocore.config import Config

from tests.chaos.schedule import Result, Schedule
from tests.support.stack import Stack


def main() -> int:
    """Run them; the exit status is 1 if a counter was ever wrong."""
    parser = argparse.ArgumentParser(prog="python -m tests.chaos", description=__doc__)
    parser.add_argument("--schedules", type=int, default=200, help="how many (200)")
    parser.add_argument("--seed", type=int, default=1, help="the first one's seed (1); the others follow")
    parser.add_argument("--endpoint", default=os.environ.get("AWS_ENDPOINT_URL"), help="the local AWS")
    arguments = parser.parse_args()
    dynamodb = client(arguments.endpoint or Stack.load().outputs["awsEndpointUrl"])
    result = Result()
    for n in range(arguments.schedules):
        before = len(result.problems)
        Schedule(dynamodb, arguments.seed + n).run(result)
        if len(result.problems) > before:
            print(f"seed {arguments.seed + n}: {result.problems[before : before + 5]} ...", file=sys.stderr)
        if (n + 1) % 10 == 0:
            print(f"{n + 1} schedules, {result.clicks} clicks, {result.faults} faults", file=sys.stderr)
    print(
        json.dumps(
            {
                "schedules": arguments.schedules,
                "clicks": result.clicks,
                "lost": result.lost,
                "doubled": result.doubled,
                "calls": result.calls,
                "faults": result.faults,
                "problems": len(result.problems),
            }
        )
    )
    return 1 if result.problems else 0


def client(endpoint: str) -> Any:
    """Make a client of the local AWS that tries nothing again by itself."""
    return boto3.client(
        "dynamodb",
        endpoint_url=endpoint,
        region_name="us-east-1",
        aws_access_key_id="test",
        aws_secret_access_key="test",
        config=Config(retries={"total_max_attempts": 1}),
    )


if __name__ == "__main__":
    sys.exit(main())
