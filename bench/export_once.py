"""Exports all events of an install: `python -m bench.export_once FORMAT` in its environment.

It prints how many rows and bytes that were, in how many seconds, and the process's memory before and at most.
"""

import json
import sys
import time

from bench import year
from bench.memory import of_process
from keepsum.assemble.install import open_system
from keepsum.model.access import machine
from keepsum.model.day import day_number
from keepsum.pipeline import exports, make_export
from keepsum.settings import load


class Nobody:
    """Is told how far it got."""

    def progress(self, **_said: object) -> None: ...


def main() -> None:
    system = open_system(load())
    means, caller, first = system.exports, machine(system.id), day_number(year.FIRST)
    order = exports.Order(dataset="events", format=sys.argv[1], first=first, last=first + 364, filters={})
    asked = exports.create(means, order, caller)
    idle = of_process("VmRSS")
    begin = time.perf_counter()
    make_export.make(means, asked.id, Nobody())
    took = time.perf_counter() - begin
    peak = of_process("VmHWM")
    made = exports.look(means, asked.id, caller)
    system.close()
    print(json.dumps({"seconds": took, "rows": made.rows, "bytes": made.bytes, "idle": idle, "peak": peak}))


if __name__ == "__main__":
    main()
