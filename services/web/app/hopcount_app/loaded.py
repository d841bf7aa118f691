"""Something that a view asks the backend for: it loads, it is there, it failed, it is asked for again."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass, replace
from typing import Generic, TypeVar

import flet as ft

from hopcount_app.api_service.errors import ServiceError

T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class Loaded(Generic[T]):
    """What there is so far.

    Parameters
    ----------
    value
        What was loaded last; it stays while something newer is on its way.
    error
        Why the last attempt failed.
    busy
        Whether an attempt is under way.
    """

    value: T | None = None
    error: ServiceError | None = None
    busy: bool = True


def use_loaded(
    load: Callable[[], Awaitable[T]], dependencies: Sequence[object]
) -> tuple[Loaded[T], Callable[[], None]]:
    """Load something when the view is entered and whenever a dependency changes (a hook).

    A change, and leaving the view, end the request that is under way.

    Returns
    -------
    tuple
        What there is so far, and a function that loads it again.
    """
    nothing: Loaded[T] = Loaded()
    state, set_state = ft.use_state(nothing)
    attempt, set_attempt = ft.use_state(0)

    async def run() -> None:
        set_state(lambda before: replace(before, error=None, busy=True))
        try:
            value = await load()
        except ServiceError as error:
            problem = error  # `error` ends with this block, the function below does not
            set_state(lambda before: Loaded(before.value, problem, busy=False))
        else:
            set_state(Loaded(value, busy=False))

    # A cleanup, though it does nothing, is what makes Flet cancel the task.
    ft.use_effect(run, dependencies=[*dependencies, attempt], cleanup=lambda: None)
    return state, lambda: set_attempt(lambda count: count + 1)
