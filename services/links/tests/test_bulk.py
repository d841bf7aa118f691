"""Many links with one request: the use case in memory, and the function on tables in moto."""

import threading
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import timedelta
from typing import TYPE_CHECKING, Any

import pytest
from botocore.exceptions import ClientError
from hypothesis import given
from hypothesis import strategies as st
from services.links.tests.support import (
    INTERNAL_TABLE,
    LINKS_TABLE,
    NOW,
    Answer,
    Context,
    MemoryLinkRepository,
    MemoryQuota,
    NoMemory,
    Ticking,
    call,
    make_link,
)

from hopcount_shared.errors import (
    ConflictError,
    InvalidInputError,
    QuotaExceededError,
    UnavailableError,
)
from links.bulk_service import BulkCreator, Row, RowResult
from links.domain.link import Link
from links.handlers import create_link, create_links_in_bulk, get_link
from links.repository import DynamoLinkRepository
from links.service import LinkCreator, NewLink, TargetRules

if TYPE_CHECKING:
    from mypy_boto3_dynamodb.client import DynamoDBClient

RULES = TargetRules({"sho.rt"})


def wish(n: int = 0, **fields: Any) -> NewLink:
    url = f"https://example.com/{n}"
    return NewLink(**{"owner": "ann", "original_url": url, "content": f"wish {n}", **fields})


@dataclass
class World:
    """Everything that makes links in bulk, and what it makes them in."""

    links: MemoryLinkRepository = field(default_factory=MemoryLinkRepository)
    quota: MemoryQuota = field(default_factory=MemoryQuota)
    clock: Ticking = field(default_factory=Ticking)
    seconds: float = 20

    def create(self, rows: Sequence[Row], key: str | None = None) -> list[RowResult]:
        creator = BulkCreator(self.links, self.quota, RULES, lambda: self.seconds, clock=self.clock)
        return list(creator.create_links("ann", rows, key))

    def create_one(self, new: NewLink, key: str) -> Link:
        creator = LinkCreator(self.links, self.quota, NoMemory(), RULES, clock=self.clock)
        return creator.create_link(new, key)


@pytest.fixture
def world() -> World:
    return World()


def statuses(results: Sequence[RowResult]) -> list[str]:
    return [result.status for result in results]


def ids(results: Sequence[RowResult]) -> list[str | None]:
    return [result.link.id if result.link else None for result in results]


class TestRows:
    def test_each_becomes_a_link_in_its_place(self, world: World) -> None:
        results = world.create([wish(n) for n in range(60)])
        assert statuses(results) == ["created"] * 60
        assert [result.link.original_url for result in results if result.link] == [
            f"https://example.com/{n}" for n in range(60)
        ]
        assert world.links.rows == {result.link.id: result.link for result in results if result.link}

    def test_what_is_wrong_with_one_is_no_harm_to_the_others(self, world: World) -> None:
        unreadable = InvalidInputError([])
        rows = [
            wish(1),
            unreadable,
            wish(2, original_url="https://sho.rt/x"),
            wish(3, expires_at=NOW),
            wish(4, alias="taken"),
            wish(5),
        ]
        world.links.create_link(make_link(id="taken", owner="bob"))
        results = world.create(rows)
        assert statuses(results) == ["created", "failed", "failed", "failed", "failed", "created"]
        assert results[1].error is unreadable
        kinds = [type(result.error) for result in results]
        assert kinds[2:5] == [InvalidInputError, InvalidInputError, ConflictError]
        assert world.links.rows["taken"].owner == "bob"

    def test_of_two_with_one_alias_the_first_gets_it(self, world: World) -> None:
        results = world.create([wish(1, alias="spring"), wish(2, alias="spring"), wish(1, alias="spring")])
        assert statuses(results) == ["created", "failed", "existing"]
        assert world.links.rows["spring"].original_url == "https://example.com/1"

    def test_ones_own_live_link_to_the_same_target_is_found(self, world: World) -> None:
        world.create([wish(1, alias="mine"), wish(2, alias="gone")])
        world.links.delete_link("gone", "ann", NOW)
        results = world.create([wish(1, alias="mine"), wish(9, alias="mine"), wish(2, alias="gone")])
        assert statuses(results) == ["existing", "failed", "failed"]
        (others,) = world.create([wish(1, alias="mine", owner="bob")])
        assert isinstance(others.error, ConflictError)

    def test_time_that_is_up_fails_what_is_left_and_loses_nothing(self, world: World) -> None:
        world.seconds = 0
        results = world.create([wish(1), wish(2)], "k")
        assert all(isinstance(result.error, UnavailableError) for result in results)
        assert (world.links.rows, world.quota.left) == ({}, 1_000_000)
        world.seconds = 20
        assert statuses(world.create([wish(1), wish(2)], "k")) == ["created", "created"]

    def test_a_database_that_fails_one_row_fails_no_other(self) -> None:
        world = World(links=Stumbling(at={"b"}))
        results = world.create([wish(n, alias=alias) for n, alias in enumerate("abc", 1)])
        assert statuses(results) == ["created", "failed", "created"]
        assert world.quota.left == 1_000_000 - 2


