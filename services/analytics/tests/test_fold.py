"""What folding adds; and that no crash, lost answer or second folder at any call changes that."""

import os
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

import pytest
from greenlet import greenlet
from services.analytics.tests.fakes import FakeCounters, FakeLedger, Gate
from services.analytics.tests.support import (
    BOT,
    NOW,
    PERSON,
    check_breakdowns,
    make_click,
    patience,
    sum_of,
    truth_of,
)

from analytics.counting.claim import MAX_SHARDS, claim_clicks, journal_erasures, shard_of
from analytics.counting.fold import DAYS_PER_READ, DROPS_PER_CALL, Folder, FoldReport
from analytics.counting.journal import MAX_BYTES, Entry, RowKey
from analytics.counting.ports import BusyError, LeaseLostError, LedgerMismatchError
from analytics.domain.clicks import Click
from analytics.domain.erasures import Erasure
from analytics.fold_service import FoldService

LEASE = timedelta(seconds=75)
DELAY = timedelta(seconds=10)
CLICKS = [
    make_click(0),
    make_click(1, visitor=BOT),
    make_click(2, occurred_at=NOW - timedelta(days=1), visitor=PERSON._replace(country="unknown")),
    make_click(3, short_code="blog"),
    make_click(4, short_code="shop", user_id="bob"),
]


def one_by_one(do: Callable[[Any], object], things: Iterable[Any]) -> None:
    for thing in things:
        do(thing)


@dataclass
class World:
    """A ledger, counters, and a clock."""

    now: datetime = NOW
    ledger: FakeLedger = field(init=False)
    counters: FakeCounters = field(default_factory=FakeCounters)

    def __post_init__(self) -> None:
        self.ledger = FakeLedger(self.clock)
        for code in ("docs", "blog", "shop"):
            self.counters.add_link(code)

    def clock(self) -> datetime:
        return self.now

    def journal(self, *clicks: Click, shards: int = 1) -> None:
        claim_clicks(clicks, self.ledger, shards, patience())

    def folder(self, ledger: Any = None, counters: Any = None) -> Folder:
        drawn = iter(range(1000))
        return Folder(
            ledger or self.ledger,
            counters or self.counters,
            DELAY,
            LEASE,
            self.clock,
            lambda: f"{id(drawn)}-{next(drawn)}",
            one_by_one,
        )

    def fold(self, shard: int = 0, tries: int = 1000) -> FoldReport:
        """Fold with time passed, so that entries are old enough and leases are over."""
        self.now += timedelta(minutes=5)
        report = FoldReport()
        self.folder().fold(shard, patience(tries), report)
        return report

    def check(self, *clicks: Click) -> None:
        counted = self.counters.counted()
        assert counted == truth_of(clicks)
        assert sum_of(Entry.from_bytes(e.stored) for e in self.ledger.epochs.values()) == counted.days


@pytest.fixture
def world() -> World:
    return World()


