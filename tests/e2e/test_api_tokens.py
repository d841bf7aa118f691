"""API tokens: made, used in either header for what each was made for, revoked, and never what a person is."""

from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta
from typing import Any

import httpx
import pytest

from tests.support.people import Creator, ok, open_http, problem
from tests.support.poll import until
from tests.support.stack import STAGE, Stack

SCOPES = ("links:read", "links:write", "stats:read")

Wanted = tuple[set[str], Any]

# Every route that takes API tokens: which scopes open it, and a body that is good enough for it.
MACHINES: dict[str, Wanted] = {
    "GET /v1/urls": ({"links:read"}, None),
    "POST /v1/urls": ({"links:write"}, {"originalUrl": "https://example.com/by-token"}),
    "GET /v1/urls/{id}": ({"links:read"}, None),
    "PATCH /v1/urls/{id}": ({"links:write"}, {"maxAge": 60}),
    "DELETE /v1/urls/{id}": ({"links:write"}, None),
    "POST /v1/urls/{id}/restore": ({"links:write"}, None),
    "POST /v1/urls/bulk": ({"links:write"}, {"links": [{"originalUrl": "https://example.com/by-token"}]}),
    "GET /v1/urls/export": ({"links:read"}, None),
    "GET /v1/stats": ({"stats:read"}, None),
    "GET /v1/stats/{id}": ({"stats:read"}, None),
    "GET /v1/users/me": (set(SCOPES), None),
}
PUBLIC = {
    "GET /{id}",
    "HEAD /{id}",
    "GET /health",
    "HEAD /health",
    "GET /openapi.json",
    "GET /docs",
    "GET /docs/assets/{file}",
    "GET /.well-known/hopcount.json",
    "GET /figures",
    "POST /events",
}
NOBODYS_LINK = "nosuch1"


def routes(stack: Stack) -> dict[str, str]:
    """Read from the deployed API who checks the callers of each route: `cognito`, `api-token` or nobody."""
    api = stack.client("apigatewayv2")
    (parameter,) = stack.client("ssm").get_parameters(Names=[f"/hopcount/{STAGE}/platform/http-api-id"])[
        "Parameters"
    ]
    api_id = parameter["Value"]
    names = {a["AuthorizerId"]: a["Name"] for a in api.get_authorizers(ApiId=api_id)["Items"]}
    pages = api.get_paginator("get_routes").paginate(ApiId=api_id)
    found = [route for page in pages for route in page["Items"]]
    return {
        route["RouteKey"]: names[route["AuthorizerId"]] if route["AuthorizationType"] != "NONE" else "nobody"
        for route in found
    }


@pytest.fixture(scope="module")
def http(stack: Stack) -> httpx.Client:
    """Somebody who sends what they are told and nothing else."""
    return open_http(stack.base_url)


@pytest.fixture(scope="module")
def single(creator: Creator) -> dict[str, str]:
    """A token for each scope alone."""
    return {scope: make(creator, [scope])["token"] for scope in SCOPES}


def make(creator: Creator, scopes: Any = SCOPES, **more: Any) -> dict[str, Any]:
    answer = creator.http.post("/users/me/tokens", json={"name": "e2e", "scopes": [*scopes], **more})
    assert answer.headers["cache-control"] == "no-store"
    return ok(answer, 201)


def listed(creator: Creator) -> list[dict[str, Any]]:
    items: list[dict[str, Any]] = ok(creator.http.get("/users/me/tokens"))["items"]
    return items


def bearer(text: str) -> dict[str, str]:
    return {"Authorization": f"Bearer {text}"}


def forbidden(answer: httpx.Response) -> bool:
    return answer.status_code == 403 and answer.json() == {"message": "Forbidden"}


def send(http: httpx.Client, key: str, headers: dict[str, str], body: Any = None) -> httpx.Response:
    method, path = key.split(" ")
    return http.request(method, path.format(id=NOBODYS_LINK), headers=headers, json=body)


def test_a_token_is_made_used_listed_and_revoked(creator: Creator, http: httpx.Client) -> None:
    made = make(creator, ["links:write", "links:read"])
    text = made.pop("token")
    assert made in listed(creator)
    link = ok(http.post("/v1/urls", headers=bearer(text), json={"originalUrl": "https://example.com/m"}), 201)
    assert creator.link(link["id"])["originalUrl"] == "https://example.com/m"
    assert ok(http.get("/v1/users/me", headers={"X-Api-Key": text}))["userId"] == creator.me()["userId"]
    (mine,) = [token for token in listed(creator) if token["id"] == made["id"]]
    assert mine["lastUsedAt"] == datetime.now(UTC).date().isoformat()

    assert creator.http.delete(f"/users/me/tokens/{made['id']}").status_code == 204
    problem(creator.http.delete(f"/users/me/tokens/{made['id']}"), 404, "not-found")
    assert made["id"] not in [token["id"] for token in listed(creator)]
    until(lambda: http.get("/v1/urls", headers=bearer(text)), forbidden, seconds=60)
    # By every sandbox, for good.
    with ThreadPoolExecutor(2) as pool:
        answers = pool.map(lambda _: http.get("/v1/urls", headers={"X-Api-Key": text}), range(6))
        assert all(map(forbidden, answers))


