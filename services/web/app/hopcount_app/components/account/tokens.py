"""API tokens: what programs of somebody may do in their name."""

from __future__ import annotations

from collections.abc import Awaitable, Callable

import flet as ft

from hopcount_app import validation
from hopcount_app.api_service.errors import InvalidError
from hopcount_app.api_service.models import ApiToken
from hopcount_app.components.buttons import IconAction
from hopcount_app.components.confirm_dialog import ConfirmDialog, dialog
from hopcount_app.components.copy_button import CopyButton
from hopcount_app.components.failed_line import FailedLine
from hopcount_app.components.form import Action, Form, Values
from hopcount_app.components.form_field import Field
from hopcount_app.components.notice import Notice
from hopcount_app.components.section import Section, Sentence
from hopcount_app.components.states import Empty, Loading
from hopcount_app.hooks import use_flag, use_optional
from hopcount_app.loaded import use_loaded
from hopcount_app.services import use_services
from hopcount_app.store.toasts import Tone
from hopcount_app.theme import SPACE

SCOPES = {
    "links:read": "See your links",
    "links:write": "Make, change and delete links",
    "stats:read": "See how often links were followed",
}
NAME = Field("name", "Name", validation.token_name, helper="What it is for, such as: nightly build")


@ft.component
def TokensSection() -> ft.Control:
    """Draw the tokens, and the ways to make and to revoke one."""
    services = use_services()
    tokens, again = use_loaded(services.api.tokens, [])
    making, make, stop = use_flag()
    doomed, set_doomed = use_optional(ApiToken)

    async def revoke(token: ApiToken) -> None:
        await services.api.revoke_token(token.id)
        again()
        services.toasts.show(f"“{token.name}” is revoked", Tone.SUCCESS)

    question = None
    if making:
        question = dialog("New API token", NewToken(again, stop), stop)
    elif doomed:
        question = _ask(doomed, revoke, lambda: set_doomed(None))
    ft.use_dialog(question)
    controls = [_list(tokens.value, set_doomed)] if tokens.value is not None else []
    if tokens.error:
        controls = [FailedLine(tokens.error, again)]
    elif not controls:
        controls = [Loading(2, height=6 * SPACE)]
    button = ft.FilledTonalButton("New token", icon=ft.Icons.ADD, on_click=make)
    return Section(
        "API tokens",
        "For programs, which cannot sign in as you do. Each can do what you choose, and no more.",
        [*controls, ft.Row([button])],
    )


def _ask(
    token: ApiToken, revoke: Callable[[ApiToken], Awaitable[None]], close: Callable[[], None]
) -> ft.AlertDialog:
    return ConfirmDialog(
        f"Revoke “{token.name}”?",
        "Programs that use it are refused within a minute. It cannot be brought back.",
        "Revoke",
        lambda: revoke(token),
        close,
    )


def _list(tokens: tuple[ApiToken, ...], revoke: Callable[[ApiToken], None]) -> ft.Control:
    if not tokens:
        return Empty(
            ft.Icons.KEY_OUTLINED, "No tokens", "Make one for each program, so that you can revoke it alone."
        )
    rows: list[ft.Control] = []
    for token in tokens:
        rows += [ft.Divider(height=1, key=f"{token.id}-line"), _row(token, revoke)]
    return ft.Column(rows, spacing=1.5 * SPACE, tight=True)


def _row(token: ApiToken, revoke: Callable[[ApiToken], None]) -> ft.Control:
    used = f"last used {token.last_used_at[:10]}" if token.last_used_at else "never used"
    ends = f"ends {token.expires_at:%Y-%m-%d}" if token.expires_at else "does not end"
    small = ft.TextThemeStyle.BODY_SMALL
    words = ft.Column(
        [
            ft.Text(token.name, weight=ft.FontWeight.W_500, max_lines=1, overflow=ft.TextOverflow.ELLIPSIS),
            ft.Text(", ".join(token.scopes), theme_style=small),
            ft.Text(
                f"Made {token.created_at:%Y-%m-%d}, {used}, {ends}",
                theme_style=small,
                color=ft.Colors.ON_SURFACE_VARIANT,
            ),
        ],
        spacing=SPACE // 4,
        tight=True,
    )
    button = IconAction(ft.Icons.DELETE_OUTLINE, f"Revoke {token.name}", lambda: revoke(token))
    return ft.Row(
        [ft.Semantics(container=True, content=words, expand=True), button], spacing=SPACE, key=token.id
    )


@ft.component
def NewToken(on_made: Callable[[], None], on_close: Callable[[], None]) -> ft.Control:
    """Ask for a name and scopes; then show the token, once."""
    api = use_services().api
    scopes, set_scopes = ft.use_state(frozenset({"links:read"}))
    made, set_made = use_optional(ApiToken)

    async def make(values: Values) -> None:
        if not scopes:
            raise InvalidError("Choose at least one thing that it may do.")
        chosen = tuple(scope for scope in SCOPES if scope in scopes)
        set_made(await api.create_token(values["name"].strip(), chosen))
        on_made()

    if made:
        return _once(made, on_close)
    boxes = ft.Column(
        [Sentence("It may"), *(_box(scope, scopes, set_scopes) for scope in SCOPES)], spacing=0, tight=True
    )
    return Form((NAME,), Action("Make token", make, "Making it", cancel=on_close), more=[boxes])


def _box(scope: str, chosen: frozenset[str], choose: Callable[[frozenset[str]], None]) -> ft.Control:
    return ft.Checkbox(
        label=f"{SCOPES[scope]} ({scope})", value=scope in chosen, on_change=lambda: choose(chosen ^ {scope})
    )


def _once(made: ApiToken, on_close: Callable[[], None]) -> ft.Control:
    text = made.token or ""
    shown = ft.Container(
        ft.Row(
            [
                Sentence(text, expand=True, spoken=f"Token {text}"),
                CopyButton(text, "Copy token", "Token copied"),
            ],
            spacing=SPACE,
        ),
        bgcolor=ft.Colors.SURFACE_CONTAINER,
        border_radius=SPACE,
        padding=ft.Padding.only(left=2 * SPACE, right=SPACE, top=SPACE, bottom=SPACE),
    )
    return ft.Column(
        [
            Notice("Copy it now: it is not shown again.", Tone.WARNING),
            shown,
            ft.Row([ft.FilledButton("Done", on_click=on_close)], alignment=ft.MainAxisAlignment.END),
        ],
        spacing=2 * SPACE,
        tight=True,
        horizontal_alignment=ft.CrossAxisAlignment.STRETCH,
    )
