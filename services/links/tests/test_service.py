"""The use cases, on a repository in memory."""

import dataclasses
import itertools
import random
from collections.abc import Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from services.links.tests.support import (
    NOW,
    MemoryLinkRepository,
    MemoryQuota,
    NoMemory,
    Ticking,
    make_link,
)

from hopcount_shared.errors import (
    ConflictError,
    InvalidInputError,
    NotFoundError,
    PreconditionFailedError,
    QuotaExceededError,
    UnavailableError,
)
from links.domain.codes import CODE_LENGTH
from links.domain.link import Link, LinkChanges, Position
from links.service import CODE_ATTEMPTS, SCAN_LIMIT, LinkCreator, Links, NewLink, TargetRules

RULES = TargetRules({"sho.rt"})
WISH = NewLink(owner="ann", original_url="https://example.com/", content="wish")


class Crash(BaseException):
    """The sandbox dies: nothing can catch this and clean up."""


@dataclass
class World:
    """Everything that makes links, and what it makes them in."""

    links: MemoryLinkRepository = field(default_factory=MemoryLinkRepository)
    quota: MemoryQuota = field(default_factory=MemoryQuota)
    clock: Ticking = field(default_factory=Ticking)
    choose: Any = None

    def create(self, wish: NewLink = WISH, key: str | None = None, **fields: Any) -> Link:
        choose = {"choose": self.choose} if self.choose else {}
        creator = LinkCreator(self.links, self.quota, NoMemory(), RULES, clock=self.clock, **choose)
        return creator.create_link(dataclasses.replace(wish, **fields), key)

    @property
    def service(self) -> Links:
        return Links(self.links, RULES, clock=self.clock)


@pytest.fixture
def world() -> World:
    return World()


class TestCreating:
    def test_a_link_is_what_was_asked_for(self, world: World) -> None:
        expires = NOW + timedelta(days=1)
        link = world.create(
            alias="spring", expires_at=expires, redirect_status=307, max_age=60, pass_query=True
        )
        assert link == make_link(
            id="spring",
            created_at=world.clock.now,
            updated_at=world.clock.now,
            request_id=link.request_id,
            expires_at=expires,
            redirect_status=307,
            max_age=60,
            pass_query=True,
        )
        assert world.links.rows == {"spring": link}

    def test_a_thousand_links_get_a_thousand_codes_although_they_collide(self, world: World) -> None:
        # Three letters make 2,187 codes, so that most creations meet some that are taken.
        seeded = random.Random(7)  # noqa: S311  a test that repeats
        world.choose = lambda _: seeded.choice("abc")
        made, refused = [], 0
        for n in range(1000):
            try:
                made.append(world.create(original_url=f"https://example.com/{n}"))
            except UnavailableError:
                refused += 1
        assert len({link.id for link in made}) == len(made) == len(world.links.rows)
        assert {link.id: link for link in made} == world.links.rows
        assert len(made) > 900
        assert refused == 1000 - len(made)

    def test_a_thousand_creations_at_once_overwrite_nothing(self, world: World) -> None:
        with ThreadPoolExecutor(16) as pool:
            made = list(pool.map(lambda n: world.create(original_url=f"https://e.com/{n}"), range(1000)))
        assert {link.id: link.original_url for link in made} == {
            code: link.original_url for code, link in world.links.rows.items()
        }
        assert len(world.links.rows) == 1000

    def test_it_gives_up_after_so_many_collisions(self, world: World) -> None:
        draws: list[Sequence[str]] = []

        def always_x(letters: Sequence[str]) -> str:
            draws.append(letters)
            return "x"

        world.choose = always_x
        world.create()
        with pytest.raises(UnavailableError):
            world.create()
        assert len(draws) == CODE_LENGTH * (1 + CODE_ATTEMPTS)

    def test_a_taken_alias_is_refused_also_to_its_owner_and_once_deleted(self, world: World) -> None:
        world.create(alias="spring")
        for owner in ("ann", "bob"):
            with pytest.raises(ConflictError):
                world.create(alias="spring", owner=owner)
        world.service.delete_link("spring", "ann")
        with pytest.raises(ConflictError):
            world.create(alias="spring")

    def test_a_link_to_ourselves_and_one_that_is_over_are_refused_and_cost_nothing(
        self, world: World
    ) -> None:
        world.quota.left = 1
        with pytest.raises(InvalidInputError) as refused:
            world.create(original_url="https://sho.rt/abc", expires_at=NOW)
        assert [error.field for error in refused.value.errors] == ["originalUrl", "expiresAt"]
        assert world.quota.left == 1
        assert world.links.rows == {}

    def test_beyond_the_quota_nothing_is_made(self, world: World) -> None:
        world.quota.left = 0
        with pytest.raises(QuotaExceededError):
            world.create()
        assert world.links.rows == {}


