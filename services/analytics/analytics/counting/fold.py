"""Fold: what adds the journal to the counters, once, whoever dies on the way.

    pending entries ──merge──► epoch e+1, stored with the head's move in one transaction
                                   │
                                   ├─ witness        beside the counters: e -> e+1, or stop
                                   ├─ links          one conditional ADD each, if mark < e+1
                                   ├─ days, users    of links that are there; likewise
                                   ├─ erasures
                                   ├─ drop the entries
                                   └─ close the epoch

Every step may happen twice, by the same folder or another, and does nothing the second time. So a folder that
finds an epoch unfinished begins it again from the top. A folder that was held up past its lease (a zombie)
finds marks as high as its own epoch everywhere, since nobody opens an epoch before the last is on every row.

The witness is what a restored ledger cannot know: it stands with the counters, and names by a nonce the last
epoch that was begun on them. Where it is not at the epoch before ours, or any shard's is at one that the
ledger does not know, ledger and counters are not of the same time, claims may be missing, and nothing is
added until somebody has looked (docs/runbooks/ledger-mismatch.md).
"""

from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Protocol, TypeVar

from analytics.counting.journal import (
    MAX_BYTES,
    Entry,
    Epoch,
    EpochId,
    Head,
    PendingEntry,
    merge_entries,
)
from analytics.counting.patience import Patience
from analytics.counting.ports import (
    BusyError,
    Counters,
    DayKey,
    DayRow,
    FoldLedger,
    LeaseLostError,
    LedgerMismatchError,
)
from analytics.domain.breakdowns import bound
from analytics.domain.erasures import Erasure
from analytics.domain.tallies import Counts, Totals, totals
from hopcount_shared.times import Clock

DAYS_PER_READ = 100
DROPS_PER_CALL = 25

T = TypeVar("T")


class Each(Protocol):
    """Does something with each of many things, all at once or one after the other; raises what one raised."""

    def __call__(self, do: Callable[[T], object], things: Iterable[T]) -> None:
        """Do it."""


@dataclass(frozen=True)
class Rows:
    """What an epoch adds, by counter row.

    Parameters
    ----------
    links, days, users
        Deltas by short code, by day, and by user.
    dropped
        How many clicks are added to nothing, because their link is not there.
    """

    links: Mapping[str, Totals]
    days: Mapping[DayKey, Counts]
    users: Mapping[str, int]
    dropped: int = 0


@dataclass
class FoldReport:
    """What folding a shard came to.

    Parameters
    ----------
    epochs, entries
        How many epochs were added to the counters, and how many journal entries they took.
    dropped
        How many clicks belonged to no link that is there.
    oldest_pending
        How old the oldest entry was that was found.
    """

    epochs: int = 0
    entries: int = 0
    dropped: int = 0
    oldest_pending: timedelta = timedelta(0)


