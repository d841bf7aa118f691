"""Everybody is let in: no network, no account."""

from __future__ import annotations

from hopcount_app.auth.service import Account


class DebugAuth:
    """Signs in whoever comes."""

    def __init__(self) -> None:
        self.account: Account | None = None

    async def resume(self) -> Account | None:
        """Go on as the demo account."""
        self.account = Account("debug", "demo@example.com")
        return self.account