class TestFolding:
    def test_every_counter_gets_its_share(self, world: World) -> None:
        world.journal(*CLICKS)
        report = world.fold()
        world.check(*CLICKS)
        assert (report.epochs, report.entries, report.dropped) == (1, 1, 0)
        assert report.oldest_pending == timedelta(minutes=5)

    def test_entries_are_merged_so_that_each_row_is_written_once(self, world: World) -> None:
        for click in CLICKS:
            world.journal(click)
        report = world.fold()
        world.check(*CLICKS)
        assert (report.epochs, report.entries) == (1, 5)
        assert {row.version for row in world.counters.days.values()} == {1}

    def test_entries_are_gone_and_the_epoch_is_kept(self, world: World) -> None:
        world.journal(*CLICKS)
        (pending,) = world.ledger.pending(0)
        world.fold()
        assert world.ledger.pending(0) == []
        head = world.ledger.head(0)
        assert (head.folded, head.leased_until, head.epoch.number) == (True, None, 1)
        epoch = world.ledger.epoch(head)
        assert (epoch.took, epoch.stored) == ([pending.key], pending.stored)

    def test_nothing_pending_changes_nothing(self, world: World) -> None:
        report = world.fold()
        assert report == FoldReport()
        assert world.ledger.head(0).epoch.number == 0
        assert world.counters.witnesses() == []

    def test_young_entries_wait_for_more(self, world: World) -> None:
        world.journal(*CLICKS)
        world.now += DELAY - timedelta(microseconds=1)
        report = FoldReport()
        world.folder().fold(0, patience(), report)
        assert (report.epochs, report.oldest_pending) == (0, DELAY - timedelta(microseconds=1))
        world.now += timedelta(microseconds=1)
        world.folder().fold(0, patience(), report)
        assert report.epochs == 1

    def test_no_time_means_no_epoch(self, world: World) -> None:
        world.journal(*CLICKS)
        assert world.fold(tries=0).epochs == 0

    def test_shards_do_not_fold_each_others_entries(self, world: World) -> None:
        world.journal(*CLICKS, shards=3)
        shards = {shard_of(click.short_code, 3) for click in CLICKS}
        assert len(shards) > 1
        for shard in shards:
            world.fold(shard)
        world.check(*CLICKS)

    def test_many_rows_and_entries_are_read_and_dropped_in_parts(self, world: World) -> None:
        clicks = [
            make_click(n, occurred_at=NOW - timedelta(days=n))
            for n in range(max(DAYS_PER_READ, DROPS_PER_CALL) + 9)
        ]
        for click in clicks:
            world.journal(click)
        assert world.fold().entries == len(clicks)
        world.check(*clicks)

    def test_what_does_not_fit_one_epoch_takes_several(self, world: World) -> None:
        clicks = [make_click(n, visitor=PERSON._replace(referrer=os.urandom(120).hex())) for n in range(4000)]
        for start in range(0, len(clicks), 500):
            world.journal(*clicks[start : start + 500])
        assert world.fold().epochs > 1
        assert all(len(epoch.stored) <= MAX_BYTES for epoch in world.ledger.epochs.values())
        counted = world.counters.counted()
        assert counted.links == truth_of(clicks).links
        for numbers in counted.days.values():
            check_breakdowns(numbers)

    def test_breakdowns_stay_bounded_over_epochs(self, world: World) -> None:
        clicks = [
            make_click(n, visitor=PERSON._replace(referrer=f"host-{n % 97}.example")) for n in range(400)
        ]
        for start in range(0, 400, 50):
            world.journal(*clicks[start : start + 50])
            world.fold()
        ((_, numbers),) = world.counters.counted().days.items()
        assert numbers["clicks"] == 400
        assert len(numbers) < 40
        check_breakdowns(numbers)


class TestLinksThatAreNotThere:
    def test_their_clicks_are_dropped_and_told(self, world: World) -> None:
        ghosts = [make_click(n, short_code="gone") for n in range(10, 13)]
        bot = make_click(13, short_code="gone", visitor=BOT)
        world.journal(*CLICKS, *ghosts, bot)
        assert world.fold().dropped == 4
        assert world.counters.counted() == truth_of(CLICKS)

    def test_an_owner_with_nothing_else_gets_no_row(self, world: World) -> None:
        world.journal(make_click(short_code="gone", user_id="nobody"))
        world.fold()
        assert world.counters.users == {}


class TestErasures:
    def test_what_was_clicked_before_is_counted_and_forgotten(self, world: World) -> None:
        world.journal(*CLICKS)
        journal_erasures([Erasure("link", "docs")], world.ledger, 1, patience())
        world.fold()
        counted = world.counters.counted()
        assert set(counted.links) == {"blog", "shop"}
        assert {code for code, _ in counted.days} == {"blog", "shop"}
        assert counted.users["ann"] == {"totalClicks": 3}, "the links she ever had"

    def test_what_is_clicked_afterwards_is_dropped(self, world: World) -> None:
        journal_erasures([Erasure("link", "docs"), Erasure("user", "bob")], world.ledger, 1, patience())
        world.fold()
        world.journal(*CLICKS)
        assert world.fold().dropped == 3
        counted = world.counters.counted()
        assert set(counted.links) == {"blog", "shop"}
        assert counted.users == {"ann": {"totalClicks": 1}}

    def test_an_erasure_dates_from_its_epoch(self, world: World) -> None:
        journal_erasures([Erasure("link", "docs")], world.ledger, 1, patience())
        world.fold()
        assert world.counters.links["docs"].erased_at == world.ledger.epoch(world.ledger.head(0)).opened_at


