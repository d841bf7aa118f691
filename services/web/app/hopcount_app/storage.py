"""What survives a reload."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Protocol


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
