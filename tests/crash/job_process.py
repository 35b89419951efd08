"""A worker as a process of its own that writes a journal and, if told so, kills itself at one of its steps.

`python -m tests.crash.job_process '{"control": ..., "journal": ..., "name": ..., "began": ..., "dies_at": 7}'`
"""

import json
import os
import signal
import sys
import threading
import time
from contextlib import contextmanager
from pathlib import Path

from keepsum.model.job import Outcome
from keepsum.store import schedules
from keepsum.store.database import Database
from keepsum.worker import Worker

LEASE_SECONDS = 1.0
STEP_SECONDS = 0.02
BUSINESS_START = 20_000 * 86_400_000_000


def business_time(began):
    """A minute of business a second, so that a schedule of every minute fires often."""
    return BUSINESS_START + int((time.monotonic() - began) * 60_000_000)


class Journal:
    """Lines that outlive the process; one write each, so that processes share a file."""

    def __init__(self, path):
        self._descriptor = os.open(path, os.O_WRONLY | os.O_APPEND | os.O_CREAT)

    def write(self, *words):
        os.write(self._descriptor, (" ".join(map(str, words)) + "\n").encode())


class Fate:
    """Kills the process at its n-th step: in a transaction, just after one, or in the middle of a job."""

    def __init__(self, dies_at):
        self._left = dies_at

    def step(self):
        if self._left is not None:
            self._left -= 1
            if self._left <= 0:
                os.kill(os.getpid(), signal.SIGKILL)

    def follow(self, database):
        write = database.write

        @contextmanager
        def watched():
            # That a worker says it is there happens beside its steps, whenever it comes to it.
            counts = threading.current_thread().name != "presence"
            with write() as connection:
                yield connection
                if counts:
                    self.step()
            if counts:
                self.step()

        database.write = watched


def job_of(journal, fate):
    def carry_out(run, progress):
        steps = run.parameters.get("steps", 1)
        for step in range(steps):
            progress.progress(days=step, total=steps)
            journal.write("step", run.number, run.attempts, step)
            fate.step()
            time.sleep(STEP_SECONDS)
        progress.progress(days=steps, total=steps)
        journal.write("end", run.number, run.attempts, steps)
        return Outcome(days=steps)

    return carry_out


def note_fires(journal):
    fire = schedules.fire

    def noted(control, seen, instant, now):
        number = fire(control, seen, instant, now)
        if number is not None:
            journal.write("fired", number, instant, 0)
        return number

    schedules.fire = noted


def main():
    given = json.loads(sys.argv[1])
    journal, fate, stop = Journal(given["journal"]), Fate(given.get("dies_at")), threading.Event()
    signal.signal(signal.SIGTERM, lambda *_: stop.set())
    note_fires(journal)
    control = Database(Path(given["control"]))
    fate.follow(control)
    worker = Worker(
        control,
        job_of(journal, fate),
        clock=lambda: business_time(given["began"]),
        name=given["name"],
        prompt=given.get("prompt", ()),
        lease_seconds=LEASE_SECONDS,
        poll_seconds=0.02,
    )
    worker.run(stop)
    control.close()


if __name__ == "__main__":
    main()