@dataclass
class Stumbling(MemoryLinkRepository):
    """Fails to put some links."""

    at: set[str] = field(default_factory=set)

    def create_link(self, link: Link) -> Link | None:
        if link.id in self.at:
            raise RuntimeError(link.id)
        return super().create_link(link)


class TestFromElsewhere:
    LONG_AGO = NOW - timedelta(days=2000)

    def test_a_link_keeps_code_age_and_clicks_and_may_be_over(self, world: World) -> None:
        new = wish(
            1, alias="x", created_at=self.LONG_AGO, imported_clicks=41, expires_at=NOW - timedelta(days=1)
        )
        (result,) = world.create([new])
        assert result.link
        assert (result.link.id, result.link.created_at) == ("x", self.LONG_AGO)
        assert (result.link.imported_clicks, result.link.clicks, result.link.total_clicks) == (41, 0, 41)
        assert result.link.updated_at > NOW

    def test_one_from_the_future_is_refused(self, world: World) -> None:
        (result,) = world.create([wish(1, alias="spring", created_at=NOW + timedelta(days=1))])
        assert isinstance(result.error, InvalidInputError)
        assert [error.field for error in result.error.errors] == ["createdAt"]

    @pytest.mark.parametrize("key", [None, "k"])
    def test_the_same_import_again_makes_no_duplicate(self, world: World, key: str | None) -> None:
        rows = [wish(n, alias=f"link{n}", created_at=self.LONG_AGO) for n in range(5)]
        assert statuses(world.create(rows, key)) == ["created"] * 5
        before = dict(world.links.rows)
        assert statuses(world.create(rows, key)) == ["existing"] * 5
        assert world.links.rows == before

    def test_with_its_key_also_what_was_edited_since_is_found(self, world: World) -> None:
        rows = [wish(1, alias="link", created_at=self.LONG_AGO)]
        world.create(rows, "k")
        world.links.update_link(world.links.rows["link"], {"original_url": "https://example.org/"}, NOW)
        assert statuses(world.create(rows, "k")) == ["existing"]
        assert statuses(world.create(rows)) == ["failed"]


class TestOncePerKey:
    def test_a_repeat_finds_every_link_and_costs_nothing(self, world: World) -> None:
        rows = [wish(1), wish(1), wish(2, alias="spring")]
        first = world.create(rows, "k")
        world.quota.left = 0
        again = world.create(rows, "k")
        assert statuses(first) == ["created"] * 3
        assert statuses(again) == ["existing"] * 3
        assert ids(again) == ids(first)
        assert len(set(ids(first))) == 3

    def test_a_row_of_another_content_is_refused(self, world: World) -> None:
        first = world.create([wish(1), wish(2)], "k")
        again = world.create([wish(1), wish(3)], "k")
        assert ids(again) == [ids(first)[0], None]
        assert isinstance(again[1].error, InvalidInputError)

    def test_no_request_for_one_link_shares_a_rows_key(self, world: World) -> None:
        (row,) = world.create([wish(1)], "k")
        for key in ("k", "k0", "k#0", "k:0"):
            assert row.link
            assert world.create_one(wish(1), key).id != row.link.id

    def test_of_two_at_once_one_makes_the_links_and_both_tell_of_them(self) -> None:
        world = World(links=Meeting(threading.Barrier(2)))
        found: list[list[RowResult]] = []
        threads = [
            threading.Thread(target=lambda: found.append(world.create([wish(1), wish(2)], "k")))
            for _ in range(2)
        ]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        one, other = found
        assert ids(one) == ids(other)
        assert sorted(statuses(one) + statuses(other)) == ["created"] * 2 + ["existing"] * 2
        assert (len(world.links.rows), world.quota.left) == (2, 1_000_000 - 2)

    @given(st.data())
    def test_wherever_it_breaks_off_each_row_comes_to_one_link(self, data: st.DataObject) -> None:
        world = World(links=Stumbling())
        assert isinstance(world.links, Stumbling)
        aliases = [None, None, "one", "two"]
        rows = [wish(n, alias=alias) for n, alias in enumerate(aliases)]
        whole = World()
        codes = [code or "" for code in ids(whole.create(rows, "k"))]
        for _ in range(data.draw(st.integers(0, 3))):
            world.links.at = data.draw(st.sets(st.sampled_from(codes)))
            world.create(rows, "k")
        world.links.at = set()
        assert ids(world.create(rows, "k")) == codes
        assert set(world.links.rows) == set(codes)
        assert world.quota.left == 1_000_000 - len(rows)


