"""The API over HTTP: what is sent, what is read, and what each refusal becomes."""

import asyncio
from datetime import UTC, datetime
from typing import Any

import pytest

from hopcount_app.api_service import errors
from hopcount_app.api_service.backoff import Backoff
from hopcount_app.api_service.caller import Caller
from hopcount_app.api_service.discovery import Discovery, endpoints_for
from hopcount_app.api_service.http import HttpApiService
from hopcount_app.api_service.models import Endpoint, LinkChanges, LinkDraft
from hopcount_app.api_service.regions import Regions
from hopcount_app.storage import MemoryStorage
from hopcount_app.transport import Response

from .fakes import Answer, Clock, FakeTokens, FakeTransport, Sent, answer, one_after_the_other, run

ORIGIN = "https://sho.rt"
LINK = {
    "id": "py-docs",
    "shortUrl": "https://sho.rt/py-docs",
    "originalUrl": "https://docs.python.org/3/",
    "clicks": 42,
    "botClicks": 3,
    "createdAt": "2026-11-22T15:26:58.123456Z",
    "updatedAt": "2026-11-22T15:26:58.123456Z",
    "expiresAt": None,
    "redirectStatus": 301,
    "maxAge": None,
    "passQuery": False,
    "importedClicks": 0,
    "disabledAt": None,
    "disabledReason": None,
    "aFieldOfTheFuture": [1],
}
STATS = {
    "id": "py-docs",
    "from": "2026-02-28",
    "to": "2026-03-01",
    "tz": "Europe/Zurich",
    "zoneIsExact": True,
    "interval": "day",
    "clicks": 5,
    "botClicks": 1,
    "totalClicks": 9,
    "totalBotClicks": 4,
    "series": [
        {"date": "2026-02-28", "clicks": 2, "botClicks": 1},
        {"date": "2026-03-01", "clicks": 3, "botClicks": 0},
    ],
    "breakdowns": {"country": {"CH": 5}},
}


class Api:
    """The service over a network that answers with these, one after the other."""

    def __init__(self, *answers: Answer) -> None:
        self.clock = Clock()
        self.transport = FakeTransport(one_after_the_other(*answers))
        regions = Regions(self.transport, MemoryStorage(), [Endpoint("here", ORIGIN)], now=self.clock)
        backoff = Backoff(clock=self.clock, sleep=self.clock.sleep, chance=lambda: 0.5)
        self.tokens = FakeTokens()
        self.done: list[tuple[str, bool]] = []
        self.failed: list[errors.ServiceError] = []
        caller = Caller(self.transport, self.tokens, regions, backoff, self.failed.append)
        discovery = Discovery(self.transport, ORIGIN)
        self.service = HttpApiService(caller, discovery, self.transport, ORIGIN, self.note)

    def note(self, action: str, worked: bool, milliseconds: float) -> None:
        assert milliseconds >= 0
        self.done.append((action, worked))

    @property
    def sent(self) -> list[Sent]:
        return self.transport.sent


def test_a_link_is_made_as_it_is_wanted_with_its_key() -> None:
    api = Api(answer(201, LINK, etag='"1"'))
    draft = LinkDraft(LINK["originalUrl"], alias="py-docs", expires_at=datetime(2099, 1, 31, 12, tzinfo=UTC))
    link = run(api.service.create_link(draft, "key"))
    assert (link.id, link.clicks, link.etag) == ("py-docs", 42, '"1"')
    assert (api.sent[0].method, api.sent[0].url) == ("POST", "https://sho.rt/urls")
    assert api.sent[0].headers["Idempotency-Key"] == "key"
    assert api.sent[0].headers["Authorization"] == "Bearer token-1"
    assert api.sent[0].json == {
        "originalUrl": LINK["originalUrl"],
        "alias": "py-docs",
        "expiresAt": "2099-01-31T12:00:00Z",
    }


