import re

import pytest
from tests.served import order, problem_of

from keepsum.http.query import AnswerOut

RANGE = {"first": "2026-01-30", "to": "2026-01-31"}
ADDRESS = {"from": "2026-01-30", "to": "2026-01-31"}


@pytest.fixture(scope="module")
def asked(asking):
    """A server with two days of orders, one of them sealed."""
    day = "2026-01-30T10:00:00Z"
    asking.send([order(at=day, place="york", total="10.10"), order(at=day, place="leeds", total="0.20", buyer="bo")])
    asking.house.at("2026-01-31T12:00").roll()
    asking.house.at("2026-02-01T12:00")
    asking.send([order(place="york", total="5.00", gift=True), order(total="-1.00", gift=False)])
    return asking


def cells(response):
    assert response.status_code == 200, response.text
    AnswerOut.model_validate(response.json())
    return response.json()["rows"]


def test_a_question_as_json_is_answered(asked):
    response = asked.ask(metrics=["orders", "revenue"], grain="day", **RANGE)
    assert cells(response) == [["2026-01-30", 2, 10.3], ["2026-01-31", 2, 4.0]]
    found = response.json()
    assert [column["name"] for column in found["columns"]] == ["time", "orders", "revenue"]
    assert found["labels"]["final"] is False
    assert found["labels"]["coverage"] == {"days": 2, "missing": []}


def test_numbers_have_all_their_decimals_and_are_no_texts(asked):
    response = asked.ask(metrics=["revenue"], grain="day", **RANGE)
    assert re.search(rb'"rows":\[\["2026-01-30",10\.30\],\["2026-01-31",4\.00\]\]', response.content)


def test_the_same_question_in_the_address_has_the_same_answer(asked):
    question = {"metrics": ["orders", "revenue"], "by": ["place"], "order": "-revenue", "totals": True}
    told = asked.ask(**question, **RANGE)
    address = {"metrics": "orders,revenue", "by": "place", "order": "-revenue", "totals": "true"}
    assert asked.get("/v1/query", **address, **ADDRESS).content == told.content
    assert cells(told)[0] == ["york", 2, 15.1]
    assert told.json()["totals"] == [None, 4, 14.3]


def test_filters_stand_in_the_address_once_a_value(asked):
    parameters = {"metrics": "orders", "where.place": ["york", "leeds"], **ADDRESS}
    assert cells(asked.get("/v1/query", **parameters)) == [[3]]
    assert cells(asked.ask(metrics=["orders"], where={"place": ["york", "leeds"]}, **RANGE)) == [[3]]
    assert cells(asked.ask(metrics=["orders"], where={"place": [None]}, **RANGE)) == [[1]]


def test_metrics_and_dimensions_may_come_one_by_one(asked):
    parameters = {"metrics": ["orders", "revenue"], **ADDRESS}
    assert cells(asked.get("/v1/query", **parameters)) == [[4, 14.3]]


def test_an_answer_says_how_it_came_about(asked):
    found = asked.get("/v1/query", metrics="orders", explain="true", **ADDRESS).json()
    assert found["labels"]["sources"] == {"rollup": 1, "records": 1, "missing": 0}
    assert found["explain"]["routes"]
    assert asked.get("/v1/query", metrics="orders", **ADDRESS).json()["explain"] is None


def test_a_guarded_caller_sees_less(asked):
    found = asked.get("/v1/query", metrics="orders", by="place", guarded="true", **ADDRESS).json()
    assert found["labels"]["guarded"] is True
    assert "leeds" not in {row[0] for row in found["rows"]}