class TestCreatingOncePerKey:
    """The memory of the keys is lost each time: the links themselves must know."""

    @pytest.mark.parametrize("alias", [None, "spring"])
    def test_the_same_request_finds_its_link_and_costs_nothing(self, world: World, alias: str | None) -> None:
        first = world.create(key="k", alias=alias)
        world.quota.left = 0
        assert world.create(key="k", alias=alias) == first
        assert len(world.links.rows) == 1

    def test_also_once_it_was_edited_or_deleted(self, world: World) -> None:
        code = world.create(key="k").id
        world.service.update_link(code, "ann", {"original_url": "https://example.org/"})
        world.service.delete_link(code, "ann")
        assert world.create(key="k").id == code
        assert len(world.links.rows) == 1

    def test_another_body_is_refused(self, world: World) -> None:
        world.create(key="k")
        with pytest.raises(InvalidInputError) as refused:
            world.create(key="k", content="other")
        assert [error.field for error in refused.value.errors] == ["idempotency-key"]

    def test_another_key_or_caller_makes_another_link(self, world: World) -> None:
        ids = {world.create(key="k").id, world.create(key="l").id, world.create(key="k", owner="bob").id}
        assert len(ids) == 3

    def test_a_key_is_free_again_after_a_day_as_often_as_one_likes(self, world: World) -> None:
        ids = set()
        for _ in range(2 * CODE_ATTEMPTS):
            ids.add(world.create(key="k").id)
            world.clock.now += timedelta(days=1)
        assert len(ids) == 2 * CODE_ATTEMPTS

    def test_a_derived_code_that_somebody_has_is_passed_over_each_time(self, world: World) -> None:
        taken = world.create(key="k").id
        world.links.rows = {taken: make_link(id=taken, owner="bob")}
        second = world.create(key="k")
        assert second.id != taken
        assert world.create(key="k") == second
        assert world.links.rows[taken].owner == "bob"

    @given(st.data())
    def test_wherever_it_crashes_and_however_often_one_link_comes_of_it(self, data: st.DataObject) -> None:
        world = World(links=CrashingRepository())
        assert isinstance(world.links, CrashingRepository)
        alias = data.draw(st.sampled_from([None, "spring"]))
        for _ in range(data.draw(st.integers(1, 4))):
            world.links.crash_at = data.draw(st.sampled_from(["before", "after", "never"]))
            try:
                world.create(key="k", alias=alias)
            except Crash:
                continue
        world.links.crash_at = "never"
        link = world.create(key="k", alias=alias)
        assert world.links.rows == {link.id: link}

    def test_a_put_whose_answer_was_lost_is_known_again_without_a_key(self, world: World) -> None:
        world.links = RepeatingRepository()
        link = world.create(alias="spring")
        assert world.links.rows == {"spring": link}


@dataclass
class CrashingRepository(MemoryLinkRepository):
    """Dies before or after the put."""

    crash_at: str = "never"

    def create_link(self, link: Link) -> Link | None:
        if self.crash_at == "before":
            raise Crash
        there = super().create_link(link)
        if self.crash_at == "after":
            raise Crash
        return there


class RepeatingRepository(MemoryLinkRepository):
    """Sends each put twice, as boto3 does when the first answer is lost."""

    def create_link(self, link: Link) -> Link | None:
        super().create_link(link)
        return super().create_link(link)


