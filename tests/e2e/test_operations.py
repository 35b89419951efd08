"""Operations as people see them: health, jobs, schedules, workers and the ledger."""

import re

from playwright.sync_api import expect
from tests.browsing import check, illustrate, shoot
from tests.sending import asked


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
