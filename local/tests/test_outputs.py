from __future__ import annotations

import shlex
import string
from pathlib import Path

import pytest

from hopcount_local import outputs, summary
from hopcount_local.errors import DeployError
from hopcount_local.files import write_json
from hopcount_local.settings import Settings

PARAMETERS = {
    "platform/http-api-id": "abc12345",
    "platform/user-pool-id": "pool",
    "platform/user-pool-client-id": "client",
    "platform/event-bus-name": "bus",
    "platform/archive-name": "archive",
    "links/table-name": "UrlShortener-table",
    "users/table-name": "User-table",
    "users/token-table-name": "ApiToken-table",
    "analytics/daily-stats-table-name": "DailyStats-table",
    "analytics/click-ledger-table-name": "ClickLedger-table",
    "analytics/click-queue-url": "http://queue",
    "analytics/click-dlq-url": "http://dlq",
}


@pytest.fixture
def settings(tmp_path: Path) -> Settings:
    return Settings(tmp_path)


def test_the_outputs_have_the_agreed_shape(settings: Settings) -> None:
    built = outputs.build(settings, PARAMETERS)
    built["demoUser"].pop("password")
    assert built == {
        "baseUrl": "http://127.0.0.1:8080",
        "apiUrl": "http://127.0.0.1:4566/_aws/execute-api/abc12345/$default",
        "region": "us-east-1",
        "awsEndpointUrl": "http://127.0.0.1:4566",
        "userPoolId": "pool",
        "userPoolClientId": "client",
        "demoUser": {"email": "demo@hopcount.example"},
        "tables": {
            "UrlShortener": "UrlShortener-table",
            "DailyStats": "DailyStats-table",
            "User": "User-table",
            "ApiToken": "ApiToken-table",
            "ClickLedger": "ClickLedger-table",
        },
        "eventBusName": "bus",
        "clickQueueUrl": "http://queue",
        "clickDlqUrl": "http://dlq",
        "clickArchiveName": "archive",
    }


def test_the_password_is_made_once(settings: Settings) -> None:
    first = outputs.build(settings, PARAMETERS)
    write_json(settings.outputs, first)
    assert outputs.build(settings, PARAMETERS)["demoUser"] == first["demoUser"]


def test_what_a_stack_does_not_export_is_named(settings: Settings) -> None:
    lacking = {name: value for name, value in PARAMETERS.items() if name != "links/table-name"}
    with pytest.raises(DeployError, match="links/table-name"):
        outputs.build(settings, lacking)


def test_passwords_satisfy_a_strict_policy() -> None:
    made = {outputs.make_password() for _ in range(200)}
    assert len(made) == 200
    for password in made:
        assert len(password) >= 12
        for kind in (string.ascii_lowercase, string.ascii_uppercase, string.digits, string.punctuation):
            assert set(password) & set(kind)


def test_the_summary_keeps_the_password_and_gives_whole_commands(settings: Settings) -> None:
    built = outputs.build(settings, PARAMETERS)
    links = [{"id": "abc", "shortUrl": "http://x/abc", "clicks": 3, "originalUrl": "https://python.org/"}]
    lines = summary.lines(built, links)
    assert built["demoUser"]["password"] not in "\n".join(lines)
    commands = [line.strip() for line in lines if line.strip().startswith("curl")]
    assert len(commands) == 5
    for command in commands:
        assert any(word.startswith("http://127.0.0.1:8080/") for word in shlex.split(command))
    assert any(line.strip().endswith("hopcount ops verify --all") for line in lines)
