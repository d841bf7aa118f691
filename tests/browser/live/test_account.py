"""Who somebody is, in the app: from sign-up to sign-out, with a second step, by keyboard alone.

One story in one tab: each test goes on where the one before ended, for each load of the app takes seconds.
"""

import json
import re
from dataclasses import dataclass, field

import pytest
from playwright.sync_api import Page, expect

from tests.support.app import fill, press, see, told
from tests.support.browser import AppPage
from tests.support.people import Cognito, new_email, new_password, one_time_code
from tests.support.semantics import unnamed_controls
from tests.support.stack import Stack


@dataclass
class Person:
    """Somebody new. `secret` is what their authenticator app holds, once there is one."""

    email: str = field(default_factory=new_email)
    password: str = field(default_factory=new_password)
    secret: str = ""


@pytest.fixture(scope="module")
def person() -> Person:
    return Person()


def sign_in_by_keyboard(page: Page, person: Person) -> None:
    """Type where the focus is, and go on by Tab and Enter."""
    expect(page.get_by_role("textbox", name="Email", exact=True)).to_be_focused()
    page.keyboard.type(person.email)
    page.keyboard.press("Tab")
    expect(page.get_by_role("textbox", name="Password", exact=True)).to_be_focused()
    page.keyboard.type(person.password)
    page.keyboard.press("Enter")


def kept(page: Page) -> list[str]:
    """Return the names under which the browser keeps something of a session."""
    names: list[str] = page.evaluate("Object.keys(localStorage)")
    return [name for name in names if "session" in name]


def test_a_view_that_wants_an_account_shows_the_sign_in(app: AppPage) -> None:
    page = app.open("/app/account")
    see(page, "Sign in")
    assert unnamed_controls(page) == []


def test_whoever_signs_up_gets_a_code_by_mail(app: AppPage, person: Person, stack: Stack) -> None:
    page = app.page
    press(page, "Sign up")
    see(page, "Create an account")
    fill(page, Email=person.email, Password="short")
    press(page, "Create account")
    told(page, "Still needed:")
    fill(page, Password=person.password)
    press(page, "Create account")
    see(page, "Confirm your address")
    code = Cognito(stack).mailed_code(person.email)
    fill(page, Code="000000" if code != "000000" else "000001")
    press(page, "Confirm")
    told(page, "That code is not right.")
    page.keyboard.press("Control+A")
    page.keyboard.type(code)
    page.keyboard.press("Enter")
    see(page, "Sign in")
    told(page, "Your address is confirmed.")


def test_a_sign_in_leads_where_somebody_wanted_to_go(app: AppPage, person: Person) -> None:
    page = app.page
    fill(page, Password=person.password)
    page.keyboard.press("Enter")
    see(page, "Account")
    told(page, person.email)
    assert page.url == f"{app.base_url}/app/account"
    assert kept(page)


def test_an_authenticator_app_is_set_up_by_its_code(app: AppPage, person: Person) -> None:
    page = app.page
    press(page, "Set up")
    shown = page.get_by_text(re.compile(r"Key( [A-Z2-7]{1,4})+")).first
    found = re.search(r"Key((?: [A-Z2-7]{1,4})+)", shown.inner_text())
    assert found
    person.secret = found[1].replace(" ", "")
    fill(page, Code=one_time_code(person.secret))
    page.keyboard.press("Enter")
    expect(page.get_by_role("button", name="Turn off", exact=True)).to_be_attached()
    assert unnamed_controls(page) == []


def test_a_session_survives_a_reload(app: AppPage, person: Person) -> None:
    page = app.reload()
    see(page, "Account")
    told(page, person.email)


def test_signing_out_leaves_nothing_behind(app: AppPage, person: Person) -> None:
    page = app.page
    press(page, "Sign out")
    see(page, "Sign in")
    assert kept(page) == []
    assert person.email not in json.dumps(page.evaluate("({...localStorage})"))


def test_the_second_step_is_wanted_and_needs_no_mouse(app: AppPage, person: Person) -> None:
    page = app.page
    sign_in_by_keyboard(page, person)
    see(page, "Enter your code")
    expect(page.get_by_role("textbox", name="Code", exact=True)).to_be_focused()
    page.keyboard.type(one_time_code(person.secret))
    page.keyboard.press("Enter")
    expect(page.get_by_role("button", name="New link").first).to_be_attached(timeout=30_000)
    assert page.url == f"{app.base_url}/app/"
    assert kept(page)


def test_nothing_went_wrong_on_the_way(app: AppPage, stack: Stack) -> None:
    assert app.asked_of_others(stack.outputs["awsEndpointUrl"]) == []
    refused = [said for said in app.complaints if "400" not in said]  # the wrong code, as the console has it
    assert refused == []
