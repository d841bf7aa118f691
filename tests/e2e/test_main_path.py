"""The main path, over HTTP only, with real Cognito tokens."""

from datetime import UTC, datetime

from pycognito.aws_srp import AWSSRP

from tests.support.people import (
    Cognito,
    Creator,
    Tokens,
    Visitor,
    new_email,
    new_password,
    ok,
    problem,
    sign_in,
)
from tests.support.poll import until
from tests.support.stack import Stack


def test_sign_up_shorten_follow_count_edit_delete_restore(stack: Stack, visitor: Visitor) -> None:
    creator = sign_up_with_a_wrong_code_first(stack)
    assert creator.me()["email"] == creator.email

    link = creator.create("https://example.com/first")
    code = link["id"]
    assert link["shortUrl"] == f"{stack.base_url}/{code}"
    assert [item["id"] for item in creator.links()] == [code]

    followed = visitor.follow(code)
    assert (followed.status_code, followed.headers["location"]) == (301, "https://example.com/first")
    assert followed.headers["cache-control"] == "no-store"

    counted_everywhere(creator, code, 1)

    edited = ok(creator.http.patch(f"/urls/{code}", json={"originalUrl": "https://example.com/second"}))
    assert edited["clicks"] == 1
    assert visitor.follow(code).headers["location"] == "https://example.com/second"
    counted_everywhere(creator, code, 2)

    assert creator.http.delete(f"/urls/{code}").status_code == 204
    assert visitor.follow(code).status_code == 410
    assert creator.links() == []
    assert [item["id"] for item in creator.links(deleted=1)] == [code]
    problem(creator.http.get(f"/urls/{code}"), 404, "not-found")
    until(creator.me, lambda me: me["totalLinks"] == 0)

    ok(creator.http.post(f"/urls/{code}/restore"))
    assert visitor.follow(code).status_code == 301
    assert [item["id"] for item in creator.links()] == [code]
    until(creator.me, lambda me: me["totalLinks"] == 1)
    counted_everywhere(creator, code, 3)


def sign_up_with_a_wrong_code_first(stack: Stack) -> Creator:
    cognito, email, password = Cognito(stack), new_email(), new_password()
    ok(cognito.sign_up(email, password))
    code = cognito.mailed_code(email)
    refused = cognito.confirm(email, "000000" if code != "000000" else "000001")
    assert refused.status_code == 400
    assert "CodeMismatchException" in refused.text
    assert cognito.sign_in(email, password).status_code == 400
    ok(cognito.confirm(email, code))
    return Creator(stack, sign_in(cognito, email, password), email)


def counted_everywhere(creator: Creator, code: str, clicks: int) -> None:
    """Wait until the link, its statistics and its owner all show a number of clicks."""
    until(lambda: creator.link(code)["clicks"], lambda found: found == clicks)
    stats = until(lambda: creator.stats(code), lambda found: found["clicks"] == clicks)
    assert sum(day["clicks"] for day in stats["series"]) == clicks
    today = datetime.now(UTC).date().isoformat()
    assert [day["date"] for day in stats["series"]][-1] == today
    until(creator.me, lambda me: (me["totalClicks"], me["totalLinks"]) == (clicks, 1))


def test_a_weak_password_is_refused(stack: Stack) -> None:
    refused = Cognito(stack).sign_up(new_email(), "password")
    assert refused.status_code == 400
    assert "InvalidPasswordException" in refused.text


def test_sign_in_without_sending_the_password(stack: Stack) -> None:
    cognito, email, password = Cognito(stack), new_email(), new_password()
    ok(cognito.sign_up(email, password))
    ok(cognito.confirm(email, cognito.mailed_code(email)))
    srp = {"pool_id": stack.pool_id, "client_id": stack.client_id, "client": stack.client("cognito-idp")}
    result = AWSSRP(username=email, password=password, **srp).authenticate_user()["AuthenticationResult"]
    tokens = Tokens(result["IdToken"], result["AccessToken"], result["RefreshToken"])
    assert Creator(stack, tokens, email).me()["email"] == email


def test_a_refresh_token_gives_new_tokens(stack: Stack, creator: Creator) -> None:
    answer = Cognito(stack).call(
        "InitiateAuth",
        AuthFlow="REFRESH_TOKEN_AUTH",
        AuthParameters={"REFRESH_TOKEN": creator.tokens.refresh_token},
    )
    assert ok(answer)["AuthenticationResult"]["AccessToken"]


def test_health_needs_no_token(visitor: Visitor) -> None:
    assert ok(visitor.http.get("/health")) == {"status": "ok"}


def test_head_is_answered_and_not_counted(creator: Creator, visitor: Visitor) -> None:
    code = creator.create()["id"]
    assert visitor.http.head(f"/{code}").status_code == 301
    assert visitor.follow(code, **{"Sec-Purpose": "prefetch"}).status_code == 301
    assert visitor.follow(code).status_code == 301
    until(lambda: creator.stats(code)["clicks"], lambda found: found >= 1)
    assert creator.stats(code)["clicks"] == creator.link(code)["clicks"] == 1
