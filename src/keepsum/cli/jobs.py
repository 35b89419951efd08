"""`keepsum jobs`: what workers do, did, and shall do."""

from collections.abc import Iterator
from typing import TYPE_CHECKING, Annotated, Any

from typer import Argument, Option

from keepsum.cli.days import From, To
from keepsum.cli.door import opened
from keepsum.cli.moments import instant, shown
from keepsum.cli.screen import Screen, cell, table

if TYPE_CHECKING:
    from rich.console import RenderableType
    from rich.table import Table

    from keepsum.settings import Settings
    from keepsum.store.jobs import JobRow


def listing(
    settings: "Settings",
    screen: Screen,
    *,
    limit: Annotated[int, Option(help="How many at most.", min=1)] = 20,
    state: Annotated[str | None, Option(help="Only queued, running, done, failed or held jobs.")] = None,
) -> None:
    """List the newest jobs, and when schedules start them."""
    from keepsum.store import jobs, schedules

    wanted = _state(state)
    with opened(settings) as system:
        found = [job_data(row) for row in jobs.listing(system.control, system.id, limit, wanted)]
        planned = [_schedule_data(row) for row in schedules.listing(system.control, system.id)]
    screen.show({"jobs": found, "schedules": planned}, lambda: _lines(found, planned))


def _state(text: str | None) -> Any:
    from keepsum.model.errors import Invalid
    from keepsum.model.job import JobState

    if text is not None and text not in list(JobState):
        raise Invalid("UNKNOWN_STATE", f"A job is never {text!r}; known: {', '.join(JobState)}.")
    return None if text is None else JobState(text)


def _lines(found: list[dict[str, Any]], planned: list[dict[str, Any]]) -> "Iterator[RenderableType]":
    yield jobs_table(found) if found else "No job yet."
    if planned:
        rows = ((p["name"], p["job"], p["cron"], p["zone"], shown(p["next"])) for p in planned)
        yield table(("schedule", "job", "cron", "zone", "next, UTC"), rows)


def _schedule_data(row: Any) -> dict[str, Any]:
    from keepsum.engine.schedule import next_fire

    return {
        "name": row.name,
        "job": row.job,
        "cron": row.cron,
        "zone": row.zone,
        "enabled": row.enabled,
        "fired_for": instant(row.fired_for),
        "next": instant(next_fire(row.cron, row.zone, row.fired_for)),
    }


def show(
    settings: "Settings", screen: Screen, *, number: Annotated[int, Argument(help="The job's number.", metavar="ID")]
) -> None:
    """Show one job."""
    from keepsum.store import jobs

    with opened(settings) as system:
        data = job_data(jobs.get(system.control, system.id, number))
    screen.show(data, lambda: _job_lines(data))


def _job_lines(data: dict[str, Any]) -> "Iterator[RenderableType]":
    yield jobs_table([data])
    if data["error"]:
        yield cell(data["error"])


def start(
    settings: "Settings",
    screen: Screen,
    *,
    job: Annotated[str, Argument(help="move, roll, purge, nightly, sweep or verify.", metavar="JOB")],
    first: From = None,
    to: To = None,
) -> None:
    """Queue a job for the next free worker; an identical one that still waits is given instead."""
    from keepsum.model.access import machine
    from keepsum.pipeline import jobs

    given = jobs.parameters(job, first, to)
    with opened(settings) as system:
        data = job_data(jobs.start(system, job, given, "command line", machine(system.id)))
    screen.show(data, lambda: [f"job {data['id']} is {data['state']}; a server or `keepsum worker` carries it out"])


def job_data(row: "JobRow") -> dict[str, Any]:
    """Give a job as plain values."""
    return {
        "id": row.number,
        "job": row.job,
        "parameters": dict(row.parameters),
        "state": str(row.state),
        "cause": row.cause,
        "queued_at": instant(row.queued_at),
        "started_at": instant(row.started_at),
        "finished_at": instant(row.finished_at),
        "worker": row.worker,
        "attempts": row.attempts,
        "days": row.days,
        "rows": row.rows,
        "percent": row.percent,
        "seconds": row.seconds,
        "error": row.error,
    }


def jobs_table(found: list[dict[str, Any]]) -> "Table":
    """Draw jobs, a row each."""
    rows = (
        (
            one["id"],
            one["job"],
            one["state"],
            shown(one["finished_at"] or one["started_at"] or one["queued_at"]),
            one["days"],
            one["rows"],
            f"{one['percent']:.0f} %" if one["seconds"] is None else f"{one['seconds']:.1f} s",
            (one["error"] or "").partition(":")[0],
        )
        for one in found
    )
    return table((">id", "job", "state", "at, UTC", ">days", ">records", ">took", "because"), rows)
