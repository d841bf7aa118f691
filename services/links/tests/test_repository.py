"""What any repository of links does: the one in memory and the one in DynamoDB."""

import dataclasses
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from typing import Any

import pytest
from botocore.exceptions import ClientError
from botocore.stub import Stubber
from services.links.tests.support import (
    INTERNAL_TABLE,
    LINKS_TABLE,
    NOW,
    MemoryLinkRepository,
    iso,
    make_erased,
    make_link,
    tables,
)

from hopcount_shared.errors import QuotaExceededError, UnavailableError
from links.creation_quota import DynamoCreationQuota
from links.domain.link import Link, LinkChanges, Position
from links.ports import LinkRepository
from links.repository import DynamoLinkRepository

LATER = NOW + timedelta(minutes=5)
FULL = make_link(
    expires_at=NOW + timedelta(days=1),
    redirect_status=302,
    max_age=60,
    pass_query=True,
    imported_clicks=12,
    disabled_at=NOW,
    disabled_reason="Phishing",
)


@pytest.fixture(params=["memory", "dynamodb"])
def links(request: pytest.FixtureRequest) -> Iterator[LinkRepository]:
    if request.param == "memory":
        yield MemoryLinkRepository()
        return
    with tables() as dynamodb:
        yield DynamoLinkRepository(dynamodb, LINKS_TABLE)


