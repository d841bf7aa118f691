"""One set of tests for the counters in memory and those in DynamoDB; and what only the latter have."""

from collections.abc import Callable, Iterator, Mapping
from datetime import timedelta
from typing import Any, Protocol

import pytest
from botocore.exceptions import ClientError, EndpointConnectionError, ReadTimeoutError
from services.analytics.tests.fakes import FakeCounters, Row
from services.analytics.tests.support import (
    COUNTER_TABLES,
    HORIZON,
    NOW,
    TABLES,
    Counted,
    DynamoWorld,
    dynamo_world,
)

from analytics.counting.counters import WITNESS, DynamoDbCounters
from analytics.counting.journal import EpochId
from analytics.counting.ports import BusyError, DayKey, DayRow
from analytics.domain.breakdowns import RowChange, bound
from analytics.domain.codes import is_short_code
from analytics.domain.tallies import Totals
from hopcount_shared.times import to_iso

DAY = ("docs", "2026-03-01")
START = EpochId("life", 0, "")


def epoch(number: int, incarnation: str = "life", nonce: str | None = None) -> EpochId:
    return EpochId(incarnation, number, nonce or f"n{number}")


class World(Protocol):
    @property
    def counters(self) -> FakeCounters | DynamoDbCounters: ...
    def add_link(self, short_code: str) -> None: ...
    def add_old_day(self, short_code: str, day: str, numbers: Mapping[str, int]) -> None: ...
    def counted(self) -> Counted: ...
    def in_all(self) -> Totals: ...


class FakeWorld:
    def __init__(self) -> None:
        self.counters = FakeCounters()

    def in_all(self) -> Totals:
        return self.counters.in_all

    def add_link(self, short_code: str) -> None:
        self.counters.add_link(short_code)

    def counted(self) -> Counted:
        return self.counters.counted()

    def add_old_day(self, short_code: str, day: str, numbers: Mapping[str, int]) -> None:
        self.counters.days[short_code, day] = Row(dict(numbers))


@pytest.fixture(params=["fake", "dynamodb"])
def world(request: pytest.FixtureRequest) -> Iterator[World]:
    if request.param == "fake":
        yield FakeWorld()
        return
    with dynamo_world() as world:
        yield world


class TestWitness:
    def test_it_moves_from_each_epoch_to_the_next(self, world: World) -> None:
        assert world.counters.witnesses() == []
        for number in range(1, 4):
            previous = epoch(number - 1) if number > 1 else START
            assert world.counters.witness(epoch(number), previous)
        assert world.counters.witnesses() == [epoch(3)]

    def test_it_may_be_asked_again(self, world: World) -> None:
        for _ in range(2):
            assert world.counters.witness(epoch(1), START)
        for _ in range(2):
            assert world.counters.witness(epoch(2), epoch(1))

    @pytest.mark.parametrize(
        ("this", "previous"),
        [
            pytest.param(epoch(1, nonce="other"), START, id="another first"),
            pytest.param(epoch(2, nonce="other"), epoch(1), id="another of the same number"),
            pytest.param(epoch(3), epoch(2, nonce="other"), id="after another"),
            pytest.param(epoch(1), START, id="an old one"),
            pytest.param(epoch(5), epoch(4), id="too far ahead"),
        ],
    )
    def test_it_does_not_move_from_anywhere_else(
        self, world: World, this: EpochId, previous: EpochId
    ) -> None:
        world.counters.witness(epoch(1), START)
        world.counters.witness(epoch(2), epoch(1))
        assert not world.counters.witness(this, previous)
        assert world.counters.witnesses() == [epoch(2)]

    def test_it_does_not_begin_in_the_middle(self, world: World) -> None:
        assert not world.counters.witness(epoch(2), epoch(1))
        assert world.counters.witnesses() == []

    def test_it_counts_each_epoch_once(self, world: World) -> None:
        for _ in range(3):
            world.counters.witness(epoch(1), START, Totals(5, 1))
        world.counters.witness(epoch(3), epoch(2), Totals(100, 100))
        world.counters.witness(epoch(2), epoch(1), Totals(2, 0))
        world.counters.witness(epoch(1, "other"), EpochId("other", 0, ""), Totals(1, 1))
        assert world.in_all() == Totals(8, 2)

    def test_each_life_has_its_own(self, world: World) -> None:
        world.counters.witness(epoch(1), START)
        world.counters.witness(epoch(1, "other"), EpochId("other", 0, ""))
        world.counters.witness(epoch(2), epoch(1))
        assert sorted(world.counters.witnesses()) == [epoch(2), epoch(1, "other")]


