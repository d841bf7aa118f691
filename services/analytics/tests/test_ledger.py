"""One set of tests for the ledger in memory and the one in DynamoDB; and what only the latter has."""

import os
from collections.abc import Callable, Iterator
from datetime import timedelta
from typing import Any

import pytest
from botocore.exceptions import ClientError, EndpointConnectionError, ReadTimeoutError
from services.analytics.tests.fakes import FakeLedger
from services.analytics.tests.support import HORIZON, NOW, PRODUCER, TABLES, DynamoWorld, dynamo_world

from analytics.counting.journal import (
    MAX_BYTES,
    Block,
    Entry,
    EntryKey,
    Epoch,
    EpochId,
    Head,
    merge_entries,
)
from analytics.counting.ledger import MARGIN, DynamoDbLedger
from analytics.counting.ledger_items import BYTES_PER_EPOCH, ENTRIES_PER_EPOCH, JOURNAL_PARTITIONS
from analytics.counting.ports import AlreadyClaimedError, BusyError, LeaseLostError
from analytics.domain.erasures import Erasure
from hopcount_shared.base62 import random_text

Ledger = FakeLedger | DynamoDbLedger
FIRST, SECOND = Block(PRODUCER, 0), Block(PRODUCER, 1)
LEASE = timedelta(seconds=75)
LATER = NOW + LEASE + timedelta(seconds=1)


class Time:
    """A clock that stands still until it is moved."""

    def __init__(self) -> None:
        self.now = NOW

    def __call__(self) -> Any:
        return self.now


@pytest.fixture
def time() -> Time:
    return Time()


@pytest.fixture(params=["fake", "dynamodb"])
def ledger(request: pytest.FixtureRequest, time: Time) -> Iterator[Ledger]:
    if request.param == "fake":
        yield FakeLedger(time)
        return
    with dynamo_world() as world:
        yield DynamoDbLedger(world.dynamodb, TABLES["CLICK_LEDGER_TABLE"], HORIZON, time)


def sequences(*numbers: int) -> frozenset[int]:
    return frozenset(numbers)


class TestClaims:
    def test_what_is_claimed_is_journalled(self, ledger: Ledger) -> None:
        ledger.claim({FIRST: sequences(0, 63), SECOND: sequences(64)}, {0: b"zero", 2: b"two"})
        assert [pending.stored for pending in ledger.pending(0)] == [b"zero"]
        assert ledger.pending(1) == []
        assert [pending.stored for pending in ledger.pending(2)] == [b"two"]

    def test_what_is_claimed_cannot_be_claimed_again(self, ledger: Ledger) -> None:
        ledger.claim({FIRST: sequences(1, 2)}, {0: b"first"})
        with pytest.raises(AlreadyClaimedError) as refused:
            ledger.claim({FIRST: sequences(2, 3)}, {0: b"second"})
        assert refused.value.taken == {FIRST: sequences(1, 2)}
        assert [pending.stored for pending in ledger.pending(0)] == [b"first"]

    def test_a_refusal_tells_all_that_is_taken_of_each_block_in_the_way(self, ledger: Ledger) -> None:
        other = Block("z" * 22, 7)
        ledger.claim({FIRST: sequences(0, 1, 2), SECOND: sequences(64, 70), other: sequences(449)}, {})
        with pytest.raises(AlreadyClaimedError) as refused:
            ledger.claim({SECOND: sequences(70), FIRST: sequences(3), other: sequences(448, 449)}, {0: b"x"})
        assert refused.value.taken == {SECOND: sequences(64, 70), other: sequences(449)}

    def test_it_is_all_or_nothing(self, ledger: Ledger) -> None:
        ledger.claim({SECOND: sequences(64)}, {})
        with pytest.raises(AlreadyClaimedError):
            ledger.claim({FIRST: sequences(0), SECOND: sequences(64)}, {0: b"x"})
        assert ledger.pending(0) == []
        ledger.claim({FIRST: sequences(0)}, {0: b"y"})

    def test_the_rest_of_a_block_can_be_claimed(self, ledger: Ledger) -> None:
        for number in range(64):
            ledger.claim({FIRST: sequences(number)}, {0: b"x"})
        with pytest.raises(AlreadyClaimedError) as refused:
            ledger.claim({FIRST: sequences(*range(64))}, {0: b"x"})
        assert refused.value.taken == {FIRST: sequences(*range(64))}

    def test_producers_do_not_share_blocks(self, ledger: Ledger) -> None:
        ledger.claim({FIRST: sequences(0)}, {})
        ledger.claim({Block("z" * 22, 0): sequences(0)}, {})

    def test_a_whole_transaction_fits(self, ledger: Ledger) -> None:
        blocks = {Block(PRODUCER, n): sequences(n * 64, n * 64 + 63) for n in range(1, 95)}
        blocks[FIRST] = sequences(*range(64))
        ledger.claim(blocks, dict.fromkeys(range(5), b"x"))
        with pytest.raises(AlreadyClaimedError) as refused:
            ledger.claim(blocks, {})
        assert refused.value.taken == blocks

    def test_nothing_need_be_claimed(self, ledger: Ledger) -> None:
        for _ in range(2):
            ledger.claim({}, {0: b"an erasure"})
        assert len(ledger.pending(0)) == 2


