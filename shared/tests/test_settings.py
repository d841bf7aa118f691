from typing import Literal, Self

import pytest
from pydantic import Field, ValidationError, model_validator

from hopcount_shared.errors import SettingsError
from hopcount_shared.settings import Settings, load_settings


class Example(Settings):
    table_name: str
    mode: Literal["slow", "fast"] = "slow"
    limit: int = Field(default=3, ge=1)

    @model_validator(mode="after")
    def _fast_is_limited(self) -> Self:
        if self.mode == "fast" and self.limit > 10:
            raise ValueError("MODE fast allows a LIMIT of 10")
        return self


def test_reads_each_field_from_its_variable() -> None:
    settings = load_settings(Example, {"TABLE_NAME": "t", "LIMIT": "5", "OTHER": "ignored"})
    assert settings == Example(table_name="t", limit=5)


def test_reads_the_process_environment_by_default(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("TABLE_NAME", "from-process")
    assert load_settings(Example).table_name == "from-process"


def test_a_missing_variable_is_named() -> None:
    with pytest.raises(SettingsError, match="TABLE_NAME"):
        load_settings(Example, {})


@pytest.mark.parametrize("wrong", [{"MODE": "s3cret"}, {"LIMIT": "s3cret"}, {"LIMIT": "-7771"}])
def test_a_wrong_variable_is_named_and_its_value_is_not(wrong: dict[str, str]) -> None:
    with pytest.raises(SettingsError) as caught:
        load_settings(Example, {"TABLE_NAME": "t", **wrong})
    assert next(iter(wrong)) in str(caught.value)
    assert next(iter(wrong.values())) not in str(caught.value)
    assert caught.value.__cause__ is None
    assert caught.value.__suppress_context__, "pydantic's error, which shows values, would be logged"


def test_every_problem_is_told_at_once() -> None:
    with pytest.raises(SettingsError, match=r"TABLE_NAME.*LIMIT"):
        load_settings(Example, {"LIMIT": "0"})


def test_a_problem_between_variables_is_told() -> None:
    with pytest.raises(SettingsError, match="MODE fast allows a LIMIT of 10"):
        load_settings(Example, {"TABLE_NAME": "t", "MODE": "fast", "LIMIT": "11"})


def test_settings_do_not_change() -> None:
    settings = load_settings(Example, {"TABLE_NAME": "t"})
    with pytest.raises(ValidationError):
        settings.table_name = "other"  # type: ignore[misc]  # the point of the test