class TestOwnership:
    @pytest.mark.parametrize(("link_id", "owner"), [("mine", "bob"), ("gone", "ann"), ("missing", "ann")])
    def test_what_is_anothers_or_deleted_is_not_there(self, world: World, link_id: str, owner: str) -> None:
        with_one_link_and_one_deleted(world)
        before = dict(world.links.rows)
        with pytest.raises(NotFoundError, match=r"^no such link$"):
            world.service.get_link(link_id, owner)
        with pytest.raises(NotFoundError, match=r"^no such link$"):
            world.service.update_link(link_id, owner, {"max_age": 1})
        with pytest.raises(NotFoundError, match=r"^no such link$"):
            world.service.delete_link(link_id, owner)
        assert world.links.rows == before

    @pytest.mark.parametrize(("link_id", "owner"), [("mine", "ann"), ("gone", "bob"), ("missing", "ann")])
    def test_what_is_not_in_ones_trash_cannot_be_restored(
        self, world: World, link_id: str, owner: str
    ) -> None:
        with_one_link_and_one_deleted(world)
        before = dict(world.links.rows)
        with pytest.raises(NotFoundError, match=r"^no such link$"):
            world.service.restore_link(link_id, owner)
        assert world.links.rows == before

    def test_an_impossible_id_is_not_looked_up(self) -> None:
        service = Links(NoRepository(), RULES)
        for link_id in ("", "a" * 65, "a.b", "a\x00c", "ünter", "abc\n"):
            with pytest.raises(NotFoundError):
                service.get_link(link_id, "ann")
            with pytest.raises(NotFoundError):
                service.update_link(link_id, "ann", {"max_age": 1})
            with pytest.raises(NotFoundError):
                service.delete_link(link_id, "ann")
            with pytest.raises(NotFoundError):
                service.restore_link(link_id, "ann")


def with_one_link_and_one_deleted(world: World) -> None:
    world.create(alias="mine")
    world.create(alias="gone")
    world.service.delete_link("gone", "ann")


class NoRepository(MemoryLinkRepository):
    """Refuses to be asked."""

    def get_link(self, link_id: str) -> Link | None:
        raise AssertionError(link_id)

    def delete_link(self, link_id: str, owner: str, now: datetime) -> Link | None:
        raise AssertionError(link_id)

    def restore_link(self, link_id: str, owner: str, now: datetime) -> Link | None:
        raise AssertionError(link_id)


class TestEditing:
    def test_deleting_and_restoring_keep_place_and_counters(self, world: World) -> None:
        link = world.create(alias="mine")
        world.links.rows["mine"] = dataclasses.replace(link, clicks=7)
        world.service.delete_link("mine", "ann")
        restored = world.service.restore_link("mine", "ann")
        assert restored == dataclasses.replace(link, clicks=7, version=3, updated_at=world.clock.now)

    @pytest.mark.parametrize("if_match", [None, '"1"', '"7", "1"', "*"])
    def test_a_matching_version_is_changed(self, world: World, if_match: str | None) -> None:
        world.create(alias="mine")
        assert world.service.update_link("mine", "ann", {"max_age": 5}, if_match).version == 2

    @pytest.mark.parametrize("if_match", ['"2"', "1", 'W/"1"', "", '"', '"1"x'])
    def test_another_version_is_not(self, world: World, if_match: str) -> None:
        world.create(alias="mine")
        with pytest.raises(PreconditionFailedError):
            world.service.update_link("mine", "ann", {"max_age": 5}, if_match)
        assert world.links.rows["mine"].max_age is None

    def test_an_edit_may_not_lead_home_or_into_the_past(self, world: World) -> None:
        world.create(alias="mine")
        for changes in (LinkChanges(original_url="http://sho.rt./x"), LinkChanges(expires_at=NOW)):
            with pytest.raises(InvalidInputError):
                world.service.update_link("mine", "ann", changes)

    def test_concurrent_edits_of_different_fields_both_stand(self, world: World) -> None:
        world.create(alias="mine")
        rival = RacingRepository(world.links.rows, races=3)
        Links(rival, RULES, clock=world.clock).update_link("mine", "ann", {"max_age": 5})
        link = world.links.rows["mine"]
        assert (link.max_age, link.redirect_status, link.version) == (5, 308, 5)

    def test_a_race_lost_with_if_match_is_told(self, world: World) -> None:
        world.create(alias="mine")
        rival = RacingRepository(world.links.rows, races=1)
        with pytest.raises(PreconditionFailedError):
            Links(rival, RULES, clock=world.clock).update_link("mine", "ann", {"max_age": 5}, '"1"')
        assert world.links.rows["mine"].max_age is None

    def test_an_edit_gives_up_after_so_many_races(self, world: World) -> None:
        world.create(alias="mine")
        rival = RacingRepository(world.links.rows, races=100)
        with pytest.raises(UnavailableError):
            Links(rival, RULES, clock=world.clock).update_link("mine", "ann", {"max_age": 5})


