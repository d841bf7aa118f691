"""Write docs/events from the code: `make events`.

The schemas in docs/events/schemas are also the record of what was promised. So this command refuses to
replace one by a schema that readers could not live with, and only ever adds to `digests.json`.
"""

import json
import sys
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from hopcount_shared.events import Envelope
from redirect.events import Event
from tests.contract.pages import index, page
from tests.contract.publishers import published
from tests.contract.rules import rules
from tests.contract.schemas import Schema, breaks, digest, promise, schema_of
from tests.support.stack import ROOT

FOLDER = ROOT / "docs" / "events"
SCHEMAS = FOLDER / "schemas"
GOLDENS = Path(__file__).parent / "golden"
DIGESTS = Path(__file__).parent / "digests.json"
"""What goldens are, and what schemas promised, when they were first recorded. Nothing here ever changes."""


def golden() -> dict[str, Any]:
    """Return every golden event by `<Type>.v<N>`, or `<Type>.v<N>.<more>` where a version has several."""
    return {path.stem: json.loads(path.read_text()) for path in sorted(GOLDENS.glob("*.json"))}


def kind(name: str) -> str:
    """Return `<Type>.v<N>` of a golden event's name."""
    return ".".join(name.split(".")[:2])


def latest() -> dict[str, Envelope[Any] | Event]:
    """Return what publishers publish today, by type and version."""
    return {event.detail_type: event for event in published()}


def schemas() -> dict[str, Schema]:
    """Return the schema of each kind of event that is published today."""
    return {name: schema_of(event) for name, event in sorted(latest().items())}


def recorded_schemas() -> dict[str, Schema]:
    """Return the schemas of every version that was ever published, as they are committed."""
    return {path.stem: json.loads(path.read_text()) for path in sorted(SCHEMAS.glob("*.json"))}


def digests() -> dict[str, dict[str, str]]:
    """Return what was recorded of goldens and promises."""
    recorded: dict[str, dict[str, str]] = json.loads(DIGESTS.read_text())
    return recorded


def files() -> dict[str, str]:
    """Return what belongs into docs/events, by path below it: the schemas and the pages."""
    known = dict(sorted({**recorded_schemas(), **schemas()}.items()))
    goldens, listeners = golden(), list(rules())
    made = {f"schemas/{name}.json": _text(schema) for name, schema in known.items()}
    for name, schema in known.items():
        examples = [event for golden_name, event in goldens.items() if kind(golden_name) == name]
        if examples:
            made[f"{name}.md"] = page(schema, examples[-1], listeners, current=name in latest())
    unpublished = {name: event for name, event in goldens.items() if kind(name) not in known}
    made["README.md"] = index(known, unpublished, listeners)
    return made


def refusals() -> list[str]:
    """Return why the schemas of today cannot replace the recorded ones; nothing if they can."""
    recorded = recorded_schemas()
    return [
        f"{name}: {problem}. Readers of this version would break: publish another version"
        for name, schema in schemas().items()
        if name in recorded
        for problem in breaks(recorded[name], schema)
    ]


def write() -> None:
    """Write all of it, and record what is new."""
    SCHEMAS.mkdir(parents=True, exist_ok=True)
    for path, text in files().items():
        (FOLDER / path).write_text(text)
    for leftover in {*FOLDER.glob("*.md")} - {FOLDER / path for path in files()}:
        leftover.unlink()
    recorded = digests() if DIGESTS.exists() else {"goldens": {}, "promises": {}}
    now = {
        "goldens": {name: digest(event) for name, event in golden().items()},
        "promises": {name: digest(promise(schema)) for name, schema in recorded_schemas().items()},
    }
    DIGESTS.write_text(_text({part: {**now[part], **recorded[part]} for part in now}))


def _text(content: Mapping[str, Any]) -> str:
    return json.dumps(content, indent=2, ensure_ascii=False) + "\n"


def main() -> int:
    """Write docs/events, or say why not; return the exit code."""
    problems = refusals()
    for problem in problems:
        sys.stderr.write(f"{problem}\n")
    if not problems:
        write()
    return bool(problems)


if __name__ == "__main__":
    sys.exit(main())
