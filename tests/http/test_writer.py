import gzip
import json
import os
import signal
import time
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from pathlib import Path

import pytest
from tests.http.test_serve import running
from tests.served import PACK, key, order, problem_of, receipt, served_from
from tests.systems import House
from tests.tenants import create

from keepsum.http.writer import COMMAND

PATIENCE = 60.0  # seconds, for a machine busy with other tests
LINES = "application/x-ndjson"


@contextmanager
def written_from(folder, command=COMMAND):
    house = House(folder, PACK)
    with served_from(house, writer=command) as served:
        yield served
    house.close()


@pytest.fixture(scope="module")
def written(tmp_path_factory):
    """A server with a process that writes, for all tests that let it live."""
    with written_from(tmp_path_factory.mktemp("written")) as served:
        yield served


@pytest.fixture
def own(tmp_path):
    """The same, for a test that does something to the process."""
    with written_from(tmp_path) as served:
        yield served


def writers(pid):
    """The processes that write for a server's process."""
    found = []
    for path in Path("/proc").glob("[0-9]*"):
        try:
            parent = int((path / "stat").read_text().rpartition(")")[2].split()[1])
            if parent == pid and b"keepsum.assemble.writing" in (path / "cmdline").read_bytes():
                found.append(int(path.name))
        except OSError:  # it ended meanwhile
            continue
    return found


def writer_of(served):
    return served.writer._process.pid


def comes_true(asked):
    end = time.monotonic() + PATIENCE
    while not asked():
        assert time.monotonic() < end, "it did not come true"
        time.sleep(0.02)
    return True


def is_alive(pid):
    try:
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0] != "Z"
    except OSError:
        return False


def lines(*records):
    return b"\n".join(json.dumps(record).encode() for record in records)


ONE, OTHER = order(id="one"), order(id="other")
BAD, CHANGED = order(id="bad", total="many"), order(id="one", total="13.00")
SAID = {
    "one": {"body": ONE},
    "an array": {"body": [ONE, OTHER]},
    "lines, one of them broken": {"body": lines(ONE) + b"\n{broken\n" + lines(OTHER), "media": LINES},
    "nothing": {"body": []},
    "no line": {"body": b"\n\n", "media": LINES},
    "some known, some changed, some bad": {"body": [ONE, CHANGED, BAD, order(id="third"), {}]},
    "every one bad": {"body": [BAD, {}, 5]},
    "many bad": {"body": [order(id=str(n), total="many") for n in range(150)]},
    "all or none, good": {"body": [ONE, order(id="fourth")], "atomic": "true"},
    "all or none, bad": {"body": [order(id="fifth"), BAD], "atomic": "true"},
    "all or none, changed": {"body": [order(id="fifth"), CHANGED], "atomic": "true"},
    "no JSON": {"body": b"[1,"},
    "no records": {"body": b"7"},
    "deep": {"body": b"[" * 50_000},
    "a secret": {"body": order(id="sixth", pin="1234")},
    "dates": {"body": {"id": 1, "on": "2026-01-31", "clicks": 3}, "stream": "visits"},
    "unknown stream": {"body": ONE, "stream": "nowhere"},
    "packed": {"body": gzip.compress(lines(ONE, order(id="seventh"))), "media": LINES, "encoding": "gzip"},
    "cut off": {"body": gzip.compress(lines(ONE))[:-9], "media": LINES, "encoding": "gzip"},
    "too long": {"body": b" " * (65 << 10)},
}


@pytest.fixture(scope="module")
def both(tmp_path_factory):
    """What a server with such a process, and one without, answered to the same in the same order."""
    answers = {}
    for name, command in (("with", COMMAND), ("without", None)):
        with written_from(tmp_path_factory.mktemp("both"), command) as served:
            answers[name] = {said: served.send(**how) for said, how in SAID.items()}
            answers[name]["kept"] = served.kept()
    return answers


@pytest.mark.parametrize("said", SAID)
def test_a_receipt_does_not_depend_on_which_process_writes(both, said):
    one, other = (both[name][said] for name in ("with", "without"))
    documents = [{k: v for k, v in answer.json().items() if k != "request_id"} for answer in (one, other)]
    assert (one.status_code, documents[0]) == (other.status_code, documents[1])


