"""Rolling up one day of a ledger in an application's own database, proven and sealed, against the team's own SQL.

Beside it: the same day on PostgreSQL and on SQLite, and how much memory our process took for a small and a whole day.
"""

import json
import subprocess
import sys
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from bench import outcome
from bench.install import Install
from bench.ledger import DRIVERS, Dialect, Ledger, ledgers
from bench.outcome import CannotRun, Found, Line
from bench.run import Run, alternate, discard

TITLE = "roll-up of an attached day, proven and sealed"
ROWS, USERS = 200_000, 50_000
FEW = 4  # times fewer rows, for what memory grows by
GOAL = 8.0
NAMES: dict[Dialect, str] = {"mysql": "MariaDB", "postgres": "PostgreSQL", "sqlite": "SQLite"}
CLOCK = "2025-11-20T12:00:00Z"


@dataclass(frozen=True, kw_only=True)
class Rolled:
    """One roll-up as a process: seconds from the plan to the seal, memory before and at most."""

    seconds: float
    idle: int
    peak: int

    @property
    def above(self) -> float:
        """The megabytes that it took above the idle process."""
        return (self.peak - self.idle) / 1e6


@dataclass(frozen=True, kw_only=True)
class Asked:
    """The team's own statements: seconds of sums and numbers of users, and of what keeps who was there."""

    sums: float
    pairs: float


def measure(run: Run) -> Found:
    """Give how many times the team's SQL it takes on MariaDB, the memory, and the other databases' times."""
    lines: list[Line] = []
    samples: dict[str, Any] = {}
    for dialect in DRIVERS:
        try:
            found = _on(run, dialect, *run.sized((ROWS, USERS), (2_000, 500)))
        except CannotRun as error:
            lines.append(Line(row=_title(dialect), note=f"not run: {error}"))
            continue
        lines += found.lines
        samples[dialect] = dict(found.samples)
    return Found(lines=tuple(lines), samples=samples)


def _on(run: Run, dialect: Dialect, rows: int, users: int) -> Found:
    """Measure one database; a day of fewer rows of as many users beside it shows what memory grows by."""
    with ledgers(run, dialect, {"whole": (rows, users), "small": (rows // FEW, users)}) as made:
        whole, small = made["whole"], made["small"]
        whole.asked()
        contestants: dict[str, Callable[[], Any]] = {
            "ours": lambda: _rolled(run, whole),
            "sql": lambda: _asked(whole),
            "small": lambda: _rolled(run, small),
        }
        rounds = alternate(run.runs, contestants)
    samples = {name: [vars(one) for one in listed] for name, listed in rounds.items()}
    lines = [_time(dialect, rounds), *([_memory(rounds, rows)] if dialect == "mysql" else [])]
    return Found(lines=tuple(lines), samples=samples)


def _time(dialect: Dialect, rounds: Mapping[str, list[Any]]) -> Line:
    ours = outcome.median(one.seconds for one in rounds["ours"])
    sql = outcome.median(one.sums for one in rounds["sql"])
    all_ = outcome.median(one.sums + one.pairs for one in rounds["sql"])
    is_goal = dialect == "mysql"
    return Line(
        row=_title(dialect),
        ours=outcome.seconds(ours),
        other=outcome.seconds(sql),
        ratio=ours / sql,
        goal=f"<= {GOAL:.0f} times the team's SQL" if is_goal else "reported",
        met=ours / sql <= GOAL if is_goal else None,
        note=f"through {DRIVERS[dialect]}; the other writes the same sums and numbers of users into its own tables; "
        f"with who was there, for longer ranges, it takes {outcome.seconds(all_)}: {ours / all_:.1f} times",
    )


def _memory(rounds: Mapping[str, list[Rolled]], rows: int) -> Line:
    whole, small = (outcome.median(one.above for one in rounds[name]) for name in ("ours", "small"))
    grown = (whole - small) / (rows - rows // FEW) * 100_000
    return Line(
        row="attached day: memory above the idle process",
        ours=f"{whole:.0f} MB",
        note=f"{small:.0f} MB for a day of {rows // FEW:,} rows: {grown:.0f} MB for 100,000 more of the same users",
    )


def _title(dialect: Dialect) -> str:
    return f"{TITLE}, {NAMES[dialect]}"


def _rolled(run: Run, ledger: Ledger) -> Rolled:
    """Roll the day in a new install, in a process of its own."""
    install = Install(folder=run.folder("attached"), clock=CLOCK)
    environment = install.environment | {
        "KEEPSUM_ENABLED": "wallet",
        "KEEPSUM_ZONE": "Asia/Kolkata",
        "KEEPSUM_WALLET_DATABASE_URL": ledger.url,
    }
    command = [sys.executable, "-m", "bench.attached_once", ledger.day.isoformat()]
    done = subprocess.run(command, env=environment, check=False, capture_output=True, text=True)
    discard(install.folder)
    if done.returncode:
        raise RuntimeError(f"The roll-up broke: {done.stderr.strip()[-1_000:]}")
    found = json.loads(done.stdout)
    if found["sealed"] != 1 or found["records"] != ledger.rows:
        raise RuntimeError(f"The roll-up is not whole: {found}")
    return Rolled(seconds=found["seconds"], idle=found["idle"], peak=found["peak"])


def _asked(ledger: Ledger) -> Asked:
    took = ledger.asked()
    pairs = took.pop("pairs")
    return Asked(sums=sum(took.values()), pairs=pairs)
