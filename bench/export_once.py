"""Exports all events of an install: `python -m bench.export_once FORMAT` in its environment.

It prints how many rows and bytes that were, in how many seconds, and the process's memory before and at most.
"""

import json
import resource
import sys
import time
from pathlib import Path

from bench import year
from keepsum.assemble.install import open_system
from keepsum.model.access import machine
from keepsum.model.day import day_number
from keepsum.pipeline import exports
from keepsum.settings import load


class Nobody:
    """Is told how far it got."""

    def progress(self, **_said: object) -> None: ...


def main() -> None:
    system = open_system(load())
    means, caller, first = system.exports, machine(system.id), day_number(year.FIRST)
    order = exports.Order(dataset="events", format=sys.argv[1], first=first, last=first + 364, filters={})
    asked = exports.create(means, order, caller)
    idle = _resident()
    begin = time.perf_counter()
    exports.make(means, asked.id, Nobody())
    took = time.perf_counter() - begin
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * 1_024
    made = exports.look(means, asked.id, caller)
    system.close()
    print(json.dumps({"seconds": took, "rows": made.rows, "bytes": made.bytes, "idle": idle, "peak": peak}))


def _resident() -> int:
    """Give the memory that the process has now, in bytes."""
    pages = int(Path("/proc/self/statm").read_text(encoding="ascii").split()[1])
    return pages * resource.getpagesize()


if __name__ == "__main__":
    main()
