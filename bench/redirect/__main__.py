"""The redirect function beside the blueprint's.

    python -m bench.redirect [--rounds 30]

Cold starts, warm redirects and processor time, all in one run, in turns; the last line is JSON. It ends with
1 if a figure misses its bound, or if the start takes a tenth more than `baseline.json` says.
"""

import argparse
import json
import sys
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from bench.redirect.figures import (
    BOUNDS,
    difference,
    missed,
    percentile,
    ratio,
    share,
    summary,
    table,
    together,
)
from bench.redirect.installation import HERE, install
from bench.redirect.measurement import HIT, MISS, Times, aws, cold, warm, wrong_calls
from bench.redirect.subjects import BLUEPRINT, BOTO3, BUNDLED, NOOP, OURS, subjects

ROUNDS = 30
BLOCK = 20
LATENCY_MS = 3.0
BASELINE = HERE / "baseline.json"


def main() -> int:
    """Measure, print, and say whether all is as it has to be."""
    parser = argparse.ArgumentParser(prog="bench-redirect", description=__doc__.partition("\n")[0])
    parser.add_argument("--rounds", type=int, default=ROUNDS, help="how many rounds (default: %(default)s)")
    parser.add_argument("--freeze", action="store_true", help="stop a sandbox while it waits, as Lambda does")
    parser.add_argument("--tls", action="store_true", help="encrypt the connections to AWS")
    parser.add_argument("--zip", type=Path, help="measure this zip instead of building one")
    parser.add_argument("--record", action="store_true", help="write what the start takes to baseline.json")
    options = parser.parse_args()
    installed = install(options.zip)
    with aws(LATENCY_MS, tls=options.tls) as endpoint:
        functions = subjects(installed, endpoint.environment)
        answered, started, starting = cold(functions, options.rounds)
        milliseconds, processor = warm(functions, options.rounds, BLOCK, freeze=options.freeze)
        wrong = wrong_calls(endpoint.calls(), options.rounds, options.rounds, BLOCK)
    times = Measured(answered, started, starting, milliseconds, processor)
    figures = rounded({**times.bounded(), "zip_kb": installed.zip_bytes / 1024, **times.beside()})
    if options.record:
        recorded = {name: figures[name] for name in ("init_cpu_ratio", "init_ratio")}
        BASELINE.write_text(json.dumps(recorded) + "\n")
    wrong = [*wrong, *missed(figures, json.loads(BASELINE.read_text())["init_cpu_ratio"])]
    print(times.table(), end="\n\n")
    print(table(["figure", "measured", "at most"], [[name, figures[name], BOUNDS[name]] for name in BOUNDS]))
    for sentence in wrong:
        print(f"bench-redirect: {sentence}", file=sys.stderr)
    options_used = {"rounds": options.rounds, "block": BLOCK, "frozen": options.freeze, "tls": options.tls}
    print(json.dumps({**figures, **times.absolute(), **options_used, "missed": wrong}))
    return 1 if wrong else 0


@dataclass(frozen=True)
class Measured:
    """All that was measured.

    Parameters
    ----------
    cold
        From the start of a sandbox to its first answer.
    init
        From there to its first request for an event.
    init_processor
        What that takes of the processor.
    warm
        From an event to its answer.
    processor
        What a request takes of the processor, with all that comes after its answer.
    """

    cold: Times
    init: Times
    init_processor: Times
    warm: Times
    processor: Times

    def bounded(self) -> Mapping[str, float]:
        """Return the figures that have a bound."""
        return {
            "cold_ratio": ratio(self.cold[OURS], self.cold[BLUEPRINT]),
            "init_ratio": ratio(self.init[OURS], self.init[BOTO3]),
            "warm_hit_p50_ratio": ratio(self.warm[HIT], self.warm[BLUEPRINT]),
            "warm_miss_p50_ratio": ratio(self.warm[MISS], self.warm[BLUEPRINT]),
            "cpu_ratio": share(self.processor[HIT], self.processor[BLUEPRINT]),
            "hit_over_noop_ms": difference(self.warm[HIT], self.warm[NOOP]),
        }

    def beside(self) -> Mapping[str, float]:
        """Return what has none: the 99th percentiles, misses, and the blueprint as one file."""
        hit, miss, blueprint, noop = (
            percentile(together(self.warm[name]), 99) for name in (HIT, MISS, BLUEPRINT, NOOP)
        )
        return {
            "warm_hit_p99_ratio": hit / blueprint,
            "warm_miss_p99_ratio": miss / blueprint,
            "hit_over_noop_p99_ms": hit - noop,
            "init_cpu_ratio": ratio(self.init_processor[OURS], self.init_processor[BOTO3]),
            "cpu_miss_ratio": share(self.processor[MISS], self.processor[BLUEPRINT]),
            "bundled_cold_ratio": ratio(self.cold[OURS], self.cold[BUNDLED]),
            "bundled_warm_hit_p50_ratio": ratio(self.warm[HIT], self.warm[BUNDLED]),
            "bundled_warm_miss_p50_ratio": ratio(self.warm[MISS], self.warm[BUNDLED]),
            "bundled_cpu_ratio": share(self.processor[HIT], self.processor[BUNDLED]),
        }

    def absolute(self) -> Mapping[str, Mapping[str, Mapping[str, float]]]:
        """Return medians and 99th percentiles in milliseconds."""
        kinds = {
            "cold_ms": self.cold,
            "init_ms": self.init,
            "init_cpu_ms": self.init_processor,
            "warm_ms": self.warm,
            "cpu_ms": self.processor,
        }
        return {
            kind: {name: summary(rounds) for name, rounds in times.by_name.items()}
            for kind, times in kinds.items()
        }

    def table(self) -> str:
        """Return all of it in milliseconds, a function a line."""
        kinds = self.absolute()
        names = dict.fromkeys(name for times in kinds.values() for name in times)
        heads = [f"{kind.removesuffix('_ms')} {which}" for kind in kinds for which in ("p50", "p99")]
        rows = [
            [
                name,
                *(
                    f"{times[name][which]:.2f}" if name in times else ""
                    for times in kinds.values()
                    for which in ("p50", "p99")
                ),
            ]
            for name in names
        ]
        return table(["ms", *heads], rows)


def rounded(figures: Mapping[str, float]) -> Mapping[str, float]:
    """Return figures as they are printed."""
    return {name: round(value, 3) for name, value in figures.items()}


if __name__ == "__main__":
    sys.exit(main())
