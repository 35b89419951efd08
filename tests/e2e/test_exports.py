"""Exports as people ask for them: what, over which days, of whom, as which file; followed, fetched, and ended."""

import json
import re
from pathlib import Path
from urllib.parse import quote

import pytest
from playwright.sync_api import expect
from tests.browsing import LOOKS, Site, browsing, check, illustrate, settle, shoot
from tests.exporting import Exporting, fill
from tests.served import served_from


def order(**given):
    """The address of a new export."""
    return "/exports/new?" + "&".join(
        f"{name}={quote(value if isinstance(value, str) else json.dumps(value))}" for name, value in given.items()
    )


@pytest.fixture
def shop(tmp_path):
    """A server without a worker over three days of sales, so that a file is made when the test wants it."""
    house = fill(Exporting(tmp_path))
    with served_from(house) as served:
        site = Site(address=served.address, install=served.install, clock=served.install.clock)
        yield site, house
    house.close()


@pytest.fixture
def buyer(browser, shop):
    site, _ = shop
    with browsing(browser) as page:
        site.enter(page)
        yield page


def test_lines_are_exported_for_the_days_that_are_there_and_opened(page, site):
    site.open(page, "/exports")
    expect(page.get_by_text("No exports")).to_be_visible()
    check(page)
    page.get_by_role("link", name="New export").click()
    form = page.get_by_role("main")
    expect(form).to_contain_text("At most 100,000 rows over 365 days")
    page.get_by_role("combobox", name="Dataset").click()
    check(page)
    page.get_by_role("option", name="Invoice lines").click()
    expect(form).to_contain_text("Records of lines")
    expect(form).to_contain_text("customer (about people)")
    # The days before are deleted: a range that reaches into them is mended with one click.
    page.get_by_title("18 March 2011").click()
    page.get_by_label("From").fill("2011-01-01")
    page.get_by_role("button", name="Apply").click()
    expect(page.get_by_role("alert")).to_contain_text("are deleted, as they were to be")
    expect(page.get_by_role("button", name="Export", exact=True)).to_be_disabled()
    check(page)
    shoot(page, "export-deleted", whole=True)
    page.get_by_role("alert").get_by_role("button", name="Take").click()
    expect(page.get_by_role("alert")).to_have_count(0)
    page.get_by_role("button", name="Country: All").click()
    page.get_by_role("checkbox", name="Germany").click()
    page.keyboard.press("Escape")
    page.get_by_role("combobox", name="Cancelled").click()
    page.get_by_role("option", name="No", exact=True).click()
    page.keyboard.press("Escape")
    page.get_by_text("JSON", exact=True).click()
    check(page)
    illustrate(page, "export")
    page.get_by_role("button", name="Export", exact=True).click()
    expect(page.get_by_role("status").filter(has_text="The file is ready")).to_be_visible(timeout=30_000)
    check(page)
    shoot(page, "export-ready", whole=True)
    with page.expect_download() as download:
        page.get_by_role("link", name="Download").click()
    rows = json.loads(Path(download.value.path()).read_text(encoding="utf-8"))["rows"]
    assert rows
    assert {(row["country"], row["cancelled"]) for row in rows} == {("Germany", False)}
    page.get_by_role("link", name="Ask again").click()
    expect(page.get_by_role("button", name="Country: Germany")).to_be_visible()


def test_an_analyst_is_offered_figures_only_and_takes_the_question_along_from_explore(browser, site):
    with browsing(browser) as page:
        site.enter(page, "analyst")
        where = quote(json.dumps({"country": ["United Kingdom"], "product": ["22423"]}))
        metrics = quote(json.dumps(["revenue"]))
        site.open(page, f"/explore?metrics={metrics}&range=2010-12-01..2011-02-28&where={where}")
        page.get_by_role("button", name="Save", exact=True).click()
        check(page)
        page.get_by_role("menuitem", name="As an export").click()
        expect(page.get_by_role("group", name="Days")).to_contain_text("1 December 2010 to 28 February 2011: 90 days")
        left_out = page.get_by_role("status").filter(has_text="Not narrowed by")
        page.get_by_role("combobox", name="Dataset").click()
        expect(page.get_by_role("option")).to_have_text(["Country months", "Shop days"])
        page.get_by_role("option", name="Shop days").click()
        expect(left_out).to_contain_text("Country and Product")
        page.get_by_role("combobox", name="Dataset").click()
        page.get_by_role("option", name="Country months").click()
        expect(page.get_by_role("button", name="Country: United Kingdom")).to_be_visible()
        expect(left_out).to_have_text("Not narrowed by Product: the dataset has no such filter.")
        check(page)
        page.get_by_role("button", name="Export", exact=True).click()
        expect(page.get_by_role("status").filter(has_text="The file is ready")).to_be_visible(timeout=30_000)
        with page.expect_download() as download:
            page.get_by_role("link", name="Download").click()
        lines = Path(download.value.path()).read_text(encoding="utf-8").splitlines()
        assert lines[0].startswith('"time","country","revenue"')
        assert all('"United Kingdom"' in line for line in lines[1:])
        assert len(lines) == 4


