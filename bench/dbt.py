"""dbt with DuckDB, used as its users use it: a process a run, one incremental model of the same groups."""

import shutil
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from bench.environment import PEERS, environment
from bench.install import succeed
from bench.plain import load
from bench.run import Run
from bench.year import Year

PROJECT = PEERS / "dbt"


@dataclass(frozen=True, kw_only=True)
class Project:
    """A copy of the project with a database of its own."""

    folder: Path
    program: Path

    @property
    def database(self) -> Path:
        return self.folder / "events.duckdb"

    def run(self, *arguments: str) -> float:
        """Give the seconds of one dbt run as a process."""
        where = ["--project-dir", str(self.folder), "--profiles-dir", str(self.folder)]
        quiet = {"DBT_SEND_ANONYMOUS_USAGE_STATS": "false", "DO_NOT_TRACK": "1", "BENCH_DATABASE": str(self.database)}
        begin = time.perf_counter()
        succeed([str(self.program), "--quiet", "run", *where, *arguments], quiet | {"PATH": "/usr/bin:/bin"})
        return time.perf_counter() - begin


def full(run: Run, year: Year) -> float:
    """Give the seconds of rolling up all there is."""
    return _project(run, year).run("--full-refresh")


def one_day(run: Run, year: Year) -> Callable[[str], float]:
    """Give what rolls one day into a table that has all days, and says in how many seconds."""
    project = _project(run, year)
    project.run("--full-refresh")
    return lambda day: project.run("--vars", f'{{"day": "{day}"}}')


def _project(run: Run, year: Year) -> Project:
    programs = environment(run, "dbt")
    project = Project(folder=run.folder("dbt"), program=programs / "dbt")
    shutil.copytree(PROJECT, project.folder, dirs_exist_ok=True)
    shutil.copy(load(year, "dbt", programs / "python"), project.database)
    return project