class TestAnyRepository:
    def test_a_new_link_is_kept_whole(self, links: LinkRepository) -> None:
        assert links.create_link(FULL) is None
        assert links.get_link(FULL.id) == FULL

    def test_a_taken_id_keeps_its_link(self, links: LinkRepository) -> None:
        mine, other = make_link(), make_link(owner="bob", original_url="https://example.net/")
        links.create_link(mine)
        assert links.create_link(other) == mine
        assert links.get_link(mine.id) == mine

    def test_a_deleted_link_keeps_its_id(self, links: LinkRepository) -> None:
        links.create_link(make_link())
        deleted = links.delete_link("abcdefg", "ann", LATER)
        assert links.create_link(make_link(owner="bob")) == deleted
        assert links.get_link("abcdefg") == deleted

    def test_nothing_is_found_where_nothing_is(self, links: LinkRepository) -> None:
        assert links.get_link("abcdefg") is None
        assert links.get_links(["abcdefg"]) == {}
        assert links.get_links([]) == {}
        assert links.list_positions("ann", deleted=False, after=None, limit=5) == []
        assert links.delete_link("abcdefg", "ann", LATER) is None
        assert links.restore_link("abcdefg", "ann", LATER) is None
        assert links.update_link(make_link(), {"max_age": 5}, LATER) is None

    def test_many_are_read_at_once(self, links: LinkRepository) -> None:
        made = add_many(links, 130)
        assert links.get_links([link.id for link in made] + ["missing"]) == {link.id: link for link in made}

    def test_a_change_raises_the_version_and_leaves_the_rest(self, links: LinkRepository) -> None:
        links.create_link(FULL)
        changed = links.update_link(FULL, {"original_url": "https://example.org/"}, LATER)
        expected = dataclasses.replace(
            FULL, original_url="https://example.org/", updated_at=LATER, version=FULL.version + 1
        )
        assert changed == expected
        assert links.get_link(FULL.id) == expected

    def test_a_change_clears_what_is_none(self, links: LinkRepository) -> None:
        links.create_link(FULL)
        changes: LinkChanges = {
            "expires_at": None,
            "max_age": None,
            "redirect_status": 307,
            "pass_query": False,
        }
        changed = links.update_link(FULL, changes, LATER)
        assert changed
        assert (changed.expires_at, changed.max_age, changed.redirect_status) == (None, None, 307)
        assert changed.pass_query is False

    def test_a_change_to_what_is_not_so_any_more_is_not_made(self, links: LinkRepository) -> None:
        link = make_link()
        links.create_link(link)
        changed = links.update_link(link, {"max_age": 1}, LATER)
        assert links.update_link(link, {"max_age": 2}, LATER) is None
        assert links.update_link(make_link(owner="bob", version=2), {"max_age": 3}, LATER) is None
        assert links.get_link(link.id) == changed

    def test_a_deleted_link_cannot_be_changed_or_deleted_again(self, links: LinkRepository) -> None:
        links.create_link(make_link())
        deleted = links.delete_link("abcdefg", "ann", LATER)
        assert deleted == make_link(deleted_at=LATER, updated_at=LATER, version=2)
        assert links.update_link(deleted, {"max_age": 1}, LATER) is None
        assert links.update_link(dataclasses.replace(deleted, deleted_at=None), {"max_age": 1}, LATER) is None
        assert links.delete_link("abcdefg", "ann", LATER) is None
        assert links.get_link("abcdefg") == deleted

    def test_only_the_owner_deletes_and_restores(self, links: LinkRepository) -> None:
        links.create_link(make_link())
        assert links.delete_link("abcdefg", "bob", LATER) is None
        assert links.delete_link("abcdefg", "deleted#ann", LATER) is None
        links.delete_link("abcdefg", "ann", LATER)
        assert links.restore_link("abcdefg", "bob", LATER) is None
        assert links.restore_link("abcdefg", "ann", LATER) == make_link(updated_at=LATER, version=3)
        assert links.restore_link("abcdefg", "ann", LATER) is None

    def test_lists_are_newest_first_and_go_on_after_any_place(self, links: LinkRepository) -> None:
        made = add_many(links, 5)
        links.create_link(make_link(id="others0", owner="bob"))
        newest_first = [link.position for link in reversed(made)]
        assert list(links.list_positions("ann", deleted=False, after=None, limit=10)) == newest_first
        assert list(links.list_positions("ann", deleted=False, after=None, limit=2)) == newest_first[:2]
        for index, place in enumerate(newest_first):
            rest = links.list_positions("ann", deleted=False, after=place, limit=10)
            assert list(rest) == newest_first[index + 1 :]

    @pytest.mark.parametrize("deleted", [False, True])
    def test_an_erased_link_is_nobodys_and_keeps_its_id(self, links: LinkRepository, deleted: bool) -> None:
        links.create_link(FULL)
        if deleted:
            links.delete_link(FULL.id, "ann", LATER)
        assert links.erase_link(FULL.id, "bob", LATER) is False
        assert links.erase_link(FULL.id, "ann", LATER) is True
        erased = make_erased(FULL.id, LATER)
        assert links.get_link(FULL.id) == erased
        assert links.get_links([FULL.id]) == {FULL.id: erased}
        assert links.create_link(make_link(owner="bob")) == erased
        assert links.list_positions("ann", deleted=deleted, after=None, limit=5) == []

    def test_an_erased_link_stays_so(self, links: LinkRepository) -> None:
        links.create_link(FULL)
        links.erase_link(FULL.id, "ann", LATER)
        for owner in ("ann", "bob"):
            assert links.erase_link(FULL.id, owner, LATER + timedelta(days=1)) is False
            assert links.delete_link(FULL.id, owner, LATER) is None
            assert links.restore_link(FULL.id, owner, LATER) is None
        assert links.update_link(FULL, {"max_age": 5}, LATER) is None
        assert links.get_link(FULL.id) == make_erased(FULL.id, LATER)

    def test_the_trash_is_another_list(self, links: LinkRepository) -> None:
        made = add_many(links, 3)
        links.delete_link(made[1].id, "ann", LATER)
        assert list(links.list_positions("ann", deleted=True, after=None, limit=9)) == [made[1].position]
        assert made[1].position not in links.list_positions("ann", deleted=False, after=None, limit=9)
        links.restore_link(made[1].id, "ann", LATER)
        assert made[1].position in links.list_positions("ann", deleted=False, after=None, limit=9)

    def test_a_place_where_nothing_is_any_more_still_leads_on(self, links: LinkRepository) -> None:
        made = add_many(links, 3)
        links.delete_link(made[1].id, "ann", LATER)
        rest = links.list_positions("ann", deleted=False, after=made[1].position, limit=9)
        assert list(rest) == [made[0].position]

    def test_of_many_at_once_one_gets_the_id(self, links: LinkRepository) -> None:
        rivals = [make_link(id="contested", owner=f"user{n}") for n in range(16)]
        with ThreadPoolExecutor(16) as pool:
            answers = list(pool.map(links.create_link, rivals))
        assert answers.count(None) == 1
        (winner,) = (link for link, there in zip(rivals, answers, strict=True) if there is None)
        assert links.get_link("contested") == winner
        assert all(there in (None, winner) for there in answers)


