import threading
import time

import pytest
from tests.served import PACK, order, problem_of, receipt, served_from, token_of
from tests.systems import House

from keepsum.assemble.install import DEFAULT
from keepsum.http import credentials
from keepsum.model.access import machine
from keepsum.pipeline import tokens, workspaces
from keepsum.store.tokens import new_text


def test_a_token_lets_in_with_the_rights_of_its_role(shared):
    viewer = shared.role("viewer")
    assert viewer.get("/v1/metrics").status_code == 200
    problem_of(viewer.get("/v1/jobs"), 403, "NOT_PERMITTED")
    problem_of(viewer.post("/v1/streams/orders/records", json=order()), 403, "NOT_PERMITTED")
    collector = shared.role("collector")
    assert collector.post("/v1/streams/orders/records", json=order()).json() == receipt(accepted=1)
    problem_of(collector.get("/v1/metrics"), 403, "NOT_PERMITTED")


def test_a_token_for_some_streams_sends_to_no_other(shared):
    narrow = shared.role("collector", streams=["visits"])
    sent = narrow.post("/v1/streams/visits/records", json={"id": "v1", "on": "2026-01-31"})
    assert sent.json() == receipt(accepted=1)
    for stream in ("orders", "none"):
        problem_of(narrow.post(f"/v1/streams/{stream}/records", json=order()), 403, "NOT_PERMITTED")


@pytest.mark.parametrize("scheme", ["Bearer", "bearer", "BEARER", "Bearer  "])
def test_the_scheme_is_read_as_everybody_writes_it(shared, scheme):
    text = token_of(shared.install)
    assert shared.nobody.get("/v1/metrics", headers={"authorization": f"{scheme} {text}"}).status_code == 200


MALFORMED = [
    b"", b"Bearer", b"Basic YTpi", b"Bearer nonsense", b"keepsum_", b"Bearer keepsum_",
    b"Token " + new_text().encode(), b"Bearer " + new_text().encode() + b"x", b"Bearer " + new_text()[:-1].encode(),
    b"Bearer " + new_text().encode() + b" more", b"Bearer keepsum_" + b"x" * 42, b"Bearer " + b"x" * 9_000,
    b"Bearer a.b.c", b"Bearer eyJhbGciOiJub25lIn0.e30.", b"Bearer ..", b"Bearer \xff\xfe",
]  # fmt: skip
UNKNOWN = b"Bearer " + new_text().encode()


# By place: each process that runs tests has made other tokens.
@pytest.mark.parametrize("header", [*MALFORMED, UNKNOWN], ids=[str(n) for n in range(len(MALFORMED) + 1)])
def test_what_is_no_good_token_is_refused_the_same_way(shared, header):
    response = shared.nobody.get("/v1/metrics", headers=[(b"authorization", header)])
    problem_of(response, 401, "CREDENTIAL_REFUSED")
    assert response.headers["www-authenticate"] == 'Bearer realm="keepsum", error="invalid_token"'
    assert "nonsense" not in response.text


def test_a_header_counts_before_a_cookie_whatever_it_says(shared):
    browser = shared.person("header@example.org")
    assert browser.get("/v1/session").json()["kind"] == "person"
    problem_of(browser.get("/v1/session", headers={"authorization": "Bearer no"}), 401, "CREDENTIAL_REFUSED")
    shown = {"authorization": shared.client.headers["authorization"]}
    assert browser.get("/v1/session", headers=shown).json()["kind"] == "token"


def test_malformed_and_oversized_tokens_are_refused_without_looking_anything_up(shared, monkeypatch):
    looked = []
    monkeypatch.setattr(credentials, "caller_of_token", lambda *_, **__: looked.append(1))
    monkeypatch.setattr(credentials, "caller_of_session", lambda *_, **__: looked.append(1))
    for header in MALFORMED:
        shared.nobody.get("/v1/metrics", headers=[(b"authorization", header)])
    shared.nobody.get("/v1/metrics", headers={"cookie": f"keepsum_session={'x' * 9_000}"})
    assert looked == []
    shared.nobody.get("/v1/metrics", headers=[(b"authorization", UNKNOWN)])
    assert looked == [1]


