"""Which workers are there: each says so now and then, and is forgotten when it does not."""

from dataclasses import dataclass

from sqlalchemy import delete, or_, select
from sqlalchemy.dialects.sqlite import insert

from keepsum.store.database import Database
from keepsum.store.tables import workers

GONE = 60.0  # seconds of silence after which a worker is taken to be gone


@dataclass(frozen=True, kw_only=True)
class WorkerRow:
    """One worker: since when it works and when it was last heard of, in microseconds of business time."""

    name: str
    since: int
    seen_at: int


def beat(database: Database, name: str, *, now: int, machine_now: float) -> None:
    """Note that a worker is there, and forget those that have been silent since before the machine started, or long."""
    values = {"name": name, "since": now, "seen_at": now, "beat": machine_now}
    silent = or_(workers.c.beat < machine_now - GONE, workers.c.beat > machine_now + GONE)
    with database.write() as connection:
        connection.execute(delete(workers).where(silent, workers.c.name != name))
        added = insert(workers).values(values)
        seen = {"seen_at": now, "beat": machine_now}
        connection.execute(added.on_conflict_do_update(index_elements=["name"], set_=seen))


def leave(database: Database, name: str) -> None:
    """Forget a worker that stops."""
    with database.write() as connection:
        connection.execute(delete(workers).where(workers.c.name == name))


def listing(database: Database, *, machine_now: float) -> list[WorkerRow]:
    """Give the workers that were heard of lately, the longest at work first."""
    heard = workers.c.beat.between(machine_now - GONE, machine_now + GONE)
    query = select(workers).where(heard).order_by(workers.c.since, workers.c.name)
    with database.read() as connection:
        return [WorkerRow(name=r.name, since=r.since, seen_at=r.seen_at) for r in connection.execute(query)]
