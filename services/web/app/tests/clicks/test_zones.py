"""Zones to choose from, and which day it is there."""

from datetime import timedelta
from zoneinfo import ZoneInfo

from hopcount_app.clicks import zones


def test_the_readers_own_comes_first_then_utc() -> None:
    offered = zones.choices("Europe/Vienna", "UTC")
    assert offered[:2] == ("Europe/Vienna", "UTC")
    assert len(set(offered)) == len(offered)
    assert list(offered[2:]) == sorted(offered[2:])


def test_the_chosen_one_is_always_offered() -> None:
    assert "Asia/Kathmandu" in zones.choices("UTC", "Asia/Kathmandu")
    assert zones.choices("UTC", "UTC")[0] == "UTC"


def test_every_zone_offered_is_one() -> None:
    assert all(ZoneInfo(zone) for zone in zones.OTHERS)


def test_the_readers_own_is_called_so() -> None:
    assert zones.label("America/New_York", "America/New_York") == "America/New York (yours)"
    assert zones.label("UTC", "UTC") == "UTC"


def test_days_begin_earlier_in_the_east() -> None:
    east, west = zones.today("Pacific/Kiritimati"), zones.today("Pacific/Pago_Pago")
    assert timedelta(days=1) <= east - west <= timedelta(days=2)


def test_an_unknown_zone_is_left_to_the_api() -> None:
    assert zones.today("Mars/Olympus") == zones.today("UTC")
    assert zones.today("../etc/passwd") == zones.today("UTC")
