"""Links as rows: what they hold, page by page, and that they survive a move."""

import csv
import io
import json
import re
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from typing import Any
from urllib.parse import parse_qsl, urlsplit

import boto3
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from services.links.tests.support import (
    ENVIRONMENT,
    LINKS_TABLE,
    NOW,
    Answer,
    call,
    make_link,
    tables,
)

from links.domain.link import Link
from links.export import ExportFormat, write_rows
from links.handlers import create_links_in_bulk, export_links
from links.repository import DynamoLinkRepository

Rows = list[dict[str, Any]]

FULL = make_link(
    expires_at=NOW + timedelta(days=1),
    redirect_status=302,
    max_age=0,
    pass_query=True,
    clicks=40,
    bot_clicks=9,
    imported_clicks=2,
)
ROW = {
    "id": "abcdefg",
    "originalUrl": "https://example.com/",
    "createdAt": "2026-03-01T12:30:00.000000Z",
    "expiresAt": "2026-03-02T12:30:00.000000Z",
    "redirectStatus": 302,
    "maxAge": 0,
    "passQuery": True,
    "totalClicks": 42,
}
IDS = st.from_regex(r"[A-Za-z0-9_-]{1,64}", fullmatch=True)


class TestRows:
    def test_a_line_of_json_holds_a_link(self) -> None:
        text = write_rows([FULL, make_link(id="plain")], ExportFormat.JSONL, first=True)
        full, plain = text.splitlines()
        assert json.loads(full) == ROW
        unset = {"expiresAt": None, "redirectStatus": 301, "maxAge": None}
        assert json.loads(plain) == {**ROW, **unset, "id": "plain", "passQuery": False, "totalClicks": 0}
        assert list(json.loads(full)) == list(ROW)

    def test_csv_has_a_line_of_names_once(self) -> None:
        first, other = (write_rows([FULL], ExportFormat.CSV, first=first) for first in (True, False))
        assert first.splitlines() == [",".join(ROW), other.strip()]
        assert other.strip() == (
            "abcdefg,https://example.com/,2026-03-01T12:30:00.000000Z,2026-03-02T12:30:00.000000Z,"
            "302,0,true,42"
        )

    def test_no_links_are_no_lines(self) -> None:
        assert write_rows([], ExportFormat.JSONL, first=True) == ""
        assert write_rows([], ExportFormat.CSV, first=True).splitlines() == [",".join(ROW)]

    @given(IDS, st.text(st.characters(min_codepoint=33, max_codepoint=126), max_size=50))
    def test_no_cell_is_a_formula_and_every_cell_can_be_read_back(self, link_id: str, path: str) -> None:
        link = make_link(id=link_id, original_url=f"https://example.com/{path}")
        (row,) = csv.DictReader(io.StringIO(write_rows([link], ExportFormat.CSV, first=True)))
        assert not any(cell.startswith(("=", "+", "-", "@", "\t", "\r")) for cell in row.values())
        assert row["id"].removeprefix("'") == link_id
        assert row["originalUrl"] == link.original_url


def export(**query: Any) -> Answer:
    return call(export_links.handler, "GET", "/urls/export", query=query)


def next_page(answer: Answer) -> dict[str, str] | None:
    """Return the query of the next page, from the header `Link`."""
    if "link" not in answer.headers:
        return None
    found = re.fullmatch(r'<([^>]+)>; rel="next"', answer.headers["link"])
    assert found
    assert urlsplit(found[1]).path == "/urls/export"
    return dict(parse_qsl(urlsplit(found[1]).query))


def pages(**query: Any) -> Iterator[str]:
    following: dict[str, Any] | None = query
    while following is not None:
        answer = export(**following)
        assert answer.status == 200, answer
        yield answer.json or ""
        following = next_page(answer)


def exported(**query: Any) -> Rows:
    return [json.loads(line) for text in pages(**query) for line in text.splitlines()]


def put(links: Sequence[Link]) -> None:
    repository = DynamoLinkRepository(boto3.client("dynamodb"), LINKS_TABLE)
    for link in links:
        assert repository.create_link(link) is None


