"""The days as people see them: the calendar, one day's proof, decisions about held days, and what is deleted next."""

import pytest
from playwright.sync_api import expect
from tests.browsing import LOOKS, browsing, check, illustrate, settle, shoot
from tests.sending import roll, send

LATE, HELD = "2010-12-07", "2011-02-24"


@pytest.fixture(scope="module", autouse=True)
def lived(site):
    """Records that came late: one for a purged day, and two of one invoice for two days that were sealed."""
    refused = {"line_id": "no-time"}
    records = [line("late-1", LATE), line("late-2", "2011-02-22"), line("late-3", HELD), line("late-4", "2011-03-18")]
    send(site, "lines", [*records, refused])
    roll(site)


def line(key, day):
    return {
        "line_id": key, "occurred_at": f"{day}T10:00:00Z", "customer": "c-1", "invoice": "i-1", "product": "85123A",
        "description": "<b>Mug</b>", "country": "France", "cancelled": False, "quantity": 2, "unit_price": "2.550",
        "revenue": "5.10",
    }  # fmt: skip


def test_the_calendar_tells_what_became_of_each_day(page, site):
    site.open(page, "/days")
    expect(page.get_by_role("grid", name="Days of lines")).to_be_visible()
    for told in ("Sealed 29", "Held 1", "Purged 76", "Corrected 1", "Open 1"):
        expect(page.get_by_role("list", name="Legend")).to_contain_text(told)
    glance = page.get_by_role("region", name="Promises at a glance")
    expect(glance).to_contain_text("16 February 2011")
    expect(glance).to_contain_text("They wait for a person to decide.")
    expect(page.get_by_role("gridcell", name="7 December 2010: Corrected, 2,963 records")).to_be_visible()
    check(page)
    illustrate(page, "days")


def test_the_keyboard_goes_through_the_calendar_opens_a_day_and_comes_back(page, site):
    site.open(page, "/days")
    page.get_by_role("gridcell", name="18 March 2011").focus()
    for key in ("ArrowLeft", "ArrowUp", "PageUp", "ArrowDown"):
        page.keyboard.press(key)
    cell = page.get_by_role("gridcell", name="11 February 2011")
    expect(cell).to_be_focused()
    assert page.locator("[role=gridcell][tabindex='0']").count() == 1
    page.keyboard.press("Enter")
    expect(page).to_have_url(f"{site.address}/app/days/lines/2011-02-11")
    expect(page.get_by_role("dialog")).to_contain_text("The figures stay.")
    page.keyboard.press("Escape")
    expect(page).to_have_url(f"{site.address}/app/days")
    expect(cell).to_be_focused()


def test_a_purged_day_shows_its_proof_and_is_verified_again(page, site):
    site.open(page, "/days/lines/2010-12-01")
    day = page.get_by_role("dialog")
    expect(day).to_contain_text("3,108 records were collected")
    expect(day.get_by_role("row", name="Sum of revenue")).to_contain_text("£58,635.56")
    expect(day.get_by_role("row", name="country_daily")).to_contain_text("7")
    expect(day).to_contain_text("Entry 2 of")
    day.get_by_role("button", name="Verify now").click()
    expect(day.get_by_role("status")).to_contain_text("All that can be checked still holds")
    check(page)
    illustrate(page, "day")


def test_a_corrected_day_lists_its_corrections(page, site):
    site.open(page, f"/days/lines/{LATE}")
    day = page.get_by_role("dialog")
    expect(day.get_by_role("heading", name="Corrections")).to_be_visible()
    expect(day.get_by_role("row", name="18 Mar 2011")).to_contain_text("1")
    day.get_by_role("button", name="The day after").click()
    expect(page).to_have_url(f"{site.address}/app/days/lines/2010-12-08")


def test_a_day_that_nothing_is_known_of_says_so(page, site):
    site.open(page, "/days/lines/2009-01-01")
    expect(page.get_by_role("dialog")).to_contain_text("Nothing is known of this day")


def test_the_list_tells_the_same_in_few_lines_and_shows_each_day_when_asked(page, site):
    site.open(page, "/days?as=list")
    table = page.get_by_role("table", name="Days of lines")
    run = table.get_by_role("button", name="Wed, 8 Dec 2010 to Tue, 15 Feb 2011")
    expect(run).to_have_attribute("aria-expanded", "false")
    check(page)
    run.click()
    table.get_by_role("button", name="Thu, 20 Jan 2011").click()
    expect(page).to_have_url(f"{site.address}/app/days/lines/2011-01-20?as=list")


