"""`/v1/purge`: whether rows of an application's own database are deleted once they are due, and who decided that."""

import datetime as dt
from typing import Any, Literal

from fastapi import APIRouter
from pydantic import BaseModel, ConfigDict, Field
from starlette.concurrency import run_in_threadpool
from starlette.requests import Request

from keepsum.assemble.system import System
from keepsum.http.parameters import By, StrictRoute, Sys, instant, needs, read_as, takes
from keepsum.http.problems import documented
from keepsum.model.access import Caller, Permission
from keepsum.model.audit import Kind
from keepsum.pipeline import audit, purge_switch

PATH = "/v1/purge/{stream}"
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
    switch(system.workspace, stream, by.id, now=system.clock())
    kind = Kind.PURGE_ENABLED if is_on else Kind.PURGE_DISABLED
    audit.record(system.control, kind, by, {"stream": name}, now=system.clock())
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
