"""What `make bench-redirect` is made of, but for the functions themselves."""

import json
from pathlib import Path

import pytest
from tests.support.aws_endpoint import TARGET_URL

from bench.redirect import installation
from bench.redirect.__main__ import Measured
from bench.redirect.figures import (
    BOUNDS,
    difference,
    missed,
    percentile,
    ratio,
    share,
    summary,
    table,
)
from bench.redirect.installation import Installation
from bench.redirect.measurement import HIT, MISS, WARM_UP, Times, rotated, wrong_calls
from bench.redirect.subjects import BLUEPRINT, BOTO3, BUNDLED, NOOP, OURS, Subject, subjects, visit

RECORDED = 0.18
GOOD = {"init_cpu_ratio": RECORDED, **{name: bound * 0.9 for name, bound in BOUNDS.items()}}


def installed(folder: Path) -> Installation:
    return Installation(folder, folder, folder, folder, folder, folder, folder, 1024)


def subject(name: str) -> Subject:
    return subjects(installed(Path("/code")), {"AWS_ENDPOINT_URL": "http://127.0.0.1:1"})[name]


def test_a_ratio_is_taken_within_a_round() -> None:
    # The second round was disturbed, and both were: the ratio stays.
    assert ratio([[1, 2, 3], [30, 10, 20], [2]], [[4], [40], [4]]) == 0.5


def test_one_disturbed_round_does_not_count() -> None:
    assert ratio([[1], [1], [100]], [[2], [2], [2]]) == 0.5
    assert difference([[1], [1], [100]], [[0.5], [0.5], [0.5]]) == 0.5


def test_a_share_is_of_all_rounds() -> None:
    # Somebody else's garbage is collected now and then, and has to be paid for.
    assert share([[1], [1]], [[2], [6]]) == 0.25


def test_what_did_not_take_turns_is_not_compared() -> None:
    with pytest.raises(ValueError, match="zip"):
        ratio([[1], [1]], [[1]])


def test_percentiles_are_of_all_rounds() -> None:
    assert percentile(range(1, 101), 99) == 99
    assert percentile([5], 99) == 5
    assert summary([[1, 2], [3]]) == {"p50": 2, "p99": 3}


def test_what_keeps_its_bounds_is_not_told() -> None:
    assert missed(GOOD, RECORDED) == []
    assert missed({**GOOD, **BOUNDS}, RECORDED) == []


@pytest.mark.parametrize("name", BOUNDS)
def test_each_bound_is_told_when_it_is_missed(name: str) -> None:
    (sentence,) = missed({**GOOD, name: BOUNDS[name] * 1.01}, RECORDED)
    assert sentence.startswith(name)


def test_a_start_that_grew_by_more_than_a_tenth_is_told() -> None:
    assert missed(GOOD, RECORDED / 1.09) == []
    (sentence,) = missed(GOOD, RECORDED / 1.11)
    assert "1.11 times" in sentence


def test_the_recorded_start_keeps_its_own_bound() -> None:
    recorded = json.loads((installation.HERE / "baseline.json").read_text())
    assert 0 < recorded["init_ratio"] <= BOUNDS["init_ratio"]
    assert recorded["init_cpu_ratio"] > 0


def test_a_table_is_markdown() -> None:
    assert table(["a", "bc"], [["x", 1]]) == "| a | bc |\n|---|----|\n| x | 1  |"


def test_everything_takes_turns() -> None:
    things = ["a", "b", "c"]
    assert [list(rotated(things, number)) for number in range(-1, 3)] == [
        ["c", "a", "b"],
        ["a", "b", "c"],
        ["b", "c", "a"],
        ["c", "a", "b"],
    ]


