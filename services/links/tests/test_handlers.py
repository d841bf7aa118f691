"""Each function, as the gateway calls it, on tables in moto."""

from typing import Any

import boto3
import pytest
from services.links.tests.support import ENVIRONMENT, LINKS_TABLE, Answer, call, logged

from links.handlers import create_link, delete_link, get_link, list_links, restore_link, update_link

pytestmark = pytest.mark.usefixtures("deployed")

TARGET = "https://example.com/some/where"

BAD_VALUES: dict[str, list[Any]] = {
    "originalUrl": [
        *(None, "", 7, ["https://a.b/"], "example.com", "ftp://a.b/", "https:///p", "https://u:p@a.b/"),
        *("https://a.b/\r\nX: y", "https://a.b/\ud800", "https://a.b/" + "a" * 2048),
        *("https://sho.rt/x", "http://SHO.RT.:81/", f"{ENVIRONMENT['HTTP_API_URL']}/abc"),
    ],
    "alias": ["", "ab", "a" * 65, "a b", "../etc", "health", "URLS", 123, "a\ud800b"],
    "expiresAt": [
        *("tomorrow", "", "2020-01-01T00:00:00Z", "2099-01-01T00:00:00", "2099-02-30T00:00:00Z"),
        *("2099-01-01", "9999-12-31T23:59:59-23:59", 4102444800, [], True),
    ],
    "redirectStatus": [200, 300, 303, "301", True, 301.5, [301]],
    "maxAge": [-1, 31_536_001, "60", 1.5, True, 10**30],
    "passQuery": ["true", "", 0, 1, [True], {}],
    "surprise": [None, True],
    "original_url": ["https://a.b/"],
    "userId": [7],
}


def create(body: Any = None, **request: Any) -> Answer:
    return call(create_link.handler, "POST", "/urls", body=body or {"originalUrl": TARGET}, **request)


def created(**fields: Any) -> str:
    answer = create({"originalUrl": TARGET, **fields})
    assert answer.status == 201, answer
    return str(answer.json["id"])


def patch(code: str, body: Any, **request: Any) -> Answer:
    return call(update_link.handler, "PATCH", f"/urls/{code}", body=body, **request)


def get(code: str, **request: Any) -> Answer:
    return call(get_link.handler, "GET", f"/urls/{code}", **request)


def delete(code: str, **request: Any) -> Answer:
    return call(delete_link.handler, "DELETE", f"/urls/{code}", **request)


def restore(code: str, **request: Any) -> Answer:
    return call(restore_link.handler, "POST", f"/urls/{code}/restore", **request)


def list_page(**request: Any) -> Answer:
    return call(list_links.handler, "GET", "/urls", **request)


def listed(**request: Any) -> list[str]:
    answer = list_page(**request)
    assert answer.status == 200, answer
    return [item["id"] for item in answer.json["items"]]


