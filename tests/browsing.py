"""The interface as people use it: the system's Chromium before a real server, and what is asked of every page."""

import json
import os
import re
import shutil
import time
from contextlib import closing, contextmanager
from dataclasses import dataclass, replace
from functools import cache
from pathlib import Path
from typing import Any
from weakref import WeakKeyDictionary

from playwright.sync_api import expect
from tests.accounts import PASSWORD, PASSWORDS
from tests.control_file import Clock
from tests.served import token_of
from tests.systems import instant

from keepsum.assemble.install import DEFAULT, Install, open_install
from keepsum.cli.demo import CLOCK, ZONE
from keepsum.cli.worker import make_worker
from keepsum.http.interface import BUILT
from keepsum.http.serve import serving
from keepsum.model.access import machine
from keepsum.pipeline import links
from keepsum.pipeline.links import Given
from keepsum.settings import load

ROOT = Path(__file__).parents[1]
AXE = ROOT / "ui" / "node_modules" / "axe-core" / "axe.min.js"
# Menus and notices lie beside the landmarks, over the page.
LEFT_OUT = {"region": {"enabled": False}}
RULES = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"]
SHOTS, PICTURES = ROOT / "tests" / "e2e" / "screenshots", ROOT / "docs" / "images"
WIDE, PHONE = {"width": 1280, "height": 800}, {"width": 390, "height": 844}
# How else people look at a page than at a desk, in English, by day.
LOOKS = {"dark": {"color_scheme": "dark"}, "german": {"locale": "de-DE"}, "phone": {"viewport": PHONE}}
# A browser says this of every refusal, and refusals are what some tests are about.
REFUSED = "Failed to load resource"
# And these of files that a server which is away does not give; what people are shown then is what some tests are about.
AWAY = re.compile("Unable to preload|Failed to fetch dynamically imported module")
# What a page says when it has nothing to do: it drew what it had, and no timer was due.
IDLE = "() => new Promise((say) => requestIdleCallback(() => requestAnimationFrame(() => setTimeout(say, 25))))"
# What fades in is pale until it has.
STILL = """() => Promise.all(document.getAnimations()
  .filter((one) => one.effect.getComputedTiming().endTime !== Infinity)
  .map((one) => one.finished.catch(() => null))).then(() => true)"""
PATIENCE = 30.0  # seconds until a page must stand

expect.set_options(timeout=15_000)  # a busy machine is no fault of a page


@cache
def chromium():
    """Where the system's browser is, if it has one."""
    return next(filter(None, map(shutil.which, ("chromium", "chromium-browser", "google-chrome"))), None)


def built():
    """Whether there is an interface to look at."""
    return (BUILT / "index.html").is_file()


@contextmanager
def demo_site(folder):
    """Serve what the demo left in a folder, with a worker, at the demo's time until a test moves it."""
    settings = load(
        data_dir=folder / "data", key_dir=folder / "keys", packs=folder / "packs", enabled="demo", zone=ZONE, port=0
    )
    clock = Clock(instant(CLOCK))
    with closing(open_install(settings, clock=clock)) as install, site_of(install, clock) as site:
        yield site


@contextmanager
def site_of(install, clock):
    """Serve an install, with a worker."""
    install.accounts = replace(install.accounts, passwords=PASSWORDS)  # which cost little
    with serving(install, work=make_worker(install).run) as address:
        _known[address] = set()  # the address may have been another site's
        yield Site(address=address, install=install, clock=clock)