class TestRepairs:
    def test_rows_are_corrected_and_audits_see_no_clicks(self, world: World) -> None:
        world.journal(*CLICKS)
        world.fold()
        day = "2026-03-01"
        repairs = {
            RowKey("link", "docs"): {"clicks": -1, "botClicks": 2},
            RowKey("day", "docs", day): {"clicks": 1, "h12": 1, "r:other": 1},
            RowKey("day", "docs", "2026-02-01"): {"clicks": 4},
            RowKey("user", "ann"): {"totalClicks": 3},
        }
        world.ledger.claim({}, {0: Entry(repairs=repairs).to_bytes()})
        before = world.counters.counted()
        world.fold()
        after = world.counters.counted()
        assert after.links["docs"] == {"clicks": 1, "botClicks": 3}
        assert after.days["docs", "2026-02-01"] == {"clicks": 4}
        assert after.days["docs", day]["h12"] == before.days["docs", day]["h12"] + 1
        assert after.days["docs", day]["r:other"] == 1
        assert after.users["ann"] == {"totalClicks": 6}
        assert (
            sum_of(Entry.from_bytes(e.stored) for e in world.ledger.epochs.values()) == truth_of(CLICKS).days
        )


class TestLeases:
    def test_an_epoch_is_left_to_whoever_opened_it(self, world: World) -> None:
        holder = started(world, calls=8)
        with pytest.raises(LeaseLostError):
            world.folder().fold(0, patience(), FoldReport())
        finish(holder)
        assert world.counters.counted() == expected(CLICKS)

    def test_and_finished_when_they_did_not(self, world: World) -> None:
        started(world, calls=8).throw()
        assert world.fold().epochs == 1
        assert world.counters.counted() == expected(CLICKS)


# At every call. One fold of these clicks makes about twenty.


def started(world: World, calls: int) -> greenlet:
    """Start a folder that stands still when it has made some calls, before the next."""
    world.journal(*CLICKS)
    journal_erasures([Erasure("user", "bob")], world.ledger, 1, patience())
    world.now += DELAY
    folder = world.folder(Gate(world.ledger), Gate(world.counters))
    actor = greenlet(lambda: folder.fold(0, patience(), FoldReport()))
    for _ in range(2 * calls + 1):
        if not actor.dead:
            actor.switch()
    return actor


def finish(actor: greenlet) -> None:
    try:
        while not actor.dead:
            actor.switch()
    except LeaseLostError:
        pass


def expected(clicks: Sequence[Click]) -> Any:
    truth = truth_of(clicks)
    del truth.users["bob"]
    return truth


CALLS = range(20)


def test_these_are_all_calls_that_a_fold_makes() -> None:
    assert not started(World(), CALLS[-1]).dead
    assert started(World(), len(CALLS)).dead


@pytest.mark.parametrize("calls", CALLS)
class TestAtEveryCall:
    def test_a_crash_before_it(self, world: World, calls: int) -> None:
        started(world, calls).throw()
        world.fold()
        assert world.counters.counted() == expected(CLICKS)
        assert world.ledger.pending(0) == []

    def test_a_crash_after_it(self, world: World, calls: int) -> None:
        actor = started(world, calls)
        if not actor.dead:
            actor.switch()
        actor.throw()
        world.fold()
        assert world.counters.counted() == expected(CLICKS)

    def test_a_refusal(self, world: World, calls: int) -> None:
        actor = started(world, calls)
        if not actor.dead:
            actor.throw(BusyError("injected"))
        finish(actor)
        world.fold()
        assert world.counters.counted() == expected(CLICKS)

    def test_an_answer_lost(self, world: World, calls: int) -> None:
        actor = started(world, calls)
        if not actor.dead:
            actor.switch()
        if not actor.dead:
            actor.throw(BusyError("injected"))
        finish(actor)
        world.fold()
        assert world.counters.counted() == expected(CLICKS)

    def test_a_call_that_happens_twice(self, world: World, calls: int) -> None:
        actor = started(world, calls)
        if not actor.dead:
            actor.switch("twice")
        finish(actor)
        world.fold()
        assert world.counters.counted() == expected(CLICKS)

    def test_a_zombie_goes_on_after_others_finished_its_epoch(self, world: World, calls: int) -> None:
        zombie = started(world, calls)
        world.fold()
        finish(zombie)
        world.fold()
        assert world.counters.counted() == expected(CLICKS)

    def test_a_zombie_goes_on_after_others_counted_on(self, world: World, calls: int) -> None:
        zombie = started(world, calls)
        world.fold()
        more = [make_click(n, short_code=code) for n, code in enumerate(("docs", "blog"), start=50)]
        world.journal(*more)
        world.fold()
        finish(zombie)
        world.fold()
        assert world.counters.counted() == expected([*CLICKS, *more])

    def test_two_at_the_same_epoch_take_turns(self, world: World, calls: int) -> None:
        first = started(world, 7)
        world.now += timedelta(minutes=5)
        folder = world.folder(Gate(world.ledger), Gate(world.counters))
        second = greenlet(lambda: folder.fold(0, patience(), FoldReport()))
        for _ in range(2 * calls):
            if not second.dead:
                second.switch()
        while not (first.dead and second.dead):
            for actor in (first, second):
                step(actor)
        world.fold()
        assert world.counters.counted() == expected(CLICKS)


