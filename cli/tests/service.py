"""A Hopcount that speaks HTTP and keeps everything in memory: the API, Cognito and the sign-in pages."""

import base64
import hashlib
import hmac
import json
import secrets
import threading
from collections.abc import Callable
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import parse_qs, parse_qsl, urlencode, urlsplit

from hopcount_cli import srp

POOL = "eu-west-1_TestPool"
CLIENT = "client-1"
USER_ID = "11111111-2222-3333-4444-555555555555"
EMAIL = "ada@example.com"
PASSWORD = "Correct-horse-1"
CODE = "123456"
Json = dict[str, Any]
Answer = tuple[int, Any, dict[str, str]]


@dataclass
class User:
    password: str
    confirmed: bool = True
    one_time_code: str | None = None
    must_change: bool = False


@dataclass(frozen=True)
class Request:
    method: str
    path: str
    query: dict[str, str]
    headers: dict[str, str]
    body: Any


class RefusedError(Exception):
    """An error of Cognito's."""


def jwt(**claims: Any) -> str:
    part = base64.urlsafe_b64encode(json.dumps(claims).encode()).rstrip(b"=").decode()
    return f"e30.{part}.{secrets.token_hex(4)}"


@dataclass
class Cognito:
    """Users, and their sessions."""

    users: dict[str, User] = field(default_factory=lambda: {EMAIL: User(PASSWORD)})
    access: set[str] = field(default_factory=set)
    refresh: set[str] = field(default_factory=set)
    lifetime: int = 3600
    open_sign_up: bool = True
    calls: list[str] = field(default_factory=list)
    _open: dict[str, Any] = field(default_factory=dict)

    def call(self, action: str, body: Json) -> Json:
        self.calls.append(action)
        answer: Json = getattr(self, f"_{action}")(body)
        return answer

    def tokens(self, email: str) -> Json:
        access, refresh = jwt(sub=USER_ID, n=secrets.token_hex(4)), secrets.token_hex(8)
        self.access.add(access)
        self.refresh.add(refresh)
        return {
            "AccessToken": access,
            "RefreshToken": refresh,
            "IdToken": jwt(sub=USER_ID, email=email),
            "ExpiresIn": self.lifetime,
        }

    def _SignUp(self, body: Json) -> Json:  # noqa: N802  as Cognito names it
        if not self.open_sign_up:
            raise RefusedError("NotAuthorizedException", "SignUp is not permitted for this user pool")
        if body["Username"] in self.users:
            raise RefusedError("UsernameExistsException", "User already exists")
        if len(body["Password"]) < 12:
            raise RefusedError("InvalidPasswordException", "Password not long enough")
        self.users[body["Username"]] = User(body["Password"], confirmed=False)
        return {"UserConfirmed": False}

    def _ConfirmSignUp(self, body: Json) -> Json:  # noqa: N802
        if body["ConfirmationCode"] != CODE:
            raise RefusedError("CodeMismatchException", "Invalid code provided")
        self.users[body["Username"]].confirmed = True
        return {}

    def _ResendConfirmationCode(self, body: Json) -> Json:  # noqa: N802
        return {}

    def _RevokeToken(self, body: Json) -> Json:  # noqa: N802
        self.refresh.discard(body["Token"])
        return {}

    def _InitiateAuth(self, body: Json) -> Json:  # noqa: N802
        given = body["AuthParameters"]
        if body["AuthFlow"] == "REFRESH_TOKEN_AUTH":
            if given["REFRESH_TOKEN"] not in self.refresh:
                raise RefusedError("NotAuthorizedException", "Refresh Token has been revoked")
            fresh = self.tokens(EMAIL)
            self.refresh.discard(fresh.pop("RefreshToken"))
            return {"AuthenticationResult": fresh}
        assert body["AuthFlow"] == "USER_SRP_AUTH"
        email = given["USERNAME"]
        password = self.users[email].password if email in self.users else secrets.token_hex()
        salt, b = secrets.randbits(128) | 1, secrets.randbits(512)
        x = srp.private_key(POOL.split("_")[1], email, password, salt)
        verifier = pow(srp.G, x, srp.N)
        big_b = (srp.K * verifier + pow(srp.G, b, srp.N)) % srp.N
        block = base64.b64encode(secrets.token_bytes(64)).decode()
        self._open[block] = (int(given["SRP_A"], 16), verifier, b, big_b)
        challenge = {
            "USER_ID_FOR_SRP": email,
            "SALT": format(salt, "x"),
            "SRP_B": format(big_b, "x"),
            "SECRET_BLOCK": block,
        }
        return {"ChallengeName": "PASSWORD_VERIFIER", "ChallengeParameters": challenge}

    def _RespondToAuthChallenge(self, body: Json) -> Json:  # noqa: N802
        given, name = body["ChallengeResponses"], body["ChallengeName"]
        user = self.users.get(given["USERNAME"], User("nobody's"))
        if name == "PASSWORD_VERIFIER":
            self._prove(given)
            if not user.confirmed:
                raise RefusedError("UserNotConfirmedException", "User is not confirmed.")
            if user.must_change or user.one_time_code:
                following = "NEW_PASSWORD_REQUIRED" if user.must_change else "SOFTWARE_TOKEN_MFA"
                return self._ask(following, given["USERNAME"])
        else:
            assert self._open[body["Session"]] == given["USERNAME"]
        if name == "SOFTWARE_TOKEN_MFA" and given["SOFTWARE_TOKEN_MFA_CODE"] != user.one_time_code:
            raise RefusedError("CodeMismatchException", "Invalid code or auth state for the user.")
        if name == "NEW_PASSWORD_REQUIRED":
            user.password, user.must_change = given["NEW_PASSWORD"], False
        return {"AuthenticationResult": self.tokens(given["USERNAME"])}

    def _ask(self, name: str, email: str) -> Json:
        session = secrets.token_hex(8)
        self._open[session] = email
        return {"ChallengeName": name, "Session": session, "ChallengeParameters": {"USER_ID_FOR_SRP": email}}

    def _prove(self, given: Json) -> None:
        block = given["PASSWORD_CLAIM_SECRET_BLOCK"]
        big_a, verifier, b, big_b = self._open.pop(block)
        u = srp._hash(srp._bytes(big_a), srp._bytes(big_b))
        shared = pow(big_a * pow(verifier, u, srp.N), b, srp.N)
        extracted = hmac.digest(srp._bytes(u), srp._bytes(shared), "sha256")
        key = hmac.digest(extracted, b"Caldera Derived Key\x01", "sha256")[:16]
        said = POOL.split("_")[1] + given["USERNAME"]
        message = said.encode() + base64.b64decode(block) + given["TIMESTAMP"].encode()
        proof = base64.b64encode(hmac.digest(key, message, "sha256")).decode()
        if proof != given["PASSWORD_CLAIM_SIGNATURE"]:
            raise RefusedError("NotAuthorizedException", "Incorrect username or password.")


