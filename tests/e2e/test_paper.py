"""Boards on paper: whole, sharp and light, whatever somebody looks at them in."""

import pytest
from playwright.sync_api import expect
from tests.browsing import browsing
from tests.e2e.test_dashboards import OVERVIEW, make, tile

# What the browser is about to take to paper: the last listener of its event is the test's.
WATCHED = """() => addEventListener('beforeprint', () => {
  const all = (selector) => [...document.querySelectorAll(selector)]
  const charts = all('.chart').filter((one) => one.checkVisibility())
  globalThis.paper = {
    ground: getComputedStyle(document.documentElement).getPropertyValue('--card').trim(),
    width: document.querySelector('main').clientWidth,
    charts: charts.map((one) => one.querySelector('svg') !== null && one.querySelector('canvas') === null),
    filled: charts.every((one) => one.querySelector('svg').getBoundingClientRect().width === one.clientWidth),
    dots: all('[aria-label^="Where customers are"] path[fill="#5070dd"]').length,
    rows: all('#paper-end tbody tr').length,
    head: all('#paper-end th').map((one) => one.textContent.trim()),
    text: document.querySelector('main').innerText,
    bands: all('[data-whole]').map((one) => getComputedStyle(one).breakInside),
  }
})"""


def printed(page, **how):
    """What a page was when it was taken to paper."""
    page.evaluate(WATCHED)
    assert page.pdf(**how).startswith(b"%PDF")
    return page.evaluate("globalThis.paper")


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_a_board_is_on_paper_as_by_day_and_afterwards_as_before(browser, site, scheme):
    with browsing(browser, color_scheme=scheme) as page:
        site.enter(page)
        site.open(page, f"/dashboards/{make(page, site, OVERVIEW)}")
        paper = printed(page, landscape=True, format="A4")
        assert paper["ground"] in {"#fff", "#ffffff"}
        assert paper["width"] == 1032, "A4 on its side"
        assert len(paper["charts"]) == 11
        assert all(paper["charts"]), "as lines, not as points"
        assert paper["filled"]
        assert paper["dots"] == 0, "nothing is on a map that is not on it on a screen"
        assert paper["bands"] == ["avoid"] * 5
        for said in (
            "Sales overview",
            "1 December 2010 to 28 February 2011",
            "Final: every day is sealed, its sums proven against its records.",
            "Customers is an estimate: the true figure is within ± 5%. (Customers)",
        ):
            assert said in paper["text"]
        assert page.locator("html").get_attribute("data-mantine-color-scheme") == scheme
        expect(page.locator(".chart svg")).to_have_count(0)
        expect(page.get_by_role("img", name="Ring").locator("canvas")).to_be_visible()


def test_a_table_that_is_longer_than_its_widget_is_whole_at_the_end(browser, site):
    with browsing(browser, locale="de-DE") as page:
        site.enter(page)
        site.open(page, f"/dashboards/{make(page, site, OVERVIEW)}")
        table = tile(page, "Countries").get_by_role("table")
        all_rows = int(table.get_attribute("aria-rowcount")) - 1
        paper = printed(page)
        assert paper["rows"] == all_rows > 30
        assert paper["head"] == ["Country", "Revenue", "Lines"]
        assert f"6 von {all_rows} Zeilen: Alle stehen am Ende." in paper["text"]
        expect(page.locator("#paper-end tr")).to_have_count(0)
        expect(table.get_by_role("button", name="France")).to_be_visible()


def test_a_board_that_somebody_asks_to_print_is_printed_without_its_menu(page, site):
    site.open(page, f"/dashboards/{make(page, site, OVERVIEW)}")
    page.evaluate(
        """() => { globalThis.print = () => {
          dispatchEvent(new Event('beforeprint'))
          const menu = document.querySelector('[role=menu]')
          globalThis.printed = [document.documentElement.hasAttribute('data-paper'), menu?.checkVisibility() ?? false]
          dispatchEvent(new Event('afterprint'))
        } }"""
    )
    page.get_by_role("button", name="More about Sales overview").click()
    page.get_by_role("menuitem", name="Print").click()
    page.wait_for_function("globalThis.printed !== undefined")
    assert page.evaluate("globalThis.printed") == [True, False]