@pytest.mark.parametrize(
    ("change", "status", "code"),
    [
        ({"metrics": ["nothing"]}, 404, "UNKNOWN_METRIC"),
        ({"metrics": []}, 400, "NO_METRICS"),
        ({"metrics": 5}, 400, "BAD_PARAMETER"),
        ({"metrics": None}, 400, "MISSING_PARAMETER"),
        ({"by": ["colour"]}, 400, "UNKNOWN_DIMENSION"),
        ({"by": ["buyer"]}, 400, "DIMENSION_PERSONAL"),
        ({"grain": "hour"}, 400, "BAD_PARAMETER"),
        ({"first": "2026-02-01"}, 400, "RANGE_REVERSED"),
        ({"first": "1926-02-01"}, 400, "RANGE_TOO_LONG"),
        ({"first": "2026-02-30"}, 400, "BAD_PARAMETER"),
        ({"first": 20260201}, 400, "BAD_PARAMETER"),
        ({"to": None}, 400, "MISSING_PARAMETER"),
        ({"order": "nothing"}, 400, "ORDER_UNKNOWN"),
        ({"top": 3}, 400, "TOP_WITHOUT_BY"),
        ({"top": "many"}, 400, "BAD_PARAMETER"),
        ({"compare": "next"}, 400, "BAD_PARAMETER"),
        ({"basis": "cash"}, 400, "BAD_PARAMETER"),
        ({"totals": "perhaps"}, 400, "BAD_PARAMETER"),
        ({"where": "place"}, 400, "BAD_PARAMETER"),
        ({"wehre": {"place": ["york"]}}, 400, "UNKNOWN_PARAMETER"),
    ],
)
def test_a_question_that_cannot_be_answered_says_why(asked, change, status, code):
    question = {"metrics": ["orders"], **RANGE} | change
    document = problem_of(asked.ask(**{k: v for k, v in question.items() if v is not None}), status, code)
    assert document["detail"].endswith(".")


@pytest.mark.parametrize(
    ("change", "code"),
    [
        ({"from": "20260130"}, "BAD_PARAMETER"),
        ({"from": ["2026-01-30", "2026-01-31"]}, "BAD_PARAMETER"),
        ({"where": "york"}, "BAD_PARAMETER"),
        ({"where.colour": "red"}, "UNKNOWN_DIMENSION"),
        ({"top": "1.5", "by": "place"}, "BAD_PARAMETER"),
        ({"explain": "1"}, "BAD_PARAMETER"),
        ({"colour": "red"}, "UNKNOWN_PARAMETER"),
    ],
)
def test_an_address_that_cannot_be_understood_says_why(asked, change, code):
    parameters = {"metrics": "orders", **ADDRESS} | change
    problem_of(asked.get("/v1/query", **parameters), 400, code)


@pytest.mark.parametrize("body", [b"", b"{", b"\xff", b'{"metrics": NaN}', b"[" * 100_000])
def test_a_question_that_is_not_json_is_refused(asked, body):
    response = asked.client.post("/v1/query", content=body, headers={"content-type": "application/json"})
    problem_of(response, 400, "MALFORMED_JSON")


@pytest.mark.parametrize("body", [b"[]", b'"orders"', b"1", b"null"])
def test_a_question_is_an_object(asked, body):
    response = asked.client.post("/v1/query", content=body, headers={"content-type": "application/json"})
    problem_of(response, 400, "NOT_AN_OBJECT")


def test_a_question_names_its_type_and_is_not_endless(asked):
    response = asked.client.post("/v1/query", content=b"{}", headers={"content-type": "text/plain"})
    problem_of(response, 415, "UNKNOWN_CONTENT_TYPE")
    response = asked.client.post("/v1/query", content=b" " * (2 << 20), headers={"content-type": "application/json"})
    problem_of(response, 413, "BODY_TOO_LARGE")


def test_a_range_that_nothing_covers_is_null_and_no_zero(asked):
    found = asked.ask(metrics=["orders", "per_order"], first="2025-01-01", to="2025-01-02").json()
    assert found["rows"] == [[None, None]]
    assert found["labels"]["coverage"]["days"] == 0


def test_a_ratio_over_nothing_is_null(asked):
    found = asked.ask(metrics=["orders", "per_order"], where={"place": ["nowhere"]}, **RANGE).json()
    assert found["rows"] == [[0, None]]
