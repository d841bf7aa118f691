"""Signing in with Cognito, over one that keeps everything in memory and checks each SRP proof."""

import asyncio
import json
from collections.abc import Callable
from urllib.parse import parse_qs, parse_qsl, urlsplit

import pytest
from cli.tests.service import CODE, EMAIL, PASSWORD, POOL, USER_ID, Cognito, RefusedError, User, jwt

from hopcount_app.api_service import errors
from hopcount_app.api_service.models import Deployment
from hopcount_app.auth.cognito import CognitoAuth
from hopcount_app.auth.cognito_api import CognitoApi
from hopcount_app.auth.managed_login import ManagedLogin
from hopcount_app.auth.service import Account, NewPasswordChallenge, TotpChallenge
from hopcount_app.auth.session import Session
from hopcount_app.auth.words import in_plain_words
from hopcount_app.storage import MemoryStorage
from hopcount_app.transport import Response

from .fakes import Clock, FakeChannel, FakeTransport, Sent, answer, run

ADA = Account(USER_ID, EMAIL)
HERE = "https://sho.rt/app/callback"
DEPLOYMENT = Deployment(
    version="1",
    stage="prod",
    region="eu-west-1",
    base_url="https://sho.rt",
    api_url="https://api.example",
    cognito_endpoint="https://cognito.example",
    user_pool_id=POOL,
    client_id="client",
    login_url="https://login.example",
)


async def find() -> Deployment:
    return DEPLOYMENT


class Pool(Cognito):
    """What the terminal never asks of Cognito."""

    def _ForgotPassword(self, body: dict[str, str]) -> dict[str, object]:
        return {}

    def _ConfirmForgotPassword(self, body: dict[str, str]) -> dict[str, object]:
        if body["ConfirmationCode"] != CODE:
            raise RefusedError("CodeMismatchException", "Invalid verification code provided")
        self.users[body["Username"]].password = body["Password"]
        return {}

    def _as(self, body: dict[str, str]) -> User:
        if body["AccessToken"] not in self.access:
            raise RefusedError("NotAuthorizedException", "Access Token has been revoked")
        return self.users[EMAIL]

    def _ChangePassword(self, body: dict[str, str]) -> dict[str, object]:
        user = self._as(body)
        if user.password != body["PreviousPassword"]:
            raise RefusedError("NotAuthorizedException", "Incorrect username or password.")
        user.password = body["ProposedPassword"]
        return {}

    def _AssociateSoftwareToken(self, body: dict[str, str]) -> dict[str, object]:
        self._as(body)
        return {"SecretCode": "JBSWY3DPEHPK3PXP"}

    def _VerifySoftwareToken(self, body: dict[str, str]) -> dict[str, object]:
        self._as(body)
        if body["UserCode"] != CODE:
            raise RefusedError("EnableSoftwareTokenMFAException", "Code mismatch")
        return {"Status": "SUCCESS"}

    def _SetUserMFAPreference(self, body: dict[str, object]) -> dict[str, object]:
        wanted = body["SoftwareTokenMfaSettings"]
        assert isinstance(wanted, dict)
        self.users[EMAIL].one_time_code = CODE if wanted["Enabled"] else None
        return {}

    def _GetUser(self, body: dict[str, str]) -> dict[str, object]:
        user = self._as(body)
        return {"UserMFASettingList": ["SOFTWARE_TOKEN_MFA"]} if user.one_time_code else {}

    def _GlobalSignOut(self, body: dict[str, str]) -> dict[str, object]:
        self._as(body)
        self.access.clear()
        self.refresh.clear()
        return {}


class Browser:
    """Tabs of one browser, and the Cognito that they talk to."""

    def __init__(self) -> None:
        self.pool = Pool()
        self.transport = FakeTransport(self.serve)
        self.storage = MemoryStorage()
        self.channel = FakeChannel()
        self.clock = Clock()
        self.address = "/"
        self.is_offline = False

    def tab(self) -> CognitoAuth:
        api = CognitoApi(self.transport, find)
        login = ManagedLogin(self.transport, self.storage, find, HERE)
        session = Session(self.storage, self.channel.another())
        return CognitoAuth(api, login, session, lambda: self.address, self.clock)

    def serve(self, request: Sent) -> Response | Exception:
        if self.is_offline:
            return errors.OfflineError()
        if request.url == "https://login.example/oauth2/token":
            return self.trade(dict(parse_qsl(request.body)))
        try:
            return answer(200, self.pool.call(request.headers["X-Amz-Target"].split(".")[1], request.json))
        except RefusedError as error:
            return answer(400, {"__type": f"com.amazonaws#{error.args[0]}", "message": error.args[1]})

    def trade(self, form: dict[str, str]) -> Response:
        if form["code"] != "the-code" or len(form["code_verifier"]) < 43 or form["redirect_uri"] != HERE:
            return answer(400, {"error": "invalid_grant"})
        given = self.pool.tokens(EMAIL)
        names = {"id_token": "IdToken", "access_token": "AccessToken", "refresh_token": "RefreshToken"}
        return answer(200, {**{name: given[theirs] for name, theirs in names.items()}, "expires_in": 3600})


