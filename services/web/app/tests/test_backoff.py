"""Trying again: never too early, never for ever, never what must not happen twice."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hopcount_app.api_service.backoff import WORTH_ANOTHER_TRY, Backoff, retry_after
from hopcount_app.api_service.errors import OfflineError
from hopcount_app.transport import Response

from .fakes import Clock, answer, run

CHANCES = st.floats(min_value=0, max_value=1, exclude_max=True)
FAILURES = st.lists(
    st.one_of(
        st.builds(OfflineError),
        st.sampled_from(sorted(WORTH_ANOTHER_TRY)).map(answer),
        st.integers(0, 40).map(lambda seconds: answer(429, retry_after=str(seconds))),
    ),
    min_size=8,
    max_size=8,
)


class Service:
    """Answers as it is told and notes when it was asked."""

    def __init__(self, clock: Clock, answers: list[Response | Exception]) -> None:
        self.clock = clock
        self.answers = answers
        self.asked_at: list[float] = []

    async def ask(self) -> Response:
        found = self.answers[len(self.asked_at)]
        self.asked_at.append(self.clock())
        if isinstance(found, Exception):
            raise found
        return found


def backoff(clock: Clock, chance: float = 0.5) -> Backoff:
    return Backoff(clock=clock, sleep=clock.sleep, chance=lambda: chance)


def outcome(service: Service, chance: float, *, repeatable: bool = True) -> Response | OfflineError:
    try:
        return run(backoff(service.clock, chance).run(service.ask, repeatable=repeatable))
    except OfflineError as error:
        return error


@given(FAILURES, CHANCES)
def test_it_asks_not_too_often_not_too_long_and_never_too_early(
    failures: list[Response | Exception], chance: float
) -> None:
    clock = Clock()
    service, begun = Service(clock, failures), clock.now
    outcome(service, chance)
    settings = backoff(clock)
    assert 1 <= len(service.asked_at) <= settings.tries
    assert clock.now - begun <= settings.total
    for number, (before, after) in enumerate(zip(service.asked_at, service.asked_at[1:], strict=False)):
        failure = failures[number]
        asked_for = 0.0 if isinstance(failure, Exception) else retry_after(failure.headers, before) or 0.0
        assert after - before >= asked_for - 1e-6
        assert after - before <= asked_for + min(settings.first * 2**number, settings.longest) + 1e-6


@given(FAILURES, CHANCES)
def test_what_must_not_happen_twice_is_sent_once(failures: list[Response | Exception], chance: float) -> None:
    service = Service(Clock(), failures)
    assert outcome(service, chance, repeatable=False) is failures[0]
    assert len(service.asked_at) == 1
    assert service.clock.waits == []


@pytest.mark.parametrize("status", [200, 204, 301, 400, 401, 403, 404, 409, 412, 422, 500])
def test_what_does_not_go_away_by_itself_is_told_at_once(status: int) -> None:
    service = Service(Clock(), [answer(status)])
    assert outcome(service, 0.5) == answer(status)


def test_it_goes_on_until_it_works() -> None:
    service = Service(Clock(), [OfflineError(), answer(503), answer(200)])
    assert outcome(service, 0.5) == answer(200)
    assert service.clock.waits == pytest.approx([0.2, 0.4])


def test_nobody_waits_longer_than_it_is_worth() -> None:
    service = Service(Clock(), [answer(429, retry_after="60"), answer(200)])
    assert outcome(service, 0.5) == answer(429, retry_after="60")
    assert service.clock.waits == []


@pytest.mark.parametrize(
    ("text", "seconds"),
    [
        ("3", 3.0),
        (" 0 ", 0.0),
        ("Wed, 21 Oct 2026 07:28:30 GMT", 30.0),
        ("Wed, 21 Oct 2026 07:28:30 -0000", 30.0),
        ("Wed, 21 Oct 2026 07:27:00 GMT", 0.0),
        ("", None),
        ("-1", None),
        ("soon", None),
        ("٣", None),
        ("Wed, 99 Oct 2026 07:28:30 GMT", None),
    ],
)
def test_seconds_and_dates_are_understood(text: str, seconds: float | None) -> None:
    assert retry_after({"retry-after": text}, now=1792567680.0) == seconds


@given(st.text(max_size=40))
def test_nonsense_is_no_time(text: str) -> None:
    found = retry_after({"retry-after": text}, now=1792567680.0)
    assert found is None or found >= 0
