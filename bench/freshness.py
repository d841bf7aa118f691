"""How long a click takes from the redirect to `GET /stats/{id}`, on the product as it runs here.

    make up
    python -m bench.freshness [--clicks 40]

A click may wait for the consumer's window and then for the fold's delay; beyond those it has 3 s. The last
line is JSON.
"""

import argparse
import json
import math
import random
import sys
import time
from collections.abc import Sequence
from functools import partial
from operator import le

from tests.support.people import Creator, Visitor, close_all
from tests.support.poll import until
from tests.support.stack import STAGE, Stack

CLICKS = 40
GRACE_SECONDS = 3.0
DEADLINE_SECONDS = 60.0
POLL_SECONDS = 0.05


def main() -> int:
    """Measure, print, and say whether it is quick enough."""
    parser = argparse.ArgumentParser(prog="bench-freshness", description=__doc__.partition("\n")[0])
    parser.add_argument("--clicks", type=int, default=CLICKS, help="how many clicks (default: %(default)s)")
    options = parser.parse_args()
    try:
        stack = Stack.load()
    except RuntimeError as error:
        raise SystemExit(f"bench-freshness: {error}") from None
    window, delay = window_seconds(stack), delay_seconds(stack)
    seconds = measure(stack, options.clicks, window + delay, random.Random(1))
    close_all()
    bound = window + delay + GRACE_SECONDS
    p95 = percentile(seconds, 95)
    print(
        json.dumps(
            {
                "p50_s": round(percentile(seconds, 50), 2),
                "p95_s": round(p95, 2),
                "max_s": round(max(seconds), 2),
                "bound_s": bound,
                "window_s": window,
                "fold_delay_s": delay,
                "clicks": len(seconds),
            }
        )
    )
    return 0 if p95 <= bound else 1


def measure(stack: Stack, clicks: int, apart: float, dice: random.Random) -> Sequence[float]:
    """Follow a link again and again; return how long each click took to show.

    Parameters
    ----------
    stack
        The running product.
    clicks
        How often.
    apart
        At most so many seconds pass from one to the next, at random: else each would begin where the last one
        ended, always at the same moment of a window.
    dice
        The random source.
    """
    creator, visitor = Creator.sign_up(stack), Visitor(stack)
    code = str(creator.create()["id"])

    def shown() -> int:
        stats = creator.stats(code)
        return int(stats["clicks"]) + int(stats["botClicks"])

    seconds = []
    for number in range(1, clicks + 1):
        time.sleep(dice.uniform(0, apart))
        answer = visitor.follow(code)
        followed = time.monotonic()
        if answer.status_code != 301:
            raise SystemExit(f"bench-freshness: following a link answers {answer.status_code}")
        until(shown, partial(le, number), seconds=DEADLINE_SECONDS, every=POLL_SECONDS)
        seconds.append(time.monotonic() - followed)
    return seconds


def window_seconds(stack: Stack) -> float:
    """Return for how long the deployed consumer collects clicks."""
    name = f"hopcount-analytics-{STAGE}-consume-clicks"
    (mapping,) = stack.client("lambda").list_event_source_mappings(FunctionName=name)["EventSourceMappings"]
    return float(mapping["MaximumBatchingWindowInSeconds"])


def delay_seconds(stack: Stack) -> float:
    """Return for how long the deployed queue of wake-ups delays them."""
    sqs = stack.client("sqs")
    url = sqs.get_queue_url(QueueName=f"hopcount-{STAGE}-folds")["QueueUrl"]
    found = sqs.get_queue_attributes(QueueUrl=url, AttributeNames=["DelaySeconds"])["Attributes"]
    return float(found["DelaySeconds"])


def percentile(numbers: Sequence[float], percent: float) -> float:
    """Return the smallest of some numbers that so many percent of them do not exceed."""
    return sorted(numbers)[max(0, math.ceil(len(numbers) * percent / 100) - 1)]


if __name__ == "__main__":
    sys.exit(main())
