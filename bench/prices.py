"""What AWS charges in us-east-1, and what a million clicks come to.

List prices as known in 2026-11, without any free tier or discount. Check them before you rely on a sum:

    DynamoDB on demand   https://aws.amazon.com/dynamodb/pricing/on-demand/
    EventBridge          https://aws.amazon.com/eventbridge/pricing/
    SQS                  https://aws.amazon.com/sqs/pricing/
    Lambda (arm64)       https://aws.amazon.com/lambda/pricing/

Not in any sum: the redirect itself, which is the same for every design; CloudWatch; storage (tables,
point-in-time recovery, the bus archive, which also charges $0.10 for each GB that goes in); reading
statistics.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import NamedTuple

AS_OF = "2026-11"

WRITE_UNITS_PER_MILLION = 0.625
READ_UNITS_PER_MILLION = 0.125
BUS_EVENTS_PER_MILLION = 1.00
"""For each 64 KB of a custom event: a click is one."""
QUEUE_REQUESTS_PER_MILLION = 0.40
"""Standard queues. The deliveries of the bus are requests as well."""
INVOCATIONS_PER_MILLION = 0.20
GB_SECOND = 0.0000133334
"""arm64, the first tier."""

MESSAGES_PER_REQUEST = 10
"""What one request receives or deletes at most."""

MB_PER_PROCESSOR = 1769
"""The memory with which a Lambda function has one whole virtual processor."""


@dataclass(frozen=True)
class Work:
    """What a design did for some clicks.

    Parameters
    ----------
    clicks
        How many.
    write_units, read_units
        DynamoDB's.
    batches
        How many batches the consumer took; each wakes the folder once.
    invocations
        Of Lambda functions, all in all.
    lambda_seconds
        How long they ran, in all.
    memory_mb
        Their memory.
    """

    clicks: int
    write_units: float
    read_units: float = 0
    batches: int = 0
    invocations: int = 0
    lambda_seconds: float = 0
    memory_mb: int = 1024


class Dollars(NamedTuple):
    """Dollars per million clicks.

    Parameters
    ----------
    dynamodb, functions
        What the design itself costs.
    bus, direct
        What it costs in all, with clicks that come over the bus, or straight to the queue.
    """

    dynamodb: float
    functions: float
    bus: float
    direct: float


def seconds_on_lambda(processor_seconds: float, waits: float, memory_mb: int) -> float:
    """Return for how long a function runs.

    Parameters
    ----------
    processor_seconds
        What it computes, on a whole processor.
    waits
        For how long it waits for answers, in seconds.
    memory_mb
        Its memory, which decides how much of a processor it has.
    """
    share = min(1.0, memory_mb / MB_PER_PROCESSOR)
    return processor_seconds / share + waits


def dollars_per_million(work: Work) -> Dollars:
    """Return what a million clicks cost, counted from a queue."""
    dynamodb = (
        work.write_units * WRITE_UNITS_PER_MILLION + work.read_units * READ_UNITS_PER_MILLION
    ) / work.clicks
    functions = (
        work.invocations * INVOCATIONS_PER_MILLION
        + work.lambda_seconds * work.memory_mb / 1024 * GB_SECOND * 1_000_000
    ) / work.clicks
    # A click is sent by itself; the redirect has no other to send it with. It is received and deleted with
    # others, if there are any. Each batch wakes the folder: one message sent, received and deleted.
    per_batch = max(1.0, work.clicks / work.batches) if work.batches else MESSAGES_PER_REQUEST
    together = min(float(MESSAGES_PER_REQUEST), per_batch)
    requests = 1 + 2 / together + 3 * work.batches / work.clicks
    direct = dynamodb + functions + requests * QUEUE_REQUESTS_PER_MILLION
    return Dollars(dynamodb, functions, direct + BUS_EVENTS_PER_MILLION, direct)


def rounded(dollars: Dollars) -> Mapping[str, float]:
    """Return dollars as they are printed: in cents."""
    return {name: round(value, 2) for name, value in dollars._asdict().items()}
