"""The tables that a backup holds, how they are read and how they are filled.

Not in it is `LinksInternal`: idempotency keys and quotas of a day, which nothing misses (a repeated request
still finds the link that it made).
"""

from collections.abc import Callable, Iterable, Iterator, Mapping
from concurrent.futures import ThreadPoolExecutor
from typing import TYPE_CHECKING, Any, TypeVar

from hopcount_cli.errors import CommandError
from hopcount_cli.ops.backup_files import Item
from hopcount_cli.ops.deployment import Deployment
from hopcount_cli.ops.tools import Tools

if TYPE_CHECKING:
    from mypy_boto3_dynamodb.client import DynamoDBClient

LEDGER = "ClickLedger"
LINKS = "UrlShortener"
USERS = "User"
DAYS = "DailyStats"
EXPORTS: Mapping[str, str] = {
    LEDGER: "analytics/click-ledger-table-name",
    DAYS: "analytics/daily-stats-table-name",
    LINKS: "links/table-name",
    USERS: "users/table-name",
    "UsersInternal": "users/internal-table-name",
    "ApiToken": "users/token-table-name",
}
"""Under which name each table is exported."""

LATER = frozenset({"ApiToken"})
"""Tables that a deployment of an older version does not have."""

PER_CALL = 25
"""Items that one call writes."""

_WRITERS = 8
_TRIES = 10
_FIRST_WAIT = 0.1

T = TypeVar("T")


def tables_of(deployment: Deployment) -> dict[str, str]:
    """Return the names that the tables of a deployment have there, by the names they have everywhere.

    Raises
    ------
    hopcount_cli.errors.DeploymentError
        If it does not export one.
    """
    return {
        table: deployment[export]
        for table, export in EXPORTS.items()
        if export in deployment or table not in LATER
    }


def scan(dynamodb: "DynamoDBClient", table: str, each_page: Callable[[int], None]) -> Iterator[Item]:
    """Yield every item of a table, each as it is when it is read.

    Parameters
    ----------
    each_page
        Is told how many items came with each page, before they are yielded.
    """
    for page in dynamodb.get_paginator("scan").paginate(TableName=table, ConsistentRead=True):
        each_page(len(page["Items"]))
        yield from page["Items"]


def is_empty(dynamodb: "DynamoDBClient", table: str) -> bool:
    """Tell whether a table holds nothing; of the ledger, nothing but heads before their first epoch."""
    pages = dynamodb.get_paginator("scan").paginate(TableName=table, ConsistentRead=True)
    return all(_is_fresh_head(item) for page in pages for item in page["Items"])


def _is_fresh_head(item: Mapping[str, Any]) -> bool:
    """Tell whether an item is what a folder makes where nothing was ever counted."""
    return bool(item.get("pk") == {"S": "heads"} and item.get("epoch") == {"N": "0"})


class TableWriter:
    """Puts items into tables, as they are, whatever is there.

    Parameters
    ----------
    tools
        AWS and the time.
    """

    def __init__(self, tools: Tools) -> None:
        self._dynamodb: DynamoDBClient = tools.client("dynamodb")
        self._tools = tools

    def write(self, table: str, items: Iterable[Item], each_call: Callable[[int], None]) -> None:
        """Put items, several calls at once.

        Parameters
        ----------
        each_call
            Is told how many items were written, in the thread that waits for them.

        Raises
        ------
        CommandError
            If the table stays too busy.
        """
        with ThreadPoolExecutor(_WRITERS) as pool:
            for calls in _batches(_batches(items, PER_CALL), _WRITERS):
                for written in pool.map(lambda call: self._write(table, call), calls):
                    each_call(written)

    def _write(self, table: str, items: list[Item]) -> int:
        waiting: Any = {table: [{"PutRequest": {"Item": item}} for item in items]}
        for attempt in range(_TRIES):
            if attempt:
                self._tools.wait(_FIRST_WAIT * 2**attempt)
            waiting = self._dynamodb.batch_write_item(RequestItems=waiting).get("UnprocessedItems")
            if not waiting:
                return len(items)
        raise CommandError(f"{table} takes no more items: try again, and the restore goes on where it was")


def _batches(things: Iterable[T], size: int) -> Iterator[list[T]]:
    batch: list[T] = []
    for thing in things:
        batch.append(thing)
        if len(batch) == size:
            yield batch
            batch = []
    if batch:
        yield batch