def step(actor: greenlet) -> None:
    try:
        if not actor.dead:
            actor.switch()
    except LeaseLostError:
        pass


class TestLedgersOfAnotherTime:
    """Whatever was restored, nothing is counted twice."""

    def counted_once(self, world: World, shards: int = 1) -> None:
        world.journal(*CLICKS, shards=shards)
        for shard in range(shards):
            world.fold(shard)

    def stopped(self, world: World, shard: int = 0) -> None:
        before = world.counters.counted()
        for _ in range(2):
            with pytest.raises(LedgerMismatchError):
                world.fold(shard)
        assert world.counters.counted() == before == truth_of(CLICKS)

    def test_a_copy_from_before_the_last_epoch(self, world: World) -> None:
        world.fold()
        copy = world.ledger.copy()
        self.counted_once(world)
        world.ledger = copy
        self.stopped(world)
        world.journal(*CLICKS)
        self.stopped(world)

    def test_a_copy_from_before_there_was_a_head(self, world: World) -> None:
        copy = world.ledger.copy()
        self.counted_once(world)
        world.ledger = copy
        world.journal(*CLICKS)
        self.stopped(world)

    def test_an_empty_ledger_in_place_of_one_that_is_lost(self, world: World) -> None:
        self.counted_once(world)
        world.ledger = FakeLedger(world.clock)
        world.journal(*CLICKS)
        self.stopped(world)

    @pytest.mark.parametrize("now", [1, 3])
    def test_a_copy_from_before_links_moved_to_other_shards(self, world: World, now: int) -> None:
        for shard in range(2):
            world.ledger.head(shard)
        copy = world.ledger.copy()
        self.counted_once(world, shards=2)
        world.ledger = copy
        world.journal(*CLICKS, shards=now)
        for shard in range(now):
            self.stopped(world, shard)

    def test_a_copy_from_before_there_were_more_shards(self, world: World) -> None:
        self.counted_once(world)
        copy = world.ledger.copy()
        more = [make_click(n, short_code=code) for n, code in enumerate(("docs", "blog", "shop"), start=70)]
        world.journal(*more, shards=3)
        for shard in range(3):
            world.fold(shard)
        world.ledger = copy
        world.journal(*more, shards=3)
        for shard in range(3):
            with pytest.raises(LedgerMismatchError):
                world.fold(shard)
        assert world.counters.counted().links == truth_of([*CLICKS, *more]).links

    def test_a_copy_made_in_the_middle_of_an_epoch_goes_on(self, world: World) -> None:
        actor = started(world, 12)
        copy = world.ledger.copy()
        finish(actor)
        world.ledger = copy
        world.fold()
        world.journal(*CLICKS)
        world.fold()
        assert world.counters.counted() == expected(CLICKS)

    def test_a_copy_after_which_nothing_was_folded_goes_on(self, world: World) -> None:
        self.counted_once(world)
        copy = world.ledger.copy()
        more = [make_click(99)]
        world.journal(*more)
        world.ledger = copy
        world.fold()
        world.check(*CLICKS)
        world.journal(*CLICKS, *more)
        world.fold()
        world.check(*CLICKS, *more)

    def test_an_end_that_somebody_put_to_a_life_is_known(self, world: World) -> None:
        self.counted_once(world)
        lost = world.ledger.head(0).epoch.incarnation
        world.ledger = FakeLedger(world.clock)
        world.ledger.acknowledge(0, lost)
        more = make_click(99)
        world.journal(more)
        world.fold()
        assert world.counters.counted().links == truth_of([*CLICKS, more]).links

    def test_epochs_of_two_ledgers_at_once_count_but_one(self, world: World) -> None:
        """Somebody still folds with the old ledger while others fold with the restored one."""
        old = started(world, 4)  # before it opens its epoch
        world.ledger = world.ledger.copy()
        world.fold()
        with pytest.raises(LedgerMismatchError):
            finish(old)
        assert world.counters.counted() == expected(CLICKS)