def test_a_creation_is_repeated_with_the_same_key_until_it_works() -> None:
    api = Api(errors.OfflineError(), answer(429, retry_after="2"), answer(201, LINK))
    run(api.service.create_link(LinkDraft("https://a.example/"), "key"))
    assert [request.headers["Idempotency-Key"] for request in api.sent] == ["key"] * 3
    assert api.clock.waits[1] >= 2


@pytest.mark.parametrize("failure", [errors.OfflineError(), answer(503)])
def test_an_edit_a_deletion_and_a_restoration_are_sent_once(failure: Answer) -> None:
    for act in (
        lambda service: service.update_link("a", LinkChanges({"max_age": 60}), '"1"'),
        lambda service: service.delete_link("a"),
        lambda service: service.restore_link("a"),
        lambda service: service.create_token("CI", ("links:read",)),
    ):
        api = Api(failure)
        with pytest.raises(errors.ServiceError):
            run(act(api.service))
        assert len(api.sent) == 1


def test_an_edit_says_only_what_changes_and_of_which_version() -> None:
    api = Api(answer(200, LINK, etag='"2"'))
    run(api.service.update_link("py docs", LinkChanges({"expires_at": None, "pass_query": True}), '"1"'))
    assert (api.sent[0].method, api.sent[0].url) == ("PATCH", "https://sho.rt/urls/py%20docs")
    assert api.sent[0].json == {"expiresAt": None, "passQuery": True}
    assert api.sent[0].headers["If-Match"] == '"1"'


def test_a_page_of_the_trash_is_asked_for() -> None:
    api = Api(answer(200, {"items": [{**LINK, "deletedAt": LINK["updatedAt"]}], "nextCursor": "next"}))
    page = run(api.service.links(query="py docs", deleted=True, cursor="before", limit=20))
    assert page.items[0].deleted_at == datetime(2026, 11, 22, 15, 26, 58, 123456, tzinfo=UTC)
    assert page.next_cursor == "next"
    assert api.sent[0].url == "https://sho.rt/urls?q=py+docs&deleted=1&cursor=before&limit=20"


def test_statistics_are_read() -> None:
    api = Api(answer(200, STATS))
    stats = run(api.service.stats("py-docs", "2026-02-28", "2026-03-01", tz="Europe/Zurich", interval="day"))
    assert [(point.at, point.clicks) for point in stats.series] == [("2026-02-28", 2), ("2026-03-01", 3)]
    assert (
        api.sent[0].url
        == "https://sho.rt/stats/py-docs?from=2026-02-28&to=2026-03-01&tz=Europe%2FZurich&interval=day"
    )


def test_statistics_of_all_links_name_the_top_ones() -> None:
    body = {**STATS, "links": 12, "top": [{"id": "py-docs", "clicks": 4, "botClicks": 1}]}
    del body["id"]
    stats = run(
        Api(answer(200, body)).service.account_stats("2026-02-28", "2026-03-01", tz="UTC", interval="day")
    )
    assert (stats.id, stats.links, stats.top) == ("", 12, (("py-docs", 4, 1),))


def test_an_export_goes_on_to_the_last_page() -> None:
    following = '</urls/export?format=jsonl&cursor=a%2Fb>; rel="next"'
    api = Api(answer(200, '{"id": 1}\n', link=following), answer(200, '{"id": 2}\n'))

    async def all_pages() -> list[str]:
        return [page async for page in api.service.export()]

    assert run(all_pages()) == ['{"id": 1}\n', '{"id": 2}\n']
    assert api.sent[1].url == "https://sho.rt/urls/export?format=jsonl&limit=1000&cursor=a%2Fb"


@pytest.mark.parametrize(
    ("status", "is_free"), [(404, True), (301, False), (302, False), (410, False), (451, False), (200, False)]
)
def test_an_alias_is_free_where_nothing_ever_was(status: int, is_free: bool) -> None:
    api = Api(answer(status))
    assert run(api.service.alias_is_free("py-docs")) is is_free
    assert (api.sent[0].method, api.sent[0].url) == ("HEAD", "https://sho.rt/py-docs")
    assert "Authorization" not in api.sent[0].headers


