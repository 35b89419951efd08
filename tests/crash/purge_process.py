"""A process that purges a day in an application's own database, and can be told to die on the way.

One JSON a line, as in `spine_process`: `folder`, `url`, `dies_at`. Steps are counted before and after everything that
changes the workspace's file, and before, inside and after every transaction in the application's database.
"""

import json
import os
import sys
from contextlib import closing, contextmanager
from pathlib import Path

from tests.crash.spine_process import Steps, carried_out
from tests.ordering import URL
from tests.systems import House

from keepsum.engine import arrival
from keepsum.model.errors import KeepsumError
from keepsum.store.homes.attached import AttachedDatabase

DUE = "2026-03-04T00:00:00"
ROWS_A_CHUNK = 2


def install(steps):
    """Put steps around the transactions of both databases."""
    steps.install()
    change = AttachedDatabase.change

    @contextmanager
    def changing(self):
        steps.step(OSError())
        with change(self) as transaction:
            steps.step(OSError())
            yield transaction
            steps.step(OSError())
        steps.step(OSError())

    AttachedDatabase.change = changing


def carry(text):
    given = json.loads(text)
    arrival.MOST_ROWS = ROWS_A_CHUNK
    os.environ[URL] = given["url"]
    steps = Steps(given.get("dies_at"))
    with closing(House(Path(given["folder"]), fresh=False, now=DUE)) as house:
        install(steps)
        try:
            house.purge()
        except KeepsumError as error:
            print("refused", error.code, flush=True)
    print("steps", steps.count, flush=True)


def serve():
    """Carry out one line after the other, each in a process of its own, and say how it ended."""
    for line in sys.stdin:
        child = os.fork()
        if not child:
            carried_out(line, carry)
        print("exit", os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]), flush=True)


if __name__ == "__main__":
    serve()
