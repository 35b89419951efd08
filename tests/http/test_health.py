import pytest
from tests.served import PACK, order, problem_of
from tests.systems import House

from keepsum.engine import access
from keepsum.http import credentials
from keepsum.http.health import health as looked_at
from keepsum.model.access import ROLES
from keepsum.store import jobs

WELL = {
    "status": "ok",
    "parts": {"files": "ok", "sealing": "ok", "purging": "ok", "worker": "ok", "writer": "ok"},
    "reasons": [],
    "warnings": [],
}


def health(served):
    response = served.get("/health")
    assert (response.status_code == 200) == (response.json()["status"] == "ok")
    return response.json()


def damaged(served):
    """The server after a file of records went missing: its day is held."""
    served.send(order())
    house = served.house.at("2026-02-02T12:00")
    house.move()
    house.lose_files()
    house.roll()
    return served


def test_a_server_is_well_when_all_is_kept_and_deleted_as_promised(served):
    assert health(served) == WELL
    served.send(order())
    served.house.at("2026-02-02T12:00").roll()
    assert health(served)["status"] == "ok"


def test_a_held_day_is_a_warning_until_its_deadline_and_a_failure_after_it(served):
    damaged(served)
    found = health(served)
    assert (found["status"], found["reasons"], found["parts"]["sealing"]) == ("ok", [], "warning")
    assert [(w["code"], w["stream"], w["day"]) for w in found["warnings"]] == [("HELD", "orders", "2026-01-31")]
    served.house.at("2026-03-04T12:00")
    found = health(served)
    assert (found["status"], found["warnings"], found["parts"]["purging"]) == ("failing", [], "failing")
    assert [(r["code"], r["day"]) for r in found["reasons"]] == [("HELD_PAST_DEADLINE", "2026-01-31")]


def test_records_that_outlive_their_deadline_by_a_night_are_a_failure(served):
    served.send(order())
    served.house.at("2026-02-02T12:00").roll()
    served.house.at("2026-03-02T12:00")
    assert health(served)["status"] == "ok"
    served.house.at("2026-03-03T12:00")
    assert health(served)["status"] == "ok"
    served.house.at("2026-03-04T12:00")
    assert [reason["code"] for reason in health(served)["reasons"]] == ["PAST_DEADLINE"]
    served.house.purge()
    assert health(served) == WELL


def test_a_file_that_cannot_be_read_is_a_failure_and_the_server_is_still_there(served):
    with served.house.workspace.file.write() as connection:
        connection.exec_driver_sql("ALTER TABLE ledger RENAME TO elsewhere")
    found = health(served)
    assert (found["status"], [reason["code"] for reason in found["reasons"]]) == ("failing", ["DATABASE_FAILED"])
    assert found["parts"]["files"] == "failing"
    assert served.get("/health/live").json() == {"status": "ok"}
    problem_of(served.get("/v1/ledger/head"), 503, "DATABASE_FAILED")
    with served.house.workspace.file.write() as connection:
        connection.exec_driver_sql("ALTER TABLE elsewhere RENAME TO ledger")
    assert health(served)["status"] == "ok"


def test_a_night_without_a_seal_is_a_warning(served):
    served.send(order())
    served.house.at("2026-02-02T12:00")
    assert health(served) == WELL
    served.house.at("2026-02-03T00:00")
    found = health(served)
    assert (found["parts"]["sealing"], [w["code"] for w in found["warnings"]]) == ("warning", ["UNSEALED"])
    served.house.roll()
    assert health(served) == WELL


def test_a_job_that_nobody_takes_is_a_warning_after_a_quarter_of_an_hour(served):
    served.client.post("/v1/jobs", json={"job": "verify"})
    served.house.at("2026-02-01T12:14")
    assert health(served) == WELL
    served.house.at("2026-02-01T12:15")
    found = health(served)
    assert (found["parts"]["worker"], [w["code"] for w in found["warnings"]]) == ("warning", ["JOBS_WAIT"])
    control = served.house.system.control
    jobs.claim(control, "one", lease_seconds=60, machine_now=0, now=served.house.clock())
    assert health(served) == WELL


@pytest.mark.parametrize(("role", "knows"), [("viewer", False), ("collector", False), ("admin", True)])
def test_why_something_is_not_well_is_for_those_who_operate(tmp_path, role, knows):
    house = House(tmp_path, PACK)
    house.collect(order(), stream="orders")
    house.at("2026-03-04T12:00")
    found = looked_at(house.install, access.caller("token", "t-1", "default", (role,), ROLES))
    house.close()
    assert (found.status, found.parts.purging, found.parts.sealing) == ("failing", "failing", "warning")
    assert (bool(found.reasons), bool(found.warnings)) == (knows, knows)


def test_a_server_is_ready_while_it_can_read_its_control_file(served, monkeypatch):
    monkeypatch.setattr(credentials, "REMEMBERED", 0)  # the token is looked up in that file
    assert served.get("/health/ready").json() == {"status": "ready"}
    control = served.house.system.control
    with control.write() as connection:
        connection.exec_driver_sql("ALTER TABLE workspaces RENAME TO elsewhere")
    problem_of(served.get("/health/ready"), 503, "NOT_READY")
    assert served.get("/health/live").status_code == 200
    with control.write() as connection:
        connection.exec_driver_sql("ALTER TABLE elsewhere RENAME TO workspaces")
    assert served.get("/health/ready").status_code == 200


def test_health_takes_no_parameters(shared):
    problem_of(shared.get("/health/ready?deep=1"), 400, "UNKNOWN_PARAMETER")
    problem_of(shared.get("/health?deep=1"), 400, "UNKNOWN_PARAMETER")
    problem_of(shared.get("/health/live?deep=1"), 400, "UNKNOWN_PARAMETER")
