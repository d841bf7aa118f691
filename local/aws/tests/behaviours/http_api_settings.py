"""CORS and route settings from a template reach the API, when it is created and when it is updated."""

from typing import Any

from tests.emulator import Emulator

ORIGIN = "https://app.example.com"


def resources(origin: str, burst: int) -> dict[str, Any]:
    cors = {"AllowOrigins": [origin], "AllowMethods": ["GET", "POST"], "AllowHeaders": ["authorization"]}
    return {
        "Api": {
            "Type": "AWS::ApiGatewayV2::Api",
            "Properties": {"Name": "cors", "ProtocolType": "HTTP", "CorsConfiguration": cors},
        },
        "Stage": {
            "Type": "AWS::ApiGatewayV2::Stage",
            "Properties": {
                "ApiId": {"Ref": "Api"},
                "StageName": "$default",
                "AutoDeploy": True,
                "DefaultRouteSettings": {"ThrottlingBurstLimit": burst, "ThrottlingRateLimit": 1},
            },
        },
    }


def preflight(aws: Emulator, api_id: str, origin: str) -> tuple[int, str | None]:
    headers = {
        "Origin": origin,
        "Access-Control-Request-Method": "POST",
        "Access-Control-Request-Headers": "authorization",
    }
    status, answer, _body = aws.http("OPTIONS", f"/_aws/execute-api/{api_id}/$default/urls", headers)
    return status, answer.get("Access-Control-Allow-Origin")


def holds(aws: Emulator) -> None:
    stack = aws.deploy(resources(ORIGIN, 2), ApiId={"Ref": "Api"})
    assert preflight(aws, stack["ApiId"], ORIGIN) == (204, ORIGIN)
    assert preflight(aws, stack["ApiId"], "https://evil.example.com")[1] is None
    moved = "https://moved.example.com"
    aws.deploy(resources(moved, 7), stack["StackName"], ApiId={"Ref": "Api"})
    assert preflight(aws, stack["ApiId"], moved) == (204, moved)
    stage = aws.client("apigatewayv2").get_stage(ApiId=stack["ApiId"], StageName="$default")
    assert stage["DefaultRouteSettings"]["ThrottlingBurstLimit"] == 7
