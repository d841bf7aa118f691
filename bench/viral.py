"""One link that everybody follows: 50,000 clicks a second from 1,500 redirects for a minute.

    python -m bench.viral

The engine is the real one; its ports are in memory and keep an account by DynamoDB's rules. The last line is
JSON.
"""

import json
import random
import sys
import time
from collections.abc import Iterable, Iterator, Mapping
from datetime import UTC, datetime, timedelta
from typing import Any

from analytics.domain.clicks import Click
from analytics.domain.tallies import LinkKey
from bench.memory import Account, MemoryCounters, MemoryLedger
from bench.pollers import batches
from bench.simulation import Pipeline, SimulatedClock, in_turn
from bench.traffic import Producers, Visitors, make_links
from bench.truth import Truth

RATE = 50_000
PRODUCERS = 1500
SECONDS = 60
CONSUMERS = 10
"""As many as the template allows at once. Each has 0.6 s for its 3,000 clicks before the next are there."""
BATCH_SIZE = 3000
WINDOW = FOLD_DELAY = timedelta(seconds=10)
BEGINS = datetime(2026, 11, 22, 13, 0, tzinfo=UTC)
SEED = 50_000

MOST_HOT_WRITES, MOST_HOT_UNITS, MOST_KEY_UNITS = 1.0, 10.0, 500.0
KEY_LIMIT = 1000
"""Write units a second that DynamoDB serves on one partition key."""

_VISITORS = 20_000


def main() -> int:
    """Measure, print, and say whether it is as it should be."""
    result = measure()
    print(json.dumps(result))
    return 0 if holds(result) else 1


def measure(rate: int = RATE, producers: int = PRODUCERS, seconds: int = SECONDS) -> dict[str, Any]:
    """Run it and return the figures."""
    began = time.perf_counter()
    dice = random.Random(SEED)
    (link,) = make_links(1, 1, dice)
    clock = SimulatedClock(BEGINS)
    account = Account(clock)
    counters = MemoryCounters([link], account)
    truth = Truth()
    arriving = viral_clicks(link, rate, producers, seconds, dice)
    pipeline = Pipeline(
        MemoryLedger(clock, account), counters, clock, FOLD_DELAY, in_turn, grain=timedelta(seconds=1)
    )
    course = pipeline.run(batches(_counted(arriving, truth), CONSUMERS, WINDOW, BATCH_SIZE, dice))
    wrong = list(truth.differences(counters.counted()))
    for line in wrong[:10]:
        print(f"WRONG: {line}")
    interval = course.fold_interval or float(seconds)
    # What consumers write is spread over a window as it is; deletes come all at once, and the folder has
    # until the next fold for them.
    burst = max((max(by_second.values()) for by_second in account.drops.values()), default=0)
    steady = {key: max(by_second.values()) for key, by_second in account.keys.items()}
    entries = max(units for key, units in steady.items() if key.startswith("journal#"))
    claims = max(units for key, units in steady.items() if key.startswith("claim#"))
    others = max(units for key, units in steady.items() if key.startswith(("epochs#", "heads")))
    return {
        "clicks": course.clicks,
        "exact": not wrong,
        "hot_item_writes_per_s": round(max(map(_total, account.items.values())) / seconds, 3),
        "hot_item_wru_per_s": round(max(map(_total, account.item_units.values())) / seconds, 3),
        "hot_item_writes_per_fold_max": max(max(row.values()) for row in account.items.values()),
        "ledger_key_wru_per_s_max": round(max(claims, others, entries + burst / interval), 1),
        "ledger_key_wru_worst_second": {
            "claims": claims,
            "entries": entries,
            "heads_and_epochs": others,
            "drops_per_fold": burst,
        },
        "drops_take_at_least_s": round(burst / (KEY_LIMIT - entries), 2),
        "folds": course.folds,
        "fold_interval_seconds": round(interval, 1),
        "wru_per_click": round(sum(account.purposes.values()) / course.clicks, 3),
        "wru_by_purpose": {name: round(units / course.clicks, 4) for name, units in account.purposes.items()},
        "bounds": {
            "hot_item_writes_per_s": MOST_HOT_WRITES,
            "hot_item_wru_per_s": MOST_HOT_UNITS,
            "ledger_key_wru_per_s_max": MOST_KEY_UNITS,
        },
        "seconds": round(time.perf_counter() - began, 1),
    }


def holds(result: Mapping[str, Any]) -> bool:
    """Tell whether everything is counted and no item or key is written too much."""
    return bool(
        result["exact"]
        and result["hot_item_writes_per_s"] <= MOST_HOT_WRITES
        and result["hot_item_wru_per_s"] <= MOST_HOT_UNITS
        and result["ledger_key_wru_per_s_max"] < MOST_KEY_UNITS
    )


def viral_clicks(
    link: LinkKey, rate: int, producers: int, seconds: int, dice: random.Random
) -> Iterator[Click]:
    """Yield the clicks, evenly over time, of visitors as they come."""
    seeing, visitors = Producers(producers, dice), Visitors(dice)
    crowd = [visitors.draw() for _ in range(_VISITORS)]
    for n in range(rate * seconds):
        producer, sequence = seeing.next()
        moment = BEGINS + timedelta(microseconds=n * 1_000_000 // rate)
        yield Click(
            link.short_code, link.user_id, producer, sequence, moment, crowd[int(dice.random() * _VISITORS)]
        )


def _counted(clicks: Iterable[Click], truth: Truth) -> Iterator[Click]:
    for click in clicks:
        truth.count([click])
        yield click


def _total(by_second: Mapping[int, int]) -> int:
    return sum(by_second.values())


if __name__ == "__main__":
    sys.exit(main())
