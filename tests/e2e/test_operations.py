"""Operations as people see them: health, jobs, schedules, workers, the ledger and exports."""

import re
from pathlib import Path

import pytest
from playwright.sync_api import expect
from tests.browsing import Site, browsing, check, illustrate, settle, shoot
from tests.exporting import Exporting, fill
from tests.sending import asked
from tests.served import served_from


def test_health_tells_each_part_and_jobs_what_they_did(page, site):
    site.open(page, "/operations")
    expect(page.get_by_role("region", name="Health")).to_contain_text("All is well")
    row = page.get_by_role("row", name="Delete what is due")
    for told in ("Done", "77", "91,290"):
        expect(row).to_contain_text(told)
    check(page)
    illustrate(page, "operations")


def test_a_job_is_started_and_seen_to_its_end(page, site):
    site.open(page, "/operations")
    before = page.get_by_role("row", name="Roll up and prove").count()
    page.get_by_role("button", name="Start a job").click()
    asking = page.get_by_role("dialog", name="Start a job")
    check(page)
    asking.get_by_label("From").fill("2011-02-01")
    asking.get_by_label("To").fill("2011-01-01")
    asking.get_by_role("button", name="Start").click()
    expect(asking.get_by_role("alert")).to_contain_text("ends before it starts")
    expect(asking.get_by_label("From")).to_have_value("2011-02-01")
    asking.get_by_label("To").fill("2011-02-28")
    asking.get_by_role("button", name="Start").click()
    rows = page.get_by_role("row", name="Roll up and prove")
    expect(rows).to_have_count(before + 1)
    expect(rows.first).to_contain_text("Done", timeout=30_000)


def test_a_job_that_deletes_is_started_only_after_its_name_was_typed(page, site):
    site.open(page, "/operations")
    page.get_by_role("button", name="Start a job").click()
    asking = page.get_by_role("dialog", name="Start a job")
    asking.get_by_role("combobox", name="Job").click()
    page.get_by_role("option", name="Delete what is due").click()
    expect(asking).to_contain_text("cannot be brought back")
    start = asking.get_by_role("button", name="Start")
    expect(start).to_be_disabled()
    asking.get_by_label("Type purge to confirm").fill("purge")
    expect(start).to_be_enabled()
    check(page)


def test_schedules_and_workers_are_told(page, site):
    site.open(page, "/operations/schedules")
    expect(page.get_by_role("row", name="Nightly round")).to_contain_text("19 Mar 2011, 02:15")
    check(page)
    shoot(page, "schedules")


def test_the_ledger_shows_what_each_entry_says_and_the_whole_is_verified(page, site):
    site.open(page, "/operations/ledger")
    head = asked(site, "/v1/ledger/head")
    expect(page.get_by_label("Head of the ledger").first).to_contain_text(head["hash"])
    page.get_by_role("button", name=re.compile(f"^{head['seq']} ")).click()
    expect(page.get_by_label("What it says")).to_be_visible()
    check(page)
    page.get_by_role("button", name="Show older").click()
    expect(page.get_by_role("button", name=re.compile(f"^{head['seq'] - 60} "))).to_be_visible()
    page.get_by_role("button", name="Verify the whole chain").click()
    expect(page.get_by_role("status").filter(has_text="The chain holds")).to_be_visible(timeout=60_000)
    shoot(page, "ledger")


@pytest.fixture
def shop(tmp_path):
    """A server over three days of sales, which may be exported."""
    house = fill(Exporting(tmp_path))
    with served_from(house, worker=True) as served:
        yield Site(address=served.address, install=served.install, clock=served.install.clock)
    house.close()


def test_an_export_is_listed_fetched_and_deleted(browser, shop):
    with browsing(browser) as page:
        shop.enter(page)
        shop.open(page, "/operations/exports")
        expect(page.get_by_text("No exports")).to_be_visible()
        check(page)
        # A link is for who asked for the file, so the person asks.
        session = page.request.get(f"{shop.address}/v1/session").json()
        asked_for = {"dataset": "all_sales", "format": "csv", "from": "2026-02-01", "to": "2026-02-03"}
        headers = {"x-csrf-token": session["csrf"]}
        made = page.request.post(f"{shop.address}/v1/exports", data=asked_for, headers=headers)
        assert made.ok, made.text()
        page.reload()
        settle(page)
        row = page.get_by_role("row", name="all_sales")
        expect(row).to_contain_text("Ready", timeout=30_000)
        check(page)
        with page.expect_download() as download:
            row.get_by_role("link", name="Download").click()
        assert len(Path(download.value.path()).read_text(encoding="utf-8").splitlines()) > 1
        row.get_by_role("button", name="Delete").click()
        page.get_by_role("dialog").get_by_role("button", name="Delete").click()
        expect(page.get_by_text("No exports")).to_be_visible()
