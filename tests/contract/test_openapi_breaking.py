"""What breaks clients is found between two documents, what breaks nobody is not; the command acts on it."""

import copy
import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from tools.openapi import __main__ as command
from tools.openapi import releases
from tools.openapi.breaking import breaking_changes
from tools.openapi.document import write

from tests.support.stack import ROOT

Json = dict[str, Any]
DOCUMENT: Json = json.loads((ROOT / "docs" / "openapi.json").read_text())

LINK = ("components", "schemas", "LinkView")
BODY = ("components", "schemas", "CreateLinkBody")
UPDATE = ("components", "schemas", "UpdateLinkBody")
LIST = ("paths", "/urls", "get")
CREATE = ("paths", "/urls", "post")


def at(document: Json, *path: str) -> Any:
    for part in path:
        document = document[part]
    return document


def parameter(document: Json, name: str) -> Any:
    return next(p for p in at(document, *LIST)["parameters"] if p["name"] == name)


BREAKING: dict[str, tuple[str, Callable[[Json], Any]]] = {
    "a path is gone": ("GET /urls: removed", lambda d: d["paths"].pop("/urls")),
    "an operation is gone": ("POST /urls: removed", lambda d: d["paths"]["/urls"].pop("post")),
    "an operation is renamed": ("operationId", lambda d: at(d, *LIST).update(operationId="other")),
    "a field of an answer is gone": (".clicks: removed", lambda d: drop_field(at(d, *LINK), "clicks")),
    "a field may be missing": (
        ".clicks: no longer always there",
        lambda d: at(d, *LINK)["required"].remove("clicks"),
    ),
    "a field changes its type": (
        ".clicks: type changed",
        lambda d: at(d, *LINK, "properties", "clicks").update(type="string"),
    ),
    "a field may be null": (
        ".shortUrl: type changed",
        lambda d: at(d, *LINK, "properties").update(
            shortUrl={"anyOf": [{"type": "string", "format": "uri"}, {"type": "null"}]}
        ),
    ),
    "a field has new values": (
        "GET /urls/{id} -> 200.redirectStatus: other values",
        lambda d: at(d, *LINK, "properties", "redirectStatus", "enum").append(303),
    ),
    "a status is gone": ("POST /urls -> 201: removed", lambda d: at(d, *CREATE, "responses").pop("201")),
    "a media type is gone": (
        "text/csv removed",
        lambda d: at(d, "paths", "/stats", "get", "responses", "200", "content").pop("text/csv"),
    ),
    "a header is gone": (
        "header ETag removed",
        lambda d: at(d, *CREATE, "responses", "201", "headers").pop("ETag"),
    ),
    "a body needs a new field": (
        "body.note: now required",
        lambda d: add_field(at(d, *BODY), "note", {"type": "string"}),
    ),
    "a body needs a field that it had": (
        "body.alias: now required",
        lambda d: at(d, *BODY)["required"].append("alias"),
    ),
    "a body lacks a field": ("body.alias: removed", lambda d: drop_field(at(d, *BODY), "alias")),
    "a body takes fewer values": (
        "PATCH /urls/{id}, body.redirectStatus: other values",
        lambda d: at(d, *UPDATE, "properties", "redirectStatus", "enum").remove(308),
    ),
    "a body takes shorter texts": (
        "body.originalUrl: maxLength changed",
        lambda d: at(d, *BODY, "properties", "originalUrl").update(maxLength=100),
    ),
    "a body takes another format": (
        "body.originalUrl: pattern changed",
        lambda d: at(d, *BODY, "properties", "originalUrl").update(pattern="^https://"),
    ),
    "a body's field takes no null": (
        "body.maxAge",
        lambda d: at(d, *BODY, "properties").update(maxAge={"type": "integer", "minimum": 0}),
    ),
    "a body in another media type": (
        "application/json no longer taken",
        lambda d: at(d, *CREATE, "requestBody", "content").update(
            {"text/xml": at(d, *CREATE, "requestBody", "content").pop("application/json")}
        ),
    ),
    "a parameter is gone": (
        "query parameter q: removed",
        lambda d: at(d, *LIST)["parameters"].remove(parameter(d, "q")),
    ),
    "a parameter is needed": (
        "query parameter q: now required",
        lambda d: parameter(d, "q").update(required=True),
    ),
    "a parameter takes less": (
        "query parameter limit: maximum changed",
        lambda d: parameter(d, "limit")["schema"].update(maximum=50),
    ),
    "a parameter changes its type": (
        "query parameter q: type changed",
        lambda d: parameter(d, "q")["schema"].update(type="integer"),
    ),
    "others may ask": ("no longer answers to", lambda d: at(d, *LIST).update(security=[{"apiKey": []}])),
    "not everybody may ask any more": (
        "GET /health: no longer answers to everybody",
        lambda d: d["paths"]["/health"]["get"].update(security=[{"userToken": []}]),
    ),
}

