"""What people see of their changes: at once, then confirmed, or back as it was with a word why."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from typing import Any

import pytest
from services.web.app.tests.support import Api, Backend, Tab, deliver, idle, make_link, two_tabs

from hopcount_app.api_service.debug import DebugApiService
from hopcount_app.api_service.errors import (
    ConflictError,
    ForbiddenError,
    InvalidError,
    OfflineError,
    RateLimitedError,
    ServerError,
    ServiceError,
)
from hopcount_app.api_service.faults import Faults
from hopcount_app.api_service.models import LinkDraft
from hopcount_app.store import reading
from hopcount_app.store.links import LinkStore
from hopcount_app.store.listing import Sort
from hopcount_app.store.toasts import Toasts, Tone

DRAFT = LinkDraft("https://example.org/new")


class Bench:
    """A store whose backend answers when told to."""

    def __init__(self, *links: Any, channel: Tab | None = None, backend: Backend | None = None) -> None:
        self.backend = backend or Backend({link.id: link for link in links})
        self.toasts = Toasts()
        api: Any = Api(self.backend)
        self.store = LinkStore(api, self.toasts, channel, self.backend.clock)

    @property
    def codes(self) -> list[str]:
        return [row.link.id for row in self.store.rows(self.store.live)]

    @property
    def trash(self) -> list[str]:
        return [row.link.id for row in self.store.rows(self.store.trash)]

    @property
    def message(self) -> str:
        return self.toasts.waiting[0].text if self.toasts.waiting else ""

    async def open(self) -> Bench:
        """Read the list."""
        await self.during(self.store.refresh(self.store.live))
        return self

    async def during(self, work: Awaitable[Any]) -> Any:
        """Wait for something while the backend answers."""
        task = asyncio.ensure_future(work)
        await self.answer()
        return await task

    async def answer(self) -> None:
        """Let the backend answer all there is."""
        await idle()
        while self.backend.calls:
            self.backend.calls[0].answer()
            await idle()

    async def fail(self, error: ServiceError) -> None:
        """Let the next answer be a failure."""
        await idle()
        self.backend.calls[0].fail(error)
        await idle()

    async def press(self) -> None:
        """Do what the message offers."""
        toast = self.toasts.waiting[0]
        self.toasts.dismiss(toast)
        assert toast.on_action is not None
        toast.on_action()
        await idle()


def play(scene: Callable[[], Awaitable[None]]) -> None:
    async def run() -> None:
        await scene()

    asyncio.run(run())


def test_a_new_link_shows_before_the_answer_and_keeps_its_row() -> None:
    async def scene() -> None:
        bench = await Bench(make_link("old")).open()
        creation = bench.store.create(DRAFT)
        (first, _) = bench.store.rows(bench.store.live)
        assert (first.pending, first.new, first.name) == (True, True, "New link")
        assert first.link.original_url == DRAFT.original_url
        await bench.answer()
        (made, _) = bench.store.rows(bench.store.live)
        assert (made.pending, made.new, made.link.id) == (False, False, "code0")
        assert made.key == first.key
        assert (await creation.outcome()) == made.link

    play(scene)


def test_a_new_link_with_an_alias_shows_it_at_once() -> None:
    async def scene() -> None:
        bench = await Bench().open()
        bench.store.create(LinkDraft("https://example.org/", "mine"))
        assert [row.name for row in bench.store.rows(bench.store.live)] == ["mine"]

    play(scene)


FAILURES = [
    (RateLimitedError(retry_after=3), "Too many requests: try again in 3 seconds.", Tone.WARNING),
    (RateLimitedError(retry_after=0.2), "Too many requests: try again in 1 second.", Tone.WARNING),
    (OfflineError(), "Hopcount cannot be reached. Are you offline?", Tone.WARNING),
    (ForbiddenError(), "This request was refused. You may not be allowed to do this.", Tone.ERROR),
    (ServerError(), "Something went wrong on our side. Please try again.", Tone.ERROR),
]


@pytest.mark.parametrize(("error", "reason", "tone"), FAILURES)
def test_what_fails_is_rolled_back_with_a_word_why_and_can_be_retried(
    error: ServiceError, reason: str, tone: Tone
) -> None:
    async def scene() -> None:
        bench = await Bench(make_link("old")).open()
        creation = bench.store.create(DRAFT)
        await bench.fail(error)
        assert bench.codes == ["old"]
        (toast,) = bench.toasts.waiting
        assert (toast.text, toast.tone, toast.action) == (f"The link was not made. {reason}", tone, "Retry")
        with pytest.raises(type(error)):
            await creation.outcome()
        await bench.answer()
        await bench.press()
        assert [row.pending for row in bench.store.rows(bench.store.live)] == [True, False]
        await bench.answer()
        assert bench.codes == ["code0", "old"]

    play(scene)


def test_what_was_made_though_its_answer_was_lost_shows_once_and_is_made_once() -> None:
    async def scene() -> None:
        bench = await Bench(make_link("old")).open()
        bench.store.create(DRAFT)
        await idle()
        bench.backend.calls[0].arrive()
        await bench.fail(OfflineError())
        await bench.answer()
        assert bench.codes == ["code0", "old"]
        await bench.press()
        assert len(bench.codes) == 2
        await bench.answer()
        assert bench.codes == ["code0", "old"]

    play(scene)


def test_a_page_that_holds_the_new_link_already_does_not_show_it_twice() -> None:
    async def scene() -> None:
        bench = await Bench(make_link("old")).open()
        bench.store.create(DRAFT)
        await idle()
        (creation,) = bench.backend.calls
        creation.arrive()
        page = asyncio.ensure_future(bench.store.refresh(bench.store.live))
        await idle()
        bench.backend.calls[1].answer()
        await page
        assert len(bench.codes) == 2
        await bench.answer()
        assert bench.codes == ["code0", "old"]

    play(scene)


def test_two_new_links_to_one_target_stay_two() -> None:
    async def scene() -> None:
        bench = await Bench().open()
        bench.store.create(DRAFT)
        bench.store.create(DRAFT)
        await idle()
        for creation in bench.backend.calls:
            creation.arrive()
        page = asyncio.ensure_future(bench.store.refresh(bench.store.live))
        await idle()
        bench.backend.calls[2].answer()
        await page
        assert len(bench.codes) == 2
        await bench.answer()
        assert bench.codes == ["code1", "code0"]

    play(scene)


@pytest.mark.parametrize(
    "error", [InvalidError("Check the address.", {"originalUrl": "is bad"}), ConflictError("taken")]
)
def test_a_form_that_waits_says_itself_what_is_wrong(error: ServiceError) -> None:
    async def scene() -> None:
        bench = await Bench().open()
        creation = bench.store.create(DRAFT, watched=True)
        await bench.fail(error)
        assert (bench.codes, bench.message) == ([], "")
        with pytest.raises(type(error)):
            await creation.outcome()
        bench.store.create(DRAFT)
        await bench.fail(error)
        assert bench.toasts.waiting[0].action is None, "the same again would fail again"

    play(scene)


def test_an_edit_shows_at_once_and_goes_back() -> None:
    async def scene() -> None:
        bench = await Bench(make_link("old", etag='"1"')).open()
        before = bench.store.rows(bench.store.live)
        bench.store.edit("old", {"original_url": "https://example.org/2"}, None)
        (row,) = bench.store.rows(bench.store.live)
        assert (row.link.original_url, row.pending) == ("https://example.org/2", True)
        await bench.fail(ForbiddenError())
        assert bench.store.rows(bench.store.live) == before
        assert bench.message.startswith("old was not changed.")

    play(scene)


def test_what_somebody_else_changed_meanwhile_is_shown_and_retry_means_it() -> None:
    async def scene() -> None:
        bench = await Bench(make_link("old", etag='"1"')).open()
        seen = await bench.during(bench.store.load("old"))
        other = await Bench(backend=bench.backend).open()
        other.store.edit("old", {"max_age": 60}, None)
        await other.answer()
        bench.store.edit("old", {"max_age": 5}, seen.etag)
        await bench.answer()
        row = bench.store.row("old")
        assert row is not None
        assert row.link.max_age == 60
        assert bench.message == "old was not changed. The link was changed since it was read."
        await bench.press()
        await bench.answer()
        assert bench.backend.links["old"].max_age == 5

    play(scene)


def test_two_edits_of_what_was_seen_once_do_not_conflict_with_each_other() -> None:
    async def scene() -> None:
        bench = await Bench(make_link("old", etag='"1"')).open()
        seen = await bench.during(bench.store.load("old"))
        bench.store.edit("old", {"max_age": 5}, seen.etag)
        bench.store.edit("old", {"pass_query": True}, seen.etag)
        await idle()
        assert [call.name for call in bench.backend.calls] == ["update_link"], "one after the other"
        await bench.answer()
        link = bench.backend.links["old"]
        assert (link.max_age, link.pass_query, bench.message) == (5, True, "")

    play(scene)


def test_a_deleted_link_goes_at_once_and_undo_brings_it_back_to_its_place() -> None:
    async def scene() -> None:
        bench = await Bench(*(make_link(code, n) for n, code in enumerate("abc"))).open()
        bench.store.delete("b")
        assert (bench.codes, bench.trash) == (["c", "a"], ["b"])
        assert (bench.message, bench.toasts.waiting[0].action) == ("b was moved to the trash.", "Undo")
        await bench.press()
        assert bench.codes == ["c", "b", "a"], "even before the deletion is confirmed"
        await bench.answer()
        assert (bench.codes, bench.trash) == (["c", "b", "a"], [])
        assert not bench.store.is_busy

    play(scene)


def test_a_deletion_that_fails_offers_no_undo_and_is_not_undone() -> None:
    async def scene() -> None:
        bench = await Bench(make_link("a")).open()
        bench.store.delete("a")
        await bench.press()
        await bench.fail(RateLimitedError())
        await bench.answer()
        assert bench.codes == ["a"]
        assert [toast.action for toast in bench.toasts.waiting] == ["Retry"]
        await bench.press()
        assert bench.codes == []
        assert [toast.action for toast in bench.toasts.waiting] == ["Undo"]

    play(scene)


def test_what_is_gone_or_back_already_is_as_wanted() -> None:
    async def scene() -> None:
        bench = await Bench(make_link("a"), make_link("b")).open()
        bench.backend._write(bench.backend.links["a"], deleted_at=bench.backend.clock())
        bench.store.delete("a")
        await bench.answer()
        assert bench.codes == ["b"]
        bench.store.restore("b")
        await bench.answer()
        assert [toast.text for toast in bench.toasts.waiting] == ["a was moved to the trash."]

    play(scene)


def test_changes_of_a_link_that_is_not_made_yet_wait_for_its_code() -> None:
    async def scene() -> None:
        bench = await Bench().open()
        creation = bench.store.create(DRAFT)
        bench.store.edit(creation.subject, {"max_age": 9}, None)
        bench.store.delete(creation.subject)
        assert bench.codes == []
        await bench.answer()
        assert bench.backend.links["code0"].max_age == 9
        assert bench.trash == ["code0"]

    play(scene)


def test_changes_of_a_link_that_is_not_made_after_all_fall_with_it() -> None:
    async def scene() -> None:
        bench = await Bench().open()
        creation = bench.store.create(DRAFT)
        bench.store.delete(creation.subject)
        await bench.fail(RateLimitedError())
        assert [toast.action for toast in bench.toasts.waiting] == ["Retry"]
        assert (bench.codes, bench.trash, bench.backend.calls) == ([], [], [])

    play(scene)


def test_an_answer_from_before_a_change_does_not_undo_it() -> None:
    async def scene() -> None:
        bench = await Bench(make_link("a"), make_link("b", etag='"1"')).open()
        page = asyncio.ensure_future(bench.store.refresh(bench.store.live))
        await idle()
        late = bench.backend.calls[0]
        late.arrive()
        bench.store.delete("a")
        bench.store.edit("b", {"max_age": 7}, None)
        bench.store.create(DRAFT)
        await idle()
        for call in bench.backend.calls[1:]:
            call.answer()
        await idle()
        late.answer()
        await page
        assert bench.codes == ["code0", "b"]
        row = bench.store.row("b")
        assert row is not None
        assert row.link.max_age == 7

    play(scene)


def test_pages_follow_each_other_and_a_refresh_does_not_narrow_the_list(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(reading, "PAGE", 2)

    async def scene() -> None:
        bench = await Bench(*(make_link(code, n) for n, code in enumerate("abcde"))).open()
        assert bench.codes == ["e", "d"]
        await bench.during(bench.store.more(bench.store.live))
        await bench.during(bench.store.refresh(bench.store.live))
        assert bench.codes == ["e", "d", "c", "b"]
        await bench.during(bench.store.more(bench.store.live))
        assert bench.codes == ["e", "d", "c", "b", "a"]
        await bench.store.more(bench.store.live)

    play(scene)


def test_links_that_went_elsewhere_go_here_when_the_list_is_read_again() -> None:
    async def scene() -> None:
        bench = await Bench(make_link("a"), make_link("b", 1)).open()
        bench.backend._write(bench.backend.links["a"], deleted_at=bench.backend.clock())
        await bench.open()
        assert bench.codes == ["b"]

    play(scene)


def test_a_link_of_ours_that_the_index_does_not_know_yet_stays() -> None:
    async def scene() -> None:
        bench = await Bench().open()
        bench.store.create(DRAFT)
        await bench.answer()
        page = asyncio.ensure_future(bench.store.refresh(bench.store.live))
        await idle()
        made = bench.backend.links.pop("code0")
        bench.backend.calls[0].arrive()
        bench.backend.links["code0"] = made
        await bench.answer()
        await page
        assert bench.codes == ["code0"]

    play(scene)


def test_a_search_narrows_what_is_known_at_once_and_asks_for_the_rest(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(reading, "PAGE", 2)

    async def scene() -> None:
        bench = await Bench(*(make_link(code, n) for n, code in enumerate(["q1", "a", "b", "Q2"]))).open()
        bench.store.search(" q ")
        assert bench.codes == ["Q2"]
        await bench.open()
        assert bench.codes == ["Q2", "q1"]
        bench.store.search("")
        await bench.open()
        assert bench.codes == ["Q2", "b"], "the window begins anew"

    play(scene)


@pytest.mark.parametrize(
    ("order", "codes"),
    [
        (Sort.NEWEST, ["c", "B", "a"]),
        (Sort.OLDEST, ["a", "B", "c"]),
        (Sort.CLICKS, ["B", "c", "a"]),
        (Sort.NAME, ["a", "B", "c"]),
    ],
)
def test_orders(order: Sort, codes: list[str], monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(reading, "PAGE", 1)

    async def scene() -> None:
        links = [
            make_link("a", 0),
            make_link("B", 1, clicks=1, imported_clicks=9),
            make_link("c", 2, clicks=3),
        ]
        bench = await Bench(*links).open()
        bench.store.sort(order)
        await bench.during(bench.store.read_all(bench.store.live))
        assert bench.codes == codes

    play(scene)


def test_a_list_that_cannot_be_read_says_so_until_it_can() -> None:
    async def scene() -> None:
        bench = Bench(make_link("a"))
        asyncio.ensure_future(bench.store.refresh(bench.store.live))  # noqa: RUF006
        await bench.fail(OfflineError())
        assert isinstance(bench.store.live.error, OfflineError)
        await bench.open()
        assert (bench.store.live.error, bench.codes) == (None, ["a"])

    play(scene)


def test_leaving_a_view_ends_its_request() -> None:
    async def scene() -> None:
        bench = Bench(make_link("a"))
        task = asyncio.ensure_future(bench.store.refresh(bench.store.live))
        await idle()
        task.cancel()
        await idle()
        assert (bench.backend.calls, bench.store.live.loading) == ([], False)

    play(scene)


def test_another_tab_shows_just_what_changed() -> None:
    async def scene() -> None:
        waiting, here, there = two_tabs()
        bench = await Bench(make_link("a"), make_link("b", 1), channel=here).open()
        other = await Bench(channel=there, backend=bench.backend).open()
        bench.store.create(LinkDraft("https://example.org/", "new"))
        bench.store.delete("a")
        bench.store.edit("b", {"max_age": 1}, None)
        await bench.answer()
        assert {message["link"] for _, message in waiting} == {"new", "a", "b"}
        while waiting:
            deliver(waiting)
        await idle()
        assert {call.name for call in bench.backend.calls} == {"link"}
        await other.answer()
        assert (other.codes, other.trash) == (["new", "b"], ["a"])

    play(scene)


def test_whoever_comes_next_sees_nothing_of_it() -> None:
    async def scene() -> None:
        bench = await Bench(make_link("a")).open()
        bench.store.belong_to("ada")
        bench.store.belong_to("ada")
        assert bench.codes == ["a"], "a session that is renewed changes nothing"
        bench.store.create(DRAFT)
        await idle()
        bench.store.belong_to("grace")
        await idle()
        assert (bench.codes, bench.backend.calls, bench.store.live.loaded) == ([], [], False)
        assert not bench.store.is_busy

    play(scene)


def test_views_hear_of_each_change() -> None:
    async def scene() -> None:
        bench, heard = Bench(make_link("a")), []
        bench.store.listeners.append(lambda: heard.append(bench.codes))
        await bench.open()
        bench.store.delete("a")
        assert (heard[0], ["a"] in heard, heard[-1]) == ([], True, [])

    play(scene)


def test_in_debug_mode_what_is_undone_is_back() -> None:
    async def scene() -> None:
        store = LinkStore(DebugApiService(Faults()), Toasts())
        await store.refresh(store.live)
        codes = [row.link.id for row in store.rows(store.live)]
        await store.delete(codes[1]).outcome()
        await store.restore(codes[1]).outcome()
        assert [row.link.id for row in store.rows(store.live)] == codes

    play(scene)
