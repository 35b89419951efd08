"""`/v1/days`: what has become of each day of each stream, and the proof of one."""

import datetime as dt
from typing import Annotated, Any

from fastapi import APIRouter, Query
from pydantic import BaseModel, ConfigDict, Field
from starlette.concurrency import run_in_threadpool
from starlette.requests import Request

from keepsum.assemble.system import System
from keepsum.engine.days import Calendar
from keepsum.http.ledger import ENTRY, EntryOut, entry_out
from keepsum.http.parameters import By, From, IsoDate, StrictRoute, Sys, To, instant, needs, read_as, span, takes
from keepsum.http.problems import documented
from keepsum.model.access import Caller, Permission
from keepsum.model.catalog import restored
from keepsum.model.control import Control
from keepsum.model.day import date_of, day_number
from keepsum.model.errors import NotFound
from keepsum.model.ledger import Entry, Kind
from keepsum.model.stream import Stream
from keepsum.pipeline import day_checks, decide
from keepsum.pipeline.day_checks import ABOUT, Check
from keepsum.pipeline.verify_day import verify_day
from keepsum.store import days, ledger, rollups
from keepsum.store.days import DayState
from keepsum.store.rollups import Covered, Generation

MOST = 10_000
DAY: dict[str, Any] = {
    "stream": "orders",
    "day": "2026-01-31",
    "status": "sealed",
    "records": 1204,
    "seal": 31,
    "held": None,
    "purge": None,
    "corrections": 0,
    "interval": {
        "start": "2026-01-31T00:00:00Z",
        "end": "2026-02-01T00:00:00Z",
        "zone": "Europe/London",
        "tzdata": "2026.6",
    },
}

