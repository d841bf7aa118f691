"""DELETE /users/me: delete the caller's account."""

from aws_lambda_powertools.event_handler import Response

from hopcount_shared.http import caller, create_api
from hopcount_shared.observability import count, instrument
from users import bootstrap

api = create_api()


@api.delete("/users/me")
def delete_account() -> Response[str]:
    """Delete the caller's account with all links, statistics and API tokens. There is no way back."""
    who = caller(api)
    try:
        bootstrap.account_deletion().delete(who.user_id, api.lambda_context.aws_request_id)
    except Exception:
        count("AccountDeletionFailed")  # somebody may not be able to try again: see the alarm
        raise
    count("AccountDeleted")
    return Response(204, body="")


handler = instrument(api.resolve)
