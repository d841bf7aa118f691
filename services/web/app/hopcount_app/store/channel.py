"""How tabs tell each other what changed: a code, and nothing that anybody could read."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Protocol

Message = Mapping[str, str]
"""`{"link": code}`: something about this link changed; whoever shows it asks for it again. The code is empty
where a link may have been made and nobody knows it yet: whoever shows links asks for the newest."""


class Channel(Protocol):
    """Carries messages to the other tabs of this browser, never back to the one that posts."""

    def post(self, message: Message) -> None:
        """Tell the other tabs."""
        ...

    def subscribe(self, listener: Callable[[Message], None]) -> Callable[[], None]:
        """Hear what other tabs tell, until what is returned is called."""
        ...


class NoChannel:
    """A tab that is alone."""

    def post(self, message: Message) -> None:
        """Tell nobody."""

    def subscribe(self, listener: Callable[[Message], None]) -> Callable[[], None]:  # noqa: ARG002
        """Hear nothing."""
        return lambda: None
