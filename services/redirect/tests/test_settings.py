import pytest

from hopcount_shared.errors import SettingsError
from redirect.settings import RedirectSettings

ENVIRON = {
    "TABLE_NAME": "links",
    "EVENT_BUS_NAME": "bus",
    "CLICK_QUEUE_URL": "https://queue",
    "STAGE": "test",
    "CLICK_TRANSPORT": "bus",
    "CACHE_SECONDS": "10",
    "STALE_SECONDS": "3600",
    "LINK_READER": "dynamodb",
}


def test_all_is_read() -> None:
    settings = RedirectSettings(ENVIRON)
    assert (settings.table_name, settings.event_bus_name) == ("links", "bus")
    assert (settings.click_queue_url, settings.stage) == ("https://queue", "test")
    assert (settings.click_transport, settings.link_reader) == ("bus", "dynamodb")
    assert (settings.cache_seconds, settings.stale_seconds) == (10.0, 3600.0)
    assert settings.dax_endpoint == ""


def test_an_address_belongs_to_dax() -> None:
    with pytest.raises(SettingsError, match="DAX_ENDPOINT is not set"):
        RedirectSettings({**ENVIRON, "LINK_READER": "dax"})
    settings = RedirectSettings({**ENVIRON, "LINK_READER": "dax", "DAX_ENDPOINT": "daxs://cluster"})
    assert settings.dax_endpoint == "daxs://cluster"


@pytest.mark.parametrize("name", ENVIRON)
def test_nothing_that_is_needed_has_a_default(name: str) -> None:
    with pytest.raises(SettingsError, match=f"{name} is not set"):
        RedirectSettings({key: value for key, value in ENVIRON.items() if key != name})


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("TABLE_NAME", ""),
        ("CLICK_TRANSPORT", "pigeon"),
        ("LINK_READER", "redis"),
        ("CACHE_SECONDS", "-1"),
        ("CACHE_SECONDS", "1.5"),
        ("STALE_SECONDS", "\u0661"),
    ],
)
def test_what_is_wrong_is_named_and_not_shown(name: str, value: str) -> None:
    with pytest.raises(SettingsError, match=name) as caught:
        RedirectSettings({**ENVIRON, name: value})
    assert not value or value not in str(caught.value)


def test_all_problems_are_told_at_once() -> None:
    with pytest.raises(SettingsError) as caught:
        RedirectSettings({})
    assert all(name in str(caught.value) for name in ENVIRON)
