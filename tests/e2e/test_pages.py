"""Every page of the navigation, as different people see it: by daylight, in the dark, in German, on a phone."""

import re

import pytest
from playwright.sync_api import expect
from tests.browsing import PHONE, browsing, check, settle, shoot

HOW = {
    "light": {},
    "dark": {"color_scheme": "dark"},
    "german": {"locale": "de-DE"},
    "phone": {"viewport": PHONE},
}
PAGES = [
    "/dashboards", "/explore", "/exports", "/exports/new", "/days", "/streams", "/streams/lines", "/operations",
    "/operations/schedules", "/operations/ledger", "/settings", "/settings/people", "/settings/roles",
    "/settings/tokens", "/settings/audit", "/account", "/start", "/nothing-here",
]  # fmt: skip


# Notes each picture of a page that is drawn while what it shows is hidden.
WATCH = """() => {
  window.blanks = []
  const look = () => {
    if (!document.querySelector('main')?.checkVisibility()) window.blanks.push(location.pathname)
    requestAnimationFrame(look)
  }
  look()
}"""


def test_a_page_stays_until_the_next_one_can_be_shown(page, site):
    site.enter(page)
    site.open(page, "/account")
    page.evaluate(WATCH)
    for path in PAGES:
        site.go(page, path)
    assert sorted(set(page.evaluate("window.blanks"))) == []


@pytest.mark.parametrize("how", HOW)
def test_every_page_can_be_read_by_everybody(browser, site, how):
    faults = []
    with browsing(browser, **HOW[how]) as page:
        site.enter(page)
        site.open(page, "/account")
        for path in PAGES:
            site.go(page, path)
            expect(page).to_have_url(f"{site.address}/app{path}")
            expect(page.get_by_role("heading").first).to_be_visible()
            shoot(page, f"{path.strip('/').replace('/', '-')}-{how}", whole=how == "phone")
            faults += [f"{path}: {fault}" for fault in faults_of(page)]
    assert not faults, "\n".join(faults)


def faults_of(page):
    """What is wrong with a page whatever is on it."""
    try:
        check(page)
    except AssertionError as error:
        yield str(error)
    if page.evaluate("document.documentElement.scrollWidth > document.documentElement.clientWidth"):
        yield "it is wider than the screen"
    if page.get_by_role("heading", level=1).count() > 1:
        yield "it has several titles"


def test_every_place_of_the_navigation_leads_to_its_page(page, site):
    site.open(page, "/account")
    names = page.get_by_role("navigation", name="Main").get_by_role("listitem").all_inner_texts()
    assert names == ["Dashboards", "Explore", "Exports", "Days", "Streams", "Operations", "Settings"]
    for name in names:
        page.get_by_role("link", name=name, exact=True).click()
        expect(page.get_by_role("heading", level=1)).to_be_visible()
        expect(page).to_have_title(re.compile("Keepsum"))
        expect(page.get_by_role("link", name=name, exact=True)).to_have_attribute("aria-current", "page")
        expect(page.locator("#main")).to_be_focused()
        settle(page)


@pytest.mark.parametrize(
    ("role", "places"),
    [
        ("viewer", ["Dashboards", "Explore"]),
        ("analyst", ["Dashboards", "Explore", "Exports"]),
    ],
)
def test_people_see_the_places_that_their_roles_open(browser, site, role, places):
    with browsing(browser) as page:
        site.enter(page, role)
        site.open(page)
        listed = page.get_by_role("navigation", name="Main").get_by_role("listitem")
        assert listed.all_inner_texts() == places
        check(page)
