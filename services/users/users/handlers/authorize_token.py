"""The HTTP API's authorizer of API tokens: whose it is, and what it was made for."""

from typing import Any

from aws_lambda_powertools.utilities.typing import LambdaContext

from hopcount_shared.observability import count, instrument, logger
from users import bootstrap
from users.domain.api_token import presented

REFUSED = {"isAuthorized": False}


@instrument
def handler(event: dict[str, Any], _context: LambdaContext) -> dict[str, Any]:
    """Answer in the simple format of payload 2.0; an error refuses too, as a 500."""
    headers = {name.lower(): value for name, value in event.get("headers", {}).items()}
    text = presented(headers)
    token = bootstrap.token_check().check(text) if text else None
    if token is None:
        logger.info("API token refused")
        count("ApiTokenRefused")
        return REFUSED
    logger.info("API token accepted", extra={"tokenId": token.id})
    return {
        "isAuthorized": True,
        "context": {"userId": token.user_id, "scopes": " ".join(token.scopes), "tokenId": token.id},
    }
