from typing import Any

import pytest
from botocore.exceptions import ClientError

from analytics.domain.tallies import LinkKey
from bench.meter import Meter
from bench.tables import Tables

TABLES = Tables.named("test")
LINK = LinkKey("abc1234", "ann")
KEY = {"id": {"S": LINK.short_code}}
ONE = {":one": {"N": "1"}}


@pytest.fixture
def meter(dynamodb: Any) -> Meter:
    return TABLES.metered(dynamodb, [LINK])


def put(dynamodb: Any, size: int) -> None:
    item = {"pk": {"S": "journal#0#1"}, "sk": {"S": "x"}, "entry": {"B": bytes(size)}}
    dynamodb.put_item(TableName=TABLES.ledger, Item=item)


def add(dynamodb: Any, **more: Any) -> None:
    request = {"UpdateExpression": "ADD clicks :one", "ExpressionAttributeValues": ONE, **more}
    dynamodb.update_item(TableName=TABLES.links, Key=KEY, **request)


def test_what_was_there_before_the_bill_is_not_on_it(meter: Meter) -> None:
    assert meter.bill.write_units == 0
    assert set(meter.items(TABLES.links)) == {("abc1234",)}


def test_an_update_that_leaves_the_index_alone_costs_the_row(dynamodb: Any, meter: Meter) -> None:
    add(dynamodb)
    assert meter.bill.writes == {"links": 1}
    assert meter.items(TABLES.links)["abc1234",]["clicks"] == {"N": "1"}


def test_an_update_that_moves_a_row_in_the_index_costs_two_more(dynamodb: Any, meter: Meter) -> None:
    values = {":user": {"S": "deleted#ann"}}
    add(dynamodb, UpdateExpression="SET userId = :user", ExpressionAttributeValues=values)
    assert meter.bill.writes == {"links": 3}


def test_a_write_costs_the_larger_of_before_and_after(dynamodb: Any, meter: Meter) -> None:
    put(dynamodb, 2500)
    put(dynamodb, 10)
    assert meter.bill.writes == {"entries": 6}
    key = {"pk": {"S": "journal#0#1"}, "sk": {"S": "x"}}
    dynamodb.batch_write_item(RequestItems={TABLES.ledger: [{"DeleteRequest": {"Key": key}}]})
    assert meter.bill.writes == {"entries": 6, "drops": 1}


def test_a_refused_write_costs_but_changes_nothing(dynamodb: Any, meter: Meter) -> None:
    with pytest.raises(ClientError):
        add(dynamodb, ConditionExpression="attribute_not_exists(id)")
    assert (meter.bill.write_units, meter.bill.refused) == (1, 1)
    assert meter.items(TABLES.links)["abc1234",]["clicks"] == {"N": "0"}


def test_a_transaction_costs_twice(dynamodb: Any, meter: Meter) -> None:
    claim = {
        "TableName": TABLES.ledger,
        "Key": {"pk": {"S": "claim#p#0"}, "sk": {"S": "claim"}},
        "UpdateExpression": "ADD claimed :new",
        "ExpressionAttributeValues": {":new": {"NS": ["1", "2"]}},
    }
    entry = {"pk": {"S": "journal#0#0"}, "sk": {"S": "y"}, "entry": {"B": bytes(1500)}}
    dynamodb.transact_write_items(
        TransactItems=[{"Update": claim}, {"Put": {"TableName": TABLES.ledger, "Item": entry}}]
    )
    assert meter.bill.writes == {"claims": 2, "entries": 4}


def test_reads_cost_by_size_and_half_if_they_may_be_late(dynamodb: Any, meter: Meter) -> None:
    put(dynamodb, 9000)
    key = {"pk": {"S": "journal#0#1"}, "sk": {"S": "x"}}
    dynamodb.get_item(TableName=TABLES.ledger, Key=key, ConsistentRead=True)
    dynamodb.get_item(TableName=TABLES.ledger, Key=key)
    dynamodb.query(
        TableName=TABLES.ledger,
        KeyConditionExpression="pk = :pk",
        ExpressionAttributeValues={":pk": key["pk"]},
        ConsistentRead=True,
    )
    dynamodb.batch_get_item(RequestItems={TABLES.links: {"Keys": [KEY], "ConsistentRead": True}})
    assert meter.bill.reads == {"GetItem": 4.5, "Query": 3, "BatchGetItem": 1}


def test_a_detached_client_is_not_metered(dynamodb: Any, meter: Meter) -> None:
    meter.detach(dynamodb)
    add(dynamodb)
    assert meter.bill.write_units == 0


def test_counters_are_read_back(dynamodb: Any, meter: Meter) -> None:
    assert TABLES.read_counters(dynamodb) == {}
    add(dynamodb)
    assert TABLES.read_counters(dynamodb) == {("link", "abc1234", ""): {"clicks": 1}}
