from __future__ import annotations

import os
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import psutil
import pytest
from local.tests.support import free_port

from hopcount_local.errors import NotReadyError, PortTakenError, ProcessDiedError
from hopcount_local.files import read_json, write_json
from hopcount_local.processes import Background, require_free_port
from hopcount_local.progress import Progress
from hopcount_local.stack import Launch, ensure

# A leader with a child, as the local AWS has its functions; both leave their ids behind.
FAMILY = """
import os, pathlib, subprocess, sys, time
child = subprocess.Popen([sys.executable, "-c", "import time; time.sleep(60)"])
pathlib.Path("child").write_text(str(child.pid))
time.sleep(60)
"""
STUBBORN = """
import pathlib, signal, time
signal.signal(signal.SIGTERM, signal.SIG_IGN)
pathlib.Path("child").write_text("0")
time.sleep(60)
"""

Make = Callable[[str], Background]


@pytest.fixture
def make(tmp_path: Path) -> Iterator[Make]:
    made: list[Background] = []

    def background(code: str) -> Background:
        command = [sys.executable, "-c", code]
        made.append(
            Background("a test", command, tmp_path / "run" / "a.json", tmp_path / "logs" / "a.log", grace=0.5)
        )
        return made[-1]

    yield background
    for process in made:
        process.stop()


def start(process: Background, folder: Path) -> tuple[int, int]:
    """Start and return the ids of the leader and of its child."""
    process.start(cwd=folder, environ=os.environ, config={"a": 1})
    wait_for(lambda: (folder / "child").exists() and (folder / "child").read_text() != "")
    leader = process.running()
    assert leader is not None
    return leader.pid, int((folder / "child").read_text())


def wait_for(condition: Callable[[], bool]) -> None:
    deadline = time.monotonic() + 10
    while not condition():
        assert time.monotonic() < deadline
        time.sleep(0.02)


def alive(pid: int) -> bool:
    try:
        return psutil.Process(pid).status() != psutil.STATUS_ZOMBIE
    except psutil.NoSuchProcess:
        return False


def test_a_started_process_is_known_and_stopped_with_its_children(make: Make, tmp_path: Path) -> None:
    process = make(FAMILY)
    leader, child = start(process, tmp_path)
    assert process.config() == {"a": 1}
    assert os.getsid(leader) == leader
    assert process.stop()
    assert not alive(leader)
    assert not alive(child)
    assert process.running() is None
    assert not process.stop()


def test_what_a_hard_kill_leaves_is_stopped(make: Make, tmp_path: Path) -> None:
    process = make(FAMILY)
    leader, child = start(process, tmp_path)
    psutil.Process(leader).kill()
    wait_for(lambda: process.running() is None)
    assert alive(child)
    assert process.stop()
    assert not alive(child)


def test_one_that_ignores_sigterm_is_killed(make: Make, tmp_path: Path) -> None:
    process = make(STUBBORN)
    leader, _ = start(process, tmp_path)
    assert process.stop()
    assert not alive(leader)


def test_a_recycled_id_is_another_process(make: Make, tmp_path: Path) -> None:
    process = make(FAMILY)
    with subprocess.Popen([sys.executable, "-c", "import time; time.sleep(60)"]) as other:
        created = psutil.Process(other.pid).create_time()
        wait_for(lambda: psutil.Process(other.pid).cmdline() == other.args)
        same_age = {"pid": other.pid, "created": created, "command": list(process.command)}
        same_command = {"pid": other.pid, "created": created - 100, "command": other.args}
        for record in (same_age, same_command):
            write_json(process.record, record)
            assert process.running() is None
            assert not process.stop()
            assert other.poll() is None
        other.kill()


@pytest.mark.parametrize("record", [{}, {"pid": 2**22 + 1, "created": 1.0, "command": ["x"], "config": {}}])
def test_a_stale_record_is_nobodys(make: Make, record: dict[str, object]) -> None:
    process = make(FAMILY)
    write_json(process.record, record)
    assert process.running() is None
    assert not process.stop()


def test_a_torn_record_is_no_record(make: Make) -> None:
    process = make(FAMILY)
    process.record.parent.mkdir(parents=True)
    process.record.write_text('{"pid": 1')
    assert process.running() is None
    assert not process.stop()


def test_one_that_ends_says_its_last_words(make: Make, tmp_path: Path) -> None:
    process = make("raise SystemExit('no such folder')")
    process.start(cwd=tmp_path, environ=os.environ, config={})
    with pytest.raises(ProcessDiedError, match="no such folder"):
        process.wait_until(lambda: False, seconds=10)


def test_one_that_never_answers_is_reported(make: Make, tmp_path: Path) -> None:
    process = make(FAMILY)
    start(process, tmp_path)
    with pytest.raises(NotReadyError, match="A test did not answer within 0 s"):
        process.wait_until(lambda: False, seconds=0)


def test_a_taken_port_is_named_with_its_variable() -> None:
    with socket.create_server(("127.0.0.1", 0)) as other:
        port = other.getsockname()[1]
        with pytest.raises(PortTakenError, match=rf"{port} is used .*\n.*HOPCOUNT_PORT="):
            require_free_port(port, "HOPCOUNT_PORT", "the front door")


class TestEnsure:
    """`ensure` with a small web server."""

    @pytest.fixture
    def launch(self, tmp_path: Path) -> Launch:
        port = free_port()
        return Launch(tmp_path, {"A": "1"}, "code", port, "HOPCOUNT_PORT", f"http://127.0.0.1:{port}/", 10)

    @pytest.fixture
    def server(self, launch: Launch, tmp_path: Path) -> Iterator[Background]:
        command = [sys.executable, "-m", "http.server", str(launch.port), "--bind", "127.0.0.1"]
        server = Background("the server", command, tmp_path / "a.json", tmp_path / "a.log", grace=1)
        yield server
        server.stop()

    def pid(self, server: Background) -> int:
        process = server.running()
        assert process is not None
        return process.pid

    def test_a_running_one_is_left_alone(self, server: Background, launch: Launch) -> None:
        ensure(server, launch, Progress())
        first = self.pid(server)
        ensure(server, launch, Progress())
        assert self.pid(server) == first

    def test_a_killed_one_is_started_again(self, server: Background, launch: Launch) -> None:
        ensure(server, launch, Progress())
        first = self.pid(server)
        psutil.Process(first).kill()
        ensure(server, launch, Progress())
        assert self.pid(server) != first

    def test_an_outdated_one_is_replaced(self, server: Background, launch: Launch) -> None:
        ensure(server, launch, Progress())
        first = self.pid(server)
        newer = Launch(
            launch.cwd,
            launch.environ,
            "newer",
            launch.port,
            launch.variable,
            launch.ready_url,
            launch.seconds,
        )
        ensure(server, newer, Progress())
        assert self.pid(server) != first
        assert not alive(first)

    def test_another_program_on_its_port_is_not_touched(self, server: Background, launch: Launch) -> None:
        with (
            socket.create_server(("127.0.0.1", launch.port)),
            pytest.raises(PortTakenError),
        ):
            ensure(server, launch, Progress())
        assert read_json(server.record) is None