def until_refused(client, patience=1.0):
    """Ask until a credential is refused; gives the seconds it took and how many answers there were."""
    began, answers = time.monotonic(), 0
    while time.monotonic() < began + 10:
        response = client.get("/v1/metrics")
        if response.status_code == 401:
            took = time.monotonic() - began
            assert took < patience, took
            problem_of(response, 401, "CREDENTIAL_REFUSED")
            return answers
        answers += 1
    raise AssertionError("it is never refused")


def token_of_role(served, role):
    """The id of the one token with a role."""
    (found,) = [token for token in served.get("/v1/tokens").json()["tokens"] if token["role"] == role]
    return found["id"]


def test_a_revoked_token_stops_within_a_second_whoever_revokes_it(served):
    client = served.role("admin")
    assert client.get("/v1/metrics").status_code == 200
    served.client.delete(f"/v1/tokens/{token_of_role(served, 'admin')}").raise_for_status()
    until_refused(client)
    other = served.role("viewer")
    assert other.get("/v1/metrics").status_code == 200
    caller, accounts = machine(DEFAULT), served.house.install.accounts  # as the command line does, in its own process
    tokens.revoke(accounts, caller, token_of_role(served, "viewer"), now=served.house.clock())
    until_refused(other)


def test_a_revoked_token_stops_batches_too(served):
    client = served.role("collector")
    stop, statuses = threading.Event(), []

    def send():
        while not stop.is_set():
            statuses.append((time.monotonic(), client.post("/v1/streams/orders/records", json=order()).status_code))

    sender = threading.Thread(target=send)
    sender.start()
    while not statuses:
        time.sleep(0.01)
    served.client.delete(f"/v1/tokens/{token_of_role(served, 'collector')}").raise_for_status()
    revoked = time.monotonic()
    while statuses[-1][1] == 200 and time.monotonic() < revoked + 10:
        time.sleep(0.01)
    stop.set()
    sender.join()
    assert max(at for at, status in statuses if status == 200) < revoked + 1
    assert {status for _, status in statuses} == {200, 401}


def test_a_token_stops_when_its_time_is_over(served):
    client = served.role("viewer", days=1)
    assert client.get("/v1/metrics").status_code == 200
    served.house.at("2026-02-02T12:00:01")
    until_refused(client)


def test_a_session_stops_within_a_second_when_its_person_is_shut_out(served):
    browser = served.person("ann@example.org", "viewer")
    person = browser.get("/v1/session").json()["id"]
    served.client.post(f"/v1/people/{person}/disable").raise_for_status()
    until_refused(browser)


def test_other_roles_count_within_a_second(served):
    browser = served.person("ann@example.org", "viewer")
    who = browser.get("/v1/session").json()
    assert who["roles"] == ["viewer"]
    served.client.put(f"/v1/people/{who['id']}/roles", json={"roles": ["analyst"]}).raise_for_status()
    end = time.monotonic() + 1
    while browser.get("/v1/session").json()["roles"] != ["analyst"]:
        assert time.monotonic() < end


def test_when_a_token_was_used_is_known_at_the_latest_when_the_server_stops(tmp_path):
    house = House(tmp_path, PACK)
    with served_from(house) as served:
        served.role("viewer")
        served.get("/v1/metrics")
    found = {token.role: token.used_at for token in tokens.listing(house.install.accounts, machine(DEFAULT))}
    assert found == {"viewer": None, "owner": house.clock()}
    house.close()


def test_a_token_from_an_address_it_never_came_from_is_in_the_audit_log(served):
    client = served.role("viewer")
    client.get("/v1/metrics")
    end = time.monotonic() + 10
    while not (events := served.get("/v1/audit", kind="token_used_from_new_address").json()["events"]):
        assert time.monotonic() < end
    assert events[0]["origin"]["network"] == "127.0.0.0/24"
    assert {event["caller"]["kind"] for event in events} == {"token"}


def test_a_token_works_in_its_own_workspace_only(served):
    made = workspaces.create(
        served.install,
        workspaces.Wanted(name="other", zone="UTC", terms=workspaces.Terms(week_start=0, k=10)),
        machine("default"),
    )
    other = served.role("owner", workspace=made.id)
    served.send(order())
    assert other.get("/v1/session").json()["workspace"] == made.id
    standing = {one["name"]: one["standing"]["records"] for one in other.get("/v1/streams").json()["streams"]}
    assert standing == {"orders": 0, "visits": 0}
    assert other.post("/v1/streams/orders/records", json=[order(), order()]).json() == receipt(accepted=2)
    assert served.kept() == 1
