"""What a click costs: write units, read units and dollars, of this design and of two others.

    python -m bench.clicks [--rates 1 10 100 1000] [--no-viral]

The engine runs as in production against a DynamoDB of its own, over HTTP; only time is simulated. The last
line is JSON.
"""

import argparse
import json
import random
import sys
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

from analytics.bootstrap import WRITERS
from analytics.counting.counters import DynamoDbCounters
from analytics.counting.ledger import DynamoDbLedger
from analytics.domain.tallies import LinkKey
from analytics.events import read_message
from bench import designs, evening, viral
from bench.consume_speed import bodies
from bench.local_dynamodb import local_dynamodb
from bench.meter import Bill
from bench.pollers import batches
from bench.prices import AS_OF, Work, dollars_per_million, rounded, seconds_on_lambda
from bench.simulation import Course, Pipeline, SimulatedClock, at_once
from bench.tables import Tables
from bench.traffic import make_links, zipf_clicks
from bench.truth import Truth

BOUNDS: Mapping[int, float] = {1: 6.5, 10: 3.0, 100: 1.8, 1000: 1.0}
"""Write units that a click may cost, by clicks per second."""

SECONDS: Mapping[int, int] = {1: 600, 10: 200, 100: 80, 1000: 60}
"""Simulated seconds, by clicks per second: six folds at least."""

LINKS, USERS = 10_000, 500
POLLERS = 5
WINDOW = timedelta(seconds=10)
BATCH_SIZE = 3000
FOLD_DELAY = timedelta(seconds=10)
HORIZON = timedelta(days=120)
BEGINS = datetime(2026, 11, 22, 13, 0, tzinfo=UTC)
SEED = 20261122

MOST_DIFFERENCE = 0.01
"""By how much the local DynamoDB may report other write units than its requests come to."""

LOCAL_WRITERS = 4
"""The local DynamoDB does one thing at a time: more at once would only wait."""

ANSWER_SECONDS, TRANSACTION_SECONDS = 0.005, 0.015
"""What DynamoDB is taken to need for an answer, where a function's time is priced."""

COMPARED_CLICKS = 500
COMPARED_BATCH = 10
MEMORY_MB = 1024


@dataclass
class Measured:
    """What the engine did at a rate.

    Parameters
    ----------
    bill
        What it cost.
    work
        The same, as it is priced.
    course
        What happened.
    wrong
        Counters that are wrong.
    evening
        Write units per click where rows are as long as they get.
    """

    bill: Bill
    work: Work
    course: Course
    wrong: Sequence[str]
    evening: float

    @property
    def wru_per_click(self) -> float:
        """Write units."""
        return self.work.write_units / self.work.clicks

    @property
    def rru_per_click(self) -> float:
        """Read units."""
        return self.work.read_units / self.work.clicks


def main() -> int:
    """Measure everything, print it, and say whether it is as it should be."""
    parser = argparse.ArgumentParser(prog="bench-clicks", description=__doc__.partition("\n")[0])
    parser.add_argument("--rates", type=int, nargs="+", choices=list(BOUNDS), default=list(BOUNDS))
    parser.add_argument("--no-viral", action="store_true", help="leave out the viral link")
    options = parser.parse_args()
    links = make_links(LINKS, USERS, random.Random(SEED))
    reading = reading_seconds()
    measured = {}
    with local_dynamodb() as dynamodb:
        for rate in options.rates:
            measured[rate] = measure(dynamodb, links, rate, reading)
            print_rate(rate, measured[rate])
        compared = {name: compare(dynamodb, name, links, reading) for name in designs.DESIGNS}
    result = summary(measured, compared)
    passed = holds(measured)
    if not options.no_viral:
        result["viral"] = viral.measure()
        passed = viral.holds(result["viral"]) and passed
    print(json.dumps(result))
    return 0 if passed else 1


def measure(dynamodb: Any, links: Sequence[LinkKey], rate: int, reading: float) -> Measured:
    """Run the engine at a rate, on tables of its own.

    Parameters
    ----------
    dynamodb
        A client of the local DynamoDB.
    links
        From the most followed to the least.
    rate
        Clicks per second.
    reading
        Processor seconds that reading and classifying a message takes.
    """
    dice = random.Random(SEED + rate)
    clicks = list(zipf_clicks(links, rate, SECONDS[rate], BEGINS, dice))
    arriving = list(batches(clicks, POLLERS, WINDOW, BATCH_SIZE, dice))
    tables = Tables.named(f"at-{rate}")
    meter = tables.metered(dynamodb, links)
    clock = SimulatedClock(BEGINS)
    pipeline = Pipeline(
        DynamoDbLedger(dynamodb, tables.ledger, HORIZON, clock),
        DynamoDbCounters(dynamodb, tables.counters, HORIZON),
        clock,
        FOLD_DELAY,
        at_once(LOCAL_WRITERS),
        metering=lambda: meter.seconds,
    )
    course = pipeline.run(arriving)
    meter.detach(dynamodb)
    truth = Truth()
    truth.count(clicks)
    wrong = list(truth.differences(tables.read_counters(dynamodb)))
    tables.delete(dynamodb)
    work = _work(course, meter.bill, reading)
    late = evening.wru_per_click(links, rate, arriving, FOLD_DELAY, dice)
    return Measured(meter.bill, work, course, wrong, late)


