import pytest
from tests.served import order, problem_of

from keepsum.model.audit import Kind
from keepsum.pipeline import audit
from keepsum.pipeline.audit import Wanted

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


def test_the_proof_says_what_was_compared_what_is_kept_and_where_in_the_chain_it_stands(served):
    served.send([order(total="1.50"), order(total="2.00")])
    served.house.at("2026-02-02T12:00").roll()
    found = served.get("/v1/days/orders/2026-01-31").json()
    assert found["rollups"] == [{"name": "orders_daily", "rows": 1, "columns": ["place", "orders", "total", "buyers"]}]
    assert all(check["passed"] and check["about"] and check["detail"] for check in found["checks"])
    said = {check["code"]: check["detail"] for check in found["checks"]}
    assert (said["RECORDS_COUNTED"], said["NUMBERS_SUMMED"]) == ("2 records.", "total 3.50 EUR.")
    assert found["chain"] == {name: found["seal"][name] for name in LINK} | {"head": found["chain"]["head"]}
    assert found["chain"]["head"] >= found["chain"]["seq"]
    assert found["corrections"] == []


def test_late_records_of_a_purged_day_are_listed_as_corrections(served):
    served.send([order() for _ in range(3)])
    served.house.at("2026-02-02T12:00").roll()
    served.house.at("2026-03-05T12:00").purge()
    served.send([order(), order()])
    found = served.get("/v1/days/orders/2026-01-31").json()
    (one,) = found["corrections"]
    assert (one["at"], one["booked"], one["rows"]) == ("2026-03-05T12:00:00Z", "2026-03-05", 2)
    assert one["seq"] in [entry["seq"] for entry in found["entries"] if entry["kind"] == "corrected"]
    assert (found["day"]["corrections"], listed(served)["orders", "2026-01-31"]["corrections"]) == (1, 1)


def test_a_day_is_checked_again_when_somebody_asks(served):
    served.send([order(), order()])
    served.house.at("2026-02-02T12:00").roll()
    path = "/v1/days/orders/2026-01-31/verify"
    found = served.client.post(path).json()
    assert (found["verified"], found["at"]) == (True, "2026-02-02T12:00:00Z")
    assert {check["passed"] for check in found["checks"]} == {True}
    served.house.lose_files()
    again = served.client.post(path).json()
    assert again["verified"] is False
    assert [check["code"] for check in again["checks"] if check["passed"] is False] == ["FILES_WHOLE"]
    problem_of(served.client.post("/v1/days/orders/2026-02-02/verify"), 409, "NOT_SEALED")
    problem_of(served.role("manager").post(path), 403, "NOT_PERMITTED")


def test_a_held_day_goes_on_when_a_person_says_why(served):
    served.send(order())
    house = served.house.at("2026-02-02T12:00")
    house.move()
    house.lose_files()
    house.roll()
    path = "/v1/days/orders/2026-01-31/accept"
    problem_of(served.role("manager").post(path, json={"reason": "x"}), 403, "NOT_PERMITTED")
    problem_of(served.client.post(path, json={}), 400, "MISSING_PARAMETER")
    problem_of(served.client.post(path, json={"reason": ""}), 400, "BAD_PARAMETER")
    done = served.client.post(path, json={"reason": "the disk is lost"})
    assert (done.status_code, done.json()["status"], done.json()["held"]) == (200, "open", None)
    assert house.entries("accepted")[0].body["reason"] == "the disk is lost"
    event = audit.page(served.install.control, Wanted(kind=Kind.DAY_ACCEPTED))[0]
    assert event.body == {"stream": "orders", "day": "2026-01-31"}
    problem_of(served.client.post(path, json={"reason": "again"}), 404, "NOT_HELD")


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