class Folder:
    """Folds shards.

    Parameters
    ----------
    ledger, counters
        Where from and where to.
    delay
        How old the oldest entry must be: the shorter, the fresher the counters, and the more writes they
        take.
    lease
        For how long an epoch is left to whoever opened it.
    clock
        The time.
    nonce
        Draws a name that no other epoch has.
    each
        How rows are written: at once, where that is quicker.
    """

    def __init__(
        self,
        ledger: FoldLedger,
        counters: Counters,
        delay: timedelta,
        lease: timedelta,
        clock: Clock,
        nonce: Callable[[], str],
        each: Each,
    ) -> None:
        self._ledger = ledger
        self._counters = counters
        self._delay = delay
        self._lease = lease
        self._clock = clock
        self._nonce = nonce
        self._each = each

    def fold(self, shard: int, patience: Patience, report: FoldReport) -> None:
        """Finish what is unfinished, then fold what is pending, until nothing old enough is left.

        Parameters
        ----------
        shard
            Which one.
        patience
            The time there is.
        report
            Where to say what it came to, also if it ends in an error.

        Raises
        ------
        LeaseLostError
            If somebody else folds this shard: nothing is lost by leaving it to them.
        LedgerMismatchError
            If counting must stop.
        BusyError
            If the time is up within an epoch. Somebody will finish it.
        """
        self._check_witnesses(patience)
        head = patience.insist(lambda: self._ledger.head(shard))
        if not head.folded:
            now = self._clock()
            self._ledger.take_over(head, now, now + self._lease)
            head = self._finish(head, patience.insist(lambda: self._ledger.epoch(head)), report, patience)
        while patience.time_left() > 0:
            pending = patience.insist(lambda: self._ledger.pending(shard))
            age = self._clock() - pending[0].journalled_at if pending else timedelta(0)
            report.oldest_pending = max(report.oldest_pending, age)
            if not pending or age < self._delay:
                break
            epoch = self._next_epoch(head, pending)
            head = self._finish(self._open(head, epoch, patience), epoch, report, patience)

    def _check_witnesses(self, patience: Patience) -> None:
        """Check that the ledger knows every epoch that was begun on the counters, in whichever shard.

        A claim that a restored ledger has forgotten may be one of another shard's, from before links were
        moved to this one; and a shard that it has forgotten altogether begins with a witness of its own.
        """
        witnesses = patience.insist(self._counters.witnesses)
        heads = patience.insist(self._ledger.heads)  # after the witnesses: heads only ever move on
        if not all(any(head.knows(epoch) for head in heads) for epoch in witnesses):
            raise LedgerMismatchError("the ledger does not know what was counted")

    def _next_epoch(self, head: Head, pending: Sequence[PendingEntry]) -> Epoch:
        took, stored = _merge(pending)
        return Epoch(
            id=EpochId(head.epoch.incarnation, head.epoch.number + 1, self._nonce()),
            stored=stored,
            took=[entry.key for entry in took],
            opened_at=self._clock(),
            previous=head.epoch,
        )

    def _open(self, head: Head, epoch: Epoch, patience: Patience) -> Head:
        now = self._clock()
        until = now + self._lease
        try:
            patience.insist(lambda: self._ledger.open_epoch(head, epoch, now, until))
        except LeaseLostError:
            # Either somebody was quicker, or we were and did not hear the answer.
            if patience.insist(lambda: self._ledger.head(head.shard)).epoch != epoch.id:
                raise
        return Head(head.shard, epoch.id, folded=False, leased_until=until)

    def _finish(self, head: Head, epoch: Epoch, report: FoldReport, patience: Patience) -> Head:
        entry = Entry.from_bytes(epoch.stored)
        self._check_witness(head, epoch, entry, patience)
        rows = self._add(epoch.id, entry, patience)
        self._each(
            lambda erasure: patience.insist(lambda: self._erase(erasure, epoch.opened_at)),
            sorted(entry.erasures),
        )
        self._each(
            lambda keys: patience.insist(lambda: self._ledger.drop(keys)), _parts(epoch.took, DROPS_PER_CALL)
        )
        patience.insist(lambda: self._ledger.close_epoch(epoch.id, head.shard))
        report.epochs += 1
        report.entries += len(epoch.took)
        report.dropped += rows.dropped
        return replace(head, folded=True, leased_until=None)

    def _check_witness(self, head: Head, epoch: Epoch, entry: Entry, patience: Patience) -> None:
        counted = clicks_of(entry)
        if patience.insist(lambda: self._counters.witness(epoch.id, epoch.previous, counted)):
            return
        if patience.insist(lambda: self._ledger.head(head.shard)).epoch != epoch.id:
            raise LeaseLostError("somebody else has folded further")
        raise LedgerMismatchError("the ledger and the counters are not of the same time")

    def _erase(self, erasure: Erasure, at: datetime) -> None:
        if erasure.kind == "link":
            self._counters.erase_link(erasure.id, at)
        else:
            self._counters.erase_user(erasure.id, at)

    def _add(self, epoch: EpochId, entry: Entry, patience: Patience) -> Rows:
        links = link_deltas(entry)
        there: set[str] = set()

        def add_to_link(item: tuple[str, Totals]) -> None:
            if patience.insist(lambda: self._counters.add_to_link(epoch, *item)):
                there.add(item[0])

        self._each(add_to_link, links.items())
        rows = rows_of(entry, links, there)
        for keys in _parts(list(rows.days), DAYS_PER_READ):
            self._add_to_days(epoch, rows.days, keys, patience)
        self._each(
            lambda item: patience.insist(lambda: self._counters.add_to_user(epoch, *item)), rows.users.items()
        )
        return rows

    def _add_to_days(
        self, epoch: EpochId, deltas: Mapping[DayKey, Counts], keys: Sequence[DayKey], patience: Patience
    ) -> None:
        rows = patience.insist(lambda: self._counters.read_days(epoch, keys))
        self._each(lambda key: self._add_to_day(epoch, key, rows[key], deltas[key], patience), keys)

    def _add_to_day(
        self, epoch: EpochId, key: DayKey, row: DayRow, delta: Counts, patience: Patience
    ) -> None:
        """Add to a day. What fits its breakdowns depends on what it holds: change what was read."""
        tries = 0
        while row.mark < epoch.number and not row.erased:
            try:
                if self._counters.change_day(epoch, key, row, bound(row.numbers, delta)):
                    return
            except BusyError:
                if patience.time_left() <= 0:
                    raise
                patience.pause(tries)
                tries += 1
            row = patience.insist(lambda: self._counters.read_days(epoch, [key]))[key]


