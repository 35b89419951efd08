"""Rolls, proves and seals all that is due in an install: `python -m bench.rolling` in its environment.

It takes as many processes as the settings say, and prints how many days and records that were, in how many seconds.
"""

import gc
import json
import time

from keepsum.assemble.install import open_system
from keepsum.pipeline import roll
from keepsum.settings import load


def main() -> None:
    from keepsum.cli import YOUNG  # here, for helpers import this module and need no command line

    gc.set_threshold(YOUNG)  # as `keepsum roll` does
    system = open_system(load())
    begin = time.perf_counter()
    batches = roll.plan(system.workspace, system.calendar(), now=system.clock())
    done = system.roll(batches, lambda _days, _records: None)
    system.note()
    took = time.perf_counter() - begin
    system.close()
    print(json.dumps({"seconds": took, "sealed": done.sealed, "held": done.held + done.left, "records": done.records}))


if __name__ == "__main__":
    main()
