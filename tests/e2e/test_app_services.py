"""What the web app is made of below its views, against the running product: only the browser is missing."""

import asyncio
from collections.abc import Awaitable
from typing import TypeVar

import pytest

from hopcount_app.api_service import errors
from hopcount_app.api_service.caller import Caller
from hopcount_app.api_service.discovery import Discovery, endpoints_for
from hopcount_app.api_service.http import HttpApiService
from hopcount_app.api_service.models import Endpoint, Link, LinkChanges, LinkDraft
from hopcount_app.api_service.regions import Regions
from hopcount_app.auth.cognito import CognitoAuth
from hopcount_app.auth.cognito_api import CognitoApi
from hopcount_app.auth.managed_login import ManagedLogin
from hopcount_app.auth.service import Account, NewPasswordChallenge, TotpChallenge
from hopcount_app.auth.session import Session
from hopcount_app.storage import MemoryStorage
from hopcount_app.store.channel import NoChannel
from tests.support.people import (
    Cognito,
    Visitor,
    new_email,
    new_password,
    one_time_code,
    sign_in_on_page,
)
from tests.support.plain_transport import PlainTransport
from tests.support.poll import until
from tests.support.stack import Stack

T = TypeVar("T")


def run(awaitable: Awaitable[T]) -> T:
    async def wait() -> T:
        return await awaitable

    return asyncio.run(wait())


class App:
    """A tab, without its views."""

    def __init__(self, stack: Stack, storage: MemoryStorage | None = None) -> None:
        self.storage = storage or MemoryStorage()
        self.address = "/"
        transport = PlainTransport()
        self.discovery = Discovery(transport, stack.base_url)
        login = ManagedLogin(transport, self.storage, self.discovery, f"{stack.base_url}/app/callback")
        session = Session(self.storage, NoChannel())
        self.auth = CognitoAuth(CognitoApi(transport, self.discovery), login, session, lambda: self.address)
        self.regions = Regions(transport, self.storage, [Endpoint("", stack.base_url)])
        caller = Caller(transport, self.auth, self.regions)
        self.api = HttpApiService(caller, self.discovery, transport, stack.base_url)


@pytest.fixture(scope="module")
def email() -> str:
    return new_email()


@pytest.fixture(scope="module")
def password() -> str:
    return new_password()


@pytest.fixture(scope="module")
def app(stack: Stack, email: str, password: str) -> App:
    """The app of somebody who signed up in it, confirmed the mailed code and signed in by SRP."""
    app = App(stack)
    run(app.auth.sign_up(email, password))
    with pytest.raises(errors.UnconfirmedError):
        run(app.auth.sign_in(email, password))
    with pytest.raises(errors.InvalidError) as caught:
        run(app.auth.confirm(email, "000000"))
    assert set(caught.value.fields) == {"code"}
    run(app.auth.confirm(email, Cognito(stack).mailed_code(email)))
    account = run(app.auth.sign_in(email, password))
    assert isinstance(account, Account)
    assert account.email == email
    return app


@pytest.fixture
def link(app: App) -> Link:
    return run(app.api.create_link(LinkDraft("https://example.com/app"), new_password()))


