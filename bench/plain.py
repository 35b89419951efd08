"""Plain DuckDB: the exact group-by that everybody's roll-up is compared with, on two threads."""

import os
import time
from pathlib import Path

import duckdb

from bench.install import succeed
from bench.year import Year

GROUPS = (
    "SELECT ts::DATE AS day, domain, type, provider, country, count(*) AS events, sum(amount_cents) AS amount_cents, "
    "count(DISTINCT user_id) AS users, quantile_cont(duration_ms, 0.95) AS p95_ms FROM {} GROUP BY ALL"
)


LOAD = """
import duckdb, sys
connection = duckdb.connect(sys.argv[2], config={"threads": 2})
connection.execute("CREATE TABLE events AS SELECT * FROM read_parquet(?) ORDER BY ts", [sys.argv[1]])
connection.close()
"""


def load(year: Year, name: str, python: Path) -> Path:
    """Give a DuckDB file with the year in its table `events`, in order of time, as a Python's own DuckDB writes it."""
    path = year.folder / f"{name}.duckdb"
    if not path.exists():
        unfinished = path.with_suffix(f".{os.getpid()}")
        succeed([str(python), "-c", LOAD, year.pattern, str(unfinished)])
        unfinished.rename(path)
    return path


class Plain:
    """A warm connection to a file that has the table `events`."""

    def __init__(self, path: Path) -> None:
        self._connection = duckdb.connect(str(path), read_only=True, config={"threads": 2})

    def group(self, source: str = "events") -> float:
        """Give the seconds of the exact group-by into a table in memory."""
        begin = time.perf_counter()
        self._connection.execute(f"CREATE OR REPLACE TEMP TABLE groups AS {GROUPS.format(source)}")
        return time.perf_counter() - begin

    def close(self) -> None:
        self._connection.close()
