"""How a dashboard comes up: what it needs is asked for with the page, nothing twice, answers before it stands."""

import re
from collections import Counter
from urllib.parse import urlsplit

import pytest
from playwright.sync_api import expect
from tests.browsing import settle

BOARD = "demo.overview"
SCRIPTS = re.compile(r"/app/assets/(view|board|dashboards|answers)-[^/]+\.js")


class Asked:
    """What a page asked the server for, in order."""

    def __init__(self, page):
        self.requests = []
        page.on("request", self._note)

    def _note(self, request):
        self.requests.append(request)

    def __contains__(self, path):
        return path in self.paths()

    def paths(self):
        return [urlsplit(one.url).path for one in self.requests]

    def questions(self):
        return [one.post_data for one in self.requests if one.url.endswith("/v1/query")]


@pytest.fixture
def asked(page):
    return Asked(page)


def wait_until(page, holds):
    """Wait until something holds of what a page asked; fails after the page's own patience."""
    for _ in range(150):
        if holds():
            return
        page.wait_for_timeout(100)
    pytest.fail("That was never asked.")


def hold(page, *shapes):
    """Let requests wait; gives those that do."""
    held = []

    def keep(route):
        held.append(route)

    for shape in shapes:
        page.route(shape, keep)
    return held


def test_nothing_that_a_dashboard_needs_waits_for_an_answer(page, site, asked):
    held = hold(page, *(f"**/v1/{path}" for path in ("session", f"dashboards/{BOARD}", "metrics")))
    page.goto(f"{site.address}/app/dashboards/{BOARD}", wait_until="commit")
    wait_until(page, lambda: len(held) == 3)
    wait_until(
        page,
        lambda: (
            {match[1] for match in map(SCRIPTS.fullmatch, asked.paths()) if match}
            >= {"view", "board", "dashboards", "answers"}
        ),
    )
    assert asked.questions() == []
    for route in held:
        route.continue_()
    settle(page)
    assert asked.questions()


def test_a_dashboard_asks_nothing_twice(page, site, asked):
    page.goto(f"{site.address}/app/dashboards/{BOARD}")
    settle(page)
    again = {path: count for path, count in Counter(asked.paths()).items() if count > 1 and path != "/v1/query"}
    assert again == {}
    questions = asked.questions()
    assert len(set(questions)) == len(questions) <= page.get_by_role("region").count()


def test_the_answers_are_asked_for_while_the_page_is_put_up(page, site, asked):
    held = hold(page, re.compile(r"/app/assets/view-[^/]+\.js"))
    page.goto(f"{site.address}/app/dashboards/{BOARD}", wait_until="commit")
    wait_until(page, lambda: bool(asked.questions()))
    expect(page.locator("section")).to_have_count(0)
    for route in held:
        route.continue_()
    settle(page)
    assert len(set(asked.questions())) == len(asked.questions())


def test_pointing_at_a_dashboard_in_the_list_asks_for_it_but_not_for_its_answers(page, site, asked):
    site.open(page, "/dashboards")
    page.locator(f"main a[href$='{BOARD}']").first.hover()
    wait_until(page, lambda: f"/v1/dashboards/{BOARD}" in asked)
    settle(page)
    assert asked.questions() == []