@dataclass(frozen=True, kw_only=True)
class Site:
    """A server, and who may come in: a person of each role, made when somebody first comes in as one."""

    address: str
    install: Install
    clock: Any  # what a test may move, where it does

    def person(self, *roles):
        """The address of somebody with these roles, who signs in with PASSWORD."""
        email = f"{'-'.join(roles)}@keepsum.example"
        accounts, now = self.install.accounts, self.install.clock()
        known = _known.setdefault(self.address, set())
        if email not in known:
            made = links.invite(accounts, machine(DEFAULT), email, roles, now=now)
            links.use(accounts, made.text, Given(password=PASSWORD, name=roles[0].title()), now=now)
            known.add(email)
        return email

    def enter(self, page, *roles):
        """Let a page's browser be signed in, an owner unless other roles are named."""
        given = {"email": self.person(*(roles or ("owner",))), "password": PASSWORD}
        response = page.context.request.post(f"{self.address}/v1/session", data=given)
        assert response.ok, response.text()

    def open(self, page, path="/"):
        """Go to a page of the interface and wait until it stands."""
        page.goto(f"{self.address}/app{path}")
        settle(page)

    def go(self, page, path):
        """Go on to another page of the interface as a link leads there, without loading it all again."""
        page.evaluate("(to) => history.pushState({}, '', to)", f"/app{path}")
        settle(page)

    def token(self, role="owner"):
        """The text of a token."""
        return token_of(self.install, role)


_known = {}
_open = WeakKeyDictionary()


def settle(page):
    """Wait until a page has asked for all it shows, and shows it.

    Twice in a row it must have been idle with no question open: what came in last may lead to another question.
    """
    page.wait_for_load_state("load")
    expect(page.locator("h1").first).to_be_attached()
    until, still = time.monotonic() + PATIENCE, 0
    while still < 2:
        page.evaluate(IDLE)
        still = 0 if _open[page] else still + 1
        assert time.monotonic() < until, f"it still waits for {[request.url for request in _open[page]]}"
    expect(page.locator("h1").first).to_be_visible()
    expect(page.locator("[data-pending]")).to_have_count(0)
    page.evaluate("document.fonts.ready.then(() => true)")


def check(page):
    """Hold a page to WCAG 2.2 AA, as far as a program can tell."""
    if not page.evaluate("'axe' in globalThis"):
        page.evaluate(AXE.read_text(encoding="utf-8"))
    expect(page.locator("[data-stale]")).to_have_count(0)
    page.evaluate(STILL)
    asked = {"runOnly": RULES, "rules": LEFT_OUT, "resultTypes": ["violations"]}
    found = page.evaluate("(asked) => axe.run(document, asked).then(({violations}) => violations)", asked)
    told = [f"{one['id']}: {one['help']}\n    {node['html'][:200]}\n    {node['failureSummary']}"
            for one in found for node in one["nodes"]]  # fmt: skip
    assert not told, "\n".join(told)


def shoot(page, name, *, whole=False):
    """Keep a picture of a page, to be looked at."""
    SHOTS.mkdir(parents=True, exist_ok=True)
    page.screenshot(path=SHOTS / f"{name}.png", full_page=whole)


def illustrate(page, name):
    """Keep a picture for the docs; only `make pictures` replaces those that are there."""
    shoot(page, name)
    if os.environ.get("KEEPSUM_PICTURES"):
        PICTURES.mkdir(parents=True, exist_ok=True)
        shutil.copyfile(SHOTS / f"{name}.png", PICTURES / f"{name}.png")


@contextmanager
def browsing(browser, **how):
    """A page in a browser of its own, with nobody signed in; fails if the page broke, or broke its own policy."""
    wanted = {"viewport": WIDE, "locale": "en-GB", "timezone_id": "Europe/London", "reduced_motion": "reduce"}
    context = browser.new_context(**wanted | how)
    context.set_default_timeout(15_000)
    page, broken = context.new_page(), []
    _watch(page)
    page.on("pageerror", lambda error: broken.append(str(error)) if not AWAY.search(str(error)) else None)
    page.on("console", lambda said: broken.append(said.text) if _is_fault(said) else None)
    try:
        yield page
        assert not broken, json.dumps(broken, indent=1)
    finally:
        context.close()


def _watch(page):
    """Keep the requests of a page that are on their way; of a stream of events only until it begins."""
    waiting = _open[page] = set()

    def asked(request):
        waiting.add(request)

    def over(request):
        waiting.discard(request)

    def answered(response):
        if response.headers.get("content-type", "").startswith("text/event-stream"):
            waiting.discard(response.request)

    page.on("request", asked)
    page.on("requestfinished", over)
    page.on("requestfailed", over)
    page.on("response", answered)


def _is_fault(said):
    return said.type == "error" and not said.text.startswith(REFUSED) and not AWAY.search(said.text)
