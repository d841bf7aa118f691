"""The redirect function with the processor share of each memory size, and what a million redirects cost then.

    python -m bench.redirect.memory [--rounds 8]

Lambda gives a function a share of a processor by its memory, but a whole one while it starts. It needs a
machine that lets it make control groups. The last line is JSON.
"""

import argparse
import contextlib
import itertools
import json
import math
import random
import statistics
import sys
import time
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path

from tests.support.runtime_api import Invocation, Sandbox

from bench.prices import GB_SECOND, INVOCATIONS_PER_MILLION
from bench.redirect.figures import percentile, table
from bench.redirect.installation import install
from bench.redirect.measurement import POPULAR, aws, rotated
from bench.redirect.shares import Share, UnavailableError, processors, share
from bench.redirect.subjects import OURS, Subject, subjects, visit

SIZES = (128, 256, 512, 1024, 1769)
ROUNDS = 8
BLOCK = 20
WARM_UP = 20
LATENCY_MS = 3.0
APART_SECONDS = (0.02, 0.04)
"""So long a sandbox waits between two requests: back to back, one would use up the quota of the next."""


@dataclass
class Size:
    """What was measured with so much memory, in milliseconds.

    Parameters
    ----------
    memory_mb
        The memory.
    init, cold
        From the start of the sandbox until it asked for its first event, and until it had answered that.
    hit, miss
        From an event to its answer.
    hit_billed, miss_billed
        What Lambda charges for, which ends when the click is published.
    hit_processor
        Processor time of a hit.
    peak_mb
        The most memory that a sandbox had.
    """

    memory_mb: int
    init: list[float] = field(default_factory=list)
    cold: list[float] = field(default_factory=list)
    hit: list[float] = field(default_factory=list)
    miss: list[float] = field(default_factory=list)
    hit_billed: list[float] = field(default_factory=list)
    miss_billed: list[float] = field(default_factory=list)
    hit_processor: list[float] = field(default_factory=list)
    peak_mb: float = 0

    def figures(self) -> Mapping[str, float]:
        """Return what it comes to."""
        figures = {
            "memory_mb": self.memory_mb,
            "cold_p50_ms": statistics.median(self.cold),
            "init_p50_ms": statistics.median(self.init),
            "hit_p50_ms": statistics.median(self.hit),
            "hit_p99_ms": percentile(self.hit, 99),
            "miss_p50_ms": statistics.median(self.miss),
            "miss_p99_ms": percentile(self.miss, 99),
            "hit_cpu_ms": statistics.median(self.hit_processor),
            "hit_gb_seconds": gb_seconds(self.hit_billed, self.memory_mb),
            "miss_gb_seconds": gb_seconds(self.miss_billed, self.memory_mb),
            "hit_dollars": dollars(self.hit_billed, self.memory_mb),
            "miss_dollars": dollars(self.miss_billed, self.memory_mb),
            "peak_mb": self.peak_mb,
        }
        return {name: round(value, 2) for name, value in figures.items()}


def main() -> int:
    """Measure and print."""
    parser = argparse.ArgumentParser(prog="bench-memory", description=__doc__.partition("\n")[0])
    parser.add_argument("--rounds", type=int, default=ROUNDS, help="how many rounds (default: %(default)s)")
    parser.add_argument("--zip", type=Path, help="measure this zip instead of building one")
    options = parser.parse_args()
    try:
        with share("probe"):
            pass
    except UnavailableError as error:
        raise SystemExit(f"bench-memory: {error}") from None
    installed = install(options.zip)
    with aws(LATENCY_MS) as endpoint:
        sizes = measure(subjects(installed, endpoint.environment)[OURS], options.rounds, random.Random(1))
    figures = [size.figures() for size in sizes]
    print(report(figures))
    print(json.dumps({"sizes": figures, "rounds": options.rounds, "redirects": options.rounds * BLOCK}))
    return 0


def measure(function: Subject, rounds: int, dice: random.Random) -> Sequence[Size]:
    """Measure every size, one after the other in each round.

    Parameters
    ----------
    function
        What to measure.
    rounds
        How many sandboxes of each size are started, and how many blocks of hits and misses it gets.
    dice
        The random source.
    """
    sizes = [Size(memory_mb) for memory_mb in SIZES]
    fresh = (f"code-{number}" for number in itertools.count())
    with contextlib.ExitStack() as stack:
        warm = {}
        for size in sizes:
            _, sandbox = _started(function, size, stack)
            warm[size.memory_mb] = sandbox
            for _ in range(WARM_UP):
                _follow(function, sandbox, POPULAR, dice)
        for number in range(rounds):
            for size in rotated(sizes, number):
                _start(function, size)
                _redirect(function, size, warm[size.memory_mb], fresh, dice)
    return sizes


