import json
import os
import random
import signal
import subprocess
import sys
import threading
import time
from itertools import pairwise
from pathlib import Path

import pytest
from tests.control_file import Clock, open_control
from tests.crash.job_process import BUSINESS_START, LEASE_SECONDS, business_time

from keepsum.engine.schedule import fires
from keepsum.model.job import JobState, Outcome, Schedule
from keepsum.store import jobs, schedules
from keepsum.worker import Worker

ROOT = Path(__file__).parents[2]
PATIENCE = 60.0  # seconds, for a machine busy with other tests
OFTEN = Schedule(name="often", job="move", cron="* * * * *", zone="Europe/London")


class House:
    """A control file, a journal, and the worker processes on them."""

    def __init__(self, folder):
        self.path, self.journal = folder / "control.db", folder / "journal"
        self.control = open_control(self.path)
        self.began = time.monotonic()
        self.processes, self.survivors = [], []

    def start(self, name, dies_at=None, prompt=()):
        given = {"control": str(self.path), "journal": str(self.journal), "began": self.began}
        given |= {"name": name, "dies_at": dies_at, "prompt": prompt}
        command = [sys.executable, "-m", "tests.crash.job_process", json.dumps(given)]
        process = subprocess.Popen(command, cwd=ROOT, stdout=subprocess.DEVNULL)
        self.processes.append(process)
        return process

    def enqueue(self, job, steps):
        return jobs.enqueue(self.control, "default", job, {"steps": steps}, "test", BUSINESS_START)

    def lines(self, kind=None):
        text = self.journal.read_text() if self.journal.exists() else ""
        found = [(word, *map(int, numbers)) for word, *numbers in map(str.split, text.splitlines())]
        return [line for line in found if kind in {None, line[0]}]

    def close(self):
        for process in self.processes:
            process.kill()
            process.wait()
        self.control.close()


@pytest.fixture
def house(tmp_path):
    built = House(tmp_path)
    yield built
    built.close()


def until(happened):
    end = time.monotonic() + PATIENCE
    while not happened():
        assert time.monotonic() < end, "it did not happen"
        time.sleep(0.01)


def die_and_die_again(house, name, deaths, prompt):
    """Run a worker that kills itself, start it again at once, and at last leave it alive."""
    for number, dies_at in enumerate(deaths):
        process = house.start(f"{name}{number}", dies_at, prompt)
        assert process.wait(PATIENCE) == -signal.SIGKILL
    house.survivors.append(house.start(name, prompt=prompt))


def test_workers_killed_at_any_step_lose_no_job_and_run_none_twice_at_once(house, round_seed):
    chance = random.Random(round_seed)
    prompt = [f"job {n}" for n in chance.sample(range(8), chance.randint(0, 4))]  # which run beside the others
    schedules.declare(house.control, "default", [OFTEN], business_time(house.began))
    numbers = {house.enqueue(f"job {n}", steps): steps for n, steps in enumerate(chance.choices(range(1, 12), k=8))}
    # Fewer deaths than a job has attempts: none may fail.
    fates = {name: [chance.randint(1, 30), chance.randint(1, 30)] for name in ("one", "two")}
    lives = [
        threading.Thread(target=die_and_die_again, args=(house, name, fate, prompt)) for name, fate in fates.items()
    ]
    for life in lives:
        life.start()
    numbers |= {house.enqueue(f"late {n}", 3): 3 for n in range(3)}
    for life in lives:
        life.join()
    until(lambda: all(jobs.get(house.control, "default", number).state is JobState.DONE for number in numbers))
    stop(house)
    check_jobs(house, numbers)
    check_schedule(house)


def stop(house):
    for process in house.survivors:
        process.terminate()
    # One that had not even begun does not know yet how to stop in peace.
    assert {process.wait(PATIENCE) for process in house.survivors} <= {0, -signal.SIGTERM}


