"""Stand-ins for the network and for time."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass, field
from typing import Any, TypeVar

from hopcount_app.api_service.errors import OfflineError
from hopcount_app.store.channel import Message
from hopcount_app.transport import Response

T = TypeVar("T")


@dataclass(frozen=True)
class Sent:
    """A request that was sent."""

    method: str
    url: str
    headers: Mapping[str, str]
    body: str | None

    @property
    def json(self) -> Any:
        return json.loads(self.body or "null")


Answer = Response | Exception
Server = Callable[[Sent], Answer]


@dataclass
class FakeTransport:
    """Remembers what is sent and lets `server` answer."""

    server: Server
    sent: list[Sent] = field(default_factory=list)

    async def request(
        self, method: str, url: str, headers: Mapping[str, str], body: str | None = None
    ) -> Response:
        request = Sent(method, url, dict(headers), body)
        self.sent.append(request)
        await asyncio.sleep(0)  # others may go on meanwhile
        answer = self.server(request)
        if isinstance(answer, Exception):
            raise answer
        return answer


@dataclass
class Clock:
    """A time that moves only when somebody waits."""

    now: float = 1_795_000_000.0
    waits: list[float] = field(default_factory=list)

    def __call__(self) -> float:
        return self.now

    async def sleep(self, seconds: float) -> None:
        self.waits.append(seconds)
        self.now += seconds


@dataclass
class FakeTokens:
    """Gives out `token-1`, and another one each time a fresh one is asked for."""

    given: int = 1

    async def token(self, *, fresh: bool = False) -> str:
        self.given += fresh
        return f"token-{self.given}"


@dataclass
class FakeChannel:
    """One end of a channel between tabs; `another` opens one more tab."""

    ends: list[FakeChannel] = field(default_factory=list)
    listeners: list[Callable[[Message], None]] = field(default_factory=list)

    def another(self) -> FakeChannel:
        self.ends = self.ends or [self]
        end = FakeChannel(self.ends)
        self.ends.append(end)
        return end

    def post(self, message: Message) -> None:
        for end in self.ends:
            for listener in () if end is self else tuple(end.listeners):
                listener(message)

    def subscribe(self, listener: Callable[[Message], None]) -> Callable[[], None]:
        self.listeners.append(listener)
        return lambda: self.listeners.remove(listener)


def answer(status: int = 200, body: Any = None, **headers: str) -> Response:
    """Return an answer; `retry_after="3"` is the header `retry-after`."""
    text = body if isinstance(body, str) else "" if body is None else json.dumps(body)
    return Response(status, {name.replace("_", "-"): value for name, value in headers.items()}, text)


def one_after_the_other(*answers: Answer) -> Server:
    """Answer with these, in their order; the last one for ever."""
    left = list(answers)
    return lambda _: left.pop(0) if len(left) > 1 else left[0]


def offline() -> OfflineError:
    return OfflineError()


def run(awaitable: Awaitable[T]) -> T:
    """Wait for a result."""

    async def wait() -> T:
        return await awaitable

    return asyncio.run(wait())
