"""What people do in the app, counted without saying who: batches of events for `POST /events`."""

from __future__ import annotations

from dataclasses import dataclass, field


@dataclass
class Usage:
    """Collects events until they are handed in."""

    events: list[dict[str, object]] = field(default_factory=list)

    def record(self, name: str, **properties: str | int) -> None:
        """Remember that something was done."""
        self.events.append({"name": name, **properties})
