"""Rolls, proves and seals one day of attached entries: `python -m bench.attached_once DAY` in an install's environment.

It prints how many days and records that were, in how many seconds, and the process's memory before and at most.
"""

import datetime as dt
import gc
import json
import sys
import time

from bench.memory import of_process
from keepsum.assemble.install import open_system
from keepsum.cli import YOUNG
from keepsum.model.day import day_number
from keepsum.pipeline import roll
from keepsum.settings import load


def main() -> None:
    gc.set_threshold(YOUNG)  # as `keepsum roll` does
    day = day_number(dt.date.fromisoformat(sys.argv[1]))
    system = open_system(load())
    idle = of_process("VmRSS")
    begin = time.perf_counter()
    now, calendar = system.clock(), system.calendar()
    batches = roll.plan(system.workspace, calendar, now=now, first=day, last=day, streams=["entries"])
    done = system.roll(batches, lambda _days, _records: None)
    system.note()
    took = time.perf_counter() - begin
    peak = of_process("VmHWM")
    system.close()
    found = {"sealed": done.sealed, "records": done.records, "held": done.held + done.left + done.unread}
    print(json.dumps({"seconds": took, **found, "idle": idle, "peak": peak}))


if __name__ == "__main__":
    main()
