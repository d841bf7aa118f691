"""The counter rows in DynamoDB: links, users, days, and the witness among the days.

This is the one place where this service writes rows that other services own. Its role lets it touch nothing
there but the counters, the marks and `erasedAt` (infra/roles.yml); it may not even be told what else a row
holds, so a refused update is asked about by a second one, which changes nothing.
"""

from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Any, NamedTuple

from botocore.exceptions import ClientError

from analytics.counting.dynamodb import Item, busy_if_passing, number, read_number, text
from analytics.counting.journal import EpochId
from analytics.counting.ports import BusyError, DayKey, DayRow
from analytics.domain.breakdowns import RowChange
from analytics.domain.tallies import NOTHING, Counts, Totals
from hopcount_shared.aws import condition_failed
from hopcount_shared.times import to_iso

if TYPE_CHECKING:
    from mypy_boto3_dynamodb.client import DynamoDBClient

WITNESS = "#ledger"
"""The code under which the witness stands among the days: no link's code has a `#`."""

MARK = "epoch_"
"""How the attributes begin that marks are kept in; the incarnation follows."""

_NOT_COUNTERS = frozenset({"shortCode", "date", "v", "by", "erasedAt", "ttl"})


class CounterTables(NamedTuple):
    """Where the rows are."""

    links: str
    days: str
    users: str


class DynamoDbCounters:
    """The counter rows.

    Parameters
    ----------
    dynamodb
        A boto3 DynamoDB client; used from several threads at once.
    tables
        Where they are.
    horizon
        For how long the marker of an erased day stays.
    """

    def __init__(self, dynamodb: "DynamoDBClient", tables: CounterTables, horizon: timedelta) -> None:
        self._dynamodb = dynamodb
        self._tables = tables
        self._horizon = horizon

    def witness(self, epoch: EpochId, previous: EpochId, counted: Totals = NOTHING) -> bool:
        """Move the witness from the previous epoch to this one; return whether it is at this one now."""
        first = previous.number == 0
        values = {
            ":this": text(str(epoch)),
            ":clicks": number(counted.clicks),
            ":bots": number(counted.bot_clicks),
        } | ({} if first else {":previous": text(str(previous))})
        try:
            with busy_if_passing():
                self._dynamodb.update_item(
                    TableName=self._tables.days,
                    Key=_day_key((WITNESS, epoch.incarnation)),
                    UpdateExpression="SET epoch = :this ADD allClicks :clicks, allBotClicks :bots",
                    ConditionExpression="attribute_not_exists(epoch)" if first else "epoch = :previous",
                    ExpressionAttributeValues=values,
                    ReturnValuesOnConditionCheckFailure="ALL_OLD",
                )
        except ClientError as error:
            if not condition_failed(error):
                raise
            found: Any = error.response.get("Item", {})
            return bool(found.get("epoch") == text(str(epoch)))
        return True

    def witnesses(self) -> Sequence[EpochId]:
        """Read where every witness is now."""
        with busy_if_passing():
            answer = self._dynamodb.query(
                TableName=self._tables.days,
                KeyConditionExpression="shortCode = :witness",
                ExpressionAttributeValues={":witness": text(WITNESS)},
                ConsistentRead=True,
            )
        return [_witness(item) for item in answer["Items"]]

    def add_to_link(self, epoch: EpochId, short_code: str, delta: Totals) -> bool:
        """Add to a link unless this epoch did; return whether this epoch's delta is on the row now."""
        key = {"id": text(short_code)}
        added = self._update(
            self._tables.links,
            key,
            # `change` keeps counts out of the links' stream of facts: see that service.
            "ADD clicks :clicks, botClicks :bots SET #change = :counted, #mark = :epoch",
            f"attribute_exists(id) AND {_NEW_AND_NOT_ERASED}",
            {"#change": "change", "#mark": MARK + epoch.incarnation},
            {
                ":clicks": number(delta.clicks),
                ":bots": number(delta.bot_clicks),
                ":counted": text("counted"),
                ":epoch": number(epoch.number),
            },
        )
        return added or self._is_marked(self._tables.links, key, epoch)

    def _is_marked(self, table: str, key: Mapping[str, Any], epoch: EpochId) -> bool:
        # Not if it is erased meanwhile: for another shard, where the link belonged before.
        condition = "#mark = :epoch AND attribute_not_exists(erasedAt)"
        names = {"#mark": MARK + epoch.incarnation}
        return self._update(table, key, None, condition, names, {":epoch": number(epoch.number)})

    def add_to_user(self, epoch: EpochId, user_id: str, clicks: int) -> None:
        """Add to a user's total unless this epoch did or the user is erased; make the row if need be."""
        self._update(
            self._tables.users,
            {"userId": text(user_id)},
            "ADD totalClicks :clicks SET #mark = :epoch",
            _NEW_AND_NOT_ERASED,
            {"#mark": MARK + epoch.incarnation},
            {":clicks": number(clicks), ":epoch": number(epoch.number)},
        )

    def read_days(self, epoch: EpochId, keys: Sequence[DayKey]) -> Mapping[DayKey, DayRow]:
        """Read rows of days as they are now, at most 100; each key gets an answer."""
        with busy_if_passing():
            answer = self._dynamodb.batch_get_item(
                RequestItems={
                    self._tables.days: {"Keys": [_day_key(key) for key in keys], "ConsistentRead": True}
                }
            )
        if answer.get("UnprocessedKeys"):
            raise BusyError("some rows were not read")
        items = {
            (item["shortCode"]["S"], item["date"]["S"]): item
            for item in answer["Responses"][self._tables.days]
        }
        return {key: _day_row(items.get(key), epoch.incarnation) for key in keys}

    def change_day(self, epoch: EpochId, key: DayKey, row: DayRow, change: RowChange) -> bool:
        """Add to a day and remove from it, if it still is as it was read; return whether it was."""
        names = {"#mark": MARK + epoch.incarnation}
        values: dict[str, Any] = {":epoch": number(epoch.number), ":one": number(1)}
        additions = ["v :one"]
        for n, (name, addend) in enumerate(sorted(change.add.items())):
            names[f"#a{n}"], values[f":a{n}"] = name, number(addend)
            additions.append(f"#a{n} :a{n}")
        removals = []
        for n, name in enumerate(sorted(change.remove)):
            names[f"#r{n}"] = name
            removals.append(f"#r{n}")
        settings = ["#mark = :epoch"]
        if not row.exists:
            names["#by"], values[":by"] = "by", text(epoch.incarnation)
            settings.append("#by = :by")
        update = f"ADD {', '.join(additions)} SET {', '.join(settings)}"
        if removals:
            update += f" REMOVE {', '.join(removals)}"
        condition, known = _unchanged(row)
        return self._update(self._tables.days, _day_key(key), update, condition, names, {**values, **known})

    def erase_link(self, short_code: str, at: datetime) -> None:
        """Leave a bare marker instead of a link's counters, and, for a while, of each of its days."""
        self._erase(
            self._tables.links,
            {"id": text(short_code)},
            "SET erasedAt = if_not_exists(erasedAt, :at), #change = :counted REMOVE clicks, botClicks",
            {"#change": "change"},
            {":at": text(to_iso(at)), ":counted": text("counted")},
        )
        with busy_if_passing():
            pages = self._dynamodb.get_paginator("query").paginate(
                TableName=self._tables.days,
                KeyConditionExpression="shortCode = :code",
                ExpressionAttributeValues={":code": text(short_code)},
                ConsistentRead=True,
            )
            for page in pages:
                for item in page["Items"]:
                    self._erase_day(item, at)

    def _erase_day(self, item: Item, at: datetime) -> None:
        """Forget a day. Its marker outlives whoever might still be adding to it."""
        counters = sorted(name for name in item if _is_counter(name))
        names = {f"#r{n}": name for n, name in enumerate(counters)} | {"#ttl": "ttl"}
        removal = f" REMOVE {', '.join(f'#r{n}' for n in range(len(counters)))}" if counters else ""
        self._erase(
            self._tables.days,
            {"shortCode": item["shortCode"], "date": item["date"]},
            f"SET erasedAt = if_not_exists(erasedAt, :at), #ttl = :ttl{removal} ADD v :one",
            names,
            {
                ":at": text(to_iso(at)),
                ":ttl": number(int((at + self._horizon).timestamp())),
                ":one": number(1),
            },
        )

    def erase_user(self, user_id: str, at: datetime) -> None:
        """Leave a bare marker instead of a user's total, for ever."""
        self._erase(
            self._tables.users,
            {"userId": text(user_id)},
            "SET erasedAt = if_not_exists(erasedAt, :at) REMOVE totalClicks",
            {},
            {":at": text(to_iso(at))},
        )

    def _erase(
        self,
        table: str,
        key: Mapping[str, Any],
        update: str,
        names: Mapping[str, str],
        values: Mapping[str, Any],
    ) -> None:
        request: Any = {"ExpressionAttributeNames": dict(names)} if names else {}
        with busy_if_passing():
            self._dynamodb.update_item(
                TableName=table, Key=key, UpdateExpression=update, ExpressionAttributeValues=values, **request
            )

    def _update(
        self,
        table: str,
        key: Mapping[str, Any],
        update: str | None,
        condition: str,
        names: Mapping[str, str],
        values: Mapping[str, Any],
    ) -> bool:
        """Update a row, or only look at it; return whether the condition held."""
        request: Any = {"UpdateExpression": update} if update else {}
        try:
            with busy_if_passing():
                self._dynamodb.update_item(
                    TableName=table,
                    Key=key,
                    ConditionExpression=condition,
                    ExpressionAttributeNames=names,
                    ExpressionAttributeValues=values,
                    **request,
                )
        except ClientError as error:
            if condition_failed(error):
                return False
            raise
        return True


