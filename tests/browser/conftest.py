"""One browser for all. `debug` needs the built site alone, `live` the whole product.

They are not among `tests/e2e`: Playwright leaves an event loop marked as running, and no test after it could
call `asyncio.run`.
"""

from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser

from tests.support.browser import AppPage, launched, opened


@pytest.fixture(scope="session")
def browser() -> Iterator[Browser]:
    with launched() as browser:
        yield browser


@pytest.fixture(scope="module")
def app(browser: Browser, base_url: str) -> Iterator[AppPage]:
    """A tab that the tests of a file share, in a profile of its own: what one leaves, the next finds."""
    with opened(browser, base_url) as page:
        yield page


@pytest.fixture
def app_page(browser: Browser, base_url: str) -> Iterator[AppPage]:
    """A tab in a fresh profile; `app_page.open("/app/trash?debug=1")` opens a view in it."""
    with opened(browser, base_url) as page:
        yield page
