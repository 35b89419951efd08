import asyncio
import re
import traceback

import pytest
from structlog.testing import capture_logs
from tests.served import order, problem_of

from keepsum.http.counts import Counts
from keepsum.http.credentials import Credentials
from keepsum.http.front import Front, make_gate
from keepsum.model.errors import Conflict


def test_a_path_that_nobody_declared_is_not_found(shared):
    for path in ("/nothing", "/v1", "/v1/streams/orders/fields", "/v1/streams/a/b/records", "/docs/files/secrets.txt"):
        problem_of(shared.get(path), 404, "UNKNOWN_PATH")


def test_a_method_that_a_path_does_not_take_is_refused(shared):
    for path, method, allowed in (
        ("/v1/days", "POST", "GET, HEAD, OPTIONS"),
        ("/health", "DELETE", "GET, HEAD, OPTIONS"),
    ):
        response = shared.client.request(method, path)
        problem_of(response, 405, "METHOD_NOT_ALLOWED")
        assert response.headers["allow"] == allowed


@pytest.mark.parametrize("path", ["/v1/days", "/health", "/v1/ledger", "/docs", "/nothing", "/v1/days?stream=nobody"])
def test_the_head_of_a_path_is_what_getting_it_would_give_without_its_body(shared, path):
    wanted, found = (ask(path, headers={"x-request-id": "one"}) for ask in (shared.client.get, shared.client.head))
    assert (found.status_code, found.content) == (wanted.status_code, b"")
    volatile = {"date", "ratelimit"}
    assert {**found.headers, **dict.fromkeys(volatile)} == {**wanted.headers, **dict.fromkeys(volatile)}
    assert int(found.headers["content-length"]) == len(wanted.content)


def test_the_head_of_a_path_that_is_only_posted_to_is_refused_as_getting_it_is(shared):
    response = shared.client.head("/v1/streams/orders/records")
    assert (response.status_code, response.headers["allow"]) == (405, "POST, OPTIONS")


@pytest.mark.parametrize("host", ["example.com", "localhost.example.com", "192.168.1.5:8001", "", "[2001:db8::1]:80"])
def test_a_request_that_names_another_host_is_refused(shared, host):
    # A web page under a name of its own, which leads here, could otherwise read everything.
    for path in ("/v1/streams", "/docs"):
        problem_of(shared.client.get(path, headers={"host": host}), 421, "HOST_NOT_SERVED")
    response = shared.client.post("/v1/streams/orders/records", json=order(), headers={"host": host})
    problem_of(response, 421, "HOST_NOT_SERVED")


@pytest.mark.parametrize("host", ["localhost", "LOCALHOST:1", "127.0.0.1:8001", "127.8.8.8", "[::1]:80", "a.localhost"])
def test_this_machine_has_many_names(shared, host):
    assert shared.client.get("/health/live", headers={"host": host}).status_code == 200


def test_a_request_is_one_line_of_the_log_and_says_no_value(shared):
    with capture_logs() as lines:
        shared.get("/v1/days?stream=MARKER1")
        shared.get("/v1/days/MARKER2/2026-01-31")
        shared.get("/MARKER3")
        shared.get("/v1/query?metrics=MARKER4&from=2026-01-01&to=2026-01-31")
        shared.ask(metrics=["MARKER5"], where={"place": ["MARKER6"]}, first="2026-01-01", to="2026-01-02")
        shared.send(order(buyer="MARKER7", units="x"))
        shared.send(b"MARKER8")
    told = [(line["method"], line["route"], line["status"], line.get("code")) for line in lines]
    assert told == [
        ("GET", "/v1/days", 404, "UNKNOWN_STREAM"),
        ("GET", "/v1/days/{stream}/{day}", 404, "UNKNOWN_STREAM"),
        ("GET", "?", 404, "UNKNOWN_PATH"),
        ("GET", "/v1/query", 404, "UNKNOWN_METRIC"),
        ("POST", "/v1/query", 404, "UNKNOWN_METRIC"),
    ]
    assert "MARKER" not in str(lines)
    (who,) = {line["caller"] for line in lines}
    assert who == shared.get("/v1/session").json()["id"]


