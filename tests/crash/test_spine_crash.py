"""Killed at any step, or out of disk, and started again: the same numbers as one clean run, and nothing twice."""

import json
import random
import re
import subprocess
import sys
from contextlib import suppress
from functools import cache, cached_property
from pathlib import Path
from tempfile import mkdtemp

import pyarrow.parquet as pq
import pytest
from tests.crash.spine_process import AT_THE_END, DAYS, batches, carry, late
from tests.systems import House

from keepsum.model.errors import Unavailable
from keepsum.pipeline.verify import verify_ledger

ROOT = Path(__file__).parents[2]
# What every record of the two days that are purged in the end has, and nothing else.
INVOICE = re.compile(rf"({DAYS[0]}|{DAYS[1]}) \d \d".encode())


COMMAND = [sys.executable, "-m", "tests.crash.spine_process"]


class Nursery:
    """Where processes are started, one after the other."""

    def __init__(self, command=COMMAND):
        self.process = subprocess.Popen(
            command, cwd=ROOT, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True, bufsize=1
        )
        self.sent, self.said = self.process.stdin, self.process.stdout

    def run(self, folder, **given):
        """Run a process to its end or its death; give what it said, line by line."""
        assert self.sent
        assert self.said
        self.sent.write(json.dumps({"folder": str(folder), **given}) + "\n")
        lines = []
        for line in self.said:
            words = line.split()
            if words[0] == "exit":
                assert words[1] in {"0", "-9"}, lines
                return lines
            lines.append(words)
        raise AssertionError("nobody starts processes any more")

    @cached_property
    def length(self):
        """How many steps a whole run has."""
        house = House(Path(mkdtemp()))
        house.close()
        return next(int(words[1]) for words in self.run(house.folder) if words[0] == "steps")

    def step(self, number):
        """A step by the number of a round: as many rounds as there are steps come to every one of them."""
        return 1 + number % self.length

    def finished(self, folder, before):
        """Start again without harm; what was acknowledged before must be known already."""
        again = acknowledged(self.run(folder))
        for key, (accepted, duplicates, _) in before.items():
            if accepted:
                assert again[key] == [0, accepted + duplicates, 0], key
        house = House(folder, fresh=False, now=AT_THE_END)
        try:
            assert traces(folder / "data") == []
            return numbers(house)
        finally:
            house.close()


@pytest.fixture(scope="module")
def nursery():
    made = Nursery()
    yield made
    with made.process:
        made.process.kill()


def numbers(house):
    """Everything that must not depend on how it came about: rolled figures, what is left, what the chain says."""
    verdict = verify_ledger(house.workspace, deep=True)
    assert verdict.findings == ()
    return {day: house.status(day) for day in DAYS}, house.digests()


@cache
def clean():
    """The numbers of a run that nothing interrupts."""
    house = House(Path(mkdtemp()))
    carry(house)
    try:
        return numbers(house)
    finally:
        house.close()


def acknowledged(lines):
    return {words[1]: [int(n) for n in words[2:]] for words in lines if words[0] == "ack"}


def traces(folder):
    """The files in which an invoice of a purged day stands, in their bytes or in what they decode to."""
    found = []
    for path in sorted(path for path in folder.rglob("*") if path.is_file()):
        content = path.read_bytes()
        if path.suffix == ".parquet":
            content += repr(pq.ParquetFile(path).read().to_pylist()).encode()
        if INVOICE.search(content):
            found.append(path.relative_to(folder))
    return found


def fresh_folder(tmp_path, name):
    House(tmp_path / name).close()
    return tmp_path / name


def test_killed_at_any_step_it_comes_to_the_same_numbers(nursery, tmp_path, round_seed):
    folder, dies_at = fresh_folder(tmp_path, "kill"), nursery.step(round_seed)
    before = acknowledged(nursery.run(folder, dies_at=dies_at))
    assert nursery.finished(folder, before) == clean(), f"killed at step {dies_at}"


def test_killed_again_while_it_recovers_it_comes_to_the_same_numbers(nursery, tmp_path, round_seed):
    chance, folder, before = random.Random(-round_seed), fresh_folder(tmp_path, "again"), {}
    deaths = [nursery.step(chance.randrange(10**6)) for _ in range(2)]
    for dies_at in deaths:
        before = acknowledged(nursery.run(folder, dies_at=dies_at)) | before
    assert nursery.finished(folder, before) == clean(), f"killed at steps {deaths}"


def test_killed_at_any_step_and_started_with_a_clock_far_behind_it_deletes_nothing_before_its_time(
    nursery, tmp_path, round_seed
):
    folder, dies_at = fresh_folder(tmp_path, "clock"), nursery.step(round_seed * 7)
    before = acknowledged(nursery.run(folder, dies_at=dies_at))
    house = House(folder, fresh=False, now="2026-02-02T01:00:00Z")
    gone = {day for day in DAYS if house.state(day).purge}
    house.roll()
    with suppress(Unavailable):  # when the ledger knows better
        house.purge()
    assert {day for day in DAYS if house.state(day).purge} == gone
    house.close()
    assert nursery.finished(folder, before) == clean(), f"killed at step {dies_at}"


def test_out_of_disk_at_any_step_it_says_so_and_comes_to_the_same_numbers(nursery, tmp_path, round_seed):
    folder, full_at = fresh_folder(tmp_path, "full"), nursery.step(round_seed)
    before = acknowledged(nursery.run(folder, full_at=full_at))
    assert nursery.finished(folder, before) == clean(), f"full at step {full_at}"


def test_two_processes_at_once_come_to_the_same_numbers(nursery, tmp_path):
    folder = fresh_folder(tmp_path, "two")
    both = [
        subprocess.Popen([*COMMAND, json.dumps({"folder": str(folder), "part": part})], cwd=ROOT) for part in (0, 1)
    ]
    assert [process.wait(120) for process in both] == [0, 0]
    assert nursery.finished(folder, {}) == clean()


def test_a_living_day_leaves_traces_that_are_found(tmp_path):
    folder = fresh_folder(tmp_path, "living")
    house = House(folder, fresh=False)
    carry(house)
    house.collect(late()[0] | {"invoice": f"{DAYS[0]} 9 9", "at": "2026-03-05T10:00:00Z"})
    try:
        assert {path.name for path in traces(folder / "data")} == {"truth.db-wal"}
    finally:
        house.close()


def test_the_scenario_has_something_to_lose():
    assert sum(len(batch) for batch in batches()) + len(late()) > 70
    statuses, digests = clean()
    assert statuses == {DAYS[0]: "purged", DAYS[1]: "purged", DAYS[2]: "sealed"}
    assert len(digests) == len(DAYS)
