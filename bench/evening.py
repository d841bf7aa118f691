"""The same trace late in the day, when rows are as long as they get: every hour and every breakdown is full.

Rows are billed by the KB, and a trace of a minute starts with empty ones. So this tells what the figures of
`bench.clicks` leave out: the worst hour of a day, in memory, by the same account as `bench.viral`.
"""

import random
from collections.abc import Sequence
from datetime import datetime, timedelta

from analytics.domain.breakdowns import bound
from analytics.domain.clicks import Click
from analytics.domain.tallies import LinkKey, tally, totals
from bench.memory import Account, MemoryCounters, MemoryLedger
from bench.pollers import Batch
from bench.simulation import Pipeline, SimulatedClock, in_turn
from bench.traffic import Visitors

_SECONDS_OF_DAY = 86_400
_MOST_DRAWN = 240
"""So many different clicks fill a row; what came beyond them only makes its numbers larger."""
_DRAWN_AT_ONCE = 24


def wru_per_click(
    links: Sequence[LinkKey], rate: int, arriving: Sequence[Batch], delay: timedelta, dice: random.Random
) -> float:
    """Return what a click costs at the end of a day that went at this rate from its beginning.

    Parameters
    ----------
    links
        From the most followed to the least.
    rate
        Clicks per second.
    arriving
        The trace, batch by batch.
    delay
        Of the fold.
    dice
        The random source.
    """
    clock = SimulatedClock(arriving[0].at)
    account = Account(clock)
    counters = MemoryCounters(links, account)
    followed = {click.short_code for batch in arriving for click in batch.clicks}
    visitors, share = Visitors(dice), 1 / sum(1 / place for place in range(1, len(links) + 1))
    for place, link in enumerate(links, 1):
        clicks = round(_SECONDS_OF_DAY * rate * share / place)
        if clicks and link.short_code in followed:
            _fill(counters, link, clicks, clock.now, visitors)
    course = Pipeline(MemoryLedger(clock, account), counters, clock, delay, in_turn).run(arriving)
    return sum(account.purposes.values()) / course.clicks


def _fill(counters: MemoryCounters, link: LinkKey, clicks: int, today: datetime, visitors: Visitors) -> None:
    """Give a link's row of today the clicks of a whole day."""
    row: dict[str, int] = {}
    drawn = min(clicks, _MOST_DRAWN)
    for start in range(0, drawn, _DRAWN_AT_ONCE):
        some = [
            Click(link.short_code, link.user_id, "", 0, today.replace(hour=n % 24), visitors.draw())
            for n in range(start, min(start + _DRAWN_AT_ONCE, drawn))
        ]
        ((counts,),) = (days.values() for days in tally(some).values())
        people, bots = totals(counts)
        change = bound(row, {**counts, "clicks": people, "botClicks": bots})
        for name, number in change.add.items():
            row[name] = row.get(name, 0) + number
        for name in change.remove:
            del row[name]
    times = clicks // drawn
    counters.put_day(
        (link.short_code, today.date().isoformat()), {name: number * times for name, number in row.items()}
    )
