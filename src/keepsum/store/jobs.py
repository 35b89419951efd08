"""The job table: what waits, who runs it under a lease, and how it ended.

A run belongs to a worker and an attempt; only that run may say how far it got and how it ended, and only until
another worker took the job over.  `machine_now` is seconds of a clock that all processes of the machine share and
that nobody sets (`time.monotonic`); `now` is business time in microseconds.
"""

import json
from collections.abc import Collection, Mapping
from dataclasses import dataclass
from typing import Any

from sqlalchemy import ColumnElement, Connection, RowMapping, and_, delete, exists, func, insert, or_, select, update

from keepsum.model.day import A_DAY
from keepsum.model.errors import NotFound
from keepsum.model.job import JobState
from keepsum.store.database import Database
from keepsum.store.tables import jobs

MOST_ATTEMPTS = 5
# Long enough to look into what happened; what must be known for good is in the ledger.
KEPT_DAYS = 90


@dataclass(frozen=True, kw_only=True)
class Queue:
    """Which jobs are taken, by their names: `only` these, or all but these."""

    only: Collection[str] | None = None
    never: Collection[str] = ()


@dataclass(frozen=True, kw_only=True)
class JobRow:
    """One job; times are business time in microseconds, `error` is `CODE: message`.

    `id` orders the jobs of all workspaces and is shown to nobody, `number` counts those of its workspace: how much
    others have to do is none of a tenant's business.
    """

    id: int
    workspace: str
    number: int
    job: str
    parameters: Mapping[str, Any]
    state: JobState
    cause: str
    queued_at: int
    started_at: int | None = None
    finished_at: int | None = None
    worker: str | None = None
    attempts: int = 0
    days: int = 0
    rows: int = 0
    percent: float = 0.0
    seconds: float | None = None
    error: str | None = None


def enqueue(database: Database, workspace: str, job: str, parameters: Mapping[str, Any], cause: str, now: int) -> int:
    """Queue a job and give its number; of an identical one that still waits, give that one's."""
    with database.write() as connection:
        return put(connection, workspace, job, parameters, cause, now)


def put(connection: Connection, workspace: str, job: str, parameters: Mapping[str, Any], cause: str, now: int) -> int:
    """Do the same inside the caller's transaction."""
    text = json.dumps(dict(parameters), sort_keys=True, separators=(",", ":"))
    what = {"workspace": workspace, "job": job, "parameters": text, "state": JobState.QUEUED}
    waiting = select(jobs.c.number).where(*(jobs.c[name] == value for name, value in what.items())).limit(1)
    found = connection.execute(waiting).scalar()
    if found is not None:
        return found
    latest = select(func.coalesce(func.max(jobs.c.number), 0)).where(jobs.c.workspace == workspace).scalar_subquery()
    query = insert(jobs).values(**what, number=latest + 1, cause=cause, queued_at=now).returning(jobs.c.number)
    return connection.execute(query).scalar_one()


ANY = Queue()


def claim(
    database: Database, worker: str, *, lease_seconds: float, machine_now: float, now: int, queue: Queue = ANY
) -> JobRow | None:
    """Lease the oldest job of a queue that may run to a worker; None if there is none, which costs one short read.

    1. A running job may run again when its lease is over; then it counts as one more attempt.
    2. After five attempts it has failed as `ATTEMPTS_EXHAUSTED`: it ends its workers instead of ending.
    3. A queued job waits while one of the same name runs in its workspace.
    """
    with database.read() as connection:
        if connection.execute(_claimable(machine_now, queue)).first() is None:
            return None
    with database.write() as connection:
        _give_up(connection, machine_now, now)
        found = connection.execute(_claimable(machine_now, queue)).scalar()
        if found is None:
            return None
        lease: dict[str, Any] = {"leased_at": machine_now, "lease_until": machine_now + lease_seconds}
        fresh: dict[str, Any] = {"days": 0, "rows": 0, "percent": 0.0, "attempts": jobs.c.attempts + 1}
        run = {"state": JobState.RUNNING, "worker": worker, "started_at": now, **lease, **fresh}
        query = update(jobs).where(jobs.c.id == found).values(run).returning(jobs)
        return _row(connection.execute(query).mappings().one())


def renew(database: Database, run: JobRow, *, lease_seconds: float, machine_now: float) -> bool:
    """Extend the lease of a run; False if it is no longer this run's."""
    return _change(database, run, leased_at=machine_now, lease_until=machine_now + lease_seconds)


def progress(database: Database, run: JobRow, *, days: int, rows: int, percent: float) -> bool:
    """Record how far a run got; False if the job is no longer this run's."""
    return _change(database, run, days=days, rows=rows, percent=percent)


def finish(
    database: Database,
    run: JobRow,
    state: JobState,
    *,
    now: int,
    days: int,
    rows: int,
    seconds: float,
    error: str | None = None,
) -> bool:
    """Record how a run ended; False, and nothing recorded, if the job is no longer this run's."""
    full: dict[str, Any] = {"percent": 100.0} if state is JobState.DONE else {}
    ended = {"state": state, "finished_at": now, "days": days, "rows": rows, "seconds": seconds, "error": error}
    return _change(database, run, **ended, **full, leased_at=None, lease_until=None)


