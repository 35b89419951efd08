"""Metrics that people made, in the workspace's file: formulas as they were written, read anew whenever it is opened."""

from dataclasses import dataclass
from typing import Any

from sqlalchemy import Row, delete, select
from sqlalchemy.dialects.sqlite import insert

from keepsum.model.audit import CallerId
from keepsum.model.metric import Direction
from keepsum.store.database import Connection
from keepsum.store.tables import own_metrics


@dataclass(frozen=True, kw_only=True)
class OwnMetric:
    """A metric that somebody made: whose it is, and which version, by whom; `changed_at` is in µs."""

    name: str
    formula: str
    unit: str
    about: str
    direction: Direction
    decimals: int
    owner: CallerId
    version: int
    changed_by: CallerId
    changed_at: int


def save(connection: Connection, metric: OwnMetric) -> None:
    """Store a metric, in place of the one that has its name."""
    values = {name: value for name, value in vars(metric).items() if not isinstance(value, CallerId)}
    values |= {"owner_kind": metric.owner.kind, "owner": metric.owner.id}
    values |= {"changed_by_kind": metric.changed_by.kind, "changed_by": metric.changed_by.id}
    added = insert(own_metrics).values(values)
    connection.execute(added.on_conflict_do_update(index_elements=["name"], set_=values))


def find(connection: Connection, name: str) -> OwnMetric | None:
    """Give a metric."""
    row = connection.execute(select(own_metrics).where(own_metrics.c.name == name)).one_or_none()
    return None if row is None else _metric(row)


def listing(connection: Connection) -> tuple[OwnMetric, ...]:
    """Give all of them, by name."""
    return tuple(_metric(row) for row in connection.execute(select(own_metrics).order_by(own_metrics.c.name)))


def drop(connection: Connection, name: str) -> None:
    """Delete a metric."""
    connection.execute(delete(own_metrics).where(own_metrics.c.name == name))


def _metric(row: Row[Any]) -> OwnMetric:
    return OwnMetric(
        name=row.name,
        formula=row.formula,
        unit=row.unit,
        about=row.about,
        direction=row.direction,
        decimals=row.decimals,
        owner=CallerId(kind=row.owner_kind, id=row.owner),
        version=row.version,
        changed_by=CallerId(kind=row.changed_by_kind, id=row.changed_by),
        changed_at=row.changed_at,
    )
