"""The one fact about users that matters here, read tolerantly and no further than needed."""

from typing import Annotated

from pydantic import Field, ValidationError

from hopcount_shared.errors import MessageRejectedError
from hopcount_shared.events import Envelope, EventData

SOURCE = "hopcount.users"
USER_DELETED = "UserDeleted.v1"


class UserFact(EventData):
    """Who it is about. A user id is a Cognito `sub`; anything else is a mistake of the sender."""

    user_id: Annotated[str, Field(pattern=r"^[0-9A-Za-z_-]{1,128}$")]


def read_user_deleted(body: str) -> Envelope[UserFact]:
    """Read a queue message.

    Raises
    ------
    MessageRejectedError
        If the message is malformed or tells something else. The reason names fields, never what they hold.
    """
    try:
        event = Envelope[UserFact].model_validate_json(body)
    except ValidationError as error:
        found = error.errors(include_input=False, include_url=False, include_context=False)
        wrong = ", ".join(f"{'.'.join(map(str, e['loc'])) or 'body'} ({e['type']})" for e in found)
        raise MessageRejectedError(f"malformed event: {wrong}") from None
    if event.source != SOURCE or event.detail_type != USER_DELETED:
        raise MessageRejectedError("an event of another source, type or version")
    return event