class TestFoldService:
    def service(self, world: World, shards: int = 1) -> FoldService:
        world.now += timedelta(minutes=5)
        return FoldService(world.ledger, world.folder(), shards)

    def test_every_shard_is_folded(self, world: World) -> None:
        world.journal(*CLICKS, shards=3)
        folded = self.service(world, 3).fold_counts(patience())
        assert (folded.entries, folded.dropped, folded.mismatches) == (
            len({shard_of(click.short_code, 3) for click in CLICKS}),
            0,
            0,
        )
        assert folded.oldest_pending == timedelta(minutes=5)
        world.check(*CLICKS)

    @pytest.mark.parametrize("shards", [1, 2, MAX_SHARDS])
    def test_shards_of_a_former_configuration_are_emptied(self, world: World, shards: int) -> None:
        self.service(world, 3).fold_counts(patience())
        world.journal(*CLICKS, shards=3)
        self.service(world, shards).fold_counts(patience())
        world.check(*CLICKS)

    def test_and_those_of_a_configuration_that_no_folder_ever_had(self, world: World) -> None:
        """A deployment of more shards that reached the consumers only, and was undone."""
        world.journal(*CLICKS, shards=MAX_SHARDS)
        folded = self.service(world, 1).fold_counts(patience())
        world.check(*CLICKS)
        assert folded.entries == len({shard_of(click.short_code, MAX_SHARDS) for click in CLICKS})

    def test_it_looks_for_those_once_and_makes_no_heads_for_nothing(self, world: World) -> None:
        service = self.service(world, 1)
        service.fold_counts(patience())
        assert set(world.ledger.by_shard) == {0}

    def test_a_shard_that_somebody_folds_is_left_to_them(self, world: World) -> None:
        shard = started_in_another_shard(world)
        others = [click for click in CLICKS if shard_of(click.short_code, 3) != shard]
        world.now -= timedelta(minutes=5)
        folded = self.service(world, 3).fold_counts(patience())
        assert folded.mismatches == 0
        assert set(world.counters.counted().links) == {click.short_code for click in others}

    def test_a_mismatch_is_told_and_nothing_counted(self, world: World) -> None:
        world.journal(*CLICKS)
        world.fold()
        world.ledger = FakeLedger(world.clock)
        world.journal(*CLICKS)
        assert self.service(world).fold_counts(patience()).mismatches == 1
        assert world.counters.counted() == truth_of(CLICKS)

    def test_a_fold_that_runs_out_of_time_ends_quietly(self, world: World) -> None:
        world.journal(*CLICKS)
        world.now += timedelta(minutes=5)
        folder = world.folder(counters=Busy(world.counters))
        folded = FoldService(world.ledger, folder, 1).fold_counts(patience(20))
        assert (folded.entries, folded.mismatches) == (0, 0)
        world.fold()
        world.check(*CLICKS)


def started_in_another_shard(world: World) -> int:
    world.journal(*CLICKS, shards=3)
    world.now += DELAY
    shard = shard_of(CLICKS[0].short_code, 3)
    folder = world.folder(Gate(world.ledger), Gate(world.counters))
    actor = greenlet(lambda: folder.fold(shard, patience(), FoldReport()))
    for _ in range(10):
        actor.switch()
    assert not world.ledger.head(shard).folded
    return shard


class Busy(FakeCounters):
    """Lets nobody add to links."""

    def __init__(self, counters: FakeCounters) -> None:
        self.__dict__ = counters.__dict__

    def add_to_link(self, *_: Any) -> bool:
        raise BusyError("injected")


def test_a_link_that_another_shard_erases_meanwhile_gets_no_days(world: World) -> None:
    """A folder dies between a link and its days; the link has moved to another shard, which erases it."""
    world.journal(make_click())
    world.now += DELAY
    folder = world.folder(Gate(world.ledger), Gate(world.counters))
    actor = greenlet(lambda: folder.fold(0, patience(), FoldReport()))
    while not world.counters.links["docs"].numbers:
        actor.switch()
    actor.throw()
    world.counters.erase_link("docs", NOW)
    world.fold()
    assert world.counters.counted().days == {}