@pytest.fixture
def browser() -> Browser:
    return Browser()


@pytest.fixture
def signed_in(browser: Browser) -> CognitoAuth:
    auth = browser.tab()
    assert run(auth.sign_in(EMAIL, PASSWORD)) == ADA
    return auth


def test_the_password_is_proved_and_never_sent(browser: Browser, signed_in: CognitoAuth) -> None:
    assert signed_in.account == ADA
    assert not any(PASSWORD in (request.body or "") for request in browser.transport.sent)


@pytest.mark.parametrize("email", [EMAIL, "nobody@example.com"])
def test_a_wrong_password_is_refused_as_is_a_wrong_address(browser: Browser, email: str) -> None:
    with pytest.raises(errors.InvalidError, match="The email address or the password is wrong"):
        run(browser.tab().sign_in(email, "wrong"))


def test_somebody_new_signs_up_confirms_and_is_in(browser: Browser) -> None:
    auth = browser.tab()
    run(auth.sign_up("new@example.com", PASSWORD))
    with pytest.raises(errors.UnconfirmedError):
        run(auth.sign_in("new@example.com", PASSWORD))
    with pytest.raises(errors.InvalidError) as caught:
        run(auth.confirm("new@example.com", "000000"))
    assert set(caught.value.fields) == {"code"}
    run(auth.resend("new@example.com"))
    run(auth.confirm("new@example.com", CODE))
    assert run(auth.sign_in("new@example.com", PASSWORD)) == Account(USER_ID, "new@example.com")


def test_a_taken_address_and_a_weak_password_are_named(browser: Browser) -> None:
    auth = browser.tab()
    for email, password, field in ((EMAIL, PASSWORD, "email"), ("new@example.com", "weak", "password")):
        with pytest.raises(errors.InvalidError) as caught:
            run(auth.sign_up(email, password))
        assert set(caught.value.fields) == {field}


def test_who_may_not_sign_up_is_told_whom_to_ask(browser: Browser) -> None:
    browser.pool.open_sign_up = False
    with pytest.raises(errors.InvalidError, match="by invitation only"):
        run(browser.tab().sign_up("new@example.com", PASSWORD))


def test_an_authenticator_app_is_set_up_asked_for_and_given_up(
    browser: Browser, signed_in: CognitoAuth
) -> None:
    assert run(signed_in.totp_is_on()) is False
    setup = run(signed_in.begin_totp())
    assert setup.uri == (
        "otpauth://totp/Hopcount%3Aada%40example.com?secret=JBSWY3DPEHPK3PXP&issuer=Hopcount"
    )
    with pytest.raises(errors.InvalidError):
        run(signed_in.confirm_totp("000000"))
    run(signed_in.confirm_totp(f" {CODE} "))
    assert run(signed_in.totp_is_on()) is True

    challenge = run(browser.tab().sign_in(EMAIL, PASSWORD))
    assert isinstance(challenge, TotpChallenge)
    with pytest.raises(errors.InvalidError) as caught:
        run(browser.tab().answer_totp(challenge, "000000"))
    assert set(caught.value.fields) == {"code"}
    assert run(browser.tab().answer_totp(challenge, CODE)) == ADA

    run(signed_in.disable_totp())
    assert run(signed_in.totp_is_on()) is False


def test_who_was_invited_chooses_a_password(browser: Browser) -> None:
    browser.pool.users[EMAIL].must_change = True
    auth = browser.tab()
    challenge = run(auth.sign_in(EMAIL, PASSWORD))
    assert isinstance(challenge, NewPasswordChallenge)
    assert run(auth.answer_new_password(challenge, "Another-horse-2")) == ADA
    assert browser.pool.users[EMAIL].password == "Another-horse-2"


def test_a_forgotten_password_is_set_anew(browser: Browser) -> None:
    auth = browser.tab()
    run(auth.forgot(EMAIL))
    with pytest.raises(errors.InvalidError):
        run(auth.reset(EMAIL, "000000", "Another-horse-2"))
    run(auth.reset(EMAIL, CODE, "Another-horse-2"))
    assert run(auth.sign_in(EMAIL, "Another-horse-2")) == ADA


