"""Menus and small windows come when somebody reaches for them, and are then as if they had been there."""

import re

import pytest
from playwright.sync_api import expect
from tests.browsing import check
from tests.e2e.test_dashboards import OVERVIEW, make, tile
from tests.e2e.test_weight import MOST

SCRIPTS = """performance.getEntriesByType('resource').filter(({ name }) => name.endsWith('.js'))
  .map(({ name, encodedBodySize }) => [name.split('/').at(-1), encodedBodySize])"""
DRAWS = re.compile(r"^(engine|countries-110m|src)-")  # ECharts, the world, and what unpacks it


@pytest.fixture
def board(page, site):
    found = make(page, site, OVERVIEW)
    site.open(page, f"/dashboards/{found}")
    return found


@pytest.mark.usefixtures("board")
def test_until_somebody_reaches_for_something_a_dashboard_loads_little_script(page):
    loaded = {name: size for name, size in page.evaluate(SCRIPTS) if not DRAWS.match(name)}
    assert all(loaded.values()), "a size that nobody knows is no size"
    assert sum(loaded.values()) <= MOST, sorted(loaded.items(), key=lambda one: -one[1])


@pytest.mark.usefixtures("board")
def test_one_press_opens_a_menu_and_escape_leads_back_to_its_button(page):
    button = page.get_by_role("button", name="More about Sales overview")
    expect(button).to_have_attribute("aria-haspopup", "menu")
    expect(button).to_have_attribute("aria-expanded", "false")
    button.press("Enter")
    expect(page.get_by_role("menuitem", name="Make a copy")).to_be_focused()
    expect(button).to_have_attribute("aria-expanded", "true")
    expect(page.get_by_role("menu", name="More about Sales overview")).to_be_visible()
    check(page)
    page.keyboard.press("ArrowDown")
    expect(page.get_by_role("menuitem", name="Full screen")).to_be_focused()
    page.keyboard.press("Escape")
    expect(page.get_by_role("menu")).to_have_count(0)
    expect(button).to_be_focused()


@pytest.mark.usefixtures("board")
def test_one_press_opens_a_window_and_the_focus_goes_into_it_and_back(page):
    badge = tile(page, "Customers").get_by_role("button", name=re.compile("^What these numbers are"))
    badge.press("Enter")
    window = page.get_by_role("dialog")
    expect(window).to_contain_text("Customers is an estimate")
    assert window.evaluate("(element) => element.contains(document.activeElement)")
    page.keyboard.press("Escape")
    expect(window).to_have_count(0)
    expect(badge).to_be_focused()


@pytest.mark.usefixtures("board")
def test_a_dialog_gives_the_focus_back(page):
    button = page.get_by_role("button", name="Share")
    button.press("Enter")
    expect(page.get_by_role("dialog", name="Share this dashboard")).to_be_visible()
    page.keyboard.press("Escape")
    expect(page.get_by_role("dialog")).to_have_count(0)
    expect(button).to_be_focused()


@pytest.mark.usefixtures("board")
def test_a_click_opens_and_another_closes_and_nothing_moves(page):
    button = page.get_by_role("button", name=re.compile("^Grain: "))
    place = button.bounding_box()
    button.click()
    expect(page.get_by_role("menuitemradio", name="Week")).to_be_visible()
    assert button.bounding_box() == place
    button.click()
    expect(page.get_by_role("menuitemradio")).to_have_count(0)
    button.click()
    page.get_by_role("menuitemradio", name="Week").click()
    expect(page).to_have_url(re.compile("grain=week"))
    expect(page.get_by_role("button", name="Grain: Week")).to_be_visible()


@pytest.mark.usefixtures("board")
def test_a_sign_has_a_word_for_whoever_points_at_it_or_comes_by_keyboard(page):
    button = page.get_by_role("button", name="Refresh", exact=True)
    button.hover()
    word = page.get_by_role("tooltip", name="Refresh")
    expect(word).to_be_visible()
    page.keyboard.press("Escape")
    page.mouse.move(0, 0)
    expect(word).to_have_count(0)
    page.get_by_role("button", name="Watch live").focus()
    page.keyboard.press("Tab")
    expect(button).to_be_focused()
    expect(word).to_be_visible()


@pytest.mark.usefixtures("board")
def test_what_cannot_be_loaded_says_so_and_opens_when_the_line_is_back(page):
    page.evaluate("globalThis.isSamePage = true")
    button = page.get_by_role("button", name="More about Sales overview")
    page.context.set_offline(True)
    button.click()
    notice = page.get_by_role("alert").filter(has_text="This could not be loaded")
    expect(notice).to_be_visible()
    check(page)
    expect(button).to_have_attribute("aria-expanded", "false")
    page.context.set_offline(False)
    notice.get_by_role("button", name="Close").click()
    expect(notice).to_have_count(0)
    button.click()
    expect(page.get_by_role("menuitem", name="Make a copy")).to_be_visible()
    assert page.evaluate("globalThis.isSamePage"), "the page was not begun anew"


@pytest.mark.usefixtures("board")
def test_a_map_whose_room_goes_and_comes_back_draws_on(page):
    room = page.get_by_role("img", name=re.compile("^Where customers are"))
    height = room.evaluate("(element) => { const { height } = element.getBoundingClientRect(); return height }")
    room.evaluate("(element) => { element.style.height = '0px' }")
    page.wait_for_timeout(200)
    room.evaluate("(element) => { element.style.height = '' }")
    expect(room.locator("canvas")).to_have_css("height", f"{int(height)}px")
