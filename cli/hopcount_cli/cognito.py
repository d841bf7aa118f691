"""Cognito's API as anybody may call it: without AWS credentials, so without an AWS library."""

import json
from typing import TYPE_CHECKING, Any

from hopcount_cli.errors import REFUSED, UNREACHABLE, CommandError, NetworkError, SessionError

if TYPE_CHECKING:
    import httpx


class CognitoError(CommandError):
    """Cognito refused, or failed.

    Parameters
    ----------
    code
        Which of its exceptions, for instance `CodeMismatchException`.
    message
        In its own words.
    status
        The HTTP status.
    """

    def __init__(self, code: str, message: str, status: int) -> None:
        super().__init__(message or code)
        self.code = code
        self.exit_code = UNREACHABLE if status >= 500 else REFUSED


class Cognito:
    """The users of a deployment.

    Parameters
    ----------
    endpoint, client_id
        Where they are, and the pool's client that this command is.
    http
        The client to ask with.
    """

    def __init__(self, endpoint: str, client_id: str, http: "httpx.Client") -> None:
        self._endpoint = endpoint
        self._client_id = client_id
        self._http = http

    def call(self, action: str, **body: Any) -> dict[str, Any]:
        """Call an action.

        Raises
        ------
        CognitoError
            If it refuses.
        hopcount_cli.errors.NetworkError
            If it does not answer, or something else does.
        """
        import httpx  # noqa: PLC0415  it takes a while to import

        try:
            response = self._http.post(
                f"{self._endpoint}/",
                content=json.dumps({"ClientId": self._client_id, **body}),
                headers={
                    "X-Amz-Target": f"AWSCognitoIdentityProviderService.{action}",
                    "Content-Type": "application/x-amz-json-1.1",
                },
            )
            answer = response.json() if response.content.strip() else {}
        except httpx.TransportError as error:
            raise NetworkError(
                f"{self._endpoint} cannot be reached: {error or type(error).__name__}"
            ) from None
        except ValueError:
            answer = None
        if not isinstance(answer, dict):
            raise NetworkError(f"what answers at {self._endpoint} is not Cognito")
        if not response.is_success:
            code = str(answer.get("__type", "")).rpartition("#")[2]
            told = answer.get("message") or answer.get("Message") or ""
            raise CognitoError(code or f"HTTP {response.status_code}", str(told), response.status_code)
        return answer

    def renew(self, refresh_token: str) -> dict[str, Any]:
        """Return new tokens.

        Raises
        ------
        hopcount_cli.errors.SessionError
            If the session is over: revoked, or too old.
        """
        try:
            answer = self.call(
                "InitiateAuth",
                AuthFlow="REFRESH_TOKEN_AUTH",
                AuthParameters={"REFRESH_TOKEN": refresh_token},
            )
        except CognitoError as error:
            if error.code in {"NotAuthorizedException", "UserNotFoundException", "InvalidParameterException"}:
                raise SessionError("your session is over: hopcount login") from None
            raise
        tokens: dict[str, Any] = answer["AuthenticationResult"]
        return tokens