def release(database: Database, run: JobRow) -> bool:
    """Queue a job again whose worker stops before its end, as if this run had not begun; False if it is not ours."""
    waiting = {"state": JobState.QUEUED, "attempts": run.attempts - 1, "started_at": None, "worker": None}
    return _change(database, run, **waiting, leased_at=None, lease_until=None)


def prune(database: Database, now: int) -> int:
    """Delete the jobs that ended more than 90 days ago; give how many, and take no write lock for none.

    The newest of each workspace stays: it says which number comes next.
    """
    ended = jobs.c.state.in_([JobState.DONE, JobState.FAILED, JobState.HELD])
    newest = select(func.max(jobs.c.id)).group_by(jobs.c.workspace)
    old = and_(ended, jobs.c.finished_at < now - KEPT_DAYS * A_DAY, jobs.c.id.not_in(newest))
    with database.read() as connection:
        if connection.execute(select(jobs.c.id).where(old).limit(1)).first() is None:
            return 0
    with database.write() as connection:
        return connection.execute(delete(jobs).where(old)).rowcount


def get(database: Database, workspace: str, number: int) -> JobRow:
    """Give one job of a workspace; raises `UNKNOWN_JOB`, for another workspace's as well."""
    mine = (jobs.c.workspace == workspace, jobs.c.number == number)
    with database.read() as connection:
        row = connection.execute(select(jobs).where(*mine)).mappings().one_or_none()
    if row is None:
        raise NotFound("UNKNOWN_JOB", f"There is no job {number!r}; list the jobs to see which there are.")
    return _row(row)


def listing(database: Database, workspace: str, limit: int = 100, state: JobState | None = None) -> list[JobRow]:
    """Give the newest jobs of a workspace, newest first, of one state or of all."""
    query = select(jobs).where(jobs.c.workspace == workspace).order_by(jobs.c.id.desc()).limit(limit)
    if state is not None:
        query = query.where(jobs.c.state == state)
    with database.read() as connection:
        return [_row(row) for row in connection.execute(query).mappings()]


def newest_by_cause(database: Database, workspace: str) -> dict[str, JobRow]:
    """Give the newest job of each cause, such as a schedule."""
    newest = select(func.max(jobs.c.id)).where(jobs.c.workspace == workspace).group_by(jobs.c.cause)
    with database.read() as connection:
        rows = connection.execute(select(jobs).where(jobs.c.id.in_(newest))).mappings()
        return {row["cause"]: _row(row) for row in rows}


def counts(database: Database, workspace: str) -> tuple[dict[JobState, int], int | None]:
    """Give how many jobs a workspace has in each state, and since when the oldest one waits that nobody took."""
    query = select(jobs.c.state, func.count(), func.min(jobs.c.queued_at)).where(jobs.c.workspace == workspace)
    with database.read() as connection:
        rows = connection.execute(query.group_by(jobs.c.state)).all()
    found = {JobState(state): (count, since) for state, count, since in rows}
    return {state: found.get(state, (0, 0))[0] for state in JobState}, found.get(JobState.QUEUED, (0, None))[1]


def _change(database: Database, run: JobRow, **values: Any) -> bool:
    """Change a job while it is still this run's."""
    # TRICKY: a worker can be given its own job again after it slept through its lease, so the attempt counts too.
    ours = and_(jobs.c.id == run.id, jobs.c.state == JobState.RUNNING)
    same_run = and_(jobs.c.worker == run.worker, jobs.c.attempts == run.attempts)
    with database.write() as connection:
        return connection.execute(update(jobs).where(ours, same_run).values(values)).rowcount == 1


def _claimable(machine_now: float, queue: Queue) -> Any:
    """The id of the oldest job of a queue that may run."""
    other = jobs.alias("other")
    running = and_(other.c.state == JobState.RUNNING, other.c.workspace == jobs.c.workspace, other.c.job == jobs.c.job)
    may_start = and_(jobs.c.state == JobState.QUEUED, ~exists().where(running))
    mine = jobs.c.job.not_in(queue.never) if queue.only is None else jobs.c.job.in_(queue.only)
    return select(jobs.c.id).where(mine, or_(may_start, _abandoned(machine_now))).order_by(jobs.c.id).limit(1)


def _abandoned(machine_now: float) -> ColumnElement[bool]:
    """Whether a job's lease is over, or was given before the machine, and its clock with it, started again."""
    # TRICKY: a clock read just before waiting for the write lock may lie behind a lease, but not by a whole length.
    length = jobs.c.lease_until - jobs.c.leased_at
    over = or_(jobs.c.lease_until <= machine_now, jobs.c.leased_at - length > machine_now)
    return and_(jobs.c.state == JobState.RUNNING, over)


def _give_up(connection: Connection, machine_now: float, now: int) -> None:
    error = (
        f"ATTEMPTS_EXHAUSTED: the job lost its worker {MOST_ATTEMPTS} times before it ended; "
        "look into the workers' logs, then start it again."
    )
    ended = {"state": JobState.FAILED, "finished_at": now, "error": error, "leased_at": None, "lease_until": None}
    spent = and_(_abandoned(machine_now), jobs.c.attempts >= MOST_ATTEMPTS)
    connection.execute(update(jobs).where(spent).values(ended))


def _row(row: RowMapping) -> JobRow:
    values: dict[str, Any] = {**row}
    del values["leased_at"], values["lease_until"]
    state, parameters = JobState(values.pop("state")), json.loads(values.pop("parameters"))
    return JobRow(**values, state=state, parameters=parameters)