def test_the_plan_of_deletion_says_what_goes_and_what_ends(page, site):
    site.open(page, "/days/deletion")
    row = page.get_by_role("row", name="Wed, 16 Feb 2011 lines")
    expect(row).to_contain_text("Goes")
    expect(row).to_contain_text("Fri, 18 Mar 2011")
    expect(page.get_by_text("any figure by description")).to_be_visible()
    expect(page.get_by_role("row", name="lines 30 days")).to_contain_text("Always, by itself")
    check(page)
    shoot(page, "deletion", whole=True)


def test_a_day_that_is_held_stays_in_the_plan_with_the_reason(page, site):
    site.open(page, "/days/deletion?ahead=30")
    row = page.get_by_role("row", name="Thu, 24 Feb 2011 lines")
    expect(row).to_contain_text("Stays")
    expect(row).to_contain_text("was counted on another day already")


@pytest.mark.parametrize("look", LOOKS)
def test_days_stand_in_the_dark_in_german_and_on_a_phone(browser, site, look):
    with browsing(browser, **LOOKS[look]) as page:
        site.enter(page)
        site.open(page, "/account")
        for path in ("/days", f"/days/lines/{HELD}", "/days/deletion"):
            site.go(page, path)
            check(page)
            shoot(page, f"{look}{path.replace('/', '-')}")


def test_a_held_day_says_in_german_what_it_is_held_for(browser, site):
    with browsing(browser, locale="de-DE") as page:
        site.enter(page)
        site.open(page, f"/days/lines/{HELD}")
        told = page.get_by_role("dialog").get_by_role("alert")
        expect(told).to_contain_text("Schon an einem anderen Tag gezählt, etwa am 22. Februar 2011: 1 Wert von")
        expect(told).not_to_contain_text("Counted on")


def test_a_proof_is_told_in_german_and_so_is_what_can_be_proven_no_more(browser, site):
    with browsing(browser, locale="de-DE") as page:
        site.enter(page)
        site.open(page, "/days/lines/2010-12-01")
        proof = page.get_by_role("dialog").get_by_role("region", name="Beweis")
        expect(proof).to_contain_text("3.108 Datensätze.")
        expect(proof).to_contain_text("58.635,56")
        proof.get_by_role("button", name="Jetzt prüfen").click()
        expect(proof).to_contain_text("Die Datensätze sind gelöscht; das Siegel sagt, was sie ergaben.")
        expect(proof).not_to_contain_text("records")


def test_a_viewer_is_not_led_to_the_days_and_is_told_why_when_they_come(browser, site):
    with browsing(browser) as page:
        site.enter(page, "viewer")
        site.open(page, "/days")
        expect(page.get_by_role("link", name="Days")).to_have_count(0)
        expect(page.get_by_role("alert").first).to_contain_text("NOT_PERMITTED")
        check(page)


def test_a_held_day_says_why_and_goes_on_when_a_person_accepts_it_with_a_reason(page, site):
    site.open(page, f"/days/lines/{HELD}")
    day = page.get_by_role("dialog")
    expect(day).to_contain_text("A value that lives on one day only was counted on another day already.")
    check(page)
    shoot(page, "day-held")
    day.get_by_role("button", name="Accept the day as it is").click()
    asked = page.get_by_role("dialog", name="Accept this day")
    accept = asked.get_by_role("button", name="Accept")
    expect(accept).to_be_disabled()
    asked.get_by_role("textbox", name="Reason").fill("One invoice was shipped on two days.")
    asked.get_by_role("textbox", name=f"Type {HELD} to confirm").fill(HELD)
    check(page)
    accept.click()
    expect(page.get_by_text("The day was accepted.")).to_be_visible()
    expect(page.get_by_role("dialog")).not_to_contain_text("This day is held")
    expect(page.get_by_role("dialog")).to_contain_text("One invoice was shipped on two days.")
    roll(site)
    page.reload()
    settle(page)
    expect(page.get_by_role("dialog")).to_contain_text("their figures were proven, and sealed")
