import json
import os
import resource
import signal
import socket
import ssl
import subprocess
import sys
import threading
import time
from contextlib import ExitStack, contextmanager

import httpx2
import pytest
from tests.accounts import PASSWORD
from tests.certificates import certificate
from tests.served import PACK, order, receipt, served_from, token_of
from tests.systems import House

from keepsum.http.serve import bound
from keepsum.model.errors import KeepsumError
from keepsum.settings import load
from keepsum.store.database import Database


@pytest.mark.parametrize("host", ["0.0.0.0", "192.168.1.5", "example.com", "::", "", "127.0.0.1.example.com"])
def test_others_are_not_served_in_the_clear(host):
    with pytest.raises(KeepsumError) as caught, bound(load(host=host, port=0)):
        pass
    assert (caught.value.kind, caught.value.code) == ("invalid", "TLS_NEEDED")


def test_others_are_served_where_a_trusted_proxy_speaks_tls():
    with bound(load(host="0.0.0.0", port=0, trusted_proxies="10.0.0.0/8")) as (listener, address):
        assert address == f"http://0.0.0.0:{listener.getsockname()[1]}"


@pytest.mark.parametrize("host", ["127.0.0.1", "localhost", "127.0.0.2"])
def test_this_machine_is_served(host):
    with bound(load(host=host, port=0)) as (listener, address):
        port = listener.getsockname()[1]
        assert address == f"http://{host}:{port}"
        socket.create_connection((host, port)).close()


def test_a_port_that_is_taken_is_said_to_be():
    with bound(load(port=0)) as (listener, _):
        port = listener.getsockname()[1]
        with pytest.raises(KeepsumError) as caught, bound(load(port=port)):
            pass
    assert (caught.value.kind, caught.value.code) == ("unavailable", "PORT_TAKEN")
    assert str(port) in caught.value.message


@pytest.fixture(scope="module")
def made(tmp_path_factory):
    return certificate(tmp_path_factory.mktemp("certificate"), "localhost", "127.0.0.1")


@pytest.fixture
def encrypted(tmp_path, made):
    house = House(tmp_path, PACK)
    with served_from(house, tls_cert=made.certificate, tls_key=made.key) as served:
        yield served
    house.close()


def test_a_server_with_a_certificate_speaks_https_only(encrypted, made):
    assert encrypted.address.startswith("https://127.0.0.1:")
    how = {"base_url": encrypted.address, "verify": ssl.create_default_context(cafile=made.authority)}
    token = {"authorization": f"Bearer {token_of(encrypted.install)}"}
    with httpx2.Client(**how, headers=token, trust_env=False) as client:
        response = client.post("/v1/streams/orders/records", json=[order(), order()])
        assert response.json() == receipt(accepted=2)
        asked = client.post("/v1/query", json={"metrics": ["orders"], "from": "2026-01-31", "to": "2026-01-31"})
        assert asked.json()["rows"] == [[2]]
        assert asked.headers["strict-transport-security"] == "max-age=31536000"
    with pytest.raises(httpx2.ConnectError), httpx2.Client(base_url=encrypted.address, trust_env=False) as stranger:
        stranger.get("/health/live")
    plain = encrypted.address.replace("https:", "http:")
    with pytest.raises(httpx2.TransportError), httpx2.Client(base_url=plain, trust_env=False) as stranger:
        stranger.get("/health/live")


def test_over_https_a_session_is_in_cookies_that_only_this_server_sets(encrypted, made):
    how = {"base_url": encrypted.address, "verify": ssl.create_default_context(cafile=made.authority)}
    owner = {"authorization": f"Bearer {token_of(encrypted.install)}"}
    with httpx2.Client(**how, trust_env=False) as browser:
        invited = browser.post("/v1/people", json={"email": "ann@example.org", "roles": ["owner"]}, headers=owner)
        browser.post(
            f"/v1/links/{invited.json()['link'].rpartition('#')[2]}", json={"name": "Ann", "password": PASSWORD}
        ).raise_for_status()
        entry = browser.post("/v1/session", json={"email": "ann@example.org", "password": PASSWORD})
        assert set(browser.cookies) == {"__Host-keepsum_session", "__Host-keepsum_device"}
        assert all("secure" in line.lower() for line in entry.headers.get_list("set-cookie"))
        assert browser.get("/v1/session").json()["kind"] == "person"
        planted = {"cookie": f"keepsum_session={browser.cookies['__Host-keepsum_session']}"}
        browser.cookies.clear()
        assert browser.get("/v1/session", headers=planted).status_code == 401


@pytest.mark.parametrize("broken", ["missing", "no certificate", "another key"])
def test_a_certificate_that_cannot_be_used_is_said_to_be(tmp_path, made, broken):
    path = tmp_path / "certificate.pem"
    if broken != "missing":
        path.write_text(
            "nonsense" if broken == "no certificate" else certificate(tmp_path / "x", "a").certificate.read_text()
        )
    with pytest.raises(KeepsumError) as caught, bound(load(port=0, tls_cert=path, tls_key=made.key)):
        pass
    assert (caught.value.kind, caught.value.code) == ("invalid", "BAD_CERTIFICATE")
    assert str(path) in caught.value.message


