"""What survives a reload, and what tabs tell each other."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Protocol

SIGNED_OUT = "signed-out"
SIGNED_IN = "signed-in"
LINKS_CHANGED = "links-changed"
"""Kinds of messages between tabs."""

Listener = Callable[[str], None]
"""Gets the kind of a message."""


class Storage(Protocol):
    """A place for short texts, shared by the tabs of a browser."""

    async def get(self, key: str) -> str | None:
        """Return what is kept under a name."""
        ...

    async def set(self, key: str, value: str) -> None:
        """Keep something."""
        ...

    async def remove(self, key: str) -> None:
        """Forget something; what is not there is forgotten already."""
        ...


class Channel(Protocol):
    """Messages to all other tabs of the same browser. They carry a kind and nothing else."""

    def send(self, kind: str) -> None:
        """Tell all other tabs."""
        ...

    def listen(self, listener: Listener) -> None:
        """Call `listener` with the kind of each message from another tab."""
        ...


@dataclass
class MemoryStorage:
    """Forgets everything with the page: for debug mode and tests."""

    values: dict[str, str] = field(default_factory=dict)

    async def get(self, key: str) -> str | None:
        """Return what is kept."""
        return self.values.get(key)

    async def set(self, key: str, value: str) -> None:
        """Keep something."""
        self.values[key] = value

    async def remove(self, key: str) -> None:
        """Forget something."""
        self.values.pop(key, None)


@dataclass
class LocalChannel:
    """One end of a channel inside this process: for debug mode and tests."""

    others: list[LocalChannel] = field(default_factory=list)
    listeners: list[Listener] = field(default_factory=list)

    def send(self, kind: str) -> None:
        """Tell all other ends."""
        for other in self.others:
            for listener in list(other.listeners):
                listener(kind)

    def listen(self, listener: Listener) -> None:
        """Hear what the other ends send."""
        self.listeners.append(listener)

    def another(self) -> LocalChannel:
        """Return another end: a second tab."""
        ends = [self, *self.others]
        new = LocalChannel(ends.copy())
        for end in ends:
            end.others.append(new)
        return new
