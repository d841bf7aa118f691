"""Tell whether ledger and counters are of the same time, and let counting go on where they are not.

Every epoch that is begun moves a witness, which stands beside the counters. What the witnesses say and the
heads of the ledger do not know, was counted by a ledger that is there no more.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from analytics.counting.counters import DynamoDbCounters
from analytics.counting.journal import EpochId, Head
from analytics.counting.ledger import DynamoDbLedger
from analytics.counting.ports import LeaseLostError
from analytics.counting.repair_ledger import RepairLedger
from hopcount_cli.errors import CommandError
from hopcount_shared.base62 import random_text

_TRIES = 10


@dataclass(frozen=True)
class Mismatch:
    """Somewhere that ledger and counters do not agree.

    Parameters
    ----------
    head
        What the ledger says; nothing if it knows no such incarnation.
    witness
        What the counters last saw; nothing if they never saw that incarnation.
    """

    head: Head | None
    witness: EpochId | None

    @property
    def unapplied(self) -> EpochId | None:
        """The epoch, if there is one, that was opened and will never be added to anything."""
        return self.head.epoch if self.head and not self.head.folded else None


@dataclass(frozen=True)
class LedgerCheck:
    """What heads and witnesses say together.

    Parameters
    ----------
    mismatches
        Where they do not agree; nothing is counted anywhere while there is one.
    lost
        Whether the ledger knows nothing of what was ever counted: it is not a copy, but another one.
    """

    mismatches: Sequence[Mismatch]
    lost: bool


def check_ledger(ledger: DynamoDbLedger, counters: DynamoDbCounters) -> LedgerCheck:
    """Compare heads with witnesses, while the engine may be counting."""
    heads = ledger.heads()
    for _ in range(_TRIES):
        before, witnesses = heads, {witness.incarnation: witness for witness in counters.witnesses()}
        known = {head.shard: _could_be_seen(ledger, head) for head in before}
        heads = ledger.heads()
        if _positions(heads) == _positions(before):
            break
    else:
        return LedgerCheck([], lost=False)  # they move on and on: so they are well
    lives = {life for head in heads for life in (head.epoch.incarnation, *head.earlier)}
    behind = [
        Mismatch(head, witnesses.get(head.epoch.incarnation))
        for head in heads
        if witnesses.get(head.epoch.incarnation) not in known[head.shard]
    ]
    unknown = [Mismatch(None, witness) for life, witness in sorted(witnesses.items()) if life not in lives]
    return LedgerCheck(behind + unknown, lost=bool(unknown) and not lives & {*witnesses})


def mend_ledger(
    ledger: DynamoDbLedger,
    repair_ledger: RepairLedger,
    check: LedgerCheck,
    provable_since: datetime,
    oldest: datetime,
) -> None:
    """Let counting go on.

    Parameters
    ----------
    ledger, repair_ledger
        The ledger.
    check
        What is wrong with it.
    provable_since, oldest
        Since when claims are kept, as it is configured, and since when they would be if none was lost.

    Raises
    ------
    CommandError
        If the ledger is lost, and clicks that it had claimed would be counted again.
    """
    if check.lost and provable_since <= oldest:
        raise CommandError(
            "this ledger knows nothing of what was counted. Unless a copy can be restored, set "
            "clicksProvableSince to the moment of the loss and deploy, or clicks would count twice "
            "(docs/runbooks/ledger-mismatch.md)"
        )
    try:
        for mismatch in check.mismatches:
            if mismatch.head:
                repair_ledger.begin_new_life(mismatch.head, random_text(6))
    except LeaseLostError:
        raise CommandError("the ledger has moved meanwhile: try again") from None
    unknown = [m.witness.incarnation for m in check.mismatches if m.witness and not m.head]
    if unknown:
        first = ledger.head(min(ledger.shards(), default=0)).shard
        repair_ledger.acknowledge(first, unknown, unproved=check.lost)


def _could_be_seen(ledger: DynamoDbLedger, head: Head) -> list[EpochId | None]:
    """Return where the witness of a shard may be: at its epoch, or before it while that is open."""
    epochs = [head.epoch]
    if not head.folded:
        try:
            epochs.append(ledger.epoch(head).previous)
        except LeaseLostError:
            return []  # it has moved on
    return [epoch if epoch.number else None for epoch in epochs]


def _positions(heads: Sequence[Head]) -> list[tuple[EpochId, bool]]:
    return [(head.epoch, head.folded) for head in heads]
