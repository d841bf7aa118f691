"""`hopcount ops link`: stop a link that does harm, for everybody, whoever owns it."""

import json
from collections.abc import Mapping
from typing import TYPE_CHECKING, Annotated, Any

import typer
from botocore.exceptions import ClientError

from hopcount_cli.errors import CommandError, UsageError
from hopcount_cli.ops.deployment import Deployment
from hopcount_cli.ops.tools import DEFAULT_STAGE, Stage, Tools
from hopcount_shared.aws import condition_failed
from hopcount_shared.times import to_iso

if TYPE_CHECKING:
    from mypy_boto3_dynamodb.client import DynamoDBClient

MAX_REASON = 200
"""Characters of a reason: visitors are shown it."""

Code = Annotated[str, typer.Argument(metavar="CODE", help="The link's code or alias.")]
Json = Annotated[bool, typer.Option("--json", help="Print JSON.")]

_DELETED = "deleted#"
_SHOWN = ("originalUrl", "createdAt", "updatedAt", "expiresAt", "deletedAt", "disabledAt", "disabledReason")
_NUMBERS = ("clicks", "botClicks", "maxAge", "version")
_THERE = "attribute_exists(id) AND attribute_not_exists(erasedAt)"

link = typer.Typer(
    help="Disable or enable a link, or show it.", no_args_is_help=True, rich_markup_mode="markdown"
)


@link.command("disable")
def disable(
    context: typer.Context,
    code: Code,
    reason: Annotated[
        str, typer.Option("--reason", metavar="TEXT", help="Why; visitors and the owner read it.")
    ],
    as_json: Json = False,
    stage: Stage = DEFAULT_STAGE,
) -> None:
    """Let a link lead nowhere: visitors get 451 with the reason, and are not counted.

    Its owner sees that and why, and can neither undo it nor get around it by deleting and restoring. Works on
    deleted links too. Disabling again changes the reason alone.

    Exit codes: 0 done; 2 no such link, an erased one, or AWS refused.
    """
    reason = " ".join(reason.split())
    if not reason or len(reason) > MAX_REASON or not reason.isprintable():
        raise UsageError(f"--reason: give 1 to {MAX_REASON} characters that visitors can read")
    switch = _Switch(Tools.of(context), stage)
    switch.set(code, reason)
    switch.tell(code, "disabled", as_json=as_json)


@link.command("enable")
def enable(context: typer.Context, code: Code, as_json: Json = False, stage: Stage = DEFAULT_STAGE) -> None:
    """Let a disabled link lead again where it did.

    Exit codes: 0 done, also if it was not disabled; 2 no such link, an erased one, or AWS refused.
    """
    switch = _Switch(Tools.of(context), stage)
    changed = switch.clear(code)
    switch.tell(code, "enabled" if changed else "not disabled", as_json=as_json)


@link.command("show")
def show(context: typer.Context, code: Code, as_json: Json = False, stage: Stage = DEFAULT_STAGE) -> None:
    """Show where a link leads, whose it is and what state it is in: what a complaint makes one ask.

    Exit codes: 0 done; 2 no such link, or AWS refused.
    """
    switch = _Switch(Tools.of(context), stage)
    switch.tell(code, None, as_json=as_json)


class _Switch:
    """Turns links off and on.

    Parameters
    ----------
    tools
        AWS and the terminal.
    stage
        Which deployment.
    """

    def __init__(self, tools: Tools, stage: str) -> None:
        self._tools = tools
        self._deployment = Deployment.find(tools.client("ssm"), stage)
        self._dynamodb: DynamoDBClient = tools.client("dynamodb")
        self._table = self._deployment["links/table-name"]

    def set(self, code: str, reason: str) -> None:
        """Disable a link; since when stays, if it was disabled before."""
        done = self._update(
            code,
            "SET disabledAt = if_not_exists(disabledAt, :now), disabledReason = :reason, #change = :change",
            _THERE,
            {":reason": {"S": reason}, ":change": {"S": "disabled"}},
        )
        if not done:
            raise self._absent(code)

    def clear(self, code: str) -> bool:
        """Enable a link; return whether it was disabled."""
        done = self._update(
            code,
            "SET #change = :change REMOVE disabledAt, disabledReason",
            f"{_THERE} AND attribute_exists(disabledAt)",
            {":change": {"S": "enabled"}},
        )
        if not done and "erasedAt" in self._item(code):
            raise self._absent(code)
        return done

    def tell(self, code: str, outcome: str | None, *, as_json: bool) -> None:
        """Say what was done and what a link is now."""
        found = _view(self._item(code))
        seconds = self._remembered()
        if as_json:
            done = {} if outcome is None else {"outcome": outcome, "remembersSeconds": seconds}
            self._tools.say(json.dumps({**found, **done}, indent=2))
            return
        if outcome is None:
            for name, value in found.items():
                if value is not None:
                    self._tools.say(f"{name:15} {value}")
            return
        self._tools.say(f"{code} is {outcome}. It leads to {found['originalUrl']}.")
        if outcome != "not disabled":
            self._tools.say(_late(outcome, seconds, found["maxAge"]))

    def _remembered(self) -> int:
        names = ("redirect/cache-seconds", "redirect/reader-cache-seconds")
        return sum(int(self._deployment[name]) for name in names)

    def _item(self, code: str) -> Mapping[str, Any]:
        answer = self._dynamodb.get_item(TableName=self._table, Key={"id": {"S": code}}, ConsistentRead=True)
        if "Item" not in answer:
            raise self._absent(code)
        return answer["Item"]

    def _absent(self, code: str) -> CommandError:
        return CommandError(f"there is no link {code!r}, or it is erased: nothing was changed")

    def _update(self, code: str, update: str, condition: str, values: Mapping[str, Any]) -> bool:
        """Change a row that is there, as one more version of it; return whether the condition held."""
        now = {":now": {"S": to_iso(self._tools.clock())}} if ":now" in update else {}
        try:
            self._dynamodb.update_item(
                TableName=self._table,
                Key={"id": {"S": code}},
                UpdateExpression=f"{update} ADD version :one",
                ConditionExpression=condition,
                ExpressionAttributeNames={"#change": "change"},
                ExpressionAttributeValues={**values, **now, ":one": {"N": "1"}},
            )
        except ClientError as error:
            if not condition_failed(error):
                raise
            return False
        return True


def _view(item: Mapping[str, Any]) -> dict[str, Any]:
    """Read a row; an erased one has little left."""
    owner = item["userId"]["S"].removeprefix(_DELETED) if "userId" in item else None
    texts = {name: item[name]["S"] if name in item else None for name in _SHOWN}
    numbers = {name: int(item[name]["N"]) if name in item else None for name in _NUMBERS}
    erased = item["erasedAt"]["S"] if "erasedAt" in item else None
    return {"id": item["id"]["S"], "owner": owner, **texts, **numbers, "erasedAt": erased}


def _late(outcome: str, seconds: int, max_age: int | None) -> str:
    """Say for how long some visitors may still get the old answer."""
    verb = "be sent on" if outcome == "disabled" else "be refused"
    told = f"For {seconds} seconds visitors may still {verb}" if seconds else "That holds at once"
    if max_age and outcome == "disabled":
        told += (
            f"; browsers that followed it remember it for up to {max_age:,} seconds, whatever is done here"
        )
    return f"{told}."
