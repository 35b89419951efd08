"""Dashboards: built from nothing by mouse and by keyboard, looked at closely, shared, kept when things go wrong."""

import csv
import io
import json
import re

import pytest
from playwright.sync_api import expect
from tests.accounts import PASSWORD
from tests.browsing import PHONE, browsing, check, illustrate, settle, shoot

# The demo is about these days.
RANGE = {"from": "2010-12-01", "to": "2011-02-28"}
NASTY = "<img src=x onerror=alert(1)> 🛒 مرحبا"


def widget(name, kind, place, *metrics, title="", options=None, **query):
    asked = {"metrics": metrics, **query} if metrics else None
    x, y, w, h = place
    return {"id": name, "kind": kind, "title": title, "place": {"x": x, "y": y, "w": w, "h": h}, "query": asked,
            "options": options or {}}  # fmt: skip


OVERVIEW = {
    "title": "Sales overview",
    "about": "What the shop sold, where, and to how many.",
    "range": RANGE,
    "filters": [{"dimension": "country", "values": []}],
    "widgets": [
        widget("revenue", "card", (0, 0, 3, 3), "revenue", options={"comparison": True}),
        widget("customers", "card", (3, 0, 3, 3), "customers"),
        widget("invoices", "card", (6, 0, 3, 3), "invoices", "lines"),
        widget("target", "gauge", (9, 0, 3, 5), "revenue", title="Towards the target", options={"target": "2000000"}),
        widget("course", "line", (0, 3, 9, 6), "revenue", title="Revenue by day", grain="day"),
        widget("ring", "pie", (9, 5, 3, 4), "lines", title="Ring", by=["country"], grain="all", top=4),
        widget("bars", "bar", (0, 9, 6, 6), "lines", title="Lines by country", by=["country"], grain="all", top=8),
        widget("heat", "heatmap", (6, 9, 6, 6), "lines", title="Weeks", by=["country"], grain="week", top=6),
        widget("map", "map", (0, 15, 6, 7), "lines", title="Where customers are", by=["country"], grain="all"),
        widget("table", "table", (6, 15, 6, 7), "revenue", "lines", title="Countries", by=["country"], grain="all",
               order="-revenue", totals=True),
        widget("area", "area", (0, 22, 6, 5), "lines", title="Stacked", by=["country"], top=4,
               options={"stacked": True}),
        widget("points", "scatter", (6, 22, 6, 5), "lines", "revenue", title="Points", by=["country"], grain="all"),
        widget("words", "text", (0, 27, 12, 2), options={"text": f"# To know\n- {NASTY}"}),
    ],
}  # fmt: skip
# Enough of it for whoever does something with one widget.
FEW = {
    **OVERVIEW,
    "widgets": [one for one in OVERVIEW["widgets"] if one["id"] in ("revenue", "customers", "course", "bars", "table")],
}


def make(page, site, document):
    """Keep a dashboard of whoever the page belongs to; gives its id."""
    csrf = page.request.get(f"{site.address}/v1/session").json()["csrf"]
    sent = {"document": document}
    made = page.request.post(f"{site.address}/v1/dashboards", data=sent, headers={"X-CSRF-Token": csrf})
    assert made.ok, made.text()
    return made.json()["id"]


def stored(page, site, dashboard):
    return page.request.get(f"{site.address}/v1/dashboards/{dashboard}").json()


def tile(page, title):
    return page.get_by_role("region", name=title, exact=True)


def saved(page):
    expect(page.locator("[data-saving=saved]")).to_be_visible()


@pytest.fixture
def board(page, site):
    return make(page, site, FEW)


def test_a_dashboard_shows_every_kind_of_widget(page, site):
    site.open(page, f"/dashboards/{make(page, site, OVERVIEW)}")
    expect(tile(page, "Revenue")).to_contain_text("£1,807,019.93")
    expect(tile(page, "Customers")).to_contain_text("± 88")
    expect(tile(page, "Countries").get_by_role("cell", name="United Kingdom")).to_be_visible()
    expect(page.get_by_role("img", name=re.compile("^Where customers are"))).to_be_visible()
    expect(tile(page, "Where customers are")).to_contain_text("Not on this map: Channel Islands")
    expect(page.get_by_text(NASTY)).to_be_visible()
    check(page)
    illustrate(page, "dashboard")
    shoot(page, "dashboard-whole", whole=True)


