"""A DynamoDB client whose every call may fail in every way in which calls of AWS fail."""

import enum
import random
import uuid
from collections.abc import Callable, Iterator
from contextlib import suppress
from dataclasses import dataclass, field
from typing import Any

from botocore.exceptions import ClientError, ReadTimeoutError

CONFLICT = "TransactionConflict"
READS = frozenset({"get_item", "query", "batch_get_item"})
"""They meet no conflicts outside of transactions."""


class Crash(BaseException):
    """The process is gone, and nobody handles that."""


class Fault(enum.Enum):
    """What becomes of a call."""

    CRASH_BEFORE = "its caller dies before it happens"
    CRASH_AFTER = "its caller dies after it happened"
    LOST_ANSWER = "it happens, and nobody hears of it"
    TWICE = "it happens twice: its answer is lost, and the client tries again by itself"
    THROTTLED = "it is refused: too much"
    CONFLICT = "it is refused: somebody else writes the same items"
    PARTIAL = "a batch is done in part"


def throttle(operation: str) -> ClientError:
    error = {"Code": "ProvisionedThroughputExceededException", "Message": "injected"}
    return ClientError({"Error": error}, operation)  # type: ignore[typeddict-item]


def conflict(operation: str, request: dict[str, Any], dice: random.Random) -> ClientError:
    """Return what AWS answers where another transaction is under way."""
    items = request.get("TransactItems")
    if not items:
        error = {"Code": "TransactionConflictException", "Message": "injected"}
        return ClientError({"Error": error}, operation)  # type: ignore[typeddict-item]
    error = {"Code": "TransactionCanceledException", "Message": "injected"}
    at_odds = dice.randrange(len(items))
    reasons = [{"Code": CONFLICT if n == at_odds else "None"} for n in range(len(items))]
    return ClientError({"Error": error, "CancellationReasons": reasons}, operation)  # type: ignore[typeddict-item]


@dataclass
class FaultyDynamoDb:
    """A client in front of a real one.

    Parameters
    ----------
    dynamodb
        The real one.
    dice
        Decides.
    rate
        How likely it is that a call suffers a fault.
    stop
        Is called before each call, and after those that come back.
    """

    dynamodb: Any
    dice: random.Random
    rate: float
    stop: Callable[[], None]
    calls: int = 0
    suffered: list[Fault] = field(default_factory=list)

    def __getattr__(self, name: str) -> Callable[..., Any]:
        method = getattr(self.dynamodb, name)

        def call(**request: Any) -> Any:
            self.stop()
            self.calls += 1
            answer = self._suffer(name, method, request)
            self.stop()
            return answer

        return call

    def get_paginator(self, operation: str) -> Any:
        """Return a paginator whose pages are calls like others."""
        return _Paginator(getattr(self, operation))

    def _suffer(self, name: str, method: Callable[..., Any], request: dict[str, Any]) -> Any:
        if self.dice.random() >= self.rate:
            return method(**request)
        fault = self.dice.choice(list(Fault))
        self.suffered.append(fault)
        if fault is Fault.CRASH_BEFORE:
            raise Crash
        if fault is Fault.THROTTLED:
            raise throttle(name)
        if fault is Fault.CONFLICT and name not in READS:
            raise conflict(name, request, self.dice)
        if fault is Fault.TWICE:
            # As botocore does it: the token tells DynamoDB that it is the same transaction.
            token = {"ClientRequestToken": str(uuid.uuid4())} if "TransactItems" in request else {}
            with suppress(ClientError):
                method(**request, **token)
            return method(**request, **token)
        answer = method(**self._part_of(request)) if fault is Fault.PARTIAL else method(**request)
        if fault is Fault.CRASH_AFTER:
            raise Crash
        if fault is Fault.LOST_ANSWER:
            raise ReadTimeoutError(endpoint_url="https://dynamodb")
        if fault is Fault.PARTIAL:
            answer |= self._rest_of(request)
        return answer

    def _part_of(self, request: dict[str, Any]) -> dict[str, Any]:
        """Leave out the last item of a batch; others are no batches and stay whole."""
        if "RequestItems" not in request:
            return request
        ((table, items),) = request["RequestItems"].items()
        part: Any = {**items, "Keys": items["Keys"][:-1]} if "Keys" in items else items[:-1]
        whole = not (part["Keys"] if "Keys" in items else part)
        return request if whole else {"RequestItems": {table: part}}

    def _rest_of(self, request: dict[str, Any]) -> dict[str, Any]:
        if "RequestItems" not in request or self._part_of(request) is request:
            return {}
        ((table, items),) = request["RequestItems"].items()
        if "Keys" in items:
            return {"UnprocessedKeys": {table: {"Keys": items["Keys"][-1:]}}}
        return {"UnprocessedItems": {table: items[-1:]}}


@dataclass(frozen=True)
class _Paginator:
    call: Callable[..., Any]

    def paginate(self, **request: Any) -> Iterator[Any]:
        while True:
            page = self.call(**request)
            yield page
            if "LastEvaluatedKey" not in page:
                return
            request["ExclusiveStartKey"] = page["LastEvaluatedKey"]
