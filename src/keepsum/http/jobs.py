"""`/v1/jobs`: what the workers do, did, and shall do."""

import datetime as dt
from typing import Annotated, Any

from fastapi import APIRouter, Path, Query
from pydantic import BaseModel, ConfigDict, Field
from starlette.concurrency import run_in_threadpool
from starlette.requests import Request

from keepsum.assemble.system import System
from keepsum.http.parameters import By, StrictRoute, Sys, instant, needs, read_as, takes
from keepsum.http.problems import documented
from keepsum.model.access import Caller, Permission
from keepsum.model.job import JobState
from keepsum.pipeline import jobs as kinds
from keepsum.store import jobs
from keepsum.store.jobs import JobRow

MOST = 1_000
JOB: dict[str, Any] = {
    "id": 12,
    "job": "roll",
    "parameters": {"from": "2026-01-01", "to": "2026-01-31"},
    "state": "done",
    "cause": "request",
    "queued_at": "2026-02-01T09:00:00Z",
    "started_at": "2026-02-01T09:00:01Z",
    "finished_at": "2026-02-01T09:00:04Z",
    "attempts": 1,
    "days": 31,
    "rows": 37_402,
    "percent": 100.0,
    "seconds": 2.7,
    "error": None,
}

router = APIRouter(tags=["jobs"], route_class=StrictRoute, dependencies=[needs(Permission.OPERATE)])


class Order(BaseModel):
    """Which job to start, and over which local dates where it can be asked for some."""

    model_config = ConfigDict(
        extra="forbid", json_schema_extra={"example": {"job": "roll", "from": "2026-01-01", "to": "2026-01-31"}}
    )

    job: str = Field(description=f"One of {', '.join(kinds.JOBS)}.")
    first: str | None = Field(None, alias="from", description="The first day, as 2026-01-31.")
    to: str | None = Field(None, description="The last day, included.")


class JobOut(BaseModel):
    """One job; `error` is a code and a message, also of a job that ended and left something for a person."""

    model_config = ConfigDict(json_schema_extra={"example": JOB})

    id: int
    job: str
    parameters: dict[str, Any]
    state: JobState
    cause: str
    queued_at: dt.datetime | None
    started_at: dt.datetime | None
    finished_at: dt.datetime | None
    attempts: int
    days: int
    rows: int
    percent: float
    seconds: float | None
    error: str | None


class JobsOut(BaseModel):
    """Jobs, the newest first."""

    model_config = ConfigDict(json_schema_extra={"example": {"jobs": [JOB]}})

    jobs: list[JobOut]


@router.get("/v1/jobs", summary="List the jobs", responses=documented(400, 403, 503))
def list_jobs(
    system: Sys,
    state: Annotated[JobState | None, Query(description="Only jobs of this state.")] = None,
    limit: Annotated[int, Query(ge=1, le=MOST, description="How many at most.")] = 100,
) -> JobsOut:
    """Give the newest jobs, newest first."""
    return JobsOut(jobs=[job_out(row) for row in jobs.listing(system.control, system.id, limit, state)])


@router.get("/v1/jobs/{id}", summary="Show a job", responses=documented(400, 403, 404, 503))
def show_job(system: Sys, number: Annotated[int, Path(alias="id", ge=1, le=2**62)]) -> JobOut:
    """Give one job."""
    return job_out(jobs.get(system.control, system.id, number))


@router.post(
    "/v1/jobs",
    status_code=202,
    summary="Start a job",
    responses=documented(400, 403, 404, 409, 413, 415, 503),
    openapi_extra=takes(Order),
)
async def start_job(request: Request, system: Sys, by: By) -> JobOut:
    """Queue a job for the next free worker; an identical one that still waits is given instead."""
    order = await read_as(request, Order)
    return await run_in_threadpool(_queued, system, order, by)


def _queued(system: System, order: Order, caller: Caller) -> JobOut:
    given = kinds.parameters(order.job, order.first, order.to)
    return job_out(kinds.start(system, order.job, given, "request", caller))


def job_out(row: JobRow) -> JobOut:
    """Give a job as it is shown."""
    return JobOut(
        id=row.number,
        job=row.job,
        parameters=dict(row.parameters),
        state=row.state,
        cause=row.cause,
        queued_at=instant(row.queued_at),
        started_at=instant(row.started_at),
        finished_at=instant(row.finished_at),
        attempts=row.attempts,
        days=row.days,
        rows=row.rows,
        percent=row.percent,
        seconds=row.seconds,
        error=row.error,
    )
