"""What people are told of the changes they made: what can be undone, and what went wrong."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field

from hopcount_app.api_service.errors import (
    ConflictError,
    InvalidError,
    OfflineError,
    RateLimitedError,
    ServiceError,
)
from hopcount_app.store.operations import Create, Delete, Operation, why
from hopcount_app.store.toasts import Toast, Toasts, Tone


@dataclass
class Reporter:
    """Shows messages, with what can be done about them."""

    toasts: Toasts
    retry: Callable[[Operation], object]
    restore: Callable[[str], object]
    _undo: dict[Operation, Toast] = field(default_factory=dict)

    def deleted(self, operation: Delete, name: str) -> None:
        """Offer to undo a deletion, before it is even confirmed."""
        self._undo[operation] = self.toasts.show(
            f"{name} was moved to the trash.",
            action="Undo",
            on_action=lambda: _nothing(self.restore(operation.subject)),
        )

    def confirmed(self, operation: Operation) -> None:
        """Leave the offer to undo as it is."""
        self._undo.pop(operation, None)

    def dropped(self, operation: Operation) -> None:
        """Offer no more to undo what was not done."""
        if operation in self._undo:
            self.toasts.dismiss(self._undo.pop(operation))

    def failed(self, operation: Operation, error: ServiceError, name: str) -> None:
        """Say what has not happened and why, unless a form says it; offer to try again."""
        if operation.watched and isinstance(error, InvalidError | ConflictError):
            return
        text, tone = f"{name} {operation.undone}. {why(error)}", _tone(error)
        if isinstance(error, InvalidError) or (
            isinstance(operation, Create) and isinstance(error, ConflictError)
        ):
            self.toasts.show(text, tone)  # the same again would fail again
        else:
            self.toasts.show(text, tone, "Retry", lambda: _nothing(self.retry(operation)))


def _tone(error: ServiceError) -> Tone:
    return Tone.WARNING if isinstance(error, OfflineError | RateLimitedError) else Tone.ERROR


def _nothing(_: object) -> None:
    return None
