"""Cognito's PostConfirmation trigger: write a new user down."""

from typing import Any

from aws_lambda_powertools.utilities.typing import LambdaContext

from hopcount_shared.observability import count, instrument, logger
from users import bootstrap

SIGN_UP = "PostConfirmation_ConfirmSignUp"
"""The other source, `PostConfirmation_ConfirmForgotPassword`, is somebody who was here before."""


@instrument
def handler(event: dict[str, Any], context: LambdaContext) -> dict[str, Any]:
    """Register the user if this confirms a sign-up; Cognito wants the event back."""
    if event["triggerSource"] == SIGN_UP:
        attributes = event["request"]["userAttributes"]
        bootstrap.registration().register(attributes["sub"], attributes.get("email"), context.aws_request_id)
        logger.info("user registered", extra={"userId": attributes["sub"]})
        count("UserRegistered")
    return event
