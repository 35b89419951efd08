"""Live boards over a server that is a process of its own: within two seconds, and through its death and its return."""

import json
import os
import socket
import subprocess
import sys
from contextlib import ExitStack, closing
from typing import Any

import httpx2
import pytest
from playwright.sync_api import expect
from tests.accounts import PASSWORD
from tests.browsing import browsing, check, settle, shoot, site_of
from tests.e2e.test_dashboards import make, saved, tile, widget
from tests.served import PACK, order, token_of
from tests.systems import House

from keepsum.http.looks import MOST_OF_PLACE

DAY = "2026-02-01"
CLOCK = f"{DAY}T12:00:00Z"
LIVE = {
    "title": "Now",
    "range": {"preset": "today"},
    "refresh": "live",
    "widgets": [
        widget("orders", "card", (0, 0, 4, 3), "orders", title="Orders"),
        widget("course", "bar", (0, 3, 8, 6), "orders", title="Places", by=["place"], grain="all"),
    ],
}
SOON = 2_000  # milliseconds


class Server:
    """A server's process over a folder, always at the same address."""

    process: Any  # of the system, once it is started

    def __init__(self, folder, token):
        self.folder, self.token = folder, token
        with closing(socket.socket()) as free:
            free.bind(("127.0.0.1", 0))
            self.port = free.getsockname()[1]

    def start(self):
        told = {"DATA_DIR": "data", "KEY_DIR": "keys", "PACKS": "packs", "PORT": str(self.port), "CLOCK": CLOCK}
        environment = {**os.environ, **{f"KEEPSUM_{name}": value for name, value in told.items()}}
        command = [sys.executable, "-m", "keepsum.cli", "serve", "--json"]
        with (self.folder / "log").open("ab") as log:
            self.process = subprocess.Popen(
                command, cwd=self.folder, env=environment, stdout=subprocess.PIPE, stderr=log
            )
        self.address = json.loads(self.process.stdout.readline())["address"]
        return self

    def kill(self):
        """End it as a power cut would: without a word to whoever is connected."""
        self.process.kill()
        self.process.wait()
        self.process.stdout.close()

    def send(self, page, *buyers):
        """Let people order something now."""
        orders = [order(at=f"{DAY}T11:00:00Z", buyer=buyer, place="Bonn") for buyer in buyers]
        headers = {"Authorization": f"Bearer {self.token}"}
        sent = page.request.post(f"{self.address}/v1/streams/orders/records", data=orders, headers=headers)
        assert sent.json()["accepted"] == len(buyers), sent.text()


@pytest.fixture
def server(tmp_path):
    with closing(House(tmp_path, PACK)) as house:
        token = token_of(house.install)
        with site_of(house.install, house.clock) as site:
            site.person("owner")
    server = Server(tmp_path, token).start()
    yield server
    server.kill()


@pytest.fixture
def page(browser, server):
    with browsing(browser) as page:
        enter(page, server)
        yield page


def enter(page, server):
    given = {"email": "owner@keepsum.example", "password": PASSWORD}
    assert page.context.request.post(f"{server.address}/v1/session", data=given).ok


def kept(page, server, board):
    return page.request.get(f"{server.address}/v1/dashboards/{board}").json()["document"]


def test_a_board_moves_within_two_seconds_and_catches_up_after_the_server_was_killed(page, server):
    board = make(page, server, LIVE)
    page.goto(f"{server.address}/app/dashboards/{board}")
    expect(page.get_by_text("Live", exact=True)).to_be_visible()
    figure = tile(page, "Orders")
    server.send(page, "ann")
    expect(figure.get_by_text("1", exact=True)).to_be_visible(timeout=SOON)
    server.kill()
    expect(page.get_by_text("The connection dropped")).to_be_visible()
    expect(figure.get_by_text("1", exact=True)).to_be_visible()  # what was known stays
    check(page)
    shoot(page, "live-dropped")
    server.start()
    server.send(page, "ben", "cem")
    expect(page.get_by_text("Live again, and up to date")).to_be_visible(timeout=30_000)
    expect(figure.get_by_text("3", exact=True)).to_be_visible()
    check(page)
    shoot(page, "live-again")
    server.send(page, "dea")
    expect(figure.get_by_text("4", exact=True)).to_be_visible(timeout=SOON)


