from __future__ import annotations

from pathlib import Path

from hopcount_local import deploy
from hopcount_local.settings import SERVICES, Settings


def test_ports_and_code_decide_what_is_deployed(tmp_path: Path) -> None:
    first = deploy.inputs_fingerprint(Settings(tmp_path))
    assert deploy.inputs_fingerprint(Settings(tmp_path, port=9000)) != first
    assert deploy.inputs_fingerprint(Settings(tmp_path, aws_port=9001)) != first
    for path in (
        "services/platform/serverless.yml",
        "services/web/site/index.html",
        "shared/a.py",
        "tools/plugin.cjs",
        "uv.lock",
    ):
        (tmp_path / path).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / path).write_text("x")
        changed = deploy.inputs_fingerprint(Settings(tmp_path))
        assert changed != first
        first = changed


def test_every_service_of_the_compose_file_is_known() -> None:
    root = Settings.from_environ({}).root
    compose = (root / "serverless-compose.yml").read_text()
    assert sorted(SERVICES) == sorted(
        line.strip().removeprefix("path: services/")
        for line in compose.splitlines()
        if "path: services/" in line
    )


def test_a_deployment_reaches_the_local_aws_alone(tmp_path: Path) -> None:
    own = {"AWS_PROFILE": "work", "AWS_ENDPOINT_URL_S3": "https://real", "PATH": "/bin", "HOME": "/home/me"}
    environ = deploy.environ(Settings(tmp_path), own)
    assert environ["AWS_ENDPOINT_URL"] == "http://127.0.0.1:4566"
    assert environ["HOPCOUNT_PUBLIC_BASE_URL"] == "http://127.0.0.1:8080"
    assert environ["HOME"] == "/home/me"
    assert environ["PATH"].split(":")[-1] == "/bin"
    assert not {"AWS_PROFILE", "AWS_ENDPOINT_URL_S3"} & set(environ)


def test_a_failure_shows_what_failed() -> None:
    lines = ["links > Error:", "links > no such plugin", "users > deployed", "links > error", "users > more"]
    explained = deploy.explain("\n".join(lines).replace(">", "\u203a"))
    assert "no such plugin" in explained
    assert "users" not in explained


def test_a_failure_of_the_cli_itself_shows_the_end() -> None:
    assert deploy.explain("npm error could not determine executable\n") == (
        "    npm error could not determine executable"
    )
