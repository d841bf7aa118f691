"""Drift is found and mended while the engine counts, and whatever is no drift is left alone."""

import json
from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from cli.tests.support import LEDGER, TABLES, World, world_in_moto

from analytics.counting.claim import shard_of
from analytics.counting.journal import Entry, Epoch, EpochId
from hopcount_cli.ops.tools import aws_client
from hopcount_shared.times import to_iso


@pytest.fixture
def counted(world: World) -> World:
    """A few links of two users, with people and machines on several days."""
    world.add_link("docs")
    world.add_link("blog")
    world.add_link("shop", owner="bob")
    world.count(*(world.click("docs") for _ in range(5)), world.click("docs", is_bot=True))
    world.count(world.click("blog", days_ago=1), world.click("shop", owner="bob", days_ago=130))
    world.count(*(world.click("docs", days_ago=2) for _ in range(3)))
    return world


def today(world: World) -> str:
    return f"{world.now:%Y-%m-%d}"


def damage_day(world: World, **changes: int) -> None:
    """Add to counters of today's row of `docs`."""
    additions = ", ".join(f"#{name} :{name}" for name in changes)
    world.update(TABLES.days, {"shortCode": "docs", "date": today(world)}, f"ADD {additions}", **changes)


def damage_link(world: World, clicks: int) -> None:
    world.update(TABLES.links, {"id": "docs"}, "ADD #clicks :clicks", clicks=clicks)


def lose_day(world: World) -> None:
    key = {"shortCode": {"S": "docs"}, "date": {"S": today(world)}}
    world.dynamodb.delete_item(TableName=TABLES.days, Key=key)


def verify_json(world: World, *arguments: str) -> tuple[int, dict[str, Any]]:
    result = world.run("verify", "--json", *arguments)
    assert result.exit_code in {0, 1}, result.output
    report: dict[str, Any] = json.loads(result.stdout)
    return result.exit_code, report


def drifting(world: World, *arguments: str) -> list[tuple[Any, ...]]:
    """Return what `verify` reports: kind, id, counter, expected, found."""
    code, report = verify_json(world, *(arguments or ("--all",)))
    assert code == bool(report["drift"])
    return [(d["kind"], d["id"], d["counter"], d["expected"], d["found"]) for d in report["drift"]]


def is_free(world: World) -> bool:
    heads = [row for row in world.rows(LEDGER) if row["pk"]["S"] == "heads"]
    return not any("leasedUntil" in head for head in heads)


