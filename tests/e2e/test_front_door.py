"""One origin: the site at / and /app/, all else the API; and who else may call it."""

import httpx
import pytest

from tests.support.people import Visitor
from tests.support.stack import Stack


@pytest.mark.parametrize("path", ["/", "/app/", "/app/links/some-deep-link"])
def test_the_site_is_served_at_the_root_and_below_app(visitor: Visitor, path: str) -> None:
    answer = visitor.http.get(path)
    assert answer.status_code == 200
    assert answer.headers["content-type"].startswith("text/html")
    assert "Hopcount" in answer.text


def test_an_unknown_code_is_a_small_page_or_a_problem_as_asked(visitor: Visitor) -> None:
    page = visitor.http.get("/nosuch12", headers={"Accept": "text/html"})
    assert (page.status_code, page.headers["content-type"].split(";")[0]) == (404, "text/html")
    assert "<script" not in page.text
    said = visitor.http.get("/nosuch12", headers={"Accept": "application/json"})
    assert (said.status_code, said.headers["content-type"]) == (404, "application/problem+json")


def preflight(stack: Stack, origin: str) -> httpx.Response:
    return httpx.options(
        f"{stack.base_url}/urls",
        headers={
            "Origin": origin,
            "Access-Control-Request-Method": "POST",
            "Access-Control-Request-Headers": "authorization,content-type,idempotency-key",
        },
    )


def test_pages_of_the_configured_origin_may_call_the_api(stack: Stack) -> None:
    answer = preflight(stack, stack.base_url)
    assert answer.status_code in {200, 204}
    assert answer.headers["access-control-allow-origin"] == stack.base_url
    assert "POST" in answer.headers["access-control-allow-methods"]


def test_pages_of_another_origin_may_not(stack: Stack) -> None:
    answer = preflight(stack, "https://evil.example")
    assert answer.headers.get("access-control-allow-origin") not in {"*", "https://evil.example"}
