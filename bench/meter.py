"""Sums up what the requests cost that a boto3 client really makes.

The meter sits at the client's own events: it sees each request as it is sent, keeps a copy of every item that
is written, and so knows what an item was before and is after a write. Beside that it has the database report
the capacity of the same requests.
"""

import threading
import time
from collections import defaultdict
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any, NamedTuple

from bench.capacity import Item, item_size, read_units, total_size, updated, write_units

Request = Mapping[str, Any]
Key = tuple[str, ...]


class Shape(NamedTuple):
    """What must be known of a table.

    Parameters
    ----------
    key
        The names of its key attributes.
    indexed
        What its index holds besides; an index that does not change costs nothing.
    """

    key: tuple[str, ...]
    indexed: tuple[str, ...] = ()


class Write(NamedTuple):
    """One write as it was asked for.

    Parameters
    ----------
    table, key
        The item.
    after
        What is to be there; nothing if it is to go.
    factor
        2 in a transaction.
    """

    table: str
    key: Key
    after: Item | None
    factor: int = 1


@dataclass
class Bill:
    """What some requests cost.

    Parameters
    ----------
    writes
        Write units by what they were for.
    reads
        Read units by operation.
    reported_writes
        Write units as the database says.
    refused
        Write units of requests whose condition failed. They are in `writes`, but no database reports them.
    requests
        How many, by operation.
    """

    writes: dict[str, float] = field(default_factory=lambda: defaultdict(float))
    reads: dict[str, float] = field(default_factory=lambda: defaultdict(float))
    reported_writes: float = 0
    refused: float = 0
    requests: dict[str, int] = field(default_factory=lambda: defaultdict(int))

    @property
    def write_units(self) -> float:
        """All write units."""
        return sum(self.writes.values())

    @property
    def read_units(self) -> float:
        """All read units."""
        return sum(self.reads.values())

    @property
    def difference(self) -> float:
        """By how much the two sums of write units differ, as a part of the database's."""
        return abs(self.write_units - self.refused - self.reported_writes) / max(1.0, self.reported_writes)


