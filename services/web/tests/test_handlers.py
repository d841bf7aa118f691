"""Each function, as the gateway calls it, with a small package of its own."""

import json
import re
from collections.abc import Iterator
from pathlib import Path
from types import ModuleType

import pytest
from services.web.tests.support import CONTEXT, Answer, http_event

import web
from hopcount_shared.errors import SettingsError
from web import bootstrap
from web.files import Files
from web.handlers import get_docs, get_docs_asset, get_openapi, get_service

DOCUMENT = {
    "openapi": "3.1.0",
    "paths": {
        "/health": {"get": {"security": []}},
        "/urls": {"get": {"security": [{"userToken": []}]}},
        "/v1/urls": {
            "get": {"security": [{"apiToken": ["links:read"]}, {"apiKey": ["links:read"]}]},
            "post": {"security": [{"apiToken": ["links:write"]}]},
        },
    },
}
ENVIRONMENT = {
    "VERSION": "1.2.3",
    "STAGE": "test",
    "AWS_REGION": "eu-central-1",
    "PUBLIC_BASE_URL": "https://sho.rt",
    "API_URL": "https://api.example.com",
    "COGNITO_ENDPOINT": "https://cognito-idp.eu-central-1.amazonaws.com",
    "USER_POOL_ID": "eu-central-1_pool",
    "USER_POOL_CLIENT_ID": "client",
    "LOGIN_URL": "https://hopcount-test.auth.eu-central-1.amazoncognito.com",
    "FURTHER_ENDPOINTS": "none",
    "IDENTITY_PROVIDERS": "none",
}
PAGE = Path(web.__file__).parent / "page"


