"""What this is, where it runs, and whether it is well."""

from __future__ import annotations

import flet as ft

from hopcount_app.api_service.models import Deployment
from hopcount_app.components.about.endpoints import EndpointsSection
from hopcount_app.components.about.health import HealthSection
from hopcount_app.components.about.parts import LicencesSection, ReadMoreSection
from hopcount_app.components.columns import Columns
from hopcount_app.components.facts import Facts
from hopcount_app.components.failed_line import FailedLine
from hopcount_app.components.page_body import PageBody
from hopcount_app.components.page_header import PageHeader
from hopcount_app.components.section import Section
from hopcount_app.components.states import Loading
from hopcount_app.loaded import use_loaded
from hopcount_app.services import use_services
from hopcount_app.theme import SPACE


@ft.component
def About() -> ft.Control:
    """Draw it."""
    return PageBody(
        [
            PageHeader("About", "What this is, where it runs, and whether it is well"),
            Columns(
                [DeploymentSection(), HealthSection(), EndpointsSection()],
                [ReadMoreSection(), LicencesSection()],
            ),
        ]
    )


@ft.component
def DeploymentSection() -> ft.Control:
    """Draw what is deployed, and where."""
    deployment, again = use_loaded(use_services().api.deployment, [])
    content: ft.Control = Loading(3, height=3 * SPACE)
    if deployment.value:
        content = Facts(_facts(deployment.value))
    elif deployment.error:
        content = FailedLine(deployment.error, again)
    return Section("This deployment", None, [content])


def _facts(deployment: Deployment) -> dict[str, str]:
    return {
        "Version": deployment.version,
        "Stage": deployment.stage,
        "Region": deployment.region,
        "Short links": deployment.base_url,
        "API": deployment.api_url,
    }