def check_jobs(house, numbers):
    lines = [line for line in house.lines() if line[0] != "fired"]
    for number, steps in numbers.items():
        row = jobs.get(house.control, "default", number)
        assert (row.days, row.percent, row.error) == (steps, 100.0, None)
        ran = [line for line in lines if line[1] == number]
        attempts = [attempt for _, _, attempt, _ in ran]
        assert attempts == sorted(attempts), "two ran it at once"
        assert [line[3] for line in ran if line[2] == row.attempts] == list(range(steps + 1))


def check_schedule(house):
    (row,) = schedules.listing(house.control)
    expected = set(fires(row.cron, row.zone, BUSINESS_START, row.fired_for))
    fired = [instant for _, _, instant, _ in house.lines("fired")]
    assert fired == sorted(set(fired)), "an instant fired twice"
    assert set(fired) <= expected
    queued = [run for run in jobs.listing(house.control, "default", limit=1_000) if run.job == OFTEN.job]
    assert queued, "nothing fired"
    # What a killed worker had begun stays its own until the lease ends; who stopped in peace left nothing.
    left = {(run.state, run.worker) for run in queued if run.state not in {JobState.DONE, JobState.QUEUED}}
    assert left <= {(JobState.RUNNING, f"{name}{number}") for name in ("one", "two") for number in range(2)}
    # Queued at a different minute each: one run for one firing.
    minutes = [run.queued_at // 60_000_000 for run in reversed(queued)]
    assert all(earlier < later for earlier, later in pairwise(minutes))


@pytest.mark.parametrize(("dies_at", "kept"), [(1, False), (2, True)], ids=["in the transaction", "just after it"])
def test_a_worker_killed_while_it_fires_neither_loses_the_run_nor_doubles_it(house, dies_at, kept):
    schedules.declare(house.control, "default", [OFTEN], BUSINESS_START - 90_000_000)
    assert house.start("one", dies_at).wait(PATIENCE) == -signal.SIGKILL
    (row,) = schedules.listing(house.control)
    assert len(jobs.listing(house.control, "default")) == int(kept)
    assert (row.fired_for >= BUSINESS_START) == kept
    clock = Clock(max(row.fired_for, BUSINESS_START))
    worker = Worker(house.control, lambda *_: Outcome(), clock=clock, name="two")
    assert worker.step()
    assert not worker.step()
    assert [run.state for run in jobs.listing(house.control, "default")] == [JobState.DONE]


def test_a_worker_that_slept_through_its_lease_does_not_go_on(house):
    number = house.enqueue("long", 100_000)
    sleeper = house.start("sleeper")
    until(lambda: len(house.lines("step")) >= 3)
    with house.control.lock.held():  # or it might fall asleep holding it, and all would wait for it
        sleeper.send_signal(signal.SIGSTOP)
        os.waitpid(sleeper.pid, os.WUNTRACED)
    written = len(house.lines())
    other = Worker(
        house.control,
        lambda run, _progress: Outcome(days=run.attempts),
        clock=lambda: BUSINESS_START,
        name="other",
        lease_seconds=LEASE_SECONDS,
    )
    until(other.step)
    sleeper.send_signal(signal.SIGCONT)
    second = house.enqueue("short", 1)
    until(
        lambda: jobs.get(house.control, "default", second).state is JobState.DONE
    )  # by the sleeper, when it has given up
    done = jobs.get(house.control, "default", number)
    assert (done.state, done.worker, done.days) == (JobState.DONE, "other", 2)
    assert [line[1] for line in house.lines()[written:]].count(number) <= 1  # the step it was stopped in


def test_a_stopped_process_leaves_its_job_to_the_next_at_once(house):
    number = house.enqueue("long", 100_000)
    process = house.start("one")
    until(lambda: house.lines("step"))
    process.terminate()
    assert process.wait(PATIENCE) == 0
    found = jobs.get(house.control, "default", number)
    assert (found.state, found.attempts) == (JobState.QUEUED, 0)