def test_a_request_that_may_not_come_in_is_a_line_without_its_credential(shared):
    with capture_logs() as lines:
        shared.nobody.get("/v1/days", headers={"authorization": "Bearer MARKER"})
        shared.nobody.get("/v1/days", headers={"cookie": "keepsum_session=MARKER"})
        shared.nobody.post("/v1/links/MARKER", json={"password": "MARKER"})
    told = [(line["route"], line["status"], line["code"], line.get("caller")) for line in lines]
    assert told == [
        ("?", 401, "CREDENTIAL_REFUSED", None),
        ("?", 401, "CREDENTIAL_REFUSED", None),
        ("/v1/links/{link}", 404, "LINK_INVALID", None),
    ]
    assert "MARKER" not in str(lines)


def test_a_request_keeps_the_id_it_brings_in_its_response_and_its_error(shared):
    headers = {"x-request-id": "trace:7F.a_b-1"}
    for path in ("/health/live", "/nothing", "/v1/days?stream=none"):
        assert shared.client.get(path, headers=headers).headers["x-request-id"] == headers["x-request-id"]
    response = shared.client.post("/v1/streams/orders/records", json=order(), headers=headers)
    assert response.headers["x-request-id"] == headers["x-request-id"]
    response = shared.client.post("/v1/streams/none/records", json=order(), headers=headers)
    assert problem_of(response, 404, "UNKNOWN_STREAM")["request_id"] == headers["x-request-id"]


@pytest.mark.parametrize("given", [None, "", "ann@example.com", "a b", "-a", "x" * 101, "ä", "a\tb"])
def test_a_request_without_an_id_is_given_one_of_its_own(shared, given):
    headers = [] if given is None else [(b"x-request-id", given.encode())]
    made = {shared.client.get("/health/live", headers=headers).headers["x-request-id"] for _ in range(2)}
    assert len(made) == 2
    assert all(re.fullmatch(r"[0-9a-f]{24}", one) for one in made)
    refused = shared.client.get("/nothing", headers=headers)
    assert problem_of(refused, 404, "UNKNOWN_PATH")["request_id"] == refused.headers["x-request-id"]


def answered(install, app):
    """What an application answers to a GET of what anybody may ask for, and the log."""
    sent = []

    async def receive():
        return {"type": "http.request", "body": b"", "more_body": False}

    async def send(message):
        sent.append(message)

    scope = {
        "type": "http",
        "method": "GET",
        "path": "/docs",
        "headers": [(b"host", b"localhost")],
        "query_string": b"",
    }
    gate = make_gate(install.settings, Credentials(install, None))
    with capture_logs() as lines:
        asyncio.run(Front(app, Counts(), gate)(scope, receive, send))
    return sent, lines


async def broken(_scope, _receive, _send):
    try:
        raise ValueError("MARKER")
    except ValueError as error:
        raise RuntimeError("MARKER") from error


def test_what_breaks_inside_is_told_to_nobody_but_the_log_and_there_without_values(shared):
    sent, lines = answered(shared.install, broken)
    assert sent[0]["status"] == 500
    assert b'"code":"INTERNAL"' in sent[1]["body"]
    assert b"MARKER" not in sent[1]["body"]
    assert (lines[0]["event"], lines[0]["error"]) == ("request broke", "RuntimeError")
    assert "ValueError" in lines[0]["traceback"]
    assert traceback.extract_stack()[-1].filename in lines[0]["traceback"]
    assert "MARKER" not in str([{k: v for k, v in line.items() if k != "traceback"} for line in lines])
    assert 'Error("MARKER")' in lines[0]["traceback"]  # the line of code itself, which is ours


async def broken_off(_scope, _receive, send):
    await send({"type": "http.response.start", "status": 200, "headers": []})
    raise Conflict("TOO_LATE_TO_TELL", "The response had begun.")


def test_a_response_that_began_is_not_begun_again(shared):
    sent, lines = answered(shared.install, broken_off)
    assert [message["type"] for message in sent] == ["http.response.start"]
    assert lines[-1]["code"] == "TOO_LATE_TO_TELL"