class TestCreate:
    def test_the_answer_is_the_link_and_where_it_is(self) -> None:
        made = create()
        code = made.json["id"]
        assert made.status == 201
        assert made.headers["content-type"] == "application/json"
        assert made.headers["location"] == f"/urls/{code}"
        assert made.headers["etag"] == '"1"'
        assert made.headers["cache-control"] == "no-store"
        assert made.json == {
            "id": code,
            "shortUrl": f"https://sho.rt/{code}",
            "originalUrl": TARGET,
            "clicks": 0,
            "botClicks": 0,
            "createdAt": made.json["createdAt"],
            "updatedAt": made.json["createdAt"],
            "expiresAt": None,
            "redirectStatus": 301,
            "maxAge": None,
            "passQuery": False,
            "importedClicks": 0,
            "disabledAt": None,
            "disabledReason": None,
        }
        assert (get(code).status, get(code).json) == (200, made.json)

    def test_every_field_is_kept(self) -> None:
        wish = {
            "originalUrl": "https://EXAMPLE.com",
            "alias": "spring",
            "expiresAt": "2099-01-01T01:00:00+01:00",
            "redirectStatus": 302,
            "maxAge": 0,
            "passQuery": True,
            "userId": "ann",
        }
        made = create(wish).json
        assert made["originalUrl"] == "https://example.com/"
        assert made["shortUrl"] == "https://sho.rt/spring"
        assert made["expiresAt"] == "2099-01-01T00:00:00.000000Z"
        assert (made["redirectStatus"], made["maxAge"], made["passQuery"]) == (302, 0, True)

    def test_null_is_as_good_as_nothing(self) -> None:
        wish = dict.fromkeys(["alias", "expiresAt", "redirectStatus", "maxAge", "passQuery", "userId"])
        assert create({"originalUrl": TARGET, **wish}).status == 201

    @pytest.mark.parametrize(
        ("field", "value"), [(field, value) for field, values in BAD_VALUES.items() for value in values]
    )
    def test_a_bad_field_is_named_and_nothing_is_made(self, field: str, value: Any) -> None:
        answer = create({"originalUrl": TARGET, field: value})
        assert answer.status == 422
        assert answer.bad_fields == {field}
        assert answer.headers["content-type"] == "application/problem+json"
        assert listed() == []

    def test_every_bad_field_is_named_at_once(self) -> None:
        answer = create(
            {"originalUrl": "nope", "alias": "a b", "redirectStatus": 418, "maxAge": "soon", "x": 1}
        )
        assert answer.bad_fields == {"originalUrl", "alias", "redirectStatus", "maxAge", "x"}

    @pytest.mark.parametrize(
        ("body", "status"),
        [("{", 400), ("", 422), ("null", 422), ("[]", 422), ('"text"', 422), ("7", 422), ("{}", 422)],
    )
    def test_an_odd_body_is_refused(self, body: str, status: int) -> None:
        assert call(create_link.handler, "POST", "/urls", raw_body=body).status == status

    def test_a_list_with_one_link_in_it_is_no_link(self) -> None:
        answer = create([{"originalUrl": TARGET}])
        assert answer.status == 422

    def test_a_user_id_of_somebody_else_is_refused(self) -> None:
        assert create({"originalUrl": TARGET, "userId": "bob"}).status == 403
        assert listed() == listed(sub="bob") == []

    @pytest.mark.parametrize("claims", [{"token_use": "refresh"}, {"token_use": ""}, {"sub": ""}])
    def test_a_token_of_another_kind_is_refused(self, claims: dict[str, str]) -> None:
        assert create(claims=claims).status == 401

    def test_an_id_token_will_do(self) -> None:
        assert create(claims={"token_use": "id", "email": "ann@example.com"}).status == 201

    def test_a_taken_alias_is_a_conflict_whoever_has_it(self) -> None:
        created(alias="spring")
        mine, others = (
            create({"originalUrl": TARGET, "alias": "spring"}),
            create({"originalUrl": TARGET, "alias": "spring"}, sub="bob"),
        )
        assert (mine.status, mine.json) == (409, others.json)

    def test_beyond_the_quota_one_has_to_wait(self) -> None:
        for _ in range(20):
            created()
        refused = create()
        assert refused.status == 429
        assert 0 < int(refused.headers["retry-after"]) <= 3600
        assert create(sub="bob").status == 201
        assert len(listed()) == 20

    def test_what_is_refused_costs_no_quota(self) -> None:
        for _ in range(30):
            assert create({"originalUrl": "nope"}).status == 422
            assert create({"originalUrl": "https://sho.rt/x"}).status == 422
        for _ in range(20):
            created()


