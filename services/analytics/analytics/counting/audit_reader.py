"""Read what an audit compares: epochs and pending repairs from the ledger, and the counter rows.

Reads everything strongly consistent, and writes nothing.
"""

from collections.abc import Callable, Collection, Iterable, Iterator, Mapping
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Any, NamedTuple, TypeVar

from analytics.counting.audit import DayState, LinkState, Proofs, Rows, UserState
from analytics.counting.counters import CounterTables
from analytics.counting.dynamodb import Item, read_number, text
from analytics.counting.journal import Entry, EpochId, Head, RowKey, merge_entries
from analytics.counting.ledger_items import (
    HEADS,
    JOURNAL_PARTITIONS,
    epoch_sort,
    epochs_partition,
    journal_partition,
)
from analytics.domain.clicks import MAX_CLOCK_SKEW
from analytics.domain.tallies import BOT_HOURS, HOURS, PREFIXES, Counts, Totals
from hopcount_shared.times import from_iso

if TYPE_CHECKING:
    from mypy_boto3_dynamodb.client import DynamoDBClient

OWNER_INDEX = "UserHistoryIndex"
DELETED = "deleted#"
"""What stands before the owner of a deleted link."""

_READERS = 10
"""Rows that are read at once. The connections of a client suffice for them."""

_NAMED = frozenset({"clicks", "botClicks", *HOURS, *BOT_HOURS})
_PREFIXES = tuple(f"{prefix}:" for prefix in PREFIXES.values())

T = TypeVar("T")
R = TypeVar("R")


class KeptEpoch(NamedTuple):
    """An epoch as it is kept: its number, when it was opened, and what it added."""

    number: int
    opened_at: datetime
    entry: Entry


class LedgerReader:
    """Reads the ledger.

    Parameters
    ----------
    dynamodb
        A boto3 DynamoDB client.
    table
        The ledger's table.
    """

    def __init__(self, dynamodb: "DynamoDBClient", table: str) -> None:
        self._dynamodb = dynamodb
        self._table = table

    def unproved(self) -> frozenset[str]:
        """Return the incarnations of which nothing is proved: their ledger is lost."""
        items = _query(
            self._dynamodb,
            TableName=self._table,
            KeyConditionExpression="pk = :heads",
            ExpressionAttributeValues={":heads": text(HEADS)},
            ProjectionExpression="unproved",
        )
        return frozenset(life for item in items for life in item.get("unproved", {}).get("SS", ()))

    def epochs(self, shard: int, incarnation: str, after: int) -> Iterator[KeptEpoch]:
        """Yield the epochs of one life of a shard in order, from the one after a number."""
        items = _query(
            self._dynamodb,
            TableName=self._table,
            KeyConditionExpression="pk = :epochs AND sk > :after",
            ExpressionAttributeValues={
                ":epochs": text(epochs_partition(shard, incarnation)),
                ":after": text(epoch_sort(after)),
            },
            ProjectionExpression="sk, openedAt, entry",
        )
        for item in items:
            opened_at = from_iso(item["openedAt"]["S"])
            yield KeptEpoch(int(item["sk"]["S"]), opened_at, _entry(item))

    def pending_repairs(self, shards: Iterable[int]) -> Mapping[RowKey, Counts]:
        """Return what repairs are journalled and not in any epoch yet."""
        entries = (
            _entry(item)
            for shard in shards
            for part in range(JOURNAL_PARTITIONS)
            for item in _query(
                self._dynamodb,
                TableName=self._table,
                KeyConditionExpression="pk = :partition",
                ExpressionAttributeValues={":partition": text(journal_partition(shard, part))},
                ProjectionExpression="entry",
            )
        )
        return merge_entries(Entry(repairs=entry.repairs) for entry in entries if entry.repairs).repairs


@dataclass
class EpochFollower:
    """Adds epochs to proofs, each once, however often it is told to catch up.

    Parameters
    ----------
    reader
        Reads them.
    proofs
        What they add up to.
    read
        How many were read so far.
    """

    reader: LedgerReader
    proofs: Proofs
    read: int = 0
    _last: dict[tuple[int, str], int] = field(default_factory=dict)

    def catch_up(
        self,
        heads: Iterable[Head],
        unapplied: Collection[EpochId] = (),
        progress: Callable[[int], None] = lambda read: None,  # noqa: ARG005
    ) -> None:
        """Add what epochs there are new.

        Parameters
        ----------
        heads
            Of which shards, as they are now.
        unapplied
            Epochs that were opened and will never be added to any row.
        progress
            Is told how many were read.
        """
        unproved = self.reader.unproved()
        passed_over = {(epoch.incarnation, epoch.number) for epoch in unapplied}
        for head in heads:
            lives = {*head.earlier, head.epoch.incarnation} - unproved
            self.proofs.incarnations |= lives
            for incarnation in sorted(lives):
                place = (head.shard, incarnation)
                for epoch in self.reader.epochs(*place, after=self._last.get(place, 0)):
                    if (incarnation, epoch.number) not in passed_over:
                        self._add(place, epoch)
                        progress(self.read)

    def _add(self, place: tuple[int, str], epoch: KeptEpoch) -> None:
        if epoch.number != self._last.get(place, 0) + 1:
            # Those before have expired, whatever the horizon is now, and maybe some clicks of that day too.
            day = (epoch.opened_at + MAX_CLOCK_SKEW + timedelta(days=1)).date()
            self.proofs.since = max(self.proofs.since, day.isoformat())
        self._last[place] = epoch.number
        self.read += 1
        self.proofs.add(epoch.entry)


