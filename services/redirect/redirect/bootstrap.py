"""Wires the redirect: the only place that reads the environment and makes clients, once per sandbox."""

import secrets
from functools import cache

from hopcount_shared.aws import client
from hopcount_shared.events import EventPublisher
from hopcount_shared.settings import load_settings
from hopcount_shared.times import utc_now
from redirect.clicks import BusClicks
from redirect.domain.numbering import ClickNumbers
from redirect.repository import DynamoLinks
from redirect.service import Redirector
from redirect.settings import RedirectSettings

CONNECT_SECONDS = 0.5
READ_SECONDS = 1.0
ATTEMPTS = 2
"""A visitor waits for these. The function's timeout must allow for all of them (a test adds them up)."""


@cache
def redirector() -> Redirector:
    """Wire `redirect`."""
    settings = load_settings(RedirectSettings)
    patience = {"connect_timeout": CONNECT_SECONDS, "read_timeout": READ_SECONDS}
    links = DynamoLinks(client("dynamodb", attempts=ATTEMPTS, **patience), settings.table_name)
    events = client("events", attempts=ATTEMPTS, **patience)
    clicks = BusClicks(EventPublisher(events, settings.event_bus_name, attempts=ATTEMPTS))
    return Redirector(links, clicks, ClickNumbers(secrets.choice), utc_now)
