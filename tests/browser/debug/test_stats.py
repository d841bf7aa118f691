"""A link's clicks in the app, with made-up data: ranges, hours, the table, the file, Back and reload."""

import csv
import re
from datetime import UTC, datetime
from urllib.parse import parse_qs, urlsplit

import pytest
from playwright.sync_api import Page

from tests.support.browser import AppPage

ROW = re.compile(r"(\w{3} \d+ \w{3} \d{4}): people ([\d,]+), machines ([\d,]+)")
TOTALS = re.compile(r"([\d,]+) clicks? by people, ([\d,]+) by machines")


@pytest.fixture(scope="module")
def page(app: AppPage) -> Page:
    """The view of one link, loaded once for all tests of this file."""
    return app.open("/app/links/survey?debug=1")


def chart(page: Page, words: str = "") -> str:
    """Wait for the chart whose description begins so, and return all of it."""
    picture = page.get_by_role("img", name=re.compile(f"^Clicks by {words}"))
    picture.wait_for()
    return str(picture.get_attribute("aria-label"))


def asked(page: Page) -> dict[str, list[str]]:
    """Return what the address says of the period."""
    query = parse_qs(urlsplit(page.url).query)
    return {name: values for name, values in query.items() if name != "debug"}


def rows(page: Page) -> list[tuple[str, str, str]]:
    """Return what the table tells, the latest first: when, people, machines."""
    return [(row[0], row[1], row[2]) for row in ROW.findall(page.locator("body").aria_snapshot())]


def number(text: str) -> int:
    return int(text.replace(",", ""))


def test_a_link_opens_by_its_address(page: Page) -> None:
    page.get_by_role("heading", name="sho.rt/survey").wait_for()
    assert chart(page, "day")
    page.get_by_role("button", name="Time zone Europe/Amsterdam").wait_for()  # the browser's own
    assert asked(page) == {}


def test_who_it_was_is_told_in_words(page: Page) -> None:
    for title in ("Countries", "Devices", "Browsers", "Systems", "Languages", "Where they came from"):
        assert page.get_by_role("heading", name=title, exact=True).count() == 1
    told = page.locator("body").aria_snapshot()
    assert re.search(r"Switzerland: [\d,]+, \d+%", told)
    assert re.search(r"Direct: typed, scanned, or not told: [\d,]+, \d+%", told)


def test_ranges_and_hours_are_in_the_address(page: Page) -> None:
    page.get_by_role("button", name="7 days").click()
    page.wait_for_url("**range=7d*")
    page.get_by_role("button", name="By hour").click()
    assert chart(page, "hour")
    assert asked(page) == {"range": ["7d"], "by": ["hour"]}


def test_a_year_has_no_hours(page: Page) -> None:
    page.get_by_role("button", name="1 year").click()
    assert chart(page, "day")
    # Playwright's own look at roles leaves disabled ones out of what can be found by name.
    page.locator("[role=button][aria-disabled=true]", has_text="By hour").wait_for()


def test_back_keeps_the_place(page: Page) -> None:
    page.go_back()
    assert chart(page, "hour")
    page.go_back()
    assert chart(page, "day")
    assert asked(page) == {"range": ["7d"]}


def test_the_table_and_the_file_tell_the_same_as_the_chart(page: Page) -> None:
    described = TOTALS.search(chart(page, "day"))
    page.get_by_role("button", name="Show as table").click()
    page.get_by_role("button", name="Show as chart").wait_for()
    told = rows(page)
    assert len(told) == 7
    assert described is not None
    assert [sum(number(row[column]) for row in told) for column in (1, 2)] == [
        number(total) for total in described.groups()
    ]
    with page.expect_download() as download:
        page.get_by_role("button", name="Download as CSV").click()
    assert re.fullmatch(r"survey-\d{4}-\d\d-\d\d-\d{4}-\d\d-\d\d\.csv", download.value.suggested_filename)
    with download.value.path().open(newline="") as file:
        lines = list(csv.DictReader(file))
    in_file = [(day(line["date"]), line["clicks"], line["botClicks"]) for line in lines]
    assert in_file[::-1] == [(when, str(number(people)), str(number(bots))) for when, people, bots in told]


def day(text: str) -> str:
    return datetime.fromisoformat(text).strftime("%a %-d %b %Y")


def test_wrong_days_are_refused_and_right_ones_are_shown(page: Page) -> None:
    page.get_by_role("button", name="Own", exact=True).click()
    first = page.get_by_role("textbox", name="First day")
    first.fill("2026-02-30")
    first.press("Enter")
    page.get_by_text("Write days like").last.wait_for()  # it is announced, too
    last = datetime.strptime(rows(page)[0][0], "%a %d %b %Y").replace(tzinfo=UTC).date().isoformat()
    first.fill(last)
    first.press("Enter")
    page.wait_for_url(f"**from={last}&to={last}*")


def test_a_reload_keeps_the_place(app: AppPage, page: Page) -> None:
    before = asked(page)
    app.reload()
    assert chart(page, "day")
    assert asked(page) == before
    assert app.complaints == []
