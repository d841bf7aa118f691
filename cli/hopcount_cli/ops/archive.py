"""Replay the bus's archive to the rules that count, and to nobody else."""

from datetime import datetime
from typing import TYPE_CHECKING

from rich.progress import BarColumn, Progress, TaskProgressColumn, TextColumn, TimeElapsedColumn

from hopcount_cli.ops.deployment import Deployment
from hopcount_cli.ops.moments import Window
from hopcount_cli.ops.tools import Tools
from hopcount_shared.base62 import random_text

if TYPE_CHECKING:
    from mypy_boto3_events.client import EventBridgeClient
    from mypy_boto3_events.type_defs import DescribeArchiveResponseTypeDef, DescribeReplayResponseTypeDef

RULES = ("analytics/click-rule-arn", "analytics/erasure-rule-arn")
"""Who a replay is for: any other subscriber of the bus would get old events as new ones."""

_POLL_SECONDS = 1.0
_RUNNING = frozenset({"STARTING", "RUNNING", "CANCELLING"})


def replay_archive(tools: Tools, deployment: Deployment, window: Window, *, dry_run: bool) -> bool:
    """Replay a window of the archive, or say what would be done; return whether all went well."""
    events: EventBridgeClient = tools.client("events")
    archive = events.describe_archive(ArchiveName=deployment["platform/archive-name"])
    rules = [deployment[name] for name in RULES]
    _describe(tools, archive, window, rules, dry_run=dry_run)
    if dry_run:
        return True
    name = f"hopcount-{tools.clock():%Y%m%dT%H%M%S}-{random_text(6)}"
    events.start_replay(
        ReplayName=name,
        Description="hopcount ops replay",
        EventSourceArn=archive["ArchiveArn"],
        EventStartTime=window.padded.start,
        EventEndTime=window.padded.end,
        Destination={"Arn": archive["EventSourceArn"], "FilterArns": rules},
    )
    try:
        replay = _watch(tools, events, name, window)
    except KeyboardInterrupt:
        tools.note(f"The replay goes on. To stop it: aws events cancel-replay --replay-name {name}")
        raise
    if replay["State"] != "COMPLETED":
        reason = replay.get("StateReason") or "no reason given"
        tools.note(f"hopcount: the replay {name} is {replay['State']}: {reason}")
        return False
    tools.say(f"Replayed. The engine counts what it had not counted; the rest changes nothing. ({name})")
    return True


def _describe(
    tools: Tools,
    archive: "DescribeArchiveResponseTypeDef",
    window: Window,
    rules: list[str],
    *,
    dry_run: bool,
) -> None:
    padded = window.padded
    tools.say(f"{'Would replay' if dry_run else 'Replays'} the archive {archive['ArchiveName']}")
    tools.say(f"  from   {_write(padded.start)}")
    tools.say(
        f"  to     {_write(padded.end)} (a second more on either side: EventBridge compares whole seconds)"
    )
    for rule in rules:
        tools.say(f"  rule   {rule.rsplit('/', 1)[-1]}")
    tools.say(
        f"  holds  about {archive.get('EventCount', 0):,} events of every kind and of all times; "
        "how many of them are clicks of this window is not known beforehand"
    )
    kept = archive.get("RetentionDays", 0)
    if kept and (tools.clock() - window.start).days >= kept:
        tools.note(f"The archive keeps {kept} days: what is older is not in it any more.")


def _watch(
    tools: Tools, events: "EventBridgeClient", name: str, window: Window
) -> "DescribeReplayResponseTypeDef":
    columns = (TextColumn("replay"), BarColumn(), TaskProgressColumn(), TextColumn("{task.description}"))
    with Progress(*columns, TimeElapsedColumn(), console=tools.notes) as progress:
        task = progress.add_task("starting", total=window.seconds)
        while True:
            replay = events.describe_replay(ReplayName=name)
            if replay["State"] not in _RUNNING:
                if replay["State"] == "COMPLETED":
                    progress.update(task, completed=window.seconds, description="done")
                return replay
            reached = replay.get("EventLastReplayedTime")
            if reached:
                done = (reached - window.start).total_seconds()
                progress.update(task, completed=max(0.0, done), description=f"at {_write(reached)}")
            tools.wait(_POLL_SECONDS)


def _write(moment: datetime) -> str:
    return f"{moment:%Y-%m-%dT%H:%M:%SZ}"
