import time

import pytest
from tests.served import order, problem_of


def start(served, job, **span):
    return served.client.post("/v1/jobs", json={"job": job, **span})


def ended(served, number):
    """The job once it is over."""
    until = time.monotonic() + 60
    while time.monotonic() < until:
        found = served.get(f"/v1/jobs/{number}").json()
        if found["state"] not in {"queued", "running"}:
            return found
        time.sleep(0.02)
    raise AssertionError("the job does not end")


def test_a_job_is_carried_out_by_the_worker_inside(working):
    working.send([order(), order()])
    working.house.at("2026-02-02T02:00")  # before the nightly job, which would be quicker now and then
    response = start(working, "roll")
    assert response.status_code == 202
    assert (response.json()["job"], response.json()["cause"]) == ("roll", "request")
    found = ended(working, response.json()["id"])
    assert (found["state"], found["days"], found["rows"], found["error"]) == (
        "done",
        2,
        2,
        None,
    )  # the day after it is sealed too, as empty
    assert found["finished_at"] == "2026-02-02T02:00:00Z"
    assert {day["status"] for day in working.get("/v1/days").json()["days"]} == {"sealed"}


def test_a_job_that_waits_is_not_queued_twice(served):
    first = start(served, "roll", **{"from": "2026-01-01", "to": "2026-01-31"}).json()
    assert first["parameters"] == {"from": "2026-01-01", "to": "2026-01-31"}
    assert start(served, "roll", **{"from": "2026-01-01", "to": "2026-01-31"}).json()["id"] == first["id"]
    other = start(served, "roll").json()
    assert other["id"] != first["id"]
    listed = served.get("/v1/jobs").json()["jobs"]
    assert [job["id"] for job in listed] == [other["id"], first["id"]]
    assert served.get("/v1/jobs", state="queued", limit=1).json()["jobs"] == listed[:1]
    assert served.get("/v1/jobs", state="done").json()["jobs"] == []
    assert served.get(f"/v1/jobs/{first['id']}").json() == first


@pytest.mark.parametrize(
    ("body", "status", "code"),
    [
        ({"job": "dance"}, 404, "UNKNOWN_JOB_KIND"),
        ({}, 400, "MISSING_PARAMETER"),
        ({"job": "roll", "form": "2026-01-01"}, 400, "UNKNOWN_PARAMETER"),
        ({"job": "roll", "from": "tomorrow"}, 400, "BAD_DATE"),
        ({"job": "roll", "from": "20260131"}, 400, "BAD_DATE"),
        ({"job": "roll", "from": 5}, 400, "BAD_PARAMETER"),
        ({"job": "roll", "from": "2026-02-01", "to": "2026-01-01"}, 400, "RANGE_REVERSED"),
        ({"job": "purge", "from": "2026-02-01"}, 400, "RANGE_NOT_TAKEN"),
        ([], 400, "NOT_AN_OBJECT"),
    ],
)
def test_a_job_that_cannot_be_is_refused(shared, body, status, code):
    problem_of(shared.client.post("/v1/jobs", json=body), status, code)


def test_a_job_is_asked_for_in_json(shared):
    response = shared.client.post("/v1/jobs", content=b"{", headers={"content-type": "application/json"})
    problem_of(response, 400, "MALFORMED_JSON")
    response = shared.client.post("/v1/jobs", content=b'{"job": "roll"}', headers={"content-type": "text/plain"})
    problem_of(response, 415, "UNKNOWN_CONTENT_TYPE")


def test_a_body_of_a_job_is_not_endless(shared):
    headers = {"content-type": "application/json"}
    response = shared.client.post("/v1/jobs", content=b" " * (2 << 20), headers=headers)
    problem_of(response, 413, "BODY_TOO_LARGE")


@pytest.mark.parametrize(
    ("path", "status", "code"),
    [
        ("/v1/jobs/999999", 404, "UNKNOWN_JOB"),
        ("/v1/jobs/first", 400, "BAD_PARAMETER"),
        ("/v1/jobs/0", 400, "BAD_PARAMETER"),
        ("/v1/jobs/99999999999999999999", 400, "BAD_PARAMETER"),
        ("/v1/jobs?state=tired", 400, "BAD_PARAMETER"),
        ("/v1/jobs?job=roll", 400, "UNKNOWN_PARAMETER"),
    ],
)
def test_a_job_that_is_not_there_says_so(shared, path, status, code):
    problem_of(shared.get(path), status, code)
