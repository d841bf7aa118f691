"""`hopcount` as creators run it: in a pipe, and in a pseudo-terminal."""

import io
import json
import os
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

import pexpect

from hopcount_cli.credentials import Account, Store
from tests.support.people import Creator
from tests.support.stack import Stack

HOPCOUNT = str(Path(sys.executable).with_name("hopcount"))


def done(ran: subprocess.CompletedProcess[str]) -> str:
    """Return what a command printed, failing with all of it if it failed."""
    assert ran.returncode == 0, f"exit {ran.returncode}\n{ran.stdout}\n{ran.stderr}"
    return ran.stdout


class Terminal:
    """A command in a pseudo-terminal."""

    def __init__(self, arguments: tuple[str, ...], environment: dict[str, str]) -> None:
        self._seen = io.StringIO()
        self.child = pexpect.spawn(
            HOPCOUNT,
            [*arguments],
            env={"TERM": "xterm-256color", **environment},
            encoding="utf-8",
            timeout=60,
            dimensions=(50, 140),
        )
        self.child.logfile_read = self._seen

    def answer(self, question: str, text: str) -> None:
        self.child.expect_exact(question)
        self.child.sendline(text)

    def end(self) -> tuple[int | None, str]:
        """Wait for the end; return the exit code, and all that was seen."""
        self.child.expect(pexpect.EOF)
        self.child.close()
        return self.child.exitstatus, self._seen.getvalue()

    def done(self) -> str:
        """Wait for the end, failing with all that was seen if it failed."""
        code, seen = self.end()
        assert code == 0, seen
        return seen


class CommandLine:
    """The command, with a configuration folder of its own.

    Parameters
    ----------
    stack
        The product.
    folder
        Where the session is kept.
    """

    def __init__(self, stack: Stack, folder: Path) -> None:
        self.stack = stack
        self.folder = folder
        own = {
            name: value for name, value in os.environ.items() if not name.startswith(("AWS_", "HOPCOUNT_"))
        }
        self.environment = {
            **own,
            "HOPCOUNT_CONFIG_DIR": str(folder),
            "HOPCOUNT_URL": stack.base_url,
            "BROWSER": "/bin/true",
        }

    def signed_in_as(self, creator: Creator) -> "CommandLine":
        """Remember somebody's session, as `hopcount login` would."""
        account = Account(
            base_url=self.stack.base_url,
            email=creator.email,
            user_id=creator.me()["userId"],
            cognito_endpoint=self.stack.outputs["awsEndpointUrl"],
            client_id=self.stack.client_id,
            access_token=creator.tokens.access_token,
            refresh_token=creator.tokens.refresh_token,
            expires_at=time.time() + 300,
        )
        Store(self.folder).put(account)
        return self

    def run(
        self, *arguments: str | Path, text: str = "", **environment: str
    ) -> subprocess.CompletedProcess[str]:
        """Run a command to its end in a pipe."""
        return subprocess.run(
            [HOPCOUNT, *arguments],
            env={**self.environment, **environment},
            input=text,
            capture_output=True,
            text=True,
            check=False,
            timeout=300,
        )

    def done(self, *arguments: str, **more: Any) -> str:
        """Run a command; return what it printed, failing with all of it if it failed."""
        return done(self.run(*arguments, **more))

    def json(self, *arguments: str, **more: Any) -> Any:
        """Run a command; return what it printed as JSON."""
        return json.loads(self.done(*arguments, "--json", **more))

    def refused(self, code: int, *arguments: str, **more: Any) -> str:
        """Run a command that must end with a code and one line, and print nothing; return the line."""
        ran = self.run(*arguments, **more)
        assert (ran.returncode, ran.stdout) == (code, ""), f"{ran.stdout}\n{ran.stderr}"
        assert len(ran.stderr.splitlines()) == 1, ran.stderr
        assert ran.stderr.startswith("hopcount: ")
        return ran.stderr

    def terminal(self, *arguments: str, **environment: str) -> Terminal:
        """Run a command in a pseudo-terminal."""
        return Terminal(arguments, {**self.environment, **environment})