class TestLinks:
    def test_deltas_add_up(self, world: World) -> None:
        world.add_link("docs")
        assert world.counters.add_to_link(epoch(1), "docs", Totals(3, 1))
        assert world.counters.add_to_link(epoch(2), "docs", Totals(2, 0))
        assert world.counted().links == {"docs": {"clicks": 5, "botClicks": 1}}

    def test_an_epoch_is_added_once(self, world: World) -> None:
        world.add_link("docs")
        for _ in range(3):
            assert world.counters.add_to_link(epoch(1), "docs", Totals(3, 1))
        assert world.counted().links == {"docs": {"clicks": 3, "botClicks": 1}}

    def test_epochs_may_be_missing(self, world: World) -> None:
        world.add_link("docs")
        for number in (2, 9):
            assert world.counters.add_to_link(epoch(number), "docs", Totals(1, 0))
        assert world.counted().links == {"docs": {"clicks": 2}}

    def test_an_epoch_of_the_past_is_not_added(self, world: World) -> None:
        world.add_link("docs")
        world.counters.add_to_link(epoch(2), "docs", Totals(1, 0))
        assert not world.counters.add_to_link(epoch(1), "docs", Totals(5, 5))
        assert world.counted().links == {"docs": {"clicks": 1}}

    def test_lives_do_not_get_in_each_others_way(self, world: World) -> None:
        world.add_link("docs")
        for incarnation in ("life", "other"):
            for number in (1, 2):
                assert world.counters.add_to_link(epoch(number, incarnation), "docs", Totals(1, 0))
        assert world.counted().links == {"docs": {"clicks": 4}}

    def test_a_link_that_is_not_there_is_not_made(self, world: World) -> None:
        assert not world.counters.add_to_link(epoch(1), "nope", Totals(1, 0))
        world.add_link("nope")
        assert world.counted().links == {}


class TestUsers:
    def test_a_user_is_made_and_each_epoch_added_once(self, world: World) -> None:
        for number in (1, 1, 3, 2, 3):
            world.counters.add_to_user(epoch(number), "ann", number)
        world.counters.add_to_user(epoch(1, "other"), "ann", 10)
        assert world.counted().users == {"ann": {"totalClicks": 14}}


def change(add: dict[str, int], *remove: str) -> RowChange:
    return RowChange(add, frozenset(remove))


def read(world: World, this: EpochId, key: DayKey = DAY) -> DayRow:
    return world.counters.read_days(this, [key])[key]


class TestDays:
    def test_each_key_gets_an_answer(self, world: World) -> None:
        keys = [("docs", f"2026-03-{day:02}") for day in range(1, 32)]
        world.counters.change_day(epoch(1), keys[3], read(world, epoch(1), keys[3]), change({"clicks": 1}))
        rows = world.counters.read_days(epoch(1), keys)
        assert [key for key, row in rows.items() if row.exists] == [keys[3]]
        assert set(rows) == set(keys)
        assert rows[keys[0]] == DayRow({}, version=0, mark=0, exists=False, erased=False)

    def test_a_row_is_made_and_changed(self, world: World) -> None:
        assert world.counters.change_day(
            epoch(1), DAY, read(world, epoch(1)), change({"clicks": 2, "c:CH": 2})
        )
        row = read(world, epoch(1))
        assert row == DayRow({"clicks": 2, "c:CH": 2}, version=1, mark=1, exists=True, erased=False)
        assert world.counters.change_day(epoch(4), DAY, row, change({"clicks": 1, "c:other": 3}, "c:CH"))
        assert read(world, epoch(4)) == DayRow(
            {"clicks": 3, "c:other": 3}, version=2, mark=4, exists=True, erased=False
        )
        assert world.counted().days == {DAY: {"clicks": 3, "c:other": 3}}

    def test_marks_are_those_of_the_life_that_asks(self, world: World) -> None:
        world.counters.change_day(epoch(3), DAY, read(world, epoch(3)), change({"clicks": 1}))
        assert read(world, epoch(1, "other")).mark == 0
        world.counters.change_day(epoch(1, "other"), DAY, read(world, epoch(1)), change({"clicks": 1}))
        assert (read(world, epoch(9)).mark, read(world, epoch(9, "other")).mark) == (3, 1)

    def test_one_of_two_makes_a_row(self, world: World) -> None:
        row = read(world, epoch(1))
        assert world.counters.change_day(epoch(1), DAY, row, change({"clicks": 1}))
        assert not world.counters.change_day(epoch(1), DAY, row, change({"clicks": 1}))
        assert world.counted().days == {DAY: {"clicks": 1}}

    def test_one_of_two_changes_a_row(self, world: World) -> None:
        world.counters.change_day(epoch(1), DAY, read(world, epoch(1)), change({"clicks": 1}))
        row = read(world, epoch(2))
        assert world.counters.change_day(epoch(2), DAY, row, change({"clicks": 1}))
        assert not world.counters.change_day(epoch(2), DAY, row, change({"clicks": 1}))
        assert not world.counters.change_day(
            epoch(2), DAY, DayRow({}, 0, 0, exists=False, erased=False), change({})
        )
        assert world.counted().days == {DAY: {"clicks": 2}}

    def test_a_row_of_the_engine_before_goes_on(self, world: World) -> None:
        world.add_old_day("docs", DAY[1], {"clicks": 7, "h13": 7})
        row = read(world, epoch(1))
        assert row == DayRow({"clicks": 7, "h13": 7}, version=0, mark=0, exists=True, erased=False)
        assert world.counters.change_day(epoch(1), DAY, row, change({"clicks": 1, "h13": 1, "c:CH": 1}))
        assert not world.counters.change_day(epoch(1), DAY, row, change({"clicks": 1}))
        assert world.counted().days == {DAY: {"clicks": 8, "h13": 8, "c:CH": 1}}

    def test_a_full_day_of_breakdowns(self, world: World) -> None:
        """As many attributes as `bound` ever adds and removes at once."""
        for number in (1, 2):
            hours = {f"{kind}{hour:02}": 1 for kind in "hb" for hour in range(24)}
            values = {f"{prefix}:{number}-{n}": n + 100 * number for prefix in "cdworl" for n in range(40)}
            row = read(world, epoch(number))
            delta = {"clicks": 24, "botClicks": 24, **hours, **values}
            assert world.counters.change_day(epoch(number), DAY, row, bound(row.numbers, delta))
        numbers = world.counted().days[DAY]
        sums = {
            prefix: sum(number for name, number in numbers.items() if name.startswith(f"{prefix}:"))
            for prefix in "cdworl"
        }
        assert set(sums.values()) == {2 * sum(range(40)) + 300 * 40}


