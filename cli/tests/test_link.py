"""A link is disabled and enabled where it is, and never made by that."""

import json
from typing import Any

import pytest
from cli.tests.support import TABLES, World

ROW = {
    "originalUrl": {"S": "https://example.com/"},
    "version": {"N": "3"},
    "change": {"S": "counted"},
    "clicks": {"N": "7"},
    "updatedAt": {"S": "2026-11-01T00:00:00.000000Z"},
}


@pytest.fixture
def linked(world: World) -> World:
    world.add_link("docs", **ROW)
    return world


def row(world: World, code: str = "docs") -> dict[str, Any]:
    answer = world.dynamodb.get_item(TableName=TABLES.links, Key={"id": {"S": code}})
    item: dict[str, Any] = answer.get("Item", {})
    return {name: next(iter(value.values())) for name, value in item.items()}


def test_a_disabled_link_says_why_and_keeps_everything_else(linked: World) -> None:
    before = row(linked)
    result = linked.run("link", "disable", "docs", "--reason", " Phishing,\n reported ")
    assert result.exit_code == 0, result.output
    assert result.stdout == (
        "docs is disabled. It leads to https://example.com/.\nFor 10 seconds visitors may still be sent on.\n"
    )
    changed = {"disabledReason": "Phishing, reported", "change": "disabled", "version": "4"}
    after = row(linked)
    assert after.pop("disabledAt").startswith(f"{linked.now:%Y-%m-%dT%H:%M:%S}")
    assert after == {**before, **changed}


def test_disabling_again_changes_the_reason_alone(linked: World) -> None:
    linked.run("link", "disable", "docs", "--reason", "first")
    since = row(linked)["disabledAt"]
    linked.wait(60)
    assert linked.run("link", "disable", "docs", "--reason", "second").exit_code == 0
    assert (row(linked)["disabledAt"], row(linked)["disabledReason"]) == (since, "second")


def test_an_enabled_link_is_as_it_was(linked: World) -> None:
    before = row(linked)
    linked.run("link", "disable", "docs", "--reason", "a mistake")
    result = linked.run("link", "enable", "docs", "--json")
    assert result.exit_code == 0, result.output
    report = json.loads(result.stdout)
    assert (report["outcome"], report["disabledAt"], report["remembersSeconds"]) == ("enabled", None, 10)
    assert row(linked) == {**before, "change": "enabled", "version": "5"}


def test_what_is_not_disabled_is_not_changed_by_enabling(linked: World) -> None:
    before = row(linked)
    result = linked.run("link", "enable", "docs")
    assert result.exit_code == 0
    assert "docs is not disabled." in result.stdout
    assert row(linked) == before


def test_a_deleted_link_can_be_disabled_before_it_is_restored(world: World) -> None:
    world.add_link("docs", owner="deleted#ann", **ROW)
    assert world.run("link", "disable", "docs", "--reason", "spam").exit_code == 0
    assert row(world)["userId"] == "deleted#ann"


@pytest.mark.parametrize("action", [("disable", "--reason", "spam"), ("enable",)])
def test_missing_and_erased_links_are_left_alone(world: World, action: tuple[str, ...]) -> None:
    world.dynamodb.put_item(TableName=TABLES.links, Item={"id": {"S": "gone"}, "erasedAt": {"S": "x"}})
    before = world.rows(TABLES.links)
    command, *options = action
    for code in ("gone", "nosuch"):
        result = world.run("link", command, code, *options)
        assert (result.exit_code, result.stdout) == (2, "")
        assert f"there is no link '{code}', or it is erased" in result.stderr
    assert world.rows(TABLES.links) == before


@pytest.mark.parametrize("reason", ["", "  ", "x" * 201, "a\x1b[31mb"])
def test_a_reason_is_one_that_visitors_can_read(linked: World, reason: str) -> None:
    before = row(linked)
    result = linked.run("link", "disable", "docs", "--reason", reason)
    assert (result.exit_code, result.stdout) == (2, "")
    assert "--reason" in result.stderr
    assert row(linked) == before


def test_browsers_that_remember_the_link_are_mentioned(world: World) -> None:
    world.add_link("docs", maxAge={"N": "86400"}, **ROW)
    printed = world.run("link", "disable", "docs", "--reason", "spam").stdout
    assert "browsers that followed it remember it for up to 86,400 seconds" in printed


def test_a_link_is_shown(linked: World) -> None:
    printed = linked.run("link", "show", "docs").stdout
    assert "owner           ann" in printed
    assert "disabledAt" not in printed
    shown = json.loads(linked.run("link", "show", "docs", "--json").stdout)
    assert (shown["originalUrl"], shown["clicks"], shown["disabledAt"]) == ("https://example.com/", 7, None)
    assert linked.run("link", "show", "nosuch").exit_code == 2
