"""Log lines as JSON, without a library: this path has to start fast."""

from __future__ import annotations

import json
import sys

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any


def log(level: str, message: str, **fields: Any) -> None:
    """Write one line.

    Parameters
    ----------
    level
        `INFO`, `WARNING` or `ERROR`.
    message
        What happened, always in the same words.
    fields
        Stable keys. Never a header, an address or a token.
    """
    line = {"level": level, "message": message, "service": "redirect", **fields}
    sys.stdout.write(json.dumps(line) + "\n")
    sys.stdout.flush()
