"""What can be asked, as it is listed: metrics and measures, with what they can be split by."""

import pytest
from tests.consulting import PACK
from tests.served import served_from
from tests.systems import House


def metrics(client):
    return {one["name"]: one for one in client.get("/v1/metrics").json()["metrics"]}


def measures(client):
    return {one["name"]: one for one in client.get("/v1/metrics").json()["measures"]}


def test_a_metric_says_whose_records_it_is_about_and_what_it_can_be_split_by(shared):
    found = metrics(shared.client)
    assert (found["revenue"]["streams"], found["revenue"]["measured"]) == (["orders"], ["sum"])
    assert found["per_order"]["measured"] == ["count", "sum"]
    assert all(one["dimensions"] == ["place"] for one in found.values())


def test_every_dimension_that_is_listed_can_be_asked_by(shared):
    for name, metric in metrics(shared.client).items():
        for dimension in metric["dimensions"]:
            asked = shared.ask(metrics=[name], by=[dimension], first="2026-01-01", to="2026-01-31")
            assert asked.status_code == 200, asked.text


def test_guarded_callers_are_offered_no_split_that_hides_all(shared):
    found = metrics(shared.role("viewer"))
    assert (found["revenue"]["dimensions"], found["buyers"]["dimensions"]) == (["place"], [])
    kept = measures(shared.role("viewer"))
    assert (kept["orders_daily.total"]["dimensions"], kept["orders_daily.buyers"]["dimensions"]) == (["place"], [])


def test_measures_are_listed_with_what_they_count(shared):
    found = measures(shared.client)
    assert list(found) == [
        "orders_daily.orders", "orders_daily.total", "orders_daily.buyers", "pages_daily.visits", "pages_daily.clicks",
    ]  # fmt: skip
    assert found["orders_daily.total"] == {
        "name": "orders_daily.total", "stream": "orders", "kind": "sum", "unit": "EUR", "scale": 2, "about": "",
        "dimensions": ["place"],
    }  # fmt: skip
    assert found["pages_daily.clicks"]["dimensions"] == ["page"]


@pytest.fixture(scope="module")
def granted(tmp_path_factory):
    """A server whose roles see parts of it."""
    house = House(tmp_path_factory.mktemp("granted"), PACK)
    with served_from(house) as served:
        yield served
    house.close()


def test_what_roles_do_not_show_is_in_no_list(granted):
    monitor, owner = granted.role("monitor"), granted.client
    assert set(measures(monitor)) < set(measures(owner))
    assert {one["stream"] for one in measures(monitor).values()} <= {"calls", "content"}
    assert measures(granted.role("reader")) == {}  # his own rows only, and a token says not whose they are


def test_whose_rows_they_are_is_no_split_for_who_may_not_know(granted):
    by_actor = [name for name, one in metrics(granted.client).items() if "reader" in one["dimensions"]]
    assert by_actor
    shown = metrics(granted.role("manager"))
    assert not any("reader" in shown[name]["dimensions"] for name in by_actor)