class TestPending:
    def test_oldest_first(self, ledger: Ledger, time: Time) -> None:
        for second in range(30):
            time.now = NOW + timedelta(seconds=second)
            ledger.claim({}, {0: str(second).encode()})
        pending = ledger.pending(0)
        assert [int(entry.stored) for entry in pending] == [*range(30)]
        assert [entry.journalled_at for entry in pending] == [NOW + timedelta(seconds=n) for n in range(30)]

    def test_there_may_be_more_than_is_read_at_once(self, ledger: Ledger, time: Time) -> None:
        stored = [bytes([n]) * 290_000 for n in range(10)]
        for entry in stored:
            time.now += timedelta(seconds=1)
            ledger.claim({}, {0: entry})
        found: list[bytes] = []
        while pending := ledger.pending(0):
            assert sum(len(entry.stored) for entry in pending) <= BYTES_PER_EPOCH
            assert [entry.journalled_at for entry in pending] == sorted(e.journalled_at for e in pending)
            found += [entry.stored for entry in pending]
            ledger.drop([entry.key for entry in pending])
        assert found[0] == stored[0]
        assert sorted(found) == stored

    def test_dropped_is_gone_and_may_be_dropped_again(self, ledger: Ledger) -> None:
        for _ in range(25):
            ledger.claim({}, {0: b"x"})
        keys = [entry.key for entry in ledger.pending(0)]
        for _ in range(2):
            ledger.drop(keys)
            assert ledger.pending(0) == []

    def test_only_what_is_named_is_dropped(self, ledger: Ledger) -> None:
        for shard in (0, 0, 1):
            ledger.claim({}, {shard: b"x"})
        left, dropped = (entry.key for entry in ledger.pending(0))
        ledger.drop([dropped, EntryKey("journal#0#0", "2020-01-01T00:00:00.000000Z#gone")])
        assert [entry.key for entry in ledger.pending(0)] == [left]
        assert len(ledger.pending(1)) == 1


def next_epoch(head: Head, nonce: str = "n1") -> Epoch:
    keys = [EntryKey("journal#0#1", f"2026-03-01T12:30:00.000000Z#{n}") for n in range(3)]
    this = EpochId(head.epoch.incarnation, head.epoch.number + 1, nonce)
    return Epoch(this, stored=b"\x00sums\xff", took=keys, opened_at=NOW, previous=head.epoch)


def open_next(ledger: Ledger, nonce: str = "n1") -> Epoch:
    head = ledger.head(0)
    epoch = next_epoch(head, nonce)
    ledger.open_epoch(head, epoch, NOW, NOW + LEASE)
    return epoch


