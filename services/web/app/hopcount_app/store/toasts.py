"""Messages that appear for a while at the foot of the page."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from enum import StrEnum
from itertools import count

Action = Callable[[], Awaitable[None] | None]


class Tone(StrEnum):
    """How serious a message is."""

    INFO = "info"
    SUCCESS = "success"
    WARNING = "warning"
    ERROR = "error"


@dataclass(frozen=True, slots=True)
class Toast:
    """One message, with at most one thing to do about it, such as `Undo` or `Retry`."""

    id: int
    text: str
    tone: Tone = Tone.INFO
    action: str | None = None
    on_action: Action | None = None


@dataclass
class Toasts:
    """The messages that wait to be shown, oldest first.

    Parameters
    ----------
    listeners
        Called after every change.
    """

    waiting: list[Toast] = field(default_factory=list)
    listeners: list[Callable[[], None]] = field(default_factory=list)
    _ids: count[int] = field(default_factory=lambda: count(1))

    def show(
        self, text: str, tone: Tone = Tone.INFO, action: str | None = None, on_action: Action | None = None
    ) -> Toast:
        """Add a message; one that waits already with the same words is not repeated."""
        for toast in self.waiting:
            if (toast.text, toast.action) == (text, action):
                return toast
        toast = Toast(next(self._ids), text, tone, action, on_action)
        self.waiting.append(toast)
        self._changed()
        return toast

    def dismiss(self, toast: Toast) -> None:
        """Take a message away; one that is gone stays gone."""
        if toast in self.waiting:
            self.waiting.remove(toast)
            self._changed()

    def _changed(self) -> None:
        for listener in list(self.listeners):
            listener()
