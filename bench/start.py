"""How long a person waits for `keepsum --help`."""

import time

from bench import outcome
from bench.install import KEEPSUM, plain_environment, succeed
from bench.outcome import Found, Line
from bench.run import Run

TITLE = "keepsum --help"
GOAL = 0.4


def measure(run: Run) -> Found:
    """Give the seconds of the whole process."""
    _once()
    took = [_once() for _ in range(run.sized(2 * run.runs + 1, 1))]
    middle = outcome.median(took)
    line = Line(row=TITLE, ours=outcome.seconds(middle), goal=f"< {GOAL} s", met=middle < GOAL)
    return Found(lines=(line,), samples={"seconds": took})


def _once() -> float:
    begin = time.perf_counter()
    succeed([str(KEEPSUM), "--help"], plain_environment())
    return time.perf_counter() - begin
