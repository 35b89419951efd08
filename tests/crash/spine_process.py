"""A process that carries a small shop's records from the door to the purge, and can be told to die on the way.

`python -m tests.crash.spine_process JSON`, or, without it, one JSON a line: with `folder`, `dies_at` (the number of the
step that kills it, or none), `full_at` (the step at which the disk is full), `part` (which batches are its own). Steps
are counted before and after everything that changes a file: commits, checkpoints, syncs, renames, deletions.
"""

import errno
import json
import os
import signal
import sqlite3
import sys
import time
import traceback
from contextlib import contextmanager
from pathlib import Path

from tests.systems import House, sale

from keepsum.model.errors import KeepsumError
from keepsum.store.database import Database

PATIENCE = 60.0  # seconds, for a machine busy with other tests
DAYS = ("2026-02-01", "2026-02-02", "2026-02-03")
LATER, AT_THE_END = "2026-02-20T12:00:00Z", "2026-03-05T12:00:00Z"


def batches():
    """What is sent, in order: three days, with buyers, nulls, negatives and a key that comes twice."""
    for number in range(6):
        day = DAYS[number % 3]
        yield [
            sale(
                f"{number}-{i}", day, buyer=None if i == 3 else f"buyer {i % 7}", amount=(-1) ** i * 10 * (i + number),
                place=("york", "leeds", "hull", "ripon")[i % 4], way=("card", "cash")[i % 2],
                invoice=f"{day} {i // 3} {number}",
            )
            for i in range(12)
        ]  # fmt: skip


def late():
    """What comes in for the second day after it was sealed."""
    return [sale(f"late-{i}", DAYS[1], buyer=f"late buyer {i}", amount=7) for i in range(4)]


class Steps:
    """Counts what changes a file, and dies, or finds the disk full, at one of the steps."""

    def __init__(self, dies_at=None, full_at=None):
        self.count, self.dies_at, self.full_at = 0, dies_at, full_at

    def step(self, error):
        self.count += 1
        if self.count == self.dies_at:
            os.kill(os.getpid(), signal.SIGKILL)
        if self.count == self.full_at:
            raise error

    def around(self, function, error):
        def stepping(*arguments, **named):
            self.step(error())
            found = function(*arguments, **named)
            self.step(error())
            return found

        return stepping

    def install(self):
        """Put a step before and after each of the calls that change files."""
        full = lambda: OSError(errno.ENOSPC, "No space left on device")  # noqa: E731 - made anew for each failure
        for owner, name in ((os, "fsync"), (Path, "rename"), (Path, "unlink"), (Path, "mkdir")):
            setattr(owner, name, self.around(getattr(owner, name), full))
        write, count = Database.write, self

        @contextmanager
        def writing(self):
            with write(self) as connection:
                yield connection
                count.step(sqlite3.OperationalError("database or disk is full"))
            count.step(OSError(errno.ENOSPC, "No space left on device"))

        Database.write = writing
        Database.truncate = self.around(Database.truncate, full)


def carry(house, part=None, say=lambda *_: None):
    """Collect, roll, take late records, roll, purge; say what was acknowledged."""
    chosen = [b for i, b in enumerate(batches()) if part is None or i % 2 == part]
    house.at("2026-02-03T18:00:00Z")
    for batch in chosen:
        receipt = house.collect(*batch)
        say("ack", batch[0]["id"], receipt.accepted, receipt.duplicates, receipt.rejected)
    meet(house, part, "collected")
    house.move()
    house.at(LATER)
    house.roll()
    if part in {None, 0}:
        receipt = house.collect(*late())
        say("ack", "late", receipt.accepted, receipt.duplicates, receipt.rejected)
    house.roll()
    meet(house, part, "rolled")
    house.at(AT_THE_END)
    house.roll()
    house.purge()


def meet(house, part, place):
    """Wait for the other process: what it sends after we purged would be corrections, and those are booked apart."""
    if part is None:
        return
    (house.folder / f"{place}-{part}").touch()
    end = time.monotonic() + PATIENCE
    while not (house.folder / f"{place}-{1 - part}").exists():
        assert time.monotonic() < end, "the other did not come"
        time.sleep(0.01)


def main(text):
    given = json.loads(text)
    steps = Steps(given.get("dies_at"), given.get("full_at"))
    house = House(Path(given["folder"]), fresh=False, now="2026-02-03T18:00:00Z")
    steps.install()

    def say(*words):
        print(*words, flush=True)

    try:
        carry(house, given.get("part"), say)
    except (KeepsumError, OSError) as error:
        say("refused", getattr(error, "code", type(error).__name__))
    say("steps", steps.count)


def serve():
    """Carry out one line after the other, each in a process of its own, and say how it ended.

    All that costs time is imported once here, and nothing is opened, so that a fork is as good as a new process.
    """
    for line in sys.stdin:
        child = os.fork()
        if not child:
            carried_out(line)
        print("exit", os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]), flush=True)


def carried_out(line, carry_out=None):
    try:
        (carry_out or main)(line)
    except BaseException:  # noqa: BLE001 -- whatever it is, it is the child's end and is said
        traceback.print_exc()
        os._exit(1)
    os._exit(0)


if __name__ == "__main__":
    main(sys.argv[1]) if len(sys.argv) > 1 else serve()
