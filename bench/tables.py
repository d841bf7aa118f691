"""The tables that counting writes to, as services/*/infra declare them, with links and users in them."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import UTC, datetime, timedelta
from typing import Any, NamedTuple

from analytics.counting.counters import MARK, WITNESS, CounterTables
from analytics.domain.tallies import Counts, LinkKey
from bench.capacity import Item
from bench.meter import Key, Meter, Shape
from bench.truth import Row
from links.domain.link import Link
from links.rows import to_item

_INDEX = "UserHistoryIndex"
_NO_COUNTERS = frozenset({"v", "version", "totalLinks"})
_MADE = datetime(2026, 3, 1, 9, 30, tzinfo=UTC)


class Tables(NamedTuple):
    """One set of tables.

    Parameters
    ----------
    links, days, users, ledger
        Their names.
    """

    links: str
    days: str
    users: str
    ledger: str

    @classmethod
    def named(cls, name: str) -> "Tables":
        """Name a set."""
        return cls(
            *(f"bench-{name}-{table}" for table in ("UrlShortener", "DailyStats", "User", "ClickLedger"))
        )

    @property
    def shapes(self) -> Mapping[str, Shape]:
        """What a meter must know of them."""
        return {
            self.links: Shape(("id",), indexed=("userId", "createdAt")),
            self.days: Shape(("shortCode", "date")),
            self.users: Shape(("userId",)),
            self.ledger: Shape(("pk", "sk")),
        }

    @property
    def counters(self) -> CounterTables:
        """Those that hold counters."""
        return CounterTables(self.links, self.days, self.users)

    def purpose(self, table: str, key: Key, deleted: bool) -> str:  # noqa: FBT001  a callback's signature
        """Name what a write to one of them is for."""
        if table == self.days:
            return "witness" if key[0] == WITNESS else "days"
        if table == self.ledger:
            kind = key[0].partition("#")[0]
            return {"claim": "claims", "journal": "drops" if deleted else "entries"}.get(kind, kind)
        return "links" if table == self.links else "users"

    def create(self, dynamodb: Any) -> None:
        """Create them."""
        for table, shape in self.shapes.items():
            keys = [_key(name, kind) for name, kind in zip(shape.key, ("HASH", "RANGE"), strict=False)]
            request: dict[str, Any] = {}
            if shape.indexed:
                hash_key, range_key = shape.indexed
                request["GlobalSecondaryIndexes"] = [
                    {
                        "IndexName": _INDEX,
                        "KeySchema": [_key(hash_key, "HASH"), _key(range_key, "RANGE")],
                        "Projection": {"ProjectionType": "KEYS_ONLY"},
                    }
                ]
            dynamodb.create_table(
                TableName=table,
                BillingMode="PAY_PER_REQUEST",
                AttributeDefinitions=[
                    {"AttributeName": name, "AttributeType": "S"} for name in (*shape.key, *shape.indexed)
                ],
                KeySchema=keys,
                **request,
            )

    def metered(self, dynamodb: Any, links: Sequence[LinkKey]) -> Meter:
        """Create and fill them; return a meter of the client that knows what is in them, with a new bill."""
        self.create(dynamodb)
        meter = Meter(self.shapes, self.purpose)
        meter.attach(dynamodb)
        self.fill(dynamodb, links)
        meter.new_bill()
        return meter

    def fill(self, dynamodb: Any, links: Sequence[LinkKey]) -> None:
        """Put links and their users in."""
        _put_all(dynamodb, self.links, (link_row(link, place) for place, link in enumerate(links)))
        _put_all(dynamodb, self.users, map(user_row, sorted({link.user_id for link in links})))

    def read_counters(self, dynamodb: Any) -> Mapping[Row, Counts]:
        """Read every counter that is not 0."""
        found: dict[Row, Counts] = {}
        for item in _scan(dynamodb, self.links):
            found["link", item["id"]["S"], ""] = _counts(item)
        for item in _scan(dynamodb, self.users):
            found["user", item["userId"]["S"], ""] = _counts(item)
        for item in _scan(dynamodb, self.days):
            if item["shortCode"]["S"] != WITNESS:
                found["day", item["shortCode"]["S"], item["date"]["S"]] = _counts(item)
        return {row: counts for row, counts in found.items() if counts}

    def delete(self, dynamodb: Any) -> None:
        """Delete them."""
        for table in self:
            dynamodb.delete_table(TableName=table)


def link_row(link: LinkKey, place: int) -> dict[str, Any]:
    """Return a link as the links service writes it."""
    target = f"https://www.example.com/articles/2026/{place:05}/how-we-count-every-click-once?utm_source=newsletter"
    made = _MADE + timedelta(seconds=place)
    request_id = f"{link.user_id.replace('-', '')[:22]}.{link.short_code:x<22}"
    return to_item(Link(link.short_code, target, link.user_id, made, made, request_id), "created")


def user_row(user_id: str) -> dict[str, Any]:
    """Return a user as the users service writes it."""
    return {
        "userId": {"S": user_id},
        "email": {"S": f"{user_id[:8]}@example.com"},
        "createdAt": {"S": "2026-03-01T09:30:00.000000Z"},
        "totalLinks": {"N": "20"},
        "totalClicks": {"N": "0"},
    }


def _scan(dynamodb: Any, table: str) -> Iterator[Item]:
    for page in dynamodb.get_paginator("scan").paginate(TableName=table, ConsistentRead=True):
        yield from page["Items"]


def _counts(item: Item) -> Counts:
    return {
        name: int(value["N"])
        for name, value in item.items()
        if value.get("N", "0") != "0" and name not in _NO_COUNTERS and not name.startswith(MARK)
    }


def _key(name: str, kind: str) -> dict[str, str]:
    return {"AttributeName": name, "KeyType": kind}


def _put_all(dynamodb: Any, table: str, items: Iterable[Mapping[str, Any]]) -> None:
    requests = [{"PutRequest": {"Item": item}} for item in items]
    for start in range(0, len(requests), 25):
        dynamodb.batch_write_item(RequestItems={table: requests[start : start + 25]})
