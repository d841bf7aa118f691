"""What a message is to the engine, as its own reader sees it."""

import enum
import json
from collections import Counter
from collections.abc import Mapping
from datetime import datetime
from typing import Any

from analytics.domain.clicks import Click, Provable, TooOldError
from analytics.events import read_message
from hopcount_shared.errors import MessageRejectedError


class Verdict(enum.Enum):
    """What the engine would do with a message."""

    COUNTABLE = "countable"
    """It would count it, unless it did already; an erasure it would carry out."""
    TOO_OLD = "too old"
    UNREADABLE = "unreadable"


def judge(body: str, provable: Provable, now: datetime) -> Verdict:
    """Say what the engine would do with a message."""
    try:
        message = read_message(body)
        if isinstance(message, Click):
            provable.check(message.occurred_at, now)
    except TooOldError:
        return Verdict.TOO_OLD
    except MessageRejectedError:
        return Verdict.UNREADABLE
    return Verdict.COUNTABLE


def unwrap(body: str) -> str:
    """Return the event that a message holds: a rule's dead letter may be the whole bus entry around it."""
    try:
        entry: Any = json.loads(body)
    except ValueError:
        return body
    if isinstance(entry, dict) and "detail-type" in entry and isinstance(entry.get("detail"), dict):
        return json.dumps(entry["detail"], separators=(",", ":"), ensure_ascii=False)
    return body


def describe(verdicts: Mapping[Verdict, int]) -> str:
    """Write numbers of verdicts, for instance `3 countable, 1 too old, 0 unreadable`."""
    return ", ".join(f"{Counter(verdicts)[verdict]:,} {verdict.value}" for verdict in Verdict)
