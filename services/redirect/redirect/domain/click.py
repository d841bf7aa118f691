"""What is kept of a request until the visitor has the answer."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime

from redirect.domain.link import Link
from redirect.domain.value import Value


class Click(Value):
    """Somebody followed a link.

    Parameters
    ----------
    link
        Which.
    headers
        Of the request; read later.
    occurred_at
        When.
    correlation_id
        The request's id, if it has one.
    """

    __slots__ = ("correlation_id", "headers", "link", "occurred_at")

    def __init__(
        self, link: Link, headers: Mapping[str, str], occurred_at: datetime, correlation_id: str | None
    ) -> None:
        self.link = link
        self.headers = headers
        self.occurred_at = occurred_at
        self.correlation_id = correlation_id
