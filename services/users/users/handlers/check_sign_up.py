"""Cognito's PreSignUp trigger: who may sign up."""

from typing import Any

from aws_lambda_powertools.utilities.typing import LambdaContext

from hopcount_shared.observability import count, instrument, logger
from users import bootstrap
from users.domain.sign_up import SignUpRefusedError


@instrument
def handler(event: dict[str, Any], _context: LambdaContext) -> dict[str, Any]:
    """Return the event to allow the sign-up; an error refuses it, and Cognito shows its message."""
    invited = event["triggerSource"] == "PreSignUp_AdminCreateUser"
    email = event["request"]["userAttributes"].get("email", "")
    try:
        bootstrap.sign_up_check().check(email, invited=invited)
    except SignUpRefusedError:
        logger.info("sign-up refused")
        count("SignUpRefused")
        raise
    count("SignUpAllowed")
    return event