class TestList:
    def test_pages_are_newest_first_and_end(self) -> None:
        made = [created(alias=f"link{n}") for n in range(5)]
        first = list_page(query={"limit": 2}).json
        second = list_page(query={"limit": 2, "cursor": first["nextCursor"]}).json
        third = list_page(query={"limit": 2, "cursor": second["nextCursor"]}).json
        assert third["nextCursor"] is None
        assert [item["id"] for page in (first, second, third) for item in page["items"]] == made[::-1]

    def test_the_trash_says_since_when(self) -> None:
        created(alias="keep")
        created(alias="drop")
        delete("drop")
        (item,) = list_page(query={"deleted": 1}).json["items"]
        assert item["id"] == "drop"
        assert item["deletedAt"] == item["updatedAt"]
        (item,) = list_page(query={"deleted": 0}).json["items"]
        assert item["id"] == "keep"
        assert "deletedAt" not in item

    def test_a_search_finds_names_and_targets(self) -> None:
        created(alias="Spring")
        created(alias="other", originalUrl="https://example.com/SPRING")
        created(alias="autumn")
        assert listed(query={"q": "sPRing"}) == ["other", "Spring"]
        assert len(listed(query={"q": ""})) == 3

    def test_everybody_sees_their_own(self) -> None:
        mine = created(alias="mine")
        cursor = list_page(query={"limit": 1}).json["nextCursor"]
        assert cursor is None
        assert listed(sub="bob") == []
        assert listed(query={"userId": "ann"}) == [mine]
        assert list_page(query={"userId": "bob"}).status == 403

    def test_anothers_cursor_leads_into_ones_own_list(self) -> None:
        for n in range(3):
            created(alias=f"ann{n}")
            create({"originalUrl": TARGET, "alias": f"bob{n}"}, sub="bob")
        cursor = list_page(query={"limit": 1}).json["nextCursor"]
        assert set(listed(sub="bob", query={"cursor": cursor})) <= {"bob0", "bob1", "bob2"}

    @pytest.mark.parametrize(
        ("field", "value"),
        [
            *(("limit", value) for value in (0, 101, -1, "many", "1.5", "")),
            *(("cursor", value) for value in ("nonsense", "", "e30", "x" * 301)),
            ("q", "x" * 101),
            ("deleted", "perhaps"),
        ],
    )
    def test_a_bad_query_is_named(self, field: str, value: Any) -> None:
        answer = list_page(query={field: value})
        assert answer.status == 422
        assert answer.bad_fields == {field}


class TestUpdate:
    def test_fields_are_changed_and_the_version_moves_on(self) -> None:
        code = created(expiresAt="2099-01-01T00:00:00Z", maxAge=60)
        answer = patch(code, {"originalUrl": "https://example.org", "redirectStatus": 308, "maxAge": None})
        assert answer.status == 200
        assert answer.headers["etag"] == '"2"'
        assert answer.json["originalUrl"] == "https://example.org/"
        assert (answer.json["redirectStatus"], answer.json["maxAge"]) == (308, None)
        assert answer.json["expiresAt"] == "2099-01-01T00:00:00.000000Z"
        assert answer.json["updatedAt"] > answer.json["createdAt"]
        assert patch(code, {"expiresAt": None}).json["expiresAt"] is None
        assert get(code).headers["etag"] == '"3"'

    def test_the_query_is_passed_on_or_not_as_was_said_last(self) -> None:
        code = created(passQuery=True)
        assert get(code).json["passQuery"] is True
        assert list_page().json["items"][0]["passQuery"] is True
        assert patch(code, {"maxAge": 60}).json["passQuery"] is True
        assert patch(code, {"passQuery": False}).json["passQuery"] is False
        assert patch(code, {"passQuery": True}).json["passQuery"] is True
        delete(code)
        assert list_page(query={"deleted": 1}).json["items"][0]["passQuery"] is True

    def test_a_stale_version_is_refused(self) -> None:
        code = created()
        etag = get(code).headers["etag"]
        assert patch(code, {"maxAge": 1}, headers={"if-match": etag}).status == 200
        stale = patch(code, {"maxAge": 2}, headers={"if-match": etag})
        assert (stale.status, stale.json["type"]) == (412, "urn:hopcount:problem:changed")
        assert get(code).json["maxAge"] == 1

    @pytest.mark.parametrize(
        ("field", "body"),
        [
            ("originalUrl", {"originalUrl": "nope"}),
            ("originalUrl", {"originalUrl": None}),
            ("originalUrl", {"originalUrl": "https://sho.rt/x"}),
            ("expiresAt", {"expiresAt": "2020-01-01T00:00:00Z"}),
            ("redirectStatus", {"redirectStatus": None}),
            ("redirectStatus", {"redirectStatus": "302"}),
            ("maxAge", {"maxAge": -1}),
            ("passQuery", {"passQuery": None}),
            ("passQuery", {"passQuery": "true"}),
            ("passQuery", {"passQuery": 1}),
            ("alias", {"alias": "renamed"}),
            ("clicks", {"clicks": 9}),
            ("id", {"id": "renamed"}),
            ("body", {}),
            ("body", {"userId": "ann"}),
        ],
    )
    def test_a_bad_edit_is_named_and_changes_nothing(self, field: str, body: dict[str, Any]) -> None:
        code = created()
        before = get(code)
        answer = patch(code, body)
        assert answer.status == 422
        assert answer.bad_fields == {field}
        assert get(code) == before

    def test_a_user_id_of_somebody_else_is_refused(self) -> None:
        assert patch(created(), {"maxAge": 1, "userId": "bob"}).status == 403