def compare(dynamodb: Any, name: str, links: Sequence[LinkKey], reading: float) -> Work:
    """Count some clicks by another design; return what it did. Its consumer takes ten messages at once."""
    seconds = 2 * COMPARED_CLICKS / 100
    clicks = list(zipf_clicks(links, 100, seconds, BEGINS, random.Random(SEED)))[:COMPARED_CLICKS]
    bill, timing = designs.measure(dynamodb, name, clicks)
    requests = bill.requests
    waits = requests["UpdateItem"] * ANSWER_SECONDS + requests["TransactWriteItems"] * TRANSACTION_SECONDS
    processor = sum(timing.processor) + reading * len(clicks)
    return Work(
        clicks=len(clicks),
        write_units=bill.write_units,
        read_units=bill.read_units,
        invocations=len(clicks) // COMPARED_BATCH,
        lambda_seconds=seconds_on_lambda(processor, waits, MEMORY_MB),
        memory_mb=MEMORY_MB,
    )


def reading_seconds() -> float:
    """Return the processor seconds that it takes to read and classify one message."""
    messages = bodies(BATCH_SIZE)
    began = time.process_time()
    for message in messages:
        read_message(message)
    return (time.process_time() - began) / len(messages)


def _work(course: Course, bill: Bill, reading: float) -> Work:
    requests = bill.requests
    one_by_one = requests["GetItem"] + requests["Query"] + requests["BatchGetItem"]
    at_a_time = (requests["UpdateItem"] + requests["BatchWriteItem"]) / WRITERS
    waits = requests["TransactWriteItems"] * TRANSACTION_SECONDS + (one_by_one + at_a_time) * ANSWER_SECONDS
    processor = sum(sum(timing.processor) for timing in (course.consuming, course.folding, course.idling))
    return Work(
        clicks=course.clicks,
        write_units=bill.write_units,
        read_units=bill.read_units,
        batches=course.batches,
        invocations=course.batches + course.wakes,
        lambda_seconds=seconds_on_lambda(processor + reading * course.clicks, waits, MEMORY_MB),
        memory_mb=MEMORY_MB,
    )


def print_rate(rate: int, measured: Measured) -> None:
    """Print what a rate came to, and where the write units went."""
    course, bill, clicks = measured.course, measured.bill, measured.work.clicks
    print(f"{rate} clicks/s for {SECONDS[rate]} s: {clicks} clicks")
    print(
        f"  {measured.wru_per_click:.3f} write units per click, at most {BOUNDS[rate]}; "
        f"{measured.evening:.3f} in the evening; {measured.rru_per_click:.3f} read units"
    )
    print(
        f"  {bill.reported_writes / clicks:.3f} as the local DynamoDB reports them: {bill.difference:.2%} "
        f"apart, beside {bill.refused:g} units of refused requests"
    )
    for purpose, units in sorted(bill.writes.items(), key=lambda pair: -pair[1]):
        print(f"  {purpose:>9} {units / clicks:6.3f}  {units / bill.write_units:4.0%}")
    elapsed, processor = _mean(course.folding.elapsed), _mean(course.folding.processor)
    print(f"  {course.batches} batches, {course.entries} entries, {course.wakes} wake-ups")
    print(
        f"  {course.folds} folds, every {course.fold_interval:.1f} s; "
        f"one takes {elapsed:.2f} s, {processor:.2f} s of them in here"
    )
    for line in measured.wrong[:10]:
        print(f"  WRONG: {line}")
    sys.stdout.flush()


def summary(measured: Mapping[int, Measured], compared: Mapping[str, Work]) -> dict[str, Any]:
    """Return what the last line says."""

    def by_rate(figure: Callable[[Measured], Any]) -> dict[str, Any]:
        return {str(rate): figure(one) for rate, one in measured.items()}

    works = {**{str(rate): one.work for rate, one in measured.items()}, **compared}
    return {
        "wru_per_click": by_rate(lambda one: round(one.wru_per_click, 3)),
        "bounds": {str(rate): bound for rate, bound in BOUNDS.items()},
        "wru_per_click_reported": by_rate(lambda one: round(one.bill.reported_writes / one.work.clicks, 3)),
        "wru_per_click_in_the_evening": by_rate(lambda one: round(one.evening, 3)),
        "everything_counted": not any(one.wrong for one in measured.values()),
        **{name: round(work.write_units / work.clicks, 3) for name, work in compared.items()},
        "dollars_per_million_clicks": {
            name: rounded(dollars_per_million(work)) for name, work in works.items()
        },
        "prices_as_of": AS_OF,
        "rru_per_click": by_rate(lambda one: round(one.rru_per_click, 3)),
        "wru_per_click_by_purpose": by_rate(
            lambda one: {name: round(units / one.work.clicks, 3) for name, units in one.bill.writes.items()}
        ),
        "fold_seconds": by_rate(lambda one: round(_mean(one.course.folding.elapsed), 2)),
        "fold_processor_seconds": by_rate(lambda one: round(_mean(one.course.folding.processor), 2)),
        "fold_interval_seconds": by_rate(lambda one: round(one.course.fold_interval, 1)),
        "simulated_seconds": {str(rate): SECONDS[rate] for rate in measured},
        "clicks": by_rate(lambda one: one.work.clicks),
    }


def holds(measured: Mapping[int, Measured]) -> bool:
    """Tell whether everything is counted, as cheaply as it has to be, and both sums of write units agree."""
    return all(
        not one.wrong and one.wru_per_click <= BOUNDS[rate] and one.bill.difference <= MOST_DIFFERENCE
        for rate, one in measured.items()
    )


def _mean(numbers: Sequence[float]) -> float:
    return sum(numbers) / max(1, len(numbers))


if __name__ == "__main__":
    sys.exit(main())
