"""A restore writes nothing that was not checked, goes on wherever it ended, and puts nothing twice."""

import json
from collections.abc import Callable
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from botocore.exceptions import ClientError
from cli.tests.support import HANDLED, LEDGER, TABLES, World

from hopcount_cli.ops import restorer
from hopcount_cli.ops.tools import aws_client

EVERY_TABLE = (LEDGER, TABLES.days, TABLES.links, TABLES.users, HANDLED)


@pytest.fixture
def folder(world: World, tmp_path: Path) -> Path:
    """A backup of a world that has lost everything: 3 clicks counted, 4 pending in 4 entries."""
    folder = tmp_path / "backup"
    world.folding = False
    world.add_link("docs", change={"S": "created"})
    world.count(*(world.click("docs") for _ in range(3)))
    for _ in range(4):
        world.journal(world.click("docs"))
    result = world.run("backup", str(folder))
    assert result.exit_code == 0, result.output
    world.lose_everything()
    world.mapping.changes.clear()
    world.mapping.state, world.mapping.then = "Enabled", ""
    return folder


def restore(world: World, folder: Path, *arguments: str, answer: str | None = None) -> Any:
    return world.run("restore", str(folder), *(arguments or ("--yes",)), answer=answer)


def assert_whole(world: World) -> None:
    """Count what was pending, and find every click once and nothing else."""
    world.fold()
    assert world.numbers(TABLES.links, id="docs") == {"clicks": 7}
    assert world.numbers(TABLES.users, userId="ann") == {"totalClicks": 7, "totalLinks": 1}
    assert world.run("verify", "--all").exit_code == 0
    assert {row["pk"]["S"].partition("#")[0] for row in world.rows(LEDGER)} == {"claim", "epochs", "heads"}
    assert world.mapping.changes[-1] is True


def assert_nothing_written(world: World) -> None:
    for table in EVERY_TABLE:
        assert [row for row in world.rows(table) if row.get("pk") != {"S": "heads"}] == [], table


def refused(world: World, folder: Path, why: str) -> None:
    result = restore(world, folder)
    assert result.exit_code == 2, result.output
    assert why in result.stderr.splitlines()[-1]
    assert world.mapping.changes == []


def edit_manifest(folder: Path, **changes: Any) -> None:
    path = folder / "manifest.json"
    path.write_text(json.dumps({**json.loads(path.read_text()), **changes}))


def test_a_restore_says_what_is_left_to_do(world: World, folder: Path) -> None:
    began = world.now
    result = restore(world, folder)
    assert result.exit_code == 0, result.output
    since = f"{began - timedelta(hours=1):%Y-%m-%dT%H:%M}"
    assert f"hopcount ops replay --from {since}" in result.stdout
    assert "Accounts are in Cognito" in result.stderr
    assert_whole(world)


def test_json_says_the_same(world: World, folder: Path) -> None:
    report = json.loads(restore(world, folder, "--yes", "--json").stdout)
    assert (report["stage"], report["fromStage"]) == ("test", "test")
    assert report["items"][TABLES.links] == 1


def test_it_asks_first(world: World, folder: Path) -> None:
    result = restore(world, folder, "--json", answer="n\n")
    assert result.exit_code == 1
    assert "items of stage test as of" in result.stderr
    assert_nothing_written(world)
    assert restore(world, folder, "--json", answer="y\n").exit_code == 0
    assert_whole(world)


def test_a_head_before_its_first_epoch_is_nothing(world: World, folder: Path) -> None:
    world.fold()  # the folder runs every minute, and makes one
    assert [row["pk"]["S"] for row in world.rows(LEDGER)] == ["heads"]
    assert restore(world, folder).exit_code == 0
    assert_whole(world)


@pytest.mark.parametrize("table", EVERY_TABLE)
def test_tables_that_are_not_empty_are_left_alone(world: World, folder: Path, table: str) -> None:
    keys = {
        LEDGER: {"pk": "claim#x#0", "sk": "claim"},
        TABLES.days: {"shortCode": "docs", "date": "2026-01-01"},
        TABLES.links: {"id": "docs"},
        TABLES.users: {"userId": "ann"},
        HANDLED: {"id": "event#x"},
    }
    row = {name: {"S": value} for name, value in keys[table].items()}
    world.dynamodb.put_item(TableName=table, Item=row)
    refused(world, folder, f"not empty: {table}")
    assert world.rows(table) == [row]


def without_manifest(folder: Path) -> str:
    (folder / "manifest.json").unlink()
    return "is no backup: it has no manifest.json"


def of_another_schema(folder: Path) -> str:
    edit_manifest(folder, schema=2)
    return "is of schema version 2, and this version restores 1"


def with_a_broken_manifest(folder: Path) -> str:
    (folder / "manifest.json").write_text('{"format": "hopcount-backup"}')
    return "is not the manifest of a backup"