def test_every_number_says_what_it_is(page, site, board):
    site.open(page, f"/dashboards/{board}")
    badge = tile(page, "Customers").get_by_role("button", name="What these numbers are: ± 5%")
    badge.click()
    expect(page.get_by_role("dialog")).to_contain_text("Customers is an estimate: the true figure is within ± 5%")
    expect(page.get_by_role("dialog")).to_contain_text("every day is sealed")
    check(page)


SMALL = {"locale": "de-DE", "viewport": {"width": 320, "height": 640}}


@pytest.mark.parametrize("how", [{"color_scheme": "dark"}, {"viewport": PHONE}, {"locale": "de-DE"}, SMALL], ids=str)
def test_a_dashboard_is_as_good_in_the_dark_on_a_phone_and_in_german(browser, site, how):
    with browsing(browser, **how) as page:
        site.enter(page)
        board = make(page, site, OVERVIEW)
        site.open(page, f"/dashboards/{board}")
        expect(page.get_by_text("1.807.019,93" if "locale" in how else "1,807,019.93").first).to_be_visible()
        check(page)
        shoot(page, f"dashboard-{'-'.join(how)}", whole=True)
        assert page.evaluate("document.documentElement.scrollWidth <= innerWidth"), "wider than the screen"


def test_somebody_drills_down_to_the_next_dimension_and_to_the_day_and_finds_back(page, site, board):
    site.open(page, f"/dashboards/{board}")
    tile(page, "Countries").get_by_role("button", name="France").click()
    page.get_by_role("menuitem", name="Split France by product").click()
    expect(tile(page, "Countries").get_by_role("columnheader", name="Product")).to_be_visible()
    assert "drill=" in page.url
    page.reload()
    settle(page)
    tile(page, "Countries").get_by_role("button", name="Back from France › Product").click()
    expect(tile(page, "Countries").get_by_role("button", name="France")).to_be_visible()
    chart = page.get_by_role("img", name=re.compile("^Revenue by day"))
    chart.click(position={"x": 300, "y": 120})
    page.get_by_role("menuitem", name=re.compile("^Look into")).click()
    expect(page).to_have_url(re.compile(r"range=20\d\d-\d\d-\d\d\.\.20\d\d-\d\d-\d\d"))
    page.go_back()
    expect(tile(page, "Revenue")).to_contain_text("£1,807,019.93")


def test_a_click_filters_all_widgets_and_the_address_keeps_it(page, site):
    site.open(page, f"/dashboards/{make(page, site, OVERVIEW)}")
    tile(page, "Countries").get_by_role("button", name="Germany").click()
    page.get_by_role("menuitem", name="Show only Germany").click()
    expect(tile(page, "Revenue")).to_contain_text("£39,983.51")
    page.reload()
    expect(tile(page, "Revenue")).to_contain_text("£39,983.51")
    page.get_by_role("button", name="Reset").click()
    expect(tile(page, "Revenue")).to_contain_text("£1,807,019.93")


def test_a_filter_is_searched_and_set_with_the_keyboard(page, site, board):
    site.open(page, f"/dashboards/{board}")
    page.get_by_role("button", name="Country: All").focus()
    page.keyboard.press("Enter")
    expect(page.get_by_role("textbox", name="Search values")).to_be_focused()
    page.keyboard.type("fran")
    expect(page.get_by_role("checkbox", name="France")).to_be_visible()
    check(page)
    page.get_by_role("checkbox", name="France").press("Space")
    expect(tile(page, "Revenue")).to_contain_text("£35,517.34")


def test_dragging_over_days_looks_at_them(page, site, board):
    site.open(page, f"/dashboards/{board}")
    box = page.get_by_role("img", name=re.compile("^Revenue by day")).bounding_box()
    page.mouse.move(box["x"] + 200, box["y"] + 80)
    page.mouse.down()
    page.mouse.move(box["x"] + 400, box["y"] + 90, steps=8)
    page.mouse.up()
    expect(page).to_have_url(re.compile(r"range=20\d\d-\d\d-\d\d\.\."))


