"""Dashboards through the real door: made, changed by two at once, shared, and seen by whoever may."""

from dataclasses import replace

import pytest
from tests.served import PACK, problem_of, served_from
from tests.systems import House
from tests.tenants import create

from keepsum import Dashboard, Widget, WidgetQuery

REVENUE = {
    "id": "revenue",
    "kind": "line",
    "title": "Revenue",
    "about": "",
    "place": {"x": 0, "y": 0, "w": 8, "h": 6},
    "query": {
        "metrics": ["revenue"], "by": ["place"], "where": {"place": ["Bonn", None]}, "grain": "day",
        "order": "-revenue", "top": 5, "totals": True,
    },
    "options": {"stacked": True, "normal": False, "comparison": True, "target": "12.50", "text": ""},
}  # fmt: skip
NOTE = {
    "id": "note", "kind": "text", "title": "", "about": "", "place": {"x": 8, "y": 0, "w": 4, "h": 6}, "query": None,
    "options": {"stacked": False, "normal": False, "comparison": False, "target": None, "text": "- <b>a</b>\n- 🦊"},
}  # fmt: skip
DOCUMENT = {
    "title": "Sales", "about": "What was sold.", "range": {"preset": "last_28_days"}, "grain": None,
    "compare": "previous", "filters": [{"dimension": "place", "values": []}], "refresh": 300,
    "widgets": [REVENUE, NOTE],
}  # fmt: skip
PATH = "/v1/dashboards"


def made(client, **changed):
    response = client.post(PATH, json={"document": DOCUMENT | changed})
    assert response.status_code == 201, response.text
    return response.json()


def put(client, dashboard, version, **changed):
    return client.put(f"{PATH}/{dashboard}", json={"version": version, "document": DOCUMENT | changed})


def share(client, dashboard, roles=(), *, published=False):
    return client.put(f"{PATH}/{dashboard}/sharing", json={"roles": list(roles), "published": published})


def ids(client):
    return [one["id"] for one in client.get(PATH).json()["dashboards"]]


def test_a_dashboard_is_made_listed_and_shown_as_it_was_sent(served):
    analyst = served.role("analyst")
    new = made(analyst)
    assert new["document"] == DOCUMENT
    assert (new["version"], new["pack"], new["shared"], new["published"]) == (1, None, [], False)
    assert (new["may_edit"], new["may_share"], new["may_publish"]) == (True, True, False)
    assert (new["owner"]["name"], new["changed_at"], new["missing"]) == ("test", "2026-02-01T12:00:00Z", [])
    assert analyst.get(f"{PATH}/{new['id']}").json() == new
    listed = analyst.get(PATH).json()
    assert (listed["widgets"], listed["refresh"]) == (20, 300)
    assert listed["dashboards"] == [
        {name: new[name] for name in new if name not in {"document", "link", "missing"}}
    ]  # fmt: skip


def test_each_change_is_a_version_and_the_same_again_is_none(served):
    new = made(served.client)
    second = put(served.client, new["id"], 1, title="Sold").json()
    assert (second["version"], second["title"]) == (2, "Sold")
    assert put(served.client, new["id"], 2, title="Sold").json()["version"] == 2
    assert put(served.client, new["id"], 1, title="Sold").json()["version"] == 2  # sent again, as its answer was lost
    listed = served.get(f"{PATH}/{new['id']}/versions").json()["versions"]
    assert [(one["version"], one["title"], one["widgets"]) for one in listed] == [(2, "Sold", 2), (1, "Sales", 2)]
    assert listed[0]["changed_by"]["name"] == "test"
    old = served.get(f"{PATH}/{new['id']}/versions/1").json()
    assert old["document"] == DOCUMENT
    problem_of(served.get(f"{PATH}/{new['id']}/versions/3"), 404, "UNKNOWN_VERSION")


def test_of_two_who_change_one_dashboard_the_second_learns_of_the_first(served):
    ann, bob = served.person("ann@example.org", "admin"), served.person("bob@example.org", "admin")
    new = made(ann)
    assert put(bob, new["id"], 1, title="Bob's").status_code == 200
    said = problem_of(put(ann, new["id"], 1, title="Ann's"), 409, "DASHBOARD_CHANGED")
    assert (said["version"], said["changed_by"]["name"]) == (2, "Somebody")
    assert said["changed_at"] == "2026-02-01T12:00:00Z"
    assert ann.get(f"{PATH}/{new['id']}").json()["title"] == "Bob's"
    assert put(ann, new["id"], 2, title="Ann's").json()["version"] == 3


def test_the_last_hundred_versions_are_kept(served):
    new = made(served.client)
    for number in range(1, 103):
        assert put(served.client, new["id"], number, title=f"No. {number + 1}").status_code == 200
    listed = [one["version"] for one in served.get(f"{PATH}/{new['id']}/versions").json()["versions"]]
    assert listed == list(range(103, 3, -1))


