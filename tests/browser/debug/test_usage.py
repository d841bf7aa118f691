"""What the app tells of its use: not in debug mode, where it asks nobody, but with an API that is made up."""

from typing import Any

from tests.support.browser import OPENS_WITHIN, AppPage

NAMELESS = {"name", "at", "screen", "region", "milliseconds"}


def test_the_first_view_is_told_of_with_how_long_it_took_and_nothing_else(app_page: AppPage) -> None:
    context = app_page.context
    context.route(
        "**/.well-known/hopcount.json", lambda route: route.fulfill(json=service(app_page.base_url))
    )
    context.route("**/events", lambda route: route.fulfill(status=202))
    with context.expect_event(
        "request", lambda request: request.url.endswith("/events"), timeout=OPENS_WITHIN
    ) as caught:
        app_page.open("/app/sign-in")
    request = caught.value
    (told,) = request.post_data_json["events"]
    assert set(told) <= NAMELESS
    assert (told["name"], told["screen"]) == ("screen", "sign_in")
    assert 0 < told["milliseconds"] <= OPENS_WITHIN
    assert not {"authorization", "cookie"} & set(request.headers)


def service(base_url: str) -> dict[str, Any]:
    """Say what the API says of itself, as far as the app needs it to begin."""
    return {
        "name": "hopcount",
        "version": "0.1.0",
        "stage": "test",
        "region": "eu-central-1",
        "baseUrl": base_url,
        "apiUrl": base_url,
        "cognitoEndpoint": base_url,
        "userPoolId": "eu-central-1_AbCdEfGhI",
        "userPoolClientId": "4k2bexample1client2id3",
        "loginUrl": base_url,
        "openapi": "/openapi.json",
        "docs": "/docs",
        "scopes": [],
    }