def test_a_reserved_word_is_never_free() -> None:
    api = Api(answer(404))
    assert run(api.service.alias_is_free("Stats")) is False
    assert api.sent == []


def test_whether_an_alias_is_free_may_be_unknown() -> None:
    with pytest.raises(errors.RateLimitedError):
        run(Api(answer(429)).service.alias_is_free("py-docs"))


def test_a_refused_token_is_replaced_once_and_nothing_is_lost() -> None:
    api = Api(answer(401, {"message": "Unauthorized"}), answer(200, LINK))
    run(api.service.update_link("py-docs", LinkChanges({"max_age": 60}), None))
    assert [request.headers["Authorization"] for request in api.sent] == ["Bearer token-1", "Bearer token-2"]
    assert api.sent[0].body == api.sent[1].body


def test_a_session_is_over_when_a_fresh_token_is_refused_too() -> None:
    api = Api(answer(401, {"message": "Unauthorized"}))
    with pytest.raises(errors.SessionOverError):
        run(api.service.profile())
    assert len(api.sent) == 2


def problem(status: int, detail: str, **more: Any) -> Response:
    title = "Problem"
    return answer(status, {"type": "urn:x", "title": title, "status": status, "detail": detail, **more})


@pytest.mark.parametrize(
    ("given", "error", "message"),
    [
        (problem(409, "this alias is taken"), errors.ConflictError, "This alias is taken."),
        (problem(412, "changed"), errors.ConflictError, "changed elsewhere"),
        (problem(403, "this account is disabled"), errors.ForbiddenError, "This account is disabled."),
        (answer(403, {"message": "Forbidden"}), errors.ForbiddenError, "refused"),
        (answer(403, "<html>Request blocked.</html>"), errors.ForbiddenError, "refused"),
        (problem(404, "no such link"), errors.NotFoundError, "No such link."),
        (answer(404, {"message": "Not Found"}), errors.NotFoundError, "no such link"),
        (problem(410, "it is deleted"), errors.NotFoundError, "It is deleted."),
        (answer(500, {"message": "Internal Server Error"}), errors.ServerError, "our side"),
        (answer(302), errors.ServerError, "our side"),
        (answer(200, "no JSON"), errors.ServerError, "our side"),
        (answer(200, {"id": "half a link"}), errors.ServerError, "our side"),
        (answer(200, [1]), errors.ServerError, "our side"),
    ],
)
def test_each_refusal_becomes_an_error_in_plain_words(
    given: Response, error: type[errors.ServiceError], message: str
) -> None:
    with pytest.raises(error, match=message):
        run(Api(given).service.link("py-docs"))


def test_a_wrong_field_is_named() -> None:
    wrong = [{"field": "originalUrl", "message": "must not lead back to this service"}]
    with pytest.raises(errors.InvalidError) as caught:
        run(Api(problem(422, "1 field is wrong", errors=wrong)).service.create_link(LinkDraft("x"), "key"))
    assert caught.value.fields == {"originalUrl": "must not lead back to this service"}


def test_too_many_requests_say_when_to_come_back() -> None:
    api = Api(answer(429, {"message": "Too Many Requests"}, retry_after="7"))
    with pytest.raises(errors.RateLimitedError) as caught:
        run(api.service.delete_link("py-docs"))
    assert caught.value.retry_after == 7.0
    assert "wait" in str(caught.value)


def test_cancelling_ends_the_request() -> None:
    ended: list[str] = []

    class Hanging(FakeTransport):
        async def request(self, *_: object, **__: object) -> Response:
            try:
                await asyncio.Event().wait()
            finally:
                ended.append("request")
            raise AssertionError

    async def leave() -> None:
        api = Api()
        api.service._caller.transport = Hanging(lambda _: answer())
        task = asyncio.create_task(api.service.link("py-docs"))
        await asyncio.sleep(0)
        task.cancel()
        with pytest.raises(asyncio.CancelledError):
            await task

    run(leave())
    assert ended == ["request"]