class TestErasure:
    def test_nothing_of_a_link_is_left(self, world: World) -> None:
        for code in ("docs", "blog"):
            world.add_link(code)
            world.counters.add_to_link(epoch(1), code, Totals(1, 1))
            for day in ("2026-03-01", "2026-03-02"):
                key = (code, day)
                world.counters.change_day(epoch(1), key, read(world, epoch(1), key), change({"clicks": 1}))
        for _ in range(2):
            world.counters.erase_link("docs", NOW)
        left = world.counted()
        assert set(left.links) == {"blog"}
        assert {code for code, _ in left.days} == {"blog"}

    def test_nothing_is_added_afterwards(self, world: World) -> None:
        world.add_link("docs")
        world.counters.add_to_link(epoch(1), "docs", Totals(1, 1))
        before = read(world, epoch(1))
        world.counters.change_day(epoch(1), DAY, before, change({"clicks": 1}))
        held_up = read(world, epoch(2))
        world.counters.erase_link("docs", NOW)
        for this in (epoch(1), epoch(2), epoch(1, "other")):
            assert not world.counters.add_to_link(this, "docs", Totals(1, 0))
        for stale in (before, held_up):
            assert not world.counters.change_day(epoch(2), DAY, stale, change({"clicks": 1}))
        row = read(world, epoch(2))
        assert (row.exists, row.erased, row.numbers) == (True, True, {})
        assert world.counted() == Counted()

    def test_a_link_that_never_was_is_marked_all_the_same(self, world: World) -> None:
        world.counters.erase_link("nope", NOW)
        assert not world.counters.add_to_link(epoch(1), "nope", Totals(1, 0))

    def test_a_user_stays_erased(self, world: World) -> None:
        world.counters.add_to_user(epoch(1), "ann", 5)
        for user in ("ann", "never"):
            world.counters.erase_user(user, NOW)
            world.counters.add_to_user(epoch(2), user, 5)
        assert world.counted().users == {}

    def test_rows_of_the_engine_before_are_erased_as_well(self, world: World) -> None:
        world.add_link("docs")
        world.add_old_day("docs", DAY[1], {"clicks": 7, "h13": 7})
        row = read(world, epoch(1))
        world.counters.erase_link("docs", NOW)
        assert not world.counters.change_day(epoch(1), DAY, row, change({"clicks": 1}))
        assert read(world, epoch(1)).erased


# DynamoDB alone


@pytest.fixture
def dynamo() -> Iterator[DynamoWorld]:
    with dynamo_world() as world:
        yield world