class TestHeads:
    def test_a_head_is_made_once(self, ledger: Ledger) -> None:
        assert ledger.heads() == []
        head = ledger.head(0)
        assert (head.epoch.number, head.folded, head.leased_until) == (0, True, None)
        assert ledger.head(0) == head
        assert ledger.heads() == [head]

    def test_each_shard_has_a_life_of_its_own(self, ledger: Ledger) -> None:
        heads = [ledger.head(shard) for shard in (2, 0, 11)]
        assert len({head.epoch.incarnation for head in heads}) == 3
        assert sorted(ledger.heads(), key=lambda head: head.shard) == sorted(
            heads, key=lambda head: head.shard
        )

    def test_an_epoch_is_opened_kept_and_closed(self, ledger: Ledger) -> None:
        before = ledger.head(0)
        epoch = open_next(ledger)
        head = ledger.head(0)
        assert head == Head(0, epoch.id, folded=False, leased_until=NOW + LEASE)
        assert ledger.epoch(head) == epoch
        ledger.close_epoch(epoch.id, 0)
        assert ledger.head(0) == Head(0, epoch.id, folded=True, leased_until=None)
        assert ledger.epoch(ledger.head(0)).previous == before.epoch

    def test_one_of_two_opens_the_next(self, ledger: Ledger) -> None:
        head = ledger.head(0)
        first, second = next_epoch(head, "n1"), next_epoch(head, "n2")
        ledger.open_epoch(head, first, NOW, NOW + LEASE)
        for now in (NOW, LATER):  # whether the first is still at it or not
            with pytest.raises(LeaseLostError):
                ledger.open_epoch(head, second, now, now + LEASE)
        assert ledger.epoch(ledger.head(0)) == first

    def test_none_is_opened_before_the_last_is_folded(self, ledger: Ledger) -> None:
        open_next(ledger)
        head = ledger.head(0)
        with pytest.raises(LeaseLostError):
            ledger.open_epoch(head, next_epoch(head, "n2"), LATER, LATER + LEASE)

    def test_none_is_opened_from_an_epoch_of_the_same_number_in_another_life(self, ledger: Ledger) -> None:
        open_next(ledger, "mine")
        head = ledger.head(0)
        ledger.close_epoch(head.epoch, 0)
        for epoch in (head.epoch._replace(nonce="theirs"), head.epoch._replace(incarnation="theirs")):
            other = Head(0, epoch, folded=True, leased_until=None)
            with pytest.raises(LeaseLostError):
                ledger.open_epoch(other, next_epoch(other, "n2"), NOW, NOW + LEASE)

    def test_an_unfinished_epoch_is_taken_over_when_its_lease_is_over(self, ledger: Ledger) -> None:
        open_next(ledger)
        head = ledger.head(0)
        with pytest.raises(LeaseLostError):
            ledger.take_over(head, NOW + LEASE, NOW + 2 * LEASE)
        ledger.take_over(head, LATER, LATER + LEASE)
        assert ledger.head(0).leased_until == LATER + LEASE

    def test_one_of_two_takes_over(self, ledger: Ledger) -> None:
        open_next(ledger)
        head = ledger.head(0)
        ledger.take_over(head, LATER, LATER + LEASE)
        with pytest.raises(LeaseLostError):
            ledger.take_over(head, LATER, LATER + LEASE)

    def test_what_is_folded_or_has_moved_on_is_not_taken_over(self, ledger: Ledger) -> None:
        first = open_next(ledger)
        unfinished = ledger.head(0)
        ledger.close_epoch(first.id, 0)
        with pytest.raises(LeaseLostError):
            ledger.take_over(unfinished, LATER, LATER + LEASE)
        open_next(ledger, "n2")
        with pytest.raises(LeaseLostError):
            ledger.take_over(unfinished, LATER, LATER + LEASE)

    def test_closing_twice_or_too_late_does_nothing(self, ledger: Ledger) -> None:
        first = open_next(ledger)
        for _ in range(2):
            ledger.close_epoch(first.id, 0)
        second = open_next(ledger, "n2")
        head = ledger.head(0)
        for stale in (first.id, second.id._replace(nonce="n3"), second.id._replace(incarnation="other")):
            ledger.close_epoch(stale, 0)
        assert ledger.head(0) == head

    def test_an_epoch_that_is_not_there(self, ledger: Ledger) -> None:
        head = ledger.head(0)
        with pytest.raises(LeaseLostError):
            ledger.epoch(Head(0, EpochId(head.epoch.incarnation, 9, "n"), folded=False, leased_until=None))


# DynamoDB alone


@pytest.fixture
def world() -> Iterator[DynamoWorld]:
    with dynamo_world() as world:
        yield world