class TestVerify:
    def test_exact_counters_do_not_drift(self, counted: World) -> None:
        result = counted.run("verify", "--all")
        assert result.exit_code == 0, result.output
        since = f"{counted.now - timedelta(days=119):%Y-%m-%d}"
        assert result.stdout == (
            "Nothing drifts. Compared 3 epochs, 4 days, 3 links and 2 users; "
            f"clicks are proved from {since} on.\n"
        )

    def test_nothing_was_ever_counted(self, world: World) -> None:
        assert world.run("verify", "--all").exit_code == 0
        world.add_link("docs")
        assert world.run("verify", "--link", "docs").exit_code == 0

    def test_each_wrong_counter_is_a_row(self, counted: World) -> None:
        damage_day(counted, h00=1)
        damage_link(counted, -2)
        counted.update(TABLES.users, {"userId": "bob"}, "ADD #totalClicks :totalClicks", totalClicks=7)
        result = counted.run("verify", "--all")
        assert result.exit_code == 1, result.output
        rows = [
            line
            for line in result.stdout.splitlines()
            if any(kind in line for kind in ("day", "link", "user"))
        ]
        assert "link docs" in rows[1]
        assert [f"day docs {today(counted)}" in row for row in rows[:1]] == [True]
        assert "user bob" in rows[2]
        assert "+7" in rows[2]
        assert "3 counters drift." in result.stdout
        assert is_free(counted)

    def test_json_says_the_same(self, counted: World) -> None:
        damage_link(counted, -2)
        code, report = verify_json(counted, "--all")
        assert code == 1
        drift = {"kind": "link", "id": "docs", "day": None, "counter": "clicks", "expected": 8, "found": 6}
        assert report["drift"] == [drift]
        assert report["compared"] == {"epochs": 3, "days": 4, "links": 3, "users": 2}
        assert report["ledgerMismatches"] == report["repaired"] == []

    def test_a_lost_day_is_expected_as_the_epochs_have_it(self, counted: World) -> None:
        lose_day(counted)
        drifts = drifting(counted)
        assert ("day", "docs", "clicks", 5, 0) in drifts
        assert ("day", "docs", "c:CH", 5, 0) in drifts
        assert {kind for kind, *_ in drifts} == {"day"}

    def test_a_day_that_nothing_proves_has_but_to_add_up(self, counted: World) -> None:
        day = f"{counted.now - timedelta(days=130):%Y-%m-%d}"
        key = {"shortCode": "shop", "date": day}
        counted.update(TABLES.days, key, "ADD #clicks :clicks", clicks=1)
        assert drifting(counted) == [("day", "shop", "clicks", 1, 2)]

    def test_what_is_pending_is_no_drift(self, counted: World) -> None:
        counted.journal(counted.click("docs"))
        counted.folding = False
        assert drifting(counted) == []

    def test_clicks_of_links_that_are_not_there_are_no_drift(self, counted: World) -> None:
        counted.count(counted.click("nosuch"), counted.click("docs"))
        assert drifting(counted) == []

    def test_a_deleted_link_still_counts_for_its_owner(self, counted: World) -> None:
        row = {
            "id": {"S": "docs"},
            "userId": {"S": "deleted#ann"},
            "clicks": {"N": "8"},
            "botClicks": {"N": "1"},
        }
        counted.dynamodb.put_item(TableName=TABLES.links, Item={**row, "createdAt": {"S": "x"}})
        assert drifting(counted) == []
        assert drifting(counted, "--user", "ann") == []

    def test_the_erased_are_passed_over(self, counted: World) -> None:
        counted.erase("link", "docs")
        counted.erase("user", "ann")
        counted.fold()
        assert drifting(counted) == []
        assert drifting(counted, "--link", "docs") == []
        assert drifting(counted, "--user", "ann") == []

    def test_repairs_of_the_past_are_no_clicks(self, counted: World) -> None:
        lose_day(counted)
        assert counted.run("verify", "--all", "--repair", "--yes").exit_code == 0
        assert drifting(counted) == []


class TestScopes:
    def test_one_link(self, counted: World) -> None:
        damage_link(counted, 1)
        assert drifting(counted, "--link", "blog") == []
        assert drifting(counted, "--link", "docs") == [("link", "docs", "clicks", 8, 9)]

    def test_one_user_with_all_their_links(self, counted: World) -> None:
        damage_link(counted, 1)
        assert drifting(counted, "--user", "bob") == []
        assert drifting(counted, "--user", "ann") == [("link", "docs", "clicks", 8, 9)]
        counted.dynamodb.delete_item(TableName=TABLES.users, Key={"userId": {"S": "bob"}})
        assert drifting(counted, "--user", "bob") == [("user", "bob", "totalClicks", 1, 0)]
        assert ("user", "bob", "totalClicks", 1, 0) in drifting(counted)


def on_call(
    world: World, operation: str, wanted: Callable[[Any], bool], *actions: Callable[[], None]
) -> None:
    """Do something at each of the first calls of an operation that are wanted."""
    left = list(actions)

    def act(params: Any, **_: Any) -> None:
        if left and wanted(params):
            left.pop(0)()

    world.clients["dynamodb"] = aws_client("dynamodb")
    world.clients["dynamodb"].meta.events.register(f"provide-client-params.dynamodb.{operation}", act)


