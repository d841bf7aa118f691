import json
from typing import Any

import pytest
from aws_lambda_powertools.utilities.typing import LambdaContext

from hopcount_shared.observability import NAMESPACE, count, instrument, logger
from shared.tests.conftest import Context, http_event

SECRET = "s3cret-token"


def lines(capsys: pytest.CaptureFixture[str]) -> list[dict[str, Any]]:
    return [json.loads(line) for line in capsys.readouterr().out.splitlines()]


def test_a_count_carries_service_and_stage_alone(
    context: Context, capsys: pytest.CaptureFixture[str]
) -> None:
    @instrument
    def handler(event: dict[str, Any], context: LambdaContext) -> str:
        count("ThingMade")
        count("ThingMade", 2)
        return "done"

    assert handler({}, context) == "done"  # type: ignore[arg-type]  # a stand-in has what is read of it
    [line] = [line for line in lines(capsys) if "ThingMade" in line]
    assert line["ThingMade"] == [1, 2]
    [metric] = line["_aws"]["CloudWatchMetrics"]
    assert metric["Namespace"] == NAMESPACE
    assert [sorted(dimensions) for dimensions in metric["Dimensions"]] == [["service", "stage"]]
    assert line["stage"] == "test"


def test_lines_carry_the_correlation_id_and_never_the_event(
    context: Context, capsys: pytest.CaptureFixture[str]
) -> None:
    @instrument
    def handler(event: dict[str, Any], context: LambdaContext) -> str:
        logger.info("thing made", extra={"thingId": "t1"})
        return SECRET

    event = http_event("GET", "/things", headers={"authorization": f"Bearer {SECRET}"})
    handler(event, context)  # type: ignore[arg-type]  # a stand-in has what is read of it
    written = capsys.readouterr().out
    [line] = [json.loads(text) for text in written.splitlines() if "thing made" in text]
    assert line["correlation_id"] == "request-1"
    assert line["thingId"] == "t1"
    assert SECRET not in written


def test_keys_of_one_invocation_do_not_reach_the_next(
    context: Context, capsys: pytest.CaptureFixture[str]
) -> None:
    @instrument
    def handler(event: dict[str, Any], context: LambdaContext) -> None:
        if event["first"]:
            logger.append_keys(thingId="t1")
        logger.info("seen")

    handler({"first": True}, context)  # type: ignore[arg-type]  # a stand-in has what is read of it
    handler({"first": False}, context)  # type: ignore[arg-type]  # a stand-in has what is read of it
    first, second = (line for line in lines(capsys) if line.get("message") == "seen")
    assert first["thingId"] == "t1"
    assert "thingId" not in second


def test_an_error_is_not_swallowed(context: Context) -> None:
    @instrument
    def handler(event: dict[str, Any], context: LambdaContext) -> None:
        raise RuntimeError("boom")

    with pytest.raises(RuntimeError, match="boom"):
        handler({}, context)  # type: ignore[arg-type]  # a stand-in has what is read of it
