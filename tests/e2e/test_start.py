"""The first steps in a new workspace: what to do next stands there to be copied, and the first record is noticed."""

import os
import subprocess
import sys
from contextlib import closing

import pytest
from playwright.sync_api import expect
from tests.browsing import PHONE, browsing, check, illustrate, shoot, site_of
from tests.served import PACK
from tests.systems import House, open_all

from keepsum import Pack


def fresh_site(folder, pack):
    house = House(folder, pack)
    install = open_all(house.folder, house.zone, house.clock, port=0)
    with closing(house), closing(install), site_of(install, house.clock) as site:
        yield site


@pytest.fixture
def fresh(tmp_path):
    """A server with a pack, and nothing collected yet."""
    yield from fresh_site(tmp_path, PACK)


@pytest.fixture
def bare(tmp_path):
    """A server whose pack declares nothing."""
    yield from fresh_site(tmp_path, Pack("empty"))


def shown(page, label):
    """The lines that a page has to copy."""
    return page.locator(f"pre[aria-label='{label}']").inner_text()


def run(code):
    plain = {name: value for name, value in os.environ.items() if "proxy" not in name.lower()}
    return subprocess.run([sys.executable, "-c", code], env=plain, check=True, capture_output=True, text=True).stdout


def test_a_new_workspace_says_what_to_do_and_notices_the_first_record(browser, fresh):
    with browsing(browser) as page:
        fresh.enter(page)
        fresh.open(page)
        expect(page).to_have_url(f"{fresh.address}/app/start")
        expect(page.get_by_text("Waiting for the first record")).to_be_visible()
        check(page)
        illustrate(page, "first-steps")
        page.get_by_role("button", name="Make a token").click()
        expect(page.get_by_text("it is shown once")).to_be_visible()
        token = shown(page, "A token")
        assert token in shown(page, "curl")
        page.get_by_role("tab", name="Attach a database").click()
        assert shown(page, "Attach a database").startswith("keepsum attach --url ")
        page.get_by_role("tab", name="Python").click()
        check(page)
        assert '"accepted":1' in run(shown(page, "Python"))
        expect(page.get_by_text("The first record is in")).to_be_visible()
        check(page)
        shoot(page, "first-record")
        page.get_by_role("link", name="Look at the stream").click()
        expect(page).to_have_url(f"{fresh.address}/app/streams/orders")
        fresh.open(page)
        expect(page).to_have_url(f"{fresh.address}/app/dashboards")


def test_a_token_of_the_first_steps_sends_to_its_stream_and_does_nothing_else(browser, fresh):
    with browsing(browser) as page:
        fresh.enter(page)
        fresh.open(page, "/start")
        page.get_by_role("button", name="Make a token").click()
        expect(page.get_by_text("it is shown once")).to_be_visible()
        headers = {"authorization": f"Bearer {shown(page, 'A token')}"}
        page.context.clear_cookies()
        asked = page.context.request
        assert asked.post(f"{fresh.address}/v1/streams/visits/records", data=[], headers=headers).status == 403
        assert asked.get(f"{fresh.address}/v1/days", headers=headers).status == 403


def test_where_nothing_is_declared_the_first_step_is_a_pack(browser, bare):
    with browsing(browser, locale="de-DE", viewport=PHONE, color_scheme="dark") as page:
        bare.enter(page)
        bare.open(page)
        expect(page.get_by_role("heading", name="Einen Strom deklarieren")).to_be_visible()
        check(page)
        shoot(page, "declare-german-phone", whole=True)
        made = {}
        exec(shown(page, "Einen Strom deklarieren"), made)
        assert [metric.name for metric in made["PACK"].metrics] == ["orders", "revenue"]


def test_whoever_cannot_collect_is_not_asked_to(browser, fresh):
    with browsing(browser) as page:
        fresh.enter(page, "viewer")
        fresh.open(page)
        expect(page).to_have_url(f"{fresh.address}/app/dashboards")
