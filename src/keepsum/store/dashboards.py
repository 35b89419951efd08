"""Dashboards that people made, in the workspace's file: each with its last versions, of which the newest is what it is.

The links to those that are published are in the control file, as whoever comes by one does not say of which workspace.
"""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import Row, Select, delete, func, insert, select, update

from keepsum.model.audit import CallerId
from keepsum.model.ledger import canonical
from keepsum.store import ids
from keepsum.store.database import Connection
from keepsum.store.tables import dashboard_versions as versions
from keepsum.store.tables import dashboards

KEPT = 100  # versions of one dashboard
Document = Mapping[str, Any]


@dataclass(frozen=True, kw_only=True)
class Version:
    """A dashboard as somebody saved it; `at` is in µs."""

    version: int
    document: Document
    at: int
    by: CallerId


@dataclass(frozen=True, kw_only=True)
class Stored:
    """A dashboard: whose it is, the roles it is shared with, and its newest version."""

    id: str
    owner: CallerId
    shared: tuple[str, ...]
    newest: Version


def add(connection: Connection, owner: CallerId, document: Document, *, now: int) -> Stored:
    """Store a new dashboard."""
    made = ids.made(now)
    values = {"id": made, "owner_kind": owner.kind, "owner": owner.id, "shared": "[]", "version": 0}
    connection.execute(insert(dashboards).values(values))
    return save(connection, made, document, owner, now=now)


def save(connection: Connection, dashboard: str, document: Document, by: CallerId, *, now: int) -> Stored:
    """Store the next version of a dashboard that is there, and forget the oldest ones."""
    mine = dashboards.c.id == dashboard
    query = update(dashboards).where(mine).values(version=dashboards.c.version + 1).returning(dashboards.c.version)
    version = connection.execute(query).scalar_one()
    values = {"dashboard": dashboard, "version": version, "document": canonical(document), "changed_at": now}
    connection.execute(insert(versions).values(**values, changed_by_kind=by.kind, changed_by=by.id))
    connection.execute(delete(versions).where(versions.c.dashboard == dashboard, versions.c.version <= version - KEPT))
    return _stored(connection.execute(_select().where(mine)).one())


def share(connection: Connection, dashboard: str, roles: Sequence[str]) -> None:
    """Note with which roles a dashboard is shared."""
    values = {"shared": json.dumps(sorted(set(roles)))}
    connection.execute(update(dashboards).where(dashboards.c.id == dashboard).values(values))


def find(connection: Connection, dashboard: str) -> Stored | None:
    """Give a dashboard."""
    row = connection.execute(_select().where(dashboards.c.id == dashboard)).one_or_none()
    return None if row is None else _stored(row)


def listing(connection: Connection) -> list[Stored]:
    """Give all dashboards, the oldest first."""
    return [_stored(row) for row in connection.execute(_select().order_by(dashboards.c.id))]


def count(connection: Connection) -> int:
    """Give how many dashboards there are."""
    return connection.execute(select(func.count()).select_from(dashboards)).scalar_one()


def history(connection: Connection, dashboard: str) -> list[Version]:
    """Give the versions of a dashboard that are kept, the newest first."""
    query = select(versions).where(versions.c.dashboard == dashboard).order_by(versions.c.version.desc())
    return [_version(row) for row in connection.execute(query)]


def version(connection: Connection, dashboard: str, number: int) -> Version | None:
    """Give one version of a dashboard, if it is kept."""
    query = select(versions).where(versions.c.dashboard == dashboard, versions.c.version == number)
    row = connection.execute(query).one_or_none()
    return None if row is None else _version(row)


def drop(connection: Connection, dashboard: str) -> None:
    """Delete a dashboard with all its versions."""
    connection.execute(delete(versions).where(versions.c.dashboard == dashboard))
    connection.execute(delete(dashboards).where(dashboards.c.id == dashboard))


def _select() -> Select[Any]:
    newest = (versions.c.dashboard == dashboards.c.id) & (versions.c.version == dashboards.c.version)
    said = [column for column in versions.c if column.name not in ("dashboard", "version")]
    return select(dashboards, *said).select_from(dashboards.join(versions, newest))


def _stored(row: Row[Any]) -> Stored:
    owner = CallerId(kind=row.owner_kind, id=row.owner)
    return Stored(id=row.id, owner=owner, shared=tuple(json.loads(row.shared)), newest=_version(row))


def _version(row: Row[Any]) -> Version:
    by = CallerId(kind=row.changed_by_kind, id=row.changed_by)
    return Version(version=row.version, document=json.loads(row.document), at=row.changed_at, by=by)