def test_a_question_that_no_dataset_has_leads_back_to_its_own_file(page, site):
    site.open(page, order(metrics=["gone"], range="2010-12-01..2011-02-28"))
    expect(page.get_by_role("alert")).to_contain_text("No dataset has these figures")
    check(page)
    page.get_by_role("link", name="Back to the question").click()
    expect(page).to_have_url(re.compile("/explore.*2010-12-01"))


def test_whoever_may_not_export_is_told_so(browser, site):
    with browsing(browser) as page:
        site.enter(page, "viewer")
        site.open(page, "/exports")
        expect(page.get_by_role("alert")).to_contain_text("NOT_PERMITTED")
        check(page)


def test_a_file_is_followed_from_asked_for_to_ready_and_gone_with_the_keyboard(buyer, shop):
    site, house = shop
    site.open(buyer, order(dataset="all_sales", range="2026-02-01..2026-02-03"))
    field = buyer.get_by_role("combobox", name="Buyer").or_(buyer.get_by_label("Buyer")).first
    field.focus()
    buyer.keyboard.type("b0")
    buyer.keyboard.press("Enter")
    assert "b0" not in buyer.url.partition("?")[2]
    check(buyer)
    buyer.get_by_role("button", name="Export", exact=True).focus()
    buyer.keyboard.press("Enter")
    expect(buyer.get_by_role("status").filter(has_text="is being made")).to_be_visible()
    check(buyer)
    shoot(buyer, "export-preparing")
    house.work()
    expect(buyer.get_by_role("status").filter(has_text="The file is ready")).to_be_visible()
    expect(buyer.get_by_role("main")).to_contain_text("certain people, who are not told here")
    house.clock.now += 86_400_000_000
    buyer.reload()
    settle(buyer)
    expect(buyer.get_by_role("status").filter(has_text="The file is gone")).to_be_visible()
    check(buyer)
    # Asked again, it is not taken for an export of everybody.
    buyer.get_by_role("link", name="Ask again").click()
    expect(buyer.get_by_role("alert")).to_contain_text("narrowed by people")
    expect(buyer.get_by_role("button", name="Export", exact=True)).to_be_disabled()
    check(buyer)
    buyer.get_by_role("button", name="Export all").click()
    expect(buyer.get_by_role("button", name="Export", exact=True)).to_be_enabled()


def test_a_file_that_cannot_be_made_says_why_and_is_deleted(buyer, shop):
    site, house = shop
    house.move()
    house.lose_files()
    site.open(buyer, order(dataset="all_sales", range="2026-02-01..2026-02-03", format="parquet"))
    buyer.get_by_role("button", name="Export", exact=True).click()
    expect(buyer.get_by_role("status")).to_contain_text("is being made")
    house.work()
    expect(buyer.get_by_role("alert")).to_contain_text("Records of a day cannot be read")
    expect(buyer.get_by_role("alert")).to_contain_text("EXPORT_DAMAGED")
    check(buyer)
    shoot(buyer, "export-failed")
    buyer.get_by_role("button", name="Delete").click()
    buyer.get_by_role("dialog").get_by_role("button", name="Delete").click()
    expect(buyer.get_by_text("No exports")).to_be_visible()


def test_what_the_server_refuses_is_said_and_what_was_chosen_stays(buyer, shop):
    site, house = shop
    house.at("2026-03-05T12:00:00Z").roll()
    house.purge()
    site.enter(buyer)  # a session does not last that long
    site.open(buyer, order(dataset="all_sales", range="2026-02-01..2026-02-01", format="json"))
    buyer.get_by_role("button", name="Export", exact=True).click()
    expect(buyer.get_by_role("alert")).to_contain_text("Records of these days are deleted")
    expect(buyer.get_by_role("radio", name="JSON")).to_be_checked()
    check(buyer)


@pytest.mark.parametrize("look", LOOKS)
def test_exports_stand_in_the_dark_in_german_and_on_a_phone(browser, site, look):
    with browsing(browser, **LOOKS[look]) as page:
        site.enter(page)
        site.open(page, order(dataset="invoice_lines"))
        check(page)
        shoot(page, f"{look}-export", whole=True)
        page.locator("button[type=submit]").last.click()
        expect(page.get_by_role("link", name=re.compile("^(Download|Herunterladen)"))).to_be_visible(timeout=30_000)
        check(page)
        shoot(page, f"{look}-export-ready", whole=True)
        site.open(page, "/exports")
        check(page)
        wide = page.evaluate("document.documentElement.scrollWidth - document.documentElement.clientWidth")
        assert wide <= 0, "the page is wider than the screen"
        shoot(page, f"{look}-exports")
