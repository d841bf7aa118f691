"""The pipeline from the queue to the counters in simulated time: the engine is real, the waiting is not."""

import heapq
import time
from collections.abc import Callable, Iterable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Protocol, TypeVar

from analytics.counting.claim import SETTLED, claim_clicks
from analytics.counting.fold import Each, Folder
from analytics.counting.patience import Patience
from analytics.counting.ports import ClaimLedger, Counters, FoldLedger
from analytics.fold_service import Folded, FoldService
from bench.pollers import Batch
from hopcount_shared.base62 import random_text

SCHEDULE = timedelta(minutes=1)
"""How often the folder is called in any case."""

LEASE = timedelta(minutes=10)
"""No folder dies here, so none waits for it."""

T = TypeVar("T")


class Ledger(ClaimLedger, FoldLedger, Protocol):
    """Everything that the engine needs of a ledger."""


@dataclass
class SimulatedClock:
    """A clock that stands still until it is set."""

    now: datetime

    def __call__(self) -> datetime:
        """Return the time it shows."""
        return self.now


@dataclass
class Timing:
    """For how long something ran, each time, in seconds.

    Parameters
    ----------
    elapsed
        By the clock on the wall.
    processor
        In this process, without what metering took.
    """

    elapsed: list[float] = field(default_factory=list)
    processor: list[float] = field(default_factory=list)

    def measure(self, do: Callable[[], T], metering: Callable[[], float]) -> T:
        """Do something and note how long it took."""
        began, processor, metered = time.perf_counter(), time.process_time(), metering()
        result = do()
        self.elapsed.append(time.perf_counter() - began)
        self.processor.append(time.process_time() - processor - (metering() - metered))
        return result

    def include(self, other: "Timing") -> None:
        """Add what was measured elsewhere."""
        self.elapsed += other.elapsed
        self.processor += other.processor


@dataclass
class Course:
    """What happened.

    Parameters
    ----------
    batches, clicks
        What was consumed.
    wakes
        How often the folder was called, whether it found something or not.
    folds, entries
        How often it did, and how many entries that were.
    folded_at
        When it did.
    consuming, folding, idling
        How long it took; where the folder found nothing, it was idling.
    """

    batches: int = 0
    clicks: int = 0
    wakes: int = 0
    folds: int = 0
    entries: int = 0
    folded_at: list[datetime] = field(default_factory=list)
    consuming: Timing = field(default_factory=Timing)
    folding: Timing = field(default_factory=Timing)
    idling: Timing = field(default_factory=Timing)

    @property
    def fold_interval(self) -> float:
        """Seconds from fold to fold, on average."""
        if self.folds < 2:
            return 0.0
        return (self.folded_at[-1] - self.folded_at[0]).total_seconds() / (self.folds - 1)


class Pipeline:
    """Consumers and a folder.

    Parameters
    ----------
    ledger, counters
        Where to.
    clock
        Is set to the time of whatever happens.
    delay
        For how long an entry waits for others; also what a consumer's wake-up is delayed by.
    each
        How rows are written.
    metering
        How many processor seconds metering took so far; they are not the engine's.
    grain
        Wake-ups of so much time reach the folder as one.
    """

    def __init__(
        self,
        ledger: Ledger,
        counters: Counters,
        clock: SimulatedClock,
        delay: timedelta,
        each: Each,
        metering: Callable[[], float] = lambda: 0.0,
        grain: timedelta = timedelta(0),
    ) -> None:
        folder = Folder(ledger, counters, delay, LEASE, clock, lambda: random_text(8), each)
        self._service = FoldService(ledger, folder, shards=1)
        self._ledger = ledger
        self._clock = clock
        self._delay = delay
        self._metering = metering
        self._grain = grain
        self._wakes: list[datetime] = []
        self._patience = Patience(time_left=lambda: 3600.0)
        self.course = Course()

    def run(self, arriving: Iterable[Batch]) -> Course:
        """Consume batches in the order of their times, and fold until nothing is pending."""
        scheduled: datetime | None = None
        for batch in arriving:
            scheduled = scheduled or batch.at + SCHEDULE
            while scheduled <= batch.at:
                heapq.heappush(self._wakes, scheduled)
                scheduled += SCHEDULE
            self._fold_until(batch.at)
            self._clock.now = batch.at
            self._consume(batch)
            heapq.heappush(self._wakes, batch.at + self._delay)
        self._fold_until(None)
        return self.course

    def _consume(self, batch: Batch) -> None:
        report = self.course.consuming.measure(
            lambda: claim_clicks(batch.clicks, self._ledger, 1, self._patience), self._metering
        )
        if not SETTLED.issuperset(report.outcomes.values()):
            raise RuntimeError("clicks were postponed; there is nothing here to wait for")
        self.course.batches += 1
        self.course.clicks += len(batch.clicks)

    def _fold_until(self, moment: datetime | None) -> None:
        while self._wakes and (moment is None or self._wakes[0] <= moment):
            at = heapq.heappop(self._wakes)
            while self._wakes and self._wakes[0] < at + self._grain:
                at = heapq.heappop(self._wakes)
            self._clock.now = at
            timing = Timing()
            folded: Folded = timing.measure(lambda: self._service.fold_counts(self._patience), self._metering)
            self.course.wakes += 1
            if folded.mismatches or folded.dropped:
                raise RuntimeError(f"a fold went wrong: {folded}")
            (self.course.folding if folded.entries else self.course.idling).include(timing)
            if folded.entries:
                self.course.folds += 1
                self.course.entries += folded.entries
                self.course.folded_at.append(at)


def at_once(writers: int) -> Each:
    """Return an `Each` that does so many things at once."""

    def each(do: Callable[[T], object], things: Iterable[T]) -> None:
        with ThreadPoolExecutor(writers) as pool:
            for _ in pool.map(do, things):
                pass

    return each


def in_turn(do: Callable[[T], object], things: Iterable[T]) -> None:
    """Do one thing after the other."""
    for thing in things:
        do(thing)
