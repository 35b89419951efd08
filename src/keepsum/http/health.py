"""`/health`: whether everything is kept and deleted as promised; `/health/live`, `/health/ready`: for machines."""

import datetime as dt
from collections.abc import Iterable, Iterator, Sequence
from typing import Any, Literal

import structlog
from fastapi import APIRouter, Response
from pydantic import BaseModel, ConfigDict, Field
from starlette.requests import Request

from keepsum.assemble.install import Install
from keepsum.assemble.system import System
from keepsum.engine.access import permits
from keepsum.http.parameters import StrictRoute, Who
from keepsum.http.problems import documented
from keepsum.http.writer import Writer
from keepsum.model.access import Caller, Permission
from keepsum.model.day import date_of
from keepsum.model.errors import KeepsumError, Unavailable, about
from keepsum.pipeline.survey import A_NIGHT, StreamSurvey, survey
from keepsum.store import jobs, workspaces
from keepsum.store.days import DayState

LONG_UNSEALED = 2 * A_NIGHT  # µs after its end: a night was missed
LONG_QUEUED = 15 * 60 * 1_000_000  # µs

Part = Literal["files", "sealing", "purging", "worker", "writer"]
Status = Literal["ok", "warning", "failing"]

_log: Any = structlog.get_logger(__name__)

router = APIRouter(tags=["health"], route_class=StrictRoute)


class ReasonOut(BaseModel):
    """One thing that is not as it should be, and which part of the system it is about."""

    part: Part
    code: str
    message: str
    stream: str | None = None
    day: dt.date | None = None


class PartsOut(BaseModel):
    """How each part stands: files, proving and sealing, deleting in time, jobs for a worker, the writing process."""

    files: Status = "ok"
    sealing: Status = "ok"
    purging: Status = "ok"
    worker: Status = "ok"
    writer: Status = "ok"


class HealthOut(BaseModel):
    """Failing when a day is past its deadline and its records are still there, or when files cannot be read."""

    model_config = ConfigDict(
        json_schema_extra={
            "example": {
                "status": "ok",
                "parts": {"files": "ok", "sealing": "warning", "purging": "ok", "worker": "ok", "writer": "ok"},
                "reasons": [],
                "warnings": [
                    {
                        "part": "sealing",
                        "code": "HELD",
                        "message": "Day 2026-01-31 of stream 'orders' is held as SHRUNK: look into it.",
                        "stream": "orders",
                        "day": "2026-01-31",
                    }
                ],
            }
        }
    )

    status: Literal["ok", "failing"]
    parts: PartsOut
    reasons: list[ReasonOut] = Field(description="What makes it fail; for those who may operate the workspace.")
    warnings: list[ReasonOut] = Field(description="What will, if nobody looks; for the same.")


class LiveOut(BaseModel):
    """The server answers."""

    model_config = ConfigDict(json_schema_extra={"example": {"status": "ok"}})

    status: Literal["ok"] = "ok"


class ReadyOut(BaseModel):
    """The server can do what it is asked."""

    model_config = ConfigDict(json_schema_extra={"example": {"status": "ready"}})

    status: Literal["ready"] = "ready"


FAILING: Any = {503: {"model": HealthOut, "description": "Something is not as it should be; `reasons` says what."}}


@router.get("/health", summary="Check that promises are kept", responses={**documented(400, 401, 429), **FAILING})
def check_health(request: Request, who: Who, response: Response) -> HealthOut:
    """Give 200 when all is well, 503 when records outlive their deadline or files cannot be read.

    Whoever is signed in sees which part it is, and why, who may operate the workspace.
    """
    state = request.app.state
    found = health(state.install, who, state.writer)
    response.status_code = 200 if found.status == "ok" else 503
    return found


def health(install: Install, who: Caller, writer: Writer | None = None) -> HealthOut:
    """Give how a caller's workspace stands, and why if they may know."""
    try:
        reasons, warnings = _looked_at(install.system(who.workspace))
    except KeepsumError as error:
        reasons, warnings = [ReasonOut(part="files", code=error.code, message=error.message)], []
    if writer is not None and not writer.is_running:
        reasons.append(_NO_WRITER)
    elif writer is not None and writer.ended_lately:
        warnings.append(_WRITER_ENDED)
    may_know = permits(who, Permission.OPERATE)
    return HealthOut(
        status="failing" if reasons else "ok",
        parts=_parts(reasons, warnings),
        reasons=reasons if may_know else [],
        warnings=warnings if may_know else [],
    )