class TestSigningIn:
    def test_a_wrong_password_a_taken_address_and_a_weak_password_are_named(
        self, app: App, stack: Stack, email: str
    ) -> None:
        other = App(stack)
        for attempt, field in (
            (other.auth.sign_in(email, new_password()), "password"),
            (other.auth.sign_up(email, new_password()), "email"),
            (other.auth.sign_up(new_email(), "too short"), "password"),
        ):
            with pytest.raises(errors.InvalidError) as caught:
                run(attempt)
            assert set(caught.value.fields) == {field}

    def test_the_api_knows_who_it_is(self, app: App, email: str) -> None:
        profile = run(app.api.profile())
        assert app.auth.account is not None
        assert profile.user_id == app.auth.account.user_id

    def test_it_goes_on_after_a_reload_and_renews_what_is_over(self, app: App, stack: Stack) -> None:
        reloaded = App(stack, app.storage)
        assert run(reloaded.auth.resume()) == app.auth.account
        before = run(reloaded.auth.token())
        assert run(reloaded.auth.token(fresh=True)) != before
        assert run(reloaded.api.profile()).user_id

    def test_an_authenticator_app_is_set_up_and_asked_for(
        self, app: App, stack: Stack, email: str, password: str
    ) -> None:
        setup = run(app.auth.begin_totp())
        with pytest.raises(errors.InvalidError):
            run(app.auth.confirm_totp(wrong_code(setup.secret)))
        run(app.auth.confirm_totp(one_time_code(setup.secret)))
        assert run(app.auth.totp_is_on())

        other = App(stack)
        challenge = run(other.auth.sign_in(email, password))
        assert isinstance(challenge, TotpChallenge)
        with pytest.raises(errors.InvalidError) as caught:
            run(other.auth.answer_totp(challenge, wrong_code(setup.secret)))
        assert set(caught.value.fields) == {"code"}
        assert run(other.auth.answer_totp(challenge, one_time_code(setup.secret))) == app.auth.account

        run(app.auth.disable_totp())
        assert not run(app.auth.totp_is_on())
        assert run(App(stack).auth.sign_in(email, password)) == app.auth.account

    def test_a_forgotten_password_is_set_anew_and_then_changed(self, stack: Stack) -> None:
        app, cognito, email, passwords = (
            App(stack),
            Cognito(stack),
            new_email(),
            [new_password() for _ in "123"],
        )
        run(app.auth.sign_up(email, passwords[0]))
        run(app.auth.confirm(email, cognito.mailed_code(email)))
        run(app.auth.forgot(email))
        run(app.auth.reset(email, cognito.mailed_code(email), passwords[1]))
        assert run(app.auth.sign_in(email, passwords[1])) == app.auth.account
        run(app.auth.change_password(passwords[1], passwords[2]))
        assert run(App(stack).auth.sign_in(email, passwords[2])) == app.auth.account

    def test_who_was_invited_chooses_a_password(self, stack: Stack) -> None:
        app, email, password = App(stack), new_email(), new_password()
        stack.client("cognito-idp").admin_create_user(
            UserPoolId=stack.pool_id,
            Username=email,
            TemporaryPassword="Aa1!temporary",
            MessageAction="SUPPRESS",
            UserAttributes=[{"Name": "email", "Value": email}, {"Name": "email_verified", "Value": "true"}],
        )
        challenge = run(app.auth.sign_in(email, "Aa1!temporary"))
        assert isinstance(challenge, NewPasswordChallenge)
        assert isinstance(run(app.auth.answer_new_password(challenge, password)), Account)
        assert run(app.api.profile()).total_links == 0

    def test_the_sign_in_page_brings_the_session(
        self, app: App, stack: Stack, email: str, password: str
    ) -> None:
        tab = App(stack)
        back = sign_in_on_page(run(tab.auth.authorize_url()), email, password)
        assert back.startswith(f"{stack.base_url}/app/callback?")
        tab.address = back.removeprefix(f"{stack.base_url}/app")
        assert run(tab.auth.resume()) == app.auth.account
        assert run(tab.api.profile()).user_id
        assert run(tab.auth.totp_is_on()) is False

    @pytest.mark.parametrize("everywhere", [False, True])
    def test_a_session_that_was_ended_is_over(
        self, app: App, stack: Stack, email: str, password: str, everywhere: bool
    ) -> None:
        leaving = App(stack)
        run(leaving.auth.sign_in(email, password))
        still_there = App(stack, MemoryStorage(dict(leaving.storage.values)))
        run(still_there.auth.resume())
        run(leaving.auth.sign_out(everywhere=everywhere))
        assert leaving.storage.values == {}
        with pytest.raises(errors.SessionOverError):
            run(leaving.api.profile())
        with pytest.raises(errors.SessionOverError):
            run(still_there.auth.token(fresh=True))
        assert still_there.auth.account is None
        # Those who were signed out everywhere sign in again.
        run(app.auth.sign_in(email, password))


