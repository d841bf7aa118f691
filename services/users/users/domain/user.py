"""What is known about a user."""

from dataclasses import dataclass


@dataclass(frozen=True)
class User:
    """A user and their totals.

    Parameters
    ----------
    user_id
        The Cognito `sub`.
    email
        Their address; None while only counting has written the row.
    total_links, total_clicks
        Links they have now, and clicks on all links they ever had.
    created_at
        When they confirmed their sign-up, ISO 8601; None if an administrator created them.
    """

    user_id: str
    email: str | None = None
    total_links: int = 0
    total_clicks: int = 0
    created_at: str | None = None
