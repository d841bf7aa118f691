"""The documents that were released: what clients out there were written for."""

import json
from pathlib import Path

from tools.openapi.schemas import Json
from tools.templates import ROOT

RELEASED = ROOT / "docs" / "openapi" / "released"


def newest(folder: Path = RELEASED) -> Json | None:
    """Return the document that was released last, or None before the first."""
    documents: list[Json] = [json.loads(path.read_text()) for path in folder.glob("*.json")]
    return max(documents, key=_version, default=None)


def released_path(document: Json, folder: Path = RELEASED) -> Path:
    """Return where a document is kept once it is released."""
    return folder / f"{document['info']['version']}.json"


def major(document: Json) -> int:
    """Return the number that a change which breaks clients raises."""
    return _version(document)[0]


def _version(document: Json) -> tuple[int, ...]:
    return tuple(int(part) for part in document["info"]["version"].split("."))
