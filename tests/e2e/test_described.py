"""The product says what it is: its document, the page that shows it, and where to sign in."""

import json
import re
from urllib.parse import urljoin, urlsplit

import httpx
import pytest

from tests.support.people import Cognito, Visitor, new_email, new_password, ok, problem
from tests.support.stack import ROOT, Stack

TYPES = {
    ".css": "text/css; charset=utf-8",
    ".js": "text/javascript; charset=utf-8",
    ".txt": "text/plain; charset=utf-8",
}


def test_the_document_is_the_committed_one(visitor: Visitor) -> None:
    answer = visitor.http.get("/openapi.json")
    assert answer.headers["content-type"] == "application/json"
    assert answer.headers["content-encoding"] == "gzip"
    assert ok(answer) == json.loads((ROOT / "docs" / "openapi.json").read_text())


@pytest.mark.parametrize("path", ["/openapi.json", "/docs", "/docs/assets/swagger-ui-bundle.js"])
def test_caches_may_keep_it_and_need_not_fetch_it_again(visitor: Visitor, path: str) -> None:
    first = visitor.http.get(path)
    assert first.status_code == 200
    assert "max-age=" in first.headers["cache-control"]
    again = visitor.http.get(path, headers={"If-None-Match": first.headers["etag"]})
    assert (again.status_code, again.content) == (304, b"")


def test_the_page_and_all_it_loads_come_from_here(stack: Stack, visitor: Visitor) -> None:
    page = visitor.http.get("/docs")
    assert page.headers["content-type"] == "text/html; charset=utf-8"
    policy = page.headers["content-security-policy"]
    assert "default-src 'none'" in policy
    assert not re.search(r"https?:|\*|unsafe", policy), "another host, or whatever is written into the page"
    loaded = [
        urljoin(f"{stack.base_url}/docs", name) for name in re.findall(r'(?:src|href)="([^"]+)"', page.text)
    ]
    assert loaded
    for url in loaded:
        assert url.startswith(f"{stack.base_url}/"), url
        answer = visitor.http.get(url)
        assert answer.status_code == 200, url
        suffix = re.search(r"\.\w+$", urlsplit(url).path)
        if "/docs/assets/" in url and suffix:
            assert answer.headers["content-type"] == TYPES[suffix[0]], url
            assert answer.headers["x-content-type-options"] == "nosniff", url


def test_style_sheets_load_nothing_from_anywhere(visitor: Visitor) -> None:
    for name in ("swagger-ui.css", "docs.css"):
        style = visitor.http.get(f"/docs/assets/{name}").text
        assert not re.search(r"url\((?![\"']?data:)", style), name
        assert "@import" not in style, name


def test_no_other_file_of_the_package_is_shown(visitor: Visitor) -> None:
    for name in ("docs.html", "openapi.json", "files.py"):
        problem(visitor.http.get(f"/docs/assets/{name}"), 404, "not-found")


def test_it_says_where_everything_is(stack: Stack, visitor: Visitor) -> None:
    said = ok(visitor.http.get("/.well-known/hopcount.json"))
    assert said["name"] == "hopcount"
    assert said["stage"] == "local"
    assert said["region"] == stack.outputs["region"]
    assert said["baseUrl"] == stack.base_url
    assert said["userPoolId"] == stack.pool_id
    assert said["userPoolClientId"] == stack.client_id
    assert ok(visitor.http.get(said["openapi"]))["info"]["title"] == "Hopcount"
    assert visitor.http.get(said["docs"]).status_code == 200
    assert {"links:read", "links:write", "stats:read"} <= set(said["scopes"])
    assert said["endpoints"] == [{"region": said["region"], "apiUrl": said["apiUrl"]}]
    assert httpx.get(f"{said['apiUrl']}/health").json() == {"status": "ok"}


def test_it_is_the_same_without_the_front_door(stack: Stack, visitor: Visitor) -> None:
    direct = httpx.get(f"{stack.outputs['apiUrl']}/.well-known/hopcount.json")
    assert direct.json() == ok(visitor.http.get("/.well-known/hopcount.json"))


def test_one_can_sign_in_where_it_says(stack: Stack, visitor: Visitor) -> None:
    said = ok(visitor.http.get("/.well-known/hopcount.json"))
    asked = httpx.get(
        f"{said['loginUrl']}/oauth2/authorize",
        params={
            "client_id": said["userPoolClientId"],
            "response_type": "code",
            "scope": "openid email",
            "redirect_uri": f"{said['baseUrl']}/app/callback",
        },
        follow_redirects=True,
    )
    assert asked.status_code == 200
    assert "password" in asked.text.lower()
    cognito, email, password = Cognito(stack), new_email(), new_password()
    cognito.sign_up(email, password).raise_for_status()
    cognito.confirm(email, cognito.mailed_code(email)).raise_for_status()
    answer = httpx.post(
        said["cognitoEndpoint"],
        content=json.dumps(
            {
                "ClientId": said["userPoolClientId"],
                "AuthFlow": "USER_PASSWORD_AUTH",
                "AuthParameters": {"USERNAME": email, "PASSWORD": password},
            }
        ),
        headers={
            "X-Amz-Target": "AWSCognitoIdentityProviderService.InitiateAuth",
            "Content-Type": "application/x-amz-json-1.1",
        },
    )
    token = ok(answer)["AuthenticationResult"]["AccessToken"]
    me = visitor.http.get("/users/me", headers={"Authorization": f"Bearer {token}"})
    assert ok(me)["userId"]
