"""`.local/outputs.json`: what tests, the terminal client and people need to know of the running product."""

from __future__ import annotations

import secrets
import string
from collections.abc import Mapping
from typing import Any

from hopcount_local.errors import DeployError
from hopcount_local.files import read_json
from hopcount_local.settings import Settings

DEMO_EMAIL = "demo@hopcount.example"
_ALPHABET = string.ascii_letters + string.digits
_SYMBOLS = "!@#%^*-_=+?"


def build(settings: Settings, parameters: Mapping[str, str]) -> dict[str, Any]:
    """Return the outputs; the demo account's password is made once per checkout and kept.

    Raises
    ------
    DeployError
        A stack did not export what it should; the message names it.
    """
    missing: list[str] = []

    def value(name: str) -> str:
        if name not in parameters:
            missing.append(name)
        return parameters.get(name, "")

    outputs = {
        "baseUrl": settings.base_url,
        "apiUrl": settings.api_url(value("platform/http-api-id")),
        "region": settings.region,
        "awsEndpointUrl": settings.aws_url,
        "userPoolId": value("platform/user-pool-id"),
        "userPoolClientId": value("platform/user-pool-client-id"),
        "demoUser": {"email": DEMO_EMAIL, "password": _known_password(settings) or make_password()},
        "tables": {
            "UrlShortener": value("links/table-name"),
            "DailyStats": value("analytics/daily-stats-table-name"),
            "User": value("users/table-name"),
            "ApiToken": value("users/token-table-name"),
            "ClickLedger": value("analytics/click-ledger-table-name"),
        },
        "eventBusName": value("platform/event-bus-name"),
        "clickQueueUrl": value("analytics/click-queue-url"),
        "clickDlqUrl": value("analytics/click-dlq-url"),
        "clickArchiveName": value("platform/archive-name"),
    }
    if missing:
        raise DeployError(f"The stacks do not export {', '.join(missing)} (SSM parameters).")
    return outputs


def make_password() -> str:
    """Return a random password with every kind of character that a strict policy may ask for."""
    kinds = (string.ascii_lowercase, string.ascii_uppercase, string.digits, _SYMBOLS)
    characters = [secrets.choice(kind) for kind in kinds] + [secrets.choice(_ALPHABET) for _ in range(20)]
    secrets.SystemRandom().shuffle(characters)
    return "".join(characters)


def _known_password(settings: Settings) -> str | None:
    user = (read_json(settings.outputs) or {}).get("demoUser")
    password = user.get("password") if isinstance(user, dict) else None
    return password if isinstance(password, str) else None
