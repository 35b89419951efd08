"""`/v1/streams`: what is collected, how it stands, and what was refused."""

import datetime as dt
from collections import Counter
from typing import Any

from fastapi import APIRouter
from pydantic import BaseModel, Field

from keepsum.http.parameters import From, StrictRoute, Sys, To, span
from keepsum.http.problems import documented
from keepsum.model.day import date_of
from keepsum.model.describe import describe
from keepsum.store import days, records
from keepsum.store.database import Connection

WEEK = 7

router = APIRouter(tags=["streams"], route_class=StrictRoute)


class RejectsOut(BaseModel):
    """How many records were refused for one reason; values are never kept."""

    field: str
    code: str
    count: int


class StreamOut(BaseModel):
    """One stream: what is declared, and how its days stand."""

    name: str
    about: str
    declared: dict[str, Any] = Field(description="The declaration as plain values: time, key, subject, fields, keep.")
    days: dict[str, int] = Field(description="How many days are open, sealed, touched, held, purging or purged.")
    records: int = Field(description="How many records were accepted, those that are purged included.")
    first_day: dt.date | None
    last_day: dt.date | None
    rejects: list[RejectsOut] = Field(description="What was refused in the range, by field and reason, most first.")


class StreamsOut(BaseModel):
    """All streams, by name."""

    streams: list[StreamOut]


@router.get("/v1/streams", summary="List the streams", responses=documented(400, 503))
def list_streams(system: Sys, first: From = None, to: To = None) -> StreamsOut:
    """Give every stream; `from` and `to` say of which days the rejects are, by default the last seven."""
    begin, end = span(first, to)
    today = system.calendar().number_of(system.clock())
    end = today if end is None else end
    begin = end - WEEK + 1 if begin is None else begin
    declared: Any = describe(system.catalog)["streams"]
    with system.workspace.file.read() as connection:
        return StreamsOut(streams=[_stream_out(connection, one, begin, end) for one in declared])


def _stream_out(connection: Connection, declared: dict[str, Any], begin: int, end: int) -> StreamOut:
    name = declared["name"]
    states = days.states(connection, name)
    counted = [day for day, state in states.items() if state.control.records]
    refused: Counter[tuple[str, str]] = Counter()
    for _, field, code, count in records.rejects_of(connection, name, begin, end):
        refused[field, code] += count
    return StreamOut(
        name=name,
        about=declared["about"],
        declared=declared,
        days=dict(Counter(state.status for state in states.values())),
        records=sum(state.control.records for state in states.values()),
        first_day=date_of(min(counted)) if counted else None,
        last_day=date_of(max(counted)) if counted else None,
        rejects=[RejectsOut(field=f, code=c, count=n) for (f, c), n in refused.most_common()],
    )
