"""Who somebody is here, and what they have."""

from __future__ import annotations

import flet as ft

from hopcount_app.api_service.models import Profile
from hopcount_app.components.facts import Facts
from hopcount_app.components.failed_line import FailedLine
from hopcount_app.components.section import Section
from hopcount_app.components.states import Loading
from hopcount_app.loaded import use_loaded
from hopcount_app.services import use_services
from hopcount_app.theme import SPACE


@ft.component
def ProfileSection() -> ft.Control:
    """Draw it."""
    services = use_services()
    profile, again = use_loaded(services.api.profile, [])
    if profile.value:
        content = _facts(profile.value)
    elif profile.error:
        content = FailedLine(profile.error, again)
    else:
        content = Loading(2, height=3 * SPACE)
    return Section("Profile", None, [content])


def _facts(profile: Profile) -> ft.Control:
    facts = {"Email": profile.email or "not told"}
    if profile.created_at:
        facts["Member since"] = f"{profile.created_at:%-d %B %Y}"
    facts["Links"] = f"{profile.total_links:,}"
    facts["Clicks"] = f"{profile.total_clicks:,}"
    return Facts(facts)