class Meeting(MemoryLinkRepository):
    """Lets two requests read before either writes."""

    def __init__(self, barrier: threading.Barrier) -> None:
        super().__init__()
        self._barrier = barrier

    def get_links(self, link_ids: Sequence[str]) -> Mapping[str, Link]:
        found = super().get_links(link_ids)
        self._barrier.wait(timeout=10)
        return found


class TestQuota:
    def test_rows_beyond_it_fail_and_say_for_how_long(self, world: World) -> None:
        world.quota.left = 3
        results = world.create([wish(n) for n in range(5)])
        assert sorted(statuses(results)) == ["created"] * 3 + ["failed"] * 2
        refused = [result.error for result in results if result.error]
        assert all(isinstance(error, QuotaExceededError) and error.retry_after == 60 for error in refused)
        assert (world.quota.left, len(world.links.rows)) == (0, 3)

    def test_only_what_is_made_is_taken(self, world: World) -> None:
        world.create([wish(1, alias="mine")])
        world.links.create_link(make_link(id="taken", owner="bob"))
        before = world.quota.left
        world.create(
            [
                wish(1, alias="mine"),
                wish(2, alias="taken"),
                wish(3, original_url="https://sho.rt/"),
                wish(4),
                wish(5, alias="twice"),
                wish(6, alias="twice"),
            ]
        )
        assert world.quota.left == before - 2

    @pytest.mark.parametrize("key", [None, "k"])
    def test_what_is_known_to_be_taken_keeps_nobody_from_the_last_of_it(
        self, world: World, key: str | None
    ) -> None:
        world.links.create_link(make_link(id="taken", owner="bob"))
        world.quota.left = 1
        results = world.create([*(wish(n, alias="taken") for n in range(9)), wish(10)], key)
        assert statuses(results) == ["failed"] * 9 + ["created"]
        assert {type(result.error) for result in results[:9]} == {ConflictError}

    def test_a_quota_that_cannot_be_given_back_hides_no_link(self, world: World) -> None:
        def fail(*_: Any) -> None:
            raise RuntimeError

        world.quota.give_back = fail  # type: ignore[method-assign]
        assert statuses(world.create([wish(1)])) == ["created"]

    @given(
        left=st.integers(0, 8), aliases=st.lists(st.sampled_from([None, "one", "two", "bobs"]), max_size=8)
    )
    def test_what_is_left_and_what_was_made_come_to_what_there_was(
        self, left: int, aliases: list[str | None]
    ) -> None:
        world = World(quota=MemoryQuota(left))
        world.links.create_link(make_link(id="bobs", owner="bob"))
        results = world.create([wish(n, alias=alias) for n, alias in enumerate(aliases)])
        made = statuses(results).count("created")
        assert made == len(world.links.rows) - 1
        assert world.quota.left == left - made


# Through the function, on tables in moto.

TARGET = "https://example.com/"


def send(links: Any, key: str | None = None, sub: str = "ann", **more: Any) -> Answer:
    headers = {} if key is None else {"idempotency-key": key}
    body = {"links": links, **more}
    return call(create_links_in_bulk.handler, "POST", "/urls/bulk", body=body, headers=headers, sub=sub)


def quota_used(dynamodb: "DynamoDBClient") -> int:
    rows = dynamodb.scan(TableName=INTERNAL_TABLE)["Items"]
    return sum(int(row["used"]["N"]) for row in rows)


