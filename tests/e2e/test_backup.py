"""A backup of the running product while people click, restored beside it, replayed, and proved."""

import json
import threading
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from pathlib import Path

from tests.support.command_line import done
from tests.support.copied_stage import CopiedStage, copied_stage
from tests.support.counting import settled
from tests.support.ops import run_ops
from tests.support.people import Creator, Visitor
from tests.support.poll import until
from tests.support.stack import Stack


@contextmanager
def followed(stack: Stack, codes: list[str]) -> Iterator[list[str]]:
    """Follow links in turn meanwhile; gives the codes that were followed."""
    visitor, over = Visitor(stack), threading.Event()
    answered: list[str] = []

    def follow() -> None:
        while not over.is_set():
            answered.extend(code for code in codes if visitor.follow(code).status_code == 301)

    thread = threading.Thread(target=follow)
    thread.start()
    try:
        yield answered
    finally:
        over.set()
        thread.join()


def counted(copy: CopiedStage, codes: Iterable[str]) -> dict[str, int]:
    """Count what has arrived, and return the counters."""
    copy.count_what_waits()
    rows = {code: copy.row("links/table-name", id=code) for code in codes}
    return {code: int(row["clicks"]["N"]) if "clicks" in row else 0 for code, row in rows.items()}


def test_a_restored_backup_counts_every_click_once(stack: Stack, tmp_path: Path) -> None:
    owner = Creator.sign_up(stack)
    user_id = owner.me()["userId"]
    codes = [owner.create()["id"] for _ in range(2)]
    folder = str(tmp_path / "backup")
    with followed(stack, codes) as answered:
        saved = json.loads(done(run_ops(stack, "backup", folder, "--json")))
    clicks = {code: answered.count(code) for code in codes}
    assert min(clicks.values()) > 0
    with copied_stage(stack, user_id) as copy:
        printed = done(run_ops(stack, "restore", folder, "--yes", stage=copy.name))
        assert f"hopcount ops replay --from {saved['replayFrom']}" in printed
        done(run_ops(stack, "replay", "--from", saved["replayFrom"], stage=copy.name))
        until(lambda: counted(copy, clicks), lambda found: found == clicks, seconds=60)
        for code, number in clicks.items():
            assert owner.link(code)["clicks"] <= number
        person = copy.row("users/table-name", userId=user_id)
        assert int(person["totalClicks"]["N"]) == sum(clicks.values())
        assert person["totalLinks"] == {"N": "2"}
        assert done(run_ops(stack, "verify", "--all", stage=copy.name)).startswith("Nothing drifts.")
    for code, number in clicks.items():
        assert_counted_here(stack, owner, code, number)


def assert_counted_here(stack: Stack, owner: Creator, code: str, number: int) -> None:
    """Find that the product itself has lost nothing by the backup either."""
    until(lambda: settled(stack), lambda done: done, seconds=60)
    assert owner.link(code)["clicks"] == number
