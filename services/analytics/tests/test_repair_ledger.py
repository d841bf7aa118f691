from collections.abc import Iterator
from datetime import timedelta

import pytest
from services.analytics.tests.support import NOW, TABLES, DynamoWorld, dynamo_world

from analytics.counting.journal import Entry, Epoch, EpochId, Head, RowKey
from analytics.counting.ports import LeaseLostError
from analytics.counting.repair_ledger import RepairLedger

UNTIL = NOW + timedelta(seconds=60)
LATER = UNTIL + timedelta(seconds=1)
REPAIR = Entry(repairs={RowKey("link", "docs"): {"clicks": 1}})


@pytest.fixture
def world() -> Iterator[DynamoWorld]:
    with dynamo_world() as world:
        world.ledger.head(0)
        yield world


@pytest.fixture
def repair_ledger(world: DynamoWorld) -> RepairLedger:
    return RepairLedger(world.dynamodb, TABLES["CLICK_LEDGER_TABLE"])


def open_epoch(world: DynamoWorld) -> Head:
    """Open the next epoch, as a folder would, and do not finish it."""
    head = world.ledger.head(0)
    this = EpochId(head.epoch.incarnation, head.epoch.number + 1, "nonce")
    epoch = Epoch(this, Entry().to_bytes(), [], world.now, previous=head.epoch)
    world.ledger.open_epoch(head, epoch, world.now, world.now + timedelta(seconds=75))
    return world.ledger.head(0)


def test_a_shard_that_is_taken_is_not_folded_until_it_is_released(
    world: DynamoWorld, repair_ledger: RepairLedger
) -> None:
    assert repair_ledger.take(0, NOW, UNTIL)
    with pytest.raises(LeaseLostError):
        open_epoch(world)
    repair_ledger.release(0, UNTIL)
    assert not open_epoch(world).folded


def test_a_shard_is_taken_by_one_at_a_time(repair_ledger: RepairLedger) -> None:
    assert repair_ledger.take(0, NOW, UNTIL)
    assert not repair_ledger.take(0, NOW, LATER)
    assert repair_ledger.take(0, LATER, LATER + timedelta(seconds=60)), "the first one's time is up"
    repair_ledger.release(0, UNTIL)
    assert not repair_ledger.take(0, LATER, LATER + timedelta(seconds=61)), "only ours can be released"


def test_a_shard_that_is_being_folded_cannot_be_taken(
    world: DynamoWorld, repair_ledger: RepairLedger
) -> None:
    head = open_epoch(world)
    assert not repair_ledger.take(0, NOW, UNTIL)
    assert not repair_ledger.take(0, NOW + timedelta(days=1), UNTIL), "somebody has to finish it"
    world.ledger.close_epoch(head.epoch, 0)
    assert repair_ledger.take(0, NOW, UNTIL)


def test_a_shard_that_was_never_counted_cannot_be_taken(repair_ledger: RepairLedger) -> None:
    assert not repair_ledger.take(1, NOW, UNTIL)


def test_only_who_still_has_a_shard_can_extend_it(repair_ledger: RepairLedger) -> None:
    assert repair_ledger.take(0, NOW, UNTIL)
    assert repair_ledger.extend(0, UNTIL, LATER)
    assert not repair_ledger.extend(0, UNTIL, LATER)
    assert repair_ledger.extend(0, LATER, LATER + timedelta(seconds=60))


class TestJournal:
    def test_it_journals_while_the_shard_is_taken(
        self, world: DynamoWorld, repair_ledger: RepairLedger
    ) -> None:
        repair_ledger.take(0, NOW, UNTIL)
        key = repair_ledger.journal(0, REPAIR, UNTIL, NOW, "nonce")
        (pending,) = world.ledger.pending(0)
        assert (pending.key, pending.journalled_at, Entry.from_bytes(pending.stored)) == (key, NOW, REPAIR)
        assert repair_ledger.is_pending(key)
        world.ledger.drop([key])
        assert not repair_ledger.is_pending(key)

    def test_an_answer_that_got_lost_does_no_harm(
        self, world: DynamoWorld, repair_ledger: RepairLedger
    ) -> None:
        repair_ledger.take(0, NOW, UNTIL)
        for _ in range(2):
            repair_ledger.journal(0, REPAIR, UNTIL, NOW, "nonce")
        assert len(world.ledger.pending(0)) == 1

    def test_nothing_is_journalled_once_somebody_else_may_fold(
        self, world: DynamoWorld, repair_ledger: RepairLedger
    ) -> None:
        repair_ledger.take(0, NOW, UNTIL)
        world.now = LATER
        head = open_epoch(world)
        with pytest.raises(LeaseLostError):
            repair_ledger.journal(0, REPAIR, UNTIL, NOW, "nonce")
        world.ledger.close_epoch(head.epoch, 0)
        with pytest.raises(LeaseLostError):
            repair_ledger.journal(0, REPAIR, UNTIL, NOW, "nonce")
        assert world.ledger.pending(0) == []


class TestNewLife:
    def test_a_folded_shard_begins_again(self, world: DynamoWorld, repair_ledger: RepairLedger) -> None:
        old = open_epoch(world)
        world.ledger.close_epoch(old.epoch, 0)
        repair_ledger.begin_new_life(world.ledger.head(0), "fresh")
        former = frozenset({old.epoch.incarnation})
        assert world.ledger.head(0) == Head(0, EpochId("fresh", 0, ""), True, None, former)
        assert world.ledger.epoch(old).id == old.epoch, "what was added stays proved"

    def test_an_open_epoch_is_forgotten_and_nobody_finishes_it(
        self, world: DynamoWorld, repair_ledger: RepairLedger
    ) -> None:
        old = open_epoch(world)
        repair_ledger.begin_new_life(old, "fresh")
        with pytest.raises(LeaseLostError):
            world.ledger.epoch(old)
        with pytest.raises(LeaseLostError):
            world.ledger.take_over(old, LATER, LATER)
        world.ledger.close_epoch(old.epoch, 0)
        assert world.ledger.head(0).epoch == EpochId("fresh", 0, "")

    def test_former_lives_are_remembered(self, world: DynamoWorld, repair_ledger: RepairLedger) -> None:
        first = world.ledger.head(0).epoch.incarnation
        repair_ledger.begin_new_life(world.ledger.head(0), "second")
        repair_ledger.begin_new_life(world.ledger.head(0), "third")
        assert world.ledger.head(0).earlier == {first, "second"}

    def test_a_shard_that_has_moved_on_is_left_alone(
        self, world: DynamoWorld, repair_ledger: RepairLedger
    ) -> None:
        seen = world.ledger.head(0)
        head = open_epoch(world)
        with pytest.raises(LeaseLostError):
            repair_ledger.begin_new_life(seen, "fresh")
        assert world.ledger.head(0) == head


def test_what_the_ledger_has_forgotten_can_be_made_known(
    world: DynamoWorld, repair_ledger: RepairLedger
) -> None:
    for forgotten in (["one"], ["one", "other"]):
        repair_ledger.acknowledge(0, forgotten, unproved=False)
    assert world.ledger.head(0).earlier == {"one", "other"}
    assert world.ledger.head(0).knows(EpochId("other", 7, "x"))