@pytest.mark.usefixtures("deployed")
class TestFunction:
    def test_every_row_is_answered(self, deployed: "DynamoDBClient") -> None:
        answer = send(
            [
                {"originalUrl": TARGET},
                {"originalUrl": "nope", "maxAge": "soon"},
                {
                    "originalUrl": TARGET,
                    "alias": "x",
                    "createdAt": "2019-05-01T10:00:00Z",
                    "importedClicks": 9,
                },
                {"originalUrl": TARGET, "userId": "bob"},
                7,
            ]
        )
        assert (answer.status, answer.headers["cache-control"]) == (200, "no-store")
        assert {name: answer.json[name] for name in ("created", "existing", "failed")} == {
            "created": 2,
            "existing": 0,
            "failed": 3,
        }
        made, invalid, imported, foreign, odd = answer.json["results"]
        assert made == {"index": 0, "status": "created", "link": get(made["link"]["id"]).json}
        assert set(invalid) == {"index", "status", "problem"}
        assert (invalid["index"], invalid["status"]) == (1, "failed")
        assert set(invalid["problem"]) == {"type", "title", "status", "detail", "errors"}
        assert {error["field"] for error in invalid["problem"]["errors"]} == {"originalUrl", "maxAge"}
        assert imported["link"]["id"] == "x"
        assert imported["link"]["createdAt"] == "2019-05-01T10:00:00.000000Z"
        assert (imported["link"]["importedClicks"], imported["link"]["clicks"]) == (9, 0)
        assert get("x").json == imported["link"]
        assert foreign["problem"] == {
            "type": "urn:hopcount:problem:forbidden",
            "title": "Not allowed",
            "status": 403,
            "detail": "userId is not yours; leave it out",
        }
        assert (odd["problem"]["status"], odd["problem"]["errors"][0]["field"]) == (422, "row")
        assert quota_used(deployed) == 2

    @pytest.mark.parametrize(
        "row",
        [
            {"originalUrl": TARGET, "alias": "ab"},
            {"originalUrl": TARGET, "createdAt": "2019-05-01T10:00:00Z"},
            {"originalUrl": TARGET, "importedClicks": 1, "alias": None},
            {"originalUrl": TARGET, "importedClicks": 1, "alias": ""},
            {"originalUrl": TARGET, "importedClicks": 1, "alias": "v1"},
            {"originalUrl": TARGET, "importedClicks": 1, "alias": "x" * 65},
            {"originalUrl": TARGET, "importedClicks": 1, "alias": "Bulk"},
        ],
    )
    def test_a_code_that_cannot_be_kept_is_named(self, row: dict[str, Any]) -> None:
        (result,) = send([row]).json["results"]
        assert [error["field"] for error in result["problem"]["errors"]] == ["alias"]

    @pytest.mark.parametrize(
        ("field", "value"),
        [
            *(("importedClicks", value) for value in (-1, 1.5, "7", True, 2**53)),
            *(
                ("createdAt", value)
                for value in ("yesterday", 1556704800, "2019-05-01", "2999-01-01T00:00:00Z")
            ),
            ("surprise", 1),
        ],
    )
    def test_a_bad_value_of_a_link_from_elsewhere_is_named(self, field: str, value: Any) -> None:
        row = {"originalUrl": TARGET, "alias": "x", "importedClicks": 1, field: value}
        (result,) = send([row]).json["results"]
        assert [error["field"] for error in result["problem"]["errors"]] == [field]

    def test_null_is_as_good_as_nothing(self) -> None:
        row = {"originalUrl": TARGET, "createdAt": None, "importedClicks": None, "alias": None}
        assert send([row]).json["created"] == 1

    @pytest.mark.parametrize("links", [[], None, {}, "rows", 7, [{"originalUrl": TARGET}] * 501])
    def test_what_is_no_list_of_rows_is_refused_as_a_whole(
        self, deployed: "DynamoDBClient", links: Any
    ) -> None:
        answer = send(links)
        assert answer.status == 422
        assert answer.bad_fields == {"links"}
        assert deployed.scan(TableName=LINKS_TABLE)["Count"] == 0

    @pytest.mark.parametrize(("body", "status"), [("{", 400), ("[]", 422), ("7", 422), ("{}", 422)])
    def test_an_odd_body_is_refused(self, body: str, status: int) -> None:
        assert call(create_links_in_bulk.handler, "POST", "/urls/bulk", raw_body=body).status == status

    def test_an_unknown_field_beside_the_rows_is_named(self) -> None:
        assert send([{"originalUrl": TARGET}], surprise=1).bad_fields == {"surprise"}

    def test_a_repeat_finds_what_was_made(self, deployed: "DynamoDBClient") -> None:
        rows = [{"originalUrl": TARGET}, {"originalUrl": TARGET, "alias": "spring"}, {"originalUrl": "nope"}]
        first, again = send(rows, "k").json, send(rows, "k").json
        assert (first["created"], again["created"], again["existing"]) == (2, 0, 2)
        assert [row.get("link") for row in again["results"]] == [row.get("link") for row in first["results"]]
        assert (quota_used(deployed), deployed.scan(TableName=LINKS_TABLE)["Count"]) == (2, 2)
        assert send(rows, "k", sub="bob").json["created"] == 1

    def test_beyond_the_quota_rows_fail_and_the_answer_is_an_answer(self, deployed: "DynamoDBClient") -> None:
        answer = send([{"originalUrl": TARGET}] * 25)
        assert (answer.json["created"], answer.json["failed"]) == (20, 5)
        assert quota_used(deployed) == 20
        refused = send([{"originalUrl": TARGET}] * 3)
        assert (refused.status, refused.json["failed"]) == (200, 3)
        for result in refused.json["results"]:
            assert result["problem"]["type"] == "urn:hopcount:problem:quota-exceeded"
            assert 0 < result["problem"]["retryAfter"] <= 3600
        assert quota_used(deployed) == 20
        assert call(create_link.handler, "POST", "/urls", body={"originalUrl": TARGET}).status == 429

    def test_a_throttled_row_may_be_sent_again(self, monkeypatch: pytest.MonkeyPatch) -> None:
        real = DynamoLinkRepository.create_link

        def throttled(self: DynamoLinkRepository, link: Link) -> Link | None:
            if link.id == "spring":
                raise ClientError({"Error": {"Code": "ThrottlingException"}}, "PutItem")
            return real(self, link)

        monkeypatch.setattr(DynamoLinkRepository, "create_link", throttled)
        rows = [{"originalUrl": TARGET, "alias": alias} for alias in ("spring", "summer")]
        failed, made = send(rows).json["results"]
        assert (failed["problem"]["status"], failed["problem"]["retryAfter"]) == (503, 1)
        assert made["status"] == "created"

    def test_a_row_that_fails_by_our_fault_tells_nothing_of_its_cause(
        self, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        def broken(*_: Any) -> None:
            raise RuntimeError("secret")

        monkeypatch.setattr(DynamoLinkRepository, "create_link", broken)
        (result,) = send([{"originalUrl": TARGET}]).json["results"]
        assert (result["problem"]["status"], "secret" in str(result)) == (500, False)

    def test_an_invocation_without_time_makes_nothing(self, deployed: "DynamoDBClient") -> None:
        answer = call(
            create_links_in_bulk.handler,
            "POST",
            "/urls/bulk",
            Context(remaining_ms=1_000),
            body={"links": [{"originalUrl": TARGET}]},
        )
        assert answer.json["results"][0]["problem"]["status"] == 503
        assert deployed.scan(TableName=LINKS_TABLE)["Count"] == 0

    def test_five_hundred_rows_are_read_in_a_few_calls_and_written_once_each(
        self, deployed: "DynamoDBClient", monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setattr("links.creation_quota.DynamoCreationQuota.take", lambda *_: _[-1])
        monkeypatch.setattr("links.creation_quota.DynamoCreationQuota.give_back", lambda *_: None)
        calls: list[str] = []
        puts = DynamoLinkRepository.create_link
        reads = DynamoLinkRepository._get_batch
        monkeypatch.setattr(
            DynamoLinkRepository, "create_link", lambda self, link: (calls.append("put"), puts(self, link))[1]
        )
        monkeypatch.setattr(
            DynamoLinkRepository,
            "_get_batch",
            lambda self, keys: (calls.append("read"), reads(self, keys))[1],
        )
        monkeypatch.setattr(
            DynamoLinkRepository, "get_link", lambda *_: pytest.fail("a link was read on its own")
        )
        assert send([{"originalUrl": TARGET}] * 500, "k").json["created"] == 500
        assert (calls.count("read"), calls.count("put")) == (5, 500)


def get(code: str) -> Answer:
    return call(get_link.handler, "GET", f"/urls/{code}")
