"""A function that does nothing: it shows what the runtime client imports by itself. It runs in a sandbox."""

import sys


def list_modules(_event: object, _context: object) -> list[str]:
    """Answer with the modules that are imported."""
    return sorted(sys.modules)
