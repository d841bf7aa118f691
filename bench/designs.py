"""Two other ways to count, for comparison: what the blueprint does, and a transaction for every click."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Any

from analytics.domain.clicks import Click
from analytics.domain.tallies import LinkKey
from bench.meter import Bill
from bench.simulation import Timing
from bench.tables import Tables

Counting = Callable[[Any, Tables, Iterable[Click]], None]

_ONE = {":one": {"N": "1"}}


def count_plainly(dynamodb: Any, tables: Tables, clicks: Iterable[Click]) -> None:
    """Count as the blueprint does: three plain additions. A click that comes twice is counted twice."""
    for click in clicks:
        for update in _additions(tables, click):
            dynamodb.update_item(**update)


def count_in_transactions(dynamodb: Any, tables: Tables, clicks: Iterable[Click]) -> None:
    """Count each click in a transaction of its own, which remembers it. Exact, and dear."""
    for click in clicks:
        name = f"click#{click.producer}#{click.sequence}"
        claim = {
            "TableName": tables.ledger,
            "Item": {"pk": {"S": name}, "sk": {"S": "claim"}, "ttl": {"N": "1800000001"}},
            "ConditionExpression": "attribute_not_exists(pk)",
        }
        updates = [{"Update": update} for update in _additions(tables, click)]
        dynamodb.transact_write_items(TransactItems=[{"Put": claim}, *updates])


DESIGNS: Mapping[str, Counting] = {
    "blueprint": count_plainly,
    "transaction_per_click": count_in_transactions,
}


def measure(dynamodb: Any, name: str, clicks: Sequence[Click]) -> tuple[Bill, Timing]:
    """Count clicks by a design, on tables of its own; return what it cost and how long it took."""
    tables = Tables.named(name.replace("_", "-"))
    meter = tables.metered(dynamodb, sorted({LinkKey(click.short_code, click.user_id) for click in clicks}))
    timing = Timing()
    timing.measure(lambda: DESIGNS[name](dynamodb, tables, clicks), lambda: meter.seconds)
    meter.detach(dynamodb)
    tables.delete(dynamodb)
    return meter.bill, timing


def _additions(tables: Tables, click: Click) -> list[dict[str, Any]]:
    day = {"shortCode": {"S": click.short_code}, "date": {"S": click.occurred_at.date().isoformat()}}
    return [
        _addition(tables.links, {"id": {"S": click.short_code}}, "clicks"),
        _addition(tables.days, day, "clicks"),
        _addition(tables.users, {"userId": {"S": click.user_id}}, "totalClicks"),
    ]


def _addition(table: str, key: dict[str, Any], counter: str) -> dict[str, Any]:
    return {
        "TableName": table,
        "Key": key,
        "UpdateExpression": f"ADD {counter} :one",
        "ExpressionAttributeValues": _ONE,
    }
