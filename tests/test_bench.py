"""That the benchmarks can be started and say what they found; how fast anything is, no test asserts."""

import importlib
import io
import sqlite3
import sys
from contextlib import closing
from datetime import UTC, datetime

import httpx2
from bench import outcome
from bench.__main__ import NAMES
from bench.events import bodies
from bench.install import Install, served
from bench.outcome import Line
from bench.pack import PACK
from rich.console import Console

from keepsum.testing import check_pack


def test_every_measurement_has_a_title_and_can_be_started():
    modules = [importlib.import_module(f"bench.{name}") for name in NAMES]
    assert all(module.TITLE and callable(module.measure) for module in modules)


def test_the_table_says_what_was_met_what_was_missed_and_what_could_not_run():
    lines = [
        Line(row="fast", ours="1 s", other="4 s", ratio=4.0, goal=">= 4 times", met=True),
        Line(row="slow", ours="3 s", goal="< 2 s", met=False, note="a busy machine"),
        *outcome.missing("absent", "wrk is not installed").lines,
    ]
    printed = io.StringIO()
    outcome.show(lines, Console(file=printed, width=120))
    shown = [line.split() for line in printed.getvalue().splitlines()]
    assert shown[0] == ["row", "ours", "other", "ratio", "goal", "met"]
    assert [line[-1] for line in shown[1:3]] == ["yes", "no"]
    assert "- slow: a busy machine" in printed.getvalue()
    assert "- absent: not run: wrk is not installed" in printed.getvalue()


def test_the_pack_keeps_what_it_promises():
    check_pack(PACK, {}, now=datetime(2026, 1, 1, tzinfo=UTC))


def test_the_route_that_others_are_compared_with_acknowledges_and_keeps_nothing(tmp_path):
    install = Install(folder=tmp_path)
    with served(install, [sys.executable, "-m", "bench.acknowledge"]) as address:
        url, headers = f"{address}/v1/streams/events/records", {"Authorization": f"Bearer {install.token}"}
        headers["Content-Type"] = "application/json"
        answer = httpx2.post(url, content=next(bodies(3)), headers=headers)
    assert answer.json()["accepted"] == 3
    with closing(sqlite3.connect(install.truth)) as connection:
        assert connection.execute("SELECT count(*) FROM tail_events").fetchone() == (0,)
