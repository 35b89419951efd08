"""The demo, once for real: a server of its own, every line over HTTP, and every published total."""

import json
import os
import re
import signal
import socket
import subprocess
import sys
import time
from contextlib import contextmanager
from decimal import Decimal

import httpx2
import pytest
from tests.demonstrated import environment

from keepsum import cli
from keepsum.cli.demo.folder import MARK, PUBLISHED_KEYS, fresh_folder
from keepsum.cli.demo.story import QUESTIONS, Asked, Told, Truth
from keepsum.model.errors import Conflict, Unavailable

MONTHS = [
    ("2010-12", "748957.02", 2_025),
    ("2011-01", "560000.26", 1_476),
    ("2011-02", "498062.65", 1_393),
]


@contextmanager
def running(*words, cwd):
    """A demo as somebody starts it in a terminal, and ends it with Ctrl-C."""
    command, pipe = [sys.executable, "-m", "keepsum.cli", "demo", *words], subprocess.PIPE
    with subprocess.Popen(
        command, cwd=cwd, env=environment(), stdout=pipe, stderr=pipe, text=True, start_new_session=True
    ) as process:
        try:
            yield process
        finally:
            if process.poll() is None:
                os.killpg(process.pid, signal.SIGINT)
            process.wait(60)


def test_the_demo_gives_every_published_total_before_and_after_the_purge_and_serves_on(tmp_path):
    with running("--port=0", "--json", cwd=tmp_path) as demo:
        assert demo.stdout is not None
        assert demo.stderr is not None
        shown = json.loads(demo.stdout.readline(), parse_float=Decimal)
        said = [demo.stderr.readline().rstrip() for _ in range(5)]
        come_in(*said)
        demo.send_signal(signal.SIGTERM)
        assert demo.wait(60) == 0
    check_shown(shown)
    assert [path.name for path in (tmp_path / "keepsum-data").iterdir() if path.is_dir()] == ["demo"]
    verified = subprocess.run(
        [sys.executable, "-m", "keepsum.cli", "ledger", "verify", "--deep", f"--head={shown['ledger']['head']}"]
        + [f"--{name}-dir=keepsum-data/demo/{folder}" for name, folder in (("data", "data"), ("key", "keys"))]
        + ["--enabled=demo"],
        cwd=tmp_path,
        capture_output=True,
        text=True,
        check=False,
    )
    assert verified.returncode == 0, verified.stdout + verified.stderr


def come_in(where, _about, linked, _ask, with_token):
    """Do what the demo says last: ask with its token, and become its owner once."""
    address = matched(r"Serving on (http://127\.0\.0\.1:\d+), its docs on ", where)
    link = matched(r"(http://\S+)$", linked)
    token = matched(r"curl -s '\S+' -H 'Authorization: Bearer (keepsum_[0-9A-Za-z]+)'$", with_token)
    headers = {"authorization": f"Bearer {token}"}
    with httpx2.Client(base_url=address, trust_env=False) as client:
        assert client.get("/v1/jobs").status_code == 401
        done = client.get("/v1/jobs", headers=headers).json()["jobs"]
        assert {"roll", "purge", "verify"} <= {job["job"] for job in done}
        asked = client.get(matched(r"curl -s '(\S+)' ", with_token), headers=headers).json(parse_float=Decimal)
        assert [str(row[1]) for row in asked["rows"]] == [revenue for _, revenue, _ in MONTHS]
        owner = {"email": "ann@shop.example", "name": "Ann", "password": "a sentence that only Ann knows"}
        used = f"/v1/links/{matched(re.escape(address) + '/app/link#(.+)', link)}"
        assert [client.post(used, json=owner).status_code for _ in range(2)] == [200, 404]


def matched(pattern, text):
    found = re.match(pattern, text)
    assert found is not None, text
    return found[1]


def check_shown(shown):
    assert shown["months"] == [
        {
            "month": month,
            "revenue_before": Decimal(revenue),
            "revenue_after": Decimal(revenue),
            "invoices_before": invoices,
            "invoices_after": invoices,
        }
        for month, revenue, invoices in MONTHS
    ]
    customers = shown["customers"]
    assert customers["truth"] == 1_749
    assert 0 < customers["error"] < 100
    assert abs(customers["estimate"] - 1_749) <= customers["error"]
    assert shown["records"] == {"collected": 105_335, "purged": 91_290, "left": 14_045}
    assert shown["ledger"]["ok"] is True
    assert shown["ledger"]["seals"] == 107
    assert len(shown["ledger"]["head"]) == 64
    assert shown["seconds"] > 0


