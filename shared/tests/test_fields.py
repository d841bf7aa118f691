from datetime import UTC, datetime
from typing import Annotated

import pytest
from pydantic import BeforeValidator, TypeAdapter

from hopcount_shared.fields import form, parse_moment


@pytest.mark.parametrize("text", ["2030-01-31T12:00:00Z", "2030-01-31T13:00:00+01:00"])
def test_a_time_with_its_zone_is_read(text: str) -> None:
    assert parse_moment(text) == datetime(2030, 1, 31, 12, tzinfo=UTC)


@pytest.mark.parametrize(
    "value", ["2030-01-31T12:00:00", "tomorrow", "", 1893456000, None, True, "0001-01-01T00:00:00+23:59"]
)
def test_anything_else_is_refused(value: object) -> None:
    with pytest.raises(ValueError, match="ISO 8601 time with its zone"):
        parse_moment(value)


def test_what_is_checked_is_said() -> None:
    said = Annotated[str, BeforeValidator(str), form(format="date-time", description="When.")]
    schema = TypeAdapter(said).json_schema()
    assert (schema["format"], schema["description"]) == ("date-time", "When.")