class TestItems:
    def test_a_claim_is_kept_for_the_horizon_and_a_day(self, world: DynamoWorld) -> None:
        world.ledger.claim({SECOND: sequences(64, 127)}, {})
        (claim,) = world.rows("CLICK_LEDGER_TABLE")
        expiry = int((NOW + HORIZON + MARGIN).timestamp())
        assert sorted(claim.pop("claimed")["NS"]) == ["0", "63"]
        assert claim == {
            "pk": {"S": f"claim#{PRODUCER}#1"},
            "sk": {"S": "claim"},
            "ttl": {"N": str(expiry)},
        }

    def test_each_claim_of_a_block_prolongs_it(self, world: DynamoWorld) -> None:
        world.ledger.claim({FIRST: sequences(0)}, {})
        world.now += timedelta(days=3)
        world.ledger.claim({FIRST: sequences(1)}, {})
        (claim,) = world.rows("CLICK_LEDGER_TABLE")
        assert int(claim["ttl"]["N"]) == (world.now + HORIZON + MARGIN).timestamp()

    def test_entries_are_spread_and_never_expire(self, world: DynamoWorld) -> None:
        for _ in range(100):
            world.ledger.claim({}, {3: b"x"})
        rows = world.rows("CLICK_LEDGER_TABLE")
        partitions = {f"journal#3#{part}" for part in range(JOURNAL_PARTITIONS)}
        assert {row["pk"]["S"] for row in rows} == partitions
        assert {frozenset(row) for row in rows} == {frozenset({"pk", "sk", "entry"})}

    def test_an_epoch_is_kept_for_the_horizon_and_a_day(self, world: DynamoWorld) -> None:
        head = world.ledger.head(0)
        open_next(world.ledger)
        (epoch,) = (r for r in world.rows("CLICK_LEDGER_TABLE") if r["pk"]["S"].startswith("epochs#"))
        assert epoch["pk"]["S"] == f"epochs#0#{head.epoch.incarnation}"
        assert epoch["sk"]["S"] == "000000000001"
        assert int(epoch["ttl"]["N"]) == (NOW + HORIZON + MARGIN).timestamp()

    def test_former_lives_are_read(self, world: DynamoWorld) -> None:
        world.ledger.head(0)
        world.dynamodb.update_item(
            TableName=TABLES["CLICK_LEDGER_TABLE"],
            Key={"pk": {"S": "heads"}, "sk": {"S": "0"}},
            UpdateExpression="ADD earlier :lives",
            ExpressionAttributeValues={":lives": {"SS": ["a", "b"]}},
        )
        open_next(world.ledger)
        assert world.ledger.head(0).earlier == {"a", "b"}
        assert world.ledger.heads() == [world.ledger.head(0)]


def test_erasures_and_repairs_survive_storage(world: DynamoWorld) -> None:
    entry = Entry(erasures=frozenset({Erasure("link", "docs"), Erasure("user", "ann")}))
    world.ledger.claim({}, {0: entry.to_bytes()})
    assert merge_entries(Entry.from_bytes(pending.stored) for pending in world.ledger.pending(0)) == entry


class Writing:
    """A DynamoDB that remembers what is written. moto would take binary for a third larger than it is."""

    def __init__(self) -> None:
        self.items: list[dict[str, Any]] = []

    def transact_write_items(self, **request: Any) -> None:
        self.items += [item["Put"]["Item"] for item in request["TransactItems"] if "Put" in item]


def test_the_largest_epoch_fits_an_item() -> None:
    keys = [
        EntryKey(f"journal#0#{os.urandom(1)[0] % 4}", f"2026-03-01T12:30:00.{n * 331:06}Z#{random_text(12)}")
        for n in range(ENTRIES_PER_EPOCH)
    ]
    dynamodb = Writing()
    epoch = Epoch(EpochId("life", 4, "n4"), os.urandom(MAX_BYTES), keys, NOW, HEAD.epoch)
    against(dynamodb).open_epoch(HEAD, epoch, NOW, NOW + LEASE)
    (item,) = dynamodb.items
    assert sum(len(name) + len(*value.values()) for name, value in item.items()) < 400 * 1024


class Refusing:
    """A DynamoDB that answers everything with one error."""

    def __init__(self, error: Exception) -> None:
        self._error = error

    def __getattr__(self, _: str) -> Callable[..., Any]:
        def refuse(**_: Any) -> Any:
            raise self._error

        return refuse


class Partial:
    """A DynamoDB that leaves some of a batch undone."""

    def batch_write_item(self, **request: Any) -> Any:
        return {"UnprocessedItems": request["RequestItems"]}


def cancelled(*codes: str) -> ClientError:
    return ClientError(
        {
            "Error": {"Code": "TransactionCanceledException", "Message": "cancelled"},
            "CancellationReasons": [{"Code": code} for code in codes],
        },
        "TransactWriteItems",
    )


def refused(code: str) -> ClientError:
    return ClientError({"Error": {"Code": code, "Message": "no"}}, "Operation")


def against(client: Any) -> DynamoDbLedger:
    return DynamoDbLedger(client, "ledger", HORIZON, lambda: NOW)


