"""The HTTP side of a handler: a resolver that speaks problem details (RFC 9457), and who is calling.

This is the one place where an error becomes a status code.
"""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from http import HTTPStatus
from typing import Any

from aws_lambda_powertools.event_handler import APIGatewayHttpResolver, Response
from aws_lambda_powertools.event_handler.exceptions import NotFoundError as NoRouteError
from aws_lambda_powertools.event_handler.openapi.exceptions import (
    RequestUnsupportedContentType,
    RequestValidationError,
)
from aws_lambda_powertools.utilities.typing import LambdaContext
from botocore.exceptions import BotoCoreError, ClientError

from hopcount_shared import errors
from hopcount_shared.aws import THROTTLES, error_code
from hopcount_shared.observability import logger

PROBLEM_JSON = "application/problem+json"
NO_STORE = {"Cache-Control": "no-store"}

MACHINES = "/v1"
"""The same paths behind it take API tokens: a route of an HTTP API has one authorizer."""

_FORMS = ("application/x-www-form-urlencoded", "multipart/form-data")

_TOKEN_USES = frozenset({"access", "id"})

_PROBLEMS: Mapping[type[errors.HopcountError], tuple[HTTPStatus, str, str]] = {
    errors.MalformedRequestError: (HTTPStatus.BAD_REQUEST, "malformed-request", "Malformed request"),
    errors.UnauthenticatedError: (HTTPStatus.UNAUTHORIZED, "unauthenticated", "Not signed in"),
    errors.ForbiddenError: (HTTPStatus.FORBIDDEN, "forbidden", "Not allowed"),
    errors.NotFoundError: (HTTPStatus.NOT_FOUND, "not-found", "Not found"),
    errors.ConflictError: (HTTPStatus.CONFLICT, "conflict", "Conflict"),
    errors.GoneError: (HTTPStatus.GONE, "gone", "Gone"),
    errors.PreconditionFailedError: (HTTPStatus.PRECONDITION_FAILED, "changed", "Changed since it was read"),
    errors.UnsupportedMediaTypeError: (
        HTTPStatus.UNSUPPORTED_MEDIA_TYPE,
        "unsupported-media-type",
        "Unsupported media type",
    ),
    errors.InvalidInputError: (HTTPStatus.UNPROCESSABLE_ENTITY, "invalid-input", "Invalid input"),
    errors.QuotaExceededError: (HTTPStatus.TOO_MANY_REQUESTS, "quota-exceeded", "Too many requests"),
    errors.UnavailableError: (HTTPStatus.SERVICE_UNAVAILABLE, "unavailable", "Unavailable"),
}

_INTERNAL = (
    HTTPStatus.INTERNAL_SERVER_ERROR,
    "internal",
    "Internal error",
    "this is our fault, and logged",
)


def problem_kinds() -> Sequence[tuple[int, str, str]]:
    """Return every kind of problem that `create_api` answers with: status, slug and title."""
    return [(status.value, slug, title) for status, slug, title in (*_PROBLEMS.values(), _INTERNAL[:3])]


@dataclass(frozen=True)
class Caller:
    """Who is calling, as their token says.

    Parameters
    ----------
    user_id
        The Cognito `sub`: the owner of whatever is made.
    email
        Their address, if the token is an ID token; access tokens and API tokens carry none.
    """

    user_id: str
    email: str | None


def problem(
    status: HTTPStatus,
    slug: str,
    title: str,
    detail: str,
    field_errors: Sequence[errors.FieldError] = (),
) -> dict[str, Any]:
    """Write problem details.

    Parameters
    ----------
    status
        HTTP status.
    slug
        Stable name of the kind of problem; `type` is `urn:hopcount:problem:<slug>`.
    title, detail
        The kind of problem, and this one, in words for people. Clients match `type`, never these.
    field_errors
        The wrong fields, written as `errors: [{field, message}]` when there are any.
    """
    body: dict[str, Any] = {
        "type": f"urn:hopcount:problem:{slug}",
        "title": title,
        "status": status.value,
        "detail": detail,
    }
    if field_errors:
        body["errors"] = [{"field": e.field, "message": e.message} for e in field_errors]
    return body


class _JsonApi(APIGatewayHttpResolver):
    """Takes bodies as JSON and in no other form.

    Powertools would read forms as well, although no document says so, and fail on a broken one.
    """

    def resolve(self, event: Any, context: LambdaContext) -> dict[str, Any]:
        """Answer an event of the gateway, whose headers' names are in lower case."""
        headers = event.get("headers") or {}
        kind = headers.get("content-type", "").strip().lower()
        if kind.startswith(_FORMS):
            kind = "form"  # one of which nobody knows how to read it
        return super().resolve({**event, "headers": {**headers, "content-type": kind}}, context)