class TestDeleteAndRestore:
    def test_a_deleted_link_is_gone_until_it_is_restored(self) -> None:
        code = created()
        before = get(code).json
        answer = delete(code)
        assert (answer.status, answer.json) == (204, None)
        assert get(code).status == delete(code).status == patch(code, {"maxAge": 1}).status == 404
        assert (listed(), listed(query={"deleted": 1})) == ([], [code])
        back = restore(code)
        assert (back.status, back.headers["etag"]) == (200, '"3"')
        assert {**back.json, "updatedAt": None} == {**before, "updatedAt": None}
        assert (listed(), listed(query={"deleted": 1})) == ([code], [])


class TestDisabled:
    """`hopcount ops link disable` writes these two attributes."""

    def disable(self, code: str) -> None:
        boto3.client("dynamodb").update_item(
            TableName=LINKS_TABLE,
            Key={"id": {"S": code}},
            UpdateExpression=(
                "SET disabledAt = :at, disabledReason = :why, #change = :change ADD version :one"
            ),
            ExpressionAttributeNames={"#change": "change"},
            ExpressionAttributeValues={
                ":at": {"S": "2026-03-01T12:30:00.000000Z"},
                ":why": {"S": "Phishing"},
                ":change": {"S": "disabled"},
                ":one": {"N": "1"},
            },
        )

    def test_its_owner_sees_it_and_no_edit_ends_it(self) -> None:
        code = created()
        self.disable(code)
        seen = get(code)
        assert (seen.status, seen.headers["etag"]) == (200, '"2"')
        assert seen.json["disabledAt"] == "2026-03-01T12:30:00.000000Z"
        assert list_page().json["items"] == [seen.json]
        edited = patch(code, {"originalUrl": "https://example.org/"}).json
        delete(code)
        restored = restore(code).json
        for link in (edited, restored, get(code).json):
            assert (link["disabledAt"], link["disabledReason"]) == (seen.json["disabledAt"], "Phishing")

    @pytest.mark.parametrize("field", ["disabledAt", "disabledReason", "importedClicks", "createdAt"])
    def test_no_owner_writes_what_is_not_theirs(self, field: str) -> None:
        assert patch(created(), {field: None}).bad_fields == {field}
        assert create({"originalUrl": TARGET, field: None}).bad_fields == {field}


class TestOwnership:
    def test_foreign_deleted_missing_and_impossible_links_are_told_apart_by_nobody(self) -> None:
        mine, gone = created(alias="mine"), created(alias="gone")
        delete(gone)
        for ask in (get, delete, restore, lambda code, **request: patch(code, {"maxAge": 1}, **request)):
            answers = [
                ask(code, sub="bob") for code in (mine, gone, "missing", "a" * 65, "ab", "a.b", "ünter")
            ]
            assert {answer.status for answer in answers} == {404}
            assert all(answer == answers[0] for answer in answers)
        assert get(mine).json["maxAge"] is None


def test_no_log_line_holds_a_token_an_address_or_a_target(capfd: pytest.CaptureFixture[str]) -> None:
    headers = {"authorization": "Bearer secret-token", "idempotency-key": "secret-key"}
    with logged() as log:
        code = create(headers=headers).json["id"]
        create({"originalUrl": "nope://secret-target"}, headers=headers)
        get(code, headers=headers)
        list_page(query={"q": "secret-text"}, headers=headers)
        boto3.client("dynamodb").delete_table(TableName=LINKS_TABLE)
        assert get(code, headers=headers).status == 500
    metrics, errors = capfd.readouterr()
    assert "LinkCreated" in metrics
    assert "unexpected error" in log.getvalue()
    for secret in ("secret", "203.0.113.9", TARGET):
        assert secret not in metrics + errors + log.getvalue()


def test_a_failure_of_ours_tells_nothing_of_its_cause() -> None:
    code = created()
    boto3.client("dynamodb").delete_table(TableName=LINKS_TABLE)
    answer = get(code)
    assert answer.status == 500
    assert answer.json["type"] == "urn:hopcount:problem:internal"
    assert LINKS_TABLE not in str(answer.json)
