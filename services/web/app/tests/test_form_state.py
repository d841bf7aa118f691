"""A form: what it blames people for, when, and what it says when a backend refuses."""

import pytest

from hopcount_app import validation
from hopcount_app.api_service.errors import InvalidError, OfflineError
from hopcount_app.form_state import FormState


@pytest.fixture
def form() -> FormState:
    return FormState({"email": validation.email, "password": validation.required})


def test_nothing_is_wrong_before_somebody_tries(form: FormState) -> None:
    form.type("email", "me")
    form.leave("password")
    assert form.errors == {}


def test_a_field_is_checked_once_it_is_left(form: FormState) -> None:
    form.type("email", "me")
    form.leave("email")
    assert list(form.errors) == ["email"]


def test_an_error_goes_as_soon_as_it_is_mended(form: FormState) -> None:
    form.type("email", "me")
    form.leave("email")
    form.type("email", "me@example.com")
    assert form.errors == {}


def test_all_fields_are_checked_before_it_is_sent(form: FormState) -> None:
    form.type("email", "me@example.com")
    assert not form.check()
    assert form.first_wrong() == "password"
    form.type("password", "x")
    assert form.check()
    assert form.first_wrong() is None


def test_a_refusal_is_shown_at_the_field_that_it_names(form: FormState) -> None:
    form.refuse(InvalidError("No.", {"email": "is taken", "colour": "is unknown"}))
    assert (form.errors, form.problem) == ({"email": "is taken"}, "")


@pytest.mark.parametrize(
    "error", [OfflineError("No network."), InvalidError("No network.", {"colour": "is unknown"})]
)
def test_any_other_refusal_is_shown_above_the_form(
    form: FormState, error: OfflineError | InvalidError
) -> None:
    form.refuse(error)
    assert (form.errors, form.problem) == ({}, "No network.")
    assert form.first_wrong() == "password", "where people most likely have to type again"


def test_the_next_try_begins_without_the_last_problem(form: FormState) -> None:
    form.refuse(OfflineError())
    form.check()
    assert form.problem == ""


def test_secrets_are_not_kept_longer_than_they_are_needed(form: FormState) -> None:
    form.type("email", "me@example.com")
    form.type("password", "secret")
    form.forget(["password"])
    assert form.values == {"email": "me@example.com"}
