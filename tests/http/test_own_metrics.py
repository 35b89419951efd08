"""Metrics that people make: checked while they are written, tried, kept, asked as any other, kept for dashboards."""

import pytest
from tests.consulting import PACK as CONSULTING
from tests.served import order, problem_of, served_from
from tests.systems import House

from keepsum.engine.formula import MOST_PARTS
from keepsum.model.audit import Kind
from keepsum.pipeline import audit
from keepsum.pipeline.audit import Wanted

PATH = "/v1/metrics/custom"
RANGE = {"from": "2026-01-30", "to": "2026-01-31"}
MEAN = {"name": "mean", "formula": "revenue / orders", "about": "What an order comes to.", "decimals": 2}


@pytest.fixture
def shop(served):
    """A server with a sealed day of orders of two places."""
    day = "2026-01-30T10:00:00Z"
    served.send([order(at=day, place="york", total="10.00", buyer=f"b{n}") for n in range(12)])
    served.send([order(at=day, place="leeds", total="4.00", buyer=f"c{n}") for n in range(12)])
    served.house.at("2026-01-31T12:00").roll()
    return served


def checked(client, formula, **more):
    response = client.post("/v1/metrics/check", json={"formula": formula, **more})
    assert response.status_code == 200, response.text
    return response.json()


def made(client, **changed):
    response = client.post(PATH, json=MEAN | changed)
    assert response.status_code == 201, response.text
    return response.json()


def rows(served, name, client=None, **more):
    response = (client or served.client).post("/v1/query", json={"metrics": [name], **RANGE, **more})
    assert response.status_code == 200, response.text
    return response.json()["rows"]


def dashboard(metric, title="Sales"):
    widget = {
        "id": "a", "kind": "card", "title": "", "about": "", "place": {"x": 0, "y": 0, "w": 3, "h": 2},
        "query": {
            "metrics": [metric], "by": [], "where": {}, "grain": "all", "order": None, "top": None, "totals": False,
        },
        "options": {},
    }  # fmt: skip
    return {"title": title, "range": {"preset": "last_7_days"}, "grain": None, "filters": [], "widgets": [widget]}


def test_a_formula_is_checked_while_it_is_written(shared):
    assert checked(shared.client, "revenue / orders") == {
        "ok": True, "text": "revenue / orders", "unit": "EUR/orders", "problems": [],
    }  # fmt: skip
    found = checked(shared.client, "revenue / ")
    assert (found["ok"], found["text"], found["problems"][0]["at"]) == (False, None, 9)
    found = checked(shared.client, "revenue + orders")
    assert [problem["code"] for problem in found["problems"]] == ["UNITS_MIXED"]
    assert checked(shared.client, "orders_daily.total where place = 'york'")["ok"]
    assert checked(shared.client, "revenue", unit="USD")["problems"][0]["code"] == "UNITS_MIXED"
    assert checked(shared.client, "x" * 5_000)["problems"][0]["code"] == "FORMULA_TOO_LONG"


def test_a_formula_is_tried_before_it_is_kept(shop):
    asked = {
        "formula": "revenue where place = 'york' / orders",
        "query": {**RANGE, "metrics": ["revenue"], "by": ["place"]},
    }
    found = shop.client.post("/v1/metrics/preview", json=asked).json()
    assert found["columns"][-1] | {"unit": ""} == {"name": "own_preview", "kind": "metric", "unit": "", "scale": 2}
    assert found["rows"] == [["leeds", 0.0], ["york", 10.0]]
    asked["query"] |= {"order": "-revenue", "top": 1}
    found = shop.client.post("/v1/metrics/preview", json=asked).json()
    assert found["rows"][0] == ["york", 10.0]
    refused = shop.client.post("/v1/metrics/preview", json=asked | {"formula": "buyers + buyers"})
    assert "UNIQUES_ADDED" in problem_of(refused, 400, "FORMULA_REFUSED")["detail"]
    assert shop.get(PATH).json() == {"metrics": []}


def test_a_metric_that_somebody_made_is_asked_as_any_other(shop):
    found = made(shop.client)
    assert (found["name"], found["text"], found["unit"]) == ("own_mean", "revenue / orders", "EUR/orders")
    assert (found["may_edit"], found["problems"]) == (True, [])
    assert rows(shop, "own_mean") == [[7.0]]
    assert rows(shop, "own_mean", by=["place"], order="-own_mean") == [["york", 10.0], ["leeds", 4.0]]
    listed = {one["name"]: one for one in shop.get("/v1/metrics").json()["metrics"]}
    assert (listed["own_mean"]["custom"], listed["revenue"]["custom"]) == (True, False)
    assert (listed["own_mean"]["dimensions"], listed["own_mean"]["kind"]) == (["place"], "ratio")
    assert shop.get("/v1/dimensions/place/values", metric="own_mean").json()["values"] == ["leeds", "york"]
    file = shop.client.post("/v1/query/file", json={"query": {"metrics": ["own_mean"], **RANGE}})
    assert file.text.splitlines() == ['"own_mean"', "7.00"]