CHECK: dict[str, Any] = {
    "code": "RECORDS_COUNTED",
    "about": ABOUT["RECORDS_COUNTED"],
    "passed": True,
    "detail": "1,204 records.",
    "why": None,
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

    model_config = ConfigDict(json_schema_extra={"example": DAY})

    stream: str
    day: dt.date
    status: str = Field(description="open, sealed, touched (records came after the seal), held, purging or purged.")
    records: int
    seal: int | None = Field(description="The ledger entry that proves the day.")
    held: HeldOut | None
    purge: PurgeOut | None
    corrections: int = Field(description="How often late records were added to its figures.")
    interval: IntervalOut


class DaysOut(BaseModel):
    """Days, the newest first."""

    model_config = ConfigDict(json_schema_extra={"example": {"days": [DAY]}})

    days: list[DayOut]


class RollupOut(BaseModel):
    """The figures that are kept of a day under one definition: how many rows of them, by what, of what."""

    name: str
    rows: int
    columns: list[str] = Field(description="The dimensions, then the measures.")


class CorrectionOut(BaseModel):
    """Late records of a day whose own are gone: added to its figures, counted on the day they came in."""

    at: dt.datetime | None
    booked: dt.date = Field(description="The day they came in: by `basis=booked` they count on it.")
    rows: int = Field(description="How many records.")
    seq: int = Field(description="The ledger entry.")


class CheckOut(BaseModel):
    """One comparison that proves a day."""

    code: str
    about: str = Field(description="What holds when it passes.")
    passed: bool | None = Field(description="Null where it was not, or cannot be, made.")
    detail: str | None
    why: str | None = Field(description="The code of what kept it from being made, where something did.")


class ChainOut(BaseModel):
    """Where a day's seal stands in the ledger."""

    seq: int
    previous: str
    hash: str
    head: int = Field(description="The number of the newest entry there is.")


class ProofOut(BaseModel):
    """One day with its control, the seal that is about it, what that proves, and every ledger entry that names it."""

    model_config = ConfigDict(
        json_schema_extra={
            "example": {
                "day": DAY,
                "control": {"records": 1204, "hash_a": "98382635059784", "hash_b": 77, "sums": {"total": 531_040}},
                "seal": ENTRY,
                "entries": [ENTRY],
                "rollups": [{"name": "orders_daily", "rows": 12, "columns": ["country", "orders", "total"]}],
                "corrections": [
                    {
                        "at": "2026-03-05T12:00:00Z",
                        "booked": "2026-03-05",
                        "rows": 3,
                        "seq": 77,
                    }
                ],
                "checks": [CHECK],
                "chain": {"seq": 31, "previous": "07ac" * 16, "hash": "8d1f" * 16, "head": 77},
            }
        }
    )

    day: DayOut
    control: dict[str, Any] = Field(description="Count, row hashes and exact sums of the records there are.")
    seal: EntryOut | None
    entries: list[EntryOut]
    rollups: list[RollupOut]
    corrections: list[CorrectionOut]
    checks: list[CheckOut] = Field(description="What was compared when the day was sealed.")
    chain: ChainOut | None


class VerifiedOut(BaseModel):
    """What checking a day again came to."""

    model_config = ConfigDict(
        json_schema_extra={"example": {"verified": True, "at": "2026-02-01T09:00:00Z", "checks": [CHECK]}}
    )

    verified: bool = Field(description="Whether nothing that can be compared is otherwise than it was sealed.")
    at: dt.datetime | None
    checks: list[CheckOut]


class Decision(BaseModel):
    """Why a held day may go on; the ledger keeps it."""

    model_config = ConfigDict(
        extra="forbid", json_schema_extra={"example": {"reason": "the disk was lost, nothing else has the records"}}
    )

    reason: str = Field(min_length=1, max_length=500)


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
        corrected = ledger.counts(connection, Kind.CORRECTED, begin, end)
    found.sort(key=lambda state: (-state.day, state.stream))
    return DaysOut(days=[_day_out(one, calendar, corrected.get((one.stream, one.day), 0)) for one in found[:limit]])


@router.get("/v1/days/{stream}/{day}", summary="Show what proves a day", responses=documented(400, 403, 404, 503))
def show_day(system: Sys, stream: str, day: IsoDate) -> ProofOut:
    """Give one day with its seal, its control, what was compared, and its place in the ledger's chain."""
    declared, number = system.catalog.stream(stream), day_number(day)
    with system.workspace.file.read() as connection:
        calendar = Calendar(system.workspace.identity.zone, days.known(connection))
        state = days.state(connection, declared.name, number)
        entries = list(ledger.entries(connection, stream=declared.name, day=number))
        covering = rollups.covering(connection, declared.name, number)
        head, _, _ = ledger.head(connection)
    if not state.touched and not entries:
        raise NotFound("UNKNOWN_DAY", f"Stream {stream!r} has neither records nor a seal of {day}.")
    seal = next((e for e in entries if e.seq == state.seal), None)
    corrections = [_correction_out(e) for e in entries if e.kind is Kind.CORRECTED]
    checks = day_checks.claimed(declared, state, seal, is_attached=declared.name in system.workspace.attached)
    return ProofOut(
        day=_day_out(state, calendar, len(corrections)),
        control=state.control.to_json(),
        seal=entry_out(seal) if seal else None,
        entries=[entry_out(e) for e in entries],
        rollups=[_rollup_out(declared, *one) for one in covering],
        corrections=corrections,
        checks=[_check_out(check) for check in checks],
        chain=seal and ChainOut(seq=seal.seq, previous=seal.previous, hash=seal.hash, head=head),
    )


@router.post(
    "/v1/days/{stream}/{day}/verify", summary="Check a day again", responses=documented(400, 403, 404, 409, 503)
)
def check_day(system: Sys, stream: str, day: IsoDate) -> VerifiedOut:
    """Compare a sealed day with its records while they live, else its figures with the ledger; nothing changes."""
    found = verify_day(system.workspace, system.catalog.stream(stream), day_number(day))
    checks = [_check_out(check) for check in found.checks]
    return VerifiedOut(verified=found.verified, at=instant(system.clock()), checks=checks)


@router.post(
    "/v1/days/{stream}/{day}/accept",
    summary="Let a held day go on",
    responses=documented(400, 403, 404, 409, 413, 415, 503),
    openapi_extra=takes(Decision),
)
async def accept_day(request: Request, system: Sys, by: By, stream: str, day: IsoDate) -> DayOut:
    """Let a held day go on by a person's decision, which the ledger keeps, and give the day as it stands then.

    What a seal has proven stays, else what can be read is sealed. Records that lie in a purged day, never proven, are
    deleted, which takes the permission `delete`.
    """
    given = await read_as(request, Decision)
    return await run_in_threadpool(_accepted, system, by, stream, day, given.reason)


def _accepted(system: System, by: Caller, stream: str, day: dt.date, reason: str) -> DayOut:
    declared, number, calendar = system.catalog.stream(stream), day_number(day), system.calendar()
    decide.accept(system.workspace, calendar, declared, number, reason, caller=by, now=system.clock())
    system.note()
    with system.workspace.file.read() as connection:
        state = days.state(connection, declared.name, number)
        corrected = ledger.counts(connection, Kind.CORRECTED, number, number)
    return _day_out(state, calendar, corrected.get((declared.name, number), 0))


def _rollup_out(stream: Stream, generation: Generation, covered: Covered) -> RollupOut:
    rollup = restored(generation.rollup, generation.definition, stream)
    columns = [*rollup.by, *(measure.name for measure in rollup.measures)]
    return RollupOut(name=generation.rollup, rows=covered.rows, columns=columns)


def _correction_out(entry: Entry) -> CorrectionOut:
    body: dict[str, Any] = dict(entry.body)
    return CorrectionOut(
        at=instant(entry.at),
        booked=date_of(body["booked"]),
        rows=Control.from_json(body["control"]).records,
        seq=entry.seq,
    )


def _check_out(check: Check) -> CheckOut:
    return CheckOut(code=check.code, about=check.about, passed=check.passed, detail=check.detail, why=check.why)


def _day_out(state: DayState, calendar: Calendar, corrections: int) -> DayOut:
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
        corrections=corrections,
        interval=IntervalOut(
            start=instant(interval.start), end=instant(interval.end), zone=interval.zone, tzdata=interval.tzdata
        ),
    )
