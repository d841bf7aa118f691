"""How many redirects the product does as it runs here, by wrk.

    make up
    python -m bench.local_stack [--seconds 10] [--connections 8]

It is an emulator's figure: the front door, the local AWS and its Lambda workers share the processors of this
machine. It says whether something got slower, and nothing about AWS. The last line is JSON.
"""

import argparse
import json
import re
import shutil
import subprocess
import sys
from collections.abc import Mapping

from tests.support.people import Creator, Visitor, close_all
from tests.support.stack import Stack

SECONDS = 10
CONNECTIONS = 8
THREADS = 2
_MILLISECONDS = {"us": 0.001, "ms": 1.0, "s": 1000.0, "m": 60_000.0}


def main() -> int:
    """Measure, print, and say whether every visitor was sent on."""
    parser = argparse.ArgumentParser(prog="bench-local", description=__doc__.partition("\n")[0])
    parser.add_argument("--seconds", type=int, default=SECONDS, help="for how long (default: %(default)s)")
    parser.add_argument(
        "--connections", type=int, default=CONNECTIONS, help="how many at a time (default: %(default)s)"
    )
    options = parser.parse_args()
    wrk = shutil.which("wrk")
    if wrk is None:
        raise SystemExit("bench-local: wrk is missing: `apt-get install wrk` (Debian, Ubuntu)")
    try:
        stack = Stack.load()
    except RuntimeError as error:
        raise SystemExit(f"bench-local: {error}") from None
    code = str(Creator.sign_up(stack).create()["id"])
    followed = Visitor(stack).follow(code)
    close_all()
    if followed.status_code != 301:
        raise SystemExit(f"bench-local: following a link answers {followed.status_code}")
    command = [wrk, "--latency", f"-t{THREADS}", f"-c{options.connections}", f"-d{options.seconds}s"]
    output = subprocess.run(
        [*command, f"{stack.base_url}/{code}"], capture_output=True, text=True, check=True
    ).stdout
    figures = read_wrk(output)
    print("The emulator's figure, not Lambda's: the whole product on this machine, one popular link.")
    print(output)
    print(json.dumps({**figures, "connections": options.connections, "seconds": options.seconds}))
    return 1 if figures["failed"] else 0


def read_wrk(output: str) -> Mapping[str, float]:
    """Return what wrk says: redirects a second, how long they took, and how many failed."""
    return {
        "redirects_per_s": _number(r"^Requests/sec:\s+([\d.]+)", output),
        "p50_ms": _milliseconds(50, output),
        "p99_ms": _milliseconds(99, output),
        "redirects": _number(r"^\s*(\d+) requests in", output),
        "failed": sum(
            map(float, re.findall(r"(?:connect|read|write|timeout|Non-2xx or 3xx responses:) (\d+)", output))
        ),
    }


def _milliseconds(percent: int, output: str) -> float:
    found = re.search(rf"^\s*{percent}%\s+([\d.]+)(us|ms|s|m)\s*$", output, re.MULTILINE)
    if found is None:
        raise ValueError(f"wrk did not say how long {percent}% took:\n{output}")
    return round(float(found[1]) * _MILLISECONDS[found[2]], 3)


def _number(pattern: str, output: str) -> float:
    found = re.search(pattern, output, re.MULTILINE)
    if found is None:
        raise ValueError(f"wrk did not say {pattern!r}:\n{output}")
    return float(found[1])


if __name__ == "__main__":
    sys.exit(main())