_NEW_AND_NOT_ERASED = "attribute_not_exists(erasedAt) AND (attribute_not_exists(#mark) OR #mark < :epoch)"


def _unchanged(row: DayRow) -> tuple[str, dict[str, Any]]:
    if not row.exists:
        return "attribute_not_exists(shortCode)", {}
    if not row.version:  # a row of the engine before this one
        return "attribute_exists(shortCode) AND attribute_not_exists(v)", {}
    return "v = :v", {":v": number(row.version)}


def _witness(item: Item) -> EpochId:
    this, _, nonce = item["epoch"]["S"].partition(".")
    return EpochId(item["date"]["S"], int(this), nonce)


def _day_row(item: Item | None, incarnation: str) -> DayRow:
    if item is None:
        return DayRow({}, version=0, mark=0, exists=False, erased=False)
    counters: Counts = {name: int(value["N"]) for name, value in item.items() if _is_counter(name)}
    return DayRow(
        counters,
        version=read_number(item, "v"),
        mark=read_number(item, MARK + incarnation),
        exists=True,
        erased="erasedAt" in item,
    )


def _is_counter(name: str) -> bool:
    return name not in _NOT_COUNTERS and not name.startswith(MARK)


def _day_key(key: DayKey) -> dict[str, Any]:
    return {"shortCode": text(key[0]), "date": text(key[1])}