def damaged(folder: Path) -> str:
    path = folder / "User-0001.jsonl.gz"
    content = bytearray(path.read_bytes())
    content[len(content) // 2] ^= 1
    path.write_bytes(content)
    return "its checksum is another"


def without_a_part(folder: Path) -> str:
    (folder / "DailyStats-0001.jsonl.gz").unlink()
    return "is missing: the backup is not whole"


def leaving_its_folder(folder: Path) -> str:
    parts = json.loads((folder / "manifest.json").read_text())["parts"]
    edit_manifest(folder, parts=[{**part, "file": f"../{part['file']}"} for part in parts])
    return "names files outside of its folder"


def of_a_lost_ledger(folder: Path) -> str:
    edit_manifest(folder, provableSince="2026-01-01T00:00:00Z")
    return "set clicksProvableSince to that"


@pytest.mark.parametrize(
    "spoil",
    [
        without_manifest,
        of_another_schema,
        with_a_broken_manifest,
        damaged,
        without_a_part,
        leaving_its_folder,
        of_a_lost_ledger,
    ],
)
def test_what_is_no_whole_backup_is_not_restored(
    world: World, folder: Path, spoil: Callable[[Path], str]
) -> None:
    refused(world, folder, spoil(folder))
    assert_nothing_written(world)


def test_a_table_that_the_stage_lacks_is_named(world: World, folder: Path) -> None:
    parts = json.loads((folder / "manifest.json").read_text())["parts"]
    edit_manifest(folder, parts=[*parts, {**parts[-1], "table": "Unheard"}])
    refused(world, folder, "stage 'test' has no Unheard")


class Faults:
    """Lets one call to DynamoDB fail: before it is done, or after, so that its answer is lost."""

    def __init__(self, world: World, operation: str, number: int, *, answered: bool) -> None:
        client = world.clients["dynamodb"] = aws_client("dynamodb")
        self._real = getattr(client, operation)
        self._left = number
        self._answered = answered
        setattr(client, operation, self._call)

    def _call(self, **request: Any) -> Any:
        self._left -= 1
        if self._left == 0:
            if not self._answered:
                self._real(**request)
            raise ClientError({"Error": {"Code": "InternalServerError", "Message": "injected"}}, "Call")
        return self._real(**request)


@pytest.mark.parametrize("answered", [True, False])
@pytest.mark.parametrize(
    ("operation", "number"),
    [
        ("batch_write_item", 1),
        ("batch_write_item", 3),
        ("transact_write_items", 1),
        ("transact_write_items", 3),
    ],
)
def test_it_goes_on_where_it_ended(
    world: World,
    folder: Path,
    operation: str,
    number: int,
    answered: bool,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(restorer, "ENTRIES_PER_CALL", 1)
    Faults(world, operation, number, answered=answered)
    result = restore(world, folder)
    assert result.exit_code == 2, result.output
    assert "The restore is not finished" in result.stderr
    assert world.mapping.changes == [False], "what is claimed now could be counted twice"
    world.fold()  # as the schedule makes it
    world.clients["dynamodb"] = aws_client("dynamodb")
    result = restore(world, folder)
    assert result.exit_code == 0, result.output
    assert_whole(world)


def test_an_end_that_cannot_be_noted_is_one_all_the_same(world: World, folder: Path) -> None:
    Faults(world, "delete_item", 1, answered=True)
    assert restore(world, folder).exit_code == 2
    assert world.mapping.changes == [False, True]
    world.clients["dynamodb"] = aws_client("dynamodb")
    assert restore(world, folder).exit_code == 0
    assert_whole(world)


def test_a_half_restored_stage_takes_no_other_backup_and_makes_none(
    world: World, folder: Path, tmp_path: Path
) -> None:
    Faults(world, "transact_write_items", 1, answered=True)
    assert restore(world, folder).exit_code == 2
    world.clients["dynamodb"] = aws_client("dynamodb")
    result = world.run("backup", str(tmp_path / "other"))
    assert "a restore is not finished there: run it again first" in result.stderr
    edit_manifest(folder, id="another")
    result = restore(world, folder)
    assert result.exit_code == 2
    assert "is half restored there" in result.stderr


def test_a_ledger_that_counts_already_is_not_overwritten(
    world: World, folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    real = restorer.RestoreProgress.put_once

    def counted_meanwhile(self: Any, step: str, puts: Any) -> None:
        world.update(LEDGER, {"pk": "heads", "sk": "0"}, "SET #epoch = :epoch", epoch=1)
        real(self, step, puts)

    monkeypatch.setattr(restorer.RestoreProgress, "put_once", counted_meanwhile)
    result = restore(world, folder)
    assert result.exit_code == 2
    assert "somebody counts there already" in result.stderr
