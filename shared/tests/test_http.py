import base64
import json
from collections.abc import Callable
from typing import Any

import pytest
from botocore.exceptions import ClientError, EndpointConnectionError
from pydantic import BaseModel, ConfigDict, Field, field_validator
from shared.tests.support import Context, http_event, recorded_logs

from hopcount_shared import errors
from hopcount_shared.aws import THROTTLES
from hopcount_shared.http import Caller, caller, create_api

Answer = dict[str, Any]
SECRET = "s3cret-from-deep-inside"


class Thing(BaseModel):
    model_config = ConfigDict(alias_generator=lambda name: name.replace("_n", "N"), extra="forbid")

    name: str = Field(min_length=2)
    item_n: int = Field(default=1, ge=1)

    @field_validator("name")
    @classmethod
    def _not_nobody(cls, value: str) -> str:
        if value == "nobody":
            raise ValueError("somebody, please")
        return value


def ask(event: dict[str, Any], error: Exception | None = None, longest_body: int | None = None) -> Answer:
    api = create_api(longest_body)

    @api.post("/things")
    def make_thing(thing: Thing) -> dict[str, str]:
        return {"name": thing.name}

    @api.get("/things")
    def list_things() -> dict[str, str]:
        assert error
        raise error

    @api.get("/me")
    def get_me() -> dict[str, Any]:
        who = caller(api)
        return {"userId": who.user_id, "email": who.email}

    @api.post("/me/words")
    def write() -> dict[str, Any]:
        return {"userId": caller(api, "words:write", "words:all").user_id}

    return api.resolve(event, Context())


def problem_of(answer: Answer) -> dict[str, Any]:
    headers = {**answer.get("headers", {})}
    assert headers["Content-Type"] == "application/problem+json"
    assert headers["Cache-Control"] == "no-store"
    body: dict[str, Any] = json.loads(answer["body"])
    assert body["status"] == answer["statusCode"]
    assert {"type", "title", "status", "detail"} <= set(body)
    assert body["type"].startswith("urn:hopcount:problem:")
    return body


def failing(error: Exception) -> Answer:
    return ask(http_event("GET", "/things"), error)


class TestBodies:
    def test_a_good_one_is_answered(self) -> None:
        answer = ask(http_event("POST", "/things", {"name": "one"}))
        assert (answer["statusCode"], json.loads(answer["body"])) == (200, {"name": "one"})

    @pytest.mark.parametrize("body", ["{", "", "nonsense", '{"name": "a", }', "\ufeff{}"])
    def test_malformed_json_is_400(self, body: str) -> None:
        answer = ask({**http_event("POST", "/things"), "body": body})
        if body:
            assert answer["statusCode"] == 400
            assert problem_of(answer)["type"] == "urn:hopcount:problem:malformed-request"
        else:
            assert answer["statusCode"] == 422

    @pytest.mark.parametrize("body", ['{"name": "thing"}', "{" * 31, '{"name": "né"}'])
    def test_nothing_is_read_of_a_body_that_is_too_long(self, body: str) -> None:
        event = {**http_event("POST", "/things"), "body": body}
        problem = problem_of(ask(event, longest_body=len(body.encode()) - 1))
        assert (problem["status"], problem["errors"][0]["field"]) == (422, "body")
        allowed = ask(event, longest_body=len(body.encode()))
        assert allowed["statusCode"] == (400 if body.startswith("{{") else 200)

    @pytest.mark.parametrize("body", ["[]", ' [{"name": "thing"}]', "[[]]"])
    def test_a_list_is_not_taken_for_its_first_item(self, body: str) -> None:
        problem = problem_of(ask({**http_event("POST", "/things"), "body": body}))
        assert problem["status"] == 422
        assert [error["field"] for error in problem["errors"]] == ["body"]

    @pytest.mark.parametrize("number", ["NaN", "-Infinity", "9" * 5000])
    def test_a_number_that_json_does_not_have_is_400(self, number: str) -> None:
        answer = ask({**http_event("POST", "/things"), "body": f'{{"itemN": {number}}}'})
        assert problem_of(answer)["status"] == 400

    def test_bytes_that_are_no_text_are_400(self) -> None:
        event = http_event("POST", "/things", base64.b64encode(b"\xff\xfe{").decode(), isBase64Encoded=True)
        assert problem_of(ask(event))["status"] == 400

    def test_json_too_deep_to_read_is_refused_as_the_senders_fault(self) -> None:
        answer = ask(http_event("POST", "/things", "[" * 100_000))
        assert 400 <= problem_of(answer)["status"] < 500

    def test_wrong_fields_are_422_and_named_as_they_were_sent(self) -> None:
        answer = ask(http_event("POST", "/things", {"name": "x", "itemN": 0, "other": SECRET}))
        found = problem_of(answer)
        assert found["status"] == 422
        assert found["type"] == "urn:hopcount:problem:invalid-input"
        assert {error["field"] for error in found["errors"]} == {"name", "itemN", "other"}
        assert all(error["message"] for error in found["errors"])
        assert SECRET not in answer["body"]

    def test_a_missing_field_is_422(self) -> None:
        found = problem_of(ask(http_event("POST", "/things", {})))
        assert [error["field"] for error in found["errors"]] == ["name"]

    def test_our_own_words_reach_the_sender_as_written(self) -> None:
        found = problem_of(ask(http_event("POST", "/things", {"name": "nobody"})))
        assert found["errors"] == [{"field": "name", "message": "somebody, please"}]

    @pytest.mark.parametrize("kind", ["application/json; charset=utf-8", "Application/JSON", ""])
    def test_json_is_json_however_it_is_written(self, kind: str) -> None:
        event = http_event("POST", "/things", '{"name": "one"}', headers={"content-type": kind})
        assert ask(event)["statusCode"] == 200

    @pytest.mark.parametrize(
        "kind",
        [
            "text/plain",
            "application/x-www-form-urlencoded",
            "multipart/form-data",
            "Multipart/Form-Data; boundary=x",
            "form",
        ],
    )
    def test_another_content_type_is_415(self, kind: str) -> None:
        event = http_event("POST", "/things", "name=one", headers={"content-type": kind})
        assert problem_of(ask(event))["type"] == "urn:hopcount:problem:unsupported-media-type"


