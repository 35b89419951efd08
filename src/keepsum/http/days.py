"""`/v1/days`: what has become of each day of each stream, and the proof of one."""

import datetime as dt
from typing import Annotated, Any

from fastapi import APIRouter, Query
from pydantic import BaseModel, ConfigDict, Field

from keepsum.engine.days import Calendar
from keepsum.http.ledger import ENTRY, EntryOut, entry_out
from keepsum.http.parameters import From, IsoDate, StrictRoute, Sys, To, instant, needs, span
from keepsum.http.problems import documented
from keepsum.model.access import Permission
from keepsum.model.day import date_of, day_number
from keepsum.model.errors import NotFound
from keepsum.store import days, ledger
from keepsum.store.days import DayState

MOST = 10_000
DAY: dict[str, Any] = {
    "stream": "orders",
    "day": "2026-01-31",
    "status": "sealed",
    "records": 1204,
    "seal": 31,
    "held": None,
    "purge": None,
    "interval": {
        "start": "2026-01-31T00:00:00Z",
        "end": "2026-02-01T00:00:00Z",
        "zone": "Europe/London",
        "tzdata": "2026.6",
    },
}

router = APIRouter(tags=["days"], route_class=StrictRoute, dependencies=[needs(Permission.OPERATE)])


class HeldOut(BaseModel):
    """Why a day waits for a person, and since when."""

    code: str
    detail: str | None
    since: dt.datetime | None


class PurgeOut(BaseModel):
    """How far the deletion of a day's records got, and until when new records of it are taken as corrections."""

    state: str
    at: dt.datetime | None
    late_until: dt.datetime | None = Field(description="Null when there is no end.")


class IntervalOut(BaseModel):
    """The instants of a day, the end not included, and the rules that cut it."""

    start: dt.datetime | None
    end: dt.datetime | None
    zone: str
    tzdata: str


class DayOut(BaseModel):
    """One day of one stream; `records` are those that were accepted, also when they are purged."""

    stream: str
    day: dt.date
    status: str = Field(description="open, sealed, touched (records came after the seal), held, purging or purged.")
    records: int
    seal: int | None = Field(description="The ledger entry that proves the day.")
    held: HeldOut | None
    purge: PurgeOut | None
    interval: IntervalOut


class DaysOut(BaseModel):
    """Days, the newest first."""

    model_config = ConfigDict(json_schema_extra={"example": {"days": [DAY]}})

    days: list[DayOut]


class ProofOut(BaseModel):
    """One day with its control, the seal that is about it, and every ledger entry that names it."""

    model_config = ConfigDict(
        json_schema_extra={
            "example": {
                "day": DAY,
                "control": {"records": 1204, "hash_a": "98382635059784", "hash_b": 77, "sums": {"total": 531_040}},
                "seal": ENTRY,
                "entries": [ENTRY],
            }
        }
    )

    day: DayOut
    control: dict[str, Any] = Field(description="Count, row hashes and exact sums of the records there are.")
    seal: EntryOut | None
    entries: list[EntryOut]


@router.get("/v1/days", summary="List the days", responses=documented(400, 403, 404, 503))
def list_days(
    system: Sys,
    stream: Annotated[str | None, Query(description="Only days of this stream.")] = None,
    first: From = None,
    to: To = None,
    limit: Annotated[int, Query(ge=1, le=MOST, description="How many at most.")] = 400,
) -> DaysOut:
    """Give the days that records, seals or decisions are known of, the newest first."""
    begin, end = span(first, to)
    names = [system.catalog.stream(stream).name] if stream is not None else list(system.catalog.streams)
    with system.workspace.file.read() as connection:
        calendar = Calendar(system.workspace.identity.zone, days.known(connection))
        found = [state for name in names for state in days.states(connection, name, begin, end).values()]
    found.sort(key=lambda state: (-state.day, state.stream))
    return DaysOut(days=[_day_out(state, calendar) for state in found[:limit]])


@router.get("/v1/days/{stream}/{day}", summary="Show what proves a day", responses=documented(400, 403, 404, 503))
def show_day(system: Sys, stream: str, day: IsoDate) -> ProofOut:
    """Give one day with its seal, its control, and its place in the ledger's chain."""
    name, number = system.catalog.stream(stream).name, day_number(day)
    with system.workspace.file.read() as connection:
        calendar = Calendar(system.workspace.identity.zone, days.known(connection))
        state = days.state(connection, name, number)
        entries = list(ledger.entries(connection, stream=name, day=number))
    if not state.touched and not entries:
        raise NotFound("UNKNOWN_DAY", f"Stream {name!r} has neither records nor a seal of {day}.")
    seal = next((e for e in entries if e.seq == state.seal), None)
    return ProofOut(
        day=_day_out(state, calendar),
        control=state.control.to_json(),
        seal=entry_out(seal) if seal else None,
        entries=[entry_out(e) for e in entries],
    )


def _day_out(state: DayState, calendar: Calendar) -> DayOut:
    held = state.held and HeldOut(code=state.held, detail=state.held_detail, since=instant(state.held_at))
    purge = state.purge and PurgeOut(
        state=state.purge, at=instant(state.purged_at), late_until=instant(state.late_until)
    )
    interval = calendar.day(state.day)
    return DayOut(
        stream=state.stream,
        day=date_of(state.day),
        status=state.status,
        records=state.control.records,
        seal=state.seal,
        held=held or None,
        purge=purge or None,
        interval=IntervalOut(
            start=instant(interval.start), end=instant(interval.end), zone=interval.zone, tzdata=interval.tzdata
        ),
    )
