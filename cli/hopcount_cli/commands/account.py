"""`hopcount signup`, `login`, `logout`, `whoami`."""

import os
from typing import TYPE_CHECKING, Annotated, Any

import typer

from hopcount_cli.commands.options import Email, Json, Url
from hopcount_cli.console import ask, in_terminal, is_shown, note, print_json, say
from hopcount_cli.credentials import Account, Store
from hopcount_cli.errors import SessionError, UsageError
from hopcount_cli.session import Session, machine_token

if TYPE_CHECKING:
    from hopcount_cli.cognito import Cognito
    from hopcount_cli.discovery import Deployment

_PASSWORD_VARIABLE = "HOPCOUNT_PASSWORD"  # noqa: S105  a name
_CODE_TRIES = 3

OneTimeCode = Annotated[
    str | None,
    typer.Option(
        "--code", metavar="DIGITS", help="What your authenticator shows; asked for if it is needed."
    ),
]
MailedCode = Annotated[
    str | None,
    typer.Option("--code", metavar="DIGITS", help="The code that was mailed: confirm this address."),
]


def sign_up(
    context: typer.Context,
    email: Email = None,
    code: MailedCode = None,
    url: Url = None,
    as_json: Json = False,
) -> None:
    """Make an account, confirm its address by the code that is mailed, and sign in.

    The password is asked for twice, or taken from HOPCOUNT_PASSWORD.

    Examples: `hopcount signup --url https://go.example.com`;
    later, to confirm: `hopcount signup --email me@example.com --code 123456`
    """
    from hopcount_cli import sign_in  # noqa: PLC0415  HTTP takes a while to import

    session = Session(context, url)
    deployment, cognito = _reach(session)
    address = email or ask("E-mail", "say --email")
    password = os.environ.get(_PASSWORD_VARIABLE)
    if code is None:
        password = password or _ask_password("Password", twice=True)
        sign_in.sign_up(cognito, address, password)
        note(f"A code was mailed to {address}.")
        if not in_terminal():
            note(f"Confirm: hopcount signup --email {address} --code CODE")
            return
    _confirm(cognito, address, code)
    password = password or _ask_password("Password")
    account = sign_in.sign_in(cognito, deployment, address, password, _questions(None))
    _remember(session.store, account, as_json=as_json)


def login(
    context: typer.Context,
    email: Email = None,
    code: OneTimeCode = None,
    browser: Annotated[bool, typer.Option("--browser", help="Sign in on the web page instead.")] = False,
    url: Url = None,
    as_json: Json = False,
) -> None:
    """Sign in; this Hopcount is then the one that commands talk to.

    The password is asked for, or taken from HOPCOUNT_PASSWORD. It is proved, and never sent (SRP).

    Examples: `hopcount login --url https://go.example.com`; `hopcount login --browser`
    """
    session = Session(context, url)
    deployment, cognito = _reach(session)
    if browser:
        account = _by_browser(deployment, session)
    else:
        from hopcount_cli import sign_in  # noqa: PLC0415  HTTP takes a while to import

        address = email or ask("E-mail", "say --email")
        password = os.environ.get(_PASSWORD_VARIABLE) or _ask_password("Password")
        account = sign_in.sign_in(cognito, deployment, address, password, _questions(code))
    _remember(session.store, account, as_json=as_json)


def logout(context: typer.Context, url: Url = None, as_json: Json = False) -> None:
    """Sign out: end the session, here and at the service."""
    session = Session(context, url)
    base_url = session.base_url
    account = session.store.forget(base_url)
    if account is None:
        raise SessionError(f"not signed in to {base_url}")
    from hopcount_cli.cognito import Cognito  # noqa: PLC0415

    note(f"Forgotten here: {account.email} at {base_url}.")
    cognito = Cognito(account.cognito_endpoint, account.client_id, session.http)
    cognito.call("RevokeToken", Token=account.refresh_token)
    if as_json:
        print_json({"url": base_url, "email": account.email})


def who_am_i(context: typer.Context, as_json: Json = False) -> None:
    """Show who you are, where, and how many links and clicks you have."""
    session = Session(context)
    me = session.api().fetch("GET", "/users/me")
    account = None if machine_token() else session.account()
    shown = {
        "url": session.base_url,
        "credentials": "session" if account else "token",
        **me,
        "email": me.get("email") or (account.email if account else None),
    }
    if as_json:
        print_json(shown)
        return
    say(shown["email"] or shown["userId"])
    if is_shown():
        note(f"{me['totalLinks']:,} links, {me['totalClicks']:,} clicks at {session.base_url}")


def _reach(session: Session) -> "tuple[Deployment, Cognito]":
    """Find the deployment to sign in to."""
    from hopcount_cli.cognito import Cognito  # noqa: PLC0415
    from hopcount_cli.discovery import discover  # noqa: PLC0415

    deployment = discover(session.base_url, session.http)
    return deployment, Cognito(deployment.cognito_endpoint, deployment.client_id, session.http)


def _confirm(cognito: "Cognito", address: str, code: str | None) -> None:
    from hopcount_cli.sign_in import confirm  # noqa: PLC0415

    for _ in range(_CODE_TRIES):
        given = code or ask("Code (empty: mail another)", "say --code", default="")
        if not given:
            cognito.call("ResendConfirmationCode", Username=address)
            note(f"Another code was mailed to {address}.")
        elif confirm(cognito, address, given):
            return
        elif code:
            break
        else:
            note("That is not the code.")
    raise UsageError(
        "that is not the code that was mailed, or it is too old: hopcount signup --email ... again"
    )


def _questions(code: str | None) -> Any:
    from hopcount_cli.sign_in import Questions  # noqa: PLC0415

    given = [code] if code else []

    def one_time_code() -> str:
        return given.pop() if given else ask("Code of your authenticator", "say --code")

    return Questions(
        one_time_code=one_time_code,
        new_password=lambda: _ask_password("New password", twice=True),
    )


def _ask_password(question: str, *, twice: bool = False) -> str:
    return ask(question, f"set {_PASSWORD_VARIABLE}", hidden=True, twice=twice)


def _by_browser(deployment: "Deployment", session: Session) -> Account:
    import webbrowser  # noqa: PLC0415

    from hopcount_cli.browser import sign_in_by_browser  # noqa: PLC0415
    from hopcount_cli.sign_in import account  # noqa: PLC0415

    def show(page: str) -> None:
        note(f"Sign in at {page}")
        webbrowser.open(page)

    return account(deployment, sign_in_by_browser(deployment, session.http, show))


def _remember(store: Store, account: Account, *, as_json: bool) -> None:
    store.put(account)
    if as_json:
        print_json({"url": account.base_url, "email": account.email, "userId": account.user_id})
    else:
        note(f"Signed in to {account.base_url} as {account.email}.")