def test_an_expired_token_is_refused(creator: Creator, http: httpx.Client) -> None:
    expires_at = datetime.now(UTC) + timedelta(seconds=3)
    made = make(creator, expiresAt=expires_at.isoformat())
    assert http.get("/v1/urls", headers=bearer(made["token"])).status_code == 200
    until(lambda: http.get("/v1/urls", headers=bearer(made["token"])), forbidden, seconds=60)
    assert datetime.now(UTC) >= expires_at
    assert made["id"] not in [token["id"] for token in listed(creator)]


def test_two_headers_must_say_the_same(creator: Creator, http: httpx.Client, single: dict[str, str]) -> None:
    text, other = single["links:read"], single["links:write"]
    assert http.get("/v1/urls", headers={**bearer(text), "X-Api-Key": text}).status_code == 200
    for headers in (
        {**bearer(text), "X-Api-Key": other},
        {**bearer(other), "X-Api-Key": text},
        {**bearer(creator.tokens.access_token), "X-Api-Key": text},
        {"Authorization": "Basic dDp0", "X-Api-Key": text},
    ):
        assert forbidden(http.get("/v1/urls", headers=headers)), headers.keys()


def test_what_is_no_token_of_ours_is_refused(http: httpx.Client, single: dict[str, str]) -> None:
    text = single["links:read"]
    altered = text[:-1] + ("A" if text[-1] != "A" else "B")
    assert forbidden(http.get("/v1/urls"))
    for wrong in ("", "hc_", altered, text.upper(), text.split("_")[1], f"{text}x", f"{text}, {text}"):
        assert forbidden(http.get("/v1/urls", headers={"X-Api-Key": wrong})), wrong[:3]


def test_every_route_is_public_for_people_or_for_machines(stack: Stack) -> None:
    for key, checked in routes(stack).items():
        machines = key.split()[1].startswith("/v1/")
        expected = "api-token" if machines else "nobody" if key in PUBLIC else "cognito"
        assert checked == expected, f"{key}: checked by {checked}"


def test_a_token_opens_what_its_scope_says_and_nothing_else(
    stack: Stack, http: httpx.Client, single: dict[str, str]
) -> None:
    deployed = [key for key, checked in routes(stack).items() if checked == "api-token"]
    assert len(deployed) >= 9
    for key in deployed:
        assert key in MACHINES, f"say which scope opens {key}"
        scopes, body = MACHINES[key]
        for scope, text in single.items():
            answer = send(http, key, bearer(text), body)
            if scope in scopes:
                assert answer.status_code in {200, 201, 404}, f"{key} with {scope}: {answer.text}"
            else:
                problem(answer, 403, "forbidden")


def test_a_token_is_nobody_where_people_sign_in(stack: Stack, http: httpx.Client, creator: Creator) -> None:
    text = make(creator)["token"]
    for key, checked in routes(stack).items():
        if checked == "cognito":
            for headers in (bearer(text), {"X-Api-Key": text}):
                assert send(http, key, headers).status_code == 401, key


def test_a_person_is_nobody_where_machines_are_served(
    stack: Stack, http: httpx.Client, creator: Creator
) -> None:
    for key, checked in routes(stack).items():
        if checked == "api-token":
            for token in (creator.tokens.access_token, creator.tokens.id_token):
                for headers in (bearer(token), {"X-Api-Key": token}):
                    assert forbidden(send(http, key, headers)), key


def test_nobody_sees_or_revokes_anothers(creator: Creator, stranger: Creator, http: httpx.Client) -> None:
    made = make(creator)
    assert made["id"] not in [token["id"] for token in listed(stranger)]
    problem(stranger.http.delete(f"/users/me/tokens/{made['id']}"), 404, "not-found")
    assert http.get("/v1/urls", headers=bearer(made["token"])).status_code == 200


def test_nobody_has_more_than_twenty_five(stack: Stack) -> None:
    greedy = Creator.sign_up(stack)
    body = {"name": "one of many", "scopes": ["links:read"]}
    with ThreadPoolExecutor(3) as pool:
        answers = list(pool.map(lambda _: greedy.http.post("/users/me/tokens", json=body), range(28)))
    assert {answer.status_code for answer in answers} <= {201, 409, 503}
    assert len(listed(greedy)) == len([a for a in answers if a.status_code == 201]) == 25
    assert greedy.http.delete(f"/users/me/tokens/{listed(greedy)[0]['id']}").status_code == 204
    make(greedy)


@pytest.mark.parametrize(
    "wrong",
    [
        {"name": ""},
        {"scopes": []},
        {"scopes": ["links:read", "links:read"]},
        {"scopes": ["everything"]},
        {"expiresAt": "2020-01-01T00:00:00Z"},
        {"userId": "somebody-else"},
    ],
)
def test_bad_input_makes_no_token(creator: Creator, wrong: dict[str, Any]) -> None:
    before = listed(creator)
    body = {"name": "e2e", "scopes": ["links:read"], **wrong}
    problem(creator.http.post("/users/me/tokens", json=body), 422, "invalid-input")
    assert listed(creator) == before
