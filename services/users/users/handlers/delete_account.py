"""DELETE /users/me: delete the caller's account."""

from aws_lambda_powertools.event_handler import Response

from hopcount_shared.documented import answer
from hopcount_shared.http import caller, create_api
from hopcount_shared.observability import count, instrument
from users import bootstrap

api = create_api()


@api.delete(
    "/users/me",
    description="With all links, which answer 410 from then on, all statistics and all API tokens. There is "
    "no way back. An answer that is no 204 means that it is not complete: ask again.",
    responses=answer(204, "The account is deleted.", content={}),
)
def delete_account() -> Response[str]:
    """Delete the caller's account."""
    who = caller(api)
    try:
        bootstrap.account_deletion().delete(who.user_id, api.lambda_context.aws_request_id)
    except Exception:
        count("AccountDeletionFailed")  # somebody may not be able to try again: see the alarm
        raise
    count("AccountDeleted")
    return Response(204, body="")


handler = instrument(api.resolve)
