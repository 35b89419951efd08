import json
import os
import signal
import subprocess
import sys
import time
from contextlib import contextmanager

import httpx2
from tests.cli.conftest import NOON

from keepsum.store import jobs
from keepsum.store.database import Database


def test_a_job_is_queued_once_and_listed(shop):
    first = shop("jobs", "start", "roll", "--to=2026-02-02", "--json").json
    assert (first["job"], first["state"], first["cause"]) == ("roll", "queued", "command line")
    assert shop("jobs", "start", "roll", "--to=2026-02-02", "--json").json["id"] == first["id"]
    assert [one["id"] for one in shop("jobs", "--json").json["jobs"]] == [first["id"]]
    assert shop("jobs", "show", first["id"], "--json").json == first
    assert f"{first['id']} roll queued 2026-02-11 12:00 0 0 0 %" in shop("jobs").words


def test_a_job_nobody_knows_and_a_range_nobody_takes_are_refused(shop):
    assert "UNKNOWN_JOB_KIND" in shop("jobs", "start", "tidy").err
    assert "RANGE_NOT_TAKEN" in shop("jobs", "start", "purge", "--from=2026-02-01").err
    assert "UNKNOWN_JOB" in shop("jobs", "show", "77").err
    assert "UNKNOWN_STATE" in shop("jobs", "--state=asleep").err
    assert shop("jobs", "--json").json["jobs"] == []


@contextmanager
def running(install, *words):
    """A command as a process of its own, after the first line it says."""
    command = [sys.executable, "-m", "keepsum.cli", *words, "--json", *install.place, f"--clock={NOON}"]
    with subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True) as process:
        assert process.stdout is not None
        try:
            yield process, json.loads(process.stdout.readline())
        finally:
            process.kill()


def test_a_worker_carries_jobs_out_and_stops_when_told(shop):
    number = shop("jobs", "start", "roll", "--json").json["id"]
    control = Database(shop.folder / "data" / "control.db")
    with running(shop, "worker") as (process, said):
        assert said["workspaces"] == ["default"]
        end = time.monotonic() + 60
        while jobs.get(control, "default", number).finished_at is None:
            assert time.monotonic() < end
            time.sleep(0.05)
        process.send_signal(signal.SIGTERM)
        assert process.wait(60) == 0
    control.close()
    assert [(one["job"], one["state"]) for one in shop("jobs", "--json").json["jobs"]] == [("roll", "done")]
    schedules = shop("jobs", "--json").json["schedules"]
    assert [(one["name"], one["cron"]) for one in schedules] == [
        ("move", "*/5 * * * *"), ("nightly", "15 2 * * *"), ("sweep", "*/10 * * * *"),
    ]  # fmt: skip


def test_a_server_makes_its_data_directory_serves_and_stops_on_ctrl_c(install):
    with running(install, "serve", "--port=0") as (process, said):
        answer = httpx2.get(f"{said['address']}/health/live", timeout=60, trust_env=False)
        assert answer.json()["status"] == "ok"
        os.kill(process.pid, signal.SIGINT)
        assert process.wait(60) == 0
        assert process.stderr is not None
        assert "leaked" not in process.stderr.read()


def test_a_server_refuses_to_serve_the_world_in_the_clear(install):
    said = install("serve", "--host=0.0.0.0", "--port=0")
    assert said.code == 2
    assert "TLS_NEEDED" in said.err
