"""What a link's code may look like."""

import re

SHORT_CODE_PATTERN = r"^[A-Za-z0-9_-]{1,64}$"

_SHORT_CODE = re.compile(SHORT_CODE_PATTERN.strip("^$"))


def is_short_code(text: str) -> bool:
    """Tell whether any link could have this code."""
    return _SHORT_CODE.fullmatch(text) is not None