@dataclass
class RacingRepository(MemoryLinkRepository):
    """Somebody else's edit comes in between, some times."""

    races: int = 0

    def update_link(self, link: Link, changes: LinkChanges, now: datetime) -> Link | None:
        if self.races:
            self.races -= 1
            super().update_link(self.rows[link.id], {"redirect_status": 308}, now)
        return super().update_link(link, changes, now)


class TestListing:
    def pages(self, links: Links, *, limit: int, text: str | None = None) -> list[list[str]]:
        found: list[list[str]] = []
        after: Position | None = None
        while True:
            page = links.list_links("ann", deleted=False, text=text, limit=limit, after=after)
            found.append([link.id for link in page.links])
            after = page.next
            if after is None:
                return found

    @given(count=st.integers(0, 12), limit=st.integers(1, 13))
    def test_pages_hold_everything_once_and_the_last_one_says_so(self, count: int, limit: int) -> None:
        world = World()
        made = [world.create(alias=f"link{n}").id for n in range(count)]
        pages = self.pages(world.service, limit=limit)
        assert list(itertools.chain(*pages)) == made[::-1]
        assert all(len(page) == limit for page in pages[:-1])
        assert pages[-1] or not count

    def test_a_search_goes_on_until_its_page_is_full(self, world: World) -> None:
        for n in range(350):
            world.create(alias=f"{'wanted' if n % 100 == 0 else 'other'}{n}")
        assert self.pages(world.service, text="WANTED", limit=3) == [
            ["wanted300", "wanted200", "wanted100"],
            ["wanted0"],
        ]

    def test_a_search_looks_at_so_many_links_and_then_offers_to_go_on(self, world: World) -> None:
        for n in range(SCAN_LIMIT + 5):
            world.create(alias=f"{'wanted' if n == 2 else 'other'}{n}")
        counting = CountingRepository(world.links.rows)
        page = Links(counting, RULES).list_links("ann", deleted=False, text="wanted", limit=5, after=None)
        assert (list(page.links), counting.read) == ([], SCAN_LIMIT)
        rest = Links(counting, RULES).list_links(
            "ann", deleted=False, text="wanted", limit=5, after=page.next
        )
        assert [link.id for link in rest.links] == ["wanted2"]
        assert rest.next is None

    def test_what_the_index_still_shows_but_is_gone_is_left_out(self, world: World) -> None:
        for n in range(5):
            world.create(alias=f"link{n}")
        lagging = LaggingRepository(world.links.rows)
        lagging.stale = list(lagging.list_positions("ann", deleted=False, after=None, limit=10))
        world.service.delete_link("link3", "ann")
        page = Links(lagging, RULES).list_links("ann", deleted=False, text=None, limit=3, after=None)
        assert [link.id for link in page.links] == ["link4", "link2", "link1"]


@dataclass
class CountingRepository(MemoryLinkRepository):
    """Counts the links that are read."""

    read: int = 0

    def get_links(self, link_ids: Sequence[str]) -> Mapping[str, Link]:
        self.read += len(link_ids)
        return super().get_links(link_ids)


@dataclass
class LaggingRepository(MemoryLinkRepository):
    """Its lists are older than its links."""

    stale: list[Position] = field(default_factory=list)

    def list_positions(
        self, owner: str, *, deleted: bool, after: Position | None, limit: int
    ) -> Sequence[Position]:
        if not self.stale:
            return super().list_positions(owner, deleted=deleted, after=after, limit=limit)
        start = self.stale.index(after) + 1 if after else 0
        return self.stale[start : start + limit]
