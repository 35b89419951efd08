"""`/health`: whether everything is kept and deleted as promised; `/health/live`: whether anybody is there."""

import datetime as dt
from typing import Any, Literal

from fastapi import APIRouter, Response
from pydantic import BaseModel, Field

from keepsum.assemble import System
from keepsum.http.parameters import StrictRoute, Sys
from keepsum.http.problems import documented
from keepsum.model.day import date_of
from keepsum.model.errors import KeepsumError
from keepsum.pipeline.survey import StreamSurvey, survey
from keepsum.store import jobs
from keepsum.store.days import DayState

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
    """Give 200 when all is well, 503 with reasons when records outlive their deadline or files cannot be read."""
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
    """Read both files and give what fails and what warns: what waits for a person fails a night past its deadline."""
    jobs.listing(system.control, system.id, 1)
    found = survey(system.workspace, system.calendar(), now=system.clock())
    reasons = [_overdue(one.stream, day, held) for one in found.streams for day, held in _late(one).items()]
    warnings = [_held(state) for one in found.streams for state in one.held if state.day not in one.overdue]
    return reasons, warnings


def _late(stream: StreamSurvey) -> dict[int, str | None]:
    """Give the days past their deadline, each with what it is held for."""
    held = {state.day: state.held for state in stream.held}
    return {day: held.get(day) for day in stream.overdue}


def _overdue(stream: str, day: int, held: str | None) -> ReasonOut:
    where = f"Day {date_of(day)} of stream {stream!r} is past its retention, and its records are still there"
    if held is None:
        message = f"{where}: run the nightly job."
        return ReasonOut(code="PAST_DEADLINE", message=message, stream=stream, day=date_of(day))
    message = f"{where}, held as {held}: decide with `keepsum days accept`."
    return ReasonOut(code="HELD_PAST_DEADLINE", message=message, stream=stream, day=date_of(day))


def _held(state: DayState) -> ReasonOut:
    message = f"Day {date_of(state.day)} of stream {state.stream!r} is held as {state.held}: look into it."
    return ReasonOut(code="HELD", message=message, stream=state.stream, day=date_of(state.day))