def test_a_changed_metric_is_another_at_once_and_a_deleted_one_is_gone(shop):
    made(shop.client)
    changed = {"version": 1, "formula": "revenue / orders where place = 'york'", "about": "", "direction": "none"}
    put = shop.client.put(f"{PATH}/own_mean", json=changed)
    assert (put.status_code, put.json()["direction"]) == (200, "none")
    assert rows(shop, "own_mean") == [[14.0]]
    assert shop.client.delete(f"{PATH}/own_mean").status_code == 204
    problem_of(shop.ask(metrics=["own_mean"], first="2026-01-30", to="2026-01-31"), 404, "UNKNOWN_METRIC")
    assert shop.get(PATH).json() == {"metrics": []}
    kinds = [one.kind for one in audit.page(shop.install.control, Wanted()) if "metric" in one.kind]
    assert kinds == [Kind.METRIC_DELETED, Kind.METRIC_CHANGED, Kind.METRIC_CHANGED]


def test_of_two_who_change_one_metric_the_second_learns_of_the_first(shop):
    ann, bob = shop.person("ann@example.org", "admin"), shop.person("bob@example.org", "admin")
    assert made(ann)["version"] == 1
    path, theirs, mine = f"{PATH}/own_mean", {"formula": "revenue"}, {"formula": "orders"}
    assert bob.put(path, json={"version": 1, **theirs}).json()["version"] == 2
    said = problem_of(ann.put(path, json={"version": 1, **mine}), 409, "METRIC_CHANGED")
    assert (said["version"], said["changed_by"]["name"]) == (2, "Somebody")
    assert said["changed_at"] == ann.get(PATH).json()["metrics"][0]["changed_at"]
    assert rows(shop, "own_mean") == [[168.0]]
    assert ann.put(path, json={"version": 2, **mine}).json()["version"] == 3
    problem_of(ann.put(path, json=theirs), 400, "MISSING_PARAMETER")


def test_a_metric_is_there_when_the_server_starts_again(shop):
    made(shop.client)
    shop.install.let_go("default")
    assert rows(shop, "own_mean") == [[7.0]]
    house = shop.house.open()
    assert "own_mean" in house.system.catalog.metrics


def test_a_metric_that_a_dashboard_asks_for_is_not_deleted(shop):
    made(shop.client)
    sent = shop.client.post("/v1/dashboards", json={"document": dashboard("own_mean")})
    assert sent.status_code == 201, sent.text
    refused = problem_of(shop.client.delete(f"{PATH}/own_mean"), 409, "METRIC_IN_USE")
    assert "dashboard 'Sales'" in refused["detail"]
    assert shop.client.delete(f"/v1/dashboards/{sent.json()['id']}").status_code == 204
    assert shop.client.delete(f"{PATH}/own_mean").status_code == 204


def test_guarded_callers_get_guarded_figures_of_it(shop):
    made(shop.client)
    shop.send([order(at="2026-01-30T11:00:00Z", place="hull", total="999.00", buyer="one")])
    shop.house.at("2026-02-01T12:00").roll()
    shown = rows(shop, "own_mean", client=shop.role("viewer"), by=["place"])
    assert "hull" not in {row[0] for row in shown}
    assert ["hull", 999.0] in rows(shop, "own_mean", by=["place"])


@pytest.mark.parametrize(
    ("body", "status", "code"),
    [
        (MEAN | {"name": "Mean!"}, 400, "BAD_NAME"),
        (MEAN | {"name": "own_"}, 400, "BAD_NAME"),
        (MEAN | {"name": "x" * 37}, 400, "BAD_NAME"),
        (MEAN | {"formula": "revenue +"}, 400, "FORMULA_REFUSED"),
        (MEAN | {"formula": "own_mean"}, 400, "FORMULA_REFUSED"),
        (MEAN | {"direction": "sideways"}, 400, "BAD_PARAMETER"),
        (MEAN | {"decimals": 13}, 400, "BAD_PARAMETER"),
        (MEAN | {"colour": "red"}, 400, "UNKNOWN_PARAMETER"),
        ({"name": "mean"}, 400, "MISSING_PARAMETER"),
    ],
)
def test_what_cannot_be_a_metric_says_why(shared, body, status, code):
    problem_of(shared.client.post(PATH, json=body), status, code)


def test_a_name_is_given_once(shop):
    made(shop.client)
    problem_of(shop.client.post(PATH, json=MEAN), 409, "METRIC_TAKEN")
    problem_of(shop.client.post(PATH, json=MEAN | {"name": "own_mean"}), 409, "METRIC_TAKEN")
    problem_of(shop.client.put(f"{PATH}/own_other", json={"version": 1, "formula": "revenue"}), 404, "UNKNOWN_METRIC")
    problem_of(shop.client.delete(f"{PATH}/revenue"), 404, "UNKNOWN_METRIC")


