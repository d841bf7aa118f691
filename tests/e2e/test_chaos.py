"""The counting engine on the running DynamoDB, with faults at any call; `make chaos` goes on for longer."""

from typing import Any

import pytest

from analytics.counting.ledger import DynamoDbLedger
from tests.chaos.__main__ import client
from tests.chaos.schedule import Result, Schedule
from tests.support.faults import Fault
from tests.support.stack import Stack

SCHEDULES = 15


def test_nothing_is_lost_and_nothing_doubled(stack: Stack) -> None:
    result = Result()
    faults: set[Fault] = set()
    for seed in range(SCHEDULES):
        schedule = Schedule(client(stack.outputs["awsEndpointUrl"]), seed)
        schedule.run(result)
        faults |= schedule.suffered
    assert result.problems == []
    assert (result.lost, result.doubled) == (0, 0)
    assert faults == set(Fault), "some faults never happened: the test shows less than it says"


class Trusting(DynamoDbLedger):
    """Journals without looking whether it did before."""

    def _claim(self, *arguments: Any) -> dict[str, Any]:
        request = super()._claim(*arguments)
        del request["ConditionExpression"]
        values = request["ExpressionAttributeValues"]
        request["ExpressionAttributeValues"] = {name: values[name] for name in (":new", ":ttl")}
        return request


class Forgetful(DynamoDbLedger):
    """Claims without journalling, once in a while."""

    def claim(self, blocks: Any, entries: Any) -> None:
        forgotten = blocks and len(blocks) % 3 == 0
        super().claim(blocks, {} if forgotten else entries)


class Hasty(DynamoDbLedger):
    """Says that an epoch is folded when it is opened."""

    def open_epoch(self, head: Any, epoch: Any, now: Any, until: Any) -> None:
        super().open_epoch(head, epoch, now, until)
        self.close_epoch(epoch.id, head.shard)


@pytest.mark.parametrize("broken", [Trusting, Forgetful, Hasty])
def test_an_engine_that_is_broken_is_found_out(stack: Stack, broken: type[DynamoDbLedger]) -> None:
    result = Result()
    for seed in range(8):
        Schedule(client(stack.outputs["awsEndpointUrl"]), seed, broken).run(result)
        if result.problems:
            return
    pytest.fail("nobody noticed")