class TestItems:
    def test_no_link_can_stand_where_the_witness_stands(self, dynamo: DynamoWorld) -> None:
        assert not is_short_code(WITNESS)
        dynamo.counters.witness(epoch(1), START, Totals(3, 1))
        (row,) = dynamo.rows("DAILY_STATS_TABLE")
        key = {"shortCode": {"S": WITNESS}, "date": {"S": "life"}}
        assert row == {**key, "epoch": {"S": "1.n1"}, "allClicks": {"N": "3"}, "allBotClicks": {"N": "1"}}

    def test_a_link_is_marked_as_counted_and_otherwise_left_alone(self, dynamo: DynamoWorld) -> None:
        dynamo.add_link("docs")
        (before,) = dynamo.rows("URL_SHORTENER_TABLE")
        dynamo.counters.add_to_link(epoch(3), "docs", Totals(2, 1))
        (after,) = dynamo.rows("URL_SHORTENER_TABLE")
        changes = {"clicks": "2", "botClicks": "1", "epoch_life": "3"}
        assert after == {
            **before,
            **{name: {"N": number} for name, number in changes.items()},
            "change": {"S": "counted"},
        }

    def test_a_deleted_link_goes_on_counting(self, dynamo: DynamoWorld) -> None:
        dynamo.add_link("docs", userId={"S": "deleted#ann"}, deletedAt={"S": to_iso(NOW)})
        assert dynamo.counters.add_to_link(epoch(1), "docs", Totals(1, 0))

    def test_a_day_says_which_life_made_it(self, dynamo: DynamoWorld) -> None:
        for number, incarnation in ((1, "life"), (1, "other")):
            this = epoch(number, incarnation)
            dynamo.counters.change_day(this, DAY, read(dynamo, this), change({"clicks": 1}))
        (row,) = dynamo.rows("DAILY_STATS_TABLE")
        assert row == {
            "shortCode": {"S": "docs"},
            "date": {"S": DAY[1]},
            "clicks": {"N": "2"},
            "v": {"N": "2"},
            "by": {"S": "life"},
            "epoch_life": {"N": "1"},
            "epoch_other": {"N": "1"},
        }

    def test_what_an_erasure_leaves(self, dynamo: DynamoWorld) -> None:
        dynamo.add_link("docs")
        dynamo.counters.add_to_link(epoch(1), "docs", Totals(1, 1))
        dynamo.counters.change_day(
            epoch(1), DAY, read(dynamo, epoch(1)), change({"clicks": 1, "h13": 1, "r:example.org": 1})
        )
        dynamo.counters.add_to_user(epoch(1), "ann", 1)
        dynamo.counters.erase_link("docs", NOW)
        dynamo.counters.erase_link("docs", NOW + timedelta(days=1))
        dynamo.counters.erase_user("ann", NOW)
        (link,) = dynamo.rows("URL_SHORTENER_TABLE")
        (day,) = dynamo.rows("DAILY_STATS_TABLE")
        (user,) = dynamo.rows("USER_TABLE")
        at = {"S": to_iso(NOW)}
        assert (link["erasedAt"], "clicks" in link, "botClicks" in link) == (at, False, False)
        assert user == {"userId": {"S": "ann"}, "erasedAt": at, "epoch_life": {"N": "1"}}
        assert day == {
            "shortCode": {"S": "docs"},
            "date": {"S": DAY[1]},
            "erasedAt": at,
            "ttl": {"N": str(int((NOW + timedelta(days=1) + HORIZON).timestamp()))},
            "v": {"N": "3"},
            "by": {"S": "life"},
            "epoch_life": {"N": "1"},
        }

    def test_all_days_of_a_link_are_erased_and_none_of_another(self, dynamo: DynamoWorld) -> None:
        for code in ("docs", "docs2"):
            for n in range(40):
                dynamo.add_old_day(code, f"{NOW + timedelta(days=n):%Y-%m-%d}", {"clicks": 1})
        dynamo.counters.erase_link("docs", NOW)
        assert {code for code, _ in dynamo.counted().days} == {"docs2"}
        assert len(dynamo.counted().days) == 40

    def test_only_attributes_that_the_role_allows_are_named(self, dynamo: DynamoWorld) -> None:
        """And nothing of the rows is asked for: the policy refuses that."""
        dynamo.add_link("docs")
        sent: list[Mapping[str, Any]] = []
        dynamo.dynamodb.meta.events.register(
            "provide-client-params.dynamodb.UpdateItem", lambda params, **_: sent.append(params)
        )
        for _ in range(2):
            dynamo.counters.add_to_link(epoch(1), "docs", Totals(1, 0))
        dynamo.counters.erase_link("docs", NOW)
        dynamo.counters.add_to_user(epoch(1), "ann", 1)
        dynamo.counters.erase_user("ann", NOW)
        named = {"id", "clicks", "botClicks", "change", "erasedAt", "epoch_life", "userId", "totalClicks"}
        words = {
            "ADD",
            "SET",
            "REMOVE",
            "AND",
            "OR",
            "if_not_exists",
            "attribute_exists",
            "attribute_not_exists",
        }
        for request in sent:
            text = " ".join(request.get(part, "") for part in ("UpdateExpression", "ConditionExpression"))
            names = request.get("ExpressionAttributeNames", {})
            tokens = text.translate(str.maketrans("(),=<", "     ")).split()
            attributes = {names.get(token, token) for token in tokens if not token.startswith(":")} - words
            assert attributes <= named
            assert "ReturnValues" not in request
            assert "ReturnValuesOnConditionCheckFailure" not in request
        assert len(sent) == 6


