import json
import os
import signal
import socket
import subprocess
import sys
import threading
import time
from contextlib import contextmanager

import httpx2
import pytest
from tests.served import PACK, order, receipt
from tests.systems import House

from keepsum.http.serve import bound
from keepsum.model.errors import KeepsumError
from keepsum.store.database import Database


@pytest.mark.parametrize("host", ["0.0.0.0", "192.168.1.5", "example.com", "::", "", "127.0.0.1.example.com"])
def test_others_are_not_served_until_there_is_access_control(host):
    with pytest.raises(KeepsumError) as caught, bound(host, 0):
        pass
    assert (caught.value.kind, caught.value.code) == ("invalid", "HOST_NOT_LOOPBACK")


@pytest.mark.parametrize("host", ["127.0.0.1", "localhost", "127.0.0.2"])
def test_this_machine_is_served(host):
    with bound(host, 0) as (listener, address):
        port = listener.getsockname()[1]
        assert address == f"http://{host}:{port}"
        socket.create_connection((host, port)).close()


def test_a_port_that_is_taken_is_said_to_be():
    with bound("127.0.0.1", 0) as (listener, _):
        port = listener.getsockname()[1]
        with pytest.raises(KeepsumError) as caught, bound("127.0.0.1", port):
            pass
    assert (caught.value.kind, caught.value.code) == ("unavailable", "PORT_TAKEN")
    assert str(port) in caught.value.message


@contextmanager
def running(folder, *flags):
    """A server as a process of its own; gives the process and its address."""
    House(folder, PACK).close()
    settings = {"DATA_DIR": "data", "KEY_DIR": "keys", "PACKS": "packs", "PORT": "0", "CLOCK": "2026-02-01T12:00:00Z"}
    environment = {**os.environ, **{f"KEEPSUM_{name}": value for name, value in settings.items()}}
    command = [sys.executable, "-m", "keepsum.cli", "serve", "--json", *flags]
    with (folder / "log").open("wb") as log:
        process = subprocess.Popen(command, cwd=folder, env=environment, stdout=subprocess.PIPE, stderr=log)
    assert process.stdout is not None
    try:
        yield process, json.loads(process.stdout.readline())["address"]
    finally:
        process.kill()
        process.wait()
        process.stdout.close()


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
def test_a_server_that_is_told_to_stop_ends_well_and_has_kept_what_it_acknowledged(tmp_path, number):
    with running(tmp_path) as (process, address):
        client = httpx2.Client(base_url=address, trust_env=False)
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
        client.close()
    house = House(tmp_path, fresh=False)
    with house.workspace.file.read() as connection:
        kept = connection.exec_driver_sql("SELECT sum(records) FROM stream_days").scalar()
    house.close()
    assert len(acknowledged) <= kept <= len(acknowledged) + 4  # what was kept may not have been heard of any more


def test_the_log_of_a_server_is_json_and_counts_what_was_collected(tmp_path):
    with running(tmp_path) as (process, address):
        with httpx2.Client(base_url=address, trust_env=False) as client:
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
    with running(tmp_path) as (process, address):
        file = tmp_path / "data" / "control.db"
        with httpx2.Client(base_url=address, trust_env=False) as client:
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


def test_the_worker_inside_can_be_left_out(tmp_path):
    with running(tmp_path, "--no-worker") as (process, _):
        process.send_signal(signal.SIGTERM)
        assert process.wait(30) == 0
    assert "worker" not in (tmp_path / "log").read_text()
