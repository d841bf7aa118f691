"""Confirming a sign-up verifies the address and runs the pool's PostConfirmation trigger.

AWS
    ``ConfirmSignUp`` marks the address that received the code as verified. It, ``AdminConfirmSignUp`` and
    ``ConfirmForgotPassword`` invoke PostConfirmation; when that fails the caller sees
    ``UserLambdaValidationException`` although the user is confirmed. A refusing PreSignUp is reported as
    ``PreSignUp failed with error <message>.``
MiniStack
    Has no PostConfirmation, leaves the address unverified, and reports PreSignUp's error as a Python dict.
Here
    All of it as on AWS.
"""

from collections.abc import Callable
from typing import Any

from ministack.services import cognito, lambda_svc

from local_aws.patching import Patch, targets_in

Request = dict[str, Any]
Response = Any
Handler = Callable[[Request], Response]


class TriggerFailedError(Exception):
    """The function behind a trigger is missing or raised; the message is the one a client sees."""


def run_trigger(trigger: str, arn: str, event: dict[str, Any]) -> dict[str, Any]:
    """Invoke the trigger's function and return the ``response`` it filled in."""
    record, config, _name = lambda_svc._get_func_record_for_ref(arn)
    if record is None or config is None:
        raise TriggerFailedError(f"{trigger} failed with error: function not found.")
    execution = lambda_svc._execution_record_for_config(record, config)
    result = lambda_svc._execute_function_with_config_scope(execution, event)
    body = result.get("body")
    if result.get("error"):
        message = body.get("errorMessage") if isinstance(body, dict) else body
        raise TriggerFailedError(f"{trigger} failed with error {message}.")
    return cognito._extract_trigger_response(body) or {}


def pre_sign_up(
    pool_id: str,
    client_id: str,
    username: str,
    user_attrs: dict[str, Any],
    trigger_source: str = "PreSignUp_ExternalProvider",
) -> dict[str, bool]:
    """Ask PreSignUp, if the pool has one, whether this user may sign up."""
    pool = cognito._user_pools.get(pool_id) or {}
    arn = (pool.get("LambdaConfig") or {}).get("PreSignUp")
    answer: dict[str, Any] = {}
    if arn:
        event = cognito._build_presignup_event(pool_id, client_id, username, user_attrs, trigger_source)
        try:
            answer = run_trigger("PreSignUp", arn, event)
        except TriggerFailedError as error:
            raise cognito._PreSignUpRejected(str(error)) from error
    return {
        name: bool(answer.get(name)) for name in ("autoConfirmUser", "autoVerifyEmail", "autoVerifyPhone")
    }


def post_confirmation(pool: dict[str, Any], request: Request, source: str) -> Response | None:
    """Run PostConfirmation, if the pool has one; return the error response when it fails."""
    arn = (pool.get("LambdaConfig") or {}).get("PostConfirmation")
    if not arn:
        return None
    user, _error = cognito._resolve_user(pool, request.get("Username"))
    attributes = cognito._attr_list_to_dict(user.get("Attributes", []))
    attributes["cognito:user_status"] = user["UserStatus"]
    event = cognito._build_presignup_event(
        pool["Id"],
        request.get("ClientId") or "CLIENT_ID_NOT_APPLICABLE",
        user["Username"],
        attributes,
        source,
    )
    event["request"] = {
        "userAttributes": event["request"]["userAttributes"],
        "clientMetadata": dict(request.get("ClientMetadata") or {}),
    }
    event["response"] = {}
    try:
        run_trigger("PostConfirmation", arn, event)
    except TriggerFailedError as error:
        return cognito.error_response_json("UserLambdaValidationException", str(error), 400)
    return None


def verify_address(pool: dict[str, Any], request: Request) -> None:
    """Mark the address that the confirmation code went to as verified."""
    user, _error = cognito._resolve_user(pool, request.get("Username"))
    attributes = cognito._attr_list_to_dict(user.get("Attributes", []))
    if "email" in attributes and "email" in (pool.get("AutoVerifiedAttributes") or []):
        attributes["email_verified"] = "true"
        user["Attributes"] = cognito._dict_to_attr_list(attributes)


def _of_client(request: Request) -> dict[str, Any]:
    return cognito._pool_for_client(request.get("ClientId"))[0] or {}


def _of_administrator(request: Request) -> dict[str, Any]:
    return cognito._user_pools.get(request.get("UserPoolId")) or {}


def _confirming(
    confirm: Handler, find_pool: Callable[[Request], dict[str, Any]], source: str, *, verifies: bool
) -> Handler:
    def confirm_and_trigger(request: Request) -> Response:
        response = confirm(request)
        if response[0] != 200:
            return response
        pool = find_pool(request)
        if verifies:
            verify_address(pool, request)
        return post_confirmation(pool, request, source) or response

    return confirm_and_trigger


def apply() -> None:
    """Wrap the three confirming operations and replace the PreSignUp call."""
    signed_up, reset = "PostConfirmation_ConfirmSignUp", "PostConfirmation_ConfirmForgotPassword"
    cognito._apply_presignup_trigger = pre_sign_up
    cognito._confirm_sign_up = _confirming(cognito._confirm_sign_up, _of_client, signed_up, verifies=True)
    cognito._admin_confirm_sign_up = _confirming(
        cognito._admin_confirm_sign_up, _of_administrator, signed_up, verifies=False
    )
    cognito._confirm_forgot_password = _confirming(
        cognito._confirm_forgot_password, _of_client, reset, verifies=True
    )


PATCH = Patch(
    name="cognito-triggers",
    targets=(
        targets_in(
            "ministack.services.cognito",
            {
                "_apply_presignup_trigger": "3a8e61e0cad3",
                "_build_presignup_event": "da156a0a745a",
                "_confirm_sign_up": "e9557b08401a",
                "_admin_confirm_sign_up": "e466a78787df",
                "_confirm_forgot_password": "7f65a9b7d622",
                "_sign_up": "7c18b40cc080",
                "_pool_for_client": "ac0cf2128182",
            },
        )
        + targets_in(
            "ministack.services.lambda_svc",
            {
                "_get_func_record_for_ref": "492b4efe8f90",
                "_execution_record_for_config": "632acaa44892",
                "_execute_function_with_config_scope": "26a9d5f64e17",
            },
        )
    ),
    apply=apply,
)
