import pytest
from tests.served import order, problem_of

LINK = ("seq", "previous", "hash")


def listed(served, **parameters):
    response = served.get("/v1/days", **parameters)
    assert response.status_code == 200, response.text
    return {(day["stream"], day["day"]): day for day in response.json()["days"]}


def test_days_are_listed_with_what_became_of_them(served):
    served.send([order(at="2026-01-30T10:00:00Z"), order(), order()])
    served.send([{"id": "v", "on": "2026-01-31"}], stream="visits")
    served.house.at("2026-01-31T12:00").roll()
    served.house.at("2026-02-01T12:00")
    found = listed(served)
    assert list(found) == [("orders", "2026-01-31"), ("visits", "2026-01-31"), ("orders", "2026-01-30")]
    sealed, opened = found["orders", "2026-01-30"], found["orders", "2026-01-31"]
    assert (sealed["status"], sealed["records"], sealed["held"], sealed["purge"]) == ("sealed", 1, None, None)
    assert (opened["status"], opened["records"], opened["seal"]) == ("open", 2, None)
    assert opened["interval"]["start"] == "2026-01-31T00:00:00Z"
    assert opened["interval"]["end"] == "2026-02-01T00:00:00Z"
    assert opened["interval"]["zone"] == "UTC"
    assert list(listed(served, stream="visits")) == [("visits", "2026-01-31")]
    assert list(listed(served, to="2026-01-30")) == [("orders", "2026-01-30")]
    assert list(listed(served, **{"from": "2026-01-31", "stream": "orders"})) == [("orders", "2026-01-31")]
    assert list(listed(served, limit=1)) == [("orders", "2026-01-31")]


def test_a_purged_day_says_until_when_it_takes_corrections(served):
    served.send(order())
    house = served.house.at("2026-02-02T12:00")
    house.roll()
    house.at("2026-03-05T12:00").purge()
    day = listed(served)["orders", "2026-01-31"]
    assert (day["status"], day["records"]) == ("purged", 1)
    assert day["purge"] == {"state": "purged", "at": "2026-03-05T12:00:00Z", "late_until": "2026-03-12T12:00:00Z"}


def test_a_held_day_says_why(served):
    served.send(order())
    house = served.house
    house.at("2026-02-02T12:00").move()
    house.lose_files()
    house.roll()
    day = listed(served)["orders", "2026-01-31"]
    assert (day["status"], day["held"]["code"], day["held"]["since"]) == ("held", "DAMAGED", "2026-02-02T12:00:00Z")


def test_the_proof_of_a_day_is_its_seal_control_and_chain(served):
    served.send([order(total="1.50"), order(total="2.00")])
    served.house.at("2026-02-02T12:00").roll()
    found = served.get("/v1/days/orders/2026-01-31").json()
    assert found["day"]["status"] == "sealed"
    assert found["control"]["records"] == 2
    assert found["control"]["sums"] == {"f_total": 350}
    assert found["seal"]["seq"] == found["day"]["seal"]
    assert found["seal"]["body"]["control"] == found["control"]
    assert [entry["kind"] for entry in found["entries"]] == ["sealed"]
    assert {name: found["seal"][name] for name in LINK} == {name: found["entries"][0][name] for name in LINK}


@pytest.mark.parametrize(
    ("path", "status", "code"),
    [
        ("/v1/days/nothing/2026-01-31", 404, "UNKNOWN_STREAM"),
        ("/v1/days/orders/1999-01-31", 404, "UNKNOWN_DAY"),
        ("/v1/days/orders/yesterday", 400, "BAD_PARAMETER"),
        ("/v1/days/orders/20260131", 400, "BAD_PARAMETER"),
        ("/v1/days/orders/2026-01-31?deep=1", 400, "UNKNOWN_PARAMETER"),
        ("/v1/days?stream=nothing", 404, "UNKNOWN_STREAM"),
        ("/v1/days?from=2026-02-01&to=2026-01-01", 400, "RANGE_REVERSED"),
        ("/v1/days?from=1769853600", 400, "BAD_PARAMETER"),
        ("/v1/days?limit=0", 400, "BAD_PARAMETER"),
        ("/v1/days?limit=many", 400, "BAD_PARAMETER"),
        ("/v1/days?form=2026-02-01", 400, "UNKNOWN_PARAMETER"),
    ],
)
def test_what_cannot_be_shown_says_why(shared, path, status, code):
    problem_of(shared.get(path), status, code)


def test_a_wrong_parameter_is_named_without_its_value(shared):
    document = problem_of(shared.get("/v1/days?limit=MARKER"), 400, "BAD_PARAMETER")
    assert document["field"] == "limit"
    assert "MARKER" not in document["detail"]
