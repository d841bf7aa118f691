import json
from collections.abc import Callable
from datetime import datetime, timedelta

import pytest
from services.users.tests.support import EMAIL, NOW, SUB, FakePublisher, FakeUsers, link_event

from hopcount_shared.errors import MessageRejectedError, PublishError, UnavailableError
from users.domain.link_events import HORIZON
from users.domain.user import User
from users.service import LAST_TRY_SECONDS, LinkCounter, Profile, Registration

BODY = json.dumps(link_event())


class TestRegistration:
    def test_writes_the_user_down_then_says_so(self) -> None:
        users, publisher = FakeUsers(), FakePublisher()
        Registration(users, publisher, lambda: NOW).register(SUB, EMAIL, "request-1")
        assert users.get(SUB) == User(SUB, EMAIL, created_at="2026-11-22T15:26:58.123456Z")
        [event] = publisher.published
        assert json.loads(event.to_json()) == {
            "id": f"{SUB}:registered",
            "type": "UserRegistered",
            "version": 1,
            "source": "hopcount.users",
            "time": "2026-11-22T15:26:58.123456Z",
            "correlationId": "request-1",
            "data": {"userId": SUB, "occurredAt": "2026-11-22T15:26:58.123456Z"},
        }

    def test_a_retry_repeats_the_same_fact(self) -> None:
        users, publisher = FakeUsers(), FakePublisher(PublishError(["x"]))
        with pytest.raises(PublishError):
            Registration(users, publisher, lambda: NOW).register(SUB, EMAIL, "request-1")
        later = Registration(users, publisher, lambda: NOW + timedelta(minutes=1))
        later.register(SUB, EMAIL, "request-1")
        later.register(SUB, EMAIL, "request-1")
        first, second = publisher.published
        assert first == second
        assert first.time == NOW

    def test_nobody_is_told_of_a_user_who_is_not_written_down(self) -> None:
        class BrokenUsers(FakeUsers):
            def register(self, user_id: str, email: str | None, created_at: str) -> User:
                raise UnavailableError("busy", retry_after=1)

        publisher = FakePublisher()
        with pytest.raises(UnavailableError):
            Registration(BrokenUsers(), publisher, lambda: NOW).register(SUB, EMAIL, "request-1")
        assert publisher.published == []

    def test_totals_counted_before_stay(self) -> None:
        users = FakeUsers()
        users.add_links(SUB, 1, "a:1", NOW)
        Registration(users, FakePublisher(), lambda: NOW).register(SUB, EMAIL, "request-1")
        assert users.rows[SUB].total_links == 1


class TestProfile:
    def test_of_a_stranger_is_empty(self) -> None:
        assert Profile(FakeUsers()).get_me(SUB, EMAIL) == User(SUB, EMAIL)
        assert Profile(FakeUsers()).get_me(SUB, None) == User(SUB)

    def test_prefers_the_address_that_was_confirmed(self) -> None:
        users = FakeUsers()
        users.rows[SUB] = User(SUB, EMAIL, 2, 3, "2026-11-22T15:26:58.123456Z")
        assert Profile(users).get_me(SUB, "token@example.com") == users.rows[SUB]

    def test_never_shows_less_than_nothing(self) -> None:
        users = FakeUsers()
        users.add_links(SUB, -1, "a:2", NOW)
        assert Profile(users).get_me(SUB, None).total_links == 0


class BusyUsers(FakeUsers):
    """Busy for some tries."""

    def __init__(self, tries: int) -> None:
        super().__init__()
        self.tries = tries

    def add_links(self, user_id: str, change: int, event_id: str, forget_at: datetime) -> bool:
        if self.tries:
            self.tries -= 1
            raise UnavailableError("busy", retry_after=1)
        return super().add_links(user_id, change, event_id, forget_at)


class Time:
    """A clock that only sleeping moves."""

    def __init__(self, remaining: float) -> None:
        self.remaining = remaining
        self.waits: list[float] = []

    def sleep(self, seconds: float) -> None:
        self.waits.append(seconds)
        self.remaining -= seconds


def counter(users: FakeUsers, sleep: Callable[[float], None] = lambda _: None) -> LinkCounter:
    return LinkCounter(users, lambda: NOW, sleep=sleep, jitter=lambda _, longest: longest)


class TestLinkCounter:
    def test_counts_and_remembers_for_as_long_as_it_believes(self) -> None:
        users = FakeUsers()
        assert counter(users).count(BODY, lambda: 30)
        assert users.rows[SUB].total_links == 1
        assert users.handled == {"abc1234:1": NOW + HORIZON}

    def test_remembers_longer_when_the_senders_clock_is_ahead(self) -> None:
        users, ahead = FakeUsers(), NOW + timedelta(minutes=5)
        counter(users).count(json.dumps(link_event(time=ahead)), lambda: 30)
        assert users.handled == {"abc1234:1": ahead + HORIZON}

    def test_counts_once(self) -> None:
        users = FakeUsers()
        assert counter(users).count(BODY, lambda: 30)
        assert not counter(users).count(BODY, lambda: 30)
        assert users.rows[SUB].total_links == 1

    def test_changes_nothing_for_a_rejected_message(self) -> None:
        users = FakeUsers()
        with pytest.raises(MessageRejectedError):
            counter(users).count(json.dumps(link_event(version=9)), lambda: 30)
        assert users.rows == {}

    def test_tries_again_waiting_longer_each_time(self) -> None:
        users, time = BusyUsers(8), Time(30)
        assert counter(users, time.sleep).count(BODY, lambda: time.remaining)
        assert time.waits == [0.05, 0.1, 0.2, 0.4, 0.8, 1.6, 2, 2]
        assert users.rows[SUB].total_links == 1

    def test_gives_the_message_back_before_time_runs_out(self) -> None:
        users, time = BusyUsers(10_000), Time(30)
        with pytest.raises(UnavailableError):
            counter(users, time.sleep).count(BODY, lambda: time.remaining)
        assert time.remaining >= LAST_TRY_SECONDS
        assert users.rows == {}