class Meter:
    """Meters a client.

    Parameters
    ----------
    shapes
        The tables, by name.
    purpose
        Names what a write is for, from its table, its key, and whether it deletes.
    """

    def __init__(self, shapes: Mapping[str, Shape], purpose: Callable[[str, Key, bool], str]) -> None:
        self.bill = Bill()
        self._shapes = shapes
        self._purpose = purpose
        self._items: dict[str, dict[Key, Item]] = {name: {} for name in shapes}
        self._lock = threading.Lock()
        self.seconds = 0.0
        """How many processor seconds metering took."""

    def attach(self, client: Any) -> None:
        """Meter every request of a client from now on."""
        events = client.meta.events
        events.register("before-parameter-build.dynamodb", self._before)
        events.register("after-call.dynamodb", self._after)

    def detach(self, client: Any) -> None:
        """Meter no further request."""
        events = client.meta.events
        events.unregister("before-parameter-build.dynamodb", self._before)
        events.unregister("after-call.dynamodb", self._after)

    def new_bill(self) -> Bill:
        """Begin a new bill and return it."""
        self.bill = Bill()
        return self.bill

    def items(self, table: str) -> Mapping[Key, Item]:
        """Return a copy of every item of a table, as it should be."""
        return dict(self._items[table])

    def _before(self, params: dict[str, Any], context: dict[str, Any], **_: object) -> None:
        params["ReturnConsumedCapacity"] = "TOTAL"
        context["metered"] = params

    def _after(
        self, http_response: Any, parsed: Request, model: Any, context: Mapping[str, Any], **_: object
    ) -> None:
        operation, request = model.name, context["metered"]
        with self._lock:
            began = time.thread_time()
            self.bill.requests[operation] += 1
            if operation in _READS:
                self._read(operation, request, parsed)
            elif operation in _WRITES:
                # Before anything is changed: two writes of one request are never to one item.
                writes = list(_WRITES[operation](self, request))
                done = http_response.status_code < 300
                for write in writes:
                    self._charge(write, done=done)
                if done:
                    self.bill.reported_writes += _reported(parsed)
            else:
                raise ValueError(f"{operation} is not metered")
            self.seconds += time.thread_time() - began

    def _charge(self, write: Write, *, done: bool) -> None:
        items = self._items[write.table]
        before = items.get(write.key)
        size = max(item_size(item) if item else 0 for item in (before, write.after))
        units = write.factor * (write_units(size) + self._index_units(write, before))
        self.bill.writes[self._purpose(write.table, write.key, write.after is None)] += units
        if not done:
            self.bill.refused += units
        elif write.after is None:
            items.pop(write.key, None)
        else:
            items[write.key] = write.after

    def _index_units(self, write: Write, before: Item | None) -> int:
        shape = self._shapes[write.table]
        rows = [
            {name: item[name] for name in (*shape.key, *shape.indexed)}
            for item in (before, write.after)
            if item and shape.indexed and all(name in item for name in shape.indexed)
        ]
        return (
            0 if len(rows) == 2 and rows[0] == rows[1] else sum(write_units(item_size(row)) for row in rows)
        )

    def _read(self, operation: str, request: Request, parsed: Request) -> None:
        if operation == "BatchGetItem":
            units = sum(
                self._each_read(name, asked["Keys"], asked) for name, asked in request["RequestItems"].items()
            )
        elif operation == "GetItem":
            units = self._each_read(request["TableName"], [request["Key"]], request)
        else:
            found = [self._item(request["TableName"], item) for item in parsed.get("Items", [])]
            units = _halved(read_units(total_size(found)), request)
        self.bill.reads[operation] += units

    def _each_read(self, table: str, keys: list[Item], request: Request) -> float:
        return sum(_halved(read_units(item_size(self._item(table, key))), request) for key in keys)

    def _item(self, table: str, found: Item) -> Item:
        """Return the whole of what was asked for or answered; as answered, if that does not name it."""
        if not all(name in found for name in self._shapes[table].key):
            return found
        return self._items[table].get(self._key(table, found), {})

    def _key(self, table: str, attributes: Item) -> Key:
        return tuple(str(attributes[name]["S"]) for name in self._shapes[table].key)

    def _put(self, request: Request, factor: int = 1) -> Write:
        table, item = request["TableName"], request["Item"]
        return Write(table, self._key(table, item), item, factor)

    def _delete(self, request: Request, factor: int = 1) -> Write:
        return Write(request["TableName"], self._key(request["TableName"], request["Key"]), None, factor)

    def _update(self, request: Request, factor: int = 1) -> Write:
        table, key = request["TableName"], self._key(request["TableName"], request["Key"])
        before = self._items[table].get(key)
        if "UpdateExpression" not in request:
            return Write(table, key, before or request["Key"], factor)
        after = updated(
            before or request["Key"],
            request["UpdateExpression"],
            request.get("ExpressionAttributeValues", {}),
            request.get("ExpressionAttributeNames"),
        )
        return Write(table, key, after, factor)

    def _transaction(self, request: Request) -> Iterator[Write]:
        by_action = {"Put": self._put, "Update": self._update, "Delete": self._delete}
        for item in request["TransactItems"]:
            ((action, what),) = item.items()
            yield by_action[action](what, 2)

    def _batch(self, request: Request) -> Iterator[Write]:
        for table, writes in request["RequestItems"].items():
            for write in writes:
                if "PutRequest" in write:
                    yield self._put({"TableName": table, **write["PutRequest"]})
                else:
                    yield self._delete({"TableName": table, **write["DeleteRequest"]})


_READS = frozenset({"GetItem", "BatchGetItem", "Query", "Scan"})
_WRITES: Mapping[str, Callable[[Meter, Request], Iterator[Write]]] = {
    "PutItem": lambda meter, request: iter([meter._put(request)]),
    "UpdateItem": lambda meter, request: iter([meter._update(request)]),
    "DeleteItem": lambda meter, request: iter([meter._delete(request)]),
    "TransactWriteItems": Meter._transaction,
    "BatchWriteItem": Meter._batch,
}


def _halved(units: float, request: Request) -> float:
    return units if request.get("ConsistentRead") else units / 2


def _reported(parsed: Request) -> float:
    consumed = parsed.get("ConsumedCapacity", [])
    return sum(
        float(one["CapacityUnits"]) for one in (consumed if isinstance(consumed, list) else [consumed])
    )
