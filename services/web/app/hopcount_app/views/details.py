"""A link and its clicks."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial

import flet as ft

from hopcount_app import downloads
from hopcount_app import navigation as to
from hopcount_app.api_service.errors import NotFoundError, ServiceError
from hopcount_app.api_service.models import Stats
from hopcount_app.clicks import zones
from hopcount_app.clicks.choice import Choice, read_choice
from hopcount_app.components.click_panel import ClickPanel
from hopcount_app.components.link_facts import LinkFacts, LinkState, LinkTotals
from hopcount_app.components.links.link_header import LinkHeader
from hopcount_app.components.page_body import PageBody
from hopcount_app.components.period_bar import PeriodBar
from hopcount_app.components.states import Empty, Failed, Loading
from hopcount_app.listening import use_changes
from hopcount_app.loaded import Loaded, use_loaded
from hopcount_app.services import use_services
from hopcount_app.store.listing import Row
from hopcount_app.store.toasts import Tone
from hopcount_app.theme import SPACE

_SHARE = "Share the link: its clicks appear here within seconds."


@ft.component
def Details() -> ft.Control:
    """Draw the link that the address names, at once where it is known, and as it is after any change."""
    store = use_services().links
    use_changes(store.listeners)
    code = ft.use_route_params().get("code", "")
    loaded, again = use_loaded(partial(store.load, code), [code])
    row = store.row(code)
    if isinstance(loaded.error, NotFoundError) or (row is None and loaded.error):
        return Failed(loaded.error, again)
    if row is None:
        return PageBody([Loading(6)])
    if row.link.deleted_at is not None:
        restore = ft.FilledTonalButton("Restore", on_click=lambda: _ignore(store.restore(code)))
        return Empty(
            ft.Icons.DELETE_OUTLINE, "In the trash", f"{code} answers 410 until it is restored.", restore
        )
    return LinkClicks(row)


@ft.component
def LinkClicks(row: Row) -> ft.Control:
    """Draw a link with its clicks in the period that the address names."""
    services = use_services()
    api, link = services.api, row.link
    own = zones.own_zone()
    choice = read_choice(to.arguments(ft.context.page.route), own)
    today = zones.today(choice.zone)
    days = choice.period(today)
    asked = (link.id, days.first.isoformat(), days.last.isoformat())
    how = {"tz": choice.zone, "interval": choice.interval}
    stats, again = use_loaded(partial(api.stats, *asked, **how), [asked, how])
    told = stats.value if stats.value is not None and stats.value.id == link.id else None

    def change(new: Choice) -> None:
        to.go(to.link_address(link.id), **new.query(own))

    async def download() -> None:
        try:
            csv = await api.stats_csv(*asked, **how)
        except ServiceError as error:
            services.toasts.show(str(error), Tone.ERROR, "Retry", download)
        else:
            await downloads.save(f"{'-'.join(asked)}.csv", csv.encode())

    state = LinkState(link)
    parts = [
        LinkHeader(row),
        *([state] if state else []),
        LinkFacts(link),
        LinkTotals(link, told),
        PeriodBar(choice, today, change),
        _clicks(stats, told, again, download),
    ]
    return PageBody(parts, spacing=2 * SPACE)


def _clicks(
    stats: Loaded[Stats], told: Stats | None, again: Callable[[], None], download: Callable[[], object]
) -> ft.Control:
    if stats.error is not None:
        return Failed(stats.error, again)
    if told is None:
        return Loading(3, height=12 * SPACE)
    if not told.total_clicks + told.total_bot_clicks:
        refresh = ft.FilledTonalButton("Refresh", icon=ft.Icons.REFRESH, on_click=again)
        return Empty(ft.Icons.INSIGHTS, "No clicks yet", _SHARE, refresh)
    return ClickPanel(told, busy=stats.busy, on_refresh=again, on_download=download)


def _ignore(_: object) -> None:
    return None