def test_whoever_made_it_changes_it_and_whoever_administers_the_workspace(shop):
    analyst, other = shop.role("analyst"), shop.role("analyst")
    made(analyst)
    assert [one["may_edit"] for one in other.get(PATH).json()["metrics"]] == [False]
    problem_of(other.put(f"{PATH}/own_mean", json={"version": 1, "formula": "revenue"}), 403, "NOT_PERMITTED")
    problem_of(other.delete(f"{PATH}/own_mean"), 403, "NOT_PERMITTED")
    assert analyst.put(f"{PATH}/own_mean", json={"version": 1, "formula": "revenue"}).status_code == 200
    owner = analyst.get(PATH).json()["metrics"][0]["owner"]
    assert shop.client.put(f"{PATH}/own_mean", json={"version": 2, "formula": "orders"}).json()["owner"] == owner
    for path, body in ((PATH, MEAN), ("/v1/metrics/check", {"formula": "revenue"})):
        problem_of(shop.role("viewer").post(path, json=body), 403, "NOT_PERMITTED")
    assert [one["name"] for one in shop.role("viewer").get(PATH).json()["metrics"]] == ["own_mean"]


def test_what_strangers_see_is_changed_only_by_whoever_may_publish(shop):
    analyst = shop.role("analyst")
    made(analyst)
    sent = shop.client.post("/v1/dashboards", json={"document": dashboard("own_mean")}).json()
    shared = shop.client.put(f"/v1/dashboards/{sent['id']}/sharing", json={"roles": [], "published": True})
    assert shared.status_code == 200, shared.text
    problem_of(analyst.put(f"{PATH}/own_mean", json={"version": 1, "formula": "revenue"}), 403, "METRIC_PUBLISHED")
    assert [one["may_edit"] for one in analyst.get(PATH).json()["metrics"]] == [False]
    assert [one["may_edit"] for one in shop.get(PATH).json()["metrics"]] == [True]
    assert shop.client.put(f"{PATH}/own_mean", json={"version": 1, "formula": "revenue"}).status_code == 200
    shop.client.put(f"/v1/dashboards/{sent['id']}/sharing", json={"roles": [], "published": False})
    assert analyst.put(f"{PATH}/own_mean", json={"version": 2, "formula": "orders"}).status_code == 200


def test_a_long_formula_is_listed_with_the_metrics(shop):
    made(shop.client, formula="-" * (MOST_PARTS - 1) + "revenue")
    listed = shop.get("/v1/metrics")
    assert listed.status_code == 200, listed.text
    assert rows(shop, "own_mean") == [[-168.0]]


@pytest.fixture(scope="module")
def granted(tmp_path_factory):
    """A server whose roles see parts of it."""
    house = House(tmp_path_factory.mktemp("granted"), CONSULTING).at("2026-02-02T12:00:00Z")
    with served_from(house) as served:
        yield served
    house.close()


def test_nobody_sees_by_a_metric_what_the_rollups_behind_it_do_not_show(granted):
    made(granted.client, name="paid", formula="paid.cents / paid.payments")
    made(granted.client, name="answered", formula="called.calls where outcome = 'answered' / called.calls")
    monitor = granted.role("monitor")
    assert [one["name"] for one in monitor.get(PATH).json()["metrics"]] == ["own_answered"]
    assert "own_paid" not in monitor.get("/v1/metrics").text
    asked = {"metrics": ["own_paid"], "from": "2026-02-01", "to": "2026-02-01"}
    problem_of(monitor.post("/v1/query", json=asked), 403, "NOT_PERMITTED")
    assert monitor.post("/v1/query", json=asked | {"metrics": ["own_answered"]}).status_code == 200


def test_a_filter_in_a_formula_does_not_show_whose_rows_they_are(granted):
    anns = "fulfilment.worth where reader = 'ann'"
    made(granted.client, name="anns", formula=anns)
    analyst = granted.role("analyst")  # sees everybody's rows, but not whose they are
    found = checked(analyst, anns)
    assert [(problem["at"], problem["code"]) for problem in found["problems"]] == [(17, "ACTOR_HIDDEN")]
    assert (
        "ACTOR_HIDDEN"
        in problem_of(analyst.post(PATH, json=MEAN | {"formula": anns}), 400, "FORMULA_REFUSED")["detail"]
    )
    asked = {"metrics": ["own_anns"], "from": "2026-02-01", "to": "2026-02-01"}
    problem_of(analyst.post("/v1/query", json=asked), 403, "ACTOR_HIDDEN")
    assert granted.client.post("/v1/query", json=asked).status_code == 200
    assert checked(granted.client, anns)["ok"]


def test_a_filter_in_a_formula_shows_guarded_callers_no_small_group(shop):
    shop.send([order(at="2026-01-30T11:00:00Z", place="hull", total="999.00", buyer="one")])
    shop.house.at("2026-02-01T12:00").roll()
    made(shop.client, name="hull", formula="orders_daily.total where place = 'hull'")
    made(shop.client, name="rest", formula="revenue - orders_daily.total where place in ('york', 'leeds')")
    asked = {"metrics": ["own_hull", "own_rest"]}
    assert rows(shop, "own_hull") == [[999.0]]
    viewer = shop.role("viewer")
    for name in asked["metrics"]:
        assert "999" not in str(rows(shop, name, client=viewer))
