"""Which of several endpoints to ask: the nearest that answers, as measured from where the app runs."""

from __future__ import annotations

import asyncio
import json
import time
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass, field
from statistics import median

from hopcount_app.api_service.errors import OfflineError
from hopcount_app.api_service.models import Endpoint
from hopcount_app.storage import Storage
from hopcount_app.transport import Response, Transport

KEY = "hopcount.region"
_FAILING = frozenset({502, 503, 504})
_PATIENCE_SECONDS = 5.0


@dataclass
class Regions:
    """The endpoints, and which of them is used. The first one is, until they are measured.

    Parameters
    ----------
    transport, storage
        How to ask, and where the choice is remembered.
    endpoints
        All of them.
    samples
        How often each is asked to measure it; the median counts.
    every
        Seconds for which a measurement holds.
    margin
        How much nearer another one has to be: without it two that are alike would take turns.
    now, timer
        The time in seconds since 1970, and a clock that only moves on.
    """

    transport: Transport
    storage: Storage
    endpoints: Sequence[Endpoint]
    samples: int = 3
    every: float = 600.0
    margin: float = 0.8
    now: Callable[[], float] = time.time
    timer: Callable[[], float] = time.perf_counter
    latencies: dict[str, float | None] = field(default_factory=dict)
    """Milliseconds by region, as they were measured last; `None` where one did not answer."""
    listeners: list[Callable[[], None]] = field(default_factory=list)
    """Called when another endpoint is chosen, or all are measured."""

    def __post_init__(self) -> None:
        """Begin with the first one."""
        self.current = self.endpoints[0]
        self._measured_at = float("-inf")
        self._failed: set[Endpoint] = set()
        self._running: asyncio.Task[None] | None = None

    def learn(self, endpoints: Sequence[Endpoint]) -> None:
        """Choose among these from now on; the one in use stays, if it is one of them."""
        self.endpoints = endpoints
        self.current = next((e for e in endpoints if e.url == self.current.url), endpoints[0])
        self._told()

    async def resume(self) -> None:
        """Take up the choice that this browser remembers, if it still holds."""
        try:
            kept = json.loads(await self.storage.get(KEY) or "null")
            region, measured_at = str(kept["region"]), float(kept["at"])
            latencies = {str(name): kept["latencies"][name] for name in kept["latencies"]}
        except (ValueError, KeyError, TypeError):
            return
        found = [endpoint for endpoint in self.endpoints if endpoint.region == region]
        if found and 0 <= self.now() - measured_at < self.every:
            self.current, self._measured_at, self.latencies = found[0], measured_at, latencies
            self._told()

    async def ask(self, send: Callable[[Endpoint], Awaitable[Response]], *, repeatable: bool) -> Response:
        """Send a request to the endpoint in use; if it fails and may be repeated, to the next nearest.

        Raises
        ------
        hopcount_app.api_service.errors.OfflineError
            If none answers.
        """
        self.measure_when_due()
        order = self._in_order() if repeatable else self._in_order()[:1]
        for endpoint in order:
            is_last = endpoint == order[-1]
            try:
                response = await send(endpoint)
            except OfflineError:
                self._fail(endpoint)
                if is_last:
                    raise
                continue
            if response.status not in _FAILING:
                self._works(endpoint)
                return response
            self._fail(endpoint)
            if is_last:
                return response
        raise OfflineError

    async def measure(self) -> None:
        """Measure every endpoint now, choose the nearest, and remember it."""
        # One after the other: they would slow each other down.
        self.latencies = {e.region: await self._latency(e) for e in self.endpoints}
        self._failed = {e for e in self.endpoints if self.latencies[e.region] is None}
        self._measured_at = self.now()
        nearest, here = self._in_order(by_distance=True)[0], self.latencies[self.current.region]
        distance = self.latencies[nearest.region]
        if distance is not None and (here is None or distance < here * self.margin):
            self.current = nearest
        kept = {"region": self.current.region, "at": self._measured_at, "latencies": self.latencies}
        await self.storage.set(KEY, json.dumps(kept))
        self._told()

    def measure_when_due(self) -> None:
        """Measure beside the requests, never before them; with a single endpoint there is no choice."""
        is_due = self.now() - self._measured_at >= self.every
        if len(self.endpoints) > 1 and is_due and (self._running is None or self._running.done()):
            self._running = asyncio.create_task(self.measure())

    async def _latency(self, endpoint: Endpoint) -> float | None:
        """Return how many milliseconds an endpoint takes to say that it is well."""
        times: list[float] = []
        for _ in range(self.samples):
            begun = self.timer()
            try:
                async with asyncio.timeout(_PATIENCE_SECONDS):
                    answer = await self.transport.request("GET", f"{endpoint.url}/health", {})
            except (OfflineError, TimeoutError):
                return None
            if answer.status != 200:
                return None
            times.append((self.timer() - begun) * 1000)
        return median(times)

    def _in_order(self, *, by_distance: bool = False) -> list[Endpoint]:
        """Return the endpoints as they are to be asked: the one in use, the nearest, the failed."""

        def place(endpoint: Endpoint) -> tuple[bool, bool, float]:
            milliseconds = self.latencies.get(endpoint.region)
            is_other = endpoint != self.current and not by_distance
            return endpoint in self._failed, is_other, 1e9 if milliseconds is None else milliseconds

        return sorted(self.endpoints, key=place)

    def _works(self, endpoint: Endpoint) -> None:
        self._failed.discard(endpoint)
        if endpoint != self.current:
            self.current = endpoint
            self._told()

    def _fail(self, endpoint: Endpoint) -> None:
        """Remember a failure: the next request goes elsewhere, and all are measured again."""
        self._failed.add(endpoint)
        self._measured_at = float("-inf")

    def _told(self) -> None:
        for listener in list(self.listeners):
            listener()
