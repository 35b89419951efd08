"""Explore: a question put together as a sentence, its chart and table, where its figures come from, what it becomes."""

import json
import re
from pathlib import Path
from urllib.parse import quote

import pytest
from playwright.sync_api import expect
from tests.browsing import PHONE, browsing, check, illustrate, settle, shoot

# The demo is about these days.
RANGE = "2010-12-01..2011-02-28"


def asked(**question):
    """The address of a question."""
    given = {"metrics": ["revenue"], "range": RANGE} | question
    return "/explore?" + "&".join(f"{name}={quote(_written(value))}" for name, value in given.items())


def _written(value):
    return value if isinstance(value, str) else json.dumps(value)


def figures(page):
    return page.get_by_role("region", name="Figures", exact=True)


def test_a_question_is_put_together_with_the_mouse_and_the_address_keeps_it(page, site):
    site.open(page, "/explore")
    check(page)
    page.get_by_role("button", name="Revenue GBP Net revenue: sales").click()
    page.get_by_role("button", name="Last 90 days").click()
    page.get_by_label("From").fill("2010-12-01")
    page.get_by_label(re.compile("^To")).fill("2011-02-28")
    page.get_by_role("button", name="Apply").click()
    expect(figures(page)).to_contain_text("£1,807,019.93")
    page.get_by_role("button", name="Add a dimension").click()
    check(page)
    page.get_by_role("option", name="Country").click()
    expect(page.get_by_role("region", name="Revenue by country")).to_be_visible()
    page.get_by_title("Ring").click()
    expect(page.get_by_role("img", name=re.compile("Ring"))).to_be_visible()
    page.reload()
    settle(page)
    expect(page.get_by_role("img", name=re.compile("Revenue by country. Ring"))).to_be_visible()
    expect(figures(page)).to_contain_text("£1,519,298.83")
    check(page)
    illustrate(page, "explore")


def test_a_question_is_put_together_with_the_keyboard(page, site):
    site.open(page, asked())
    page.get_by_role("button", name="Add a metric").focus()
    page.keyboard.press("Enter")
    expect(page.get_by_placeholder("Search metrics")).to_be_focused()
    page.keyboard.type("per inv")
    page.keyboard.press("Enter")
    expect(page.get_by_role("button", name="Do not show Revenue per invoice")).to_be_visible()
    expect(page.get_by_role("button", name="Add a metric")).to_be_focused()
    page.get_by_role("button", name="Do not show Revenue", exact=True).focus()
    page.keyboard.press("Enter")
    expect(page.get_by_role("region", name="Revenue per invoice").first).to_be_visible()
    check(page)


def test_figures_of_different_units_never_share_an_axis(page, site):
    site.open(page, asked(metrics=["revenue", "customers"], grain="week"))
    expect(page.get_by_role("img", name=re.compile(r"^Revenue\. Line"))).to_be_visible()
    expect(page.get_by_role("img", name=re.compile(r"^Customers\. Line"))).to_be_visible()
    expect(page.get_by_role("button", name="What these numbers are: ± 5%").first).to_be_visible()
    check(page)
    shoot(page, "explore-units")


def test_a_dimension_that_a_metric_is_not_kept_by_is_said_and_left_out(page, site):
    site.open(page, asked(metrics=["customers"], by=["product"]))
    expect(page.get_by_role("status").filter(has_text="not kept by Product")).to_be_visible()
    expect(page.get_by_role("region", name="Customers", exact=True)).to_be_visible()
    check(page)


def test_an_answer_says_which_days_came_from_where(page, site):
    site.open(page, asked(by=["country"], grain="month"))
    page.get_by_role("button", name="How this came about").click()
    expect(page.get_by_text("90 days from kept sums")).to_be_visible()
    expect(page.get_by_text("Revenue: You may see all of it. · by the role owner")).to_be_visible()
    expect(page.get_by_text("shop_daily, for sum of revenue")).to_be_visible()
    stretch = page.get_by_role("listitem", name="1 December 2010 to 28 February 2011: from kept sums (country_daily)")
    expect(stretch).to_be_visible()
    expect(page).to_have_url(re.compile("explain=true"))
    check(page)
    shoot(page, "explore-explained", whole=True)


def test_a_value_in_the_table_leads_into_it(page, site):
    site.open(page, asked(by=["country"], grain="all"))
    figures(page).get_by_role("button", name="Germany").click()
    check(page)
    page.get_by_role("menuitem", name="Split by Product").click()
    expect(page.get_by_role("region", name="Revenue by product")).to_be_visible()
    expect(page.get_by_role("button", name="Country: Germany")).to_be_visible()
    expect(figures(page)).to_contain_text("£39,983.51")
    page.go_back()
    expect(page.get_by_role("region", name="Revenue by country")).to_be_visible()


