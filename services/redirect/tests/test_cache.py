"""What is read, what is not read again, and what is good enough while the table fails."""

from datetime import timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from services.redirect.tests.support import NOW, FakeClock, FakeLinks, make_link

from hopcount_shared.errors import GoneError, UnavailableError
from redirect.cache import KNOWN_LINKS, PAUSE_SECONDS, UNKNOWN_CODES, CachedLinks
from redirect.domain.link import Link
from redirect.metrics import CacheMetrics
from redirect.service import Redirector

FRESH, STALE = 10.0, 3600.0


class World:
    """A table, a clock, and a cache between them."""

    def __init__(self, *links: Link, chance: float = 1.0, fresh: float = FRESH, stale: float = STALE) -> None:
        self.clock = FakeClock()
        self.table = FakeLinks(*links)
        self.metrics = CacheMetrics("test", self.clock)
        self.cache = CachedLinks(
            self.table,
            self.metrics,
            fresh_seconds=fresh,
            stale_seconds=stale,
            clock=self.clock,
            chance=lambda: chance,
        )

    def get(self, code: str = "abc1234") -> Link | None:
        return self.cache.get(code)

    def counted(self) -> tuple[int, int, int]:
        return self.metrics.hits, self.metrics.misses, self.metrics.stale


class TestFresh:
    def test_a_link_is_read_once(self) -> None:
        world = World(make_link())
        assert [world.get() for _ in range(3)] == [make_link()] * 3
        assert world.table.asked == ["abc1234"]
        assert world.counted() == (2, 1, 0)

    def test_an_edit_is_seen_when_the_time_is_over(self) -> None:
        world = World(make_link())
        world.get()
        world.table.links["abc1234"] = edited = make_link(url="https://example.net/")
        world.clock.now += FRESH - 0.001
        assert world.get() == make_link()
        world.clock.now += 0.001
        assert world.get() == edited

    def test_each_copy_is_kept_a_little_less_by_chance(self) -> None:
        world = World(make_link(), chance=0.0)
        world.get()
        world.clock.now += FRESH * 0.9
        world.get()
        assert len(world.table.asked) == 2

    @given(st.lists(st.floats(0, 1), min_size=200, max_size=200))
    def test_sandboxes_that_read_at_once_do_not_do_so_again(self, chances: list[float]) -> None:
        spread = {World(make_link(), chance=chance).cache._kept_for() for chance in chances}
        assert all(FRESH * 0.9 <= seconds <= FRESH for seconds in spread)
        assert len(spread) >= len(set(chances)) / 2

    def test_a_clock_that_goes_back_makes_no_copy_live_longer(self) -> None:
        world = World(make_link())
        world.get()
        world.clock.now -= 5
        world.get()
        assert len(world.table.asked) == 2

    def test_nothing_is_kept_if_nothing_may_be(self) -> None:
        world = World(make_link(), fresh=0)
        world.get()
        world.get()
        world.get("unknown")
        world.get("unknown")
        assert len(world.table.asked) == 4

    def test_a_link_that_expires_meanwhile_is_gone_from_the_cache_too(self) -> None:
        world = World(make_link(expires_at=NOW + timedelta(seconds=5)))
        moment = NOW
        redirector = Redirector(world.cache, lambda: moment)
        redirector.follow("abc1234", "", counts=True)
        moment = NOW + timedelta(seconds=5)
        with pytest.raises(GoneError):
            redirector.follow("abc1234", "", counts=True)
        assert len(world.table.asked) == 1


class TestUnknown:
    def test_a_code_without_a_link_is_looked_up_once_a_second(self) -> None:
        world = World()
        assert [world.get() for _ in range(3)] == [None] * 3
        assert len(world.table.asked) == 1
        world.clock.now += 1.0
        assert world.get() is None
        assert len(world.table.asked) == 2

    def test_one_that_is_made_meanwhile_works_within_a_second(self) -> None:
        world = World()
        world.get()
        world.table.links["abc1234"] = make_link()
        world.clock.now += 1.0
        assert world.get() == make_link()
        assert world.get() == make_link()
        assert len(world.table.asked) == 2

    def test_a_link_that_vanishes_is_not_remembered(self) -> None:
        world = World(make_link())
        world.get()
        del world.table.links["abc1234"]
        world.clock.now += FRESH
        assert world.get() is None
        world.table.down = True
        world.clock.now += 2
        with pytest.raises(UnavailableError):
            world.get()

    def test_a_scan_pushes_no_link_out(self) -> None:
        world = World(make_link())
        world.get()
        for n in range(UNKNOWN_CODES + KNOWN_LINKS + 1):
            world.get(f"scan{n}")
        world.get()
        assert world.table.asked.count("abc1234") == 1
        assert len(world.cache._unknown) == UNKNOWN_CODES


