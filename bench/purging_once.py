"""Purges one day of orders with their items: `python -m bench.purging_once` in an install's environment.

It rolls the day first, and prints in how many seconds how many rows went, and for how long each slice held its locks.
"""

import json
import time
from collections.abc import Generator
from contextlib import contextmanager

from keepsum.assemble.install import open_system
from keepsum.model.access import machine
from keepsum.pipeline import purge, purge_switch, roll
from keepsum.settings import load
from keepsum.store.homes.attached import AttachedDatabase, Changing


def main() -> None:
    system = open_system(load())
    batches = roll.plan(system.workspace, system.calendar(), now=system.clock())
    system.roll(batches, lambda _days, _records: None)
    stream = system.catalog.stream("orders")
    purge_switch.enable(system.workspace, stream, machine(system.id), now=system.clock())
    held = _timed()
    begin = time.perf_counter()
    done = purge.purge(system.workspace, system.calendar(), now=system.clock())
    took = time.perf_counter() - begin
    system.close()
    print(
        json.dumps(
            {"seconds": took, "records": done.records, "left": len(done.blocked + done.unfinished), "held": held}
        )
    )


def _timed() -> list[float]:
    """Give a list that gets the seconds of each transaction that changes rows, from its begin to its commit."""
    seconds: list[float] = []
    change = AttachedDatabase.change

    @contextmanager
    def timed(database: AttachedDatabase) -> Generator[Changing]:
        with change(database) as changing:
            begin = time.perf_counter()
            yield changing
        seconds.append(time.perf_counter() - begin)

    AttachedDatabase.change = timed  # type: ignore[method-assign] -- the probe of this process alone
    return seconds


if __name__ == "__main__":
    main()