class Service:
    """The whole of it, behind one port of this machine."""

    def __init__(self) -> None:
        self.cognito = Cognito()
        self.links: dict[str, Json] = {}
        self.trash: dict[str, Json] = {}
        self.tokens: dict[str, Json] = {}
        self.machine_tokens: set[str] = {"hc_good"}
        self.requests: list[Request] = []
        self.faults: list[Answer] = []
        """What the API answers next instead."""
        self.answers: dict[tuple[str, str], Answer] = {}
        """What the API always answers to a method and a path."""
        self._codes: dict[str, Json] = {}
        self._server = ThreadingHTTPServer(("127.0.0.1", 0), self._handler())
        self._server.daemon_threads = True
        self.url = f"http://127.0.0.1:{self._server.server_port}"
        threading.Thread(target=self._server.serve_forever, args=(0.02,), daemon=True).start()

    def close(self) -> None:
        self._server.shutdown()
        self._server.server_close()

    def add_link(self, code: str, url: str = "https://example.com/", **more: Any) -> Json:
        self.links[code] = {
            "id": code,
            "shortUrl": f"{self.url}/{code}",
            "originalUrl": url,
            "clicks": 1234,
            "botClicks": 5,
            "createdAt": "2026-11-01T10:00:00Z",
            "updatedAt": "2026-11-01T10:00:00Z",
            "expiresAt": None,
            "redirectStatus": 301,
            "maxAge": None,
            "passQuery": False,
            **more,
        }
        return self.links[code]

    def asked(self, method: str, path: str) -> list[Request]:
        return [request for request in self.requests if (request.method, request.path) == (method, path)]

    # HTTP

    def _handler(self) -> type[BaseHTTPRequestHandler]:
        service = self

        class Handler(BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"

            def _serve(self) -> None:
                parts = urlsplit(self.path)
                text = self.rfile.read(int(self.headers.get("Content-Length") or 0)).decode()
                headers = {name.lower(): value for name, value in self.headers.items()}
                is_json = "json" in headers.get("content-type", "")
                body = json.loads(text) if is_json and text else dict(parse_qsl(text))
                query = {name: values[0] for name, values in parse_qs(parts.query).items()}
                request = Request(self.command, parts.path, query, headers, body)
                service.requests.append(request)
                status, content, more = service._answer(request)
                written = content.encode() if isinstance(content, str) else json.dumps(content).encode()
                self.send_response(status)
                for name, value in {"Content-Type": "application/json", **more}.items():
                    self.send_header(name, value)
                self.send_header("Content-Length", str(0 if status == 204 else len(written)))
                self.end_headers()
                if status != 204:
                    self.wfile.write(written)

            do_GET = do_POST = do_PATCH = do_DELETE = _serve  # noqa: N815

            def log_message(self, *_: object) -> None:
                pass

        return Handler

    def _answer(self, request: Request) -> Answer:
        if request.path == "/.well-known/hopcount.json":
            return 200, self._describe(), {}
        if request.path == "/cognito/":
            return self._ask_cognito(request)
        if request.path.startswith("/oauth2/"):
            return self._oauth(request)
        return self.faults.pop(0) if self.faults else self._ask_api(request)

    def _ask_api(self, request: Request) -> Answer:
        bearer = request.headers.get("authorization", "").removeprefix("Bearer ")
        path = request.path
        if path.startswith("/v1/"):
            if bearer not in self.machine_tokens:
                return 403, {"message": "Forbidden"}, {}
            path = path.removeprefix("/v1")
        elif bearer not in self.cognito.access:
            return 401, {"message": "Unauthorized"}, {}
        return self.answers.get((request.method, path)) or self._route(request, path)

    def _describe(self) -> Json:
        return {
            "name": "hopcount",
            "baseUrl": self.url,
            "apiUrl": self.url,
            "cognitoEndpoint": f"{self.url}/cognito",
            "userPoolId": POOL,
            "userPoolClientId": CLIENT,
            "loginUrl": self.url,
        }

    def _ask_cognito(self, request: Request) -> Answer:
        action = request.headers["x-amz-target"].rpartition(".")[2]
        assert request.body["ClientId"] == CLIENT
        try:
            return 200, self.cognito.call(action, request.body), {}
        except RefusedError as error:
            return 400, {"__type": error.args[0], "message": error.args[1]}, {}

    def _oauth(self, request: Request) -> Answer:
        if request.path == "/oauth2/authorize":
            code = secrets.token_hex(8)
            self._codes[code] = request.query
            back = urlencode({"code": code, "state": request.query["state"]})
            return 302, "", {"Location": f"{request.query['redirect_uri']}?{back}"}
        asked = self._codes.pop(request.body["code"])
        digest = hashlib.sha256(request.body["code_verifier"].encode()).digest()
        challenge = base64.urlsafe_b64encode(digest).rstrip(b"=").decode()
        if (challenge, asked["redirect_uri"]) != (asked["code_challenge"], request.body["redirect_uri"]):
            return 400, {"error": "invalid_grant"}, {}
        given = self.cognito.tokens(EMAIL)
        names = {"id_token": "IdToken", "access_token": "AccessToken", "refresh_token": "RefreshToken"}
        return 200, {**{name: given[theirs] for name, theirs in names.items()}, "expires_in": 3600}, {}

    # The API

    def _route(self, request: Request, path: str) -> Answer:
        routes: dict[tuple[str, str], Callable[[Request], Answer]] = {
            ("POST", "/urls"): lambda r: (201, self._create(r.body), {}),
            ("POST", "/urls/bulk"): self._bulk,
            ("GET", "/urls"): self._list,
            ("GET", "/users/me"): lambda _: (200, self._me(), {}),
            ("GET", "/users/me/tokens"): lambda _: (200, {"items": [*self.tokens.values()]}, {}),
            ("POST", "/users/me/tokens"): self._create_token,
        }
        known = routes.get((request.method, path))
        return known(request) if known else self._about_one(request, path)

    def _about_one(self, request: Request, path: str) -> Answer:
        _, kind, code, *rest = path.split("/")
        if path.startswith("/users/me/tokens/"):
            return (204, "", {}) if self.tokens.pop(rest[-1], None) else self._missing()
        if kind == "urls" and rest == ["restore"] and code in self.trash:
            self.links[code] = self.trash.pop(code)
            return 200, self.links[code], {}
        if kind != "urls" or code not in self.links:
            return self._missing()
        if request.method == "DELETE":
            self.trash[code] = self.links.pop(code)
            return 204, "", {}
        self.links[code] |= request.body if request.method == "PATCH" else {}
        return 200, self.links[code], {}

    def _missing(self) -> Answer:
        problem = {"type": "urn:hopcount:problem:not-found", "title": "Not found", "detail": "no such link"}
        return 404, {**problem, "status": 404}, {"Content-Type": "application/problem+json"}

    def _me(self) -> Json:
        return {"userId": USER_ID, "email": None, "totalLinks": 3, "totalClicks": 1234, "createdAt": None}

    def _create(self, body: Json) -> Json:
        code = body.get("alias") or f"code{len(self.links):03}"
        wish = {name: value for name, value in body.items() if name not in {"alias", "originalUrl"}}
        return self.add_link(code, body["originalUrl"], **wish)

    def _bulk(self, request: Request) -> Answer:
        results: list[Json] = []
        for place, row in enumerate(request.body["links"]):
            if row["originalUrl"].startswith("http"):
                results.append({"index": place, "status": "created", "link": self._create(row)})
            else:
                problem = {"status": 422, "errors": [{"field": "originalUrl", "message": "is no URL"}]}
                results.append({"index": place, "status": "failed", "problem": problem})
        return 200, {"results": results}, {}

    def _list(self, request: Request) -> Answer:
        shelf = self.trash if request.query.get("deleted") else self.links
        text, start = request.query.get("q", ""), int(request.query.get("cursor", 0))
        end = start + int(request.query["limit"])
        found = [link for link in shelf.values() if text in link["originalUrl"] + link["id"]]
        return 200, {"items": found[start:end], "nextCursor": str(end) if end < len(found) else None}, {}

    def _create_token(self, request: Request) -> Answer:
        made = {"id": f"t{len(self.tokens)}", "createdAt": "2026-11-01T10:00:00Z", "lastUsedAt": None}
        made |= {"expiresAt": None, **request.body}
        self.tokens[made["id"]] = made
        return 201, {**made, "token": "hc_secret"}, {}