def add_many(links: LinkRepository, count: int) -> list[Link]:
    made = [make_link(id=f"link{n:03}", created_at=NOW + timedelta(seconds=n)) for n in range(count)]
    for link in made:
        links.create_link(link)
    return made


class TestDynamoDb:
    """What only the real one can get wrong."""

    @pytest.fixture
    def dynamodb(self) -> Iterator[Any]:
        with tables() as dynamodb:
            yield dynamodb

    def row(self, dynamodb: Any, link_id: str = "abcdefg") -> dict[str, Any]:
        row: dict[str, Any] = dynamodb.get_item(TableName=LINKS_TABLE, Key={"id": {"S": link_id}})["Item"]
        return row

    def test_a_row_holds_what_other_services_read(self, dynamodb: Any) -> None:
        DynamoLinkRepository(dynamodb, LINKS_TABLE).create_link(FULL)
        assert self.row(dynamodb) == {
            "id": {"S": "abcdefg"},
            "originalUrl": {"S": "https://example.com/"},
            "userId": {"S": "ann"},
            "clicks": {"N": "0"},
            "botClicks": {"N": "0"},
            "createdAt": {"S": "2026-03-01T12:30:00.000000Z"},
            "updatedAt": {"S": "2026-03-01T12:30:00.000000Z"},
            "expiresAt": {"S": "2026-03-02T12:30:00.000000Z"},
            "redirectStatus": {"N": "302"},
            "maxAge": {"N": "60"},
            "passQuery": {"BOOL": True},
            "importedClicks": {"N": "12"},
            "disabledAt": {"S": "2026-03-01T12:30:00.000000Z"},
            "disabledReason": {"S": "Phishing"},
            "version": {"N": "1"},
            "change": {"S": "created"},
            "requestId": {"S": "request"},
        }

    def test_a_row_says_that_the_query_is_passed_on_and_is_silent_otherwise(self, dynamodb: Any) -> None:
        links = DynamoLinkRepository(dynamodb, LINKS_TABLE)
        links.create_link(make_link())
        assert "passQuery" not in self.row(dynamodb)
        changed = links.update_link(make_link(), {"pass_query": True}, LATER)
        assert changed
        assert self.row(dynamodb)["passQuery"] == {"BOOL": True}
        links.update_link(changed, {"pass_query": False}, LATER)
        assert "passQuery" not in self.row(dynamodb)

    def test_every_owners_write_names_itself_and_leaves_counters_and_strangers_alone(
        self, dynamodb: Any
    ) -> None:
        links = DynamoLinkRepository(dynamodb, LINKS_TABLE)
        links.create_link(make_link())
        dynamodb.update_item(
            TableName=LINKS_TABLE,
            Key={"id": {"S": "abcdefg"}},
            UpdateExpression="SET #c = :counted, mark = :m ADD clicks :n",
            ExpressionAttributeNames={"#c": "change"},
            ExpressionAttributeValues={":counted": {"S": "counted"}, ":m": {"N": "9"}, ":n": {"N": "41"}},
        )
        links.update_link(make_link(), {"max_age": 5}, LATER)
        assert self.row(dynamodb)["change"] == {"S": "updated"}
        links.delete_link("abcdefg", "ann", LATER)
        row = self.row(dynamodb)
        assert (row["change"], row["userId"]) == ({"S": "deleted"}, {"S": "deleted#ann"})
        assert row["deletedAt"] == {"S": iso(LATER)}
        links.restore_link("abcdefg", "ann", LATER)
        row = self.row(dynamodb)
        assert (row["change"], row["userId"]) == ({"S": "restored"}, {"S": "ann"})
        assert "deletedAt" not in row
        assert (row["clicks"], row["mark"], row["version"]) == ({"N": "41"}, {"N": "9"}, {"N": "4"})

    def test_unprocessed_keys_are_asked_for_again_a_bounded_number_of_times(self, dynamodb: Any) -> None:
        waits: list[float] = []
        links = DynamoLinkRepository(dynamodb, LINKS_TABLE, sleep=waits.append, jitter=lambda _, high: high)
        add_many(links, 3)
        real, left = dynamodb.batch_get_item, {"link001", "link002"}

        def reluctant(**request: Any) -> Any:
            keys = request["RequestItems"][LINKS_TABLE]["Keys"]
            held_back = [key for key in keys if key["id"]["S"] in left]
            request["RequestItems"][LINKS_TABLE]["Keys"] = [key for key in keys if key not in held_back]
            answer = real(**request) if len(held_back) < len(keys) else {"Responses": {}}
            left.discard(max(left, default=""))
            unprocessed = {LINKS_TABLE: {"Keys": held_back, "ConsistentRead": True}} if held_back else {}
            return {**answer, "UnprocessedKeys": unprocessed}

        dynamodb.batch_get_item = reluctant
        assert set(links.get_links(["link000", "link001", "link002"])) == {"link000", "link001", "link002"}
        assert waits == [0.1, 0.2]

        dynamodb.batch_get_item = lambda **request: {
            "Responses": {},
            "UnprocessedKeys": request["RequestItems"],
        }
        with pytest.raises(UnavailableError):
            links.get_links(["link000"])

    def test_a_list_is_read_to_its_end_although_dynamodb_pauses(self, dynamodb: Any) -> None:
        links = DynamoLinkRepository(dynamodb, LINKS_TABLE)
        made = add_many(links, 5)
        real = dynamodb.query
        dynamodb.query = lambda **request: real(**{**request, "Limit": min(request["Limit"], 2)})
        places = links.list_positions("ann", deleted=False, after=None, limit=4)
        assert list(places) == [link.position for link in reversed(made)][:4]

    def test_other_failures_are_passed_on(self, dynamodb: Any) -> None:
        links = DynamoLinkRepository(dynamodb, LINKS_TABLE)
        quota = DynamoCreationQuota(dynamodb, INTERNAL_TABLE, limit=1, window_seconds=60)
        with Stubber(dynamodb) as stub:
            for operation in ("put_item", "update_item", "update_item"):
                stub.add_client_error(operation, "AccessDeniedException")
            with pytest.raises(ClientError):
                links.create_link(make_link())
            with pytest.raises(ClientError):
                links.delete_link("abcdefg", "ann", LATER)
            with pytest.raises(ClientError):
                quota.take("ann", NOW)


