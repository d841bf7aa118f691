"""The environment."""

import pytest
from services.links.tests.support import ENVIRONMENT

from hopcount_shared.errors import SettingsError
from hopcount_shared.settings import load_settings
from links.settings import CreationSettings, LinkSettings


def test_addresses_lose_their_final_slash() -> None:
    settings = load_settings(LinkSettings, {**ENVIRONMENT, "PUBLIC_BASE_URL": "http://127.0.0.1:8080/"})
    assert settings.public_base_url == "http://127.0.0.1:8080"
    assert settings.http_api_url == ENVIRONMENT["HTTP_API_URL"]


@pytest.mark.parametrize("name", [name for name in ENVIRONMENT if name != "EVENT_BUS_NAME"])
def test_nothing_may_be_missing(name: str) -> None:
    with pytest.raises(SettingsError, match=name):
        load_settings(CreationSettings, {key: value for key, value in ENVIRONMENT.items() if key != name})


@pytest.mark.parametrize(("name", "value"), [("PUBLIC_BASE_URL", "sho.rt"), ("CREATION_QUOTA", "0")])
def test_nothing_may_be_wrong(name: str, value: str) -> None:
    with pytest.raises(SettingsError, match=name):
        load_settings(CreationSettings, {**ENVIRONMENT, name: value})
