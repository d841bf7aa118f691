"""Which entry of the navigation is marked."""

import pytest

from hopcount_app.shell import DESTINATIONS, selected


@pytest.mark.parametrize(
    ("path", "label"),
    [("/", "Links"), ("/links/py-docs", "Links"), ("/new", "New link"), ("/trash", "Trash")],
)
def test_a_view_belongs_to_an_entry(path: str, label: str) -> None:
    index = selected(path)
    assert index is not None
    assert DESTINATIONS[index].label == label


def test_an_unknown_view_belongs_to_none() -> None:
    assert selected("/nothing") is None
