"""Add the journal to the counters: woken by the consumers, and once a minute in case a wake-up was lost."""

import time
from typing import Any

from aws_lambda_powertools.utilities.typing import LambdaContext

from analytics import bootstrap
from analytics.counting.patience import Patience
from hopcount_shared.observability import count, instrument, logger

RESERVE_SECONDS = 2
"""Kept back for the last call to answer: an epoch left unfinished waits for its lease."""


@instrument
def handler(event: dict[str, Any], context: LambdaContext) -> None:  # noqa: ARG001  one wake-up is like another
    """Fold every shard. No wake-up is reported back as failed: the next one, or the schedule, tries again."""
    patience = Patience(time_left=lambda: context.get_remaining_time_in_millis() / 1000 - RESERVE_SECONDS)
    began = time.monotonic()
    report = bootstrap.fold_service().fold_counts(patience)
    count("OldestPendingSeconds", report.oldest_pending.total_seconds())
    if report.entries:
        count("FoldedEntries", report.entries)
        count("FoldMilliseconds", (time.monotonic() - began) * 1000)
    if report.dropped:
        logger.warning("clicks of links that are not there", extra={"clicks": report.dropped})
        count("ClickDropped", report.dropped)
    if report.mismatches:
        count("LedgerMismatch", report.mismatches)
