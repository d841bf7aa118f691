"""Tidies JSON schemas as pydantic writes them: for readers, and so that the same code gives the same text."""

from collections.abc import Mapping
from typing import Any

Json = dict[str, Any]

_MAPS_OF_SCHEMAS = frozenset({"properties", "patternProperties", "$defs"})
_PLAIN_VALUES = frozenset({"examples", "example", "default", "enum", "const", "required"})


def tidy(schema: Any) -> Any:
    """Return a schema without the titles that repeat a name, and with whole numbers written as such."""
    if isinstance(schema, list):
        return [tidy(item) for item in schema]
    if not isinstance(schema, Mapping):
        return _whole(schema)
    return {key: _tidy_keyword(key, value) for key, value in schema.items() if key != "title"}


def _tidy_keyword(key: str, value: Any) -> Any:
    if key in _PLAIN_VALUES:
        return value
    if key in _MAPS_OF_SCHEMAS:
        return {name: tidy(schema) for name, schema in value.items()}
    return tidy(value)


def _whole(value: Any) -> Any:
    return int(value) if isinstance(value, float) and value.is_integer() else value


def without_null(schema: Json) -> Json:
    """Return the schema of a parameter, which may be left out but cannot be `null`."""
    options = [option for option in schema.get("anyOf", []) if option != {"type": "null"}]
    if len(options) != 1:
        return schema
    rest = {key: value for key, value in schema.items() if key != "anyOf"}
    return {**options[0], **rest}


def example_of(schema: Json, schemas: Mapping[str, Json]) -> Any:
    """Return a schema's first example.

    Parameters
    ----------
    schema
        A schema, or a reference to one.
    schemas
        What references lead to.

    Raises
    ------
    LookupError
        If it has none; the message says which.
    """
    if reference := schema.get("$ref"):
        name = reference.rpartition("/")[2]
        try:
            return example_of(schemas[name], schemas)
        except LookupError:
            raise LookupError(f"{name} has no example: give its model `json_schema_extra`") from None
    for value in (*schema.get("examples", []), *([schema["default"]] if "default" in schema else [])):
        return value
    raise LookupError(f"no example in {schema}")
