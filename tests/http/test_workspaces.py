import pytest
from tests.served import order, problem_of
from tests.tenants import create


def test_a_caller_sees_their_own_workspace(served):
    create(served.install, "other")
    mine = {"id": "default", "name": "default", "state": "active", "current": True}
    (found,) = served.get("/v1/workspaces").json()["workspaces"]
    assert found.items() >= mine.items()
    assert served.get("/v1/workspaces/default").json() == found


def test_another_workspace_is_as_unknown_as_none(served):
    other = create(served.install, "other")
    for method, more in (
        ("GET", {}),
        ("PATCH", {"json": {"archived": True}}),
        ("DELETE", {"params": {"confirm": "x"}}),
    ):
        details = []
        for identity in (other, "nothing"):
            response = served.client.request(method, f"/v1/workspaces/{identity}", **more)
            details.append(problem_of(response, 404, "UNKNOWN_WORKSPACE")["detail"].replace(identity, "it"))
        assert details[0] == details[1]


def test_an_archived_workspace_takes_nothing_in_until_it_is_taken_up_again(served):
    assert served.client.patch("/v1/workspaces/default", json={"archived": True}).json()["state"] == "archived"
    problem_of(served.send(order()), 409, "WORKSPACE_ARCHIVED")
    assert served.get("/v1/metrics").status_code == 200
    assert served.client.patch("/v1/workspaces/default", json={"archived": False}).json()["state"] == "active"
    assert served.send(order()).status_code == 200


def test_a_workspace_gets_another_name_and_keeps_its_id_and_the_audit_log_says_who(served):
    create(served.install, "other")
    found = served.client.patch("/v1/workspaces/default", json={"name": "lyon"}).json()
    assert (found["id"], found["name"], found["state"]) == ("default", "lyon", "active")
    problem_of(served.client.patch("/v1/workspaces/default", json={"name": "other"}), 409, "WORKSPACE_EXISTS")
    problem_of(served.client.patch("/v1/workspaces/default", json={"name": "Ly on"}), 400, "BAD_WORKSPACE_NAME")
    assert served.get("/v1/settings").json()["workspace"]["name"] == "lyon"
    (event,) = served.get("/v1/audit", kind="workspace_renamed").json()["events"]
    assert (event["about"], event["caller"]["kind"]) == ({"name": "lyon"}, "token")


def test_a_workspace_gets_another_k_and_other_weeks_and_the_ledger_and_the_audit_log_say_who(served):
    served.send([order(id=f"o{n}", buyer=f"b{n}") for n in range(12)])
    shown = {"metrics": ["orders"], "from": "2026-01-31", "to": "2026-01-31"}
    viewer = served.role("viewer")
    assert viewer.post("/v1/query", json=shown).json()["rows"] == [[10]]
    wanted = {"k": 2, "week_start": "sunday"}
    assert served.client.patch("/v1/workspaces/default", json=wanted).status_code == 200
    assert viewer.post("/v1/query", json=shown).json()["rows"] == [[12]]
    for path in ("/v1/settings", "/v1/session"):
        found = served.get(path).json()
        assert found.get("workspace" if path == "/v1/settings" else "none", found).items() >= wanted.items()
    event = served.get("/v1/audit", kind="settings_changed").json()["events"][1]
    assert (event["about"], event["caller"]["kind"]) == ({"k": 2, "before": 10}, "token")
    (entry,) = served.get("/v1/ledger", kind="settings_changed").json()["entries"]
    assert entry["body"] == {"k": 2, "week_start": 6, "before": {"k": 10, "week_start": 0}, "by": event["caller"]["id"]}


@pytest.mark.parametrize("wanted", [{"k": 0}, {"k": 10_001}, {"k": "few"}, {"week_start": "payday"}, {"zone": "UTC"}])
def test_what_a_workspace_cannot_be_set_to_is_refused(shared, wanted):
    response = shared.client.patch("/v1/workspaces/default", json=wanted)
    problem_of(response, 400, "UNKNOWN_PARAMETER" if "zone" in wanted else "BAD_PARAMETER")


def test_what_is_not_named_of_a_workspace_stays(served):
    assert served.client.patch("/v1/workspaces/default", json={"archived": True}).json()["name"] == "default"
    assert served.client.patch("/v1/workspaces/default", json={"name": "lyon"}).json()["state"] == "archived"


def test_only_owners_rename_set_archive_and_delete(shared):
    admin = shared.role("admin")
    assert admin.get("/v1/workspaces/default").status_code == 200
    for change in ({"archived": True}, {"name": "lyon"}, {"k": 2}, {"week_start": "sunday"}):
        problem_of(admin.patch("/v1/workspaces/default", json=change), 403, "NOT_PERMITTED")
    problem_of(admin.delete("/v1/workspaces/default", params={"confirm": "default"}), 403, "NOT_PERMITTED")


def test_a_workspace_is_deleted_whole_once_its_name_is_said_again(served):
    identity = create(served.install, "other")
    owner = served.role("owner", workspace=identity)
    owner.post("/v1/streams/orders/records", json=order())
    problem_of(owner.delete(f"/v1/workspaces/{identity}"), 400, "MISSING_PARAMETER")
    problem_of(owner.delete(f"/v1/workspaces/{identity}", params={"confirm": "default"}), 409, "NOT_CONFIRMED")
    response = owner.delete(f"/v1/workspaces/{identity}", params={"confirm": "other"})
    assert response.json()["receipt"]["streams"]["orders"]["records"] == 1
    assert owner.get("/v1/metrics").status_code in {401, 404}  # for half a second the token is still remembered
    assert served.get("/v1/metrics").status_code == 200
    event = served.get("/v1/audit").json()["events"]
    assert identity not in str(event)