def _started(function: Subject, size: Size, stack: contextlib.ExitStack) -> tuple[Share, Sandbox]:
    """Start a sandbox as Lambda does: with a whole processor until it is ready, then with its share."""
    group = stack.enter_context(share(f"{size.memory_mb}-{time.monotonic_ns()}"))
    group.limit(1)
    inside = replace(function, command=group.command(function.command))
    sandbox = stack.enter_context(inside.sandbox())
    sandbox.start()
    group.limit(processors(size.memory_mb))
    return group, sandbox


def _start(function: Subject, size: Size) -> None:
    with contextlib.ExitStack() as stack:
        _, sandbox = _started(function, size, stack)
        invocation = sandbox.invoke(visit(POPULAR))
        function.check(invocation)
        sandbox.wait_idle()
        init = sandbox.init_seconds * 1000
        size.init.append(init)
        size.cold.append(init + _answered_ms(invocation))


def _redirect(
    function: Subject, size: Size, sandbox: Sandbox, fresh: Iterator[str], dice: random.Random
) -> None:
    before = sandbox.cpu_seconds()
    hits = [_follow(function, sandbox, POPULAR, dice) for _ in range(BLOCK)]
    size.hit_processor.append((sandbox.cpu_seconds() - before) * 1000 / BLOCK)
    misses = [_follow(function, sandbox, next(fresh), dice) for _ in range(BLOCK)]
    size.hit += map(_answered_ms, hits)
    size.miss += map(_answered_ms, misses)
    size.hit_billed += map(_billed_ms, hits)
    size.miss_billed += map(_billed_ms, misses)
    size.peak_mb = max(size.peak_mb, peak_mb(Path(f"/proc/{sandbox.pid}/status").read_text()))


def _follow(function: Subject, sandbox: Sandbox, code: str, dice: random.Random) -> Invocation:
    time.sleep(dice.uniform(*APART_SECONDS))
    invocation = sandbox.invoke(visit(code))
    function.check(invocation)
    sandbox.wait_idle()
    return invocation


def _answered_ms(invocation: Invocation) -> float:
    return ((invocation.answered_at or math.nan) - invocation.invoked_at) * 1000


def _billed_ms(invocation: Invocation) -> float:
    return ((invocation.released_at or math.nan) - invocation.invoked_at) * 1000


def peak_mb(status: str) -> float:
    """Return the most memory that a process had, from its `/proc/<pid>/status`."""
    (line,) = (line for line in status.splitlines() if line.startswith("VmHWM:"))
    return int(line.split()[1]) / 1024


def gb_seconds(billed_ms: Sequence[float], memory_mb: int) -> float:
    """Return what a million invocations use: Lambda rounds each up to a whole millisecond."""
    mean = statistics.mean(math.ceil(milliseconds) for milliseconds in billed_ms)
    return mean / 1000 * memory_mb / 1024 * 1_000_000


def dollars(billed_ms: Sequence[float], memory_mb: int) -> float:
    """Return what a million invocations cost on arm64."""
    return gb_seconds(billed_ms, memory_mb) * GB_SECOND + INVOCATIONS_PER_MILLION


def report(figures: Sequence[Mapping[str, float]]) -> str:
    """Return the figures as a table for the README."""
    heads = [
        "memory",
        "cold start p50",
        "hit p50",
        "hit p99",
        "miss p50",
        "miss p99",
        "GB-s per million hits",
        "$ per million hits",
        "misses",
    ]
    rows = [
        [
            f"{row['memory_mb']:.0f} MB",
            f"{row['cold_p50_ms']:.0f} ms",
            *(f"{row[name]:.1f} ms" for name in ("hit_p50_ms", "hit_p99_ms", "miss_p50_ms", "miss_p99_ms")),
            f"{row['hit_gb_seconds']:.0f}",
            f"{row['hit_dollars']:.2f}",
            f"{row['miss_dollars']:.2f}",
        ]
        for row in figures
    ]
    return table(heads, rows)


if __name__ == "__main__":
    sys.exit(main())
