"""What is saved while people click is of one moment: restored and replayed, it counts every click once."""

import gzip
import json
import random
import signal
import stat
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from cli.tests.support import HANDLED, LEDGER, TABLES, World

from analytics.domain.clicks import Click
from hopcount_cli.ops import backer
from hopcount_cli.ops.backup_files import Backup


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    return tmp_path / "backup"


@pytest.fixture
def stocked(world: World) -> World:
    """Links alive, deleted and erased, of two users and one who left, counted and pending."""
    for code, owner in (("docs", "ann"), ("blog", "ann"), ("gone", "cy")):
        world.add_link(code, owner, change={"S": "created"}, originalUrl={"S": "https://example.com/ä"})
    world.add_link("shop", owner="bob", change={"S": "updated"})
    world.add_link("trash", owner="deleted#bob", change={"S": "deleted"})
    world.count(*(world.click("docs") for _ in range(70)), world.click("blog", is_bot=True))
    world.count(
        world.click("shop", owner="bob"), world.click("trash", owner="bob"), world.click("gone", "cy")
    )
    world.erase("link", "gone")
    world.erase("user", "cy")
    world.fold()
    world.journal(world.click("docs"))
    world.dynamodb.put_item(TableName=HANDLED, Item={"id": {"S": "event#docs:1"}, "ttl": {"N": "9999999999"}})
    return world


@dataclass
class Traffic:
    """People who click all the time; their clicks wait while the consumer is paused."""

    world: World
    rogue: int = 0
    """How often the consumer works although it is paused."""
    history: list[Click] = field(default_factory=list)
    """The archive: every click that there was."""
    waiting: list[Click] = field(default_factory=list)
    draw: random.Random = field(default_factory=lambda: random.Random(1))  # noqa: S311  no secret

    def happen(self) -> None:
        """Let somebody click, and the consumer and the folder work if they may."""
        code, owner = self.draw.choice([("docs", "ann"), ("blog", "ann"), ("shop", "bob")])
        click = self.world.click(code, owner, is_bot=self.draw.random() < 0.2)
        self.history.append(click)
        self.waiting.append(click)
        working = self.world.mapping.state != "Disabled"
        if working or self.rogue:
            self.rogue -= not working
            self.world.journal(*self.waiting)
            self.waiting.clear()
        self.world.fold()

    def scan(self, dynamodb: Any, table: str, each_page: Callable[[int], None]) -> Iterator[Any]:
        """Scan by small pages, while people click."""
        pages = dynamodb.get_paginator("scan").paginate(
            TableName=table, ConsistentRead=True, PaginationConfig={"PageSize": 2}
        )
        for page in pages:
            each_page(len(page["Items"]))
            yield from page["Items"]
            self.happen()


@pytest.fixture
def traffic(stocked: World, monkeypatch: pytest.MonkeyPatch) -> Traffic:
    traffic = Traffic(stocked)
    monkeypatch.setattr(backer, "scan", traffic.scan)
    return traffic


def saved(world: World, folder: Path) -> dict[str, Any]:
    result = world.run("backup", str(folder), "--json")
    assert result.exit_code == 0, result.output
    manifest: dict[str, Any] = json.loads(result.stdout)
    return manifest


def restored(world: World, folder: Path) -> None:
    result = world.run("restore", str(folder), "--yes")
    assert result.exit_code == 0, result.output


def canonical(row: dict[str, Any]) -> str:
    """Write a row so that equal ones are equal: sets have no order."""
    return str({name: sorted(row[name]["NS"]) if "NS" in row[name] else row[name] for name in sorted(row)})


def is_free(world: World) -> bool:
    heads = [row for row in world.rows(LEDGER) if row["pk"]["S"] == "heads"]
    return not any("leasedUntil" in head for head in heads)


def clicks_of(world: World, code: str) -> int:
    numbers = world.numbers(TABLES.links, id=code)
    return numbers.get("clicks", 0) + numbers.get("botClicks", 0)


