from collections.abc import Iterator
from datetime import UTC, datetime

import pytest
from services.analytics.tests.support import COUNTER_TABLES, NOW, TABLES, DynamoWorld, dynamo_world

from analytics.counting.audit import DayState, LinkState, Proofs, UserState
from analytics.counting.audit_reader import CounterReader, EpochFollower, LedgerReader
from analytics.counting.journal import Entry, Epoch, EpochId, RowKey
from analytics.counting.repair_ledger import RepairLedger
from analytics.domain.tallies import LinkKey, Totals

SINCE = "2026-01-01"
ONE = Entry(counts={LinkKey("docs", "ann"): {"2026-03-01": {"h12": 1, "c:CH": 1}}})


@pytest.fixture
def world() -> Iterator[DynamoWorld]:
    with dynamo_world() as world:
        world.ledger.head(0)
        yield world


@pytest.fixture
def reader(world: DynamoWorld) -> LedgerReader:
    return LedgerReader(world.dynamodb, TABLES["CLICK_LEDGER_TABLE"])


@pytest.fixture
def follower(reader: LedgerReader) -> EpochFollower:
    return EpochFollower(reader, Proofs(SINCE))


def keep_epoch(
    world: DynamoWorld, entry: Entry = ONE, opened_at: datetime = NOW, *, close: bool = True
) -> EpochId:
    """Keep one more epoch, as a folder does."""
    head = world.ledger.head(0)
    this = EpochId(head.epoch.incarnation, head.epoch.number + 1, f"nonce{head.epoch.number}")
    epoch = Epoch(this, entry.to_bytes(), [], opened_at, previous=head.epoch)
    world.ledger.open_epoch(head, epoch, NOW, NOW)
    if close:
        world.ledger.close_epoch(this, 0)
    return this


def forget_epoch(world: DynamoWorld, number: int) -> None:
    incarnation = world.ledger.head(0).epoch.incarnation
    key = {"pk": {"S": f"epochs#0#{incarnation}"}, "sk": {"S": f"{number:012}"}}
    world.dynamodb.delete_item(TableName=TABLES["CLICK_LEDGER_TABLE"], Key=key)


class TestEpochFollower:
    def test_epochs_add_up(self, world: DynamoWorld, follower: EpochFollower) -> None:
        for _ in range(3):
            keep_epoch(world)
        told: list[int] = []
        follower.catch_up(world.ledger.heads(), progress=told.append)
        assert follower.proofs.of("docs") == {"2026-03-01": {"h12": 3, "c:CH": 3}}
        assert (follower.read, told, follower.proofs.since) == (3, [1, 2, 3], SINCE)

    def test_each_epoch_is_added_once(self, world: DynamoWorld, follower: EpochFollower) -> None:
        for _ in range(3):
            keep_epoch(world)
            follower.catch_up(world.ledger.heads())
        follower.catch_up(world.ledger.heads())
        assert follower.proofs.of("docs") == {"2026-03-01": {"h12": 3, "c:CH": 3}}

    def test_former_lives_count_too(self, world: DynamoWorld, follower: EpochFollower) -> None:
        keep_epoch(world)
        former = world.ledger.head(0)
        RepairLedger(world.dynamodb, TABLES["CLICK_LEDGER_TABLE"]).begin_new_life(former, "fresh")
        keep_epoch(world)
        follower.catch_up(world.ledger.heads())
        assert follower.proofs.of("docs")["2026-03-01"]["h12"] == 2
        assert follower.proofs.incarnations == {former.epoch.incarnation, "fresh"}

    def test_a_lost_life_proves_nothing_and_is_not_proved(
        self, world: DynamoWorld, follower: EpochFollower
    ) -> None:
        repair_ledger = RepairLedger(world.dynamodb, TABLES["CLICK_LEDGER_TABLE"])
        repair_ledger.acknowledge(0, ["forgotten"], unproved=False)
        repair_ledger.acknowledge(0, ["lost"], unproved=True)
        follower.catch_up(world.ledger.heads())
        (head,) = world.ledger.heads()
        assert head.earlier == {"forgotten", "lost"}
        assert follower.proofs.incarnations == {head.epoch.incarnation, "forgotten"}

    def test_an_epoch_that_will_never_be_added_proves_nothing(
        self, world: DynamoWorld, follower: EpochFollower
    ) -> None:
        keep_epoch(world)
        stuck = keep_epoch(world, close=False)
        follower.catch_up(world.ledger.heads(), unapplied=[stuck])
        assert follower.proofs.of("docs")["2026-03-01"]["h12"] == 1

    @pytest.mark.parametrize("gone", [1, 2])
    def test_days_before_an_epoch_that_is_gone_are_not_proved(
        self, world: DynamoWorld, follower: EpochFollower, gone: int
    ) -> None:
        for day in (10, 15, 20):
            keep_epoch(world, opened_at=datetime(2026, 2, day, 12, tzinfo=UTC))
        forget_epoch(world, gone)
        follower.catch_up(world.ledger.heads())
        assert follower.proofs.since == {1: "2026-02-16", 2: "2026-02-21"}[gone]

    @pytest.mark.parametrize(("minute", "since"), [(54, "2026-02-11"), (56, "2026-02-12")])
    def test_clocks_that_are_ahead_cost_a_day_at_midnight(
        self, world: DynamoWorld, follower: EpochFollower, minute: int, since: str
    ) -> None:
        keep_epoch(world)
        keep_epoch(world, opened_at=datetime(2026, 2, 10, 23, minute, tzinfo=UTC))
        forget_epoch(world, 1)
        follower.catch_up(world.ledger.heads())
        assert follower.proofs.since == since