def test_the_figures_are_of_the_functions_they_say() -> None:
    def times(**milliseconds: float) -> Times:
        return Times({name: [[value]] for name, value in milliseconds.items()})

    start = {BLUEPRINT: 100.0, BUNDLED: 80.0, OURS: 40.0, NOOP: 30.0, BOTO3: 400.0}
    warm = {BLUEPRINT: 10.0, BUNDLED: 5.0, HIT: 1.0, MISS: 6.0, NOOP: 0.8}
    measured = Measured(times(**start), times(**start), times(**start), times(**warm), times(**warm))
    assert measured.bounded() == pytest.approx(
        {
            "cold_ratio": 0.4,
            "init_ratio": 0.1,
            "warm_hit_p50_ratio": 0.1,
            "warm_miss_p50_ratio": 0.6,
            "cpu_ratio": 0.1,
            "hit_over_noop_ms": 0.2,
        }
    )
    assert measured.beside()["bundled_warm_miss_p50_ratio"] == 1.2
    assert measured.beside()["warm_hit_p99_ratio"] == 0.1
    assert set(measured.absolute()) == {"cold_ms", "init_ms", "init_cpu_ms", "warm_ms", "cpu_ms"}
    assert "| ours_hit " in measured.table()
    assert set(measured.bounded()) | {"zip_kb"} == set(BOUNDS)


def test_our_function_makes_the_calls_it_needs_and_no_more() -> None:
    measured = 3 * (20 + 1) + WARM_UP
    right = {"PutEvents": 5 + 1 + 2 * measured, "GetItem": 5 + 2 + measured}
    assert wrong_calls({OURS: right, BLUEPRINT: {"GetItem": 1}}, 5, 3, 20) == []
    (sentence,) = wrong_calls({OURS: {**right, "GetItem": right["GetItem"] + 1}}, 5, 3, 20)
    assert "GetItem" in sentence
    assert len(wrong_calls({}, 5, 3, 20)) == 2
    (sentence,) = wrong_calls({OURS: {**right, "Scan": 1}}, 5, 3, 20)
    assert "Scan" in sentence


def test_only_the_right_answer_is_right() -> None:
    right = {"statusCode": 301, "headers": {"Location": TARGET_URL}}
    assert subject(OURS).is_right(right)
    assert subject(BLUEPRINT).is_right({"statusCode": 301, "headers": {"location": TARGET_URL}})
    for wrong in (None, {}, {**right, "statusCode": 302}, {"statusCode": 301}, {**right, "headers": {}}):
        assert not subject(OURS).is_right(wrong)
    assert subject(NOOP).is_right({"statusCode": 200})
    assert not subject(NOOP).is_right(right)


def test_each_function_is_known_by_its_keys_and_finds_its_code() -> None:
    functions = subjects(installed(Path("/code")), {"AWS_ENDPOINT_URL": "http://127.0.0.1:1"})
    assert {name: function.environment["AWS_ACCESS_KEY_ID"] for name, function in functions.items()} == {
        name: name for name in functions
    }
    assert {function.environment["AWS_ENDPOINT_URL"] for function in functions.values()} == {
        "http://127.0.0.1:1"
    }
    assert functions[OURS].environment["CLICK_TRANSPORT"] == "bus"


def test_a_visit_is_an_event_of_the_http_api() -> None:
    event = json.loads(visit("abc"))
    assert event["pathParameters"] == {"id": "abc"}
    assert event["rawPath"] == event["requestContext"]["http"]["path"] == "/abc"


def test_what_is_installed_is_named_by_what_it_is_made_of(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(installation, "CACHE", tmp_path / "cache")
    pins = tmp_path / "pins"
    filled: list[Path] = []

    def fill(folder: Path) -> None:
        folder.mkdir()
        filled.append(folder)

    def fail(folder: Path) -> None:
        folder.mkdir()
        raise SystemExit

    pins.write_text("1")
    first = installation._once("python", [pins], fill)
    assert installation._once("python", [pins], fill) == first
    assert filled == [first]
    pins.write_text("2")
    second = installation._once("python", [pins], fill)
    assert filled == [first, second]
    assert not first.exists()
    pins.write_text("3")
    with pytest.raises(SystemExit):
        installation._once("python", [pins], fail)
    assert list((tmp_path / "cache").iterdir()) == []
