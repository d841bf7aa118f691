"""What the commands do."""

from __future__ import annotations

import shlex
import shutil
from pathlib import Path

from hopcount_local import account, cloud, demo, deploy, outputs, site, stack, summary
from hopcount_local.errors import LocalError
from hopcount_local.files import only_one, read_json, write_json
from hopcount_local.progress import Progress
from hopcount_local.settings import OWN_VARIABLES, STAGE, Settings


def up(settings: Settings) -> None:
    """Start, deploy and fill whatever is not there yet; doing it again changes nothing."""
    progress = Progress()
    with only_one(settings.run / "lock"):
        stack.require_ports(settings)
        site.ensure(settings, progress)
        stack.ensure_local_aws(settings, progress)
        deploy.ensure(settings, progress)
        found = outputs.build(settings, cloud.parameters(settings))
        write_json(settings.outputs, found)
        stack.ensure_front_door(settings, found["apiUrl"], progress)
        token = account.sign_in(settings, found)
        links = demo.ensure(settings, token, progress)
        print("\n".join(summary.lines(found, links)), flush=True)


def down(settings: Settings) -> None:
    """Stop everything that `up` started; data stays."""
    progress = Progress()
    with only_one(settings.run / "lock"):
        for process in (stack.front_door(settings), stack.local_aws(settings)):
            stopped = process.stop()
            progress.say(f"{process.name} {'stopped' if stopped else 'was not running'}")


def reset(settings: Settings) -> None:
    """Stop everything and delete all local data."""
    down(settings)
    with only_one(settings.run / "lock"):
        for path in (
            settings.state,
            settings.logs,
            settings.outputs,
            deploy.mark(settings),
            demo.journal(settings),
        ):
            _delete(path)
    print("All local data is deleted.")


def status(settings: Settings, *, quiet: bool = False) -> bool:
    """Print what runs; tell whether everything does."""
    found = read_json(settings.outputs)
    processes = (
        (stack.local_aws(settings), f"{settings.aws_url}/_ministack/ready"),
        (stack.front_door(settings), f"{settings.base_url}/health"),
    )
    healthy, lines = True, []
    for process, url in processes:
        running = process.running()
        answers = running is not None and stack.answers(url)
        healthy = healthy and answers
        state = "answers" if answers else "runs but does not answer" if running else "is not running"
        lines.append(f"{process.title} {state}" + (f" (process {running.pid})" if running else ""))
    if healthy and found:
        lines.append(f"Hopcount is at {found['baseUrl']}")
    if not quiet:
        print("\n".join(lines))
    return healthy


def token(settings: Settings) -> None:
    """Print an access token of the demo account, for use in a command line."""
    found = read_json(settings.outputs)
    if found is None:
        raise LocalError("There is no demo account yet: run `make up` first.")
    print(account.sign_in(settings, found))


def env(settings: Settings) -> None:
    """Print what points AWS tools to the local AWS, as a shell understands it."""
    # A profile or a session of the developer's own would win over the keys, or spoil them.
    print(f"unset {' '.join(OWN_VARIABLES)}")
    for name, value in (settings.aws_environ() | {"HOPCOUNT_STAGE": STAGE}).items():
        print(f"export {name}={shlex.quote(value)}")


def _delete(path: Path) -> None:
    if path.is_dir():
        shutil.rmtree(path)
    else:
        path.unlink(missing_ok=True)
