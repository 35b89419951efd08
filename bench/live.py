"""How today's figures keep up while events arrive: asked over and over, with the worker moving records meanwhile."""

import datetime as dt
import json
import subprocess
import sys
import time

from bench import outcome
from bench.asking import asking, times
from bench.events import bodies
from bench.install import Install, served
from bench.outcome import Found, Line
from bench.run import Run

TITLE = "live KPI while 2,000 events a second arrive"
GOAL = 0.050
RATE, BATCH = 2_000, 20
BEFORE = 40_000  # events of the day that are there already: nearly a full tail
EVERY = 0.1  # seconds between two questions


def measure(run: Run) -> Found:
    """Give the slowest twentieth of answers about today, by domain: events, amount and people."""
    rounds = [_round(run) for _ in range(run.runs)]
    before = _before(run)
    slow = outcome.median(outcome.percentile(took, 0.95) for took, _ in rounds)
    middle = outcome.median(outcome.median(took) for took, _ in rounds)
    behind = max(sent["behind"] for _, sent in rounds)
    line = Line(
        row=TITLE,
        ours=outcome.seconds(slow),
        goal=f"p95 < {GOAL * 1000:.0f} ms",
        met=slow < GOAL and behind < 1,
        note=f"p50 {outcome.seconds(middle)}; batches of {BATCH}, none more than {outcome.seconds(behind)} late; "
        f"{before:,} events of the day before, {rounds[-1][1]['events']:,} while asking",
    )
    samples = [{"seconds": took, "arriving": sent} for took, sent in rounds]
    return Found(lines=(line,), samples={"rounds": samples})


def _round(run: Run) -> tuple[list[float], dict[str, float]]:
    """Give how long each answer took, and what arrived meanwhile."""
    seconds = run.sized(20, 2)
    install = Install(folder=run.folder("live"), worker=True)
    with served(install) as address, asking(address, install.token) as asker:
        records = "/v1/streams/events/records"
        full = bodies(1_000)
        for _ in range(_before(run) // 1_000):
            asker.post(records, next(full))
        times(asker, _today(), 1, warm=5)
        pace = [address + records, install.token, str(RATE), str(BATCH), str(seconds)]
        command = [sys.executable, "-m", "bench.pace", *pace]
        arriving = subprocess.Popen(command, stdout=subprocess.PIPE, text=True)
        took: list[float] = []
        while arriving.poll() is None:
            took.append(asker.ask(_today()).seconds)
            time.sleep(EVERY)
        told = arriving.communicate()[0]
    if arriving.returncode:
        raise RuntimeError("The events stopped arriving.")
    return took, json.loads(told)


def _before(run: Run) -> int:
    return run.sized(BEFORE, 2_000)


def _today() -> dict[str, object]:
    today = str(dt.datetime.now(dt.UTC).date())
    return {"metrics": ["events", "amount", "users"], "by": ["domain"], "grain": "all", "from": today, "to": today}