@router.get("/health/live", summary="Check that the server answers", responses=documented(400, 429))
async def check_live() -> LiveOut:
    """Give 200, whatever the state of the data is."""
    return LiveOut()


@router.get("/health/ready", summary="Check that the server can work", responses=documented(400, 429, 503))
def check_ready(request: Request) -> ReadyOut:
    """Give 200 when requests can be answered, 503 when the control file cannot be read; the log says why."""
    install: Install = request.app.state.install
    try:
        workspaces.listing(install.control)
    except KeepsumError as error:
        _log.error("not ready", **about(error))
        message = "The control file cannot be read; the server's log says why."
        raise Unavailable("NOT_READY", message) from error
    return ReadyOut()


_NO_WRITER = ReasonOut(
    part="writer",
    code="NO_WRITER",
    message="The process that writes records is not there, and batches wait for another: the server's log says why.",
)
_WRITER_ENDED = ReasonOut(
    part="writer",
    code="WRITER_ENDED",
    message="The process that writes records ended in the last hour and was started again: the server's log says how.",
)


def _parts(reasons: Iterable[ReasonOut], warnings: Iterable[ReasonOut]) -> PartsOut:
    warned = dict.fromkeys((one.part for one in warnings), "warning")
    return PartsOut.model_validate(warned | dict.fromkeys((one.part for one in reasons), "failing"))


def _looked_at(system: System) -> tuple[list[ReasonOut], list[ReasonOut]]:
    """Read both files and give what fails and what warns: what waits for a person fails a night past its deadline."""
    _, since = jobs.counts(system.control, system.id)
    found = survey(system.workspace, system.calendar(), now=system.clock())
    reasons = [_overdue(one.stream, day, held) for one in found.streams for day, held in _late(one).items()]
    warnings = [*_unsealed(found.streams), *_waiting(since, system.clock())]
    return reasons, warnings


def _unsealed(streams: Sequence[StreamSurvey]) -> Iterator[ReasonOut]:
    """Tell of days that wait for a person, and of nights in which nothing was sealed."""
    for one in streams:
        yield from (_held(state) for state in one.held if state.day not in one.overdue)
        if one.seal_lag >= LONG_UNSEALED and not one.held:
            message = f"A day of stream {one.stream!r} ended {one.seal_lag // A_NIGHT} days ago and is not sealed."
            yield ReasonOut(part="sealing", code="UNSEALED", message=f"{message} Is there a worker?", stream=one.stream)


def _waiting(since: int | None, now: int) -> Iterator[ReasonOut]:
    if since is not None and now - since >= LONG_QUEUED:
        message = f"A job has waited for {(now - since) // 60_000_000} minutes: is there a worker?"
        yield ReasonOut(part="worker", code="JOBS_WAIT", message=message)


def _late(stream: StreamSurvey) -> dict[int, str | None]:
    """Give the days past their deadline, each with what it is held for."""
    held = {state.day: state.held for state in stream.held}
    return {day: held.get(day) for day in stream.overdue}


def _overdue(stream: str, day: int, held: str | None) -> ReasonOut:
    where = f"Day {date_of(day)} of stream {stream!r} is past its retention, and its records are still there"
    if held is None:
        message = f"{where}: run the nightly job."
        return ReasonOut(part="purging", code="PAST_DEADLINE", message=message, stream=stream, day=date_of(day))
    message = f"{where}, held as {held}: decide with `keepsum days accept`."
    return ReasonOut(part="purging", code="HELD_PAST_DEADLINE", message=message, stream=stream, day=date_of(day))


def _held(state: DayState) -> ReasonOut:
    message = f"Day {date_of(state.day)} of stream {state.stream!r} is held as {state.held}: look into it."
    return ReasonOut(part="sealing", code="HELD", message=message, stream=state.stream, day=date_of(state.day))