def test_an_edit_waits_for_a_server_that_restarts(page, server):
    board = make(page, server, LIVE)
    page.goto(f"{server.address}/app/dashboards/{board}/edit")
    page.locator("[data-widget=course]").wait_for()
    server.kill()
    page.locator("[data-widget=course]").press("Delete")
    expect(page.locator("[data-saving=failed]")).to_be_visible()
    check(page)
    shoot(page, "live-unsaved")
    server.start()
    saved(page)
    assert [one["id"] for one in kept(page, server, board)["widgets"]] == ["orders"]


def test_a_page_that_is_opened_while_the_server_restarts_comes_by_itself(page, server):
    board = make(page, server, LIVE)
    server.send(page, "ann")
    page.goto(f"{server.address}/app/dashboards")
    settle(page)
    server.kill()
    page.get_by_role("link", name="Now").click()
    server.start()
    expect(tile(page, "Orders").get_by_text("1", exact=True)).to_be_visible(timeout=30_000)
    assert board in page.url


def test_strangers_watch_a_published_board_live_until_the_link_is_taken_back(browser, page, server):
    board = make(page, server, LIVE)
    server.send(page, *(f"b{n}" for n in range(10)))
    link = publish(page, server, board, published=True)["link"]
    with browsing(browser) as stranger:
        stranger.goto(f"{server.address}/app/public/{link}")
        figure = tile(stranger, "Orders")
        expect(figure.get_by_text("10", exact=True)).to_be_visible()
        expect(stranger.get_by_text("Live", exact=True)).to_be_visible()
        server.send(page, *(f"c{n}" for n in range(10)))
        expect(figure.get_by_text("20", exact=True)).to_be_visible(timeout=SOON)
        check(stranger)
        shoot(stranger, "live-public")
        publish(page, server, board, published=False)
        expect(stranger.get_by_role("heading", level=1)).not_to_have_text("Now")
        check(stranger)
        shoot(stranger, "live-public-gone")


def test_a_stranger_whose_address_has_all_its_places_is_shown_what_is_new_all_the_same(browser, page, server):
    board = make(page, server, LIVE)
    server.send(page, *(f"b{n}" for n in range(10)))
    link = publish(page, server, board, published=True)["link"]
    asked = {"queries": [{"widget": "orders", "from": DAY, "to": DAY}]}
    with ExitStack() as held:
        client = held.enter_context(httpx2.Client(base_url=server.address, trust_env=False, timeout=60))
        for _ in range(MOST_OF_PLACE):
            held.enter_context(client.stream("POST", f"/v1/public/{link}/live", json=asked))
        with browsing(browser) as stranger:
            stranger.goto(f"{server.address}/app/public/{link}")
            figure = tile(stranger, "Orders")
            expect(figure.get_by_text("10", exact=True)).to_be_visible()
            expect(stranger.get_by_text("this page asks every few seconds instead")).to_be_visible()
            check(stranger)
            shoot(stranger, "live-crowded")
            server.send(page, *(f"c{n}" for n in range(10)))
            expect(figure.get_by_text("20", exact=True)).to_be_visible(timeout=30_000)
            held.close()
            expect(stranger.get_by_text("Live", exact=True)).to_be_visible(timeout=60_000)


def publish(page, server, board, *, published):
    """Let anybody with a link see a board, or nobody any more."""
    csrf = page.request.get(f"{server.address}/v1/session").json()["csrf"]
    sent = {"roles": [], "published": published}
    path = f"{server.address}/v1/dashboards/{board}/sharing"
    done = page.request.put(path, data=sent, headers={"X-CSRF-Token": csrf})
    assert done.ok, done.text()
    return done.json()