def test_what_was_explored_becomes_a_widget_of_a_new_dashboard_and_then_of_that_one(page, site):
    site.open(page, asked(by=["country"], grain="all"))
    save(page, "By country", board="Found things")
    page.get_by_role("link", name="Open it").click()
    expect(page.get_by_role("region", name="By country").first).to_be_visible()
    site.open(page, asked(metrics=["invoices"]))
    save(page, "Invoices a day", to="Found things")
    page.get_by_role("link", name="Open it").click()
    expect(page.get_by_role("region", name="By country").first).to_be_visible()
    expect(page.get_by_role("region", name="Invoices a day").first).to_be_visible()


def save(page, title, *, board=None, to=None):
    page.get_by_role("button", name="Save", exact=True).click()
    page.get_by_role("menuitem", name="To a dashboard").click()
    dialog = page.get_by_role("dialog", name="Save to a dashboard")
    dialog.get_by_label("Title of the widget").fill(title)
    check(page)
    if to is not None:
        dialog.get_by_role("combobox", name="Dashboard").click()
        page.get_by_role("option", name=to).click()
    else:
        dialog.get_by_label("Title of the dashboard").fill(board)
    dialog.get_by_role("button", name="Save").click()
    expect(dialog).to_be_hidden()


def test_an_answer_is_taken_away_as_a_file(page, site):
    site.open(page, asked(by=["country"], grain="all", top=5))
    page.get_by_role("button", name="Save", exact=True).click()
    with page.expect_download() as taken:
        page.get_by_role("menuitem", name="Data (CSV)").click()
    assert taken.value.suggested_filename == "revenue-by-country.csv"
    assert "United Kingdom" in Path(taken.value.path()).read_text(encoding="utf-8-sig")


def test_what_may_not_be_seen_or_is_gone_is_said_where_the_answer_would_be(browser, page, site):
    site.open(page, asked(metrics=["gone"]))
    expect(page.get_by_role("alert").first).to_contain_text("UNKNOWN_METRIC")
    check(page)
    with browsing(browser) as viewer:
        site.enter(viewer, "viewer")
        site.open(viewer, asked())
        viewer.get_by_role("button", name="Save", exact=True).click()
        expect(viewer.get_by_role("menuitem", name="Picture (PNG)")).to_be_visible()
        expect(viewer.get_by_role("menuitem", name="To a dashboard")).to_be_hidden()
        check(viewer)


def test_a_range_without_records_says_so(page, site):
    site.open(page, asked(range="2009-01-01..2009-01-31"))
    expect(page.get_by_text("Nothing in this range").first).to_be_visible()
    check(page)


@pytest.mark.parametrize("how", [{"color_scheme": "dark"}, {"viewport": PHONE}, {"locale": "de-DE"}])
def test_explore_can_be_read_in_the_dark_on_a_phone_and_in_german(browser, site, how):
    with browsing(browser, **how) as page:
        site.enter(page)
        site.open(page, asked(metrics=["revenue", "customers"], by=["country"], grain="week", explain=True))
        expect(page.locator("table").first).to_be_visible()
        check(page)
        wide = page.evaluate("document.documentElement.scrollWidth - document.documentElement.clientWidth")
        assert wide <= 0, "the page is wider than the screen"
        shoot(page, f"explore-{'-'.join(map(str, how))}", whole=True)


def test_a_metric_is_written_with_the_keyboard_tried_kept_and_asked_for(page, site):
    site.open(page, asked(where={"country": ["Germany"]}))
    page.get_by_role("button", name="Save", exact=True).click()
    page.get_by_role("menuitem", name="As a custom metric").click()
    formula = page.get_by_label("Formula")
    expect(formula).to_have_value("revenue where country = 'Germany'")
    formula.fill("revenue / ")
    formula.press_sequentially("invo")
    expect(page.get_by_role("option", name="invoices Invoices, exactly.")).to_be_visible()
    check(page)
    page.keyboard.press("Enter")
    expect(formula).to_have_value("revenue / invoices")
    expect(page.get_by_role("region", name="New metric, last 28 days")).to_contain_text("revenue / invoices =")
    page.get_by_label("Name").fill("Basket")
    page.get_by_label("What it means").fill("What an invoice comes to.")
    check(page)
    shoot(page, "metric-written")
    page.get_by_role("button", name="Make the metric").click()
    page.get_by_role("link", name="Basket", exact=True).click()
    expect(page.get_by_role("region", name="Basket", exact=True)).to_be_visible()