def test_a_demo_that_is_to_end_at_once_says_nothing_but_its_facts(demonstrated):
    assert (demonstrated.code, demonstrated.said) == (0, "")
    check_shown(json.loads(demonstrated.printed, parse_float=Decimal))


SERVING = """
import sys
from pathlib import Path
from keepsum.cli.demo.server import serving
folder = Path(sys.argv[1])
flags = {"data_dir": folder / "data", "key_dir": folder / "keys", "packs": folder / "packs", "enabled": "demo"}
with serving(folder, {**flags, "clock": "2011-03-18T12:00:00Z", "port": 0}) as server:
    print(server.address, flush=True)
    sys.stdin.read()
"""


def test_a_demo_that_is_killed_leaves_no_server_behind(tmp_path):
    command, pipe = [sys.executable, "-c", SERVING, str(tmp_path)], subprocess.PIPE
    with subprocess.Popen(command, stdin=pipe, stdout=pipe, text=True) as demo:
        assert demo.stdout is not None
        address = demo.stdout.readline().strip()
        assert answers(address)
        demo.kill()
    until = time.monotonic() + 60
    while answers(address):
        assert time.monotonic() < until


def answers(address):
    try:
        return httpx2.get(f"{address}/health/live", trust_env=False).status_code == 200
    except httpx2.TransportError:
        return False


def test_the_demos_folder_is_made_anew_with_the_published_keys(tmp_path):
    with fresh_folder(tmp_path) as folder:
        (folder / "left").write_text("from last time")
    with fresh_folder(tmp_path) as folder:
        assert sorted(path.name for path in folder.iterdir()) == ["keys", MARK]
        keys = {path.name: path.read_bytes() for path in (folder / "keys" / "default").iterdir()}
    assert {len(key) for key in keys.values()} == {32}
    with fresh_folder(tmp_path) as folder:
        assert {path.name: path.read_bytes() for path in (folder / "keys" / "default").iterdir()} == keys
    assert PUBLISHED_KEYS


def test_a_folder_that_no_demo_made_stays(tmp_path):
    (tmp_path / "demo").mkdir()
    (tmp_path / "demo" / "mine").write_text("mine")
    with pytest.raises(Conflict, match="NOT_A_DEMO"), fresh_folder(tmp_path):
        pass
    assert (tmp_path / "demo" / "mine").read_text() == "mine"


def test_two_demos_do_not_share_a_folder(tmp_path):
    with fresh_folder(tmp_path), pytest.raises(Unavailable, match="DEMO_RUNS"), fresh_folder(tmp_path):
        pass


def test_a_port_in_use_is_said_in_one_line(tmp_path, capsys):
    with socket.create_server(("127.0.0.1", 0)) as other:
        port = other.getsockname()[1]
        code = cli.run(["demo", "--once", f"--port={port}", f"--data-dir={tmp_path}"])
    said = capsys.readouterr().err
    assert code == 4
    assert said.startswith(f"keepsum: PORT_TAKEN: Port {port} ")


def told(**changed):
    """What came of a demo in which every answer has one row and nothing went wrong."""
    answer = Asked(names=("time", "revenue"), rows=(("2010-12-01", Decimal("1.00")),), totals=None, labels={})
    given = {
        "attribution": "",
        "collected": {"accepted": 1},
        "again": {"accepted": 0},
        "sealed": 1,
        "purged": {"days": 1, "records": 1},
        "left": 0,
        "before": dict.fromkeys(QUESTIONS, answer),
        "after": dict.fromkeys(QUESTIONS, answer),
        "truth": Truth(),
        "ledger": {"ok": True},
    }
    return Told(**(given | changed))


def test_a_demo_holds_only_when_every_answer_is_the_same_and_nothing_was_added_twice():
    other = Asked(names=("time", "revenue"), rows=(("2010-12-01", Decimal("1.01")),), totals=None, labels={})
    assert told().holds
    assert not told(ledger={"ok": False}).holds
    assert not told(again={"accepted": 1}).holds
    for name in QUESTIONS:
        assert not told(after={**told().after, name: other}).holds


def test_the_truth_counts_each_customer_once_over_any_range():
    truth = Truth()
    for day, who in (("2010-12-01", "a"), ("2010-12-02", "a"), ("2010-12-02", None), ("2011-01-01", "b")):
        truth.add({"at": f"{day}T10:00:00+00:00", "who": who}, time="at", subject="who")
    assert [truth.between(start) for start in ("", "2010-12", "2010-12-02", "2011-01", "2011-02")] == [2, 1, 1, 1, 0]
