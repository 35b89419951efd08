"""Published dashboards: what anybody sees who has the link, and nothing more."""

import pytest
from tests.http.test_dashboards import NOTE, PATH, REVENUE, made, put, share
from tests.served import PACK, order, problem_of, served_from
from tests.systems import House
from tests.tenants import create

DAYS = {"from": "2026-01-05", "to": "2026-02-01"}
BY_PLACE = {"metrics": ["orders"], "by": ["place"], "grain": "all", "order": "place"}
OPEN = {"metrics": ["orders"], "by": [], "where": {}, "grain": None, "order": None, "top": None, "totals": False}
WIDGETS = [
    REVENUE | {"id": "places", "query": OPEN | BY_PLACE},
    REVENUE | {"id": "bonn", "query": OPEN | {"grain": "all", "where": {"place": ["Bonn"]}}},
    REVENUE | {"id": "days", "query": OPEN, "options": REVENUE["options"] | {"comparison": False}},
    REVENUE | {"id": "clicks", "query": OPEN | {"metrics": ["buyers"], "grain": "all"}},
    NOTE,
]


@pytest.fixture(scope="module")
def sold(tmp_path_factory):
    """A server with twelve buyers in Bonn on a sealed day, and too few in two other places."""
    house = House(tmp_path_factory.mktemp("sold"), PACK)
    sold = (("Bonn", 12), ("Ulm", 3), ("Jena", 9))
    buyers = ((place, f"{place} {n}") for place, many in sold for n in range(many))
    house.collect(*(order(place=place, buyer=buyer, total="10.00") for place, buyer in buyers), stream="orders")
    house.roll()
    with served_from(house) as served:
        yield served
    house.close()


def publish(served, **changed):
    new = made(served.client, **{"widgets": WIDGETS, "compare": None, **changed})
    shared = share(served.client, new["id"], published=True).json()
    assert shared["published"] is True
    return new["id"], shared["link"]


def ask(served, link, widget, client=None, **more):
    return (client or served.nobody).post(f"/v1/public/{link}/query", json={"widget": widget, **DAYS, **more})


def rows(response):
    assert response.status_code == 200, response.text
    return response.json()["rows"]


def test_anybody_with_the_link_sees_the_dashboard_and_the_answers_of_its_widgets(sold):
    identity, link = publish(sold)
    shown = sold.nobody.get(f"/v1/public/{link}").json()
    assert shown["document"]["widgets"] == WIDGETS
    assert (shown["from"], shown["to"], shown["zone"], shown["version"]) == (*DAYS.values(), "UTC", 1)
    assert identity not in sold.nobody.get(f"/v1/public/{link}").text
    assert rows(ask(sold, link, "bonn")) == [[12]]


def test_strangers_are_guarded_whoever_published(sold):
    _, link = publish(sold)
    answer = ask(sold, link, "places").json()
    assert answer["labels"]["guarded"] is True
    assert "Ulm" not in str(answer)
    mine = sold.ask(**OPEN | BY_PLACE | {"order": "place", "from": DAYS["from"], "to": DAYS["to"]}).json()
    assert "Ulm" in str(mine)
    assert rows(ask(sold, link, "places", sold.client)) == answer["rows"]  # with a token of the owner's, too


def test_a_link_answers_what_widgets_ask_and_nothing_else(sold):
    _, link = publish(sold)
    problem_of(ask(sold, link, "note"), 404, "UNKNOWN_WIDGET")
    problem_of(ask(sold, link, "none"), 404, "UNKNOWN_WIDGET")
    problem_of(ask(sold, link, "bonn", metrics=["revenue"]), 400, "UNKNOWN_PARAMETER")
    problem_of(ask(sold, link, "bonn", where={}), 400, "UNKNOWN_PARAMETER")
    problem_of(sold.nobody.post("/v1/query", json=OPEN | DAYS), 401, "CREDENTIAL_MISSING")
    problem_of(sold.nobody.get(PATH), 401, "CREDENTIAL_MISSING")


@pytest.mark.parametrize(
    ("asked", "status", "code"),
    [
        ({"from": "2026-01-04"}, 403, "OUTSIDE_DASHBOARD"),
        ({"to": "2026-02-02"}, 403, "OUTSIDE_DASHBOARD"),
        ({"from": "2026-02-01", "to": "2026-01-31"}, 400, "RANGE_REVERSED"),
        ({"from": "2026-1-5"}, 400, "BAD_PARAMETER"),
        ({"compare": True}, 403, "OUTSIDE_DASHBOARD"),
        ({"grain": "minute"}, 400, "BAD_PARAMETER"),
    ],
)
def test_strangers_ask_within_the_dashboards_own_days(sold, asked, status, code):
    _, link = publish(sold)
    problem_of(ask(sold, link, "days", **asked), status, code)
    assert ask(sold, link, "days", **{"from": "2026-01-31", "to": "2026-01-31"}).status_code == 200