@contextmanager
def running(folder, *flags):
    """A server as a process of its own; gives the process, and a client with a collecting administrator's token."""
    house = House(folder, PACK)
    token = token_of(house.install, "admin")
    house.close()
    settings = {"DATA_DIR": "data", "KEY_DIR": "keys", "PACKS": "packs", "PORT": "0", "CLOCK": "2026-02-01T12:00:00Z"}
    environment = {**os.environ, **{f"KEEPSUM_{name}": value for name, value in settings.items()}}
    command = [sys.executable, "-m", "keepsum.cli", "serve", "--json", *flags]
    with (folder / "log").open("wb") as log:
        process = subprocess.Popen(command, cwd=folder, env=environment, stdout=subprocess.PIPE, stderr=log)
    assert process.stdout is not None
    headers = {"authorization": f"Bearer {token}"}
    try:
        address = json.loads(process.stdout.readline())["address"]
        with httpx2.Client(base_url=address, trust_env=False, headers=headers) as client:
            yield process, client
    finally:
        process.kill()
        process.wait()
        process.stdout.close()


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
def test_a_server_that_is_told_to_stop_ends_well_and_has_kept_what_it_acknowledged(tmp_path, number):
    with running(tmp_path) as (process, client):
        acknowledged = []

        def send():
            try:
                while True:
                    response = client.post("/v1/streams/orders/records", json=order())
                    acknowledged.append(response.json()["accepted"])
            except httpx2.TransportError:
                pass

        senders = [threading.Thread(target=send) for _ in range(4)]
        for sender in senders:
            sender.start()
        while len(acknowledged) < 20:
            time.sleep(0.01)
        process.send_signal(number)
        assert process.wait(30) == 0
        for sender in senders:
            sender.join()
    house = House(tmp_path, fresh=False)
    with house.workspace.file.read() as connection:
        kept = connection.exec_driver_sql("SELECT sum(records) FROM stream_days").scalar()
    house.close()
    assert len(acknowledged) <= kept <= len(acknowledged) + 4  # what was kept may not have been heard of any more


def test_the_log_of_a_server_is_json_and_counts_what_was_collected(tmp_path):
    with running(tmp_path) as (process, client):
        assert client.post("/v1/streams/orders/records", json=order(buyer="MARKER")).json() == receipt(accepted=1)
        client.post("/v1/streams/orders/records", content=b"MARKER", headers={"content-type": "application/json"})
        client.get("/v1/days?stream=MARKER")
        process.send_signal(signal.SIGTERM)
        assert process.wait(30) == 0
    text = (tmp_path / "log").read_text()
    assert "MARKER" not in text
    lines = {line["event"]: line for line in map(json.loads, text.splitlines())}
    counts = {"requests": 2, "refused": 1, "accepted": 1, "duplicates": 0, "rejected": 0}
    assert counts.items() <= lines["collected"].items()
    assert lines["request"].items() >= {"route": "/v1/days", "status": 404, "code": "UNKNOWN_STREAM"}.items()
    assert {"serving", "stopping", "worker started", "worker stopped"} <= lines.keys()


def test_what_is_said_while_a_request_is_answered_has_its_id(tmp_path):
    with running(tmp_path) as (process, client):
        file = tmp_path / "data" / "control.db"
        del client.headers["authorization"]
        client.get("/health/live", headers={"x-request-id": "mine-1"})
        made = client.get("/health/live").headers["x-request-id"]
        with Database(file).write() as connection:
            connection.exec_driver_sql("ALTER TABLE workspaces RENAME TO elsewhere")
        client.get("/health/ready", headers={"x-request-id": "mine-2"})
        process.send_signal(signal.SIGTERM)
        process.wait(30)
    lines = [json.loads(line) for line in (tmp_path / "log").read_text().splitlines()]
    told = [(line["event"], line.get("request_id")) for line in lines if line["event"] in {"request", "not ready"}]
    assert told == [("request", "mine-1"), ("request", made), ("not ready", "mine-2"), ("request", "mine-2")]
    assert [line.get("request_id") for line in lines if line["event"] == "serving"] == [None]


def test_a_server_takes_as_many_connections_as_the_system_lets_it(tmp_path):
    few, many = resource.getrlimit(resource.RLIMIT_NOFILE)
    with ExitStack() as held:
        resource.setrlimit(resource.RLIMIT_NOFILE, (256, many))
        try:
            _, client = held.enter_context(running(tmp_path))
        finally:
            resource.setrlimit(resource.RLIMIT_NOFILE, (few, many))
        place = (client.base_url.host, client.base_url.port)
        for _ in range(300):
            held.enter_context(socket.create_connection(place))
        assert client.get("/health/ready").status_code == 200


def test_the_worker_inside_can_be_left_out(tmp_path):
    with running(tmp_path, "--no-worker") as (process, _):
        process.send_signal(signal.SIGTERM)
        assert process.wait(30) == 0
    assert "worker" not in (tmp_path / "log").read_text()
