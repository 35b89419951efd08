import pytest
from tests.served import order, problem_of


def named(served, name, **parameters):
    listed = served.get("/v1/streams", **parameters).json()["streams"]
    return next(stream for stream in listed if stream["name"] == name)


def standing(served, name, **parameters):
    return named(served, name, **parameters)["standing"]


def test_a_stream_says_what_is_declared_and_how_it_stands(served):
    assert named(served, "orders") | {"declared": None} == {
        "name": "orders", "about": "What was ordered.", "declared": None, "standing": {
            "days": {}, "records": 0, "purged_records": 0, "first_day": None, "last_day": None, "rejects": [],
            "attached": None, "secrets": {},
        },
    }  # fmt: skip
    served.send([order(at="2026-01-30T10:00:00Z"), order(), order()])
    served.house.at("2026-01-31T12:00").roll()
    found = named(served, "orders")
    stands = found["standing"]
    assert (stands["days"], stands["records"]) == ({"sealed": 1, "open": 1}, 3)
    assert (stands["first_day"], stands["last_day"]) == ("2026-01-30", "2026-01-31")
    assert found["declared"]["key"] == "id"
    assert found["declared"]["keep"] == {"days": 30, "months": 0}
    assert {field["name"] for field in found["declared"]["fields"]} >= {"way", "place", "total"}


def test_purged_records_are_counted_apart(served):
    served.send([order(), order()])
    served.house.at("2026-02-01T12:00").roll()
    served.house.at("2026-03-05T12:00").purge()
    found = standing(served, "orders")
    assert (found["days"], found["records"], found["purged_records"]) == ({"purged": 1}, 0, 2)


def test_rejects_are_those_of_the_last_seven_days_unless_a_range_is_asked_for(served):
    served.send(order(units="x"))
    count = [{"field": "units", "code": "WRONG_TYPE", "count": 1}]
    assert standing(served, "orders")["rejects"] == count
    served.house.at("2026-02-07T23:00")
    assert standing(served, "orders")["rejects"] == count
    served.house.at("2026-02-08T01:00")
    assert standing(served, "orders")["rejects"] == []
    assert standing(served, "orders", **{"from": "2026-02-01", "to": "2026-02-01"})["rejects"] == count
    assert standing(served, "orders", to="2026-02-02")["rejects"] == count
    assert standing(served, "orders", **{"from": "2026-02-02"})["rejects"] == []


@pytest.mark.parametrize(
    ("query", "code"),
    [
        ("from=2026-02-01&to=2026-01-01", "RANGE_REVERSED"),
        ("from=1", "BAD_PARAMETER"),
        ("to=2026-02-30", "BAD_PARAMETER"),
        ("stream=orders", "UNKNOWN_PARAMETER"),
    ],
)
def test_a_range_that_cannot_be_is_refused(shared, query, code):
    problem_of(shared.get(f"/v1/streams?{query}"), 400, code)


def test_metrics_are_listed_with_their_formula_in_words(shared):
    listed = {metric["name"]: metric for metric in shared.get("/v1/metrics").json()["metrics"]}
    assert list(listed) == ["buyers", "orders", "per_order", "revenue"]
    assert listed["per_order"]["text"] == "total / orders"
    assert (listed["per_order"]["unit"], listed["per_order"]["kind"]) == ("EUR", "ratio")
    problem_of(shared.get("/v1/metrics?name=orders"), 400, "UNKNOWN_PARAMETER")


def test_a_stream_is_shown_with_its_fields_volume_rejects_and_definitions(served):
    served.send([order(at="2026-01-30T10:00:00Z"), order(), order(), order(units="x"), order(pin="1234")])
    served.house.at("2026-02-01T12:00").roll()
    found = served.get("/v1/streams/orders").json()
    fields = {field["name"]: field for field in found["fields"]}
    assert fields["total"] == {
        "name": "total", "kind": "money", "unit": "EUR", "sensitivity": "public", "required": True, "about": "",
        "choices": None,
    }  # fmt: skip
    assert fields["way"]["choices"] == ["card", "cash"]
    assert (fields["pin"]["sensitivity"], found["subject"], found["retention_days"]) == ("secret", "buyer", 30)
    assert (found["attached"], found["rollups"]) == (False, ["orders_daily"])
    volume = {one["day"]: one["records"] for one in found["volume"]}
    assert (len(volume), volume["2026-01-30"], volume["2026-01-31"], volume["2026-01-05"]) == (28, 1, 3, None)
    assert list(volume)[-1] == "2026-02-01"
    (refused,) = found["rejects"]
    assert (refused["field"], refused["code"], refused["count"]) == ("units", "WRONG_TYPE", 1)
    assert refused["about"].endswith(".")
    (generation,) = found["generations"]
    assert (generation["rollup"], generation["days"], generation["current"]) == ("orders_daily", 2, True)
    assert "1234" not in served.get("/v1/streams/orders").text


def test_rejects_leave_the_page_when_their_day_and_the_next_are_over(served):
    served.send(order(units="x"))
    served.house.at("2026-02-02T23:00")
    assert len(served.get("/v1/streams/orders").json()["rejects"]) == 1
    served.house.at("2026-02-03T01:00")
    assert served.get("/v1/streams/orders").json()["rejects"] == []


def test_a_stream_is_shown_to_those_who_operate(shared):
    problem_of(shared.role("manager").get("/v1/streams/orders"), 403, "NOT_PERMITTED")
    problem_of(shared.get("/v1/streams/nothing"), 404, "UNKNOWN_STREAM")
