"""How findings are printed: for people as tables, for programs as JSON."""

import json
from collections.abc import Sequence
from typing import Any

from rich.table import Table
from rich.text import Text

from analytics.counting.audit import Drift
from analytics.counting.journal import RowKey
from hopcount_cli.ops.auditor import Findings
from hopcount_cli.ops.mismatch import Mismatch
from hopcount_cli.ops.tools import Tools


def print_mismatches(tools: Tools, mismatches: Sequence[Mismatch]) -> None:
    """Say loudly that counting stands still."""
    lines = [_tell(mismatch) for mismatch in mismatches]
    if lines:
        lines.append(
            "Ledger and counters are not of the same time, as after one of them was restored. Nothing is "
            "counted until that is mended (--repair); clicks are journalled and wait. "
            "See docs/runbooks/ledger-mismatch.md"
        )
        tools.notes.print("\n".join(lines), style="bold red", markup=False)


def _tell(mismatch: Mismatch) -> str:
    seen = f"epoch {mismatch.witness}" if mismatch.witness else "nothing"
    if mismatch.head:
        epoch = mismatch.head.epoch
        ledger = f"shard {mismatch.head.shard} is at epoch {epoch} of incarnation {epoch.incarnation}"
        return f"LEDGER MISMATCH: {ledger}, but the counters last saw {seen} of it"
    life = mismatch.witness.incarnation if mismatch.witness else ""
    return f"LEDGER MISMATCH: the counters last saw {seen} of incarnation {life}, unknown to the ledger"


def print_findings(tools: Tools, findings: Findings, *, standing: bool = False) -> None:
    """Print drift as a table, and what was compared; `standing` if nothing is counted at all."""
    if findings.drifts:
        print_drifts(tools, findings.drifts)
    nothing = "Nothing else drifts" if standing else "Nothing drifts"
    outcome = f"{len(findings.drifts):,} counters drift" if findings.drifts else nothing
    tools.say(
        f"{outcome}. Compared {findings.epochs:,} epochs, {findings.days:,} days, {findings.links:,} links "
        f"and {findings.users:,} users; clicks are proved from {findings.since} on."
    )


def print_drifts(tools: Tools, drifts: Sequence[Drift]) -> None:
    """Print drift as a table."""
    table = Table("Row", "Counter")
    for heading in ("Expected", "Found", "Difference"):
        table.add_column(heading, justify="right")
    said = None
    for drift in drifts:
        row = "" if drift.row == said else _write(drift.row)
        said = drift.row
        numbers = (f"{drift.expected:,}", f"{drift.found:,}", f"{drift.found - drift.expected:+,}")
        table.add_row(Text(row, overflow="fold"), Text(drift.attribute, overflow="fold"), *numbers)
    tools.out.print(table)


def to_json(stage: str, findings: Findings, mismatches: Sequence[Mismatch], repaired: Sequence[Drift]) -> str:
    """Write findings for programs."""
    content: dict[str, Any] = {
        "stage": stage,
        "provedSince": findings.since,
        "compared": {
            "epochs": findings.epochs,
            "days": findings.days,
            "links": findings.links,
            "users": findings.users,
        },
        "ledgerMismatches": [
            {
                "shard": mismatch.head.shard if mismatch.head else None,
                "epoch": mismatch.head.epoch._asdict() if mismatch.head else None,
                "witness": mismatch.witness._asdict() if mismatch.witness else None,
            }
            for mismatch in mismatches
        ],
        "drift": [_drift(drift) for drift in findings.drifts],
        "repaired": [_drift(drift) for drift in repaired],
    }
    return json.dumps(content, indent=2)


def _drift(drift: Drift) -> dict[str, Any]:
    return {
        "kind": drift.row.kind,
        "id": drift.row.id,
        "day": drift.row.day or None,
        "counter": drift.attribute,
        "expected": drift.expected,
        "found": drift.found,
    }


def _write(row: RowKey) -> str:
    return " ".join(filter(None, row))
