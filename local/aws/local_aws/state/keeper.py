"""When to take a snapshot: soon after a change, rarely while nothing happens, never as a burden."""

import asyncio
import logging
import threading
from collections.abc import Callable
from concurrent.futures import CancelledError, Future

from local_aws.state.capture import SnapshotError, Taken, Writer, await_writer

logger = logging.getLogger("local-aws")

SETTLE_SECONDS = 1.0
IDLE_SECONDS = 60.0
# Snapshots may use a tenth of one core, however large the state grows.
REST_PER_WORK = 9.0
# What a failed snapshot counts as, so that a lasting failure is not tried without end.
AFTER_FAILURE_SECONDS = 1.0


class Cadence:
    """How long to wait for the next snapshot.

    A change may happen without a request (a message is acknowledged after the function's last call), so the
    state is also looked at on its own: soon after something changed, then less and less often.
    """

    def __init__(self, shortest: float) -> None:
        self._shortest = shortest
        self._look_again = SETTLE_SECONDS
        self._work = 0.0

    def after(self, *, changed: bool, work_seconds: float) -> None:
        """Take note of a snapshot."""
        self._work = work_seconds
        self._look_again = SETTLE_SECONDS if changed else min(self._look_again * 2, IDLE_SECONDS)

    @property
    def rest(self) -> float:
        """Return how long to rest in any case, in seconds."""
        return max(self._shortest, self._work * REST_PER_WORK)

    @property
    def idle(self) -> float:
        """Return how long to wait beyond that where no request came in, in seconds."""
        return max(0.0, self._look_again - self.rest)


class Keeper:
    """Takes snapshots on a thread of its own, from the first request until stopped.

    Parameters
    ----------
    fork
        Forks the writer; called on the event loop, where no request is half done.
    shortest
        Shortest time between two snapshots, in seconds.
    prepare
        Called before each fork, on the keeper's thread, for work that the emulator need not wait for.
    """

    def __init__(self, fork: Callable[[], Writer], shortest: float, prepare: Callable[[], None]) -> None:
        self._fork = fork
        self._prepare = prepare
        self._cadence = Cadence(shortest)
        self._touched = threading.Event()
        self._stopping = threading.Event()
        self._one_writer = threading.Lock()
        self._asked: Future[Writer] | None = None

    def touch(self) -> None:
        """Say that a request may have changed something."""
        self._touched.set()

    def start(self, loop: asyncio.AbstractEventLoop) -> None:
        """Begin, taking the forks on `loop`."""
        threading.Thread(target=self._run, args=(loop,), name="local-aws-keeper", daemon=True).start()

    def stop(self) -> None:
        """Stop and take the last snapshot. Called on the event loop, as the emulator shuts down."""
        self._stopping.set()
        self._touched.set()
        if self._asked is not None:
            # Its turn on the loop would come after this; one that was forked already is not cancelled by it.
            self._asked.cancel()
        with self._one_writer:
            self._finish(self._fork())

    def _run(self, loop: asyncio.AbstractEventLoop) -> None:
        while not self._stopping.wait(self._cadence.rest):
            self._touched.wait(self._cadence.idle)
            self._touched.clear()
            if self._stopping.is_set():
                return
            self._prepare()
            with self._one_writer:
                self._finish_when_forked(loop)

    def _finish_when_forked(self, loop: asyncio.AbstractEventLoop) -> None:
        asked: Future[Writer] = Future()
        self._asked = asked
        # `stop` sets the one before it looks at the other: it cannot miss this, and wait for itself.
        if self._stopping.is_set():
            return

        def fork_on_loop() -> None:
            if not asked.set_running_or_notify_cancel():
                return
            try:
                asked.set_result(self._fork())
            except (OSError, TimeoutError) as error:
                asked.set_exception(error)

        loop.call_soon_threadsafe(fork_on_loop)
        try:
            self._finish(asked.result())
        except CancelledError:
            logger.debug("Stopping: the last snapshot is taken instead")
        except (OSError, TimeoutError) as error:
            logger.info("No snapshot now: %s", error)
            self._touched.set()

    def _finish(self, writer: Writer) -> None:
        try:
            taken = await_writer(writer)
        except SnapshotError as error:
            logger.error("The state could not be saved: %s", error)  # noqa: TRY400  # the copy's traceback is in it
            self._cadence.after(changed=True, work_seconds=AFTER_FAILURE_SECONDS)
            return
        self._cadence.after(changed=taken.changed, work_seconds=taken.work_seconds)
        _report(taken)


def _report(taken: Taken) -> None:
    logger.debug(
        "Snapshot: changed=%s pause=%.1f ms work=%.0f ms new=%d B total=%d B",
        taken.changed,
        taken.pause_seconds * 1000,
        taken.work_seconds * 1000,
        taken.new_bytes,
        taken.total_bytes,
    )