class TestCreationQuota:
    @pytest.fixture
    def quota(self) -> Iterator[DynamoCreationQuota]:
        with tables() as dynamodb:
            yield DynamoCreationQuota(dynamodb, INTERNAL_TABLE, limit=3, window_seconds=3600)

    def test_it_ends_and_says_for_how_long(self, quota: DynamoCreationQuota) -> None:
        for _ in range(3):
            quota.take("ann", NOW)
        with pytest.raises(QuotaExceededError) as refused:
            quota.take("ann", NOW)
        assert refused.value.retry_after == 1800

    def test_it_is_everybodys_own_and_new_in_each_window(self, quota: DynamoCreationQuota) -> None:
        for _ in range(3):
            quota.take("ann", NOW)
        quota.take("bob", NOW)
        quota.take("ann", NOW + timedelta(seconds=1800))

    def test_several_are_taken_at_once_as_far_as_they_go(self, quota: DynamoCreationQuota) -> None:
        assert quota.take("ann", NOW, 2) == 2
        assert quota.take("ann", NOW, 2) == 1
        with pytest.raises(QuotaExceededError):
            quota.take("ann", NOW, 2)
        assert quota.take("bob", NOW, 500) == 3

    def test_what_is_given_back_can_be_taken_again(self, quota: DynamoCreationQuota) -> None:
        quota.take("ann", NOW, 3)
        quota.give_back("ann", NOW, 2)
        quota.give_back("ann", NOW, 0)
        assert quota.take("ann", NOW, 5) == 2

    def test_who_wants_several_at_once_with_others_gets_what_they_leave(
        self, quota: DynamoCreationQuota
    ) -> None:
        def take(_: int) -> int:
            try:
                return quota.take("ann", NOW, 2)
            except QuotaExceededError:
                return 0

        with ThreadPoolExecutor(8) as pool:
            assert sum(pool.map(take, range(8))) == 3

    def test_of_many_at_once_none_gets_through_beyond_it(self, quota: DynamoCreationQuota) -> None:
        def take(_: int) -> bool:
            try:
                quota.take("ann", NOW)
            except QuotaExceededError:
                return False
            return True

        with ThreadPoolExecutor(8) as pool:
            assert sum(pool.map(take, range(24))) == 3


def test_a_place_is_what_the_index_sorts_by() -> None:
    assert make_link().position == Position("2026-03-01T12:30:00.000000Z", "abcdefg")