def _merge(pending: Sequence[PendingEntry]) -> tuple[Sequence[PendingEntry], bytes]:
    """Merge entries, as many of the oldest as fit one epoch; return which, and what they come to."""
    entries = [Entry.from_bytes(entry.stored) for entry in pending]
    while True:
        stored = merge_entries(entries).to_bytes()
        if len(stored) <= MAX_BYTES or len(entries) == 1:
            return pending[: len(entries)], stored
        entries = entries[: len(entries) // 2]


def link_deltas(entry: Entry) -> Mapping[str, Totals]:
    """Return what an entry adds to links."""
    sums: dict[str, Totals] = defaultdict(lambda: Totals(0, 0))
    for key, days in entry.counts.items():
        for counts in days.values():
            sums[key.short_code] = _plus(sums[key.short_code], totals(counts))
    for row, counts in entry.repairs.items():
        if row.kind == "link":
            sums[row.id] = _plus(sums[row.id], _named_totals(counts))
    return dict(sums)


def clicks_of(entry: Entry) -> Totals:
    """Return how many clicks an entry counts, those of links that are not there too, and no repairs."""
    found = [totals(counts) for days in entry.counts.values() for counts in days.values()]
    return Totals(sum(one.clicks for one in found), sum(one.bot_clicks for one in found))


def rows_of(entry: Entry, links: Mapping[str, Totals], there: set[str]) -> Rows:
    """Return what an entry adds to each row, given which of its links are there.

    A user's total holds the clicks of links that are there only, and so stays the sum of the links'.
    """
    days: dict[DayKey, Counts] = {}
    users: dict[str, int] = defaultdict(int)
    dropped = 0
    for key, tallied in entry.counts.items():
        for day, counts in tallied.items():
            clicks, bot_clicks = totals(counts)
            if key.short_code not in there:
                dropped += clicks + bot_clicks
                continue
            _add_counts(days, (key.short_code, day), {**counts, "clicks": clicks, "botClicks": bot_clicks})
            users[key.user_id] += clicks
    for row, counts in entry.repairs.items():
        if row.kind == "day":
            _add_counts(days, (row.id, row.day), counts)
        elif row.kind == "user":
            users[row.id] += counts.get("totalClicks", 0)
    return Rows(links, days, {user: clicks for user, clicks in users.items() if clicks}, dropped)


def _add_counts(days: dict[DayKey, Counts], key: DayKey, counts: Mapping[str, int]) -> None:
    into = days.setdefault(key, {})
    for name, number in counts.items():
        if number:
            into[name] = into.get(name, 0) + number


def _plus(one: Totals, other: Totals) -> Totals:
    return Totals(one.clicks + other.clicks, one.bot_clicks + other.bot_clicks)


def _named_totals(counts: Mapping[str, int]) -> Totals:
    return Totals(counts.get("clicks", 0), counts.get("botClicks", 0))


def _parts(things: Sequence[T], size: int) -> Iterator[Sequence[T]]:
    return (things[start : start + size] for start in range(0, len(things), size))
