"""The use case of folding: every shard there is or should be, whatever happens to one of them."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import timedelta
from functools import partial

from analytics.counting.claim import MAX_SHARDS
from analytics.counting.fold import Folder, FoldReport
from analytics.counting.patience import Patience
from analytics.counting.ports import BusyError, FoldLedger, LeaseLostError, LedgerMismatchError
from hopcount_shared.observability import logger


@dataclass
class Folded:
    """What one run came to.

    Parameters
    ----------
    entries
        How many journal entries were added to the counters.
    dropped
        How many clicks belonged to no link that is there.
    oldest_pending
        How old the oldest entry was that was found.
    mismatches
        In how many shards counting must stop.
    """

    entries: int = 0
    dropped: int = 0
    oldest_pending: timedelta = timedelta(0)
    mismatches: int = 0

    def include(self, report: FoldReport) -> None:
        """Add what a shard came to."""
        self.entries += report.entries
        self.dropped += report.dropped
        self.oldest_pending = max(self.oldest_pending, report.oldest_pending)


class FoldService:
    """Folds every shard.

    Parameters
    ----------
    ledger
        Which shards there are: also those of a former configuration are folded until they are empty.
    folder
        Folds one.
    shards
        How many there should be.
    """

    def __init__(self, ledger: FoldLedger, folder: Folder, shards: int) -> None:
        self._ledger = ledger
        self._folder = folder
        self._shards = shards
        self._looked_everywhere = False

    def fold_counts(self, patience: Patience) -> Folded:
        """Fold all shards, one after the other."""
        folded = Folded()
        for shard in self._all_shards(patience):
            report = FoldReport()
            try:
                self._folder.fold(shard, patience, report)
            except LeaseLostError:
                pass  # somebody else folds it right now
            except BusyError:
                logger.warning("a fold ran out of time", extra={"shard": shard}, exc_info=True)
            except LedgerMismatchError:
                logger.exception("ledger and counters are not of the same time", extra={"shard": shard})
                folded.mismatches += 1
            folded.include(report)
        return folded

    def _all_shards(self, patience: Patience) -> Sequence[int]:
        shards = {head.shard for head in patience.insist(self._ledger.heads)} | {*range(self._shards)}
        if not self._looked_everywhere:
            # Consumers may have been told of more shards than folders ever were, by a deployment that was
            # undone.
            others = {*range(MAX_SHARDS)} - shards
            shards |= {shard for shard in others if patience.insist(partial(self._ledger.pending, shard))}
            self._looked_everywhere = True
        return sorted(shards)
