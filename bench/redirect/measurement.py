"""Cold starts and warm redirects, the functions taking turns."""

import contextlib
import itertools
import ssl
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import TypeVar

import httpx
import trustme
from tests.support.runtime_api import Sandbox

from bench.redirect.figures import Rounds
from bench.redirect.installation import ROOT
from bench.redirect.subjects import BLUEPRINT, BUNDLED, NOOP, OURS, Subject, visit

HIT, MISS = "ours_hit", "ours_miss"
POPULAR = "popular"
WARM_UP = 150
"""So many requests come before the first that is measured: Node.js compiles what it runs often."""

PAUSE_SECONDS = 0.005
"""For so long a sandbox rests before each request. A processor that just worked is quicker, and they work for
different times after their answers; and what the blueprint leaves to itself is done by then."""

T = TypeVar("T")


@dataclass
class Times:
    """What was measured, in milliseconds, by function and round."""

    by_name: dict[str, list[list[float]]] = field(default_factory=dict)

    def add(self, name: str, milliseconds: Sequence[float]) -> None:
        """Add what a round gave."""
        self.by_name.setdefault(name, []).append(list(milliseconds))

    def __getitem__(self, name: str) -> Rounds:
        return self.by_name[name]


@dataclass(frozen=True)
class Endpoint:
    """The AWS that all of them talk to.

    Parameters
    ----------
    url
        Where it is.
    authority
        A PEM file with the certificate that its own is signed by, if connections are encrypted.
    """

    url: str
    authority: Path | None

    @property
    def environment(self) -> Mapping[str, str]:
        """What a function needs to find and believe it."""
        if self.authority is None:
            return {"AWS_ENDPOINT_URL": self.url}
        trust = dict.fromkeys(["AWS_CA_BUNDLE", "NODE_EXTRA_CA_CERTS"], str(self.authority))
        return {"AWS_ENDPOINT_URL": self.url, **trust}

    def calls(self) -> Mapping[str, Mapping[str, int]]:
        """Return how many calls there were, by function and operation."""
        trusted = True if self.authority is None else ssl.create_default_context(cafile=self.authority)
        counted: Mapping[str, Mapping[str, int]] = httpx.get(f"{self.url}/calls", verify=trusted).json()
        return counted


@contextmanager
def aws(latency_ms: float, *, tls: bool = False) -> Iterator[Endpoint]:
    """Run an endpoint of constant latency in a process of its own."""
    command = [sys.executable, "-m", "tests.support.aws_endpoint", "--latency-ms", str(latency_ms)]
    with tempfile.TemporaryDirectory() as folder:
        authority = Path(folder, "authority.pem") if tls else None
        if authority is not None:
            command += ["--certificate", str(_certify(authority))]
        with subprocess.Popen(
            command, cwd=ROOT, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
        ) as process:
            assert process.stdin is not None  # noqa: S101  pipes, as asked for
            assert process.stdout is not None  # noqa: S101
            yield Endpoint(process.stdout.readline().strip(), authority)
            process.stdin.close()


def _certify(authority: Path) -> Path:
    """Make a certificate for the endpoint, write who signed it to a file, and return the file that has it."""
    signer, certificate = trustme.CA(), authority.with_name("endpoint.pem")
    signer.cert_pem.write_to_path(str(authority))
    signer.issue_cert("127.0.0.1").private_key_and_cert_chain_pem.write_to_path(str(certificate))
    return certificate


@dataclass(frozen=True)
class Visitor:
    """Somebody who follows links, always through one sandbox.

    Parameters
    ----------
    subject, sandbox
        The function.
    codes
        The links.
    """

    subject: Subject
    sandbox: Sandbox
    codes: Iterator[str]

    def follow(self) -> float:
        """Follow the next link; return after how many milliseconds the answer was there, once all is done."""
        time.sleep(PAUSE_SECONDS)
        invocation = self.sandbox.invoke(visit(next(self.codes)))
        self.subject.check(invocation)
        self.sandbox.wait_idle()
        return invocation.milliseconds


def cold(subjects: Mapping[str, Subject], rounds: int) -> tuple[Times, Times, Times]:
    """Start each function once a round.

    Returns
    -------
    answered, started, processor
        The times from the start of a sandbox to its first answer and to its first request for an event, and
        what that took of the processor.
    """
    answered, started, processor = Times(), Times(), Times()
    for number in range(-1, rounds):
        for subject in rotated([*subjects.values()], number):
            with subject.sandbox() as sandbox:
                sandbox.start()
                seconds = sandbox.cpu_seconds()
                invocation = sandbox.invoke(visit(POPULAR))
                subject.check(invocation)
                sandbox.wait_idle()
                if number >= 0:  # the one before reads the files from the disk
                    answered.add(subject.name, [invocation.milliseconds])
                    started.add(subject.name, [sandbox.init_seconds * 1000])
                    processor.add(subject.name, [seconds * 1000])
    return answered, started, processor


def warm(
    subjects: Mapping[str, Subject], rounds: int, block: int, *, freeze: bool = False
) -> tuple[Times, Times]:
    """Send a block of requests to each function each round; return the times, and the processor's for each.

    A sandbox gets the next request when it is idle again, as on Lambda, and has rested.
    """
    milliseconds, processor = Times(), Times()
    with contextlib.ExitStack() as stack:
        sandboxes = {
            name: stack.enter_context(subjects[name].sandbox(freeze=freeze))
            for name in (BLUEPRINT, BUNDLED, OURS, NOOP)
        }
        popular, fresh = itertools.repeat(POPULAR), (f"code-{number}" for number in itertools.count())
        visitors = {
            name: Visitor(subjects[name], sandboxes[name], popular) for name in (BLUEPRINT, BUNDLED, NOOP)
        }
        visitors[HIT] = Visitor(subjects[OURS], sandboxes[OURS], popular)
        visitors[MISS] = Visitor(subjects[OURS], sandboxes[OURS], fresh)
        for visitor in visitors.values():
            for _ in range(WARM_UP):
                visitor.follow()
        for number in range(rounds):
            for name in rotated([*visitors], number):
                visitor = visitors[name]
                visitor.follow()  # not counted: the processor's caches are full of somebody else's
                before = visitor.sandbox.cpu_seconds()
                milliseconds.add(name, [visitor.follow() for _ in range(block)])
                processor.add(name, [(visitor.sandbox.cpu_seconds() - before) * 1000 / block])
    return milliseconds, processor


def wrong_calls(
    calls: Mapping[str, Mapping[str, int]], cold_rounds: int, warm_rounds: int, block: int
) -> Sequence[str]:
    """Return what is wrong with our function's calls: a redirect is one click, and only a miss is a read."""
    sandboxes = cold_rounds + 1 + 1
    measured = warm_rounds * (block + 1) + WARM_UP
    expected = {"PutEvents": sandboxes - 1 + 2 * measured, "GetItem": sandboxes + measured}
    counted = calls.get(OURS, {})
    return [
        f"our function made {counted.get(operation, 0)} calls of {operation}, and should make {number}"
        for operation, number in {**dict.fromkeys(counted, 0), **expected}.items()
        if counted.get(operation, 0) != number
    ]


def rotated(things: Sequence[T], number: int) -> Sequence[T]:
    """Return things in another order each round, so that none always follows the same one's mess."""
    start = number % len(things)
    return [*things[start:], *things[:start]]
