import time

import pytest
from tests.served import problem_of

from keepsum.model.access import machine
from keepsum.model.audit import Kind, Origin
from keepsum.pipeline import audit

DAY = 86_400_000_000
FIRST = 20_485 * DAY  # 2026-02-01
HERE = Origin(mark="a" * 16, network="192.0.2.0/24")


@pytest.fixture(scope="module")
def noted(asking):
    """A server of two workspaces in whose logs somebody did something each day, by turns."""
    for place in range(8):
        whose = "default" if place % 2 else "other"
        kind = Kind.TOKEN_MADE if place < 4 else Kind.TOKEN_REVOKED
        about = {"token": f"t-{place}"}
        now = FIRST + place * DAY
        audit.record(asking.house.system.control, kind, machine(whose), about, now=now, origin=HERE)
    return asking


def tokens(response):
    """The tokens that listed events are about, but for the one that asks."""
    assert response.status_code == 200, response.text
    found = (event["about"].get("token", "") for event in response.json()["events"])
    return [token for token in found if token.startswith("t-")]


def test_what_was_done_is_listed_newest_first_with_who_and_where_from(noted):
    found = noted.get("/v1/audit", kind="token_revoked").json()
    assert [event["about"] for event in found["events"]] == [{"token": "t-7"}, {"token": "t-5"}]
    event = found["events"][0]
    assert event["at"] == "2026-02-08T00:00:00Z"
    assert event["caller"] == {"kind": "machine", "id": "machine"}
    assert event["origin"] == {"mark": "a" * 16, "network": "192.0.2.0/24"}
    assert set(event) == {"at", "kind", "caller", "origin", "about", "hash"}
    assert found["next"] is None


def test_who_asks_for_a_job_that_deletes_is_noted(served):
    number = served.client.post("/v1/jobs", json={"job": "purge"}).json()["id"]
    (event,) = served.get("/v1/audit", kind="purged_by_person").json()["events"]
    assert event["about"] == {"job": number, "kind": "purge"}
    served.client.post("/v1/jobs", json={"job": "roll"})
    assert len(served.get("/v1/audit", kind="purged_by_person").json()["events"]) == 1


def test_who_asked_and_from_where_is_noted_without_the_address(served):
    number = served.client.post("/v1/jobs", json={"job": "purge"}).json()["id"]
    (event,) = served.get("/v1/audit", kind="purged_by_person").json()["events"]
    assert event["caller"]["kind"] == "token"
    assert event["origin"]["network"] == "127.0.0.0/24"
    assert event["about"]["job"] == number
    assert "127.0.0.1" not in served.get("/v1/audit").text


def test_a_change_of_rights_says_where_it_came_from(served):
    served.person("ann@example.org", "analyst")
    path = f"/v1/people/{served.get('/v1/people').json()['people'][0]['id']}"
    made = served.client.post("/v1/tokens", json={"name": "shop", "role": "collector"}).json()["id"]
    for method, changed, body in (
        ("DELETE", f"/v1/tokens/{made}", None),
        ("PUT", f"{path}/roles", {"roles": ["viewer"]}),
        ("POST", f"{path}/password", None),
        ("POST", f"{path}/disable", None),
        ("POST", f"{path}/enable", None),
        ("DELETE", path, None),
    ):
        assert served.client.request(method, changed, json=body).status_code in (200, 201, 204)
    events = served.get("/v1/audit").json()["events"]
    found = {event["kind"]: event["origin"] for event in reversed(events) if event["caller"]["kind"] == "token"}
    for kind in (
        "person_invited", "token_made", "token_revoked", "roles_changed", "password_reset_asked", "person_disabled",
        "person_enabled", "person_removed",
    ):  # fmt: skip
        assert found[kind]["network"] == "127.0.0.0/24", kind


def test_a_token_that_comes_from_an_address_for_the_first_time_is_noted_once(served):
    for _ in range(3):
        served.get("/v1/streams")
    until = time.monotonic() + 30
    while not (found := served.get("/v1/audit", kind="token_used_from_new_address").json()["events"]):
        assert time.monotonic() < until
    assert len(found) == 1
    assert found[0]["caller"]["kind"] == "token"


@pytest.mark.parametrize("role", ["viewer", "manager", "collector"])
def test_the_log_is_for_those_who_administer(shared, role):
    problem_of(shared.role(role).get("/v1/audit"), 403, "NOT_PERMITTED")
    problem_of(shared.nobody.get("/v1/audit"), 401, "CREDENTIAL_MISSING")
    assert shared.role("admin").get("/v1/audit").status_code == 200


def test_only_what_was_done_in_the_callers_workspace_is_listed(noted):
    assert tokens(noted.get("/v1/audit")) == ["t-7", "t-5", "t-3", "t-1"]


def test_events_can_be_narrowed(noted):
    assert tokens(noted.get("/v1/audit", kind="token_made")) == ["t-3", "t-1"]
    assert tokens(noted.get("/v1/audit", **{"from": "2026-02-04", "to": "2026-02-06"})) == ["t-5", "t-3"]
    assert tokens(noted.get("/v1/audit", caller="machine", limit=1)) == ["t-7"]
    assert tokens(noted.get("/v1/audit", caller="somebody")) == []


def test_pages_follow_each_other_by_hash(noted):
    first = noted.get("/v1/audit", kind="token_made", limit=1).json()
    assert [event["about"] for event in first["events"]] == [{"token": "t-3"}]
    rest = noted.get("/v1/audit", kind="token_made", before=first["next"])
    assert (tokens(rest), rest.json()["next"]) == (["t-1"], None)


def test_another_workspaces_event_is_as_unknown_as_none(noted):
    strange = audit.page(noted.house.system.control, audit.wanted(workspace="other"))[0].hash
    told = [problem_of(noted.get("/v1/audit", before=one), 404, "UNKNOWN_EVENT") for one in (strange, "0" * 64)]
    assert told[0] | {"request_id": ""} == told[1] | {"request_id": ""}


@pytest.mark.parametrize("query", ["kind=tea", "limit=0", "limit=1001", "from=yesterday", f"before={'0' * 65}"])
def test_what_cannot_be_asked_is_refused(noted, query):
    problem_of(noted.get(f"/v1/audit?{query}"), 400, "BAD_PARAMETER")
    problem_of(noted.get("/v1/audit?since=1"), 400, "UNKNOWN_PARAMETER")
    problem_of(noted.get("/v1/audit?from=2026-02-02&to=2026-02-01"), 400, "RANGE_REVERSED")
