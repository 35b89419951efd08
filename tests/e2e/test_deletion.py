"""Letting rows of an application's own database be deleted: what it means, who may, and why not yet."""

import pytest
from playwright.sync_api import expect
from tests.browsing import Site, browsing, check, shoot
from tests.databases import opened
from tests.ordering import AttachedHouse, lay_table, order
from tests.served import served_from


@pytest.fixture
def house(tmp_path, monkeypatch):
    """A table of an application with an order past its retention."""
    database = next(databases := opened("sqlite", tmp_path))
    lay_table(database, order(1), order(2, "2026-03-03"))
    house = AttachedHouse(tmp_path / "house", database, monkeypatch, now="2026-03-05T02:00:00Z")
    yield house
    house.close()
    databases.close()


@pytest.fixture
def attached(house):
    """A server beside it."""
    with served_from(house) as served:
        yield Site(address=served.address, install=served.install, clock=served.install.clock)


def ask(page, what):
    page.get_by_role("button", name=what).click()
    page.get_by_label("Type orders to confirm").fill("orders")


def test_deletion_is_switched_on_once_all_is_proven_and_off_again(browser, house, attached):
    with browsing(browser) as page:
        attached.enter(page)
        attached.open(page, "/days/deletion")
        row = page.get_by_role("row", name="orders").filter(has_text="Switch on")
        expect(row).to_contain_text("Off")
        ask(page, "Switch on")
        dialog = page.get_by_role("dialog", name="Delete rows of orders when they are due?")
        expect(dialog).to_contain_text("What is deleted cannot be brought back.")
        dialog.get_by_role("button", name="Switch on").click()
        expect(dialog.get_by_role("alert")).to_contain_text("sealed")
        expect(dialog.get_by_label("Type orders to confirm")).to_have_value("orders")
        check(page)
        house.roll()
        dialog.get_by_role("button", name="Switch on").click()
        switched = page.get_by_role("row", name="orders").filter(has_text="Switch off")
        expect(switched).to_contain_text("5 Mar 2026, 02:00")
        check(page)
        shoot(page, "switched-on")
        ask(page, "Switch off")
        page.get_by_role("dialog").get_by_role("button", name="Switch off").click()
        expect(row).to_contain_text("Off")


def test_who_may_not_delete_sees_it_but_cannot_turn_it(browser, house, attached):
    house.roll()
    with browsing(browser) as page:
        attached.enter(page, "admin")
        attached.open(page, "/days/deletion")
        expect(page.get_by_role("row", name="orders").filter(has_text="Off")).to_be_visible()
        expect(page.get_by_role("button", name="Switch on")).to_have_count(0)


def test_an_attached_stream_says_where_its_rows_live_and_that_nothing_has_to_be_sent(browser, house, attached):
    house.roll()
    with browsing(browser) as page:
        attached.enter(page)
        attached.open(page, "/streams")
        expect(page.get_by_role("row", name="orders")).to_contain_text("sqlite")
        attached.open(page, "/streams/orders")
        expect(page.get_by_text("nothing has to be sent")).to_be_visible()
        check(page)