class TestErrors:
    @pytest.mark.parametrize(
        ("error", "status", "slug"),
        [
            (errors.MalformedRequestError("why"), 400, "malformed-request"),
            (errors.UnauthenticatedError("why"), 401, "unauthenticated"),
            (errors.ForbiddenError("why"), 403, "forbidden"),
            (errors.NotFoundError("why"), 404, "not-found"),
            (errors.ConflictError("why"), 409, "conflict"),
            (errors.GoneError("why"), 410, "gone"),
            (errors.PreconditionFailedError("why"), 412, "changed"),
            (errors.UnsupportedMediaTypeError("why"), 415, "unsupported-media-type"),
            (errors.InvalidInputError([errors.FieldError("a.b", "why")]), 422, "invalid-input"),
            (errors.QuotaExceededError("why", retry_after=60), 429, "quota-exceeded"),
            (errors.UnavailableError("why", retry_after=2), 503, "unavailable"),
        ],
    )
    def test_each_has_its_status(self, error: errors.HopcountError, status: int, slug: str) -> None:
        answer = failing(error)
        found = problem_of(answer)
        assert (found["status"], found["type"]) == (status, f"urn:hopcount:problem:{slug}")
        assert "why" in answer["body"]

    def test_fields_are_listed(self) -> None:
        error = errors.InvalidInputError([errors.FieldError("a", "one"), errors.FieldError("b", "two")])
        assert problem_of(failing(error))["errors"] == [
            {"field": "a", "message": "one"},
            {"field": "b", "message": "two"},
        ]

    @pytest.mark.parametrize("kind", [errors.QuotaExceededError, errors.UnavailableError])
    def test_later_says_when(self, kind: Callable[..., errors.HopcountError]) -> None:
        assert failing(kind("why", retry_after=17))["headers"]["Retry-After"] == "17"

    def test_a_child_is_told_as_its_parent(self) -> None:
        class LinkIsElsewhereError(errors.NotFoundError):
            pass

        assert problem_of(failing(LinkIsElsewhereError("why")))["status"] == 404

    def test_an_unknown_path_is_404(self) -> None:
        assert problem_of(ask(http_event("GET", "/nowhere")))["status"] == 404


