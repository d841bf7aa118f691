"""`hopcount ops verify`: prove the counters, and mend what is wrong with them."""

from collections.abc import Sequence
from typing import Annotated

import typer

from analytics.counting.audit import Drift
from hopcount_cli.errors import CommandError, UsageError
from hopcount_cli.ops.auditor import Auditor, Findings, Scope
from hopcount_cli.ops.deployment import Deployment
from hopcount_cli.ops.mismatch import LedgerCheck
from hopcount_cli.ops.report import print_drifts, print_findings, print_mismatches, to_json
from hopcount_cli.ops.tools import DEFAULT_STAGE, Stage, Tools

_AFTERWARDS = (
    "Counting goes on. After a copy of the ledger was restored, and once the counters are mended, replay "
    "what came after the copy was made: hopcount ops replay --from TIME"
)

_TRIES = 5
"""How often drift may change between being shown and being mended."""


def verify(
    context: typer.Context,
    link: Annotated[str | None, typer.Option(metavar="CODE", help="Verify one link and its days.")] = None,
    user: Annotated[
        str | None, typer.Option(metavar="ID", help="Verify one user and all of their links.")
    ] = None,
    everything: Annotated[bool, typer.Option("--all", help="Verify every link and every user.")] = False,
    as_json: Annotated[bool, typer.Option("--json", help="Print JSON instead of a table.")] = False,
    repair: Annotated[
        bool, typer.Option("--repair", help="Show what is wrong, ask, and mend it through the journal.")
    ] = False,
    yes: Annotated[bool, typer.Option("--yes", help="Mend without asking.")] = False,
    stage: Stage = DEFAULT_STAGE,
) -> None:
    """Compare counters with what they should be, and print every one that is not.

    Days are compared with the epochs of the ledger, as far back as those are kept; links with the sums of
    their days and users with the sums of their links, for ever. Counting goes on meanwhile; it is held up for
    a moment only to look again at what seems to be wrong. A repair brings days to what is proved, then links
    and users to the sums. With --link, the owner's total is not compared.

    Exit codes: 0 nothing drifts, or all was mended; 1 something drifts; 2 not understood, or AWS refused.
    """
    if [link is not None, user is not None, everything].count(True) != 1:
        raise UsageError("say what to verify: --link CODE, --user ID, or --all")
    if yes and not repair:
        raise UsageError("--yes needs --repair")
    tools = Tools.of(context)
    deployment = Deployment.find(tools.client("ssm"), stage)
    auditor = Auditor(tools, deployment)
    scope = _scope(auditor, link, user)
    check = auditor.check_ledger()
    print_mismatches(tools, check.mismatches)
    left = check.mismatches
    if left and repair and _agree_to_count_on(check, yes=yes):
        auditor.mend_ledger(check)
        left = []
        tools.note(_AFTERWARDS)
    findings = auditor.look(scope, left)
    repaired: Sequence[Drift] = []
    if not as_json:
        print_findings(tools, findings, standing=bool(left))
    if findings.drifts and repair and not left:
        repaired, findings = _mend(tools, auditor, findings, yes=yes)
        if not as_json:
            print_findings(tools, findings)
    if as_json:
        tools.say(to_json(stage, findings, check.mismatches, repaired))
    if findings.drifts or left:
        raise typer.Exit(1)


def _scope(auditor: Auditor, link: str | None, user: str | None) -> Scope:
    if link is not None:
        if auditor.counters.link(link) is None:
            raise UsageError(f"--link: there never was a link {link!r}")
        return Scope(frozenset({link}), frozenset())
    if user is not None:
        codes = auditor.counters.codes_of(user)
        if not codes and auditor.counters.user(user) is None:
            raise UsageError(f"--user: there is no user {user!r}")
        return Scope(frozenset(codes), frozenset({user}))
    return Scope()


def _agree_to_count_on(check: LedgerCheck, *, yes: bool) -> bool:
    question = (
        "Count on with this ledger? What the lost one counted is taken at its word, and clicks from before "
        "clicksProvableSince are refused"
        if check.lost
        else "Count on with this ledger? Counters are brought to what it proves, and clicks that were "
        "claimed after the copy was made are counted again if they come again"
    )
    return yes or typer.confirm(question, err=True)


def _mend(
    tools: Tools, auditor: Auditor, findings: Findings, *, yes: bool
) -> tuple[Sequence[Drift], Findings]:
    """Mend drift; return what was mended, and what is found afterwards."""
    drifts = findings.drifts
    for _ in range(_TRIES):
        if not yes and not typer.confirm(f"Mend {len(drifts):,} counters?", err=True):
            return [], findings
        changed = auditor.repair(drifts)
        if not changed:
            tools.note(f"Mended {len(drifts):,} counters. Verifying again.")
            return drifts, auditor.look(Scope.of(drifts))
        tools.note("The counters have changed meanwhile. Now there is:")
        print_drifts(tools, changed)
        drifts = changed
    raise CommandError("somebody else keeps changing the counters: nothing was mended")