HEAD = Head(0, EpochId("life", 3, "n3"), folded=True, leased_until=None)
CALLS: dict[str, Callable[[DynamoDbLedger], object]] = {
    "claim": lambda ledger: ledger.claim({FIRST: sequences(1), SECOND: sequences(64)}, {0: b"x"}),
    "heads": lambda ledger: ledger.heads(),
    "head": lambda ledger: ledger.head(0),
    "pending": lambda ledger: ledger.pending(0),
    "open_epoch": lambda ledger: ledger.open_epoch(HEAD, next_epoch(HEAD), NOW, NOW + LEASE),
    "take_over": lambda ledger: ledger.take_over(HEAD, NOW, NOW + LEASE),
    "epoch": lambda ledger: ledger.epoch(HEAD),
    "drop": lambda ledger: ledger.drop([EntryKey("journal#0#0", "x")]),
    "close_epoch": lambda ledger: ledger.close_epoch(HEAD.epoch, 0),
}
PASSING = [
    refused("ThrottlingException"),
    refused("ProvisionedThroughputExceededException"),
    refused("RequestLimitExceeded"),
    refused("InternalServerError"),
    refused("ServiceUnavailable"),
    refused("TransactionConflictException"),
    refused("TransactionInProgressException"),
    EndpointConnectionError(endpoint_url="https://dynamodb"),
    ReadTimeoutError(endpoint_url="https://dynamodb"),
]
LASTING = [
    refused("AccessDeniedException"),
    refused("ResourceNotFoundException"),
    refused("ValidationException"),
    refused("ItemCollectionSizeLimitExceededException"),
]


def name(error: Exception) -> str:
    return error.response["Error"]["Code"] if isinstance(error, ClientError) else type(error).__name__


@pytest.mark.parametrize("call", CALLS.values(), ids=CALLS.keys())
class TestErrors:
    @pytest.mark.parametrize("error", PASSING, ids=name)
    def test_what_passes_is_busy(self, call: Callable[[DynamoDbLedger], object], error: Exception) -> None:
        with pytest.raises(BusyError):
            call(against(Refusing(error)))

    @pytest.mark.parametrize("error", LASTING, ids=name)
    def test_what_lasts_is_raised(self, call: Callable[[DynamoDbLedger], object], error: Exception) -> None:
        with pytest.raises(ClientError):
            call(against(Refusing(error)))


@pytest.mark.parametrize("call", [CALLS["claim"], CALLS["open_epoch"]], ids=["claim", "open_epoch"])
class TestCancelledTransactions:
    @pytest.mark.parametrize(
        "codes",
        [
            ("None", "TransactionConflict"),
            ("TransactionConflict", "TransactionConflict"),
            ("ThrottlingError", "None"),
            ("None", "ProvisionedThroughputExceeded"),
        ],
        ids=", ".join,
    )
    def test_contention_is_busy(
        self, call: Callable[[DynamoDbLedger], object], codes: tuple[str, ...]
    ) -> None:
        with pytest.raises(BusyError):
            call(against(Refusing(cancelled(*codes))))

    @pytest.mark.parametrize(
        "codes",
        [("None", "ValidationError"), ("ItemCollectionSizeLimitExceeded", "TransactionConflict"), ()],
        ids=", ".join,
    )
    def test_what_can_never_happen_is_raised(
        self, call: Callable[[DynamoDbLedger], object], codes: tuple[str, ...]
    ) -> None:
        with pytest.raises(ClientError):
            call(against(Refusing(cancelled(*codes))))


def test_a_failed_condition_among_conflicts_tells_what_is_taken() -> None:
    error = cancelled("TransactionConflict", "ConditionalCheckFailed", "None")
    error.response["CancellationReasons"][1]["Item"] = {"claimed": {"NS": ["0", "3"]}}  # type: ignore[typeddict-unknown-key]
    with pytest.raises(AlreadyClaimedError) as refusal:
        CALLS["claim"](against(Refusing(error)))
    assert refusal.value.taken == {SECOND: sequences(64, 67)}


def test_a_lost_race_for_the_head_among_conflicts_is_lost() -> None:
    with pytest.raises(LeaseLostError):
        CALLS["open_epoch"](against(Refusing(cancelled("TransactionConflict", "ConditionalCheckFailed"))))


def test_entries_that_were_not_deleted_are_busy() -> None:
    with pytest.raises(BusyError):
        CALLS["drop"](against(Partial()))