def test_a_backup_is_private_and_names_what_it_holds(stocked: World, folder: Path) -> None:
    result = stocked.run("backup", str(folder))
    assert result.exit_code == 0, result.output
    assert f"Saved to {folder}. To count what is not in it" in result.stdout
    assert stat.S_IMODE(folder.stat().st_mode) == 0o700
    assert {stat.S_IMODE(path.stat().st_mode) for path in folder.iterdir()} == {0o600}
    manifest = Backup(folder).manifest
    assert (manifest.stage, manifest.schema) == ("test", 1)
    assert manifest.items == {
        LEDGER: len(stocked.rows(LEDGER)),
        TABLES.days: len(stocked.rows(TABLES.days)),
        TABLES.links: 5,
        TABLES.users: 3,
        HANDLED: 1,
    }
    lines = gzip.decompress((folder / "User-0001.jsonl.gz").read_bytes()).splitlines()
    assert {json.loads(line)["Item"]["userId"]["S"] for line in lines} == {"ann", "bob", "cy"}
    assert is_free(stocked)
    assert not (folder.parent / "backup.partial").exists()


def test_what_is_restored_is_what_was_saved(stocked: World, folder: Path) -> None:
    stocked.folding = False
    before = {table: stocked.rows(table) for table in (LEDGER, TABLES.days, TABLES.links, HANDLED)}
    saved(stocked, folder)
    stocked.lose_everything()
    restored(stocked, folder)
    for row in before[TABLES.links]:
        row["change"] = {"S": "counted"}  # or the outbox would tell everything again
    for table, rows in before.items():
        assert sorted(map(canonical, stocked.rows(table))) == sorted(map(canonical, rows)), table
    rows = [row for row in stocked.rows(TABLES.users) if "erasedAt" not in row]
    totals = {row["userId"]["S"]: row["totalLinks"]["N"] for row in rows}
    assert totals == {"ann": "2", "bob": "1"}, "deleted and erased links are not links that one has"
    stocked.fold()
    assert clicks_of(stocked, "docs") == 71, "what was pending is counted once"
    assert stocked.run("verify", "--all").exit_code == 0


@pytest.mark.parametrize("seed", range(2))
def test_every_click_counts_once_after_a_restore_and_a_replay(
    stocked: World, traffic: Traffic, folder: Path, seed: int
) -> None:
    traffic.draw = random.Random(seed)  # noqa: S311  no secret
    before = {code: clicks_of(stocked, code) + (code == "docs") for code in ("docs", "blog", "shop")}
    for _ in range(seed):
        traffic.happen()
    saved(stocked, folder)
    for _ in range(5):
        traffic.happen()
    stocked.lose_everything()
    restored(stocked, folder)
    for _ in range(2):
        stocked.count(*traffic.history)
    for code, earlier in before.items():
        clicked = sum(click.short_code == code for click in traffic.history)
        assert clicks_of(stocked, code) == earlier + clicked
    proof = stocked.run("verify", "--all")
    assert proof.exit_code == 0, proof.output


def test_the_ledger_is_read_again_if_somebody_claims_meanwhile(
    stocked: World, traffic: Traffic, folder: Path
) -> None:
    traffic.rogue = 1
    before = clicks_of(stocked, "docs") + 1
    result = stocked.run("backup", str(folder))
    assert result.exit_code == 0, result.output
    assert "Reading the ledger again." in result.stderr
    stocked.lose_everything()
    restored(stocked, folder)
    stocked.count(*traffic.history)
    assert clicks_of(stocked, "docs") == before + sum(c.short_code == "docs" for c in traffic.history)


