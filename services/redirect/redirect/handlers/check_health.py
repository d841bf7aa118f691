"""GET and HEAD /health."""

from typing import Any


def handler(_event: dict[str, Any], _context: object) -> dict[str, Any]:
    """Say that functions of this API run; nothing behind them is asked."""
    return {
        "statusCode": 200,
        "headers": {"Content-Type": "application/json", "Cache-Control": "no-store"},
        "body": '{"status":"ok"}',
        "isBase64Encoded": False,
    }
