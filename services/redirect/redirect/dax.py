"""Links through a DAX cluster, for the parameter `linkReader: dax` alone (docs/adr/0013).

Nothing imports this module without it: DAX's client brings botocore along, ten times what is loaded else.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from time import time

from amazondax import AmazonDaxClient  # type: ignore[import-untyped]
from botocore.config import Config

from redirect.logs import log
from redirect.repository import PROJECTION, link_from_item

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any, Protocol, TypeVar

    from redirect.domain.link import Link
    from redirect.service import Links

    class DaxClient(Protocol):
        """What is used of DAX's client, which looks like boto3's."""

        def get_item(self, **request: Any) -> Mapping[str, Any]:
            """Read an item, eventually consistent."""

    T = TypeVar("T")


CONNECT_SECONDS = 0.5
READ_SECONDS = 0.5
"""A visitor waits for these before the table is asked instead, which has time limits of its own."""

RETRIES = 1
"""For a connection that was closed while the sandbox was frozen. After a timeout there is none."""

REST_SECONDS = 10.0
"""For how long the cluster is left alone once it failed: each try costs somebody a wait."""


class DaxLinks:
    """Asks a DAX cluster, and the table for whatever the cluster does not know or cannot say.

    Parameters
    ----------
    connect
        Connects to the cluster and returns its client, or raises.
    table_name
        The table's name.
    table
        Reads the table itself, strongly consistent.
    clock
        Seconds since 1970.
    """

    def __init__(
        self, connect: Callable[[], DaxClient], table_name: str, table: Links, clock: Callable[[], float]
    ) -> None:
        self._connect = connect
        self._table_name = table_name
        self._table = table
        self._clock = clock
        self._failed_at: float | None = None
        self._client = self._attempt(connect)

    def get(self, code: str) -> Link | None:
        """Return the link as the cluster remembers it, or else as the table has it.

        Raises
        ------
        UnavailableError
            If neither answers.
        """
        answer = None if self._rests() else self._attempt(lambda: self._ask(code))
        link = link_from_item((answer or {}).get("Item") or {})
        # The cluster also remembers what was not there. That there is no such link only the table may say.
        return link or self._table.get(code)

    def _ask(self, code: str) -> Mapping[str, Any]:
        self._client = self._client or self._connect()
        return self._client.get_item(
            TableName=self._table_name, Key={"id": {"S": code}}, ProjectionExpression=PROJECTION
        )

    def _attempt(self, call: Callable[[], T]) -> T | None:
        try:
            return call()
        except Exception as error:  # noqa: BLE001 whatever ails the cluster, the table can answer
            self._failed_at = self._clock()
            log("WARNING", "cluster left alone", error=type(error).__name__)
            return None

    def _rests(self) -> bool:
        return self._failed_at is not None and 0 <= self._clock() - self._failed_at < REST_SECONDS


def connect(endpoint: str, region: str, table_name: str, table: Links) -> DaxLinks:
    """Read through the cluster at an address (`daxs://...`).

    Parameters
    ----------
    endpoint
        The cluster's discovery endpoint.
    region
        Where it is.
    table_name, table
        As in `DaxLinks`.
    """
    config = Config(
        connect_timeout=CONNECT_SECONDS, read_timeout=READ_SECONDS, retries={"max_attempts": RETRIES}
    )

    def client() -> DaxClient:
        made: DaxClient = AmazonDaxClient(endpoint_url=endpoint, region_name=region, config=config)
        return made

    return DaxLinks(client, table_name, table, time)