def test_a_password_is_changed_by_whoever_knows_it(browser: Browser, signed_in: CognitoAuth) -> None:
    with pytest.raises(errors.InvalidError):
        run(signed_in.change_password("wrong", "Another-horse-2"))
    run(signed_in.change_password(PASSWORD, "Another-horse-2"))
    assert run(browser.tab().sign_in(EMAIL, "Another-horse-2")) == ADA


def test_a_session_survives_a_reload_without_a_request(browser: Browser, signed_in: CognitoAuth) -> None:
    token = run(signed_in.token())
    browser.is_offline = True
    after_reload = browser.tab()
    assert run(after_reload.resume()) == ADA
    assert run(after_reload.token()) == token


@pytest.mark.parametrize("kept", ["nonsense", "[]", "{}", '{"email": 1}', "null"])
def test_what_is_kept_and_cannot_be_read_is_forgotten(browser: Browser, kept: str) -> None:
    run(browser.storage.set("hopcount.session", kept))
    assert run(browser.tab().resume()) is None
    assert browser.storage.values == {}


def test_a_token_is_renewed_once_before_it_ends(browser: Browser, signed_in: CognitoAuth) -> None:
    first = run(signed_in.token())
    browser.clock.now += 3600 - 59

    async def all_at_once() -> list[str]:
        return list(await asyncio.gather(*(signed_in.token() for _ in range(5))))

    before = len(browser.transport.sent)
    tokens = run(all_at_once())
    assert len(set(tokens)) == 1
    assert tokens[0] != first
    assert len(browser.transport.sent) == before + 1


def test_a_refused_token_is_replaced_once_for_all_who_ask(browser: Browser, signed_in: CognitoAuth) -> None:
    async def all_at_once() -> list[str]:
        return list(await asyncio.gather(*(signed_in.token(fresh=True) for _ in range(3))))

    before = len(browser.transport.sent)
    assert len(set(run(all_at_once()))) == 1
    assert len(browser.transport.sent) == before + 1


def test_another_tab_s_renewal_is_used(browser: Browser, signed_in: CognitoAuth) -> None:
    other = browser.tab()
    run(other.resume())
    browser.clock.now += 3600
    renewed = run(other.token())
    before = len(browser.transport.sent)
    assert run(signed_in.token()) == renewed
    assert len(browser.transport.sent) == before


def test_a_session_is_over_when_it_is_revoked_and_every_tab_hears(
    browser: Browser, signed_in: CognitoAuth
) -> None:
    other, heard = browser.tab(), []
    run(other.resume())
    other.listeners.append(heard.append)
    browser.pool.refresh.clear()
    browser.clock.now += 3600
    with pytest.raises(errors.SessionOverError):
        run(signed_in.token())
    assert heard == [None]
    assert other.account is None
    assert not other._session.was_left
    assert "hopcount.session" not in browser.storage.values


def test_being_offline_does_not_end_a_session(browser: Browser, signed_in: CognitoAuth) -> None:
    browser.clock.now += 3600
    browser.is_offline = True
    with pytest.raises(errors.OfflineError):
        run(signed_in.token())
    browser.is_offline = False
    assert run(signed_in.token())
    assert signed_in.account == ADA


def test_nobody_has_no_token(browser: Browser) -> None:
    with pytest.raises(errors.SessionOverError):
        run(browser.tab().token())


def test_signing_out_ends_the_session_here_in_all_tabs_and_at_cognito(
    browser: Browser, signed_in: CognitoAuth
) -> None:
    other = browser.tab()
    run(other.resume())
    run(signed_in.sign_out())
    assert (signed_in.account, other.account) == (None, None)
    assert signed_in._session.was_left
    assert other._session.was_left
    assert browser.storage.values == {}
    assert browser.pool.refresh == set()
    with pytest.raises(errors.SessionOverError):
        run(other.token())


def test_signing_out_offline_forgets_the_session_all_the_same(
    browser: Browser, signed_in: CognitoAuth
) -> None:
    browser.is_offline = True
    run(signed_in.sign_out())
    assert signed_in.account is None
    assert browser.storage.values == {}


def test_signing_out_everywhere_ends_all_sessions_or_says_that_it_cannot(
    browser: Browser, signed_in: CognitoAuth
) -> None:
    browser.is_offline = True
    with pytest.raises(errors.OfflineError):
        run(signed_in.sign_out(everywhere=True))
    assert signed_in.account == ADA
    browser.is_offline = False
    run(signed_in.sign_out(everywhere=True))
    assert (signed_in.account, browser.pool.refresh) == (None, set())


