"""The emulator does what Lambda does."""

import os
import signal
import sys
from pathlib import Path

import pytest

from tests.support.poll import until
from tests.support.runtime_api import Extensions, InitError, Sandbox

TINY = [sys.executable, Path(__file__).with_name("tiny_runtime.py")]
SLOW = {"EXTENSION": "0.2"}


def state(pid: int) -> str:
    """Return a process's state as /proc has it: T is stopped, Z has ended."""
    return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0]


def test_an_event_gets_its_answer() -> None:
    with Sandbox(TINY, {}) as sandbox:
        first, second = sandbox.invoke({"n": 1}), sandbox.invoke(b'{"n": 2}')
        sandbox.wait_idle()
    assert first.value == {"id": first.request_id, "n": 1}
    assert second.value == {"id": second.request_id, "n": 2}
    assert [first.error, second.error] == [None, None]
    assert sandbox.invocations == [first, second]


def test_times_are_in_order_and_the_first_counts_from_the_start() -> None:
    with Sandbox(TINY, {}) as sandbox:
        first, second = sandbox.invoke({}), sandbox.invoke({})
        sandbox.wait_idle()
        assert first.spawned_at is not None
        assert second.spawned_at is None
        assert first.spawned_at < first.spawned_at + sandbox.init_seconds <= first.invoked_at
        for invocation in (first, second):
            assert invocation.invoked_at < invocation.answered_at < invocation.released_at
        assert first.milliseconds > sandbox.init_seconds * 1000
        assert second.milliseconds == (second.answered_at - second.invoked_at) * 1000


def test_the_answer_does_not_wait_for_extensions_but_the_release_does() -> None:
    with Sandbox(TINY, SLOW) as sandbox:
        invocation = sandbox.invoke({})
        assert "extension INVOKE" not in sandbox.log
        assert invocation.released_at is None
        sandbox.wait_idle()
        assert f"extension INVOKE {invocation.request_id}" in sandbox.log
        assert invocation.released_at > invocation.answered_at
        assert sandbox.extension_names == ["tiny"]


def test_a_busy_sandbox_gets_no_second_event() -> None:
    with Sandbox(TINY, SLOW) as sandbox:
        first, second = sandbox.invoke({}), sandbox.invoke({})
    assert first.released_at <= second.invoked_at


def test_a_frozen_sandbox_stands_still_and_goes_on() -> None:
    with Sandbox(TINY, SLOW, freeze=True) as sandbox:
        sandbox.start()
        until(lambda: state(sandbox.pid), lambda now: now == "T")
        assert sandbox.invoke({"n": 1}).value["n"] == 1
        assert state(sandbox.pid) != "T"  # its extension is at work
        sandbox.wait_idle()
        until(lambda: state(sandbox.pid), lambda now: now == "T")
        assert sandbox.invoke({"n": 2}).value["n"] == 2


def test_without_freezing_it_is_never_stopped() -> None:
    with Sandbox(TINY, {}) as sandbox:
        sandbox.invoke({})
        sandbox.wait_idle()
        assert state(sandbox.pid) != "T"


@pytest.mark.parametrize(
    ("extensions", "said"),
    [(Extensions.REFUSED, "not registered: 403"), (Extensions.ABSENT, "not registered: 404")],
)
def test_extensions_may_be_refused_or_unheard_of(extensions: Extensions, said: str) -> None:
    with Sandbox(TINY, SLOW, extensions=extensions) as sandbox:
        invocation = sandbox.invoke({})
        sandbox.wait_idle()
        assert said in sandbox.log
        assert sandbox.extension_names == []
        assert invocation.error is None


def test_who_answers_too_late_is_killed_and_the_next_event_finds_a_new_sandbox() -> None:
    with Sandbox(TINY, {}, timeout=0.5) as sandbox:
        late = sandbox.invoke({"sleep": 60})
        sandbox.wait_ended()
        assert (late.timed_out, late.error, late.answered_at) == (True, "Sandbox.Timedout", None)
        with pytest.raises(ValueError, match=r"Sandbox\.Timedout"):
            _ = late.milliseconds
        after = sandbox.invoke({"n": 2})
        assert after.value["n"] == 2
        assert after.spawned_at is not None


def test_an_extension_that_takes_too_long_costs_the_sandbox_not_the_answer() -> None:
    with Sandbox(TINY, {"EXTENSION": "60"}, timeout=0.5) as sandbox:
        invocation = sandbox.invoke({"n": 1})
        assert invocation.value["n"] == 1
        sandbox.wait_ended()
        assert (invocation.timed_out, invocation.error, invocation.released_at) == (True, None, None)


def test_the_timeout_counts_from_the_event_and_not_from_the_start() -> None:
    with Sandbox(TINY, {}, timeout=0.5) as sandbox:
        for _ in range(3):
            assert not sandbox.invoke({"sleep": 0.3}).timed_out


def test_a_sandbox_that_ends_by_itself_answers_with_an_error() -> None:
    with Sandbox(TINY, {}) as sandbox:
        invocation = sandbox.invoke({"exit": 3})
        sandbox.wait_ended()
        assert invocation.error == "Runtime.ExitError"
        assert sandbox.invoke({"n": 1}).value["n"] == 1


@pytest.mark.parametrize("freeze", [False, True])
def test_killing_works_at_any_time(freeze: bool) -> None:
    with Sandbox(TINY, SLOW, freeze=freeze) as sandbox:
        during = sandbox.invoke({})
        pid = sandbox.pid
        sandbox.kill()
        assert during.released_at is None
        assert not Path(f"/proc/{pid}").exists()
        sandbox.invoke({})
        sandbox.wait_idle()
        sandbox.kill()
        sandbox.kill()
    Sandbox(TINY, {}).__exit__(None, None, None)


def test_an_error_is_reported_with_its_type() -> None:
    with Sandbox(TINY, {}) as sandbox:
        invocation = sandbox.invoke({"fail": True})
        assert invocation.error == "TinyError"
        assert invocation.value["errorMessage"] == "asked for"
        assert sandbox.invoke({}).error is None


def test_an_answer_to_another_event_is_refused() -> None:
    with Sandbox(TINY, {}, timeout=1) as sandbox:
        invocation = sandbox.invoke({"answer": "00000000-0000-0000-0000-000000000000"})
        sandbox.wait_idle()
        assert "response 400" in sandbox.log
        assert invocation.answered_at is None
        assert invocation.error == "Runtime.ExitError"


def test_a_function_that_does_not_start_is_told_with_its_log() -> None:
    with Sandbox(TINY, {"INIT": "fails"}) as sandbox, pytest.raises(InitError, match="no such module"):
        sandbox.start()


def test_the_processor_time_of_the_sandbox_is_counted_alone() -> None:
    with Sandbox(TINY, {}) as sandbox:
        sandbox.invoke({})
        sandbox.wait_idle()
        before = sandbox.cpu_seconds()
        sandbox.invoke({"work": 1_000_000})
        assert sandbox.cpu_seconds() > before + 0.001


def test_nothing_is_left_behind() -> None:
    with Sandbox(TINY, {}) as sandbox:
        sandbox.invoke({})
        pid = sandbox.pid
    with pytest.raises(ProcessLookupError):
        os.kill(pid, signal.SIGKILL)