HARMLESS: dict[str, Callable[[Json], Any]] = {
    "nothing": lambda d: None,
    "a new path": lambda d: d["paths"].update({"/new": copy.deepcopy(d["paths"]["/health"])}),
    "a new field in an answer": lambda d: add_field(at(d, *LINK), "note", {"type": "string"}),
    "a new field that a body may have": lambda d: at(d, *BODY, "properties").update(note={"type": "string"}),
    "a body that takes more": lambda d: at(d, *BODY, "properties", "originalUrl").update(maxLength=9_999),
    "a new value that a body may have": (
        lambda d: (
            at(d, *UPDATE, "properties", "redirectStatus").update(enum=[301, 302, 303, 307, 308])
            or at(d, *LINK, "properties").update(
                redirectStatus={"type": "integer", "enum": [301, 302, 307, 308]}
            )
        )
    ),
    "a new parameter": lambda d: at(d, *LIST)["parameters"].append(
        {"name": "sort", "in": "query", "schema": {"type": "string"}}
    ),
    "a further refusal": lambda d: at(d, *LIST, "responses").update({"451": {"description": "No."}}),
    "other words": lambda d: at(d, *LIST).update(summary="Other", description="Words", tags=["x"]),
}


def drop_field(schema: Json, name: str) -> None:
    del schema["properties"][name]
    schema["required"] = [field for field in schema["required"] if field != name]


def add_field(schema: Json, name: str, field: Json) -> None:
    schema["properties"][name] = field
    schema["required"] = [*schema["required"], name]


@pytest.mark.parametrize("change", BREAKING)
def test_a_change_that_breaks_clients_is_found(change: str) -> None:
    expected, do = BREAKING[change]
    new = copy.deepcopy(DOCUMENT)
    do(new)
    found = breaking_changes(DOCUMENT, new)
    assert any(expected in line for line in found), found


@pytest.mark.parametrize("change", HARMLESS)
def test_a_change_that_breaks_nobody_is_let_through(change: str) -> None:
    new = copy.deepcopy(DOCUMENT)
    HARMLESS[change](new)
    assert breaking_changes(DOCUMENT, new) == []


def test_no_released_client_is_broken() -> None:
    released = releases.newest()
    assert released, "docs/openapi/released holds no document"
    if releases.major(released) == releases.major(DOCUMENT):
        assert breaking_changes(released, DOCUMENT) == []


class TestTheCommand:
    @pytest.fixture
    def code(self, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Json:
        """What the code says: this document, unless a test changes it; in a folder of its own."""
        document = copy.deepcopy(DOCUMENT)
        (tmp_path / "docs" / "openapi" / "released").mkdir(parents=True)
        released = tmp_path / "docs" / "openapi" / "released"
        monkeypatch.setattr(command, "ROOT", tmp_path)
        monkeypatch.setattr(command, "build", lambda: document)
        monkeypatch.setattr(command, "newest", lambda: releases.newest(released))
        monkeypatch.setattr(command, "released_path", lambda d: releases.released_path(d, released))
        return document

    def run(self, monkeypatch: pytest.MonkeyPatch, do: str) -> int:
        monkeypatch.setattr("sys.argv", ["openapi", do])
        return command.main()

    def test_what_was_written_is_current(self, code: Json, monkeypatch: pytest.MonkeyPatch) -> None:
        assert self.run(monkeypatch, "write") == 0
        assert self.run(monkeypatch, "check") == 0

    def test_what_is_old_fails(
        self, code: Json, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
    ) -> None:
        assert self.run(monkeypatch, "write") == 0
        code["info"]["title"] = "Other"
        assert self.run(monkeypatch, "check") == 1
        assert "make openapi" in capsys.readouterr().err

    def test_what_breaks_the_released_fails_until_the_major_version_is_raised(
        self, code: Json, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
    ) -> None:
        assert self.run(monkeypatch, "write") == 0
        assert self.run(monkeypatch, "release") == 0
        del code["paths"]["/urls"]
        assert self.run(monkeypatch, "write") == 0
        assert self.run(monkeypatch, "check") == 1
        assert "GET /urls: removed" in capsys.readouterr().err
        code["info"]["version"] = "2.0.0"
        assert self.run(monkeypatch, "write") == 0
        assert self.run(monkeypatch, "check") == 0

    def test_what_is_released_is_not_written_over(
        self, code: Json, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
    ) -> None:
        assert self.run(monkeypatch, "write") == 0
        assert self.run(monkeypatch, "release") == 0
        assert self.run(monkeypatch, "release") == 0, "the same again is no harm"
        code["info"]["title"] = "Other"
        assert self.run(monkeypatch, "write") == 0
        assert self.run(monkeypatch, "release") == 1
        assert "was released" in capsys.readouterr().err


def test_the_newest_is_the_one_with_the_greatest_version(tmp_path: Path) -> None:
    assert releases.newest(tmp_path) is None
    for version in ("1.9.0", "1.10.0", "1.2.3"):
        document = {"info": {"version": version}}
        releases.released_path(document, tmp_path).write_text(write(document))
    newest = releases.newest(tmp_path)
    assert newest == {"info": {"version": "1.10.0"}}
