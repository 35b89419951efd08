"""Through the real door: a token of one workspace never shows anything of another, nor that there is any."""

from concurrent.futures import ThreadPoolExecutor

import pytest
from tests.served import key, order, problem_of
from tests.tenants import create

from keepsum.store.lock import FileLock

MARK = "zqxmark"
LISTS = (
    "streams", "metrics", "dashboards", "days?stream=orders", "ledger", "jobs", "audit", "people", "tokens",
    "workspaces", "streams/orders", "metrics/custom", "dimensions/place/values", "purge?ahead=31", "compliance",
    "schedules", "workers", "settings", "roles",
)  # fmt: skip


@pytest.fixture
def other(served):
    """An owner's client of another workspace, beside a first one that has records, a job, a person and a token."""
    return beside(served)


@pytest.fixture(scope="module")
def looking(asking):
    """The same, for tests that only look."""
    return beside(asking)


def beside(served):
    sent = [order(place=MARK, buyer=MARK, id=f"{MARK} {key()}") for _ in range(12)]
    assert served.send(sent).json()["accepted"] == 12
    served.house.at("2026-02-03T12:00:00Z").roll()
    served.invited(f"{MARK}@example.org", "viewer")
    served.client.post("/v1/dashboards", json={"document": {"title": MARK, "range": {"preset": "all"}}})
    metric = {"name": MARK, "formula": "revenue / orders", "about": MARK}
    assert served.client.post("/v1/metrics/custom", json=metric).status_code == 201
    return served.role("owner", workspace=create(served.install, "other"))


@pytest.mark.parametrize("path", LISTS)
def test_no_list_shows_what_another_workspace_has(looking, path):
    response = looking.get(f"/v1/{path}")
    assert response.status_code == 200, response.text
    assert MARK not in response.text
    assert '"default"' not in response.text


def test_no_answer_counts_what_another_workspace_has(served, other):
    question = {"metrics": ["orders", "revenue"], "by": ["place"], "from": "2026-01-01", "to": "2026-02-28"}
    assert MARK in served.client.post("/v1/query", json=question).text
    found = other.post("/v1/query", json=question)
    assert (found.status_code, found.json()["rows"]) == (200, [])


def test_another_workspaces_job_and_day_are_as_unknown_as_none(served, other):
    number = served.client.post("/v1/jobs", json={"job": "roll"}).json()["id"]
    told = {
        problem_of(other.get(f"/v1/jobs/{asked}"), 404, "UNKNOWN_JOB")["detail"].replace(str(asked), "N")
        for asked in (number, number + 1_000)
    }
    assert len(told) == 1
    days = [other.get(f"/v1/days/orders/{day}") for day in ("2026-01-31", "2025-01-31")]
    assert [problem_of(day, 404, "UNKNOWN_DAY")["code"] for day in days] == ["UNKNOWN_DAY"] * 2


def test_the_same_key_is_new_in_each_workspace(served, other):
    one = order()
    assert served.send([one]).json()["accepted"] == 1
    sent = other.post("/v1/streams/orders/records", json=[one])
    assert (sent.json()["accepted"], sent.json()["duplicates"]) == (1, 0)
    assert served.send([one]).json()["duplicates"] == 1


def test_a_workspace_that_takes_long_to_open_keeps_no_other_waiting(served, other, monkeypatch):
    monkeypatch.setattr("keepsum.assemble.install.LOOKS_EVERY", 0)
    identity = other.get("/v1/workspaces").json()["workspaces"][0]["id"]
    served.send([order()])
    served.install.let_go(identity)
    lock = FileLock(served.house.folder / "data" / "workspaces" / identity / "truth.db.lock")
    with ThreadPoolExecutor(1) as one:
        with lock.held():
            opening = one.submit(other.get, "/v1/streams")
            for _ in range(10):
                assert served.client.get("/v1/streams", timeout=20).status_code == 200
                assert served.client.post("/v1/streams/orders/records", json=[order()], timeout=20).status_code == 200
            assert not opening.done()
        assert opening.result(60).status_code == 200
