"""The backend that makes everything up: believable, consistent, the same each time, and able to fail."""

import asyncio
from collections.abc import Awaitable
from datetime import UTC, datetime
from typing import TypeVar

import pytest

from hopcount_app.api_service import errors
from hopcount_app.api_service.debug import DebugApiService
from hopcount_app.api_service.faults import Fault, Faults
from hopcount_app.api_service.models import LinkChanges, LinkDraft
from hopcount_app.auth.debug import DebugAuth
from hopcount_app.auth.service import Account, TotpChallenge

NOW = datetime(2026, 11, 23, 14, 30, tzinfo=UTC)
T = TypeVar("T")


async def no_wait(_seconds: float) -> None:
    """Wait for nothing."""


def run(answer: Awaitable[T]) -> T:
    async def wait() -> T:
        return await answer

    return asyncio.run(wait())


@pytest.fixture
def faults() -> Faults:
    return Faults(sleep=no_wait)


@pytest.fixture
def api(faults: Faults) -> DebugApiService:
    return DebugApiService(faults, lambda: NOW)


def test_pages_hold_every_link_once_newest_first(api: DebugApiService) -> None:
    async def all_pages() -> list[str]:
        ids, cursor = [], None
        while True:
            page = await api.links(limit=7, cursor=cursor)
            ids += [link.id for link in page.items]
            if (cursor := page.next_cursor) is None:
                return ids

    ids = run(all_pages())
    whole = run(api.links(limit=100)).items
    assert ids == [link.id for link in whole]
    assert len(ids) == len(set(ids)) > 50
    assert [link.created_at for link in whole] == sorted((link.created_at for link in whole), reverse=True)


def test_every_state_of_a_link_is_there(api: DebugApiService) -> None:
    live, trash = run(api.links(limit=100)).items, run(api.links(deleted=True)).items
    assert any(link.expires_at and link.expires_at < NOW for link in live)
    assert any(link.disabled_reason for link in live)
    assert any(link.imported_clicks for link in live)
    assert len(trash) > 2
    assert all(link.deleted_at for link in trash)


def test_it_is_the_same_each_time(api: DebugApiService) -> None:
    again = DebugApiService(Faults(sleep=no_wait), lambda: NOW)
    assert run(again.links(limit=100)) == run(api.links(limit=100))


@pytest.mark.parametrize(("interval", "points"), [("day", 7), ("hour", 168)])
@pytest.mark.parametrize("tz", ["UTC", "America/New_York"])
def test_a_series_has_no_gaps_and_adds_up(api: DebugApiService, interval: str, points: int, tz: str) -> None:
    stats = run(api.stats("space", "2026-11-16", "2026-11-22", tz=tz, interval=interval))
    assert len(stats.series) == points
    assert stats.clicks == sum(point.clicks for point in stats.series) > 0
    for values in stats.breakdowns.values():
        assert sum(values.values()) == stats.clicks


def test_a_link_counts_what_its_days_add_up_to(api: DebugApiService) -> None:
    link = run(api.link("survey"))
    stats = run(api.stats("survey", "2026-11-10", "2026-11-23", tz="UTC", interval="day"))
    assert (link.clicks, link.bot_clicks) == (stats.clicks, stats.bot_clicks)
    assert stats.total_clicks == link.clicks


def test_a_link_is_made_once_for_a_key(api: DebugApiService) -> None:
    draft = LinkDraft("https://example.com/", alias="mine")
    assert run(api.create_link(draft, "key")) == run(api.create_link(draft, "key"))
    with pytest.raises(errors.ConflictError):
        run(api.create_link(draft, "another"))
    assert not run(api.alias_is_free("mine"))


def test_an_edit_of_an_old_version_is_refused(api: DebugApiService) -> None:
    link = run(api.link("space"))
    changed = run(api.update_link("space", LinkChanges({"pass_query": True}), link.etag))
    assert changed.pass_query
    with pytest.raises(errors.ConflictError):
        run(api.update_link("space", LinkChanges({"pass_query": False}), link.etag))


def test_a_deleted_link_comes_back(api: DebugApiService) -> None:
    run(api.delete_link("space"))
    with pytest.raises(errors.NotFoundError):
        run(api.link("space"))
    assert run(api.restore_link("space")).deleted_at is None
    assert run(api.link("space")).id == "space"


@pytest.mark.parametrize(
    ("fault", "error"),
    [
        (Fault.OFFLINE, errors.OfflineError),
        (Fault.RATE_LIMITED, errors.RateLimitedError),
        (Fault.FORBIDDEN, errors.ForbiddenError),
        (Fault.FAILING, errors.ServerError),
    ],
)
def test_a_failure_that_is_switched_on_strikes_and_changes_nothing(
    api: DebugApiService, faults: Faults, fault: Fault, error: type[errors.ServiceError]
) -> None:
    faults.mode = fault
    with pytest.raises(error):
        run(api.delete_link("space"))
    faults.mode = Fault.NONE
    assert run(api.link("space")).deleted_at is None


def test_slow_is_slow() -> None:
    waited: list[float] = []

    async def wait(seconds: float) -> None:
        waited.append(seconds)

    run(DebugApiService(Faults(Fault.SLOW, wait), lambda: NOW).health())
    assert waited == [2.0]


def test_whoever_listens_hears_who_is_signed_in(faults: Faults) -> None:
    auth, heard = DebugAuth(faults), []
    auth.listeners.append(heard.append)
    account = run(auth.resume())
    run(auth.sign_out())
    assert heard == [account, None]
    with pytest.raises(errors.SessionOverError):
        run(auth.token())


def test_after_its_set_up_an_authenticator_app_is_asked_for(faults: Faults) -> None:
    auth = DebugAuth(faults)
    run(auth.resume())
    setup = run(auth.begin_totp())
    assert f"secret={setup.secret}" in setup.uri
    with pytest.raises(errors.InvalidError):
        run(auth.confirm_totp("000000"))
    run(auth.confirm_totp("123456"))
    challenge = run(auth.sign_in("ada@example.com", "whatever"))
    assert isinstance(challenge, TotpChallenge)
    assert run(auth.answer_totp(challenge, "123456")) == Account("debug", "ada@example.com")
