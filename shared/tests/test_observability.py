import json
from typing import Any, cast

import pytest
from aws_lambda_powertools.utilities.typing import LambdaContext
from shared.tests.support import Context, http_event, recorded_logs

from hopcount_shared.observability import NAMESPACE, count, instrument, logger

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
