"""A hard kill loses nothing that was answered: `make up` goes on where it was."""

import json
import os
import signal
import subprocess
import time
from pathlib import Path

import httpx

from tests.support.people import Creator, Visitor
from tests.support.poll import until
from tests.support.stack import ROOT, Stack


def process_of(name: str) -> int:
    """Return the process id of a part of the product, as `make up` recorded it."""
    pid: int = json.loads((ROOT / ".local" / "run" / f"{name}.json").read_text())["pid"]
    return pid


def ended(pid: int) -> bool:
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return True
    return "\nState:\tZ" in Path(f"/proc/{pid}/status").read_text()


def test_everything_is_there_after_both_processes_were_killed(stack: Stack) -> None:
    creator = Creator.sign_up(stack)
    link = creator.create("https://example.com/survives")
    deleted = creator.create("https://example.com/trash")
    for _ in range(5):
        assert Visitor(stack).follow(link["id"]).status_code == 301
    assert creator.http.delete(f"/urls/{deleted['id']}").status_code == 204
    until(lambda: creator.link(link["id"])["clicks"], lambda clicks: clicks == 5)
    until(creator.me, lambda me: me["totalLinks"] == 1)
    wait_for_two_snapshots(stack)

    for name in ("aws", "front-door"):
        pid = process_of(name)
        os.kill(pid, signal.SIGKILL)
        until(lambda victim=pid: ended(victim), bool)
    ran = subprocess.run(["make", "up"], cwd=ROOT, capture_output=True, text=True, check=False)
    assert ran.returncode == 0, ran.stdout + ran.stderr
    assert "nothing changed" in ran.stdout, "it was deployed again: the data may be new"

    assert Stack.load().outputs == stack.outputs
    again = Visitor(stack)
    assert again.follow(link["id"]).headers["location"] == "https://example.com/survives"
    assert again.follow(deleted["id"]).status_code == 410
    until(lambda: creator.link(link["id"])["clicks"], lambda clicks: clicks == 6)
    until(lambda: creator.stats(link["id"])["clicks"], lambda clicks: clicks == 6)
    assert creator.me()["totalLinks"] == 1
    assert [found["id"] for found in creator.links()] == [link["id"]]
    assert httpx.get(f"{stack.base_url}/health").status_code == 200


def wait_for_two_snapshots(stack: Stack) -> None:
    """Wait until the local AWS has twice written its state down, changing something for it to write."""
    snapshots, ssm = ROOT / ".local" / "state" / "snapshots", stack.client("ssm")

    def newest() -> int:
        ssm.put_parameter(Name="/e2e/restart", Value=str(time.time()), Type="String", Overwrite=True)
        return max(int(path.name) for path in snapshots.iterdir() if path.name.isdigit())

    first = newest()
    until(newest, lambda now: now >= first + 2, seconds=30)
    ssm.delete_parameter(Name="/e2e/restart")
