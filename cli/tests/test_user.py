"""Accounts are disabled, enabled and deleted as the users service does it, and nobody by mistake."""

import json
from typing import Any

import pytest
from cli.tests.support import TABLES, TOKENS, World

EMAIL = "ann@example.com"


@pytest.fixture
def ann(world: World) -> str:
    """Somebody with an account, a row, an API token, two links and one in the trash; returns their id."""
    cognito = world.client("cognito-idp")
    pool = cognito.create_user_pool(PoolName="pool", UsernameAttributes=["email"])["UserPool"]["Id"]
    world.export({"platform/user-pool-id": pool})
    made = cognito.admin_create_user(
        UserPoolId=pool, Username=EMAIL, UserAttributes=[{"Name": "email", "Value": EMAIL}]
    )["User"]
    (sub,) = [a["Value"] for a in made["Attributes"] if a["Name"] == "sub"]
    world.dynamodb.put_item(
        TableName=TABLES.users,
        Item={
            "userId": {"S": sub},
            "email": {"S": EMAIL},
            "totalClicks": {"N": "1234"},
            "apiTokens": {"SS": ["token-1"]},
        },
    )
    world.dynamodb.put_item(TableName=TOKENS, Item={"id": {"S": "token-1"}, "userId": {"S": sub}})
    world.add_link("docs", owner=sub)
    world.add_link("blog", owner=sub)
    world.add_link("gone", owner=f"deleted#{sub}")
    return sub


def pool_of(world: World) -> str:
    answer = world.client("ssm").get_parameter(Name="/hopcount/test/platform/user-pool-id")
    return str(answer["Parameter"]["Value"])


def account(world: World) -> dict[str, Any] | None:
    pool = world.client("ssm").get_parameter(Name="/hopcount/test/platform/user-pool-id")["Parameter"][
        "Value"
    ]
    users = world.client("cognito-idp").list_users(UserPoolId=pool)["Users"]
    return users[0] if users else None


def item(world: World, table: str, **key: str) -> dict[str, Any]:
    answer = world.dynamodb.get_item(TableName=table, Key={name: {"S": value} for name, value in key.items()})
    found: dict[str, Any] = answer.get("Item", {})
    return found


@pytest.mark.parametrize("by_id", [False, True])
def test_a_disabled_user_can_do_nothing_and_that_is_said(world: World, ann: str, by_id: bool) -> None:
    result = world.run("user", "disable", ann if by_id else EMAIL)
    assert result.exit_code == 0, result.output
    assert result.stdout.startswith(f"{EMAIL} is disabled since ")
    assert "good for an hour at most" in result.stdout
    found = account(world)
    assert found is not None
    assert found["Enabled"] is False
    assert "disabledAt" in item(world, TABLES.users, userId=ann)
    assert "disabledAt" in item(world, TOKENS, id="token-1")


def test_an_enabled_user_has_what_they_had(world: World, ann: str) -> None:
    before = item(world, TABLES.users, userId=ann), item(world, TOKENS, id="token-1")
    assert world.run("user", "disable", EMAIL).exit_code == 0
    result = world.run("user", "enable", EMAIL, "--json")
    assert result.exit_code == 0, result.output
    report = json.loads(result.stdout)
    assert (report["id"], report["enabled"], report["disabledAt"]) == (ann, True, None)
    assert (item(world, TABLES.users, userId=ann), item(world, TOKENS, id="token-1")) == before
    found = account(world)
    assert found is not None
    assert found["Enabled"] is True


def test_what_goes_is_shown_and_the_address_must_be_typed(world: World, ann: str) -> None:
    result = world.run("user", "delete", EMAIL, answer="yes\n")
    assert result.exit_code == 1
    for told in ("2 links", "1 deleted one:", "1,234 clicks", "every API token", f"(id {ann})"):
        assert told in result.stderr
    assert "Nothing was deleted." in result.stderr
    assert account(world)
    assert item(world, TABLES.users, userId=ann)["email"] == {"S": EMAIL}


@pytest.mark.parametrize("arguments", [("--yes",), ()])
def test_a_deleted_account_is_gone_and_said_so_on_the_bus(
    world: World, ann: str, arguments: tuple[str, ...], monkeypatch: pytest.MonkeyPatch
) -> None:
    published: list[Any] = []

    def put_events(**request: Any) -> dict[str, Any]:
        published.extend(request["Entries"])
        return {"FailedEntryCount": 0, "Entries": []}

    monkeypatch.setattr(world.client("events"), "put_events", put_events)
    result = world.run("user", "delete", EMAIL, "--json", *arguments, answer=f"{EMAIL}\n")
    assert result.exit_code == 0, result.output
    report = json.loads(result.stdout[result.stdout.index("{") :])  # before it, what was typed
    assert report["deleted"] == {"links": 2, "deletedLinks": 1, "clicks": 1234}
    assert account(world) is None
    assert sorted(item(world, TABLES.users, userId=ann)) == ["erasedAt", "userId"]
    assert item(world, TOKENS, id="token-1") == {}
    (event,) = published
    assert event["DetailType"] == "UserDeleted.v1"
    assert json.loads(event["Detail"])["data"]["userId"] == ann


def test_a_deletion_that_broke_off_is_completed_by_id(
    world: World, ann: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fail(**_: Any) -> Any:
        raise ConnectionError

    events = world.client("events")
    with monkeypatch.context() as broken:
        broken.setattr(events, "put_events", fail)
        assert world.run("user", "delete", EMAIL, "--yes").exit_code != 0
    monkeypatch.setattr(events, "put_events", lambda **_: {"FailedEntryCount": 0, "Entries": []})
    assert account(world), "they leave the pool last"
    assert world.run("user", "delete", ann, "--yes").exit_code == 0
    assert account(world) is None


def test_who_is_deleted_cannot_be_disabled_or_enabled(world: World, ann: str) -> None:
    pool = world.client("ssm").get_parameter(Name="/hopcount/test/platform/user-pool-id")["Parameter"][
        "Value"
    ]
    world.client("cognito-idp").admin_delete_user(UserPoolId=pool, Username=EMAIL)
    world.dynamodb.put_item(
        TableName=TABLES.users, Item={"userId": {"S": ann}, "erasedAt": {"S": "2026-01-01T00:00:00Z"}}
    )
    disabled, enabled = world.run("user", "disable", ann), world.run("user", "enable", ann)
    assert (disabled.exit_code, enabled.exit_code) == (2, 2)
    assert "this account was deleted" in disabled.stderr
    assert "is not in the user pool" in enabled.stderr


@pytest.mark.parametrize("command", ["disable", "enable", "delete"])
@pytest.mark.parametrize("who", ["nobody@example.com", "nobody", 'x" or "'])
def test_nobody_else_is_meant(world: World, ann: str, command: str, who: str) -> None:
    before = item(world, TABLES.users, userId=ann)
    result = world.run("user", command, who)
    assert (result.exit_code, result.stdout) == (2, "")
    assert len(result.stderr.splitlines()) == 1
    assert item(world, TABLES.users, userId=ann) == before