class TestLiveTraffic:
    def test_what_only_moved_meanwhile_is_no_drift(self, counted: World) -> None:
        on_call(
            counted,
            "Scan",
            lambda request: request["TableName"] == TABLES.users,
            lambda: counted.count(counted.click("docs")),
        )
        assert drifting(counted) == []

    def test_what_moves_at_every_look_is_seen_when_folders_are_kept_out(self, counted: World) -> None:
        def is_user(request: Any) -> bool:
            return bool(request["TableName"] == TABLES.users)

        def click() -> None:
            counted.count(counted.click("docs"))

        on_call(counted, "Scan", is_user, click)
        on_scan = counted.clients["dynamodb"]
        left = [click] * 20
        on_scan.meta.events.register(
            "provide-client-params.dynamodb.GetItem",
            lambda params, **_: left.pop()() if left and is_user(params) else None,
        )
        damage_link(counted, 5)
        (drift,) = drifting(counted)
        assert drift[:3] == ("link", "docs", "clicks")
        assert drift[4] - drift[3] == 5
        counted.fold()
        assert drifting(counted, "--link", "blog") == []

    def test_an_epoch_that_is_being_folded_is_waited_for(self, counted: World) -> None:
        leave_an_epoch_open(counted)
        damage_link(counted, 1)
        assert drifting(counted) == [("link", "docs", "clicks", 9, 10)]
        assert is_free(counted)

    def test_a_folder_that_never_comes_is_not_waited_for_for_ever(
        self, counted: World, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setattr("hopcount_cli.ops.standstill.PATIENCE", timedelta(seconds=15))
        leave_an_epoch_open(counted)
        damage_link(counted, 1)
        counted.folding = False
        result = counted.run("verify", "--all")
        assert result.exit_code == 2
        assert "shard 0 is still not folded after 15 s" in result.stderr
        assert counted.bodies("fold-queue"), "nobody woke the folder"

    def test_folders_that_were_turned_away_are_told_when_it_is_over(self, counted: World) -> None:
        damage_link(counted, 1)
        drifting(counted)
        assert is_free(counted)
        assert counted.bodies("fold-queue") == ["{}"]

    def test_a_lease_that_ran_out_meanwhile_is_noticed(self, counted: World) -> None:
        damage_link(counted, 1)

        def dawdle() -> None:
            counted.now += timedelta(minutes=5)
            counted.count(counted.click("docs"))

        # The last look reads the link while folders are kept out.
        reads = [lambda: None] * 2 + [dawdle]
        on_call(counted, "GetItem", lambda request: request["TableName"] == TABLES.links, *reads)
        result = counted.run("verify", "--all")
        assert result.exit_code == 2, result.output
        assert "counting went on while the counters were read" in result.stderr


def leave_an_epoch_open(world: World) -> None:
    """Die as a folder that has just opened an epoch."""
    world.journal(world.click("docs"))
    head, (pending,) = world.ledger.head(0), world.ledger.pending(0)
    this = EpochId(head.epoch.incarnation, head.epoch.number + 1, "dead")
    epoch = Epoch(this, pending.stored, [pending.key], world.now, head.epoch)
    world.ledger.open_epoch(head, epoch, world.now, world.now + timedelta(seconds=1))


class TestRepair:
    @pytest.mark.parametrize(
        "damage",
        [
            lose_day,
            lambda world: damage_day(world, h13=3, clicks=3),
            lambda world: damage_day(world, clicks=-2),
            lambda world: damage_day(world, b05=1, botClicks=1),
            lambda world: damage_link(world, -8),
            lambda world: world.dynamodb.delete_item(TableName=TABLES.users, Key={"userId": {"S": "ann"}}),
            lambda world: world.update(
                TABLES.users, {"userId": "bob"}, "SET #totalClicks = :totalClicks", totalClicks=99
            ),
        ],
    )
    def test_counters_become_what_they_were(self, counted: World, damage: Callable[[World], None]) -> None:
        truth = counted.counted()
        damage(counted)
        result = counted.run("verify", "--all", "--repair", "--yes")
        assert result.exit_code == 0, result.output
        assert result.stdout.splitlines()[-1].startswith("Nothing drifts.")
        assert counted.counted() == truth
        counted.count(counted.click("docs"))
        assert drifting(counted) == []

    def test_it_asks_first(self, counted: World) -> None:
        damage_link(counted, 1)
        damaged = counted.counted()
        refused = counted.run("verify", "--all", "--repair", answer="n\n")
        assert refused.exit_code == 1
        assert "Mend 1 counters?" in refused.stderr
        assert counted.counted() == damaged
        assert counted.run("verify", "--all", "--repair").exit_code == 1, "nobody answered"
        assert counted.counted() == damaged
        accepted = counted.run("verify", "--all", "--repair", answer="y\n")
        assert accepted.exit_code == 0, accepted.output
        assert counted.numbers(TABLES.links, id="docs")["clicks"] == 8

    def test_json_says_what_was_mended(self, counted: World) -> None:
        damage_link(counted, 1)
        code, report = verify_json(counted, "--all", "--repair", "--yes")
        assert (code, report["drift"]) == (0, [])
        assert [drift["id"] for drift in report["repaired"]] == ["docs"]

    def test_clicks_that_come_meanwhile_are_counted_too(self, counted: World) -> None:
        lose_day(counted)
        counted.journal(counted.click("docs"))
        counted.on_wait = [lambda: counted.journal(counted.click("docs"))]
        assert counted.run("verify", "--all", "--repair", "--yes").exit_code == 0
        counted.fold()
        assert counted.numbers(TABLES.links, id="docs")["clicks"] == 10
        assert drifting(counted) == []

    def test_a_repair_that_is_on_its_way_is_not_made_twice(self, counted: World) -> None:
        truth = counted.counted()
        damage_link(counted, 3)
        counted.folding = False
        result = counted.run("verify", "--all", "--repair", "--yes")
        assert result.exit_code == 2
        assert "journalled, but not folded yet" in result.stderr
        assert counted.run("verify", "--all", "--repair", "--yes").exit_code == 0
        counted.fold()
        assert counted.counted() == truth

    def test_what_changes_while_somebody_decides_is_shown_again(self, counted: World) -> None:
        truth = counted.counted()
        damage_link(counted, 1)

        def is_head(request: Any) -> bool:
            return bool(request["TableName"] == LEDGER and request["Key"]["pk"]["S"] == "heads")

        def is_taken(request: Any) -> bool:
            return is_head(request) and "folded" in request.get("ConditionExpression", "")

        on_call(counted, "UpdateItem", is_taken, lambda: None, lambda: damage_link(counted, 1))
        result = counted.run("verify", "--all", "--repair", "--yes")
        assert result.exit_code == 0, result.output
        assert "have changed meanwhile" in result.stderr
        assert counted.counted() == truth

    def test_many_rows_are_mended_by_several_entries(
        self, counted: World, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setattr("hopcount_cli.ops.auditor.ROWS_PER_ENTRY", 1)
        truth = counted.counted()
        lose_day(counted)
        damage_link(counted, 1)
        assert counted.run("verify", "--all", "--repair", "--yes").exit_code == 0
        assert counted.counted() == truth


def test_several_shards_are_held_and_mended() -> None:
    with world_in_moto(shards=3) as world:
        for code in ("docs", "blog", "shop", "wiki", "news"):
            world.add_link(code)
            world.count(world.click(code), world.click(code))
        truth = world.counted()
        for code in ("docs", "shop", "news"):
            world.update(TABLES.links, {"id": code}, "ADD #clicks :clicks", clicks=1)
        world.update(TABLES.users, {"userId": "ann"}, "ADD #totalClicks :totalClicks", totalClicks=1)
        assert len(drifting(world)) == 4
        assert world.run("verify", "--all", "--repair", "--yes").exit_code == 0
        assert world.counted() == truth
        assert is_free(world)


def snapshot(
    world: World, table: str, kept: Callable[[dict[str, Any]], bool] = lambda row: True
) -> Callable[[], None]:
    """Copy a table, or some of its rows; return what restores the copy."""
    copy = [row for row in world.rows(table) if kept(row)]
    keys = {LEDGER: ("pk", "sk"), TABLES.days: ("shortCode", "date")}[table]

    def restore() -> None:
        for row in world.rows(table):
            world.dynamodb.delete_item(TableName=table, Key={key: row[key] for key in keys})
        for row in copy:
            world.dynamodb.put_item(TableName=table, Item=row)

    return restore


class TestLedgerMismatch:
    @pytest.fixture
    def clicks(self, counted: World) -> list[Any]:
        """Clicks that are counted after the copy was made."""
        return [counted.click("docs") for _ in range(4)]

    @pytest.fixture(params=[0, 1, 2])
    def restored(self, request: pytest.FixtureRequest, counted: World, clicks: list[Any]) -> World:
        """A ledger from before two epochs; nothing, or one click, or more was journalled since."""
        restore = snapshot(counted, LEDGER)
        counted.count(*clicks[:2])
        counted.count(*clicks[2:])
        restore()
        for _ in range(request.param):
            counted.count(counted.click("blog"))
        return counted

    def test_it_is_told_loudly(self, restored: World) -> None:
        result = restored.run("verify", "--all")
        assert result.exit_code == 1, result.output
        assert "LEDGER MISMATCH: shard 0 is at epoch" in result.stderr
        code, report = verify_json(restored, "--all")
        assert code == 1
        assert [mismatch["shard"] for mismatch in report["ledgerMismatches"]] == [0]
        assert {drift["id"] for drift in report["drift"]} == {"docs", "ann"}, (
            "clicks on blog wait, and are no drift"
        )

    def test_after_a_repair_and_a_replay_everything_is_counted_once(
        self, restored: World, clicks: list[Any]
    ) -> None:
        result = restored.run("verify", "--all", "--repair", "--yes")
        assert result.exit_code == 0, result.output
        assert "Counting goes on." in result.stderr
        restored.count(*clicks)
        assert restored.numbers(TABLES.links, id="docs")["clicks"] == 12
        assert restored.run("verify", "--all").exit_code == 0
        blog = restored.numbers(TABLES.links, id="blog")["clicks"]
        assert restored.sequence == 12 + blog + 1 + 1, "docs, blog, shop, and a machine"

    def test_a_replay_may_come_first(self, restored: World, clicks: list[Any]) -> None:
        restored.journal(*clicks)
        assert restored.run("verify", "--all", "--repair", "--yes").exit_code == 0
        restored.fold()
        assert restored.numbers(TABLES.links, id="docs")["clicks"] == 12
        assert restored.run("verify", "--all").exit_code == 0

    def test_it_asks_first(self, restored: World) -> None:
        before = restored.rows(LEDGER)
        result = restored.run("verify", "--all", "--repair", answer="n\nn\n")
        assert result.exit_code == 1
        assert "Count on with this ledger?" in result.stderr
        assert restored.rows(LEDGER) == before or not is_free(restored)

    def test_counters_that_were_restored_are_brought_up_to_the_ledger(
        self, counted: World, clicks: list[Any]
    ) -> None:
        restore = snapshot(counted, TABLES.days)
        counted.count(*clicks[:2])
        counted.count(*clicks[2:])
        truth = counted.counted()
        restore()
        counted.count(counted.click("blog"))
        assert not counted.ledger.head(0).folded, "it was opened before anybody noticed"
        code, report = verify_json(counted, "--all")
        assert code == 1
        assert {drift["id"] for drift in report["drift"]} == {"docs"}, (
            "the click on blog waits, and is no drift"
        )
        assert counted.run("verify", "--all", "--repair", "--yes").exit_code == 0
        counted.fold()
        assert counted.numbers(TABLES.links, id="blog") == {"clicks": 2}
        assert counted.counted()[TABLES.links][1:] == truth[TABLES.links][1:]
        assert counted.numbers(TABLES.days, shortCode="docs", date=today(counted))["clicks"] == 9
        counted.count(counted.click("docs"))
        assert counted.run("verify", "--all").exit_code == 0

    def test_an_epoch_that_is_only_begun_is_no_mismatch(self, counted: World) -> None:
        leave_an_epoch_open(counted)
        assert verify_json(counted, "--all")[1]["ledgerMismatches"] == []

    def test_a_shard_that_the_copy_does_not_know_is_taken_back_too(self) -> None:
        with world_in_moto(shards=2) as world:
            codes = {shard_of(code, 2): code for code in ("docs", "blog", "shop", "wiki")}
            for code in codes.values():
                world.add_link(code)
            world.count(world.click(codes[0]))
            restore = snapshot(world, LEDGER, lambda row: row["sk"]["S"] != "1")
            clicks = [world.click(codes[1]), world.click(codes[0])]
            world.count(*clicks)
            truth = world.counted()
            restore()
            result = world.run("verify", "--all")
            assert result.exit_code == 1
            assert "unknown to the ledger" in result.stderr
            assert world.run("verify", "--all", "--repair", "--yes").exit_code == 0
            world.count(*clicks)
            assert world.counted()[TABLES.links] == truth[TABLES.links]
            assert world.run("verify", "--all").exit_code == 0


class TestLostLedger:
    @pytest.fixture
    def lost(self, counted: World) -> World:
        snapshot(counted, LEDGER, lambda row: False)()
        counted.count(counted.click("blog"))
        return counted

    def test_it_is_told_and_not_mended_while_clicks_could_count_twice(self, lost: World) -> None:
        before = lost.counted()
        result = lost.run("verify", "--all", "--repair", "--yes")
        assert result.exit_code == 2
        assert "unknown to the ledger" in result.stderr
        assert "set clicksProvableSince" in result.stderr
        lost.fold()
        assert lost.counted() == before

    def test_what_it_counted_is_taken_at_its_word_once_it_is_said_since_when_claims_are_kept(
        self, lost: World
    ) -> None:
        before = lost.numbers(TABLES.links, id="docs")
        lost.export({"analytics/clicks-provable-since": to_iso(lost.now - timedelta(minutes=1))})
        assert lost.run("verify", "--all").stdout.startswith("Nothing else drifts.")
        result = lost.run("verify", "--all", "--repair", "--yes")
        assert result.exit_code == 0, result.output
        assert lost.bodies("fold-queue") == ["{}"]
        lost.fold()
        assert lost.numbers(TABLES.links, id="docs") == before
        assert lost.numbers(TABLES.links, id="blog")["clicks"] == 2
        assert lost.run("verify", "--all").exit_code == 0
        lost.export({"analytics/clicks-provable-since": "1970-01-01T00:00:00Z"})
        assert drifting(lost) == [], "it stays that way, whatever is configured later"


def test_epochs_that_expired_early_prove_less(counted: World) -> None:
    """As after the horizon was raised: what is kept is younger than it."""
    counted.now += timedelta(days=3)
    counted.count(counted.click("docs"))
    head = counted.ledger.head(0)
    for number in range(1, head.epoch.number):
        key = {"pk": {"S": f"epochs#0#{head.epoch.incarnation}"}, "sk": {"S": f"{number:012}"}}
        counted.dynamodb.delete_item(TableName=LEDGER, Key=key)
    code, report = verify_json(counted, "--all")
    assert (code, report["drift"]) == (0, [])
    assert report["provedSince"] == f"{counted.now + timedelta(days=1):%Y-%m-%d}"


def test_a_journalled_entry_of_nothing_but_repairs_is_read(counted: World) -> None:
    counted.ledger.claim({}, {0: Entry().to_bytes()})
    assert drifting(counted) == []