def test_tokens_are_made_listed_and_ended() -> None:
    token = {
        "id": "uEy0",
        "name": "CI",
        "scopes": ["links:read"],
        "createdAt": LINK["createdAt"],
        "expiresAt": None,
        "lastUsedAt": "2026-11-23",
    }
    api = Api(answer(201, {**token, "token": "hc_x"}), answer(200, {"items": [token]}), answer(204))
    assert run(api.service.create_token("CI", ("links:read",))).token == "hc_x"
    assert [found.last_used_at for found in run(api.service.tokens())] == ["2026-11-23"]
    run(api.service.revoke_token("uEy0"))
    assert api.sent[2].url == "https://sho.rt/users/me/tokens/uEy0"


DESCRIPTION = {
    "name": "hopcount",
    "version": "0.1.0",
    "stage": "prod",
    "region": "eu-west-1",
    "baseUrl": "https://sho.rt",
    "apiUrl": "https://a1.execute-api.eu-west-1.amazonaws.com",
    "cognitoEndpoint": "https://cognito-idp.eu-west-1.amazonaws.com",
    "userPoolId": "eu-west-1_AbC",
    "userPoolClientId": "client",
    "loginUrl": "https://login.example",
    "endpoints": [
        {"region": "eu-west-1", "apiUrl": "https://a1.execute-api.eu-west-1.amazonaws.com"},
        {"region": "us-east-1", "apiUrl": "https://us.example/"},
    ],
}


def test_a_deployment_is_asked_once_where_it_is() -> None:
    api = Api(errors.OfflineError(), answer(200, DESCRIPTION))
    with pytest.raises(errors.OfflineError):
        run(api.service.deployment())
    found = run(api.service.deployment())
    assert run(api.service.deployment()) is found
    assert [request.url for request in api.sent] == ["https://sho.rt/.well-known/hopcount.json"] * 2
    assert found.providers == ()


def test_the_page_s_own_origin_is_the_endpoint_of_its_region() -> None:
    found = run(Api(answer(200, DESCRIPTION)).service.deployment())
    assert endpoints_for(found, ORIGIN) == [
        Endpoint("eu-west-1", "https://sho.rt"),
        Endpoint("us-east-1", "https://us.example"),
    ]


@pytest.mark.parametrize(
    "given", [answer(200, {"name": "something else"}), answer(404), answer(200, "<!doctype")]
)
def test_what_is_no_hopcount_is_told(given: Response) -> None:
    with pytest.raises(errors.ServiceError):
        run(Api(given).service.deployment())


def test_events_are_handed_in_as_nobody_in_particular() -> None:
    api = Api(answer(202))
    run(api.service.send_events([{"name": "screen"}]))
    assert api.sent[0].json == {"events": [{"name": "screen"}]}
    assert set(api.sent[0].headers) == {"Content-Type"}


@pytest.mark.parametrize(("given", "is_well"), [(answer(200), True), (answer(503), False)])
def test_health_is_told(given: Response, is_well: bool) -> None:
    assert run(Api(given).service.health()) is is_well


def test_what_was_done_and_what_went_wrong_is_told() -> None:
    api = Api(answer(200, LINK), answer(200, LINK), answer(204), answer(403))
    run(api.service.create_link(LinkDraft("https://a.example/"), "key"))
    run(api.service.update_link("a", LinkChanges({"max_age": 60}), None))
    run(api.service.delete_link("a"))
    with pytest.raises(errors.ForbiddenError):
        run(api.service.restore_link("a"))
    assert api.done == [
        ("link_created", True),
        ("link_edited", True),
        ("link_deleted", True),
        ("link_restored", False),
    ]
    assert [type(error) for error in api.failed] == [errors.ForbiddenError]