def test_only_who_may_compose_makes_dashboards(shared):
    for role, status in (("viewer", 403), ("analyst", 201), ("manager", 201), ("admin", 201), ("collector", 403)):
        response = shared.role(role).post(PATH, json={"document": DOCUMENT})
        assert response.status_code == status, role
    problem_of(shared.role("collector").get(PATH), 403, "NOT_PERMITTED")
    problem_of(shared.role("owner", streams=("orders",)).post(PATH, json={"document": DOCUMENT}), 403, "NOT_PERMITTED")


def test_others_see_a_dashboard_when_it_is_shared_with_a_role_of_theirs_or_one_that_theirs_includes(served):
    owner, viewer, analyst = (served.role(role) for role in ("analyst", "viewer", "analyst"))
    new = made(owner)
    assert ids(viewer) == ids(analyst) == []
    problem_of(viewer.get(f"{PATH}/{new['id']}"), 404, "UNKNOWN_DASHBOARD")
    assert share(owner, new["id"], ["analyst"]).json()["shared"] == ["analyst"]
    assert (ids(viewer), ids(analyst)) == ([], [new["id"]])
    assert share(owner, new["id"], ["viewer"]).json()["shared"] == ["viewer"]
    assert ids(viewer) == ids(analyst) == [new["id"]]
    seen = analyst.get(f"{PATH}/{new['id']}").json()
    assert (seen["may_edit"], seen["may_share"], seen["document"]) == (False, False, DOCUMENT)
    problem_of(put(analyst, new["id"], 1, title="Mine"), 403, "NOT_PERMITTED")
    problem_of(share(analyst, new["id"], []), 403, "NOT_PERMITTED")
    problem_of(analyst.delete(f"{PATH}/{new['id']}"), 403, "NOT_PERMITTED")
    share(owner, new["id"], [])
    assert ids(viewer) == []


def test_whoever_administers_sees_and_changes_all(served):
    new = made(served.role("analyst"))
    admin = served.role("admin")
    assert new["id"] in ids(admin)
    assert put(admin, new["id"], 1, title="Ours").json()["owner"] == new["owner"]
    assert admin.delete(f"{PATH}/{new['id']}").status_code == 204
    problem_of(admin.get(f"{PATH}/{new['id']}"), 404, "UNKNOWN_DASHBOARD")
    kinds = [event["kind"] for event in served.get("/v1/audit").json()["events"]]
    assert "dashboard_deleted" in kinds


def test_sharing_names_roles_that_there_are_and_is_audited(served):
    new = made(served.client)
    problem_of(share(served.client, new["id"], ["king"]), 404, "UNKNOWN_ROLE")
    share(served.client, new["id"], ["viewer", "analyst", "viewer"])
    (event,) = (e for e in served.get("/v1/audit").json()["events"] if e["kind"] == "dashboard_shared")
    assert event["about"] == {"before": [], "dashboard": new["id"], "roles": ["analyst", "viewer"]}
    share(served.client, new["id"], ["viewer", "analyst"])
    events = served.get("/v1/audit").json()["events"]
    assert [e["kind"] for e in events].count("dashboard_shared") == 1


def test_the_dashboard_of_somebody_who_is_gone_stays_without_an_owner(served):
    ann = served.person("ann@example.org", "analyst")
    new = made(ann)
    assert new["owner"]["name"] == "Somebody"
    assert served.client.delete(f"/v1/people/{new['owner']['id']}").status_code == 200
    assert served.get(f"{PATH}/{new['id']}").json()["owner"] is None
    assert ids(served.client) == [new["id"]]


def test_another_workspaces_dashboard_is_as_unknown_as_none(served):
    other = served.role("owner", workspace=create(served.install, "other"))
    mine = made(served.client)["id"]
    for path in (f"{PATH}/{mine}", f"{PATH}/{mine}/versions", f"{PATH}/{mine}/versions/1"):
        theirs = problem_of(other.get(path), 404, "UNKNOWN_DASHBOARD")["detail"]
        none = problem_of(other.get(path.replace(mine, "none")), 404, "UNKNOWN_DASHBOARD")["detail"]
        assert theirs.replace(mine, "none") == none
    problem_of(put(other, mine, 1, title="x"), 404, "UNKNOWN_DASHBOARD")
    problem_of(other.delete(f"{PATH}/{mine}"), 404, "UNKNOWN_DASHBOARD")
    assert ids(other) == []


def test_a_widget_says_what_is_missing_to_its_viewer(served):
    def asking(identity, **query):
        return REVENUE | {"id": identity, "query": REVENUE["query"] | {"order": None, "where": {}} | query}

    gone, split = asking("gone", metrics=["profit"]), asking("split", by=["planet"])
    widgets = [REVENUE, gone, split, asking("hidden", by=["buyer"]), NOTE]
    said = {one["widget"]: one["code"] for one in made(served.client, widgets=widgets)["missing"]}
    assert said == {"gone": "UNKNOWN_METRIC", "split": "UNKNOWN_DIMENSION", "hidden": "DIMENSION_PERSONAL"}


