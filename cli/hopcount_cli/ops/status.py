"""`hopcount ops status`: whether a deployment works, at a glance."""

import json
from datetime import datetime, timedelta
from typing import Annotated, Any

import typer
from rich.table import Table

from hopcount_cli.errors import UsageError
from hopcount_cli.ops.deployment import Deployment
from hopcount_cli.ops.health import Health, HealthCheck, QueueHealth, ShardHealth
from hopcount_cli.ops.tools import DEFAULT_STAGE, Stage, Tools
from hopcount_shared.times import to_iso

EVERY = 5
"""Seconds between two looks of `--watch`."""


def status(
    context: typer.Context,
    watch: Annotated[bool, typer.Option("--watch", help="Look again and again, until Ctrl-C.")] = False,
    every: Annotated[
        int, typer.Option("--every", metavar="SECONDS", min=1, help="How often --watch looks.")
    ] = EVERY,
    as_json: Annotated[
        bool, typer.Option("--json", help="Print JSON; with --watch one line for each look.")
    ] = False,
    stage: Stage = DEFAULT_STAGE,
) -> None:
    """Say how queues, folding and alarms are, and what somebody should look at. Changes nothing.

    Dead letters, messages that wait for 15 minutes, journalled clicks that wait for 5, a paused consumer, a
    ledger that does not match, and alarms need attention.

    Exit codes: 0 all is well; 1 something needs attention; 2 not understood, or AWS refused; 130 Ctrl-C.
    """
    if every != EVERY and not watch:
        raise UsageError("--every needs --watch")
    tools = Tools.of(context)
    check = HealthCheck(tools, Deployment.find(tools.client("ssm"), stage))
    health = check.look()
    _print(tools, stage, health, as_json=as_json, watch=watch)
    while watch:
        tools.wait(every)
        health = check.look()
        _print(tools, stage, health, as_json=as_json, watch=True)
    if any(health.attention()):
        raise typer.Exit(1)


def _print(tools: Tools, stage: str, health: Health, *, as_json: bool, watch: bool) -> None:
    if as_json:
        tools.say(json.dumps(to_json(stage, health), indent=None if watch else 2))
        return
    if watch:
        tools.out.clear()  # does nothing to a pipe
    tools.out.print(_queues(health))
    tools.out.print(_shards(health))
    reasons = list(health.attention())
    for reason in reasons:
        tools.out.print(f"! {reason}", style="red", markup=False)
    for alarm in health.alarms:
        tools.say(f"  {alarm.name}, since {_moment(alarm.since)}: {alarm.description}")
    tools.say(f"{_summary(len(reasons))}. Stage {stage}, {_moment(health.at)}.")


def _summary(reasons: int) -> str:
    if not reasons:
        return "All is well"
    return "1 thing needs attention" if reasons == 1 else f"{reasons} things need attention"


def _queues(health: Health) -> Table:
    table = Table("Queue")
    for heading in ("Visible", "In flight", "Delayed", "Oldest"):
        table.add_column(heading, justify="right")
    for queue in health.queues:
        counts = queue.counts
        numbers = (f"{number:,}" for number in (counts.visible, counts.in_flight, counts.delayed))
        table.add_row(
            queue.name, *numbers, _oldest(queue), style="red" if queue.dead and counts.total else None
        )
    return table


def _oldest(queue: QueueHealth) -> str:
    if not queue.age_matters:
        return ""
    return "unknown" if queue.oldest is None else _age(queue.oldest)


def _shards(health: Health) -> Table:
    table = Table("Shard", "Last fold", "Oldest entry that waits")
    for shard in health.shards:
        pending = shard.oldest_pending
        waits = f"since {_moment(pending)} ({_age(health.at - pending)})" if pending else "none"
        table.add_row(str(shard.shard), _last_fold(shard), waits)
    return table


def _last_fold(shard: ShardHealth) -> str:
    if not shard.epoch:
        return "never"
    when = _moment(shard.opened_at) if shard.opened_at else "at a time that is not known"
    return f"epoch {shard.epoch:,}, {when}{'' if shard.folded else ', under way'}"


def _age(age: timedelta) -> str:
    return f"{max(age, timedelta(0)) // timedelta(seconds=1):,} s"


def _moment(moment: datetime) -> str:
    return f"{moment:%Y-%m-%dT%H:%M:%SZ}"


def to_json(stage: str, health: Health) -> dict[str, Any]:
    """Write health for programs."""
    return {
        "stage": stage,
        "at": to_iso(health.at),
        "attention": list(health.attention()),
        "queues": [
            {
                "name": queue.name,
                "deadLetters": queue.dead,
                "visible": queue.counts.visible,
                "inFlight": queue.counts.in_flight,
                "delayed": queue.counts.delayed,
                "oldestSeconds": _seconds(queue.oldest) if queue.age_matters else None,
            }
            for queue in health.queues
        ],
        "shards": [
            {
                "shard": shard.shard,
                "epoch": shard.epoch,
                "folded": shard.folded,
                "lastFoldAt": to_iso(shard.opened_at) if shard.opened_at else None,
                "oldestPendingAt": to_iso(shard.oldest_pending) if shard.oldest_pending else None,
            }
            for shard in health.shards
        ],
        "ledgerMatches": health.ledger_matches,
        "consumer": health.consumer,
        "alarms": [
            {"name": alarm.name, "since": to_iso(alarm.since), "description": alarm.description}
            for alarm in health.alarms
        ],
    }


def _seconds(age: timedelta | None) -> int | None:
    return None if age is None else int(age.total_seconds())
