"""An account's links as rows, through the front door: page by page, and into another account."""

import csv
import io
import json
import uuid
from collections.abc import Iterator

from tests.support.people import Creator, Json, ok
from tests.support.stack import Stack


def pages(creator: Creator, export_format: str, limit: int) -> Iterator[str]:
    """Follow the header `Link` from page to page, as any client of web links does."""
    address = f"/urls/export?format={export_format}&limit={limit}"
    while True:
        answer = creator.http.get(address)
        assert answer.status_code == 200, answer.text
        yield answer.text
        if "next" not in answer.links:
            return
        address = answer.links["next"]["url"]


def exported(creator: Creator, limit: int = 1000) -> list[Json]:
    lines = "".join(pages(creator, "jsonl", limit)).splitlines()
    return sorted(map(json.loads, lines), key=lambda row: str(row["id"]))


def test_links_move_to_another_account_as_they_are(stack: Stack) -> None:
    old, new, mark = Creator.sign_up(stack), Creator.sign_up(stack), uuid.uuid4().hex[:8]
    rows = [
        {
            "originalUrl": f"https://example.com/{n}?q=%20",
            "alias": f"-{mark}-{n}",
            "createdAt": f"2020-01-0{n // 2 + 1}T10:00:00Z",
            "importedClicks": n,
            "maxAge": n or None,
            "redirectStatus": (301, 302, 307, 308)[n % 4],
            "passQuery": n % 2 == 0,
            "expiresAt": "2099-01-01T00:00:00Z" if n % 3 else "2021-01-01T00:00:00Z",
        }
        for n in range(7)
    ]
    assert ok(old.http.post("/urls/bulk", json={"links": rows}))["created"] == 7
    before = exported(old, limit=3)
    assert [row["id"] for row in before] == [row["alias"] for row in rows]
    assert [row["totalClicks"] for row in before] == list(range(7))

    # Codes belong to one account for ever, so they get others here; everything else stays.
    names = {row["id"]: f"{row['id']}-new" for row in before}
    moved = [
        {
            **{name: value for name, value in row.items() if name not in {"id", "totalClicks"}},
            "alias": names[row["id"]],
            "importedClicks": row["totalClicks"],
        }
        for row in before
    ]
    assert ok(new.http.post("/urls/bulk", json={"links": moved}))["created"] == 7
    assert exported(new) == [{**row, "id": names[row["id"]]} for row in before]

    text = "".join(pages(old, "csv", 2))
    cells = list(csv.DictReader(io.StringIO(text)))
    assert len(cells) == 7
    assert {cell["id"] for cell in cells} == {f"'{row['id']}" for row in before}


def test_only_ones_own_live_links_are_exported(stack: Stack, stranger: Creator) -> None:
    creator = Creator.sign_up(stack)
    kept, gone = creator.create()["id"], creator.create()["id"]
    assert creator.http.delete(f"/urls/{gone}").status_code == 204
    assert [row["id"] for row in exported(creator)] == [kept]
    assert kept not in {row["id"] for row in exported(stranger)}