class TestFaults:
    @pytest.mark.parametrize("code", sorted(THROTTLES))
    def test_a_throttle_of_aws_is_503(self, code: str) -> None:
        answer = failing(ClientError({"Error": {"Code": code, "Message": SECRET}}, "PutItem"))
        assert problem_of(answer)["status"] == 503
        assert answer["headers"]["Retry-After"]
        assert SECRET not in answer["body"]

    def test_no_answer_from_aws_is_503(self) -> None:
        answer = failing(EndpointConnectionError(endpoint_url=f"https://{SECRET}"))
        assert problem_of(answer)["status"] == 503
        assert SECRET not in answer["body"]

    @pytest.mark.parametrize(
        "error",
        [
            RuntimeError(SECRET),
            ClientError({"Error": {"Code": "AccessDeniedException", "Message": SECRET}}, "PutItem"),
            errors.SettingsError(SECRET),
            errors.PublishError([SECRET]),
            errors.MessageRejectedError(SECRET),
        ],
    )
    def test_anything_else_is_500_and_says_nothing(self, error: Exception) -> None:
        answer = failing(error)
        assert problem_of(answer)["status"] == 500
        assert "Traceback" not in answer["body"]
        assert type(error).__name__ not in answer["body"]
        assert SECRET not in answer["body"]

    def test_a_fault_is_logged_with_its_traceback(self) -> None:
        with recorded_logs() as lines:
            failing(RuntimeError("boom"))
        assert (lines[-1]["level"], lines[-1]["message"]) == ("ERROR", "unexpected error")
        assert "Traceback" in lines[-1]["exception"]

    def test_a_refusal_is_logged_as_information(self) -> None:
        with recorded_logs() as lines:
            failing(errors.NotFoundError("why"))
        assert (lines[-1]["level"], lines[-1]["problem"]) == ("INFO", "not-found")
        assert "exception" not in lines[-1]


class TestCaller:
    @pytest.mark.parametrize(
        ("claims", "expected"),
        [
            ({"sub": "u1", "token_use": "access"}, Caller("u1", None)),
            ({"sub": "u1", "token_use": "id", "email": "a@example.com"}, Caller("u1", "a@example.com")),
        ],
    )
    def test_is_whom_the_token_names(self, claims: dict[str, str], expected: Caller) -> None:
        answer = ask(http_event("GET", "/me", claims=claims))
        assert json.loads(answer["body"]) == {"userId": expected.user_id, "email": expected.email}

    @pytest.mark.parametrize(
        "claims",
        [
            None,
            {},
            {"sub": "u1"},
            {"sub": "u1", "token_use": "refresh"},
            {"sub": "", "token_use": "access"},
            {"token_use": "access"},
        ],
    )
    def test_is_nobody_without_a_token_for_this(self, claims: dict[str, str] | None) -> None:
        assert problem_of(ask(http_event("GET", "/me", claims=claims)))["status"] == 401


class TestApiToken:
    @staticmethod
    def sent(path: str = "/me/words", **context: str) -> Answer:
        event = http_event("POST" if path.endswith("words") else "GET", path)
        event["requestContext"]["authorizer"] = {"lambda": context}
        return ask(event)

    @pytest.mark.parametrize("scopes", ["words:write", "other words:all", "words:all words:write"])
    @pytest.mark.parametrize("path", ["/me/words", "/v1/me/words"])
    def test_may_do_what_it_was_made_for(self, path: str, scopes: str) -> None:
        answer = self.sent(path, userId="u1", scopes=scopes)
        assert json.loads(answer["body"]) == {"userId": "u1"}

    @pytest.mark.parametrize("scopes", ["", "words", "words:read", "words:writer", "words:write,words:all"])
    def test_may_do_nothing_else(self, scopes: str) -> None:
        answer = self.sent(userId="u1", scopes=scopes)
        assert problem_of(answer)["status"] == 403
        assert "words:write or words:all" in problem_of(answer)["detail"]

    def test_may_do_nothing_where_no_scope_is_named(self) -> None:
        assert problem_of(self.sent("/me", userId="u1", scopes="words:write"))["status"] == 403

    @pytest.mark.parametrize("context", [{"scopes": "words:write"}, {"userId": "", "scopes": "words:write"}])
    def test_is_nobodys_without_a_user(self, context: dict[str, str]) -> None:
        assert problem_of(self.sent(**context))["status"] == 401

    def test_signed_in_people_need_no_scope(self) -> None:
        claims = {"sub": "u1", "token_use": "access"}
        assert ask(http_event("POST", "/me/words", claims=claims))["statusCode"] == 200
