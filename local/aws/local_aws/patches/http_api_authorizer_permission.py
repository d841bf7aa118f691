"""A Lambda authorizer's function is asked only if it lets the API ask it.

AWS
    API Gateway invokes the function as ``apigateway.amazonaws.com`` with the authorizer as ``aws:SourceArn``.
    Where the function's policy does not allow that, the request is answered 500.
MiniStack
    Invokes the function whatever its policy says: a forgotten permission is found on AWS.
Here
    The policy counts.
"""

from typing import Any

from ministack.core.iam_evaluator import EvalContext, evaluate_resource_policy
from ministack.services import apigateway, lambda_svc

from local_aws.patching import Patch, targets_in

PRINCIPAL = "apigateway.amazonaws.com"


def may_ask(authorizer: dict[str, Any], event: dict[str, Any], account: str, region: str) -> bool:
    """Tell whether the authorizer's function lets this authorizer of this API invoke it."""
    reference = apigateway._extract_lambda_ref_from_integration_uri(authorizer.get("authorizerUri", ""))
    function, config, _ = lambda_svc._get_func_record_for_ref_in_scope(
        reference, account_id=account, region=region
    )
    if function is None or config is None:
        return False
    api_id = event["requestContext"]["apiId"]
    source = f"arn:aws:execute-api:{region}:{account}:{api_id}/authorizers/{authorizer['authorizerId']}"
    context = EvalContext(
        principal_arn="*",
        principal_type="Service",
        principal_account="",
        action="lambda:InvokeFunction",
        resource_arn=config["FunctionArn"],
        region=region,
        service_context={"aws:sourcearn": source, "aws:sourceaccount": account},
    )
    return evaluate_resource_policy(function["policy"], context, service=PRINCIPAL).decision == "Allow"


def apply() -> None:
    """Stand in front of the invocation of an authorizer's function."""
    base_invoke = apigateway._invoke_request_authorizer_lambda

    async def invoke(authorizer: dict[str, Any], event: dict[str, Any], account: str, region: str) -> Any:
        if not may_ask(authorizer, event, account, region):
            apigateway.logger.warning("authorizer %s may not invoke its function", authorizer["authorizerId"])
            return None
        return await base_invoke(authorizer, event, account, region)

    apigateway._invoke_request_authorizer_lambda = invoke


PATCH = Patch(
    name="http-api-authorizer-permission",
    targets=(
        targets_in(
            "ministack.services.apigateway",
            {
                "_invoke_request_authorizer_lambda": "185d9afad9dc",
                "_extract_lambda_ref_from_integration_uri": "9454805a7592",
            },
        )
        + targets_in("ministack.services.lambda_svc", {"_get_func_record_for_ref_in_scope": "e15d66d84246"})
        + targets_in("ministack.core.iam_evaluator", {"evaluate_resource_policy": "e49ce7161ad6"})
    ),
    apply=apply,
)
