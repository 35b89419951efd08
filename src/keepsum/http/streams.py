"""`/v1/streams`: what is collected, how it stands, and what was refused."""

import datetime as dt
from collections import Counter
from typing import Any

from fastapi import APIRouter
from pydantic import BaseModel, ConfigDict, Field

from keepsum.assemble.system import System
from keepsum.engine.access import permits, visible_streams
from keepsum.http.parameters import From, StrictRoute, Sys, To, Who, instant, span
from keepsum.http.problems import documented
from keepsum.model.access import Permission
from keepsum.model.day import date_of
from keepsum.model.describe import describe
from keepsum.pipeline.status import SECRET_DROPPED
from keepsum.pipeline.survey import StreamSurvey, survey
from keepsum.store import records
from keepsum.store.attachments import Attachment
from keepsum.store.database import Connection

WEEK = 7
EXAMPLE: dict[str, Any] = {
    "streams": [
        {
            "name": "orders",
            "about": "One order.",
            "declared": {"name": "orders", "time": "at", "key": "id", "subject": "customer", "fields": []},
            "standing": {
                "days": {"open": 1, "sealed": 29, "purged": 61},
                "records": 37_402,
                "purged_records": 80_113,
                "first_day": "2025-11-03",
                "last_day": "2026-02-01",
                "rejects": [{"field": "total", "code": "NOT_A_NUMBER", "count": 2}],
                "attached": None,
                "secrets": {"pin": 1},
            },
        }
    ]
}

router = APIRouter(tags=["streams"], route_class=StrictRoute)


class RejectsOut(BaseModel):
    """How many records were refused for one reason; values are never kept."""

    field: str
    code: str
    count: int


class AttachedOut(BaseModel):
    """Where a stream's records live when that is an application's own database."""

    dialect: str
    database: str = Field(description="The database, without who asks it and how.")
    first_day: dt.date | None
    backfilled_at: dt.datetime | None = Field(description="When every ended day had been sealed for the first time.")
    purge_enabled_at: dt.datetime | None = Field(description="When a person let rows be purged there; null while off.")
    purge_enabled_by: str | None


class StandingOut(BaseModel):
    """How the days of a stream stand, counted record by record."""

    days: dict[str, int] = Field(description="How many days are open, sealed, touched, held, purging or purged.")
    records: int = Field(description="How many records there are.")
    purged_records: int = Field(description="How many there were on days that are purged.")
    first_day: dt.date | None
    last_day: dt.date | None
    rejects: list[RejectsOut] = Field(description="What was refused in the range, by field and reason, most first.")
    attached: AttachedOut | None = Field(description="Null where Keepsum keeps the records.")
    secrets: dict[str, int] = Field(description="In how many records of the range each secret field was, and dropped.")


class StreamOut(BaseModel):
    """One stream: what is declared, and, for those who operate the workspace, how its days stand."""

    name: str
    about: str
    declared: dict[str, Any] = Field(description="The declaration as plain values: time, key, subject, fields, keep.")
    standing: StandingOut | None = Field(description="Null without the permission `operate`.")


class StreamsOut(BaseModel):
    """The streams that the caller may send to or see anything of, by name."""

    model_config = ConfigDict(json_schema_extra={"example": EXAMPLE})

    streams: list[StreamOut]


@router.get("/v1/streams", summary="List the streams", responses=documented(400, 503))
def list_streams(system: Sys, who: Who, first: From = None, to: To = None) -> StreamsOut:
    """Give the caller's streams; `from` and `to` say of which days the rejects are, by default the last seven."""
    begin, end = span(first, to)
    standing = _standing(system, begin, end) if permits(who, Permission.OPERATE) else {}
    shown = visible_streams(who, system.catalog)
    declared: Any = describe(system.catalog)["streams"]
    listed = [
        StreamOut(name=one["name"], about=one["about"], declared=one, standing=standing.get(one["name"]))
        for one in declared
        if one["name"] in shown
    ]
    return StreamsOut(streams=listed)


def _standing(system: System, begin: int | None, end: int | None) -> dict[str, StandingOut]:
    found = survey(system.workspace, system.calendar(), now=system.clock())
    end = found.today if end is None else end
    begin = end - WEEK + 1 if begin is None else begin
    with system.workspace.file.read() as connection:
        refused = {one.stream: _rejects(connection, one.stream, begin, end) for one in found.streams}
    return {one.stream: _standing_out(one, refused[one.stream]) for one in found.streams}


def _rejects(connection: Connection, stream: str, begin: int, end: int) -> Counter[tuple[str, str]]:
    refused: Counter[tuple[str, str]] = Counter()
    for _, field, code, count in records.rejects_of(connection, stream, begin, end):
        refused[field, code] += count
    return refused


def _standing_out(found: StreamSurvey, counted: Counter[tuple[str, str]]) -> StandingOut:
    listed = [(field, code, count) for (field, code), count in counted.most_common()]
    return StandingOut(
        days=dict(found.statuses),
        records=found.living,
        purged_records=found.gone,
        first_day=None if found.first is None else date_of(found.first),
        last_day=None if found.last is None else date_of(found.last),
        rejects=[RejectsOut(field=f, code=code, count=n) for f, code, n in listed if code != SECRET_DROPPED],
        attached=_attached_out(found.attachment),
        secrets={field: count for field, code, count in listed if code == SECRET_DROPPED},
    )


def _attached_out(found: Attachment | None) -> AttachedOut | None:
    if found is None:
        return None
    return AttachedOut(
        dialect=found.dialect,
        database=found.database,
        first_day=None if found.first_day is None else date_of(found.first_day),
        backfilled_at=instant(found.backfilled_at),
        purge_enabled_at=instant(found.purge_enabled_at),
        purge_enabled_by=found.purge_enabled_by,
    )
