"""The streams as people see them: what is collected, how sensitive it is, and what was refused."""

import json

import pytest
from playwright.sync_api import expect
from tests.browsing import check, illustrate
from tests.sending import send


@pytest.fixture(scope="module", autouse=True)
def refused(site):
    """Two records that are refused for one reason, and one for another."""
    send(site, "lines", [{"line_id": "a"}, {"line_id": "b"}, {"occurred_at": "2011-03-18T10:00:00Z"}])


def test_the_list_tells_how_sensitive_a_stream_is_and_how_much_comes_in(page, site):
    site.open(page, "/streams")
    row = page.get_by_role("row", name="lines")
    for told in ("1 personal", "7 public", "30 days", "14,045", "and 91,290 purged"):
        expect(row).to_contain_text(told)
    expect(row.get_by_role("img", name="records in 28 days")).to_be_visible()
    check(page)
    row.get_by_role("link", name="lines").click()
    expect(page).to_have_url(f"{site.address}/app/streams/lines")


def test_a_stream_tells_its_fields_in_plain_words(page, site):
    site.open(page, "/streams/lines")
    invoice = page.get_by_role("row", name="invoice Text")
    expect(invoice).to_contain_text("Stays in records only, and goes with them.")
    expect(page.get_by_role("row", name="unit_price")).to_contain_text("GBP")
    expect(page.get_by_role("row", name="country_daily")).to_contain_text("107")
    check(page)
    illustrate(page, "stream")


def test_refused_records_are_counted_by_reason_and_never_shown(page, site):
    site.open(page, "/streams/lines")
    expect(page.get_by_role("row", name="It has no time.")).to_contain_text("2")
    expect(page.get_by_role("row", name="It has no key.")).to_contain_text("1")
    check(page)


def test_what_the_snippet_sends_is_taken(page, site):
    site.open(page, "/streams/lines")
    text = page.locator("pre[aria-label=curl]").inner_text()
    body = text.partition("-d '")[2].removesuffix("'")
    assert send(site, "lines", json.loads(body))["accepted"] == 1
    page.get_by_role("tab", name="Python").click()
    expect(page.locator("pre[aria-label=Python]")).to_contain_text("urlopen(request)")


def test_a_stream_that_is_not_there_says_so(page, site):
    site.open(page, "/streams/nothing")
    expect(page.get_by_role("alert").first).to_contain_text("UNKNOWN_STREAM")
