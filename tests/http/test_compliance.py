"""Whether records go in time, and what goes next, as the page of days shows it."""

import pytest
from tests.databases import opened
from tests.ordering import AttachedHouse, lay_table
from tests.ordering import order as row
from tests.served import order, problem_of, served_from


def streams(client):
    return {one["stream"]: one for one in client.get("/v1/compliance").json()["streams"]}


def test_the_oldest_personal_record_says_by_when_it_has_to_go(served):
    served.send([order(at="2026-01-30T10:00:00Z"), order()])
    served.send([{"id": "v", "on": "2026-01-31"}], stream="visits")
    found = served.get("/v1/compliance").json()
    assert (found["at"], found["past_deadline"], found["oldest_personal"]) == ("2026-02-01T12:00:00Z", 0, "2026-01-30")
    assert streams(served.client)["orders"] == {
        "stream": "orders", "attached": False, "retention_days": 30, "oldest_personal": "2026-01-30",
        "past_deadline": 0, "held": 0, "purge_on": True, "purge_by": "2026-03-02",
    }  # fmt: skip
    assert streams(served.client)["visits"]["oldest_personal"] is None


def test_what_is_there_past_its_time_is_counted_until_it_is_gone(served):
    served.send([order(at="2026-01-30T10:00:00Z"), order()])
    house = served.house.at("2026-03-10T12:00")
    house.roll()
    found = served.get("/v1/compliance").json()
    assert (found["past_deadline"], streams(served.client)["orders"]["past_deadline"]) == (2, 2)
    house.purge()
    found = served.get("/v1/compliance").json()
    assert (found["past_deadline"], found["oldest_personal"]) == (0, None)


def test_the_plan_lists_what_goes_within_some_days_and_when(served):
    served.send([order(at="2026-01-30T10:00:00Z"), order(), order()])
    served.house.at("2026-02-26T12:00").roll()
    assert served.get("/v1/purge", ahead=3).json() == {"days": [], "ends": []}
    found = served.get("/v1/purge", ahead=7).json()
    assert [(one["day"], one["deadline"], one["records"], one["goes"]) for one in found["days"]] == [
        ("2026-01-30", "2026-03-02", 1, True), ("2026-01-31", "2026-03-03", 2, True),
        ("2026-02-01", "2026-03-04", 0, True), ("2026-02-02", "2026-03-05", 0, True),
    ]  # fmt: skip
    ends = {one["question"]: one["why"] for one in found["ends"]}
    assert ends["any figure by units"] == "No rollup of the stream is by units."
    assert {"who has the most of a sum", "single records, and anything about one person"} <= ends.keys()
    served.house.at("2026-03-02T12:00")
    assert [one["day"] for one in served.get("/v1/purge", ahead=0).json()["days"]] == ["2026-01-30"]


def test_a_day_that_may_not_go_says_why(served):
    served.send(order())
    house = served.house.at("2026-02-02T12:00")
    house.move()
    house.lose_files()
    house.roll()
    (one,) = [one for one in served.get("/v1/purge", ahead=31).json()["days"] if one["day"] == "2026-01-31"]
    assert (one["goes"], one["blocked"]) == (False, "HELD_DAMAGED")
    assert streams(served.client)["orders"]["held"] == 1


def test_rows_that_nobody_lets_be_purged_are_off_and_not_overdue(tmp_path, monkeypatch):
    databases = opened("sqlite", tmp_path)
    database = next(databases)
    lay_table(database, row(1))
    house = AttachedHouse(tmp_path / "house", database, monkeypatch, now="2026-03-20T02:00:00Z")
    with served_from(house) as served:
        house.roll()
        found = streams(served.client)["orders"]
        assert (found["attached"], found["purge_on"], found["past_deadline"]) == (True, False, 0)
        assert served.get("/v1/purge").json()["days"][0]["blocked"] == "PURGE_OFF"
    house.close()


@pytest.mark.parametrize(
    ("path", "code"),
    [("/v1/purge?ahead=-1", "BAD_PARAMETER"), ("/v1/purge?ahead=99", "BAD_PARAMETER"),
     ("/v1/purge?x=1", "UNKNOWN_PARAMETER"),
     ("/v1/compliance?at=now", "UNKNOWN_PARAMETER")],
)  # fmt: skip
def test_what_cannot_be_asked_is_refused(shared, path, code):
    problem_of(shared.get(path), 400, code)


def test_both_are_for_those_who_operate(shared):
    for path in ("/v1/purge", "/v1/compliance"):
        problem_of(shared.role("manager").get(path), 403, "NOT_PERMITTED")
