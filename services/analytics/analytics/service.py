"""The use case of counting: read a batch of messages, claim and journal what they say."""

from collections.abc import Mapping
from dataclasses import dataclass, field

from analytics.counting.claim import Outcome, claim_clicks, journal_erasures
from analytics.counting.patience import Patience
from analytics.counting.ports import BusyError, ClaimLedger
from analytics.domain.clicks import Click, Provable, TooOldError
from analytics.domain.erasures import Erasure
from analytics.events import read_message
from hopcount_shared.errors import MessageRejectedError
from hopcount_shared.observability import logger
from hopcount_shared.times import Clock


@dataclass
class Consumed:
    """What became of a batch, by message id.

    Parameters
    ----------
    journalled, duplicates
        Settled: counted soon, or journalled before.
    postponed
        It was busy until the time was up. They must come again.
    malformed, too_old
        No retry will mend them. Delivered often enough, they end in the dead-letter queue.
    conflicts
        How often a transaction had to be tried again.
    """

    journalled: list[str] = field(default_factory=list)
    duplicates: list[str] = field(default_factory=list)
    postponed: list[str] = field(default_factory=list)
    malformed: list[str] = field(default_factory=list)
    too_old: list[str] = field(default_factory=list)
    conflicts: int = 0

    @property
    def refused(self) -> list[str]:
        """Messages that no retry will mend."""
        return self.malformed + self.too_old


class ClickConsumer:
    """Journals what the queue delivers.

    Parameters
    ----------
    ledger
        Where clicks are claimed and journalled.
    shards
        How many shards fold them.
    provable
        Which clicks can be proved not to have been counted before.
    clock
        The time.
    """

    def __init__(self, ledger: ClaimLedger, shards: int, provable: Provable, clock: Clock) -> None:
        self._ledger = ledger
        self._shards = shards
        self._provable = provable
        self._clock = clock

    def consume_clicks(self, bodies: Mapping[str, str], patience: Patience) -> Consumed:
        """Claim and journal a batch.

        Parameters
        ----------
        bodies
            Message bodies by message id.
        patience
            The time there is.
        """
        consumed = Consumed()
        clicks: dict[str, Click] = {}
        erasures: dict[str, Erasure] = {}
        for message_id, body in bodies.items():
            try:
                message = self._accept(body)
            except MessageRejectedError as error:
                logger.warning("click rejected", extra={"messageId": message_id, "reason": str(error)})
                refused = consumed.too_old if isinstance(error, TooOldError) else consumed.malformed
                refused.append(message_id)
                continue
            if isinstance(message, Click):
                clicks[message_id] = message
            else:
                erasures[message_id] = message
        self._claim(clicks, consumed, patience)
        self._erase(erasures, consumed, patience)
        return consumed

    def _accept(self, body: str) -> Click | Erasure:
        message = read_message(body)
        if isinstance(message, Click):
            self._provable.check(message.occurred_at, self._clock())
        return message

    def _claim(self, clicks: Mapping[str, Click], consumed: Consumed, patience: Patience) -> None:
        report = claim_clicks(list(clicks.values()), self._ledger, self._shards, patience)
        by_outcome = {
            Outcome.JOURNALLED: consumed.journalled,
            Outcome.DUPLICATE: consumed.duplicates,
            Outcome.POSTPONED: consumed.postponed,
        }
        for position, message_id in enumerate(clicks):
            by_outcome[report.outcomes[position]].append(message_id)
        consumed.conflicts = report.conflicts

    def _erase(self, erasures: Mapping[str, Erasure], consumed: Consumed, patience: Patience) -> None:
        try:
            journal_erasures(erasures.values(), self._ledger, self._shards, patience)
        except BusyError:
            consumed.postponed.extend(erasures)
        else:
            consumed.journalled.extend(erasures)