def create_api(longest_body: int | None = None) -> APIGatewayHttpResolver:
    """Make the resolver of one handler: requests are validated, every error is a problem details answer.

    Parameters
    ----------
    longest_body
        Bytes of UTF-8 that are read; nothing of a longer body is. By default what the gateway lets pass.
    """

    def read_body(text: str) -> Any:
        if longest_body is not None and len(text.encode()) > longest_body:
            message = f"must have at most {longest_body} bytes"
            raise errors.InvalidInputError([errors.FieldError("body", message)])
        return _read_json(text)

    api = _JsonApi(enable_validation=True, json_body_deserializer=read_body, strip_prefixes=[MACHINES])
    api.exception_handler(errors.HopcountError)(_answer)
    api.exception_handler(RequestValidationError)(_validation_error)
    api.exception_handler(RequestUnsupportedContentType)(_unsupported_content)
    api.exception_handler(NoRouteError)(lambda _: _answer(errors.NotFoundError("no such path")))
    api.exception_handler([UnicodeDecodeError, RecursionError])(_unreadable)
    api.exception_handler(Exception)(_answer)
    return api


def caller(api: APIGatewayHttpResolver, *scopes: str) -> Caller:
    """Return who is calling, from what the gateway's authorizer checked: a user's token, or an API token.

    Parameters
    ----------
    scopes
        An API token needs one of these, and is refused where there are none. A user's own token may do
        everything that the user may.

    Raises
    ------
    hopcount_shared.errors.UnauthenticatedError
        If there is no token, or it is neither an ID nor an access token nor an API token.
    hopcount_shared.errors.ForbiddenError
        If the API token was not made for this.
    """
    event: Mapping[str, Any] = api.current_event.raw_event
    authorizer = event.get("requestContext", {}).get("authorizer") or {}
    if token := authorizer.get("lambda"):
        return _machine(token, scopes)
    claims: Mapping[str, Any] = (authorizer.get("jwt") or {}).get("claims") or {}
    if not claims.get("sub") or claims.get("token_use") not in _TOKEN_USES:
        raise errors.UnauthenticatedError("sign in and send the token as `Authorization: Bearer ...`")
    return Caller(user_id=str(claims["sub"]), email=claims.get("email"))


def _machine(token: Mapping[str, Any], scopes: Sequence[str]) -> Caller:
    """Read what the authorizer of API tokens says: `userId`, and `scopes` with spaces between them."""
    if not token.get("userId"):
        raise errors.UnauthenticatedError("send an API token of yours")
    if not scopes:
        raise errors.ForbiddenError("no API token can do this; sign in")
    if not set(scopes) & set(str(token.get("scopes", "")).split()):
        raise errors.ForbiddenError(f"this API token lacks the scope {' or '.join(scopes)}")
    return Caller(user_id=str(token["userId"]), email=None)


def _read_json(text: str) -> Any:
    """Read a body, and refuse a list: Powertools would quietly take its first item for the object."""
    try:
        body = json.loads(text, parse_constant=_refuse_constant)
    except json.JSONDecodeError:
        raise
    except ValueError:  # `NaN`, or a number of thousands of digits
        raise errors.MalformedRequestError("the body is not valid JSON") from None
    if isinstance(body, list):
        raise errors.InvalidInputError([errors.FieldError("body", "must be a JSON object")])
    return body


def _refuse_constant(name: str) -> None:
    raise ValueError(f"{name} is no JSON")


def explain(error: Exception) -> dict[str, Any]:
    """Describe an error as problem details, for an answer that tells of several things at once.

    Parameters
    ----------
    error
        What went wrong with one of them. What is no fault of the caller's is logged.

    Returns
    -------
    dict
        As in an answer of its own; `retryAfter` takes the place of its header `Retry-After`, in seconds.
    """
    if _is_aws_busy(error):
        logger.exception("AWS does not answer", exc_info=error)
        error = errors.UnavailableError("try again in a moment", retry_after=1)
    kind = next((cls for cls in type(error).__mro__ if cls in _PROBLEMS), None)
    if kind is None:
        logger.exception("unexpected error", exc_info=error)
        return problem(*_INTERNAL)
    status, slug, title = _PROBLEMS[kind]
    body = problem(status, slug, title, str(error), getattr(error, "errors", ()))
    retry_after = getattr(error, "retry_after", None)
    return body if retry_after is None else {**body, "retryAfter": retry_after}


def _is_aws_busy(error: Exception) -> bool:
    if isinstance(error, ClientError):
        return error_code(error) in THROTTLES
    return isinstance(error, BotoCoreError)


def _answer(error: Exception) -> Response[str]:
    body = explain(error)
    if body["status"] != _INTERNAL[0]:
        logger.info("request refused", extra={"problem": body["type"].rpartition(":")[2]})
    retry_after = body.pop("retryAfter", None)
    headers = {} if retry_after is None else {"Retry-After": str(retry_after)}
    return Response(body["status"], PROBLEM_JSON, json.dumps(body), {**NO_STORE, **headers})


def _validation_error(error: RequestValidationError) -> Response[str]:
    found = error.errors()
    if any(e["type"] == "json_invalid" for e in found):
        return _answer(errors.MalformedRequestError("the body is not valid JSON"))
    return _answer(errors.InvalidInputError([_field_error(e) for e in found]))


def _field_error(found: Mapping[str, Any]) -> errors.FieldError:
    where, *path = (str(part) for part in found["loc"])
    message = str(found["msg"]).removeprefix("Value error, ")
    return errors.FieldError(field=".".join(path) or where, message=message)


def _unsupported_content(_: RequestUnsupportedContentType) -> Response[str]:
    return _answer(errors.UnsupportedMediaTypeError("send the body as application/json"))


def _unreadable(_: Exception) -> Response[str]:
    return _answer(errors.MalformedRequestError("the body cannot be read"))
