from __future__ import annotations

import pytest

from hopcount_local.errors import SettingsError
from hopcount_local.front_door.settings import FrontDoorSettings
from hopcount_local.settings import Settings, without_aws


def test_ports_have_defaults_and_can_be_chosen() -> None:
    assert Settings.from_environ({}).base_url == "http://127.0.0.1:8080"
    chosen = Settings.from_environ({"HOPCOUNT_PORT": "9000", "HOPCOUNT_AWS_PORT": "9001"})
    assert (chosen.base_url, chosen.aws_url) == ("http://127.0.0.1:9000", "http://127.0.0.1:9001")


def test_the_checkout_is_found() -> None:
    assert (Settings.from_environ({}).root / "local" / "hopcount_local" / "settings.py").is_file()


@pytest.mark.parametrize(
    "environ",
    [
        {"HOPCOUNT_PORT": "http"},
        {"HOPCOUNT_AWS_PORT": "70000"},
        {"HOPCOUNT_PORT": "4566"},
        {"HOPCOUNT_VIEWER_COUNTRY": "Germany"},
    ],
)
def test_a_wrong_variable_is_named(environ: dict[str, str]) -> None:
    with pytest.raises(SettingsError, match=next(iter(environ))):
        Settings.from_environ(environ)


def test_a_developers_own_aws_stays_out() -> None:
    own = {"AWS_PROFILE": "work", "AWS_SESSION_TOKEN": "x", "PATH": "/bin"}
    assert without_aws(own) == {"PATH": "/bin"}


@pytest.mark.parametrize("url", ["https://a/b", "a/b", "http://a/b/", "http://a/b?c", "http:///b"])
def test_the_front_door_wants_a_plain_url(url: str) -> None:
    with pytest.raises(ValueError, match="HOPCOUNT_API_URL"):
        FrontDoorSettings.from_environ(
            {"HOPCOUNT_PORT": "1", "HOPCOUNT_API_URL": url, "HOPCOUNT_SITE": "/x"},
        )
