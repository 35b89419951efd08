"""`/v1/schedules` and `/v1/workers`: which jobs start by themselves, and who is there to carry them out."""

import datetime as dt
import hashlib
import time
from collections.abc import Mapping
from typing import Any

from fastapi import APIRouter
from pydantic import BaseModel, ConfigDict, Field

from keepsum.engine.schedule import next_fire
from keepsum.http.parameters import StrictRoute, Sys, instant, needs
from keepsum.http.problems import documented
from keepsum.model.access import Permission
from keepsum.model.job import JobState
from keepsum.store import jobs, schedules, workers
from keepsum.store.jobs import JobRow
from keepsum.store.schedules import ScheduleRow

MOST_RUNNING = 1_000
SCHEDULE: dict[str, Any] = {
    "name": "nightly",
    "job": "nightly",
    "cron": "15 2 * * *",
    "zone": "Europe/London",
    "next_at": "2026-02-02T02:15:00Z",
    "last_at": "2026-02-01T02:15:00Z",
    "last_state": "done",
}
WORKER: dict[str, Any] = {
    "id": "5f0ca1d2",
    "since": "2026-02-01T08:00:00Z",
    "seen_at": "2026-02-01T09:00:00Z",
    "job": {"id": 12, "name": "roll"},
}

router = APIRouter(tags=["jobs"], route_class=StrictRoute, dependencies=[needs(Permission.OPERATE)])


class ScheduleOut(BaseModel):
    """A job that is queued by itself: when, as cron in a zone, and how its last run ended."""

    name: str
    job: str
    cron: str
    zone: str
    next_at: dt.datetime | None = Field(description="Null when it is switched off, or never fires again.")
    last_at: dt.datetime | None = Field(description="When it was queued last, as far as jobs are kept.")
    last_state: JobState | None


class SchedulesOut(BaseModel):
    """The workspace's schedules, by name."""

    model_config = ConfigDict(json_schema_extra={"example": {"schedules": [SCHEDULE]}})

    schedules: list[ScheduleOut]


class RunOut(BaseModel):
    """A job of the workspace that is under way."""

    id: int
    name: str


class WorkerOut(BaseModel):
    """A worker of the install; where it runs, and what it does for other workspaces, is not shown."""

    id: str = Field(description="The same for as long as it is there, and another in each workspace.")
    since: dt.datetime | None
    seen_at: dt.datetime | None
    job: RunOut | None


class WorkersOut(BaseModel):
    """The workers that were heard of in the last minute."""

    model_config = ConfigDict(json_schema_extra={"example": {"workers": [WORKER]}})

    workers: list[WorkerOut]


@router.get("/v1/schedules", summary="List the schedules", responses=documented(400, 403, 503))
def list_schedules(system: Sys) -> SchedulesOut:
    """Give when jobs start by themselves, and how they ended last."""
    ran, now = jobs.newest_by_cause(system.control, system.id), system.clock()
    found = schedules.listing(system.control, system.id)
    return SchedulesOut(schedules=[_schedule_out(one, ran, now) for one in found])


@router.get("/v1/workers", summary="List the workers", responses=documented(400, 403, 503))
def list_workers(system: Sys) -> WorkersOut:
    """Give who is there to carry out jobs."""
    running = jobs.listing(system.control, system.id, MOST_RUNNING, JobState.RUNNING)
    at_work = {row.worker: RunOut(id=row.number, name=row.job) for row in running}
    found = workers.listing(system.control, machine_now=time.monotonic())
    return WorkersOut(
        workers=[
            WorkerOut(
                id=_id_of(one.name, system.id),
                since=instant(one.since),
                seen_at=instant(one.seen_at),
                job=at_work.get(one.name),
            )
            for one in found
        ]
    )


def _id_of(name: str, workspace: str) -> str:
    """Give what tells a worker from others: its own name is that of its machine, which is nothing of a workspace's."""
    return hashlib.blake2b(name.encode(), digest_size=4, key=workspace.encode()[:64]).hexdigest()


def _schedule_out(one: ScheduleRow, ran: Mapping[str, JobRow], now: int) -> ScheduleOut:
    last = ran.get(f"schedule {one.name}")
    return ScheduleOut(
        name=one.name,
        job=one.job,
        cron=one.cron,
        zone=one.zone,
        next_at=instant(next_fire(one.cron, one.zone, max(one.fired_for, now))) if one.enabled else None,
        last_at=last and instant(last.queued_at),
        last_state=last and last.state,
    )
