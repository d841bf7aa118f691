"""Creators and visitors, who know nothing but HTTP."""

import base64
import hmac
import html
import json
import re
import secrets
import struct
import time
import uuid
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any
from urllib.parse import urljoin

import httpx

from tests.support.clicks import BROWSER
from tests.support.poll import until
from tests.support.stack import Stack

Json = dict[str, Any]


_open: list[httpx.Client] = []


def open_http(base_url: str, headers: Mapping[str, str] | None = None) -> httpx.Client:
    """Open an HTTP client that follows no redirect; `close_all` closes it when the tests are over."""
    client = httpx.Client(base_url=base_url, headers=headers, timeout=30, follow_redirects=False)
    _open.append(client)
    return client


def close_all() -> None:
    """Close every client that was opened here."""
    while _open:
        _open.pop().close()


class Cognito:
    """Cognito's own HTTP API, as a browser calls it: no AWS credentials."""

    def __init__(self, stack: Stack) -> None:
        self._client_id = stack.client_id
        self._http = open_http(stack.outputs["awsEndpointUrl"])

    def call(self, action: str, **body: Any) -> httpx.Response:
        """Call an action of the public API with this deployment's client id."""
        return self._http.post(
            "/",
            content=json.dumps({"ClientId": self._client_id, **body}),
            headers={
                "X-Amz-Target": f"AWSCognitoIdentityProviderService.{action}",
                "Content-Type": "application/x-amz-json-1.1",
            },
        )

    def sign_up(self, email: str, password: str) -> httpx.Response:
        return self.call(
            "SignUp",
            Username=email,
            Password=password,
            UserAttributes=[{"Name": "email", "Value": email}],
        )

    def confirm(self, email: str, code: str) -> httpx.Response:
        return self.call("ConfirmSignUp", Username=email, ConfirmationCode=code)

    def sign_in(self, email: str, password: str) -> httpx.Response:
        return self.call(
            "InitiateAuth",
            AuthFlow="USER_PASSWORD_AUTH",
            AuthParameters={"USERNAME": email, "PASSWORD": password},
        )

    def mailed_code(self, email: str) -> str:
        """Return the confirmation code that was mailed to an address."""

        def bodies() -> list[str]:
            accounts = ok(self._http.get("/_ministack/ses/messages"))["messages"].values()
            return [mail["BodyText"] for mails in accounts for mail in mails if email in mail["To"]]

        (code,) = re.findall(r"\b\d{6}\b", until(bodies, bool)[-1])
        return str(code)


def new_email() -> str:
    return f"e2e-{uuid.uuid4().hex[:12]}@example.com"


def new_password() -> str:
    return f"Aa1!{secrets.token_urlsafe(16)}"


@dataclass(frozen=True)
class Tokens:
    """What a sign-in gives."""

    id_token: str
    access_token: str
    refresh_token: str


class Creator:
    """Somebody who is signed in, and what they can do through the front door."""

    def __init__(self, stack: Stack, tokens: Tokens, email: str) -> None:
        self.tokens = tokens
        self.email = email
        self.http = open_http(stack.base_url, {"Authorization": f"Bearer {tokens.access_token}"})

    @classmethod
    def sign_up(cls, stack: Stack) -> "Creator":
        """Sign up, confirm and sign in somebody new."""
        cognito, email, password = Cognito(stack), new_email(), new_password()
        cognito.sign_up(email, password).raise_for_status()
        cognito.confirm(email, cognito.mailed_code(email)).raise_for_status()
        return cls(stack, sign_in(cognito, email, password), email)

    def create(self, url: str = "https://example.com/", **more: Any) -> Json:
        """Shorten a URL; anything but a 201 fails the test."""
        return ok(self.http.post("/urls", json={"originalUrl": url, **more}), 201)

    def link(self, code: str) -> Json:
        return ok(self.http.get(f"/urls/{code}"))

    def links(self, **query: str | int) -> list[Json]:
        """Return every link, over as many pages as there are."""
        found: list[Json] = []
        cursor: str | None = None
        while True:
            page = ok(self.http.get("/urls", params={**query, **({"cursor": cursor} if cursor else {})}))
            found += page["items"]
            cursor = page["nextCursor"]
            if cursor is None:
                return found

    def stats(self, code: str, **query: str) -> Json:
        return ok(self.http.get(f"/stats/{code}", params=query))

    def me(self) -> Json:
        return ok(self.http.get("/users/me"))


def sign_in(cognito: Cognito, email: str, password: str) -> Tokens:
    """Sign in with a password and return the tokens."""
    result = ok(cognito.sign_in(email, password))["AuthenticationResult"]
    return Tokens(result["IdToken"], result["AccessToken"], result["RefreshToken"])


class Visitor:
    """Somebody who follows links with a browser: no token, no redirects followed by themselves."""

    def __init__(self, stack: Stack) -> None:
        self.http = open_http(stack.base_url, {"User-Agent": BROWSER})

    def follow(self, code: str, **headers: str) -> httpx.Response:
        return self.http.get(f"/{code}", headers=headers)


def one_time_code(secret: str) -> str:
    """Return the RFC 6238 code of this half minute."""
    key = base64.b32decode(secret + "=" * (-len(secret) % 8))
    digest = hmac.digest(key, struct.pack(">Q", int(time.time()) // 30), "sha1")
    start = digest[-1] & 15
    return f"{int.from_bytes(digest[start : start + 4], 'big') % (1 << 31) % 1_000_000:06}"


def sign_in_on_page(page: str, email: str, password: str) -> str:
    """Sign in on the hosted page as a browser does; return where it sends the browser."""
    with httpx.Client(timeout=30) as browser:
        shown = browser.get(page)
        form = re.search(r"<form[^>]*action=\"([^\"]*)\"", shown.text)
        assert form, shown.text
        fields = dict(re.findall(r'<input type="hidden" name="([^"]+)" value="([^"]*)"', shown.text))
        filled = {name: html.unescape(value) for name, value in fields.items()}
        filled |= {"username": email, "password": password}
        sent = browser.post(urljoin(str(shown.url), html.unescape(form[1])), data=filled)
        assert sent.status_code in {302, 303}, sent.text
        return sent.headers["Location"]


def ok(response: httpx.Response, status: int = 200) -> Json:
    """Return a JSON answer, failing with the whole of it if its status is another."""
    assert response.status_code == status, f"{response.request.method} {response.url}: {response.text}"
    body: Json = response.json()
    return body


def problem(response: httpx.Response, status: int, slug: str) -> Json:
    """Return a problem details answer, failing if it is not that problem."""
    assert response.status_code == status, f"{response.request.method} {response.url}: {response.text}"
    assert response.headers["content-type"].startswith("application/problem+json")
    body: Json = response.json()
    assert body["type"] == f"urn:hopcount:problem:{slug}"
    assert body["status"] == status
    return body
