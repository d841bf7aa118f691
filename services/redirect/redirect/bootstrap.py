"""Wires the redirect: the only place that reads the environment and makes clients, once per sandbox."""

from __future__ import annotations

import os
from contextlib import suppress
from functools import cache, cached_property
from time import time

from hopcount_shared.times import utc_now
from redirect.aws.client import DYNAMODB, EVENTS, SQS, AwsClient, Service, chance
from redirect.aws.credentials import CredentialsSource
from redirect.aws.endpoints import find_region
from redirect.aws.trust import make_context
from redirect.cache import CachedLinks
from redirect.extension import AfterResponse
from redirect.metrics import CacheMetrics
from redirect.repository import DynamoLinks
from redirect.service import Redirector
from redirect.settings import RedirectSettings

TYPE_CHECKING = False
if TYPE_CHECKING:
    from redirect.clicks import Clicks
    from redirect.service import Links
    from redirect.transports import Transport

CONNECT_SECONDS = 0.5
READ_SECONDS = 0.7
ATTEMPTS = 2
"""A visitor waits for these. The function's timeout must allow for all of them (a test adds them up)."""


class Application:
    """Everything that a sandbox has.

    Attributes
    ----------
    redirector
        Knows where codes lead.
    metrics
        What the cache counts.
    after_response
        Does a request's work after its response.
    """

    def __init__(self, settings: RedirectSettings) -> None:
        self._settings = settings
        self._region = find_region(os.environ)
        self._credentials = CredentialsSource(os.environ, time)
        self._dynamodb = self._client(DYNAMODB)
        self.metrics = CacheMetrics(settings.stage, time)
        links = CachedLinks(
            self._reader(),
            self.metrics,
            fresh_seconds=settings.cache_seconds,
            stale_seconds=settings.stale_seconds,
            clock=time,
            chance=chance,
        )
        self.redirector = Redirector(links, utc_now)
        self.after_response = AfterResponse(os.environ)

    def start(self) -> None:
        """Do ahead what the first visitor would wait for."""
        _stay_on_one_processor()
        self.after_response.start()
        self._dynamodb.connect()

    @cached_property
    def clicks(self) -> Clicks:
        """Takes clicks. Made, and imported, once the first visitor has an answer."""
        from hopcount_shared.base62 import random_text  # noqa: PLC0415
        from redirect.clicks import Clicks  # noqa: PLC0415
        from redirect.domain.numbering import ClickNumbers  # noqa: PLC0415
        from redirect.transports import Bus, Queue  # noqa: PLC0415

        ways: list[Transport] = [Queue(self._client(SQS), self._settings.click_queue_url)]
        if self._settings.click_transport == "bus":
            ways.insert(0, Bus(self._client(EVENTS), self._settings.event_bus_name))
        return Clicks(ways, ClickNumbers(random_text))

    def _client(self, service: Service) -> AwsClient:
        return AwsClient(
            service,
            self._region,
            self._credentials,
            os.environ,
            tls=make_context,
            connect_seconds=CONNECT_SECONDS,
            read_seconds=READ_SECONDS,
            attempts=ATTEMPTS,
            clock=time,
        )

    def _reader(self) -> Links:
        settings = self._settings
        table = DynamoLinks(self._dynamodb, settings.table_name)
        if settings.link_reader == "dynamodb":
            return table
        from redirect.dax import connect  # noqa: PLC0415 a package that is there with this reader only

        return connect(settings.dax_endpoint, self._region, settings.table_name, table)


@cache
def application() -> Application:
    """Wire `redirect`."""
    return Application(RedirectSettings(os.environ))


def _stay_on_one_processor() -> None:
    """Keep this thread, and those it starts, on one processor.

    The one that answers and the one that works afterwards take turns and run the same code: on one processor
    the second finds it in the caches, which takes a tenth off a redirect (`make bench-redirect`). Below
    1,769 MB Lambda gives a function no more than the time of one.
    """
    with suppress(OSError):
        os.sched_setaffinity(0, {max(os.sched_getaffinity(0))})
