"""A creator's terminal and pipes, on the fake service."""

import io
import json
import sys
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pexpect
from cli.tests.service import CLIENT, EMAIL, POOL, Service
from typer.testing import CliRunner, Result

from hopcount_cli.app import app
from hopcount_cli.credentials import Store
from hopcount_cli.discovery import Deployment
from hopcount_cli.sign_in import account


class Creator:
    """Somebody with a configuration folder of their own."""

    def __init__(self, service: Service, folder: Path) -> None:
        self.service = service
        self.folder = folder / "config"
        self.environment = {"HOPCOUNT_CONFIG_DIR": str(self.folder)}

    @property
    def file(self) -> Path:
        return self.folder / "credentials.json"

    def run(self, *arguments: str, text: str | None = None, **environment: str) -> Result:
        """Run a command in a pipe."""
        given = {**self.environment, **environment}
        return CliRunner().invoke(app, [*arguments], input=text, env=given)

    def done(self, *arguments: str, **more: Any) -> str:
        """Run a command; return what it printed, failing with all of it if it failed."""
        result = self.run(*arguments, **more)
        assert result.exit_code == 0, result.output
        return result.stdout

    def json(self, *arguments: str, **more: Any) -> Any:
        return json.loads(self.done(*arguments, "--json", **more))

    def sign_in(self) -> "Creator":
        """Be signed in, as by a browser: proving a password takes a while."""
        url = self.service.url
        deployment = Deployment(url, f"{url}/cognito", POOL, CLIENT, url)
        Store(self.folder).put(account(deployment, self.service.cognito.tokens(EMAIL)))
        return self

    def remembered(self) -> dict[str, Any]:
        account: dict[str, Any] = json.loads(self.file.read_text())["accounts"][self.service.url]
        return account

    def change(self, **changes: Any) -> None:
        """Tamper with what is remembered."""
        content = json.loads(self.file.read_text())
        content["accounts"][self.service.url] |= changes
        self.file.write_text(json.dumps(content))

    def terminal(self, *arguments: str, **environment: str) -> "Terminal":
        return Terminal(arguments, {**self.environment, **environment})


class Terminal:
    """A command in a pseudo-terminal."""

    def __init__(self, arguments: tuple[str, ...], environment: Mapping[str, str]) -> None:
        inherited = {"PATH": "/usr/bin:/bin", "TERM": "xterm-256color", "COLUMNS": "100", "LINES": "40"}
        self.seen = io.StringIO()
        self.child = pexpect.spawn(
            sys.executable,
            ["-m", "hopcount_cli", *arguments],
            env={**inherited, **environment},
            encoding="utf-8",
            timeout=30,
            dimensions=(40, 100),
        )
        self.child.logfile_read = self.seen

    def answer(self, question: str, text: str) -> None:
        self.child.expect_exact(question)
        self.child.sendline(text)

    def end(self) -> tuple[int | None, str]:
        """Wait for the end; return the exit code, and all that was seen."""
        self.child.expect(pexpect.EOF)
        self.child.close()
        return self.child.exitstatus, self.seen.getvalue()
