"""What goes wrong, each with a state of its own: nothing is lost, nothing injected, and it is said in plain words."""

import re
from contextlib import closing
from dataclasses import replace

import pytest
from playwright.sync_api import expect
from tests.accounts import PASSWORD
from tests.browsing import PHONE, browsing, check, settle, shoot, site_of
from tests.e2e.test_dashboards import make, saved, stored, tile, widget
from tests.served import DAILY, PACK, VISITS, order
from tests.systems import House

from keepsum import Count, Grant, Metric, Permission, Role, Rollup, Sum, Text, years

MANY = 10_000
NASTY = (
    "<img src=x onerror=alert(1)>",
    "🛒 Körbe 🧺",
    "مرحبا بالعالم",
    "javascript:alert(1)",
    "'\"><script>alert(1)</script>",
)
DAY = "2026-02-01"

CLICKED = replace(VISITS, fields=(Text("page", most=2 * MANY), *VISITS.fields[1:]))
PAGES = Rollup("pages_daily", of=CLICKED, by=("page",), measures=(Count("visits"), Sum("clicks")), keep=years(3))
SHOP = replace(
    PACK,
    streams=(DAILY.of, CLICKED),
    rollups=(DAILY, PAGES),
    metrics=(*PACK.metrics, Metric("visits", PAGES.visits, unit="visits", owner="web", about="How many visits.")),
    roles=(Role("cashier", permissions=(Permission.READ,), grants=(Grant("stream:orders"),)),),
)
BOARD = {
    "title": "Today",
    "range": {"preset": "today"},
    "filters": [{"dimension": "page", "values": []}],
    "widgets": [
        widget("orders", "card", (0, 0, 4, 3), "orders", title="Orders"),
        widget("visits", "card", (4, 0, 4, 3), "visits", title="Visits"),
        widget("bars", "bar", (0, 3, 6, 7), "visits", title="Largest", by=["page"], grain="all", top=8),
        widget("table", "table", (6, 3, 6, 7), "visits", title="Pages", by=["page"], grain="all", order="-visits",
               top=MANY, totals=True),
        widget("ring", "pie", (0, 10, 4, 6), "visits", title="Ring", by=["page"], grain="all", top=5),
    ],
}  # fmt: skip


def visits():
    """Visits of very many pages today, most of them of those that are called as nobody would call a page."""
    for number, name in enumerate(NASTY):
        for one in range(40 - number):
            yield {"id": f"n{number}-{one}", "on": DAY, "page": name, "clicks": 1}
    for number in range(MANY):
        yield {"id": f"m{number}", "on": DAY, "page": f"/page-{number:05}", "clicks": 1}


@pytest.fixture(scope="module")
def site(tmp_path_factory):
    """A server over a shop whose site has ten thousand pages."""
    with closing(House(tmp_path_factory.mktemp("trouble"), SHOP)) as house:
        house.collect(*visits(), stream="visits")
        house.collect(*(order(at=f"{DAY}T09:00:00Z", buyer=f"b{n}") for n in range(12)), stream="orders")
        with site_of(house.install, house.clock) as site:
            yield site


@pytest.fixture
def board(page, site):
    return make(page, site, BOARD)


def share(page, site, board, role):
    csrf = page.request.get(f"{site.address}/v1/session").json()["csrf"]
    sent = {"roles": [role], "published": False}
    done = page.request.put(f"{site.address}/v1/dashboards/{board}/sharing", data=sent, headers={"X-CSRF-Token": csrf})
    assert done.ok, done.text()


def test_what_values_are_called_is_shown_and_never_run(page, site, board):
    page.on("dialog", lambda dialog: pytest.fail(f"a value ran: {dialog.message}"))
    site.open(page, f"/dashboards/{board}")
    for name in NASTY:
        cell = tile(page, "Pages").get_by_role("cell", name=name, exact=True)
        expect(cell).to_be_visible()
    chart = page.get_by_role("img", name=re.compile("^Largest"))
    box = chart.bounding_box()
    for share_of_height in (0.1, 0.25, 0.4):  # the signs beside bars are HTML, and so are made of texts only
        page.mouse.move(box["x"] + box["width"] * 0.6, box["y"] + box["height"] * share_of_height)
        page.wait_for_timeout(200)
    check(page)
    shoot(page, "trouble-values", whole=True)
    tile(page, "Pages").get_by_role("button", name=NASTY[0]).click()
    page.get_by_role("menuitem", name=f"Show only {NASTY[0]}").click()
    expect(tile(page, "Visits")).to_contain_text("40")
    page.reload()
    settle(page)
    expect(page.get_by_role("button", name=f"Page: {NASTY[0]}")).to_be_visible()
    expect(tile(page, "Visits")).to_contain_text("40")
    assert page.locator("img[src=x], script:not([src])").count() == 0


def test_ten_thousand_values_are_drawn_searched_and_filtered_by(page, site, board):
    site.open(page, f"/dashboards/{board}")
    table = tile(page, "Pages").get_by_role("table")
    assert int(table.get_attribute("aria-rowcount")) >= MANY
    assert table.get_by_role("row").count() < 100, "rows that nobody sees are not drawn"
    expect(tile(page, "Largest")).to_contain_text("(other)")
    page.get_by_role("button", name="Page: All").click()
    page.get_by_role("textbox", name="Search values").fill("page-07777")
    box = page.get_by_role("checkbox", name="/page-07777")
    expect(box).to_be_visible()
    check(page)
    box.check()
    expect(tile(page, "Visits").get_by_text("1", exact=True)).to_be_visible()
    shoot(page, "trouble-many")


