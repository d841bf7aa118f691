"""What anybody may be told: how many clicks were counted in all."""

from collections.abc import Iterator

import pytest
from services.analytics.tests.stats_support import Answer, ask
from services.analytics.tests.support import TABLES, DynamoWorld, dynamo_world

from analytics import bootstrap
from analytics.counting.journal import EpochId
from analytics.domain.tallies import NOTHING, Totals
from analytics.handlers import get_figures


@pytest.fixture
def world(monkeypatch: pytest.MonkeyPatch) -> Iterator[DynamoWorld]:
    monkeypatch.setenv("DAILY_STATS_TABLE", TABLES["DAILY_STATS_TABLE"])
    monkeypatch.setenv("PUBLIC_FIGURES", "true")
    bootstrap.public_figures.cache_clear()
    with dynamo_world() as world:
        yield world
    bootstrap.public_figures.cache_clear()


def figures() -> Answer:
    return ask(get_figures, "/figures", user=None)


def test_they_are_the_sums_over_all_shards_and_lives(world: DynamoWorld) -> None:
    for life, counted in [("now", Totals(7, 2)), ("before", Totals(3, 0))]:
        world.counters.witness(EpochId(life, 1, "x"), EpochId(life, 0, ""), counted)
    answer = figures()
    assert (answer.status, answer.json) == (200, {"clicks": 10, "botClicks": 2})
    assert answer.headers["cache-control"] == "public, max-age=60"


def test_they_are_nothing_before_the_first_click(world: DynamoWorld) -> None:
    assert figures().json == {"clicks": 0, "botClicks": 0}


def test_they_are_shown_only_where_the_operator_wants_it(
    world: DynamoWorld, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("PUBLIC_FIGURES", "false")
    assert figures().status == 404


def test_a_witness_from_before_there_were_figures_counts_nothing(world: DynamoWorld) -> None:
    world.dynamodb.put_item(
        TableName=TABLES["DAILY_STATS_TABLE"],
        Item={"shortCode": {"S": "#ledger"}, "date": {"S": "now"}, "epoch": {"S": "4.x"}},
    )
    assert world.in_all() == NOTHING
