import shutil
from contextlib import ExitStack
from functools import cache
from pathlib import Path

import pytest
from playwright.sync_api import sync_playwright
from tests.browsing import browsing, built, chromium, demo_site

HERE = Path(__file__).parent
_running = ExitStack()


@pytest.fixture
def browser():
    """The system's Chromium, started once for all the tests here that follow each other."""
    if chromium() is None:
        pytest.skip("needs Chromium, which `apt-get install chromium` brings")
    if not built():
        pytest.fail("The interface is not built: run `make ui`.")
    return _browser()


@cache
def _browser():
    playwright = _running.enter_context(sync_playwright())
    browser = playwright.chromium.launch(executable_path=chromium())
    _running.callback(browser.close)
    return browser


@pytest.hookimpl(wrapper=True)
def pytest_runtest_teardown(nextitem):
    """End the browser before a test of another folder.

    TRICKY: while it is there, its event loop keeps other tests of the process from theirs.
    """
    try:
        return (yield)
    finally:
        if nextitem is None or HERE not in nextitem.path.parents:
            _browser.cache_clear()
            _running.close()


@pytest.fixture(scope="module")
def site(tmp_path_factory, demonstrated):
    """A server of the module's own over three months of a real shop, two of them purged."""
    folder = tmp_path_factory.mktemp("site") / "demo"
    assert demonstrated.code == 0, demonstrated.said
    shutil.copytree(demonstrated.folder, folder)
    with demo_site(folder) as site:
        yield site


@pytest.fixture
def stranger(browser):
    """A page before which nobody has signed in."""
    with browsing(browser) as page:
        yield page


@pytest.fixture
def page(browser, site):
    """A page of an owner."""
    with browsing(browser) as page:
        site.enter(page)
        yield page