@pytest.mark.usefixtures("deployed")
class TestFunction:
    @pytest.mark.parametrize("limit", [1, 2, 3, 6, 7, 1000])
    def test_pages_hold_every_live_link_once_whatever_their_size(self, limit: int) -> None:
        # Two of each moment, as an import makes them.
        links = [make_link(id=f"link{n}", created_at=NOW + timedelta(days=n // 2)) for n in range(6)]
        put([*links, make_link(id="gone", deleted_at=NOW), make_link(id="bobs", owner="bob")])
        rows = exported(limit=limit)
        assert sorted(row["id"] for row in rows) == [link.id for link in links]
        moments = [row["createdAt"] for row in rows]
        assert moments == sorted(moments, reverse=True)

    def test_the_names_stand_on_the_first_page_of_csv_alone(self) -> None:
        put([make_link(id=f"link{n}") for n in range(3)])
        texts = list(pages(format="csv", limit=1))
        assert [text.count("originalUrl") for text in texts] == [1, 0, 0]
        assert len(list(csv.DictReader(io.StringIO("".join(texts))))) == 3

    def test_an_answer_says_what_it_is_and_is_not_kept(self) -> None:
        put([make_link()])
        answer = export()
        assert answer.headers["content-type"] == "application/jsonl; charset=utf-8"
        assert answer.headers["cache-control"] == "no-store"
        assert "link" not in answer.headers
        assert export(format="csv").headers["content-type"] == "text/csv; charset=utf-8"

    def test_the_next_page_of_machines_is_theirs_too(self) -> None:
        put([make_link(id="one"), make_link(id="two")])
        answer = call(export_links.handler, "GET", "/v1/urls/export", query={"limit": 1})
        assert answer.headers["link"].startswith("</v1/urls/export?format=jsonl&limit=1&cursor=")

    @pytest.mark.parametrize(
        ("field", "value"),
        [("format", "xml"), ("format", ""), ("limit", 0), ("limit", 1001), ("cursor", "nonsense")],
    )
    def test_a_bad_query_is_named(self, field: str, value: Any) -> None:
        answer = export(**{field: value})
        assert (answer.status, answer.bad_fields) == (422, {field})


def to_import(row: dict[str, Any]) -> dict[str, Any]:
    """Turn an exported row into one of a bulk request, as a client does that moves links."""
    rest = {name: value for name, value in row.items() if name not in {"id", "totalClicks"}}
    return {**rest, "alias": row["id"], "importedClicks": row["totalClicks"]}


def import_all(rows: Rows) -> dict[str, int]:
    body = {"links": [to_import(row) for row in rows]}
    answer = call(create_links_in_bulk.handler, "POST", "/urls/bulk", body=body)
    assert answer.status == 200, answer
    return {name: answer.json[name] for name in ("created", "existing", "failed")}


@contextmanager
def elsewhere(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """Open another installation: an AWS of its own with tables of its own."""
    with monkeypatch.context() as environment:
        for name, value in {**ENVIRONMENT, "CREATION_QUOTA": "1000"}.items():
            environment.setenv(name, value)
        with tables():
            yield


MOMENTS = st.datetimes(datetime(2001, 1, 1), datetime(2026, 1, 1), timezones=st.just(UTC))  # noqa: DTZ001
TARGETS = st.sampled_from(["https://example.com/", "https://xn--nxasmq6b.example/p?q=%20&r=1#f"])
LINKS = st.lists(
    st.builds(
        make_link,
        id=st.from_regex(r"[A-Za-z0-9_-]{1,2}|-[a-z]{3}|[a-z]{10}", fullmatch=True),
        original_url=TARGETS,
        created_at=MOMENTS | st.just(NOW - timedelta(days=400)),
        expires_at=st.none() | MOMENTS | st.just(datetime(2099, 1, 1, tzinfo=UTC)),
        redirect_status=st.sampled_from([None, 301, 302, 307, 308]),
        max_age=st.none() | st.integers(0, 31_536_000),
        pass_query=st.booleans(),
        clicks=st.integers(0, 10**9),
        imported_clicks=st.integers(0, 10**9),
    ),
    unique_by=lambda link: link.id,
    max_size=20,
).map(lambda links: [link for link in links if link.id.lower() not in {"v1", "v2"}])


@settings(max_examples=6)  # each makes the tables of two installations
@given(links=LINKS)
def test_what_is_exported_and_imported_elsewhere_is_exported_as_it_was(links: list[Link]) -> None:
    def by_id(rows: Rows) -> Rows:
        return sorted(rows, key=lambda row: str(row["id"]))

    monkeypatch = pytest.MonkeyPatch()
    with elsewhere(monkeypatch):
        put(links)
        rows = exported(limit=3)
    assert len(rows) == len(links)
    with elsewhere(monkeypatch):
        if rows:
            assert import_all(rows) == {"created": len(rows), "existing": 0, "failed": 0}
            # Twice makes no duplicate.
            assert import_all(rows) == {"created": 0, "existing": len(rows), "failed": 0}
        assert by_id(exported(limit=2)) == by_id(rows)
