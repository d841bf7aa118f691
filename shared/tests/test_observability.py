import json
from datetime import UTC, datetime, timedelta
from typing import Any, cast

import pytest
from aws_lambda_powertools.utilities.typing import LambdaContext
from shared.tests.support import Context, http_event, recorded_logs

from hopcount_shared.observability import NAMESPACE, count, count_past, instrument, logger

SECRET = "s3cret-token"
CONTEXT = cast("LambdaContext", Context())


def test_a_count_carries_service_and_stage_alone(capsys: pytest.CaptureFixture[str]) -> None:
    @instrument
    def handler(event: dict[str, Any], context: LambdaContext) -> str:
        count("ThingMade")
        count("ThingMade", 2)
        return "done"

    assert handler({}, CONTEXT) == "done"
    [text] = [line for line in capsys.readouterr().out.splitlines() if "ThingMade" in line]
    line = json.loads(text)
    assert line["ThingMade"] == [1, 2]
    [metric] = line["_aws"]["CloudWatchMetrics"]
    assert metric["Namespace"] == NAMESPACE
    assert [sorted(dimensions) for dimensions in metric["Dimensions"]] == [["service", "stage"]]
    assert line["stage"] == "test"


PAST = datetime.now(UTC).replace(microsecond=0) - timedelta(days=3)


def test_the_past_is_counted_at_its_time_and_beside_the_rest(capsys: pytest.CaptureFixture[str]) -> None:
    @instrument
    def handler(event: dict[str, Any], context: LambdaContext) -> None:
        count("ThingMade")
        count_past("ThingSeen", [3], PAST, {"colour": "red"})
        count_past("ThingSeen", [4, 5], PAST, {"colour": "blue"}, unit="Milliseconds")

    handler({}, CONTEXT)
    lines = [json.loads(line) for line in capsys.readouterr().out.splitlines() if '"_aws"' in line]
    made, red, blue = (one(lines, *key) for key in (("ThingMade",), ("colour", "red"), ("colour", "blue")))
    assert "colour" not in made
    assert [sorted(names) for names in made["_aws"]["CloudWatchMetrics"][0]["Dimensions"]] == [
        ["service", "stage"]
    ]
    for line, values, unit in ((red, [3], "Count"), (blue, [4, 5], "Milliseconds")):
        assert (line["ThingSeen"], line["stage"]) == (values, "test")
        assert line["_aws"]["Timestamp"] == int(PAST.timestamp() * 1000)
        (metric,) = line["_aws"]["CloudWatchMetrics"]
        assert metric["Metrics"] == [{"Name": "ThingSeen", "Unit": unit}]
        assert [sorted(names) for names in metric["Dimensions"]] == [["colour", "service", "stage"]]


def one(lines: list[dict[str, Any]], key: str, value: str | None = None) -> dict[str, Any]:
    """Return the one line that has such a key; with a value, that value."""
    [found] = [line for line in lines if key in line and value in {None, str(line[key])}]
    return found


@pytest.mark.parametrize("number", [1, 99, 100, 101, 250])
def test_of_many_values_none_is_lost(number: int, capsys: pytest.CaptureFixture[str]) -> None:
    count_past("ThingSeen", range(number), PAST, {})
    lines = [json.loads(line)["ThingSeen"] for line in capsys.readouterr().out.splitlines()]
    assert [value for values in lines for value in values] == [*range(number)]
    assert all(len(values) <= 100 for values in lines)  # CloudWatch drops the rest


def test_nothing_to_count_is_no_warning(recwarn: pytest.WarningsRecorder) -> None:
    instrument(lambda event, context: None)({}, CONTEXT)
    assert [str(warning.message) for warning in recwarn] == []


def test_lines_carry_the_correlation_id_and_never_the_event(capsys: pytest.CaptureFixture[str]) -> None:
    @instrument
    def handler(event: dict[str, Any], context: LambdaContext) -> str:
        logger.info("thing made", extra={"thingId": "t1"})
        return SECRET

    with recorded_logs() as lines:
        handler(http_event("GET", "/things", headers={"authorization": f"Bearer {SECRET}"}), CONTEXT)
    [line] = lines
    assert (line["message"], line["correlation_id"], line["thingId"]) == ("thing made", "request-1", "t1")
    assert SECRET not in json.dumps(lines)
    assert SECRET not in capsys.readouterr().out


def test_keys_of_one_invocation_do_not_reach_the_next() -> None:
    @instrument
    def handler(event: dict[str, Any], context: LambdaContext) -> None:
        if event["first"]:
            logger.append_keys(thingId="t1")
        logger.info("seen")

    with recorded_logs() as lines:
        handler({"first": True}, CONTEXT)
        handler({"first": False}, CONTEXT)
    first, second = lines
    assert first["thingId"] == "t1"
    assert "thingId" not in second


def test_an_error_is_not_swallowed() -> None:
    @instrument
    def handler(event: dict[str, Any], context: LambdaContext) -> None:
        raise RuntimeError("boom")

    with pytest.raises(RuntimeError, match="boom"):
        handler({}, CONTEXT)