def test_a_role_that_one_widget_is_not_for_sees_the_others_and_why(browser, page, site, board):
    share(page, site, board, "cashier")
    with browsing(browser) as other:
        site.enter(other, "cashier")
        site.open(other, f"/dashboards/{board}")
        expect(tile(other, "Orders").get_by_text("10", exact=True)).to_be_visible()
        expect(tile(other, "Visits").get_by_role("alert")).to_contain_text("Your roles do not show")
        check(other)
        shoot(other, "trouble-role")
    with browsing(browser, locale="de-DE") as other:
        site.enter(other, "cashier")
        site.open(other, f"/dashboards/{board}")
        expect(tile(other, "Visits").get_by_role("alert")).to_contain_text("Ihre Rollen zeigen „visits“ nicht.")
        check(other)


def test_a_metric_that_is_gone_is_named_in_the_language_of_the_page(browser, site):
    gone = {**BOARD, "filters": [], "widgets": [widget("gone", "line", (0, 0, 6, 6), "profit", title="Gewinn")]}
    with browsing(browser, locale="de-DE") as page:
        site.enter(page)
        site.open(page, f"/dashboards/{make(page, site, gone)}")
        said = tile(page, "Gewinn").get_by_role("alert")
        expect(said).to_contain_text("Die Kennzahl „profit“ gibt es nicht mehr.")
        expect(said).to_contain_text("UNKNOWN_METRIC")
        check(page)
        shoot(page, "trouble-gone")


def test_a_slow_answer_says_that_it_is_on_its_way(page, site, board):
    held = []
    page.route("**/v1/query", lambda route, _request: held.append(route))
    page.goto(f"{site.address}/app/dashboards/{board}")
    expect(tile(page, "Orders").get_by_role("status")).to_contain_text("takes longer than usual", timeout=15_000)
    check(page)
    shoot(page, "trouble-slow")
    for one in held:
        one.continue_()
    expect(tile(page, "Orders").get_by_text("12", exact=True)).to_be_visible()


def test_an_edit_goes_on_after_another_tab_signed_in(page, site, board):
    site.open(page, f"/dashboards/{board}/edit")
    site.enter(page)  # as another tab does: the cookie is another session's now
    page.locator("[data-widget=ring]").press("Delete")
    saved(page)
    assert "ring" not in {one["id"] for one in stored(page, site, board)["document"]["widgets"]}


def test_nothing_is_saved_in_the_name_of_somebody_else_who_signed_in_meanwhile(page, site, board):
    site.open(page, f"/dashboards/{board}/edit")
    site.enter(page, "admin")
    page.locator("[data-widget=ring]").press("Delete")
    state = page.locator("[data-saving=refused]")
    expect(state).to_contain_text("Somebody else signed in, in another tab")
    check(page)
    assert "ring" in {one["id"] for one in stored(page, site, board)["document"]["widgets"]}
    site.enter(page)
    page.reload()
    saved(page)  # what was edited waited in this browser
    assert "ring" not in {one["id"] for one in stored(page, site, board)["document"]["widgets"]}


def test_widgets_are_changed_on_a_phone_one_under_the_other(browser, site):
    with browsing(browser, viewport=PHONE) as page:
        site.enter(page)
        board = make(page, site, BOARD)
        site.open(page, f"/dashboards/{board}/edit")
        tops = [page.locator(f"[data-widget={name}]").bounding_box() for name in ("orders", "visits", "bars")]
        assert [box["y"] for box in tops] == sorted({box["y"] for box in tops})
        assert all(box["width"] > 300 for box in tops)
        page.get_by_role("button", name="Remove from the dashboard: Ring").click()
        saved(page)
        check(page)
        shoot(page, "trouble-phone-edit", whole=True)
        places = {one["id"]: one["place"] for one in stored(page, site, board)["document"]["widgets"]}
        assert places["visits"] == {"x": 4, "y": 0, "w": 4, "h": 3}, "a wide screen's places stay"


def test_a_board_fills_the_screen_and_leaves_it(page, site, board):
    site.open(page, f"/dashboards/{board}")
    page.get_by_role("button", name="More about Today").click()
    page.get_by_role("menuitem", name="Full screen").click()
    expect(page.get_by_role("navigation", name="Main")).to_be_hidden()
    assert "full=true" in page.url
    check(page)
    shoot(page, "dashboard-full")
    page.get_by_role("button", name="Leave full screen").click()
    expect(page.get_by_role("navigation", name="Main")).to_be_visible()


def test_paper_says_which_days_and_filters_it_is_about(page, site, board):
    site.open(page, f"/dashboards/{board}?filter=%7B%22page%22%3A%5B%22%2Fpage-00001%22%5D%7D")
    page.emulate_media(media="print")
    expect(page.get_by_text("1 February 2026 · Page: /page-00001 · as of 1 February 2026")).to_be_visible()
    for hidden in (page.get_by_role("link", name="Skip to the content"), page.get_by_role("button", name="Share")):
        expect(hidden).to_be_hidden()
    assert page.pdf(prefer_css_page_size=True).startswith(b"%PDF")


def test_a_password_that_is_wrong_is_said_in_german(browser, site):
    with browsing(browser, locale="de-DE") as page:
        site.open(page, "/sign-in")
        page.get_by_role("textbox", name="E-Mail").fill(site.person("owner"))
        page.get_by_role("textbox", name="Passwort").fill(PASSWORD + "!")
        page.get_by_role("textbox", name="Passwort").press("Enter")
        expect(page.get_by_role("alert")).to_have_text("Die Adresse oder das Passwort stimmt nicht.")
        check(page)
