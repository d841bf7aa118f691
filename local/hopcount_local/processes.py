"""Background processes that outlive the command which started them, and are never taken for another.

A process is known by its id, its start time and its arguments together: an id alone may by now belong to
any program of the user's.
"""

from __future__ import annotations

import contextlib
import os
import socket
import subprocess
import time
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import psutil

from hopcount_local.errors import NotReadyError, PortTakenError, ProcessDiedError
from hopcount_local.files import read_json, tail, write_json

_CLOCK_TOLERANCE = 2.0
"""Seconds by which a start time may be misread: it is kept relative to boot, and clocks are corrected."""

_PORT_FREED_WITHIN = 1.5
"""Seconds that a port in use gets to become free."""


@dataclass(frozen=True)
class Background:
    """A program that runs in a session of its own, with a record of who it is and a log."""

    name: str
    command: Sequence[str]
    record: Path
    log: Path
    grace: float = 20.0
    """Seconds between asking it to stop and killing it."""

    @property
    def title(self) -> str:
        """The name at the beginning of a sentence."""
        return self.name[:1].upper() + self.name[1:]

    def running(self) -> psutil.Process | None:
        """Return the recorded process if it still lives and is still itself."""
        known = self._known()
        return _identified(known) if known else None

    def config(self) -> Mapping[str, Any]:
        """Return what the recorded process was started with."""
        config = (read_json(self.record) or {}).get("config")
        return config if isinstance(config, dict) else {}

    def start(self, *, cwd: Path, environ: Mapping[str, str], config: Mapping[str, Any]) -> None:
        """Start the program; it ignores this terminal's Ctrl-C and stays when this command ends."""
        self.log.parent.mkdir(parents=True, exist_ok=True)
        if self.log.exists():
            self.log.replace(self.log.with_suffix(".previous.log"))
        with self.log.open("wb") as log:
            process = subprocess.Popen(
                self.command,
                cwd=cwd,
                env=dict(environ),
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=subprocess.STDOUT,
                start_new_session=True,
            )
        # Reaped by `running` while we live, by init afterwards: without this, Popen warns when collected.
        process.returncode = 0
        created = psutil.Process(process.pid).create_time()
        known = {"pid": process.pid, "created": created, "command": list(self.command)}
        write_json(self.record, {**known, "config": dict(config)})

    def wait_until(self, ready: Callable[[], bool], *, seconds: float) -> None:
        """Wait until the program answers.

        Raises
        ------
        ProcessDiedError
            It ended instead; the message has the end of its log.
        NotReadyError
            It lives but has not answered in time.
        """
        deadline = time.monotonic() + seconds
        while not ready():
            if self.running() is None:
                raise ProcessDiedError(f"{self.title} ended. Its log ({self.log}) says:\n{tail(self.log)}")
            if time.monotonic() > deadline:
                says = f"Its log ({self.log}) says:\n{tail(self.log)}"
                raise NotReadyError(f"{self.title} did not answer within {seconds:.0f} s. {says}")
            time.sleep(0.1)

    def stop(self) -> bool:
        """Stop the program and all it started; tell whether there was anything to stop."""
        known = self._known()
        if known is None:
            return False
        leader = _identified(known)
        family = [*([leader] if leader else []), *_relatives(known, leader)]
        if leader:
            _signal([leader], psutil.Process.terminate)
            psutil.wait_procs([leader], timeout=self.grace)
            # What it started while it was stopping.
            family = [*family, *_relatives(known, None)]
        _signal(family, psutil.Process.terminate)
        _, stubborn = psutil.wait_procs(family, timeout=2)
        _signal(stubborn, psutil.Process.kill)
        psutil.wait_procs(stubborn, timeout=5)
        self.record.unlink(missing_ok=True)
        return bool(family)

    def _known(self) -> dict[str, Any] | None:
        known = read_json(self.record)
        return known if known and known.keys() >= {"pid", "created", "command"} else None


def _identified(known: Mapping[str, Any]) -> psutil.Process | None:
    try:
        process = psutil.Process(known["pid"])
        if process.status() == psutil.STATUS_ZOMBIE:
            # Our own child, if we started it just now: let the system forget it.
            with contextlib.suppress(ChildProcessError):
                os.waitpid(process.pid, os.WNOHANG)
            return None
        # Without the program's own name, which some systems' launchers rewrite. A process has no arguments
        # for a moment while it comes into being and while it dies: then its age must do.
        arguments = process.cmdline()[1:]
        same_command = not arguments or arguments == known["command"][1:]
        return process if same_command and _same_age(process, known) else None
    except psutil.Error:
        return None


def _same_age(process: psutil.Process, known: Mapping[str, Any]) -> bool:
    created: float = known["created"]
    return abs(process.create_time() - created) < _CLOCK_TOLERANCE


def _is_recycled(known: Mapping[str, Any]) -> bool:
    """Tell whether the recorded id is another process's now, and not free or that of ours as it dies."""
    try:
        return not _same_age(psutil.Process(known["pid"]), known)
    except psutil.Error:
        return False


def _relatives(known: Mapping[str, Any], leader: psutil.Process | None) -> list[psutil.Process]:
    """Return what the recorded process started: its descendants, and orphans in its session.

    Orphans are what a hard kill leaves. A session's id cannot be given to a new process while the session
    has members, so they are ours if they are younger than the leader and run the same interpreter.
    """
    found: dict[int, psutil.Process] = {}
    if leader:
        with contextlib.suppress(psutil.NoSuchProcess):
            found.update((child.pid, child) for child in leader.children(recursive=True))
    elif _is_recycled(known):
        return []
    for process in psutil.process_iter():
        with contextlib.suppress(psutil.Error, ProcessLookupError, PermissionError):
            if (
                process.pid != known["pid"]
                and os.getsid(process.pid) == known["pid"]
                and process.create_time() > known["created"] - _CLOCK_TOLERANCE
                and process.cmdline()[:1] == known["command"][:1]
            ):
                found[process.pid] = process
    return list(found.values())


def _signal(processes: Iterable[psutil.Process], send: Callable[[psutil.Process], None]) -> None:
    for process in processes:
        with contextlib.suppress(psutil.NoSuchProcess):
            send(process)


def require_free_port(port: int, variable: str, purpose: str) -> None:
    """Raise `PortTakenError` if another program listens on a loopback port."""
    # A process that was killed holds its port until it is quite gone.
    deadline = time.monotonic() + _PORT_FREED_WITHIN
    while not _is_free(port):
        if time.monotonic() > deadline:
            raise PortTakenError(
                f"Port {port} is used by another program, and {purpose} needs it.\n"
                f"Stop that program or choose another port: {variable}={port + 1} make up"
            )
        time.sleep(0.1)


def _is_free(port: int) -> bool:
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind(("127.0.0.1", port))
        except OSError:
            return False
    return True
