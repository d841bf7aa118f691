import pytest
from botocore.exceptions import ClientError
from cli.tests.support import World
from typer.testing import CliRunner

from hopcount_cli.app import app
from hopcount_cli.ops.tools import Tools


@pytest.mark.parametrize(
    ("arguments", "problem"),
    [
        (["replay"], "say what to replay"),
        (["replay", "--dlq", "--from", "2026-01-01"], "say what to replay"),
        (["replay", "--dlq", "--to", "2026-01-01"], "--to needs --from"),
        (["verify"], "say what to verify"),
        (["verify", "--all", "--link", "docs"], "say what to verify"),
        (["verify", "--all", "--yes"], "--yes needs --repair"),
        (["verify", "--link", "nosuch"], "there never was a link 'nosuch'"),
        (["verify", "--user", "nobody"], "there is no user 'nobody'"),
        (["replay", "--from-logs", "/no/such/file"], "/no/such/file"),
        (["replay", "--from", "yesterday"], "neither a time with a zone"),
    ],
)
def test_what_cannot_be_done_is_told_in_a_line(world: World, arguments: list[str], problem: str) -> None:
    result = world.run(*arguments)
    assert result.exit_code == 2
    assert problem in result.stderr
    assert result.stdout == ""
    assert "Traceback" not in result.output


def test_a_stage_that_is_not_deployed_is_named(world: World) -> None:
    result = CliRunner().invoke(app, ["ops", "verify", "--all", "--stage", "nope"], obj=world.tools)
    assert (result.exit_code, result.stdout) == (2, "")
    assert "no Hopcount is deployed as stage 'nope' in us-east-1" in result.stderr


@pytest.mark.parametrize("stage", ["", "a/b", "../prod"])
def test_a_stage_that_cannot_be_one_is_refused(world: World, stage: str) -> None:
    result = CliRunner().invoke(app, ["ops", "verify", "--all", "--stage", stage], obj=world.tools)
    assert (result.exit_code, result.stdout) == (2, "")
    assert "cannot be a stage" in result.stderr


def test_the_stage_may_stand_in_the_environment(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HOPCOUNT_STAGE", "other")
    result = CliRunner().invoke(app, ["ops", "verify", "--all"], obj=world.tools)
    assert "stage 'other'" in result.stderr


def test_what_the_deployment_lacks_is_named(world: World) -> None:
    world.client("ssm").delete_parameter(Name="/hopcount/test/analytics/fold-queue-url")
    result = world.run("verify", "--all")
    assert result.exit_code == 2
    assert "does not export analytics/fold-queue-url" in result.stderr


def test_what_aws_refuses_is_told_in_a_line() -> None:
    def refuse(service: str) -> None:
        raise ClientError({"Error": {"Code": "AccessDenied", "Message": "not you"}}, "GetParametersByPath")

    result = CliRunner().invoke(app, ["ops", "verify", "--all"], obj=Tools(client=refuse))
    assert result.exit_code == 2
    assert result.stderr == "hopcount: AWS refused GetParametersByPath: AccessDenied: not you\n"


def test_an_aws_that_does_not_answer_is_told_in_a_line(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("AWS_ENDPOINT_URL", "http://127.0.0.1:1")
    result = CliRunner().invoke(app, ["ops", "verify", "--all"], obj=Tools())
    assert result.exit_code == 4
    assert result.stderr.startswith("hopcount: AWS cannot be asked: ")
    assert len(result.stderr.splitlines()) == 1


def test_what_is_not_understood_says_where_the_help_is() -> None:
    for arguments, told in [
        (["nosuch"], "No such command 'nosuch' (see hopcount --help)"),
        (["shorten", "--nope"], "No such option: --nope (see hopcount shorten --help)"),
        (["token", "rm"], "Missing argument 'ID' (see hopcount token rm --help)"),
    ]:
        result = CliRunner().invoke(app, arguments)
        assert (result.exit_code, result.stdout, result.stderr) == (2, "", f"hopcount: {told}\n")


def test_a_bug_is_told_in_a_line(monkeypatch: pytest.MonkeyPatch) -> None:
    def broken(_: object) -> None:
        raise ZeroDivisionError("oh")

    monkeypatch.setattr("hopcount_cli.commands.links.connect", broken)
    result = CliRunner().invoke(app, ["ls"])
    assert result.exit_code == 2
    assert result.stderr.startswith("hopcount: a bug of hopcount: ZeroDivisionError: oh")
    assert len(result.stderr.splitlines()) == 1


def test_exit_codes_are_in_the_help() -> None:
    told = " ".join(CliRunner().invoke(app, ["--help"]).output.split())
    assert "0 done; 1 some of it failed; 2 not understood" in told
    assert "130 interrupted" in told


@pytest.mark.parametrize(
    "arguments",
    [
        [],
        *(
            [name]
            for name in ("signup", "login", "logout", "whoami", "shorten", "ls", "open", "stats", "edit")
        ),
        *([name] for name in ("rm", "restore", "qr", "token", "ops")),
        ["token", "create"],
        ["ops", "replay"],
        ["ops", "verify"],
    ],
)
def test_help_is_at_hand(arguments: list[str]) -> None:
    result = CliRunner().invoke(app, [*arguments, "--help"])
    assert result.exit_code == 0
    assert "Usage" in result.output
