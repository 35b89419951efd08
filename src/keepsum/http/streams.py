"""`/v1/streams`: what is collected, how it stands, and what was refused."""

import datetime as dt
from collections import Counter
from collections.abc import Mapping
from typing import Any

from fastapi import APIRouter
from pydantic import BaseModel, ConfigDict, Field

from keepsum.assemble.system import System
from keepsum.engine.access import permits, visible_streams
from keepsum.engine.days import Calendar
from keepsum.engine.expire import shifted
from keepsum.http.parameters import From, StrictRoute, Sys, To, Who, instant, needs, span
from keepsum.http.problems import documented
from keepsum.model.access import Permission
from keepsum.model.catalog import Catalog, definition_hash
from keepsum.model.day import date_of
from keepsum.model.describe import describe
from keepsum.model.rejected import REJECTED
from keepsum.model.stream import Choice, Number
from keepsum.model.stream import Field as DeclaredField
from keepsum.pipeline.status import SECRET_DROPPED
from keepsum.pipeline.survey import StreamSurvey, survey
from keepsum.store import days, records, rollups
from keepsum.store.attachments import Attachment
from keepsum.store.database import Connection
from keepsum.store.days import DayState
from keepsum.store.rollups import Generation

VOLUME = 28  # days
FINGERPRINT = 12  # characters of a definition's hash that tell it from others
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


DETAIL: dict[str, Any] = {
    "name": "orders",
    "about": "One order.",
    "attached": False,
    "time": "at",
    "key": "id",
    "fields": [
        {
            "name": "total",
            "kind": "money",
            "unit": "EUR",
            "sensitivity": "public",
            "required": True,
            "about": "What it came to.",
            "choices": None,
        }
    ],
    "subject": "customer",
    "retention_days": 30,
    "volume": [{"day": "2026-01-31", "records": 1204}, {"day": "2026-02-01", "records": None}],
    "rejects": [{"code": "NOT_A_NUMBER", "field": "total", "count": 2, "about": REJECTED["NOT_A_NUMBER"]}],
    "rejects_since": "2026-01-31",
    "generations": [
        {"rollup": "orders_daily", "fingerprint": "8d1f8d1f8d1f", "since": "2025-11-03", "days": 91, "current": True}
    ],
    "rollups": ["orders_daily"],
}


class FieldOut(BaseModel):
    """One declared field; of a choice its options."""

    name: str
    kind: str = Field(description="text, choice, boolean, integer, decimal or money.")
    unit: str | None
    sensitivity: str = Field(description="public, personal (in records only) or secret (dropped at the door).")
    required: bool
    about: str
    choices: list[str] | None


class VolumeOut(BaseModel):
    """How many records of a day were accepted; null for a day that nothing is known of."""

    day: dt.date
    records: int | None


class RefusedOut(BaseModel):
    """How many records were refused for one reason, and what that says; values are never kept."""

    code: str
    field: str
    count: int
    about: str


class GenerationOut(BaseModel):
    """One definition of a rollup: known by its fingerprint, declared since a date, with the figures of some days."""

    rollup: str
    fingerprint: str
    since: dt.date
    days: int
    current: bool = Field(description="Whether it is what the rollup is declared as now.")


class StreamDetailOut(BaseModel):
    """One stream: its fields, what came in, what was refused, and which definitions its figures are kept under."""

    model_config = ConfigDict(json_schema_extra={"example": DETAIL})

    name: str
    about: str
    attached: bool = Field(description="Whether its records live in an application's own database.")
    time: str
    key: str
    fields: list[FieldOut]
    subject: str | None = Field(description="The field that says whom a record is about.")
    retention_days: int | None = Field(description="Counted from today where months are declared; null for ever.")
    volume: list[VolumeOut] = Field(description="The last 28 days, the oldest first.")
    rejects: list[RefusedOut] = Field(description="Today and yesterday, the most first.")
    rejects_since: dt.date = Field(description="The day from which rejects are listed: they are counted by day.")
    generations: list[GenerationOut] = Field(description="The newest first.")
    rollups: list[str]


@router.get(
    "/v1/streams/{stream}",
    summary="Show a stream",
    dependencies=[needs(Permission.OPERATE)],
    responses=documented(400, 403, 404, 503),
)
def show_stream(system: Sys, stream: str) -> StreamDetailOut:
    """Give a stream with its fields, how much comes in, and what is refused."""
    declared = system.catalog.stream(stream)
    calendar = system.calendar()
    today = calendar.number_of(system.clock())
    last = shifted(today, declared.keep)
    with system.workspace.file.read() as connection:
        states = days.states(connection, declared.name, today - VOLUME + 1, today)
        refused = _rejects(connection, declared.name, today - 1, today)
        known = rollups.known(connection, declared.name)
        covered = rollups.covered_days(connection, declared.name)
    return StreamDetailOut(
        name=declared.name,
        about=declared.about,
        attached=declared.name in system.workspace.attached,
        time=declared.time,
        key=declared.key,
        fields=[_field_out(field) for field in declared.fields],
        subject=declared.subject,
        retention_days=None if last is None else last - today,
        volume=[_volume_out(day, states.get(day)) for day in range(today - VOLUME + 1, today + 1)],
        rejects=[
            RefusedOut(code=code, field=field, count=count, about=REJECTED.get(code, ""))
            for (field, code), count in refused.most_common()
            if code != SECRET_DROPPED
        ],
        rejects_since=date_of(today - 1),
        generations=[_generation_out(system.catalog, one, covered, calendar) for one in reversed(known)],
        rollups=[rollup.name for rollup in system.catalog.rollups_of(declared.name)],
    )


def _field_out(field: DeclaredField) -> FieldOut:
    return FieldOut(
        name=field.name,
        kind=type(field).__name__.lower(),
        unit=(field.unit or None) if isinstance(field, Number) else None,
        sensitivity=field.exposure,
        required=field.required,
        about=field.about,
        choices=list(field.options) if isinstance(field, Choice) else None,
    )


def _volume_out(day: int, state: DayState | None) -> VolumeOut:
    return VolumeOut(day=date_of(day), records=None if state is None else state.control.records)


def _generation_out(catalog: Catalog, one: Generation, covered: Mapping[str, int], calendar: Calendar) -> GenerationOut:
    rollup = catalog.rollups.get(one.rollup)
    return GenerationOut(
        rollup=one.rollup,
        fingerprint=one.definition_hash[:FINGERPRINT],
        since=date_of(calendar.number_of(one.made_at)),
        days=covered.get(one.table, 0),
        current=rollup is not None and definition_hash(rollup) == one.definition_hash,
    )


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
