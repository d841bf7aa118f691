"""The launcher's environment is read once, and nothing else reaches the functions."""

from pathlib import Path

import pytest

from local_aws.settings import Settings, SettingsError, emulator_environment

GIVEN = {"HOPCOUNT_AWS_PORT": "4571", "HOPCOUNT_AWS_STATE_DIR": "/state"}


def test_reads_port_folder_and_level() -> None:
    settings = Settings.from_environment({**GIVEN, "HOPCOUNT_AWS_LOG_LEVEL": "warning"})
    assert (settings.port, settings.state_dir, settings.log_level) == (4571, Path("/state"), "WARNING")


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("HOPCOUNT_AWS_PORT", "http"),
        ("HOPCOUNT_AWS_PORT", "0"),
        ("HOPCOUNT_AWS_PORT", "65536"),
        ("HOPCOUNT_AWS_STATE_DIR", ""),
        ("HOPCOUNT_AWS_LOG_LEVEL", "LOUD"),
    ],
)
def test_names_the_variable_that_is_wrong(name: str, value: str) -> None:
    with pytest.raises(SettingsError, match=name):
        Settings.from_environment({**GIVEN, name: value})


def test_the_developers_environment_stays_outside() -> None:
    mine = {"AWS_PROFILE": "production", "AWS_SECRET_ACCESS_KEY": "mine", "GITHUB_TOKEN": "t", "PATH": "/bin"}
    passed_on = emulator_environment(Settings.from_environment(GIVEN), mine)
    assert passed_on["PATH"] == "/bin"
    assert passed_on["AWS_SECRET_ACCESS_KEY"] == "test"
    assert not {"AWS_PROFILE", "GITHUB_TOKEN"} & set(passed_on)


def test_listens_on_loopback_with_iam_enforced() -> None:
    passed_on = emulator_environment(Settings.from_environment(GIVEN), {})
    assert (passed_on["BIND_HOST"], passed_on["AUTH"]) == ("127.0.0.1", "true")
