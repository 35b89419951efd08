"""What is pointed at in a chart: with a mouse, with a finger, and with neither."""

import re

import pytest
from playwright.sync_api import expect
from tests.browsing import PHONE, browsing, check, settle
from tests.e2e.test_dashboards import OVERVIEW, make, tile

ON_PAPER = """(title) => {
  dispatchEvent(new Event('beforeprint'))
  const charts = [...document.querySelectorAll('.chart:not([data-screen])')]
  const chart = charts.find((one) => one.ariaLabel.startsWith(title))
  const texts = [...chart.querySelectorAll('text')].map((one) => one.textContent)
  dispatchEvent(new Event('afterprint'))
  return texts
}"""


@pytest.fixture
def board(page, site):
    return make(page, site, OVERVIEW)


def chart(page, title):
    return page.get_by_role("img", name=re.compile(f"^{title}"))


def spot(page, title, across, down):
    """A point of a chart on the screen, by shares of its width and height."""
    chart(page, title).scroll_into_view_if_needed()
    box = chart(page, title).bounding_box()
    return box["x"] + box["width"] * across, box["y"] + box["height"] * down


def slice_of_ring(page):
    chart(page, "Ring").scroll_into_view_if_needed()
    box = chart(page, "Ring").bounding_box()
    return box["x"] + box["width"] * 0.3, box["y"] + (box["height"] + 0.6 * min(box["width"], box["height"])) / 2


def test_a_finger_chooses_what_it_touches_and_is_offered_it_there(browser, site):
    with browsing(browser, viewport=PHONE, has_touch=True, is_mobile=True) as page:
        site.enter(page)
        site.open(page, f"/dashboards/{make(page, site, OVERVIEW)}")
        x, y = slice_of_ring(page)
        page.touchscreen.tap(x, y)
        item = page.get_by_role("menuitem", name="Show only United Kingdom")
        expect(item).to_be_visible()
        box = page.get_by_role("menu").bounding_box()
        assert abs(box["y"] - y) < 40, "beside the finger"
        check(page)
        item.tap()
        expect(tile(page, "Revenue")).to_contain_text("£1,519,298.83")


def test_what_is_under_a_line_is_of_the_day_that_is_pointed_at(page, site, board):
    site.open(page, f"/dashboards/{board}")
    page.mouse.click(*spot(page, "Stacked", 0.5, 0.82))
    expect(page.get_by_role("menuitem", name="Look into Sat, 15 Jan 2011")).to_be_visible()


def test_the_sea_is_no_country(page, site, board):
    site.open(page, f"/dashboards/{board}")
    tile(page, "Countries").get_by_role("button", name="France").click()
    expect(page.get_by_role("menu")).to_be_visible()  # what a choice opens has come
    page.keyboard.press("Escape")
    expect(page.get_by_role("menu")).to_have_count(0)
    page.mouse.click(*spot(page, "Where customers are", 0.06, 0.6))
    page.wait_for_timeout(500)
    assert page.get_by_role("menu").count() == 0


def test_a_name_that_the_legend_leaves_out_stays_out(page, site, board):
    site.open(page, f"/dashboards/{board}")
    assert "4k" in page.evaluate(ON_PAPER, "Stacked")
    x, y = spot(page, "Stacked", 0, 0)
    page.mouse.click(x + 40, y + 8)  # the United Kingdom, which has by far the most
    expect(page).to_have_url(re.compile("off="))
    assert "4k" not in page.evaluate(ON_PAPER, "Stacked")
    before = picture(page)
    page.reload()
    settle(page)
    assert picture(page) == before
    assert "4k" not in page.evaluate(ON_PAPER, "Stacked")
    tile(page, "Countries").get_by_role("button", name="France").click()
    page.get_by_role("menuitem", name="Show only France").click()
    expect(tile(page, "Revenue")).to_contain_text("£35,517.34")
    page.go_back()  # all is drawn anew
    expect(tile(page, "Revenue")).to_contain_text("£1,807,019.93")
    settle(page)
    assert "4k" not in page.evaluate(ON_PAPER, "Stacked")
    page.get_by_role("button", name="Reset").click()
    settle(page)
    assert "4k" in page.evaluate(ON_PAPER, "Stacked")


def picture(page):
    """The points of a chart, which stands still."""
    page.mouse.move(1, 1)
    settle(page)
    return chart(page, "Stacked").locator("canvas").first.evaluate("(canvas) => canvas.toDataURL()")


def test_without_a_mouse_a_chart_is_read_and_chosen_from_as_a_table(page, site, board):
    site.open(page, f"/dashboards/{board}")
    page.get_by_role("button", name="Actions of Ring").press("Enter")
    page.get_by_role("menuitem", name="Show as a table").press("Enter")
    germany = tile(page, "Ring").get_by_role("button", name="Germany")
    germany.press("Enter")
    expect(page.get_by_role("menuitem", name="Show only Germany")).to_be_focused()
    check(page)
    page.keyboard.press("Escape")
    expect(germany).to_be_focused()
    germany.press("Enter")
    page.keyboard.press("Enter")
    expect(tile(page, "Revenue")).to_contain_text("£39,983.51")
