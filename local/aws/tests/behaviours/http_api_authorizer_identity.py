"""A Lambda authorizer of an HTTP API that names no identity source: simple answers, nothing cached."""

import json
from typing import Any

from tests.emulator import Emulator

AUTHORIZER = """
def handler(event, context):
    said = event["headers"].get("x-api-key", "nothing")
    if said == "broken":
        raise RuntimeError("no idea")
    if said == "odd":
        return {"isAuthorized": "false"}
    return {"isAuthorized": said != "nothing", "context": {"said": said, "asked": context.aws_request_id}}
"""
ROUTE = """
import json
def handler(event, context):
    return {"statusCode": 200, "body": json.dumps(event["requestContext"]["authorizer"]["lambda"])}
"""


def invocations(aws: Emulator, function: str) -> str:
    functions = f"lambda:path/2015-03-31/functions/{aws.function_arn(function)}"
    return f"arn:aws:apigateway:us-east-1:{functions}/invocations"


def resources(aws: Emulator, permitted: Any) -> dict[str, Any]:
    """Return an API with one route behind an authorizer, and whom the authorizer's function lets ask it."""
    authorizer, route = aws.function(AUTHORIZER), aws.function(ROUTE)
    api = {"Ref": "Api"}
    return {
        "Api": {"Type": "AWS::ApiGatewayV2::Api", "Properties": {"Name": "machines", "ProtocolType": "HTTP"}},
        "Stage": {
            "Type": "AWS::ApiGatewayV2::Stage",
            "Properties": {"ApiId": api, "StageName": "$default", "AutoDeploy": True},
        },
        "Authorizer": {
            "Type": "AWS::ApiGatewayV2::Authorizer",
            "Properties": {
                "ApiId": api,
                "Name": "token",
                "AuthorizerType": "REQUEST",
                "AuthorizerPayloadFormatVersion": "2.0",
                "EnableSimpleResponses": True,
                "AuthorizerResultTtlInSeconds": 0,
                "AuthorizerUri": invocations(aws, authorizer),
            },
        },
        "Permission": {
            "Type": "AWS::Lambda::Permission",
            "Properties": {
                "FunctionName": aws.function_arn(authorizer),
                "Action": "lambda:InvokeFunction",
                "Principal": "apigateway.amazonaws.com",
                "SourceArn": permitted,
            },
        },
        "Integration": {
            "Type": "AWS::ApiGatewayV2::Integration",
            "Properties": {
                "ApiId": api,
                "IntegrationType": "AWS_PROXY",
                "IntegrationUri": aws.function_arn(route),
                "PayloadFormatVersion": "2.0",
            },
        },
        "Route": {
            "Type": "AWS::ApiGatewayV2::Route",
            "Properties": {
                "ApiId": api,
                "RouteKey": "GET /urls",
                "AuthorizationType": "CUSTOM",
                "AuthorizerId": {"Ref": "Authorizer"},
                "Target": {"Fn::Join": ["/", ["integrations", {"Ref": "Integration"}]]},
            },
        },
    }


THIS_AUTHORIZER = {
    "Fn::Sub": "arn:aws:execute-api:${AWS::Region}:${AWS::AccountId}:${Api}/authorizers/${Authorizer}"
}


def ask(aws: Emulator, api_id: str, **headers: str) -> tuple[int, Any]:
    path = f"/_aws/execute-api/{api_id}/$default/urls"
    sent = {name.replace("_", "-"): value for name, value in headers.items()}
    status, _, body = aws.http("GET", path, sent)
    return status, json.loads(body)


def holds(aws: Emulator) -> None:
    api_id = aws.deploy(resources(aws, THIS_AUTHORIZER), ApiId={"Ref": "Api"})["ApiId"]
    status, first = ask(aws, api_id, X_Api_Key="secret")
    assert status == 200, first
    assert first["said"] == "secret"
    assert ask(aws, api_id, X_Api_Key="secret")[1]["asked"] != first["asked"], "an answer was cached"
    assert ask(aws, api_id) == (403, {"message": "Forbidden"})
    assert ask(aws, api_id, Authorization="Bearer x") == (403, {"message": "Forbidden"})
    for wrong in ("broken", "odd"):
        assert ask(aws, api_id, X_Api_Key=wrong) == (500, {"message": "Internal Server Error"})