def test_a_dashboard_is_built_from_nothing_with_the_mouse(page, site):
    site.open(page, "/dashboards")
    page.get_by_role("button", name="New dashboard").first.click()
    page.get_by_role("button", name="Add widget").click()
    check(page)
    page.get_by_role("menuitem", name="Figure").click()
    page.get_by_role("textbox", name="Title").fill("Takings")
    page.get_by_role("dialog").get_by_role("button").first.click()
    page.get_by_role("button", name="Add widget").click()
    page.get_by_role("menuitem", name="Bars").click()
    page.keyboard.press("Escape")
    saved(page)
    check(page)
    shoot(page, "dashboard-edit")
    dashboard = page.url.rpartition("/dashboards/")[2].partition("/")[0]
    kinds = {one["kind"]: one for one in stored(page, site, dashboard)["document"]["widgets"]}
    assert kinds["card"]["title"] == "Takings"
    assert kinds["bar"]["query"]["by"], "bars are of something"
    page.get_by_role("link", name="Done").click()
    expect(tile(page, "Takings")).to_be_visible()


def test_a_dashboard_is_built_from_nothing_with_the_keyboard(page, site):
    site.open(page, "/dashboards")
    page.get_by_role("button", name="New dashboard").first.press("Enter")
    page.get_by_role("button", name="Add widget").press("Enter")
    page.get_by_role("menuitem", name="Line", exact=True).press("Enter")
    page.get_by_role("textbox", name="Title").press_sequentially("Course")
    page.keyboard.press("Escape")
    line = page.get_by_role("group", name="Course", exact=True)
    line.focus()
    for key in ("ArrowRight", "ArrowRight", "Shift+ArrowLeft", "Shift+ArrowDown"):
        page.keyboard.press(key)
    expect(page.get_by_text("Course: 5 columns wide, 7 rows high")).to_be_attached()
    saved(page)
    dashboard = page.url.rpartition("/dashboards/")[2].partition("/")[0]
    assert stored(page, site, dashboard)["document"]["widgets"][0]["place"] == {"x": 2, "y": 0, "w": 5, "h": 7}
    page.keyboard.press("Control+z")
    expect(page.get_by_text("Undone")).to_be_attached()
    line.focus()
    page.keyboard.press("Control+d")  # keeps a bookmark, and is no D
    expect(page.locator("[data-widget]")).to_have_count(1)
    page.keyboard.press("Delete")
    expect(page.get_by_text("Nothing on this dashboard yet")).to_be_visible()
    page.keyboard.press("Control+z")
    expect(line).to_be_visible()


def test_widgets_are_dragged_and_resized(page, site, board):
    site.open(page, f"/dashboards/{board}/edit")
    card = page.locator("[data-widget=revenue]")
    handle = card.locator(".edit-handle").bounding_box()
    page.mouse.move(handle["x"] + 10, handle["y"] + 10)
    page.mouse.down()
    page.mouse.move(handle["x"] + 300, handle["y"] + 14, steps=10)
    page.mouse.up()
    saved(page)
    places = {one["id"]: one["place"] for one in stored(page, site, board)["document"]["widgets"]}
    assert places["revenue"]["x"] > 0, "it moved to the right"
    corner = page.locator(".react-grid-item", has=page.locator("[data-widget=bars]")).locator(".react-resizable-handle")
    corner.scroll_into_view_if_needed()
    box = corner.bounding_box()
    page.mouse.move(box["x"] + 12, box["y"] + 12)
    page.mouse.down()
    page.mouse.move(box["x"] + 12, box["y"] + 120, steps=10)
    page.mouse.up()
    saved(page)
    after = {one["id"]: one["place"] for one in stored(page, site, board)["document"]["widgets"]}
    assert after["bars"]["h"] > places["bars"]["h"]


def test_two_people_who_edit_one_dashboard_lose_nothing(page, site, board):
    site.open(page, f"/dashboards/{board}/edit")
    page.locator("[data-widget=customers]").press("Delete")
    saved(page)
    now = stored(page, site, board)
    csrf = page.request.get(f"{site.address}/v1/session").json()["csrf"]
    theirs = {"version": now["version"], "document": {**now["document"], "title": "Theirs"}}
    page.request.put(f"{site.address}/v1/dashboards/{board}", data=theirs, headers={"X-CSRF-Token": csrf})
    page.locator("[data-widget=table]").press("Delete")
    dialog = page.get_by_role("dialog", name="Somebody else changed this dashboard")
    expect(dialog).to_contain_text("Owner saved it")
    check(page)
    dialog.get_by_role("button", name="Keep mine as a copy").click()
    expect(page.get_by_role("heading", name="Sales overview (copy)")).to_be_visible()
    assert stored(page, site, board)["document"]["title"] == "Theirs"


