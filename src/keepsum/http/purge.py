"""`/v1/purge`: which days go soon, and whether rows of an application's own database do, and who decided that."""

import datetime as dt
from typing import Annotated, Any, Literal

from fastapi import APIRouter, Query
from pydantic import BaseModel, ConfigDict, Field
from starlette.concurrency import run_in_threadpool
from starlette.requests import Request

from keepsum.assemble.system import System
from keepsum.http.parameters import By, StrictRoute, Sys, instant, needs, read_as, takes
from keepsum.http.problems import documented
from keepsum.model.access import Caller, Permission
from keepsum.model.day import date_of
from keepsum.pipeline import purge_plan, purge_switch

PATH = "/v1/purge/{stream}"
MOST_AHEAD = 31  # days: each file of what goes is read, to say whether it may
PLAN: dict[str, Any] = {
    "days": [
        {
            "stream": "orders",
            "day": "2026-01-01",
            "records": 412,
            "deadline": "2026-02-01",
            "goes": True,
            "blocked": None,
            "detail": None,
        }
    ],
    "ends": [
        {
            "stream": "orders",
            "question": "any figure by coupon",
            "why": "No rollup of the stream is by coupon.",
        }
    ],
}
EXAMPLE: dict[str, Any] = {
    "stream": "orders",
    "purge": "on",
    "since": "2026-02-01T09:00:00Z",
    "by": "01KG9Q2V7N4T8XJ5M3B6R1C0DE",
    "along": ["items"],
}

router = APIRouter(tags=["purge"], route_class=StrictRoute, dependencies=[needs(Permission.OPERATE)])


class Switch(BaseModel):
    """Whether rows are purged from now on; a day whose purge has begun is finished all the same."""

    model_config = ConfigDict(extra="forbid", json_schema_extra={"example": {"purge": "on"}})

    purge: Literal["on", "off"]


class SwitchOut(BaseModel):
    """Whether rows of a stream are purged, and those of the streams that go along with it."""

    model_config = ConfigDict(json_schema_extra={"example": EXAMPLE})

    stream: str
    purge: Literal["on", "off"]
    since: dt.datetime | None = Field(description="When it was switched on; null while it is off.")
    by: str | None = Field(description="Who switched it on, by an id that says nothing else.")
    along: list[str] = Field(description="The streams whose rows go with those of this one.")


class GoingOut(BaseModel):
    """A day whose retention is over, or soon will be: it goes, or `blocked` says by a code why it may not."""

    stream: str
    day: dt.date
    records: int
    deadline: dt.date = Field(description="From this date on its records have no right to be there.")
    goes: bool = Field(description="Whether it goes, as it stands now.")
    blocked: str | None
    detail: str | None


class EndOut(BaseModel):
    """What can no longer be asked of days once their records are gone."""

    stream: str
    question: str
    why: str


class PlanOut(BaseModel):
    """What a purge would delete, and what ends with it."""

    model_config = ConfigDict(json_schema_extra={"example": PLAN})

    days: list[GoingOut] = Field(description="By deadline, the first to go first.")
    ends: list[EndOut]


@router.get("/v1/purge", summary="Show what is deleted soon", responses=documented(400, 403, 503))
def show_plan(
    system: Sys,
    ahead: Annotated[int, Query(ge=0, le=MOST_AHEAD, description="How many days to look ahead.")] = 7,
) -> PlanOut:
    """Give the days whose retention is over within so many days, as they stand now; nothing is deleted."""
    found = purge_plan.ahead(system.workspace, system.calendar(), now=system.clock(), days=ahead)
    return PlanOut(
        days=[
            GoingOut(
                stream=one.due.stream,
                day=date_of(one.due.day),
                records=one.due.records,
                deadline=date_of(one.deadline),
                goes=one.due.blocked is None,
                blocked=one.due.blocked,
                detail=one.due.detail,
            )
            for one in found.days
        ],
        ends=[EndOut(stream=one.stream, question=one.what, why=one.why) for one in found.lost],
    )


@router.get(PATH, summary="Show whether rows are purged", responses=documented(400, 403, 404, 409, 503))
def show_switch(system: Sys, stream: str) -> SwitchOut:
    """Give whether rows of an attached stream are purged once they are due."""
    return _shown(system, stream)


@router.put(
    PATH,
    summary="Let rows be purged, or no more",
    responses=documented(400, 403, 404, 409, 413, 415, 503),
    dependencies=[needs(Permission.DELETE)],
    openapi_extra=takes(Switch),
)
async def turn_switch(request: Request, system: Sys, by: By, stream: str) -> SwitchOut:
    """Let rows of an attached stream be purged from now on, or no more; the ledger and the audit log keep who."""
    given = await read_as(request, Switch)
    return await run_in_threadpool(_turned, system, by, stream, given)


def _turned(system: System, by: Caller, name: str, given: Switch) -> SwitchOut:
    stream, is_on = system.catalog.stream(name), given.purge == "on"
    switch = purge_switch.enable if is_on else purge_switch.disable
    switch(system.workspace, stream, by, now=system.clock())
    system.note()
    return _shown(system, name)


def _shown(system: System, name: str) -> SwitchOut:
    unit = purge_switch.unit_of(system.workspace, system.catalog.stream(name))
    found = unit.attachment
    return SwitchOut(
        stream=name,
        purge="off" if found is None or found.purge_enabled_at is None else "on",
        since=found and instant(found.purge_enabled_at),
        by=found and found.purge_enabled_by,
        along=[one.name for one in unit.along],
    )
