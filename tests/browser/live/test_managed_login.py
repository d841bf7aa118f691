"""Signing in on the pool's own pages: out of the app, and back to where somebody wanted to go."""

from playwright.sync_api import expect

from tests.support.app import press, see, told
from tests.support.browser import AppPage, origin
from tests.support.people import Cognito, new_email, new_password
from tests.support.stack import Stack


def test_somebody_signs_in_elsewhere_and_comes_back_to_the_view_they_wanted(
    app: AppPage, stack: Stack
) -> None:
    cognito, email, password = Cognito(stack), new_email(), new_password()
    cognito.sign_up(email, password).raise_for_status()
    cognito.confirm(email, cognito.mailed_code(email)).raise_for_status()
    page = app.open("/app/account")
    see(page, "Sign in")
    press(page, "Continue with the sign-in page")
    page.locator("input[name=username]").fill(email)
    assert origin(page.url) == origin(stack.outputs["awsEndpointUrl"])
    page.locator("input[name=password]").fill(password)
    page.keyboard.press("Enter")
    page.wait_for_url(f"{app.base_url}/app/**", wait_until="commit")
    app.await_drawn()
    see(page, "Account")
    told(page, email)
    expect(page).to_have_url(f"{app.base_url}/app/account")  # and nothing of the code is left in the address


def test_nothing_went_wrong_on_the_way(app: AppPage, stack: Stack) -> None:
    assert app.asked_of_others(stack.outputs["awsEndpointUrl"]) == []
    # The page of the local pool has no icon.
    assert [said for said in app.complaints if "/favicon.ico" not in said] == []
