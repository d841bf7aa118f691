"""Restore clicks that could not be published, from the log lines that hold them.

Understands the lines as the function wrote them, with whatever `aws logs tail` puts before them, and the JSON
that `aws logs filter-log-events` makes of them.
"""

import json
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import dataclass, field
from typing import Any

from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeElapsedColumn

from hopcount_cli.ops.deployment import Deployment
from hopcount_cli.ops.messages import Verdict, judge
from hopcount_cli.ops.queue import PER_CALL, Queue
from hopcount_cli.ops.tools import Tools

LOST = "click not published"
"""What the redirect logs with a click that neither the bus nor the queue took."""

_TRIES = 20
"""How many braces of a line may begin nothing."""

_decoder = json.JSONDecoder()


@dataclass
class Found:
    """What a log holds.

    Parameters
    ----------
    clicks
        Events to be sent, as JSON.
    too_old, unreadable
        How many clicks the engine would refuse.
    ignored
        How many lines are about something else.
    """

    clicks: list[str] = field(default_factory=list)
    too_old: int = 0
    unreadable: int = 0
    ignored: int = 0


def restore(tools: Tools, deployment: Deployment, log: str, *, dry_run: bool) -> bool:
    """Send the clicks that a log holds, or say how many those are; return whether none had to be left out."""
    found = find_clicks(tools, deployment, log)
    failed = 0
    if not dry_run:
        queue = Queue(tools, deployment["analytics/click-queue-url"])
        columns = (TextColumn(queue.name), BarColumn(), MofNCompleteColumn(), TimeElapsedColumn())
        with Progress(*columns, console=tools.notes) as progress:
            task = progress.add_task(queue.name, total=len(found.clicks))
            for start in range(0, len(found.clicks), PER_CALL):
                bodies = found.clicks[start : start + PER_CALL]
                failed += queue.send(bodies).count(None)
                progress.advance(task, len(bodies))
    verb = "would be sent" if dry_run else "sent"
    tools.say(
        f"{len(found.clicks) - failed:,} clicks {verb}, {found.too_old:,} too old to prove, "
        f"{found.unreadable:,} unreadable, {failed:,} could not be sent; {found.ignored:,} other lines"
    )
    return not failed and not found.unreadable


def find_clicks(tools: Tools, deployment: Deployment, log: str) -> Found:
    """Find the clicks of a log that the engine would count."""
    found, provable, now = Found(), deployment.provable, tools.clock()
    for record in read_records(log):
        if record is None or record.get("message") != LOST:
            found.ignored += 1
            continue
        body = json.dumps(record.get("event"), separators=(",", ":"))
        match judge(body, provable, now):
            case Verdict.COUNTABLE:
                found.clicks.append(body)
            case Verdict.TOO_OLD:
                found.too_old += 1
            case Verdict.UNREADABLE:
                found.unreadable += 1
    return found


def read_records(log: str) -> Iterator[dict[str, Any] | None]:
    """Yield every JSON object that a log line is, and nothing for a line that is none."""
    position = 0
    while position < len(log):
        end = log.find("\n", position)
        end = len(log) if end < 0 else end
        record, after = _decode(log, position, end)
        if record is not None:
            yield from _unfold(record)
            position = after
            continue
        if log[position:end].strip(" \t\r,[]{}"):
            yield None
        position = end + 1


def _decode(log: str, start: int, end: int) -> tuple[dict[str, Any] | None, int]:
    """Read the first object that begins in a line; it may end in a later one."""
    brace = start - 1
    for _ in range(_TRIES):
        brace = log.find("{", brace + 1, end)
        if brace < 0:
            break
        with suppress(ValueError, RecursionError):
            return _decoder.raw_decode(log, brace)
    return None, end


def _unfold(record: dict[str, Any]) -> Iterator[dict[str, Any] | None]:
    """Yield a record, or those that AWS's own JSON holds: a list of events whose messages are log lines."""
    events = record.get("events")
    if isinstance(events, list):
        for event in events:
            yield from _unfold(event) if isinstance(event, dict) else iter([None])
    elif "timestamp" in record and isinstance(record.get("message"), str) and record["message"] != LOST:
        yield from read_records(record["message"])
    else:
        yield record