def test_an_edit_survives_a_session_that_ended(page, site, board):
    site.open(page, f"/dashboards/{board}/edit")
    page.context.clear_cookies()
    page.locator("[data-widget=table]").press("Delete")
    dialog = page.get_by_role("dialog", name="Your session has ended")
    dialog.get_by_role("textbox", name="Password").fill(PASSWORD)
    dialog.get_by_role("button", name="Go on").click()
    saved(page)
    assert "table" not in {one["id"] for one in stored(page, site, board)["document"]["widgets"]}


def test_what_was_edited_last_is_there_when_somebody_leaves_at_once(page, site, board):
    site.open(page, f"/dashboards/{board}/edit")
    with page.expect_response(lambda response: response.request.method == "PUT"):
        page.locator("[data-widget=table]").press("Delete")
        page.get_by_role("link", name="Done").click()
    expect(tile(page, "Revenue")).to_be_visible()
    expect(tile(page, "Countries")).to_have_count(0)
    assert "table" not in {one["id"] for one in stored(page, site, board)["document"]["widgets"]}


def test_an_old_version_comes_back(page, site, board):
    site.open(page, f"/dashboards/{board}/edit")
    page.locator("[data-widget=table]").press("Delete")
    saved(page)
    page.get_by_role("button", name="Versions").click()
    expect(page.get_by_text("Version 2")).to_be_visible()
    check(page)
    page.get_by_role("button", name="Bring back").click()
    expect(page.locator("[data-widget=table]")).to_be_visible()
    saved(page)


def test_a_widget_whose_metric_is_gone_says_so_and_the_others_go_on(page, site):
    broken = {
        **OVERVIEW,
        "widgets": [widget("gone", "line", (0, 0, 6, 6), "profit", title="Profit"), OVERVIEW["widgets"][0]],
    }
    board = make(page, site, broken)
    site.open(page, f"/dashboards/{board}")
    expect(tile(page, "Profit").get_by_role("alert")).to_contain_text("UNKNOWN_METRIC")
    expect(tile(page, "Revenue")).to_contain_text("£1,807,019.93")
    check(page)


def test_a_range_without_anything_says_so(page, site, board):
    site.open(page, f"/dashboards/{board}?range=2009-01-01..2009-01-31")
    expect(tile(page, "Lines by country")).to_contain_text("Nothing in this range")
    check(page)
    shoot(page, "dashboard-empty-range")


def test_the_data_and_the_picture_of_a_chart_are_saved(page, site, board):
    site.open(page, f"/dashboards/{board}")

    def download(item):
        tile(page, "Lines by country").get_by_role("button", name="Actions of Lines by country").click()
        with page.expect_download() as found:
            page.get_by_role("menuitem", name=item).click()
        return found.value.path().read_bytes()

    rows = list(csv.reader(io.StringIO(download("Data (CSV)").decode("utf-8-sig"))))
    assert any("United Kingdom" in row for row in rows)
    assert json.loads(download("Data (JSON)"))
    assert download("Data (Excel)").startswith(b"PK")
    assert download("Picture (PNG)").startswith(b"\x89PNG")
    drawing = download("Drawing (SVG)").decode()
    assert drawing.startswith("<svg")
    assert "United Kingdom" in drawing


def test_a_published_dashboard_is_seen_by_a_stranger_without_small_groups(page, site, board, browser):
    site.open(page, f"/dashboards/{board}")
    page.get_by_role("button", name="Share").click()
    page.get_by_role("switch", name="Anybody with the link sees it").check(force=True)
    page.get_by_role("button", name="Save").click()
    link = page.get_by_label("Public link").inner_text().strip()
    check(page)
    with browsing(browser) as stranger:
        stranger.goto(link)
        settle(stranger)
        expect(stranger.get_by_role("heading", name="Sales overview")).to_be_visible()
        expect(tile(stranger, "Countries")).to_contain_text("(hidden)")
        check(stranger)
        shoot(stranger, "dashboard-public")


