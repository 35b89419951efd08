"""What figures can be filtered by: the values that a caller sees, and no others."""

import pytest
from tests.consulting import PACK as CONSULTING
from tests.served import order, problem_of, served_from
from tests.systems import House

from keepsum import Count, Metric, Pack, Rollup, Stream, Text, days, years

PATH = "/v1/dimensions/place/values"


@pytest.fixture(scope="module")
def places(asking):
    """Orders of many places on a sealed day, some of them from few people."""
    day = "2026-01-30T10:00:00Z"
    busy = [order(at=day, place="York", buyer=f"b{n}") for n in range(12)]
    quiet = [order(at=day, place=f"village {n:04}", buyer=f"v{n}{m}") for n in range(3) for m in range(4)]
    asking.send([*busy, *quiet, order(at=day, buyer="two"), order(at=day, place="newport", buyer="three")])
    asking.send([order(at=day, place="New York", buyer=f"n{n}") for n in range(11)])
    asking.house.at("2026-01-31T12:00").roll()
    asking.house.at("2026-02-01T12:00")
    asking.send([order(place="zürich 🍰"), order(place="<b>bern</b>"), order(place="עיר")])
    return asking


def values(client, path=PATH, **parameters):
    response = client.get(path, params=parameters)
    assert response.status_code == 200, response.text
    return response.json()


def test_the_values_of_a_dimension_are_listed_in_order_and_none_last(places):
    found = values(places.client, metric="orders")
    assert found["values"] == [
        "<b>bern</b>", "New York", "newport", "village 0000", "village 0001", "village 0002", "York", "zürich 🍰",
        "עיר", None,
    ]  # fmt: skip
    assert found["more"] is False


def test_a_search_does_not_mind_case_and_lists_first_what_begins_so(places):
    assert values(places.client, search="YO")["values"] == ["York", "New York"]
    assert values(places.client, search="ZÜR")["values"] == ["zürich 🍰"]
    assert values(places.client, search="nothing so")["values"] == []
    assert values(places.client, search="village", limit=2) == {
        "values": ["village 0000", "village 0001"],
        "more": True,
    }


def test_only_values_of_the_days_asked_for_are_listed(places):
    assert values(places.client, **{"from": "2026-01-31"})["values"] == ["<b>bern</b>", "zürich 🍰", "עיר"]
    assert values(places.client, to="2026-01-29")["values"] == []


def test_every_value_can_be_filtered_by(places):
    for value in values(places.client)["values"]:
        found = places.ask(metrics=["orders"], where={"place": [value]}, first="2026-01-30", to="2026-01-31")
        assert found.json()["rows"][0][0] >= 1, value


def test_guarded_callers_are_told_of_no_small_group(places):
    assert values(places.role("viewer"))["values"] == ["New York", "York"]
    assert values(places.role("viewer"), search="village")["values"] == []


@pytest.fixture(scope="module")
def streets(tmp_path_factory):
    """A server with deliveries to ten thousand streets of a city."""
    delivered = Stream("delivered", time="at", key="id", keep=days(30), fields=(Text("street", most=20_000),))
    daily = Rollup("daily", of=delivered, by=("street",), measures=(Count("deliveries"),), keep=years(2))
    pack = Pack("city", streams=(delivered,), rollups=(daily,), metrics=(Metric("deliveries", daily.deliveries),))
    house = House(tmp_path_factory.mktemp("streets"), pack).at("2026-02-02T12:00:00Z")
    house.collect(*({"id": f"{n}", "at": "2026-02-01T10:00:00Z", "street": f"Street {n:05}"} for n in range(10_000)))
    house.roll()
    with served_from(house) as served:
        yield served
    house.close()


def test_ten_thousand_values_are_searched(streets):
    path = "/v1/dimensions/street/values"
    found = values(streets.client, path, search="street 0999", limit=5)
    assert found == {"values": [f"Street 0999{n}" for n in range(5)], "more": True}
    assert len(values(streets.client, path, limit=1_000)["values"]) == 1_000


@pytest.mark.parametrize(
    ("path", "status", "code"),
    [
        ("/v1/dimensions/colour/values", 400, "UNKNOWN_DIMENSION"),
        ("/v1/dimensions/buyer/values", 400, "UNKNOWN_DIMENSION"),
        ("/v1/dimensions/buyer/values?metric=orders", 400, "DIMENSION_PERSONAL"),
        ("/v1/dimensions/place/values?metric=nothing", 404, "UNKNOWN_METRIC"),
        ("/v1/dimensions/place/values?limit=0", 400, "BAD_PARAMETER"),
        ("/v1/dimensions/place/values?from=2026-02-01&to=2026-01-01", 400, "RANGE_REVERSED"),
        ("/v1/dimensions/place/values?serach=a", 400, "UNKNOWN_PARAMETER"),
    ],
)
def test_what_has_no_values_says_why(shared, path, status, code):
    problem_of(shared.get(path), status, code)


@pytest.fixture(scope="module")
def granted(tmp_path_factory):
    """A server whose roles see parts of it."""
    house = House(tmp_path_factory.mktemp("granted"), CONSULTING).at("2026-02-02T12:00:00Z")
    for reader in ("ann", "bo"):
        sent = (
            {"id": f"{reader}{n}", "at": "2026-02-01T10:00:00Z", "client": f"c{n}", "reader": reader} for n in range(20)
        )
        house.collect(*sent, stream="orders")
    house.roll()
    with served_from(house) as served:
        yield served
    house.close()


def test_whose_rows_there_are_is_told_only_to_who_may_know(granted):
    path = "/v1/dimensions/reader/values"
    assert values(granted.client, path)["values"] == ["ann", "bo"]
    problem_of(granted.role("manager").get(path), 400, "UNKNOWN_DIMENSION")
    problem_of(granted.role("manager").get(path + "?metric=orders"), 403, "ACTOR_HIDDEN")
    problem_of(granted.role("monitor").get(path + "?metric=orders"), 403, "NOT_PERMITTED")
    problem_of(granted.role("client").get(path), 403, "NOT_PERMITTED")