class CounterReader:
    """Reads the counter rows.

    Parameters
    ----------
    dynamodb
        A boto3 DynamoDB client; used from several threads at once.
    tables
        Where they are.
    """

    def __init__(self, dynamodb: "DynamoDBClient", tables: CounterTables) -> None:
        self._dynamodb = dynamodb
        self._tables = tables

    def everything(self) -> Rows:
        """Return all rows, and users without a row whose links were followed."""
        links = {
            item["id"]["S"]: _link(item)
            for item in self._scan(self._tables.links, "id, userId, clicks, botClicks, erasedAt")
        }
        days: dict[str, dict[str, DayState]] = {code: {} for code in links}
        for item in self._scan(self._tables.days):
            if item["shortCode"]["S"] in days:
                days[item["shortCode"]["S"]][item["date"]["S"]] = _day(item)
        users = {link.owner: UserState() for link in links.values() if link.owner}
        for item in self._scan(self._tables.users, "userId, totalClicks, erasedAt"):
            users[item["userId"]["S"]] = _user(item)
        return Rows(links, days, users)

    def some(self, codes: Collection[str], users: Collection[str]) -> Rows:
        """Return the rows of some links, and of some users with the bare rows of all their links."""
        owned = {code for found in _at_once(self.codes_of, users) for code in found}
        found_links = dict(
            zip(all_codes := sorted({*codes, *owned}), _at_once(self.link, all_codes), strict=True)
        )
        links = {code: link for code, link in found_links.items() if link}
        looked_into = sorted({*codes} & {*links})
        return Rows(
            links=links,
            days=dict(zip(looked_into, _at_once(self._days_of, looked_into), strict=True)),
            users={user: self.user(user) or UserState() for user in users},
        )

    def codes_of(self, user_id: str) -> list[str]:
        """Return the links that a user has or had."""
        return [
            item["id"]["S"]
            for owner in (user_id, DELETED + user_id)
            for item in _query(
                self._dynamodb,
                consistent=False,
                TableName=self._tables.links,
                IndexName=OWNER_INDEX,
                KeyConditionExpression="userId = :owner",
                ExpressionAttributeValues={":owner": text(owner)},
                ProjectionExpression="id",
            )
        ]

    def link(self, code: str) -> LinkState | None:
        """Return a link, if there ever was one."""
        item = self._get(self._tables.links, {"id": text(code)}, "id, userId, clicks, botClicks, erasedAt")
        return _link(item) if item else None

    def user(self, user_id: str) -> UserState | None:
        """Return a user, if there is a row."""
        item = self._get(self._tables.users, {"userId": text(user_id)}, "userId, totalClicks, erasedAt")
        return _user(item) if item else None

    def _days_of(self, code: str) -> dict[str, DayState]:
        items = _query(
            self._dynamodb,
            TableName=self._tables.days,
            KeyConditionExpression="shortCode = :code",
            ExpressionAttributeValues={":code": text(code)},
        )
        return {item["date"]["S"]: _day(item) for item in items}

    def _get(self, table: str, key: Mapping[str, Any], attributes: str) -> Item | None:
        answer = self._dynamodb.get_item(
            TableName=table, Key=key, ProjectionExpression=attributes, ConsistentRead=True
        )
        return answer.get("Item")

    def _scan(self, table: str, attributes: str | None = None) -> Iterator[Item]:
        projection: Any = {"ProjectionExpression": attributes} if attributes else {}
        pages = self._dynamodb.get_paginator("scan").paginate(
            TableName=table, ConsistentRead=True, **projection
        )
        for page in pages:
            yield from page["Items"]


def _query(dynamodb: "DynamoDBClient", *, consistent: bool = True, **request: Any) -> Iterator[Item]:
    for page in dynamodb.get_paginator("query").paginate(ConsistentRead=consistent, **request):
        yield from page["Items"]


def _at_once(read: Callable[[T], R], things: Iterable[T]) -> list[R]:
    with ThreadPoolExecutor(_READERS) as pool:
        return list(pool.map(read, things))


def _entry(item: Item) -> Entry:
    return Entry.from_bytes(bytes(item["entry"]["B"]))


def _link(item: Item) -> LinkState:
    owner = item["userId"]["S"] if "userId" in item else ""
    counted = Totals(read_number(item, "clicks"), read_number(item, "botClicks"))
    return LinkState(owner.removeprefix(DELETED), counted, erased="erasedAt" in item)


def _day(item: Item) -> DayState:
    numbers = {name: int(value["N"]) for name, value in item.items() if _is_counter(name)}
    return DayState(numbers, item["by"]["S"] if "by" in item else None, erased="erasedAt" in item)


def _user(item: Item) -> UserState:
    return UserState(read_number(item, "totalClicks"), erased="erasedAt" in item)


def _is_counter(name: str) -> bool:
    return name in _NAMED or name.startswith(_PREFIXES)
