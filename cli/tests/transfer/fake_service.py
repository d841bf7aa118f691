"""The service as far as moving links goes: it keeps its promises, and breaks off where a test wants it to."""

from collections.abc import Callable, Mapping, Sequence
from datetime import UTC, datetime
from typing import Any

from hopcount_cli.errors import NetworkError

Json = dict[str, Any]


class FakeService:
    """Makes links as `POST /urls/bulk` does: once for each key and row, once for each alias.

    Parameters
    ----------
    quota
        Links that may be made before `renew_quota`.
    before, after
        Called in each request, before and after what it does, with its number from 0; whatever they raise
        goes to the caller.
    """

    def __init__(
        self,
        *,
        quota: int = 1_000_000,
        before: Callable[[int], None] = lambda _: None,
        after: Callable[[int], None] = lambda _: None,
    ) -> None:
        self.links: dict[str, Json] = {}
        self.requests: list[tuple[str, int]] = []
        self.busy: dict[str, int] = {}
        self.quota = quota
        self.base_url = "https://hop.example"
        self._by_request: dict[tuple[str, int], str] = {}
        self._before = before
        self._after = after

    def bulk(self, links: Sequence[Mapping[str, Any]], key: str) -> Json:
        number = len(self.requests)
        self.requests.append((key, len(links)))
        self._before(number)
        results = [{"index": i, **self._make(key, i, dict(link))} for i, link in enumerate(links)]
        self._after(number)
        return {"results": results}

    def export(self) -> Any:
        for code, link in self.links.items():
            yield {
                "id": code,
                "originalUrl": link["originalUrl"],
                "createdAt": link.get("createdAt", "2026-01-01T00:00:00.000000Z"),
                "expiresAt": link.get("expiresAt"),
                "redirectStatus": link.get("redirectStatus", 301),
                "maxAge": link.get("maxAge"),
                "passQuery": link.get("passQuery", False),
                "totalClicks": link.get("importedClicks", 0),
            }

    def _make(self, key: str, index: int, wish: Json) -> Json:
        if (key, index) in self._by_request:
            return self._result("existing", self._by_request[key, index])
        code, url = wish.get("alias"), wish["originalUrl"]
        if code in self.links and self.links[code]["originalUrl"] == url:
            return self._result("existing", code)
        if refusal := self._refusal(code, url):
            return {"status": "failed", "problem": refusal}
        self.quota -= 1
        made = code or f"c{len(self.links):06}"
        self.links[made] = wish
        self._by_request[key, index] = made
        return self._result("created", made)

    def _result(self, status: str, code: str) -> Json:
        link = {
            "id": code,
            "shortUrl": f"{self.base_url}/{code}",
            "originalUrl": self.links[code]["originalUrl"],
        }
        return {"status": status, "link": link}

    def _refusal(self, code: str | None, url: str) -> Json | None:
        if not url.startswith("http") or len(url) > 2048 or "\\" in url:
            return _problem("validation", 422, errors=[{"field": "originalUrl", "message": "is no URL"}])
        if code in self.links:
            return _problem("conflict", 409, detail=f"the alias {code} is taken")
        self.busy[url] = self.busy.get(url, 0) - 1
        if self.busy[url] >= 0:
            return _problem("unavailable", 503, detail="no time left")
        return _problem("quota-exceeded", 429, retryAfter=7) if self.quota <= 0 else None


def _problem(kind: str, status: int, **more: Any) -> Json:
    return {"type": f"urn:hopcount:problem:{kind}", "status": status, **more}


def break_off(at: int, error: type[BaseException] = KeyboardInterrupt) -> Callable[[int], None]:
    """Return a hook that raises in one request, and never again."""
    left = [at]

    def hook(number: int) -> None:
        if left and number == left[0]:
            left.clear()
            raise error("broken off") if issubclass(error, NetworkError) else error

    return hook


NOW = datetime(2026, 11, 23, tzinfo=UTC)
