"""Snapshots come soon after a change, rarely while idle, and never take more than their share."""

import pytest

from local_aws.state.keeper import IDLE_SECONDS, Cadence


def test_rests_the_shortest_time_while_snapshots_are_cheap() -> None:
    cadence = Cadence(shortest=0.5)
    cadence.after(changed=True, work_seconds=0.05)
    assert cadence.rest == 0.5


def test_a_large_state_gets_at_most_a_tenth_of_a_core() -> None:
    cadence = Cadence(shortest=0.5)
    cadence.after(changed=True, work_seconds=2.0)
    assert 2.0 / (2.0 + cadence.rest) == pytest.approx(0.1)


def test_looks_again_soon_after_a_change_for_what_no_request_announced() -> None:
    cadence = Cadence(shortest=0.5)
    cadence.after(changed=True, work_seconds=0.05)
    assert cadence.rest + cadence.idle == pytest.approx(1.0)


def test_looks_less_and_less_often_while_nothing_changes() -> None:
    cadence = Cadence(shortest=0.5)
    waits = []
    for _ in range(10):
        cadence.after(changed=False, work_seconds=0.05)
        waits.append(cadence.rest + cadence.idle)
    assert waits == sorted(waits)
    assert waits[-1] == IDLE_SECONDS
