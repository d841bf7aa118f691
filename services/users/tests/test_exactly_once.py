"""Whatever happens on the way, a user's total is the number of links they have."""

import json
import random
from collections import Counter
from datetime import datetime

from hypothesis import given
from hypothesis import strategies as st
from services.users.tests.support import NOW, FakeUsers, link_event

from hopcount_shared.errors import UnavailableError
from users.service import LinkCounter


class Crash(BaseException):
    """The sandbox is gone."""


class UnreliableUsers(FakeUsers):
    """Refuses, crashes before or after writing, or writes and loses the answer, as a seed decides."""

    def __init__(self, seed: int) -> None:
        super().__init__()
        self.fate = random.Random(seed)  # noqa: S311 a schedule, not a secret
        self.reliable = False

    def add_links(self, user_id: str, change: int, event_id: str, forget_at: datetime) -> bool:
        fate = "write" if self.reliable else self.fate.choice(["write", "refuse", "crash", "late", "lose"])
        if fate == "refuse":
            raise UnavailableError("busy", retry_after=1)
        if fate == "crash":
            raise Crash
        counted = super().add_links(user_id, change, event_id, forget_at)
        if fate == "late":
            raise Crash
        if fate == "lose":
            raise UnavailableError("no answer", retry_after=1)
        return counted


# What owners do to their links: each link is made once, then deleted and restored in turns.
HISTORIES = st.dictionaries(
    st.integers(0, 8).map(lambda n: f"code{n:03}"),
    st.tuples(st.sampled_from(["ada", "bob"]), st.integers(1, 5)),
    max_size=6,
)


def events_of(histories: dict[str, tuple[str, int]]) -> list[str]:
    kinds = ["LinkCreated", "LinkDeleted", "LinkRestored", "LinkDeleted", "LinkRestored"]
    return [
        json.dumps(link_event(f"{code}:{version}", kinds[version - 1], data={"userId": owner}))
        for code, (owner, versions) in histories.items()
        for version in range(1, versions + 1)
    ]


@given(HISTORIES, st.data(), st.integers(0, 2**32))
def test_totals_are_exact_after_any_schedule(
    histories: dict[str, tuple[str, int]], data: st.DataObject, seed: int
) -> None:
    events = events_of(histories)
    repeated = data.draw(st.lists(st.sampled_from(events), max_size=10)) if events else []
    deliveries = data.draw(st.permutations([*events, *repeated]))
    users = UnreliableUsers(seed)
    counter = LinkCounter(users, lambda: NOW, sleep=lambda _: None, jitter=lambda *_: 0.0)

    queue = list(deliveries)
    for _ in range(4):  # whatever fails comes again, later and in the same order
        queue = [body for body in queue if not delivered(counter, body, users)]
    users.reliable = True  # in the end the outage ends
    assert all(delivered(counter, body, users) for body in queue)
    assert all(delivered(counter, body, users) for body in deliveries), "a replay is acknowledged"

    expected = Counter(owner for owner, versions in histories.values() if versions % 2)
    assert {owner: row.total_links for owner, row in users.rows.items() if row.total_links} == expected


def delivered(counter: LinkCounter, body: str, users: UnreliableUsers) -> bool:
    patience = iter([10.0, 10.0, 0.0])  # three tries, then the time is up
    try:
        counter.count(body, lambda: next(patience))
    except (UnavailableError, Crash):
        return False
    return True