def test_what_is_wrong_with_a_formula_is_marked_at_its_place(page, site):
    site.open(page, "/explore/metrics/new")
    page.get_by_label("Formula").fill("revenue / gone + 1")
    expect(page.get_by_role("status").filter(has_text="There is no metric 'gone'")).to_be_visible()
    expect(page.locator("mark")).to_have_text("gone")
    expect(page.get_by_role("button", name="Make the metric")).to_be_disabled()
    check(page)
    shoot(page, "metric-wrong")


def test_a_metric_is_changed_kept_while_a_dashboard_asks_for_it_and_deleted_after(page, site):
    csrf = {"X-CSRF-Token": page.request.get(f"{site.address}/v1/session").json()["csrf"]}
    made = page.request.post(
        f"{site.address}/v1/metrics/custom", data={"name": "half", "formula": "revenue / 2"}, headers=csrf
    )
    assert made.ok, made.text()
    query = {"metrics": ["own_half"]}
    place = {"x": 0, "y": 0, "w": 6, "h": 6}
    widget = {"id": "one", "kind": "line", "title": "", "place": place, "query": query, "options": {}}
    board = {"title": "Halves", "range": {"preset": "last_28_days"}, "widgets": [widget]}
    kept = page.request.post(f"{site.address}/v1/dashboards", data={"document": board}, headers=csrf).json()
    site.open(page, "/explore/metrics")
    check(page)
    page.get_by_role("link", name="Edit Half").click()
    page.get_by_label("Formula").fill("revenue / 4")
    page.get_by_role("button", name="Save", exact=True).click()
    expect(page.get_by_text("revenue / 4")).to_be_visible()
    page.get_by_role("link", name="Edit Half").click()
    page.get_by_role("button", name="Delete").click()
    dialog = page.get_by_role("dialog", name="Delete Half?")
    dialog.get_by_role("button", name="Delete").click()
    expect(dialog.get_by_role("alert")).to_contain_text("'Halves'")
    check(page)
    assert page.request.delete(f"{site.address}/v1/dashboards/{kept['id']}", headers=csrf).ok
    dialog.get_by_role("button", name="Delete").click()
    expect(page.get_by_text("Half is deleted")).to_be_visible()
    expect(page.get_by_role("link", name="Edit Half")).to_be_hidden()


def test_of_two_who_edit_a_metric_the_second_sees_both_and_decides(page, site):
    csrf = {"X-CSRF-Token": page.request.get(f"{site.address}/v1/session").json()["csrf"]}
    made = {"name": "shared", "formula": "revenue / 2"}
    assert page.request.post(f"{site.address}/v1/metrics/custom", data=made, headers=csrf).ok
    path = f"{site.address}/v1/metrics/custom/own_shared"

    def written_elsewhere(formula, version):
        body = {"version": version, "formula": formula, "about": "Theirs."}
        assert page.request.put(path, data=body, headers=csrf).ok

    def saved(formula):
        page.get_by_label("Formula").fill(formula)
        page.get_by_role("button", name="Save", exact=True).click()

    site.open(page, "/explore/metrics/shared")
    expect(page.get_by_label("Formula")).to_have_value("revenue / 2")
    written_elsewhere("revenue / 3", 1)
    saved("revenue / 4")
    asking = page.get_by_role("dialog", name="Somebody else changed Shared")
    expect(asking).to_contain_text("Owner saved it")
    expect(asking.get_by_role("region", name="As it is now")).to_contain_text("revenue / 3")
    expect(asking.get_by_role("region", name="As you wrote it")).to_contain_text("revenue / 4")
    check(page)
    shoot(page, "metric-conflict")
    asking.get_by_role("button", name="Take theirs").click()
    expect(page.get_by_label("Formula")).to_have_value("revenue / 3")
    expect(page.get_by_label("What it means")).to_have_value("Theirs.")
    written_elsewhere("revenue / 5", 2)
    saved("revenue / 6")
    asking.get_by_role("button", name="Keep mine in its place").click()
    expect(page.get_by_text("Shared is kept")).to_be_visible()
    kept = page.request.get(f"{site.address}/v1/metrics/custom").json()["metrics"]
    assert [(one["formula"], one["version"]) for one in kept if one["name"] == "own_shared"] == [("revenue / 6", 4)]
    assert page.request.delete(path, headers=csrf).ok


def test_a_viewer_sees_custom_metrics_and_writes_none(browser, site):
    with browsing(browser) as viewer:
        site.enter(viewer, "viewer")
        site.open(viewer, "/explore/metrics")
        expect(viewer.get_by_role("link", name="New metric")).to_be_hidden()
        site.open(viewer, "/explore/metrics/new")
        expect(viewer.get_by_role("alert")).to_contain_text("NOT_PERMITTED")
        check(viewer)