class TestLinks:
    def test_a_link_is_made_once_however_often_it_is_sent(self, app: App) -> None:
        key, draft = new_password(), LinkDraft("https://example.com/once", redirect_status=302)
        first, again = (run(app.api.create_link(draft, key)) for _ in range(2))
        assert (first.id, first.redirect_status) == (again.id, 302)

    def test_it_is_edited_by_whoever_saw_its_latest_version(self, app: App, link: Link) -> None:
        changes = LinkChanges({"original_url": "https://example.com/edited", "max_age": 60})
        edited = run(app.api.update_link(link.id, changes, link.etag))
        assert (edited.original_url, edited.max_age) == ("https://example.com/edited", 60)
        with pytest.raises(errors.ConflictError):
            run(app.api.update_link(link.id, LinkChanges({"max_age": None}), link.etag))
        assert run(app.api.link(link.id)) == edited

    def test_it_goes_to_the_trash_and_comes_back(self, app: App, link: Link) -> None:
        run(app.api.delete_link(link.id))
        with pytest.raises(errors.NotFoundError):
            run(app.api.link(link.id))
        trash = run(app.api.links(deleted=True)).items
        assert link.id in {found.id for found in trash if found.deleted_at}
        assert run(app.api.restore_link(link.id)).deleted_at is None
        assert link.id in {found.id for found in run(app.api.links(query=link.id)).items}

    def test_an_alias_is_free_until_it_is_taken(self, app: App) -> None:
        alias = f"app-{new_email()[4:16]}"
        assert run(app.api.alias_is_free(alias))
        made = run(app.api.create_link(LinkDraft("https://example.com/", alias=alias), new_password()))
        assert not run(app.api.alias_is_free(alias))
        run(app.api.delete_link(made.id))
        assert not run(app.api.alias_is_free(alias)), "a name is never given twice"
        with pytest.raises(errors.ConflictError, match="taken"):
            run(app.api.create_link(LinkDraft("https://example.com/", alias=alias), new_password()))

    def test_what_is_wrong_is_named_by_field(self, app: App, stack: Stack) -> None:
        with pytest.raises(errors.InvalidError) as caught:
            run(app.api.create_link(LinkDraft(f"{stack.base_url}/loop"), new_password()))
        assert caught.value.fields == {"originalUrl": "must not lead back to this service"}

    def test_pages_hold_every_link_once(self, app: App, link: Link) -> None:
        async def ids() -> list[str]:
            found, cursor = [], None
            while True:
                page = await app.api.links(cursor=cursor, limit=1)
                found += [one.id for one in page.items]
                if (cursor := page.next_cursor) is None:
                    return found

        found = run(ids())
        assert link.id in found
        assert len(found) == len(set(found))

    def test_all_of_them_are_exported(self, app: App, link: Link) -> None:
        async def export() -> str:
            return "".join([page async for page in app.api.export()])

        assert f'"id":"{link.id}"' in run(export()).replace(" ", "")

    def test_clicks_are_told_by_day_by_hour_and_as_csv(self, app: App, link: Link, visitor: Visitor) -> None:
        assert visitor.follow(link.id).status_code == 301
        until(lambda: run(app.api.link(link.id)).clicks, bool)
        day = link.created_at.date().isoformat()
        for interval, points in (("day", 1), ("hour", 24)):
            stats = run(app.api.stats(link.id, day, day, tz="UTC", interval=interval))
            assert len(stats.series) == points
            assert stats.total_clicks == 1
        csv = run(app.api.stats_csv(link.id, day, day, tz="UTC", interval="day"))
        assert csv.splitlines()[1].startswith(day)
        assert run(app.api.account_stats(day, day, tz="UTC", interval="day")).links > 0

    def test_api_tokens_are_made_and_ended(self, app: App) -> None:
        token = run(app.api.create_token("nightly build", ("links:read",)))
        assert (token.token or "").startswith("hc_")
        assert token.id in {found.id for found in run(app.api.tokens())}
        run(app.api.revoke_token(token.id))
        assert token.id not in {found.id for found in run(app.api.tokens())}
        with pytest.raises(errors.NotFoundError):
            run(app.api.revoke_token(token.id))


class TestTheDeployment:
    def test_the_nearest_endpoint_is_the_origin_where_there_is_one_alone(
        self, app: App, stack: Stack
    ) -> None:
        found = run(app.discovery())
        app.regions.learn(endpoints_for(found, stack.base_url))
        run(app.regions.measure())
        assert app.regions.current == Endpoint(found.region, stack.base_url)
        assert (app.regions.latencies[found.region] or 0) > 0
        assert run(app.api.health())

    def test_another_endpoint_takes_over_when_one_is_gone(self, app: App, stack: Stack) -> None:
        gone, there = Endpoint("gone", "http://127.0.0.1:9"), Endpoint("there", stack.base_url)
        app.regions.learn([gone, there])
        assert run(app.api.profile()).user_id
        assert app.regions.current == there


def wrong_code(secret: str) -> str:
    """Return a code that the authenticator app does not show now."""
    return f"{(int(one_time_code(secret)) + 500_000) % 1_000_000:06}"