@pytest.fixture(autouse=True)
def package(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    """What a built package holds."""
    (tmp_path / "built").mkdir()
    (tmp_path / "page").symlink_to(PAGE)
    (tmp_path / "built" / "openapi.json").write_text(json.dumps(DOCUMENT))
    for name in ("swagger-ui.css", "swagger-ui-bundle.js", "swagger-ui-licence.txt"):
        (tmp_path / "built" / name).write_text(f"/* {name} */")
    files = Files(tmp_path)
    monkeypatch.setattr(bootstrap, "files", lambda: files)
    bootstrap.service.cache_clear()
    yield tmp_path
    bootstrap.service.cache_clear()


def get(module: ModuleType, path: str, **headers: str) -> Answer:
    return Answer(module.handler(http_event("GET", path, **headers), CONTEXT))


def test_the_document_is_answered_as_it_was_built() -> None:
    answer = get(get_openapi, "/openapi.json")
    assert (answer.status, answer.headers["content-type"]) == (200, "application/json")
    assert json.loads(answer.text) == DOCUMENT
    assert answer.headers["cache-control"] == "public, max-age=300"
    assert answer.headers["x-content-type-options"] == "nosniff"


@pytest.mark.parametrize(
    ("module", "path"),
    [(get_openapi, "/openapi.json"), (get_docs, "/docs"), (get_docs_asset, "/docs/assets/docs.js")],
)
def test_what_a_client_has_is_not_sent_again(module: ModuleType, path: str) -> None:
    etag = get(module, path).headers["etag"]
    for known in (etag, f'"other", {etag}', etag.removeprefix("W/"), "*"):
        answer = get(module, path, if_none_match=known, accept_encoding="gzip")
        assert (answer.status, answer.headers["etag"]) == (304, etag)
        # Nothing, compressed, is something: whoever is sent it takes it for the next answer.
        assert (answer.raw["body"], answer.headers.get("content-encoding")) == ("", None)
    assert get(module, path, if_none_match='"other"').status == 200


def test_another_document_has_another_tag(package: Path) -> None:
    before = Files(package).document().etag
    (package / "built" / "openapi.json").write_text("{}")
    assert Files(package).document().etag != before


def test_what_is_long_is_compressed_for_those_who_take_it() -> None:
    for module, path in (
        (get_openapi, "/openapi.json"),
        (get_docs_asset, "/docs/assets/swagger-ui-bundle.js"),
    ):
        answer = get(module, path, accept_encoding="gzip, br")
        assert (answer.headers["content-encoding"], answer.headers["vary"]) == ("gzip", "Accept-Encoding")
        assert answer.text == get(module, path).text


def test_the_page_may_load_what_is_ours_and_runs_nothing_else() -> None:
    answer = get(get_docs, "/docs")
    assert (answer.status, answer.headers["content-type"]) == (200, "text/html; charset=utf-8")
    policy = answer.headers["content-security-policy"]
    assert "default-src 'none'" in policy
    assert "unsafe" not in policy
    assert "http" not in policy


def test_everything_the_page_names_is_there() -> None:
    page = get(get_docs, "/docs").text
    named = re.findall(r'(?:src|href)="(/docs/assets/[^"]+)"', page)
    assert len(named) == 5
    for path in named:
        assert get(get_docs_asset, path).status == 200, path
    assert "<script>" not in page
    assert "<style" not in page
    assert "//" not in page


@pytest.mark.parametrize(
    ("name", "content_type"),
    [
        ("docs.css", "text/css; charset=utf-8"),
        ("docs.js", "text/javascript; charset=utf-8"),
        ("swagger-ui.css", "text/css; charset=utf-8"),
        ("swagger-ui-bundle.js", "text/javascript; charset=utf-8"),
        ("swagger-ui-licence.txt", "text/plain; charset=utf-8"),
    ],
)
def test_an_asset_says_what_it_is(name: str, content_type: str) -> None:
    answer = get(get_docs_asset, f"/docs/assets/{name}")
    assert (answer.status, answer.headers["content-type"]) == (200, content_type)


@pytest.mark.parametrize("name", ["openapi.json", "docs.html", "..", "../files.py", "__init__.py", ""])
def test_nothing_else_of_the_package_can_be_read(name: str) -> None:
    answer = get(get_docs_asset, f"/docs/assets/{name}")
    assert (answer.status, answer.headers["content-type"]) == (404, "application/problem+json")


def test_a_program_learns_where_to_sign_in(monkeypatch: pytest.MonkeyPatch) -> None:
    for name, value in ENVIRONMENT.items():
        monkeypatch.setenv(name, value)
    answer = get(get_service, "/.well-known/hopcount.json")
    assert (answer.status, answer.headers["content-type"]) == (200, "application/json")
    assert answer.headers["cache-control"] == "public, max-age=300"
    assert json.loads(answer.text) == {
        "name": "hopcount",
        "version": "1.2.3",
        "stage": "test",
        "region": "eu-central-1",
        "baseUrl": "https://sho.rt",
        "apiUrl": "https://api.example.com",
        "cognitoEndpoint": "https://cognito-idp.eu-central-1.amazonaws.com",
        "userPoolId": "eu-central-1_pool",
        "userPoolClientId": "client",
        "loginUrl": "https://hopcount-test.auth.eu-central-1.amazoncognito.com",
        "openapi": "/openapi.json",
        "docs": "/docs",
        "scopes": ["links:read", "links:write"],
        "endpoints": [{"region": "eu-central-1", "apiUrl": "https://api.example.com"}],
        "providers": [],
    }


def test_further_regions_and_whoever_else_signs_people_in_are_told(monkeypatch: pytest.MonkeyPatch) -> None:
    further = "us-east-1=https://us.example.com/, ap-south-1=https://ap.example.com"
    for name, value in ENVIRONMENT.items():
        monkeypatch.setenv(name, value)
    monkeypatch.setenv("FURTHER_ENDPOINTS", further)
    monkeypatch.setenv("IDENTITY_PROVIDERS", "Google, SignInWithApple")
    bootstrap.service.cache_clear()
    said = bootstrap.service()
    assert [(endpoint.region, endpoint.api_url) for endpoint in said.endpoints] == [
        ("eu-central-1", "https://api.example.com"),
        ("us-east-1", "https://us.example.com"),
        ("ap-south-1", "https://ap.example.com"),
    ]
    assert said.providers == ["Google", "SignInWithApple"]
    bootstrap.service.cache_clear()


@pytest.mark.parametrize("text", ["us-east-1", "=https://a.example", "us-east-1=http://a.example", ""])
def test_a_region_without_an_address_stops_the_deployment(monkeypatch: pytest.MonkeyPatch, text: str) -> None:
    for name, value in ENVIRONMENT.items():
        monkeypatch.setenv(name, value)
    monkeypatch.setenv("FURTHER_ENDPOINTS", text)
    bootstrap.service.cache_clear()
    with pytest.raises((ValueError, SettingsError)):
        bootstrap.service()


def test_an_incomplete_environment_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("LOGIN_URL", raising=False)
    with pytest.raises(SettingsError, match="LOGIN_URL"):
        bootstrap.service()


def test_a_path_that_is_not_there_is_a_problem() -> None:
    assert get(get_docs, "/other").status == 404