def test_breakdowns_are_left_out_where_they_do_not_matter(world: DynamoWorld, reader: LedgerReader) -> None:
    keep_epoch(world)
    follower = EpochFollower(reader, Proofs(SINCE, breakdowns=False))
    follower.catch_up(world.ledger.heads())
    assert follower.proofs.of("docs") == {"2026-03-01": {"h12": 1}}


def test_links_that_do_not_matter_are_left_out(world: DynamoWorld, reader: LedgerReader) -> None:
    keep_epoch(world)
    follower = EpochFollower(reader, Proofs(SINCE, codes={"blog"}))
    follower.catch_up(world.ledger.heads())
    assert follower.proofs.of("docs") == {}


def test_pending_repairs_add_up_and_clicks_do_not_matter(world: DynamoWorld, reader: LedgerReader) -> None:
    row = RowKey("link", "docs")
    for repair in ({"clicks": 1}, {"clicks": 2, "botClicks": -1}):
        world.ledger.claim({}, {0: Entry(repairs={row: repair}).to_bytes(), 1: ONE.to_bytes()})
    assert reader.pending_repairs([0, 1]) == {row: {"clicks": 3, "botClicks": -1}}
    assert reader.pending_repairs([1]) == {}


class TestCounterReader:
    @pytest.fixture
    def counters(self, world: DynamoWorld) -> CounterReader:
        world.add_link("docs", clicks={"N": "3"}, botClicks={"N": "1"})
        world.add_link("gone", userId={"S": "deleted#bob"})
        world.dynamodb.put_item(
            TableName=COUNTER_TABLES.links, Item={"id": {"S": "lost"}, "erasedAt": {"S": "2026-01-01"}}
        )
        world.add_old_day("docs", "2026-01-01", {"clicks": 2, "h12": 2})
        new = {
            "clicks": {"N": "1"},
            "r:x.y": {"N": "1"},
            "by": {"S": "now"},
            "v": {"N": "4"},
            "epoch_now": {"N": "7"},
        }
        erased = {"erasedAt": {"S": "2026-01-01"}, "ttl": {"N": "5"}, "v": {"N": "4"}, "by": {"S": "now"}}
        for code, day, row in (("docs", "2026-03-01", new), ("lost", "2026-03-01", erased)):
            key = {"shortCode": {"S": code}, "date": {"S": day}}
            world.dynamodb.put_item(TableName=COUNTER_TABLES.days, Item={**key, **row})
        user = {"userId": {"S": "ann"}, "totalClicks": {"N": "3"}, "totalLinks": {"N": "1"}}
        world.dynamodb.put_item(TableName=COUNTER_TABLES.users, Item=user)
        return CounterReader(world.dynamodb, COUNTER_TABLES)

    def test_everything(self, world: DynamoWorld, counters: CounterReader) -> None:
        assert world.counters.witness(EpochId("now", 1, "x"), EpochId("now", 0, ""))
        rows = counters.everything()
        assert rows.links == {
            "docs": LinkState("ann", Totals(3, 1)),
            "gone": LinkState("bob", Totals(0, 0)),
            "lost": LinkState("", Totals(0, 0), erased=True),
        }
        assert rows.days == {
            "docs": {
                "2026-01-01": DayState({"clicks": 2, "h12": 2}, by=None),
                "2026-03-01": DayState({"clicks": 1, "r:x.y": 1}, by="now"),
            },
            "gone": {},
            "lost": {"2026-03-01": DayState({}, by="now", erased=True)},
        }
        assert rows.users == {"ann": UserState(3), "bob": UserState()}

    def test_some(self, counters: CounterReader) -> None:
        rows = counters.some(["docs", "nosuch"], [])
        assert set(rows.links) == {"docs"}
        assert set(rows.days) == {"docs"}
        assert set(rows.days["docs"]) == {"2026-01-01", "2026-03-01"}
        assert rows.users == {}