def test_a_tab_follows_another_one_in(browser: Browser) -> None:
    async def two_tabs() -> Account | None:
        one, two = browser.tab(), browser.tab()
        await one.sign_in(EMAIL, PASSWORD)
        for _ in range(5):
            await asyncio.sleep(0)
        return two.account

    assert run(two_tabs()) == ADA


def come_back(browser: Browser, url: str, **changes: str) -> None:
    state = parse_qs(urlsplit(url).query)["state"][0]
    given = {"code": "the-code", "state": state, **changes}
    browser.address = "/callback?" + "&".join(f"{name}={value}" for name, value in given.items() if value)


def test_the_sign_in_page_brings_the_session_once(browser: Browser) -> None:
    url = run(browser.tab().authorize_url("Google"))
    assert "identity_provider=Google" in url
    assert url.startswith("https://login.example/oauth2/authorize?")
    come_back(browser, url)
    assert run(browser.tab().resume()) == ADA
    with pytest.raises(errors.InvalidError, match="not begun in this browser"):
        run(browser.tab().resume())


@pytest.mark.parametrize("state", ["", "forged"])
def test_who_was_not_sent_from_here_is_not_believed(browser: Browser, state: str) -> None:
    come_back(browser, run(browser.tab().authorize_url()), state=state)
    with pytest.raises(errors.InvalidError, match="not begun in this browser"):
        run(browser.tab().resume())
    assert not any("oauth2/token" in request.url for request in browser.transport.sent)


def test_a_refusal_of_the_page_is_told(browser: Browser) -> None:
    come_back(browser, run(browser.tab().authorize_url()), code="", error="access_denied")
    with pytest.raises(errors.InvalidError, match="access_denied"):
        run(browser.tab().resume())


def test_a_code_that_is_too_old_is_told(browser: Browser) -> None:
    come_back(browser, run(browser.tab().authorize_url()), code="another")
    with pytest.raises(errors.InvalidError, match="took too long"):
        run(browser.tab().resume())


def test_other_addresses_are_no_coming_back(browser: Browser) -> None:
    browser.address = "/links/x?code=the-code&state=s"
    assert run(browser.tab().resume()) is None


def test_tokens_that_cannot_be_read_are_the_backend_s_failure(browser: Browser) -> None:
    for broken in ({}, {"IdToken": "x", "RefreshToken": "r"}, {"IdToken": jwt(email=EMAIL)}):
        make: Callable[[str], dict[str, object]] = lambda _, broken=broken: broken  # noqa: E731
        browser.pool.tokens = make  # type: ignore[method-assign, assignment]
        with pytest.raises(errors.ServerError):
            run(browser.tab().sign_in(EMAIL, PASSWORD))


@pytest.mark.parametrize(
    ("code", "told", "error", "message"),
    [
        ("NotAuthorizedException", "Password attempts exceeded", errors.RateLimitedError, "minutes"),
        ("NotAuthorizedException", "User is disabled.", errors.InvalidError, "disabled"),
        (
            "NotAuthorizedException",
            "Invalid session for the user, session is expired.",
            errors.InvalidError,
            "long",
        ),
        ("LimitExceededException", "Attempt limit exceeded", errors.RateLimitedError, "minutes"),
        ("ExpiredCodeException", "Invalid code", errors.InvalidError, "too old"),
        (
            "InvalidPasswordException",
            "Password did not conform with policy: Password must have symbol characters",
            errors.InvalidError,
            "^Password must have symbol characters",
        ),
        (
            "UserLambdaValidationException",
            "PreSignUp failed with error only addresses of example.com may sign up.",
            errors.InvalidError,
            "^only addresses of example.com",
        ),
        ("SomethingNew", "Told so", errors.InvalidError, "Told so"),
        ("InternalErrorException", "", errors.ServerError, "our side"),
    ],
)
def test_what_cognito_says_is_said_in_plain_words(
    code: str, told: str, error: type[errors.ServiceError], message: str
) -> None:
    status = 500 if code.startswith("Internal") else 400
    with pytest.raises(error, match=message):
        raise in_plain_words(code, told, status)


def test_what_is_kept_is_no_more_than_is_needed(browser: Browser, signed_in: CognitoAuth) -> None:
    kept = json.loads(browser.storage.values["hopcount.session"])
    assert set(kept) == {"user_id", "email", "access_token", "refresh_token", "expires_at"}