@pytest.mark.parametrize(
    ("changed", "code", "where"),
    [
        ({"colour": "red"}, "UNKNOWN_PARAMETER", "document.colour"),
        ({"title": ""}, "BAD_PARAMETER", "document.title"),
        ({"title": "  "}, "BAD_DASHBOARD", "title"),
        ({"title": "x" * 121}, "BAD_PARAMETER", "document.title"),
        ({"range": {"preset": "ever"}}, "BAD_PARAMETER", "document.range"),
        ({"range": {"from": "2026-02-30", "to": "2026-03-01"}}, "BAD_PARAMETER", "document.range"),
        ({"range": {"from": "2026-02-02", "to": "2026-02-01"}}, "BAD_DASHBOARD", "range"),
        ({"refresh": 5}, "BAD_PARAMETER", "document.refresh"),
        ({"refresh": 100_000}, "BAD_DASHBOARD", "refresh"),
        ({"filters": [{"dimension": "place", "values": []}] * 2}, "BAD_DASHBOARD", "filters.1.dimension"),
        ({"widgets": [REVENUE] * 2}, "BAD_DASHBOARD", "widgets.1.id"),
        ({"filters": [{"dimension": "place", "values": ["x" * 1_000] * 250}]}, "BAD_DASHBOARD", "200,000 characters"),
        ({"widgets": [REVENUE | {"id": f"w{n}"} for n in range(21)]}, "BAD_DASHBOARD", "widgets"),
        ({"widgets": [REVENUE | {"place": {"x": 8, "y": 0, "w": 5, "h": 1}}]}, "BAD_DASHBOARD", "widgets.0.place"),
        ({"widgets": [REVENUE | {"query": None}]}, "BAD_DASHBOARD", "widgets.0.query"),
        ({"widgets": [NOTE | {"query": REVENUE["query"]}]}, "BAD_DASHBOARD", "widgets.0.query"),
        ({"widgets": [NOTE | {"id": "Ä"}]}, "BAD_PARAMETER", "document.widgets.0.id"),
        ({"widgets": [NOTE | {"options": NOTE["options"] | {"target": "NaN"}}]}, "BAD_DASHBOARD", "options.target"),
    ],
)  # fmt: skip
def test_a_dashboard_that_cannot_be_is_refused_by_name(shared, changed, code, where):
    said = problem_of(shared.client.post(PATH, json={"document": DOCUMENT | changed}), 400, code)
    assert where in said.get("field", said["detail"])


@pytest.mark.parametrize(
    "query",
    [{"order": "-orders"}, {"top": 0}, {"by": [], "order": None, "top": 3}, {"by": ["place", "place"]}],
)
def test_a_question_that_no_answer_could_have_is_refused(shared, query):
    widgets = [REVENUE | {"query": REVENUE["query"] | query}]
    problem_of(shared.client.post(PATH, json={"document": DOCUMENT | {"widgets": widgets}}), 400, "BAD_DASHBOARD")


def test_nothing_is_added_to_an_archived_workspace(served):
    new = made(served.client)
    assert served.client.patch("/v1/workspaces/default", json={"archived": True}).status_code == 200
    problem_of(served.client.post(PATH, json={"document": DOCUMENT}), 409, "WORKSPACE_ARCHIVED")
    problem_of(put(served.client, new["id"], 1, title="x"), 409, "WORKSPACE_ARCHIVED")
    assert served.get(f"{PATH}/{new['id']}").json()["may_edit"] is False


ORDERS = Dashboard("orders", title="Orders", widgets=(Widget("all", kind="card", query=WidgetQuery(("orders",))),))


@pytest.fixture(scope="module")
def packed(tmp_path_factory):
    """A server whose pack brings a dashboard."""
    house = House(tmp_path_factory.mktemp("packed"), replace(PACK, dashboards=(ORDERS,)))
    with served_from(house) as served:
        yield served
    house.close()


def test_a_packs_dashboard_is_there_for_whoever_sees_a_metric_of_it_and_stays_as_it_is(packed):
    viewer = packed.role("viewer")
    (listed,) = (one for one in viewer.get(PATH).json()["dashboards"] if one["pack"])
    assert (listed["id"], listed["pack"], listed["version"], listed["owner"]) == ("web.orders", "web", 0, None)
    assert (listed["may_edit"], listed["may_share"], listed["changed_at"]) == (False, False, None)
    assert viewer.get(f"{PATH}/web.orders/versions").json() == {"versions": []}
    assert ids(packed.role("viewer", streams=("visits",))) == []
    problem_of(packed.role("viewer", streams=("visits",)).get(f"{PATH}/web.orders"), 404, "UNKNOWN_DASHBOARD")
    problem_of(put(packed.client, "web.orders", 0), 409, "DASHBOARD_OF_PACK")
    problem_of(share(packed.client, "web.orders", ["viewer"]), 409, "DASHBOARD_OF_PACK")
    problem_of(packed.client.delete(f"{PATH}/web.orders"), 409, "DASHBOARD_OF_PACK")


def test_a_packs_dashboard_is_copied_by_sending_what_is_on_it(packed):
    shown = packed.get(f"{PATH}/web.orders").json()
    copy = packed.client.post(PATH, json={"document": shown["document"]}).json()
    assert (copy["document"], copy["pack"], copy["version"]) == (shown["document"], None, 1)