def test_nor_does_what_is_kept(both):
    assert both["with"]["kept"] == both["without"]["kept"] == 6


def test_records_go_through_a_process_that_is_not_the_servers(written):
    assert written.send(order()).json() == receipt(accepted=1)
    assert writer_of(written) in writers(os.getpid())


def test_what_was_acknowledged_is_in_the_next_answer(written):
    question = {"metrics": ["orders"], "first": "2026-01-20", "to": "2026-01-20"}
    for count in range(1, 15):
        assert written.send(order(at="2026-01-20T10:00:00Z")).json() == receipt(accepted=1)
        assert written.ask(**question).json()["rows"] == [[count]]


def test_many_senders_to_several_streams_and_workspaces_are_each_told_of_their_own(own):
    other = own.role("owner", workspace=create(own.install, "other"))

    def send(sender):
        client = (own.client, other)[sender % 2]
        told = []
        for number in range(20):
            orders = [order(id=f"{sender} {number} {n}") for n in range(1 + number % 3)]
            visits = {"id": f"{sender} {number}", "on": "2026-01-31"}
            told.append(client.post("/v1/streams/orders/records", json=orders).json()["accepted"] == len(orders))
            told.append(client.post("/v1/streams/visits/records", json=visits).json() == receipt(accepted=1))
        return all(told)

    with ThreadPoolExecutor(8) as pool:
        assert all(pool.map(send, range(8)))
    asked = {"metrics": ["orders"], "from": "2026-01-31", "to": "2026-01-31"}
    counted = [client.post("/v1/query", json=asked).json()["rows"] for client in (own.client, other)]
    assert counted == [[[4 * 39]], [[4 * 39]]]


def test_a_body_of_ten_thousand_records_goes_through_whole(tmp_path):
    house = House(tmp_path, PACK)
    with served_from(house, writer=COMMAND, body_limit=8 << 20) as served:
        batch = [order() for _ in range(10_000)]
        assert served.send(batch).json() == receipt(accepted=10_000)
        assert served.send(batch).json() == receipt(duplicates=10_000)
        assert served.kept() == 10_000
    house.close()


def test_a_process_that_dies_leaves_nobody_waiting_and_another_goes_on(own):
    assert own.send(order()).json() == receipt(accepted=1)
    sent, first = order(), writer_of(own)
    with own.house.workspace.file.lock.held(), ThreadPoolExecutor(1) as pool:
        waits = pool.submit(own.send, sent)
        assert comes_true(lambda: own.writer._waiting and not own.writer._held)
        os.kill(first, signal.SIGKILL)
        answer = waits.result(PATIENCE)
    document = problem_of(answer, 503, "WRITER_ENDED")
    assert "send the batch again" in document["detail"]
    assert answer.headers["retry-after"] == "1"
    again = own.send(sent).json()
    assert again["accepted"] + again["duplicates"] == 1
    assert own.kept() == 2
    assert writer_of(own) != first


@pytest.fixture
def slow_to_begin(monkeypatch):
    """Every process is followed by another only after a pause, which is long enough to be looked at."""
    monkeypatch.setattr("keepsum.http.writer.SHORT_LIFE", 3_600.0)
    monkeypatch.setattr("keepsum.http.writer.PAUSE", 2.0)


def test_health_says_for_a_while_that_the_process_died(own, slow_to_begin):
    own.send(order())
    assert own.get("/health").json()["parts"]["writer"] == "ok"
    os.kill(writer_of(own), signal.SIGKILL)
    assert comes_true(lambda: [r["code"] for r in own.get("/health").json()["reasons"]] == ["NO_WRITER"])
    own.send(order())
    assert comes_true(lambda: own.get("/health").status_code == 200)
    found = own.get("/health").json()
    assert (found["parts"]["writer"], [w["code"] for w in found["warnings"]]) == ("warning", ["WRITER_ENDED"])