def test_the_period_before_is_shown_where_the_dashboard_shows_it(sold):
    _, link = publish(sold)
    assert ask(sold, link, "bonn", compare=True).status_code == 200  # the widget compares
    _, other = publish(sold, compare="previous")
    assert ask(sold, other, "days", compare=True).status_code == 200


def test_a_grain_is_taken_where_the_widget_leaves_it_open(sold):
    _, link = publish(sold)
    assert len(rows(ask(sold, link, "days"))) == 28
    assert len(rows(ask(sold, link, "days", grain="month"))) == 2
    assert len(rows(ask(sold, link, "bonn", grain="day"))) == 1


def test_values_that_are_set_on_the_dashboard_filter_what_strangers_see(sold):
    filters = [{"dimension": "place", "values": ["Bonn"]}, {"dimension": "page", "values": ["/"]}]
    _, link = publish(sold, filters=filters)
    assert rows(ask(sold, link, "places")) == [["Bonn", 12]]
    _, none = publish(sold, filters=[{"dimension": "place", "values": ["Ulm"]}])
    problem_of(ask(sold, none, "bonn"), 400, "BAD_FILTER")  # Bonn, and Ulm: nothing is both


def test_what_is_wrong_with_a_widget_names_nothing_else_that_could_be_asked(sold):
    gone = REVENUE | {"id": "gone", "query": OPEN | {"metrics": ["nothing"]}}
    by = REVENUE | {"id": "by", "query": OPEN | {"by": ["colour"]}}
    _, link = publish(sold, widgets=[gone, by])
    for widget, status, code in (("gone", 404, "UNKNOWN_METRIC"), ("by", 400, "UNKNOWN_DIMENSION")):
        said = problem_of(ask(sold, link, widget), status, code)["detail"]
        assert not any(name in said for name in ("revenue", "buyers", "place", "orders"))


def test_a_link_that_is_taken_back_or_never_was_is_unknown(sold):
    identity, link = publish(sold)
    assert share(sold.client, identity, published=True).json()["link"] == link
    gone = share(sold.client, identity, published=False).json()
    assert (gone["published"], gone["link"]) == (False, None)
    said = {problem_of(sold.nobody.get(f"/v1/public/{text}"), 404, "LINK_INVALID")["detail"] for text in (link, "x")}
    assert len(said) == 1
    problem_of(ask(sold, link, "bonn"), 404, "LINK_INVALID")
    again = share(sold.client, identity, published=True).json()["link"]
    assert again != link
    assert sold.client.delete(f"{PATH}/{identity}").status_code == 204
    problem_of(sold.nobody.get(f"/v1/public/{again}"), 404, "LINK_INVALID")


def test_only_whoever_administers_publishes_and_changes_what_is_published(sold):
    analyst, admin = sold.role("analyst"), sold.role("admin")
    new = made(analyst)
    problem_of(share(analyst, new["id"], published=True), 403, "NOT_PERMITTED")
    link = share(admin, new["id"], published=True).json()["link"]
    mine = analyst.get(f"{PATH}/{new['id']}").json()
    assert (mine["link"], mine["may_edit"], mine["may_share"], mine["published"]) == (link, False, True, True)
    problem_of(put(analyst, new["id"], 1, title="Mine"), 403, "DASHBOARD_PUBLISHED")
    assert put(admin, new["id"], 1, title="Ours").json()["version"] == 2
    assert share(analyst, new["id"], ["viewer"], published=True).json()["shared"] == ["viewer"]
    assert sold.role("viewer").get(f"{PATH}/{new['id']}").json()["link"] is None
    assert share(analyst, new["id"], published=False).json()["may_edit"] is True
    kinds = [event["kind"] for event in sold.get("/v1/audit").json()["events"]]
    mine = [kind for kind in kinds if kind.startswith("dashboard_")][:4]
    assert mine == ["dashboard_shared", "dashboard_unpublished", "dashboard_shared", "dashboard_published"]


def test_the_text_of_a_link_is_stored_nowhere(sold):
    _, link = publish(sold)
    found = [path for path in sold.house.folder.rglob("*") if path.is_file() and link.encode() in path.read_bytes()]
    assert found == []


def test_a_link_of_one_workspace_shows_nothing_of_another(sold):
    other = sold.role("owner", workspace=create(sold.install, "other"))
    new = made(other, widgets=WIDGETS)
    link = share(other, new["id"], published=True).json()["link"]
    assert rows(ask(sold, link, "bonn")) == [[None]]


def test_strangers_who_ask_by_a_link_are_counted_by_address(tmp_path):
    house = House(tmp_path, PACK)
    with served_from(house, address_limit=3) as served:
        _, link = publish(served)
        found = [served.nobody.get(f"/v1/public/{link}").status_code for _ in range(5)]
        assert found == [200, 200, 200, 429, 429]
    house.close()


def test_a_dashboard_that_is_not_published_has_no_link(sold):
    assert made(sold.client)["link"] is None
