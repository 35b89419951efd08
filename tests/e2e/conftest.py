import fcntl
import shutil

import pytest
from playwright.sync_api import sync_playwright
from tests.browsing import browsing, built, chromium, demo_site, make_demo


@pytest.fixture(scope="module")
def browser():
    """The system's Chromium.

    TRICKY: of a module, not of the run: while it is there, its event loop keeps other tests of the process from theirs.
    """
    if chromium() is None:
        pytest.skip("needs Chromium, which `apt-get install chromium` brings")
    if not built():
        pytest.fail("The interface is not built: run `make ui`.")
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=chromium())
        yield browser
        browser.close()


@pytest.fixture(scope="session")
def demo_folder(tmp_path_factory):
    """What the demo leaves, made once for all workers of a run."""
    place = tmp_path_factory.getbasetemp().parent / "demo-of-all"
    place.mkdir(exist_ok=True)
    with (place / "lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        folder = place / "demo"
        return folder if folder.exists() else make_demo(place)


@pytest.fixture(scope="module")
def site(tmp_path_factory, demo_folder):
    """A server of the module's own over three months of a real shop, two of them purged."""
    folder = tmp_path_factory.mktemp("site") / "demo"
    shutil.copytree(demo_folder, folder)
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
