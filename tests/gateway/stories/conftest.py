"""One served installation and one browser, for all stories that are told through pages."""

import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, sync_playwright

from gateway import wiring
from gateway.settings import Settings
from gateway.tasks.catalogue import DUTIES
from gateway.tasks.drain import Drain
from gateway.wiring import Installation
from tests.gateway.pages.browsing import launched
from tests.gateway.stories.people import House
from tests.gateway.test_check_in_browser import serving


@pytest.fixture(scope="module")
def _shared(told_home: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Installation]:
    """A copy of the told story that the stories of one file change together, each with goods of its own;
    its jobs are done as ``lotproof serve`` does them."""
    home = tmp_path_factory.mktemp("stories") / "home"
    shutil.copytree(told_home, home)
    installation = wiring.open_(Settings(home=home))
    drain = Drain(installation, DUTIES, lambda lost: pytest.fail(str(lost)))
    drain.start()
    yield installation
    drain.stop()
    installation.close()


@pytest.fixture(scope="module")
def _browser() -> Iterator[Browser]:
    with sync_playwright() as playwright:
        browser = launched(playwright)
        yield browser
        browser.close()


@pytest.fixture(scope="module")
def open_house(_shared: Installation, _browser: Browser) -> Iterator[House]:
    with serving(_shared) as address:
        yield House(_shared, _browser, address)
