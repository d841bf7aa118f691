"""`hopcount ops user`: disable, enable and delete accounts, with the use cases of the users service."""

import json
from typing import Annotated

import typer

from hopcount_cli.errors import CommandError
from hopcount_cli.ops.deployment import Deployment
from hopcount_cli.ops.people import Belongings, People, Person
from hopcount_cli.ops.tools import DEFAULT_STAGE, Stage, Tools
from users.bootstrap import account_deletion_with, account_suspension_with
from users.settings import DeleteAccountSettings
from users.suspension import AccountSuspension

LATE = (
    "Sessions that are open stay good for an hour at most, until their token expires; API tokens are refused "
    "within a minute."
)

Who = Annotated[str, typer.Argument(metavar="EMAIL|ID", help="Their address, or their id (Cognito's sub).")]
Json = Annotated[bool, typer.Option("--json", help="Print JSON.")]

user = typer.Typer(
    help="Disable, enable or delete an account.", no_args_is_help=True, rich_markup_mode="markdown"
)


@user.command("disable")
def disable(context: typer.Context, who: Who, as_json: Json = False, stage: Stage = DEFAULT_STAGE) -> None:
    """Let nobody act in a user's name: no sign-in, no session prolonged, no API token.

    A session that is open stays good until its token expires, an hour at most: the API does not ask Cognito.
    Their links go on leading (`hopcount ops link disable` stops one). Nothing is lost: `enable` undoes it.

    Exit codes: 0 done; 2 no such user, or AWS refused.
    """
    tools = Tools.of(context)
    deployment = Deployment.find(tools.client("ssm"), stage)
    person = People(tools, deployment).find(who)
    since = _suspension(tools, deployment).disable(person.id)
    if as_json:
        tools.say(json.dumps({**_view(person), "enabled": False, "disabledAt": since}, indent=2))
        return
    tools.say(f"{_name(person)} is disabled since {since}. {LATE} Their links go on leading.")


@user.command("enable")
def enable(context: typer.Context, who: Who, as_json: Json = False, stage: Stage = DEFAULT_STAGE) -> None:
    """Let a disabled user sign in again, and their API tokens work again.

    Exit codes: 0 done, also if they were not disabled; 2 no such user, or AWS refused.
    """
    tools = Tools.of(context)
    deployment = Deployment.find(tools.client("ssm"), stage)
    person = People(tools, deployment).find(who)
    if not person.in_pool:
        raise CommandError(f"{_name(person)} is not in the user pool: their account is deleted, or half so")
    _suspension(tools, deployment).enable(person.id)
    if as_json:
        tools.say(json.dumps({**_view(person), "enabled": True, "disabledAt": None}, indent=2))
        return
    tools.say(f"{_name(person)} is enabled: they have to sign in again, and their API tokens work.")


@user.command("delete")
def delete(
    context: typer.Context,
    who: Who,
    yes: Annotated[bool, typer.Option("--yes", help="Delete without asking.")] = False,
    as_json: Json = False,
    stage: Stage = DEFAULT_STAGE,
) -> None:
    """Delete an account for ever, as its owner can: the user, API tokens, every link and every statistic.

    Shows what would go, and asks for the address to be typed. Should it break off, run it again, with the id.

    Exit codes: 0 done; 1 you did not type the address; 2 no such user, or AWS refused.
    """
    tools = Tools.of(context)
    deployment = Deployment.find(tools.client("ssm"), stage)
    people = People(tools, deployment)
    person = people.find(who)
    belongings = people.belongings(person)
    if not yes:
        _ask(tools, person, belongings)
    settings = DeleteAccountSettings(
        user_table_name=deployment["users/table-name"],
        token_table_name=deployment["users/token-table-name"],
        event_bus_name=deployment["platform/event-bus-name"],
        user_pool_id=deployment["platform/user-pool-id"],
    )
    dynamodb, cognito, events = (tools.client(name) for name in ("dynamodb", "cognito-idp", "events"))
    account_deletion_with(dynamodb, cognito, events, settings).delete(person.id)
    if as_json:
        gone = {"links": belongings.live, "deletedLinks": belongings.trashed, "clicks": belongings.clicks}
        tools.say(json.dumps({**_view(person), "deleted": gone}, indent=2))
        return
    tools.say(f"{_name(person)} is deleted. Links and statistics are erased in the background. {LATE}")


def _ask(tools: Tools, person: Person, belongings: Belongings) -> None:
    live, trashed = _number(belongings.live, "link"), _number(belongings.trashed, "deleted one")
    tools.note(
        f"Deletes {_name(person)} (id {person.id}) for ever:\n"
        f"  {live} and {trashed}: they answer 410, and nobody can have their codes again\n"
        f"  the statistics of {_number(belongings.clicks, 'click')}, and every API token\n"
        "  the account itself: the same address can sign up again, as somebody else\n"
        f"{LATE} A backup (hopcount ops backup) still holds them; a replay does not bring them back."
    )
    wanted = person.email or person.id
    typed = typer.prompt(f"Type {wanted} to delete it", err=True, default="", show_default=False)
    if typed.strip() != wanted:
        tools.note("Nothing was deleted.")
        raise typer.Exit(1)


def _number(number: int, noun: str) -> str:
    return f"{number:,} {noun}{'' if number == 1 else 's'}"


def _suspension(tools: Tools, deployment: Deployment) -> AccountSuspension:
    return account_suspension_with(
        tools.client("dynamodb"),
        tools.client("cognito-idp"),
        deployment["users/table-name"],
        deployment["users/token-table-name"],
        deployment["platform/user-pool-id"],
    )


def _name(person: Person) -> str:
    return person.email or person.id


def _view(person: Person) -> dict[str, object]:
    return {
        "id": person.id,
        "email": person.email,
        "inPool": person.in_pool,
        "enabled": person.enabled,
        "disabledAt": person.disabled_at,
    }