def test_where_none_can_be_started_batches_are_refused_and_health_fails(tmp_path, slow_to_begin):
    with written_from(tmp_path, ("/bin/false",)) as served:
        problem_of(served.send(order()), 503, "WRITER_ENDED")
        assert comes_true(lambda: [r["code"] for r in served.get("/health").json()["reasons"]] == ["NO_WRITER"])
        asked = served.ask(metrics=["orders"], first="2026-01-31", to="2026-01-31")
        assert asked.status_code == 200


def test_a_body_sent_while_there_is_no_process_waits_for_the_next(own, slow_to_begin):
    own.send(order())
    os.kill(writer_of(own), signal.SIGKILL)
    assert comes_true(lambda: not own.writer.is_running)
    assert own.send(order()).json() == receipt(accepted=1)


def test_what_is_bad_about_one_body_is_nothing_to_those_who_share_its_commit(own):
    def send(number):
        bodies = (order(), b"[1,", order(total="many"), [])
        return own.send(bodies[number % 4]).status_code

    with ThreadPoolExecutor(16) as pool, own.house.workspace.file.lock.held():
        told = [pool.submit(send, number) for number in range(16)]
        time.sleep(0.3)  # all of them wait for the lock by now, or nearly all
    assert [one.result(PATIENCE) for one in told] == [200, 400, 200, 200] * 4
    assert own.kept() == 4


def test_the_process_lets_go_of_a_workspace_that_is_deleted(own):
    identity = create(own.install, "other")
    other = own.role("owner", workspace=identity)
    assert other.post("/v1/streams/orders/records", json=order()).json() == receipt(accepted=1)
    pid = writer_of(own)

    def has_it():
        for path in Path(f"/proc/{pid}/fd").iterdir():
            try:
                if f"/{identity}/" in str(path.readlink()):
                    return True
            except OSError:  # it was closed meanwhile
                continue
        return False

    assert has_it()
    response = other.request("DELETE", f"/v1/workspaces/{identity}", params={"confirm": "other"})
    assert response.status_code == 200, response.text
    assert comes_true(lambda: not has_it())
    assert own.send(order()).json() == receipt(accepted=1)


def test_the_process_ends_with_the_server_however_that_ends(tmp_path):
    with running(tmp_path) as (process, client):
        client.post("/v1/streams/orders/records", json=order())
        (pid,) = writers(process.pid)
        process.send_signal(signal.SIGKILL)
        process.wait(PATIENCE)
        assert comes_true(lambda: not is_alive(pid))


def test_a_signal_to_stop_that_all_processes_get_loses_nothing(tmp_path):
    with running(tmp_path) as (process, client):
        (pid,) = writers(process.pid)
        for number in (signal.SIGTERM, signal.SIGINT):
            os.kill(pid, number)
        sent = [order() for _ in range(50)]
        assert client.post("/v1/streams/orders/records", json=sent).json() == receipt(accepted=50)
        assert writers(process.pid) == [pid]
        process.send_signal(signal.SIGTERM)
        assert process.wait(PATIENCE) == 0
        assert not is_alive(pid)


def test_what_waits_when_the_server_is_told_to_stop_is_written_and_acknowledged(tmp_path):
    with running(tmp_path) as (process, client):
        client.post("/v1/streams/orders/records", json=order())
        house = House(tmp_path, fresh=False)
        sent = [order(id=key()) for _ in range(3)]
        with ThreadPoolExecutor(3) as pool:
            with house.workspace.file.lock.held():
                waits = [pool.submit(client.post, "/v1/streams/orders/records", json=one) for one in sent]
                time.sleep(1.5)  # they wait for the lock by now, even where much else is going on
                process.send_signal(signal.SIGTERM)
                time.sleep(0.5)
            assert [one.result(PATIENCE).json() for one in waits] == [receipt(accepted=1)] * 3
        assert process.wait(PATIENCE) == 0
        house.close()


def test_the_server_can_do_without_the_process(tmp_path):
    with running(tmp_path, "--no-writer") as (process, client):
        assert client.post("/v1/streams/orders/records", json=order()).json() == receipt(accepted=1)
        assert writers(process.pid) == []
