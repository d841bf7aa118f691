import json
from pathlib import Path
from typing import Any

import pytest
from cli.tests.support import World, envelope
from typer.testing import CliRunner

from hopcount_cli.app import app
from hopcount_cli.ops.logs import read_records


def line(event: Any, **changes: Any) -> str:
    """What the redirect logs when nobody takes a click."""
    record = {
        "level": "ERROR",
        "message": "click not published",
        "service": "redirect",
        "error": "PublishError",
        "eventId": "x",
        "event": event,
    }
    return json.dumps({**record, **changes})


PREFIX = "2026-11-22T15:26:58.123000+00:00 2026/11/22/[$LATEST]0a1b2c3d4e "
NOISE = [
    "START RequestId: 8f5f Version: $LATEST",
    json.dumps({"level": "INFO", "message": "redirected", "service": "redirect"}),
    "",
    '{"level": "ERROR", "message": "click not publ',
    "2026-11-22T15:26:58 [WARNING] {braces} everywhere }",
]


def filtered(messages: list[str]) -> str:
    """What `aws logs filter-log-events` prints."""
    events = [
        {"logStreamName": "2026/11/22/[$LATEST]0a", "timestamp": 1, "message": message + "\n", "eventId": "1"}
        for message in messages
    ]
    return json.dumps({"events": events, "searchedLogStreams": []}, indent=4)


def pretty(message: str) -> str:
    """What `aws logs tail --format json` prints."""
    return PREFIX + json.dumps(json.loads(message), indent=4)


@pytest.fixture
def log(tmp_path: Path) -> Path:
    return tmp_path / "redirect.log"


@pytest.mark.parametrize(
    "written",
    [
        "\n".join,
        lambda lines: "\n".join([*lines, ""]),
        lambda lines: "\r\n".join(PREFIX + line for line in lines),
        lambda lines: "\n".join(map(pretty, lines)),
        filtered,
        lambda lines: filtered([PREFIX + line for line in lines]),
        lambda lines: json.dumps([json.loads(line) for line in lines]),
    ],
    ids=["lines", "newline", "tail", "tail-json", "filter-log-events", "filter-prefixed", "list"],
)
def test_clicks_are_restored_however_the_log_was_read(world: World, log: Path, written: Any) -> None:
    clicks = [envelope(world.click("docs")) for _ in range(13)]
    log.write_text(written([line(click) for click in clicks]))
    result = world.run("replay", "--from-logs", str(log))
    assert result.exit_code == 0, result.output
    assert (
        result.stdout
        == "13 clicks sent, 0 too old to prove, 0 unreadable, 0 could not be sent; 0 other lines\n"
    )
    sent = [json.loads(body) for body in world.bodies("click-queue")]
    assert sorted(sent, key=lambda e: e["data"]["sequence"]) == clicks


def test_whatever_else_a_log_holds_is_passed_over(world: World, log: Path) -> None:
    click = envelope(world.click("docs"))
    log.write_text("\n".join([*NOISE, line(click), *NOISE, PREFIX + line(click), *NOISE]))
    result = world.run("replay", "--from-logs", str(log))
    assert result.exit_code == 0
    assert result.stdout.startswith("2 clicks sent")
    assert result.stdout.endswith("; 12 other lines\n")


def test_clicks_that_cannot_be_counted_are_told_and_not_sent(world: World, log: Path) -> None:
    old = envelope(world.click("docs", days_ago=121))
    lines = [line(envelope(world.click("docs"))), line(old), line({"id": "x"}), line(None), line("event")]
    log.write_text("\n".join(lines))
    result = world.run("replay", "--from-logs", str(log))
    assert result.exit_code == 1
    assert (
        result.stdout
        == "1 clicks sent, 1 too old to prove, 3 unreadable, 0 could not be sent; 0 other lines\n"
    )
    assert len(world.bodies("click-queue")) == 1


def test_too_old_alone_is_no_failure(world: World, log: Path) -> None:
    log.write_text(line(envelope(world.click("docs", days_ago=121))))
    assert world.run("replay", "--from-logs", str(log)).exit_code == 0


def test_a_dry_run_sends_nothing(world: World, log: Path) -> None:
    log.write_text(line(envelope(world.click("docs"))))
    result = world.run("replay", "--from-logs", str(log), "--dry-run")
    assert result.exit_code == 0
    assert result.stdout.startswith("1 clicks would be sent")
    assert world.bodies("click-queue") == []


def test_standard_input_is_read(world: World) -> None:
    arguments = ["ops", "replay", "--from-logs", "-", "--stage", "test"]
    result = CliRunner().invoke(app, arguments, obj=world.tools, input=line(envelope(world.click("docs"))))
    assert result.stdout.startswith("1 clicks sent")


def test_clicks_that_cannot_be_sent_are_a_failure(world: World, log: Path) -> None:
    class Refusing:
        def send_message_batch(self, **_: Any) -> Any:
            return {"Failed": [{"Id": "0"}]}

    log.write_text(line(envelope(world.click("docs"))))
    world.clients["sqs"] = Refusing()
    result = world.run("replay", "--from-logs", str(log))
    assert result.exit_code == 1
    assert result.stdout.startswith("0 clicks sent, 0 too old to prove, 0 unreadable, 1 could not be sent")


@pytest.mark.parametrize(
    "text", ["", "\n\n", "{", "{" * 5000, '{"a": ' * 5000, "[]", "null", '"text"', "}{", "\0"]
)
def test_nothing_stops_the_reader(text: str) -> None:
    assert all(record is None or isinstance(record, dict) for record in read_records(text))
