"""A function that does nothing: what the runtime and its client take by themselves."""

from typing import Any


def handler(_event: dict[str, Any], _context: object) -> dict[str, Any]:
    """Answer."""
    return {"statusCode": 200, "body": ""}