LIVE = {
    "title": "Today",
    "range": {"preset": "today"},
    "refresh": "live",
    "widgets": [widget("lines", "card", (0, 0, 4, 3), "lines", title="Lines today")],
}


def send(page, site, number):
    """Let the shop sell a line now."""
    line = {"line_id": f"live-{number}", "occurred_at": "2011-03-18T11:00:00Z", "customer": "c1", "invoice": "i1",
            "product": "tea", "country": "France", "cancelled": False, "quantity": 1, "unit_price": "2.500",
            "revenue": "2.50"}  # fmt: skip
    headers = {"Authorization": f"Bearer {site.token()}"}
    sent = page.request.post(f"{site.address}/v1/streams/lines/records", data=[line], headers=headers)
    assert sent.json()["accepted"] == 1, sent.text()


def test_a_live_dashboard_moves_within_two_seconds_of_a_record_and_catches_up(page, site):
    board = make(page, site, LIVE)
    page.goto(f"{site.address}/app/dashboards/{board}")
    expect(page.get_by_text("Live", exact=True)).to_be_visible()
    figure = tile(page, "Lines today")
    expect(figure.get_by_text("0", exact=True)).to_be_visible()
    send(page, site, 1)
    expect(figure.get_by_text("1", exact=True)).to_be_visible(timeout=2_000)
    page.context.set_offline(True)
    page.evaluate("globalThis.dispatchEvent(new Event('offline'))")
    send(page, site, 2)
    page.context.set_offline(False)
    expect(figure.get_by_text("2", exact=True)).to_be_visible(timeout=20_000)
    check(page)


def test_a_dashboard_of_a_pack_is_copied_to_be_changed(page, site):
    site.open(page, "/dashboards")
    check(page)
    shoot(page, "dashboards")
    page.get_by_role("link", name="Online shop").click()
    expect(page.get_by_role("link", name="Edit")).to_have_count(0)
    page.get_by_role("button", name="More about Online shop").click()
    page.get_by_role("menuitem", name="Make a copy").click()
    expect(page.get_by_role("heading", name="Online shop (copy)")).to_be_visible()


# Counts which widgets React draws: it tells its developer tools of every commit, and a part that it drew is another
# object than before, marked with work done.
DRAWN = """
const before = new Map()
window.drawn = []
const look = (fiber) => {
  for (let one = fiber; one !== null; one = one.sibling) {
    const props = one.memoizedProps
    if (typeof one.type === 'function' && props?.widget && props.act && props.view) {
      const { id } = props.widget
      if (before.get(id) !== one && (one.flags & 1) !== 0) window.drawn.push(id)
      before.set(id, one)
    }
    if (one.child !== null) look(one.child)
  }
}
window.__REACT_DEVTOOLS_GLOBAL_HOOK__ = {
  supportsFiber: true, inject: () => 1, onCommitFiberUnmount() {}, onPostCommitFiberRoot() {},
  onCommitFiberRoot: (_, root) => look(root.current),
}
"""


def test_dragging_draws_no_widget_anew(page, site):
    places = [(x, y, 3, 4) for y in (0, 4, 8) for x in (0, 3, 6, 9)]
    widgets = [widget(f"w{i}", "card", place, "revenue", title=f"Card {i}") for i, place in enumerate(places)]
    dashboard = make(page, site, OVERVIEW | {"title": "Many", "widgets": widgets})
    page.add_init_script(DRAWN)
    site.open(page, f"/dashboards/{dashboard}/edit")
    assert {f"w{i}" for i in range(12)} <= set(page.evaluate("window.drawn"))
    page.evaluate("window.drawn.length = 0")
    box = page.locator("[data-widget=w0] .edit-handle").bounding_box()
    page.mouse.move(box["x"] + 5, box["y"] + 5)
    page.mouse.down()
    for x, y in ((700, 300), (900, 500), (900, 260)):
        page.mouse.move(x, y, steps=15)
    page.mouse.up()
    saved(page)
    moved = {one["id"]: one["place"] for one in stored(page, site, dashboard)["document"]["widgets"]}
    assert moved["w0"]["x"] > 0
    assert page.evaluate("window.drawn") == []
