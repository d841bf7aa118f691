"""`hopcount` as somebody runs it who has signed in."""

import os
import subprocess
import sys
import time
from pathlib import Path

from hopcount_cli.credentials import Account, Store
from tests.support.people import Creator
from tests.support.stack import Stack

HOPCOUNT = Path(sys.executable).with_name("hopcount")


class CommandLine:
    """The command, with somebody's session in a folder of its own.

    Parameters
    ----------
    stack
        The product.
    creator
        Who has signed in.
    folder
        Where the session is kept.
    """

    def __init__(self, stack: Stack, creator: Creator, folder: Path) -> None:
        account = Account(
            base_url=stack.base_url,
            email=creator.email,
            user_id=creator.me()["userId"],
            cognito_endpoint=stack.outputs["awsEndpointUrl"],
            client_id=stack.client_id,
            access_token=creator.tokens.access_token,
            refresh_token=creator.tokens.refresh_token,
            expires_at=time.time() + 300,
        )
        Store(folder).put(account)
        own = {
            name: value for name, value in os.environ.items() if not name.startswith(("HOPCOUNT_", "AWS_"))
        }
        self.environment = {**own, "HOPCOUNT_CONFIG_DIR": str(folder)}

    def run(self, *arguments: str | Path, text: str | None = None) -> subprocess.CompletedProcess[str]:
        """Run it to its end, without a terminal."""
        return subprocess.run(
            [HOPCOUNT, *arguments],
            env=self.environment,
            input=text,
            capture_output=True,
            text=True,
            check=False,
            timeout=300,
        )