class TestBounds:
    def test_the_link_that_nobody_asked_for_longest_goes(self) -> None:
        codes = [f"code{n}" for n in range(KNOWN_LINKS + 1)]
        world = World(*map(make_link, codes))
        for code in codes[:-1]:
            world.get(code)
        world.get(codes[0])
        world.get(codes[-1])
        assert len(world.cache._known) == KNOWN_LINKS
        world.table.asked.clear()
        world.get(codes[0])
        assert world.table.asked == []
        world.get(codes[1])
        assert world.table.asked == [codes[1]]


class TestTableDown:
    @pytest.fixture
    def world(self) -> World:
        world = World(make_link())
        world.get()
        world.clock.now += FRESH
        world.table.down = True
        return world

    def test_an_old_copy_is_better_than_nothing(self, world: World) -> None:
        assert world.get() == make_link()
        assert world.counted() == (0, 2, 1)
        assert world.metrics.stale_seconds == FRESH

    def test_but_not_for_ever(self, world: World) -> None:
        world.clock.now += STALE - FRESH
        assert world.get() == make_link()
        world.clock.now += 0.001 + PAUSE_SECONDS
        with pytest.raises(UnavailableError):
            world.get()

    def test_the_bound_holds_while_the_table_is_not_asked_too(self, world: World) -> None:
        world.clock.now += STALE - FRESH
        world.get()
        world.clock.now += 0.001
        with pytest.raises(UnavailableError):
            world.get()

    def test_nobody_waits_for_a_table_that_has_just_failed(self, world: World) -> None:
        world.table.links["other"] = make_link("other")
        world.get()
        asked = len(world.table.asked)
        for _ in range(10):
            world.get()
        assert len(world.table.asked) == asked
        world.clock.now += PAUSE_SECONDS
        world.get()
        assert len(world.table.asked) == asked + 1

    def test_what_was_never_read_is_asked_for_each_time(self, world: World) -> None:
        for _ in range(2):
            with pytest.raises(UnavailableError):
                world.get("other")
        assert world.table.asked.count("other") == 2

    def test_it_is_read_again_when_the_table_answers(self, world: World) -> None:
        world.get()
        world.table.down = False
        world.table.links["abc1234"] = edited = make_link(url="https://example.net/")
        world.clock.now += PAUSE_SECONDS
        assert world.get() == edited
        assert world.get() == edited


@given(
    st.lists(
        st.one_of(
            st.tuples(st.just("get"), st.sampled_from("ab")),
            st.tuples(st.just("edit"), st.sampled_from("ab")),
            st.tuples(st.just("remove"), st.sampled_from("ab")),
            st.tuples(st.just("wait"), st.floats(0, 20)),
        ),
        max_size=60,
    )
)
def test_no_answer_is_older_than_it_may_be(steps: list[tuple[str, Any]]) -> None:
    """Whatever happens in whatever order: an answer was true within the last `FRESH` seconds."""
    world, past, version = World(), {"a": [(0.0, None)], "b": [(0.0, None)]}, 0
    for step, argument in steps:
        now = world.clock.now
        if step == "wait":
            world.clock.now += argument
        elif step == "get":
            link, told = world.get(argument), past[argument]
            ends = [began for began, _ in told[1:]] + [now + 1]
            true = [url for (_, url), end in zip(told, ends, strict=True) if end > now - FRESH]
            assert (link.url if link else None) in true
        else:
            version += 1
            url = f"https://example.com/{version}" if step == "edit" else None
            past[argument].append((now, url))  # type: ignore[arg-type]
            world.table.links.pop(argument, None)
            if url:
                world.table.links[argument] = make_link(argument, url=url)