def test_a_consumer_that_cannot_be_kept_out_makes_the_backup_fail(
    stocked: World, traffic: Traffic, folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(backer, "READS", 2)  # each finds more to read than the one before
    traffic.rogue = 10_000
    result = stocked.run("backup", str(folder))
    assert result.exit_code == 2
    assert "clicks are journalled although the consumer is paused" in result.stderr
    assert list(folder.parent.iterdir()) == []
    assert stocked.mapping.changes == [False, True]
    assert is_free(stocked)


def test_without_that_check_clicks_would_be_lost_or_doubled(
    stocked: World, traffic: Traffic, folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    traffic.rogue = 10_000
    monkeypatch.setattr(backer.Backer, "_journalled", lambda _: set())
    before = {code: clicks_of(stocked, code) + (code == "docs") for code in ("docs", "blog", "shop")}
    saved(stocked, folder)
    stocked.lose_everything()
    restored(stocked, folder)
    stocked.count(*traffic.history)
    assert any(
        clicks_of(stocked, code) != earlier + sum(click.short_code == code for click in traffic.history)
        for code, earlier in before.items()
    )


def test_the_consumer_is_paused_for_the_ledger_alone(stocked: World, traffic: Traffic, folder: Path) -> None:
    saved(stocked, folder)
    assert stocked.mapping.changes == [False, True]
    assert traffic.waiting == [], "it works again while the other tables are read"


def test_who_has_paused_the_consumer_stays_in_charge(stocked: World, folder: Path) -> None:
    stocked.mapping.state = "Disabled"
    result = stocked.run("backup", str(folder))
    assert result.exit_code == 0
    assert "was paused before, and stays so. To let it go on: aws lambda update" in result.stderr
    assert stocked.mapping.changes == []


def test_a_consumer_that_does_not_stop_is_told_to_go_on(stocked: World, folder: Path) -> None:
    stocked.mapping.stuck = True
    stocked.folding = False  # it is kept out, and trying takes time
    result = stocked.run("backup", str(folder))
    assert result.exit_code == 2
    assert "CLICKS ARE NOT COUNTED: the consumer is paused. To let it go on: aws lambda" in result.stderr
    assert "the click consumer is still Disabling" in result.stderr
    assert not folder.exists()


def interrupt(*_: Any) -> Iterator[Any]:
    raise KeyboardInterrupt
    yield


def end(*_: Any) -> Iterator[Any]:
    signal.raise_signal(signal.SIGTERM)
    yield


@pytest.mark.parametrize(("way", "code"), [(interrupt, 130), (end, 143)])
def test_half_a_backup_is_none(
    stocked: World, folder: Path, way: Any, code: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(backer, "scan", way)
    assert stocked.run("backup", str(folder)).exit_code == code
    assert list(folder.parent.iterdir()) == []
    assert stocked.mapping.changes == [False, True]
    assert is_free(stocked)


def test_what_a_killed_backup_left_is_replaced_and_its_pause_ended(stocked: World, folder: Path) -> None:
    partial = folder.with_name("backup.partial")
    partial.mkdir()
    (partial / "consumer-is-paused").touch()
    (partial / "User-0001.jsonl.gz").write_bytes(b"half")
    stocked.mapping.state = "Disabled"
    saved(stocked, folder)
    assert stocked.mapping.changes == [True]
    assert not partial.exists()


def test_nothing_is_overwritten(stocked: World, folder: Path) -> None:
    folder.mkdir()
    (folder / "precious").touch()
    result = stocked.run("backup", str(folder))
    assert (result.exit_code, result.stdout) == (2, "")
    assert "there is something already" in result.stderr
    partial = folder.with_name("other.partial")
    partial.mkdir()
    (partial / "precious").touch()
    result = stocked.run("backup", str(folder.with_name("other")))
    assert "there is something that is no part of a backup" in result.stderr
    assert (partial / "precious").exists()
    assert stocked.mapping.changes == []


def test_a_folder_that_cannot_be_made_is_told_in_a_line(stocked: World, tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    result = stocked.run("backup", str(tmp_path / "file" / "backup"))
    assert (result.exit_code, result.stdout) == (2, "")
    assert "Not a directory" in result.stderr
    assert stocked.mapping.changes in ([], [False, True])


def test_a_ledger_of_another_time_is_not_saved(stocked: World, folder: Path) -> None:
    key = {"shortCode": {"S": "#ledger"}, "date": {"S": "lost"}}
    stocked.dynamodb.put_item(TableName=TABLES.days, Item={**key, "epoch": {"S": "7.x"}})
    result = stocked.run("backup", str(folder))
    assert result.exit_code == 2
    assert "ledger and counters are not of the same time" in result.stderr
    assert not folder.exists()


@pytest.mark.parametrize(
    ("waits", "known", "earlier"),
    [
        (False, None, timedelta(hours=1)),
        (True, None, timedelta(days=14, hours=1)),
        (True, 600, timedelta(hours=1, minutes=10)),
    ],
)
def test_a_replay_begins_before_the_oldest_click_that_waits(
    stocked: World, folder: Path, waits: bool, known: int | None, earlier: timedelta
) -> None:
    now = stocked.now
    if waits:
        stocked.put("click-queue", "a")
    if known:
        stocked.client("cloudwatch").put_metric_data(
            Namespace="AWS/SQS",
            MetricData=[
                {
                    "MetricName": "ApproximateAgeOfOldestMessage",
                    "Dimensions": [{"Name": "QueueName", "Value": "clicks"}],
                    "Timestamp": now - timedelta(minutes=2),
                    "Value": known,
                }
            ],
        )
    assert saved(stocked, folder)["replayFrom"].startswith(f"{now - earlier:%Y-%m-%dT%H:%M:%S}")
