"""The schedules of each workspace, and up to which instant each has fired."""

from collections.abc import Iterable
from dataclasses import dataclass

from sqlalchemy import delete, select, update
from sqlalchemy.dialects.sqlite import insert

from keepsum.model.job import Schedule
from keepsum.store import jobs
from keepsum.store.database import Database
from keepsum.store.tables import schedules


@dataclass(frozen=True, kw_only=True)
class ScheduleRow:
    """One schedule of a workspace; it has fired for all instants up to `fired_for`, in microseconds."""

    workspace: str
    name: str
    job: str
    cron: str
    zone: str
    enabled: bool
    fired_for: int


def declare(database: Database, workspace: str, declared: Iterable[Schedule], now: int) -> None:
    """Make a workspace's schedules those declared: a new one fires from now on, the others keep what they fired for."""
    wanted = list(declared)
    with database.write() as connection:
        strangers = schedules.c.name.not_in([schedule.name for schedule in wanted])
        connection.execute(delete(schedules).where(schedules.c.workspace == workspace, strangers))
        for schedule in wanted:
            values = {"job": schedule.job, "cron": schedule.cron, "zone": schedule.zone}
            fresh = insert(schedules).values(workspace=workspace, name=schedule.name, fired_for=now, **values)
            connection.execute(fresh.on_conflict_do_update(index_elements=["workspace", "name"], set_=values))


def listing(database: Database, workspace: str | None = None) -> list[ScheduleRow]:
    """Give the schedules of a workspace, or of all."""
    query = select(schedules).order_by(schedules.c.workspace, schedules.c.name)
    if workspace is not None:
        query = query.where(schedules.c.workspace == workspace)
    with database.read() as connection:
        rows = connection.execute(query)
        return [ScheduleRow(**row) for row in rows.mappings()]


def come_back(database: Database, seen: ScheduleRow, now: int) -> None:
    """Let a schedule fire from now on that fired for a later instant, unless another worker changed it meanwhile."""
    key = (schedules.c.workspace == seen.workspace, schedules.c.name == seen.name)
    with database.write() as connection:
        unchanged = schedules.c.fired_for == seen.fired_for
        connection.execute(update(schedules).where(*key, unchanged).values(fired_for=now))


def fire(database: Database, seen: ScheduleRow, instant: int, now: int) -> int | None:
    """Queue a schedule's job for an instant and give its number; None if another worker fired it since it was seen.

    What it fired for and the queued job are one transaction: no crash and no second worker can part them.
    """
    with database.write() as connection:
        key = (schedules.c.workspace == seen.workspace, schedules.c.name == seen.name)
        unfired = (schedules.c.fired_for == seen.fired_for, schedules.c.enabled.is_(True))
        if not connection.execute(update(schedules).where(*key, *unfired).values(fired_for=instant)).rowcount:
            return None
        return jobs.put(connection, seen.workspace, seen.job, {}, f"schedule {seen.name}", now)
