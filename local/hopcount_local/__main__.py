"""`python -m hopcount_local up|down|status|reset|token|env`; `make up` and `make down` call this."""

from __future__ import annotations

import argparse
import os
import sys

from botocore.exceptions import BotoCoreError, ClientError

from hopcount_local import commands
from hopcount_local.errors import LocalError
from hopcount_local.settings import Settings

_COMMANDS = {
    "up": "start the local AWS, deploy every service to it, open the front door, show a demo",
    "down": "stop what `up` started; data stays",
    "status": "tell what runs",
    "reset": "stop everything and delete all local data",
    "token": "print an access token of the demo account",
    "env": "print what points AWS tools, and `hopcount ops`, to the local AWS; for a shell to evaluate",
}


def main() -> int:
    """Run one command; return the exit code."""
    parser = argparse.ArgumentParser(prog="python -m hopcount_local", description="Run Hopcount here.")
    subparsers = parser.add_subparsers(dest="command", required=True, metavar="COMMAND")
    for name, text in _COMMANDS.items():
        subparsers.add_parser(name, help=text, description=text)
    subparsers.choices["status"].add_argument("--quiet", action="store_true", help="only set the exit code")
    arguments = vars(parser.parse_args())
    command = getattr(commands, arguments.pop("command"))
    # Whatever profile, key or endpoint is set in this shell, these commands know one AWS only.
    for name in [name for name in os.environ if name.startswith("AWS_")]:
        del os.environ[name]
    try:
        settings = Settings.from_environ(os.environ)
        result = command(settings, **arguments)
    except LocalError as error:
        print(f"\n{error}", file=sys.stderr)
        return 1
    except (BotoCoreError, ClientError) as error:
        print(f"\nThe local AWS refused or did not answer: {error}", file=sys.stderr)
        return 1
    except BrokenPipeError:
        # Whoever read the output has stopped, as `head` does; nothing can be told any more.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return 0
    except KeyboardInterrupt:
        print("\nInterrupted. `make up` goes on from here; `make down` stops what runs.", file=sys.stderr)
        return 130
    return 0 if result is not False else 1


if __name__ == "__main__":
    sys.exit(main())
