"""SQLMesh with DuckDB, used as its users use it: a process a run, one incremental model of the same groups."""

import datetime as dt
import shutil
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from bench.environment import PEERS, environment
from bench.install import succeed
from bench.plain import load
from bench.run import Run
from bench.year import FIRST, Year

PROJECT = PEERS / "sqlmesh"
APPLY = ("plan", "--auto-apply", "--no-prompts", "--skip-tests")


@dataclass(frozen=True, kw_only=True)
class Project:
    """A copy of the project with a database of its own."""

    folder: Path
    program: Path

    @property
    def database(self) -> Path:
        return self.folder / "events.duckdb"

    def run(self, *arguments: str) -> float:
        """Give the seconds of one SQLMesh command as a process."""
        own = {"BENCH_DATABASE": str(self.database), "HOME": str(self.folder), "PATH": "/usr/bin:/bin"}
        quiet = {"SQLMESH__DISABLE_ANONYMIZED_ANALYTICS": "true", "DO_NOT_TRACK": "1", "MAX_FORK_WORKERS": "1"}
        begin = time.perf_counter()
        succeed([str(self.program), "-p", str(self.folder), *arguments], own | quiet)
        return time.perf_counter() - begin


def full(run: Run, year: Year) -> float:
    """Give the seconds of the first plan, which rolls up all there is."""
    return _project(run, year).run(*APPLY, "--execution-time", "2026-01-01 00:05:00")


def one_day(run: Run, year: Year) -> Callable[[str], float]:
    """Give what rolls the last day into a table that has all others, and says in how many seconds."""
    project = _project(run, year)
    last = FIRST + dt.timedelta(days=year.days - 1)
    project.run(*APPLY, "--execution-time", f"{last} 00:05:00")
    planned = project.database.with_suffix(".planned")
    shutil.copy(project.database, planned)

    def tick(day: str) -> float:
        shutil.copy(planned, project.database)
        return project.run("run", "--start", day, "--end", day, "--ignore-cron", "--skip-janitor")

    return tick


def _project(run: Run, year: Year) -> Project:
    programs = environment(run, "sqlmesh")
    project = Project(folder=run.folder("sqlmesh"), program=programs / "sqlmesh")
    shutil.copytree(PROJECT, project.folder, dirs_exist_ok=True)
    shutil.copy(load(year, "sqlmesh", programs / "python"), project.database)
    return project
