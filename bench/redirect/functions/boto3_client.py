"""A function that makes one boto3 client when it starts, as most functions do, and nothing else."""

from typing import Any

import boto3

dynamodb = boto3.client("dynamodb")


def handler(_event: dict[str, Any], _context: object) -> dict[str, Any]:
    """Answer."""
    return {"statusCode": 200, "body": ""}
