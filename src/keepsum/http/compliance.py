"""`/v1/compliance`: whether personal records go when they have to, at a glance."""

import datetime as dt
from typing import Any

from fastapi import APIRouter
from pydantic import BaseModel, ConfigDict, Field

from keepsum.http.parameters import StrictRoute, Sys, instant, needs
from keepsum.http.problems import documented
from keepsum.model.access import Permission
from keepsum.model.day import date_of
from keepsum.pipeline.compliance import StreamCompliance, compliance

EXAMPLE: dict[str, Any] = {
    "at": "2026-02-01T09:00:00Z",
    "streams": [
        {
            "stream": "orders",
            "attached": False,
            "retention_days": 30,
            "oldest_personal": "2026-01-01",
            "past_deadline": 0,
            "held": 0,
            "purge_on": True,
            "purge_by": "2026-02-01",
        }
    ],
    "past_deadline": 0,
    "oldest_personal": "2026-01-01",
}

router = APIRouter(tags=["purge"], route_class=StrictRoute, dependencies=[needs(Permission.OPERATE)])


class StreamComplianceOut(BaseModel):
    """One stream: how long records are kept, the oldest personal ones, and what is there past its time."""

    stream: str
    attached: bool = Field(description="Whether its records live in an application's own database.")
    retention_days: int | None = Field(description="Null for ever.")
    oldest_personal: dt.date | None = Field(description="The oldest day whose personal records are there.")
    past_deadline: int = Field(description="How many days are more than a night past their deadline.")
    held: int = Field(description="How many days wait for a person.")
    purge_on: bool = Field(description="False while nobody lets rows of an application's database be purged.")
    purge_by: dt.date | None = Field(description="From this date on those oldest records have no right to be there.")


class ComplianceOut(BaseModel):
    """How all streams stand at one moment."""

    model_config = ConfigDict(json_schema_extra={"example": EXAMPLE})

    at: dt.datetime | None
    streams: list[StreamComplianceOut]
    past_deadline: int = Field(description="Over all streams.")
    oldest_personal: dt.date | None


@router.get("/v1/compliance", summary="Show whether records go in time", responses=documented(400, 403, 503))
def show_compliance(system: Sys) -> ComplianceOut:
    """Give of each stream how old its personal records are, and how many days are past their deadline."""
    now = system.clock()
    found = compliance(system.workspace, system.calendar(), now=now)
    oldest = min((one.oldest_personal for one in found if one.oldest_personal is not None), default=None)
    return ComplianceOut(
        at=instant(now),
        streams=[_stream_out(one) for one in found],
        past_deadline=sum(one.past_deadline for one in found),
        oldest_personal=None if oldest is None else date_of(oldest),
    )


def _stream_out(found: StreamCompliance) -> StreamComplianceOut:
    return StreamComplianceOut(
        stream=found.stream,
        attached=found.attached,
        retention_days=found.keep,
        oldest_personal=None if found.oldest_personal is None else date_of(found.oldest_personal),
        past_deadline=found.past_deadline,
        held=found.held,
        purge_on=found.purge_on,
        purge_by=None if found.purge_by is None else date_of(found.purge_by),
    )
