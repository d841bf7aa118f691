"""Cognito's API as anybody may call it: without AWS credentials, so without an AWS library."""

from __future__ import annotations

import json
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from typing import Any

from hopcount_app.api_service.errors import ServerError
from hopcount_app.api_service.models import Deployment
from hopcount_app.auth.words import in_plain_words
from hopcount_app.transport import Transport


class RefusedError(Exception):
    """Cognito refused: `code` is the name of its exception."""

    def __init__(self, code: str, told: str, status: int) -> None:
        super().__init__(code)
        self.code = code
        self.told = told
        self.status = status


@dataclass(frozen=True)
class CognitoApi:
    """The users of a deployment.

    Parameters
    ----------
    transport
        How requests travel.
    find
        Knows where Cognito is, and which of the pool's clients this app is.
    """

    transport: Transport
    find: Callable[[], Awaitable[Deployment]]

    async def call(self, action: str, **body: Any) -> dict[str, Any]:
        """Call an action; one without an access token is called as the pool's client.

        Raises
        ------
        hopcount_app.api_service.errors.ServiceError
            What its refusal means, in plain words.
        """
        try:
            return await self.ask(action, **body)
        except RefusedError as error:
            raise in_plain_words(error.code, error.told, error.status) from None

    async def ask(self, action: str, **body: Any) -> dict[str, Any]:
        """Call an action.

        Raises
        ------
        RefusedError
            If Cognito refuses.
        hopcount_app.api_service.errors.ServiceError
            If it does not answer, or something else does.
        """
        headers = {
            "X-Amz-Target": f"AWSCognitoIdentityProviderService.{action}",
            "Content-Type": "application/x-amz-json-1.1",
        }
        deployment = await self.find()
        caller = {} if "AccessToken" in body else {"ClientId": deployment.client_id}
        url, text = f"{deployment.cognito_endpoint}/", json.dumps({**caller, **body})
        response = await self.transport.request("POST", url, headers, text)
        answer = response.json() if response.body.strip() else {}
        if not isinstance(answer, dict):
            raise ServerError
        if response.status != 200:
            code = str(answer.get("__type", "")).rpartition("#")[2]
            told = answer.get("message") or answer.get("Message") or ""
            raise RefusedError(code, str(told), response.status)
        return answer
