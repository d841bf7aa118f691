"""Lambda's pollers: several read the same queue, and each collects a batch of its own."""

import heapq
import random
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import NamedTuple

from analytics.domain.clicks import Click


class Batch(NamedTuple):
    """What a consumer is invoked with.

    Parameters
    ----------
    at
        When.
    poller
        By whom.
    clicks
        The batch.
    """

    at: datetime
    poller: int
    clicks: Sequence[Click]


@dataclass
class _Poller:
    window_ends: datetime
    clicks: list[Click] = field(default_factory=list)


def batches(
    clicks: Iterable[Click], pollers: int, window: timedelta, most: int, dice: random.Random
) -> Iterator[Batch]:
    """Yield batches in the order of their times.

    Every click goes to a poller at random, as a standard queue hands them out. A poller's windows follow each
    other without a gap, and those of different pollers begin at different moments.

    Parameters
    ----------
    clicks
        In the order of their times.
    pollers
        How many there are.
    window
        For how long one collects.
    most
        How many clicks end a window early.
    dice
        The random source.
    """
    waiting: list[_Poller] = []
    ends: list[tuple[datetime, int]] = []
    for click in clicks:
        if not waiting:
            first = click.occurred_at
            waiting = [_Poller(first + window * dice.random()) for _ in range(pollers)]
            ends = [(poller.window_ends, number) for number, poller in enumerate(waiting)]
            heapq.heapify(ends)
        while ends[0][0] <= click.occurred_at:
            ended, number = ends[0]
            poller = waiting[number]
            if poller.window_ends == ended:
                yield from _end(poller, number, ended, window)
            heapq.heapreplace(ends, (poller.window_ends, number))
        number = int(dice.random() * pollers)
        poller = waiting[number]
        poller.clicks.append(click)
        if len(poller.clicks) >= most:
            yield from _end(poller, number, click.occurred_at, window)
    for number, poller in sorted(enumerate(waiting), key=lambda pair: pair[1].window_ends):
        yield from _end(poller, number, poller.window_ends, window)


def _end(poller: _Poller, number: int, at: datetime, window: timedelta) -> Iterator[Batch]:
    if poller.clicks:
        yield Batch(at, number, poller.clicks)
    poller.clicks = []
    poller.window_ends = at + window
