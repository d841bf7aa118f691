"""The links as the app shows them: at once, then as the backend confirms, or back to what they were."""

from __future__ import annotations

from dataclasses import dataclass, field

from hopcount_app.api_service.models import Link
from hopcount_app.api_service.service import ApiService
from hopcount_app.store.toasts import Toasts


@dataclass
class LinkStore:
    """Links that are known, newest first."""

    api: ApiService
    toasts: Toasts
    items: list[Link] = field(default_factory=list)
