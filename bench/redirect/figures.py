"""What measured times come to: medians and ratios of what was measured together, and whether they will do."""

import math
import statistics
from collections.abc import Mapping, Sequence

Rounds = Sequence[Sequence[float]]
"""What was measured, by round: what took turns has the same number of rounds."""

BOUNDS: Mapping[str, float] = {
    "cold_ratio": 0.42,
    "init_ratio": 0.20,
    "warm_hit_p50_ratio": 0.22,
    "warm_miss_p50_ratio": 0.80,
    "cpu_ratio": 0.25,
    "hit_over_noop_ms": 0.3,
    "zip_kb": 100,
}
"""What each figure may be at most."""

GROWTH = 1.10
"""By so much a start may take more of the processor than what was recorded."""


def percentile(numbers: Sequence[float], percent: float) -> float:
    """Return the smallest of some numbers that so many percent of them do not exceed."""
    return sorted(numbers)[max(0, math.ceil(len(numbers) * percent / 100) - 1)]


def together(rounds: Rounds) -> Sequence[float]:
    """Return what was measured in all rounds."""
    return [number for numbers in rounds for number in numbers]


def ratio(ours: Rounds, theirs: Rounds) -> float:
    """Return by how much one takes longer: the median over the rounds of the ratio of the medians within one.

    What else happens on the machine comes and goes, and hits both of a round.
    """
    return statistics.median(
        statistics.median(one) / statistics.median(other) for one, other in zip(ours, theirs, strict=True)
    )


def difference(ours: Rounds, theirs: Rounds) -> float:
    """Return how much longer one takes: the median over the rounds of the medians' difference within one."""
    return statistics.median(
        statistics.median(one) - statistics.median(other) for one, other in zip(ours, theirs, strict=True)
    )


def share(ours: Rounds, theirs: Rounds) -> float:
    """Return what one takes over what the other does, in all: what only some rounds have counts, too."""
    return sum(together(ours)) / sum(together(theirs))


def summary(rounds: Rounds) -> Mapping[str, float]:
    """Return the median and the 99th percentile."""
    numbers = together(rounds)
    return {"p50": round(statistics.median(numbers), 3), "p99": round(percentile(numbers, 99), 3)}


def missed(figures: Mapping[str, float], recorded: float) -> Sequence[str]:
    """Return which bounds are missed, one sentence each.

    Parameters
    ----------
    figures
        What was measured.
    recorded
        The `init_cpu_ratio` it is compared with: processor time depends the least on what else runs here.
    """
    sentences = [
        f"{name} is {figures[name]:g}, and may be {bound:g}"
        for name, bound in BOUNDS.items()
        if figures[name] > bound
    ]
    grown = figures["init_cpu_ratio"] / recorded
    if grown > GROWTH:
        sentences.append(
            f"init_cpu_ratio is {figures['init_cpu_ratio']:g}, {grown:.2f} times the {recorded:g} of "
            f"baseline.json, and may be {GROWTH:g} times"
        )
    return sentences


def table(heads: Sequence[str], rows: Sequence[Sequence[object]]) -> str:
    """Return a table as Markdown has it."""
    cells = [[str(cell) for cell in row] for row in [heads, *rows]]
    widths = [max(len(row[column]) for row in cells) for column in range(len(heads))]
    lines = ["| " + " | ".join(map(str.ljust, row, widths)) + " |" for row in cells]
    rule = "|" + "|".join("-" * (width + 2) for width in widths) + "|"
    return "\n".join([lines[0], rule, *lines[1:]])
