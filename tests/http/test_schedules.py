"""Which jobs start by themselves and who is there to carry them out, as the page of operations shows it."""

import time

from tests.served import problem_of

from keepsum.store import jobs, workers
from keepsum.store.jobs import Queue


def schedules(served):
    return {one["name"]: one for one in served.get("/v1/schedules").json()["schedules"]}


def until(condition):
    """Wait for what another thread does."""
    for _ in range(200):
        if condition():
            return
        time.sleep(0.05)
    raise AssertionError("it never was so")


def test_schedules_say_when_they_fire_next_and_how_they_ended_last(working):
    nightly = schedules(working)["nightly"]
    assert (nightly["job"], nightly["cron"], nightly["zone"]) == ("nightly", "15 2 * * *", "UTC")
    assert (nightly["next_at"], nightly["last_at"], nightly["last_state"]) == ("2026-02-02T02:15:00Z", None, None)
    working.house.at("2026-02-02T03:00")
    until(lambda: schedules(working)["nightly"]["last_state"] == "done")
    nightly = schedules(working)["nightly"]
    assert (nightly["last_at"], nightly["next_at"]) == ("2026-02-02T03:00:00Z", "2026-02-03T02:15:00Z")


def test_a_worker_is_listed_while_it_is_there(working):
    until(lambda: len(working.get("/v1/workers").json()["workers"]) == 1)
    (one,) = working.get("/v1/workers").json()["workers"]
    assert (one["since"], one["job"]) == ("2026-02-01T12:00:00Z", None)


def test_a_worker_does_not_say_on_which_machine_it_runs(served):
    control, now = served.install.control, time.monotonic()
    for name in ("analytics-1:4711:0", "analytics-2:17:0"):
        workers.beat(control, name, now=served.install.clock(), machine_now=now)
    listed = [served.get("/v1/workers").json()["workers"] for _ in range(2)]
    assert len({one["id"] for one in listed[0]}) == 2
    assert listed[0] == listed[1]
    assert "analytics" not in str(listed)


def test_a_server_without_a_worker_has_none_to_list(shared):
    assert shared.get("/v1/workers").json() == {"workers": []}


def test_a_worker_shows_which_job_of_the_workspace_it_does_and_none_of_others(served):
    control, now = served.install.control, time.monotonic()
    workers.beat(control, "w1", now=served.install.clock(), machine_now=now)
    for workspace in ("default", "another"):
        jobs.enqueue(control, workspace, "roll", {}, "request", served.install.clock())
    taken = {"lease_seconds": 60, "machine_now": now, "now": served.install.clock(), "queue": Queue()}
    run = jobs.claim(control, "w1", **taken)
    assert run is not None and run.workspace == "default"  # noqa: PT018 -- both say that it is ours
    (one,) = served.get("/v1/workers").json()["workers"]
    assert one["job"] == {"id": run.number, "name": "roll"}
    jobs.claim(control, "w2", **taken)
    workers.beat(control, "w2", now=served.install.clock(), machine_now=now)
    assert [one["job"] for one in served.get("/v1/workers").json()["workers"]] == [one["job"], None]


def test_schedules_and_workers_are_for_those_who_operate(shared):
    for path in ("/v1/schedules", "/v1/workers"):
        problem_of(shared.role("manager").get(path), 403, "NOT_PERMITTED")
        problem_of(shared.get(f"{path}?limit=1"), 400, "UNKNOWN_PARAMETER")
