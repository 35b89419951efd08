"""`/health`: whether everything is kept and deleted as promised; `/health/live`: whether anybody is there."""

import datetime as dt
from typing import Any, Literal

from fastapi import APIRouter, Response
from pydantic import BaseModel, Field

from keepsum.assemble import System
from keepsum.engine.days import Calendar
from keepsum.engine.expire import deadline
from keepsum.http.parameters import StrictRoute, Sys
from keepsum.http.problems import documented
from keepsum.model.day import date_of
from keepsum.model.errors import KeepsumError
from keepsum.store import days, jobs, ledger
from keepsum.store.days import DayState

DAY = 86_400_000_000  # µs: a deadline may pass in the morning, and the purge comes at night

router = APIRouter(tags=["health"], route_class=StrictRoute)


class ReasonOut(BaseModel):
    """One thing that is not as it should be."""

    code: str
    message: str
    stream: str | None = None
    day: dt.date | None = None


class HealthOut(BaseModel):
    """Failing when a day is past its deadline and its records are still there, or when files cannot be read."""

    status: Literal["ok", "failing"]
    reasons: list[ReasonOut] = Field(description="What makes it fail.")
    warnings: list[ReasonOut] = Field(description="What will, if nobody looks.")


class LiveOut(BaseModel):
    """The server answers."""

    status: Literal["ok"] = "ok"


FAILING: Any = {503: {"model": HealthOut, "description": "Something is not as it should be; `reasons` says what."}}


@router.get("/health", summary="Check that promises are kept", responses={**documented(400), **FAILING})
def check_health(system: Sys, response: Response) -> HealthOut:
    """Give 200 when all is well, 503 with reasons when a day is held past its deadline or files cannot be read."""
    try:
        reasons, warnings = _looked_at(system)
    except KeepsumError as error:
        reasons, warnings = [ReasonOut(code=error.code, message=error.message)], []
    response.status_code = 503 if reasons else 200
    return HealthOut(status="failing" if reasons else "ok", reasons=reasons, warnings=warnings)


@router.get("/health/live", summary="Check that the server answers", responses=documented(400))
async def check_live() -> LiveOut:
    """Give 200, whatever the state of the data is."""
    return LiveOut()


def _looked_at(system: System) -> tuple[list[ReasonOut], list[ReasonOut]]:
    """Read both files and give what fails and what warns."""
    now = system.clock()
    jobs.listing(system.control, 1)
    with system.workspace.file.read() as connection:
        ledger.head(connection)
        calendar = Calendar(system.workspace.identity.zone, days.known(connection))
        states = [s for name in system.catalog.streams for s in days.states(connection, name).values()]
    late: list[ReasonOut] = []
    waiting: list[ReasonOut] = []
    for state in states:
        overdue, reason = _judged(system, state, calendar, now)
        if reason is not None:
            (late if overdue else waiting).append(reason)
    return late, waiting


def _judged(system: System, state: DayState, calendar: Calendar, now: int) -> tuple[bool, ReasonOut | None]:
    """Say what is wrong with a day, and whether its deadline makes that a failure.

    1. A purged day is as promised.
    2. A held day fails from its deadline on, and is a warning before.
    3. Any other day fails a day after its deadline: nobody purged it.
    """
    until = deadline(state.day, system.catalog.stream(state.stream).keep, calendar)
    late = None if until is None else now - until
    where = f"Day {date_of(state.day)} of stream {state.stream!r}"
    if state.purge == "purged":
        return False, None
    if state.held:
        overdue = late is not None and late >= 0
        code = "HELD_PAST_DEADLINE" if overdue else "HELD"
        return overdue, _reason(code, f"{where} is held as {state.held}: decide with `keepsum days accept`.", state)
    if late is not None and late >= DAY:
        message = f"{where} is past its retention, and its records are still there: run the nightly job."
        return True, _reason("PAST_DEADLINE", message, state)
    return False, None


def _reason(code: str, message: str, state: DayState) -> ReasonOut:
    return ReasonOut(code=code, message=message, stream=state.stream, day=date_of(state.day))
