"""Changing a library's files by short anchors that are there exactly once, or the build fails."""

from __future__ import annotations

from tools.build_app.errors import AnchorError


def replace_once(content: bytes, anchor: bytes, replacement: bytes, *, file: str) -> bytes:
    """Put something in the place of an anchor.

    Raises
    ------
    AnchorError
        The anchor is missing, or there more than once.
    """
    require_once(content, anchor, file=file)
    return content.replace(anchor, replacement)


def require_once(content: bytes, anchor: bytes, *, file: str) -> None:
    """Make sure that a file has an anchor exactly once.

    Raises
    ------
    AnchorError
        It has not.
    """
    found = content.count(anchor)
    if found != 1:
        raise AnchorError(
            f"{file}: {anchor.decode(errors='replace')!r} is there {found} times and not once. "
            "flet-web was changed: see tools/build_app/engine.py."
        )
