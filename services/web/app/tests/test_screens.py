"""What is counted of a view: its kind."""

import pytest

from hopcount_app import navigation as to
from hopcount_app.screens import screen_of
from hopcount_app.shell import DESTINATIONS


def test_every_entry_of_the_navigation_has_a_kind_of_its_own() -> None:
    kinds = {screen_of(destination.path) for destination in DESTINATIONS}
    assert len(kinds) == len(DESTINATIONS)
    assert "not_found" not in kinds


@pytest.mark.parametrize(
    ("path", "screen"),
    [
        (to.link_address("py-docs"), "details"),
        (to.CALLBACK, "sign_in"),
        (to.FORGOT, "forgot"),
        ("/nowhere", "not_found"),
    ],
)
def test_a_view_is_counted_by_its_kind_and_not_by_its_address(path: str, screen: str) -> None:
    assert screen_of(path) == screen