class Refusing:
    """A DynamoDB that answers everything with one error."""

    def __init__(self, error: Exception) -> None:
        self._error = error

    def __getattr__(self, _: str) -> Callable[..., Any]:
        def refuse(*_: Any, **__: Any) -> Any:
            raise self._error

        return refuse


class Partial:
    """A DynamoDB that leaves some of a batch unread."""

    def batch_get_item(self, **request: Any) -> Any:
        return {"Responses": {}, "UnprocessedKeys": request["RequestItems"]}


def refused(code: str) -> ClientError:
    return ClientError({"Error": {"Code": code, "Message": "no"}}, "Operation")


def against(client: Any) -> DynamoDbCounters:
    return DynamoDbCounters(client, COUNTER_TABLES, HORIZON)


NO_ROW = DayRow({}, version=0, mark=0, exists=False, erased=False)
CALLS: dict[str, Callable[[DynamoDbCounters], object]] = {
    "witness": lambda counters: counters.witness(epoch(2), epoch(1)),
    "witnesses": lambda counters: counters.witnesses(),
    "add_to_link": lambda counters: counters.add_to_link(epoch(1), "docs", Totals(1, 0)),
    "add_to_user": lambda counters: counters.add_to_user(epoch(1), "ann", 1),
    "read_days": lambda counters: counters.read_days(epoch(1), [DAY]),
    "change_day": lambda counters: counters.change_day(epoch(1), DAY, NO_ROW, change({"clicks": 1})),
    "erase_link": lambda counters: counters.erase_link("docs", NOW),
    "erase_user": lambda counters: counters.erase_user("ann", NOW),
}


@pytest.mark.parametrize("call", CALLS.values(), ids=CALLS.keys())
class TestErrors:
    @pytest.mark.parametrize(
        "error",
        [
            refused("ThrottlingException"),
            refused("ProvisionedThroughputExceededException"),
            refused("TransactionConflictException"),
            refused("InternalServerError"),
            EndpointConnectionError(endpoint_url="https://dynamodb"),
            ReadTimeoutError(endpoint_url="https://dynamodb"),
        ],
        ids=str,
    )
    def test_what_passes_is_busy(self, call: Callable[[DynamoDbCounters], object], error: Exception) -> None:
        with pytest.raises(BusyError):
            call(against(Refusing(error)))

    @pytest.mark.parametrize(
        "code", ["AccessDeniedException", "ResourceNotFoundException", "ValidationException"]
    )
    def test_what_lasts_is_raised(self, call: Callable[[DynamoDbCounters], object], code: str) -> None:
        with pytest.raises(ClientError):
            call(against(Refusing(refused(code))))


def test_rows_that_were_not_read_are_busy() -> None:
    with pytest.raises(BusyError):
        CALLS["read_days"](against(Partial()))


def test_pages_are_busy_as_well(dynamo: DynamoWorld) -> None:
    """The second page of an erased link's days may fail like the first."""

    class SecondPage:
        def __getattr__(self, name: str) -> Any:
            return getattr(dynamo.dynamodb, name)

        def get_paginator(self, _: str) -> Any:
            return self

        def paginate(self, **request: Any) -> Iterator[Any]:
            yield dynamo.dynamodb.query(**request)
            raise refused("ThrottlingException")

    dynamo.add_old_day(*DAY, {"clicks": 1})
    with pytest.raises(BusyError):
        against(SecondPage()).erase_link("docs", NOW)
    assert TABLES["DAILY_STATS_TABLE"] == COUNTER_TABLES.days
