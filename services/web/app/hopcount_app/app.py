"""The app: which view is where, who may see it, and what surrounds them all."""

from __future__ import annotations

import flet as ft

from hopcount_app import appearance, theme
from hopcount_app import navigation as to
from hopcount_app import services as services_of
from hopcount_app.api_service.errors import ServiceError
from hopcount_app.guard import Guard
from hopcount_app.services import Services
from hopcount_app.shell import Shell
from hopcount_app.views.about import About
from hopcount_app.views.account import AccountView
from hopcount_app.views.confirm import Confirm
from hopcount_app.views.create import Create
from hopcount_app.views.dashboard import Dashboard
from hopcount_app.views.details import Details
from hopcount_app.views.forgot import Forgot
from hopcount_app.views.not_found import NotFound
from hopcount_app.views.sign_in import SignIn
from hopcount_app.views.sign_up import SignUp
from hopcount_app.views.trash import Trash
from hopcount_app.window import provide_width, use_page_width
from hopcount_app.wiring import make_services

_FRAMED = ft.Route(
    component=Shell,
    outlet=True,
    children=[
        ft.Route(index=True, component=Dashboard),
        ft.Route(path="new", component=Create),
        ft.Route(path="links/:code", component=Details),
        ft.Route(path="trash", component=Trash),
        ft.Route(path="account", component=AccountView),
        ft.Route(path="about", component=About),
    ],
)
ROUTES = [
    ft.Route(
        component=Guard,
        outlet=True,
        children=[
            ft.Route(path="sign-in", component=SignIn),
            ft.Route(path="callback", component=SignIn),
            ft.Route(path="sign-up", component=SignUp),
            ft.Route(path="confirm", component=Confirm),
            ft.Route(path="forgot", component=Forgot),
            _FRAMED,
        ],
    ),
]


@ft.component
def App(services: Services) -> ft.Control:
    """Draw the view of the page's address, or the sign-in where the view wants an account."""
    width = use_page_width()
    session, _ = ft.use_state(services.session)

    async def resume() -> None:
        await appearance.restore(ft.context.page)
        try:
            if not (services.debug and to.path_of(ft.context.page.route) == to.SIGN_IN):
                session.account = await services.auth.resume()
        except ServiceError as error:
            session.problem = error.message
        session.ready = True

    ft.use_effect(resume, dependencies=[])
    if not session.ready:
        return ft.ProgressBar(semantics_label="Loading")
    return services_of.context(
        services,
        lambda: provide_width(width, lambda: ft.Router(ROUTES, not_found=NotFound)),
    )


def main(page: ft.Page) -> None:
    """Set the page up and draw it."""
    page.title = "Hopcount"
    page.padding = 0
    page.theme = theme.light()
    page.dark_theme = theme.dark()
    page.theme_mode = ft.ThemeMode.SYSTEM
    services = make_services(page, debug=to.is_debug(page.route))
    page.render(App, services)
