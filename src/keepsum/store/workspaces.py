"""Which workspaces an install has: looked up by id or name, made, changed, and deleted with a receipt."""

import json
from collections.abc import Mapping, Sequence
from typing import Any

from sqlalchemy import ColumnElement, Connection, Row, delete, insert, select, update

from keepsum.model.errors import Conflict, NotFound
from keepsum.model.ledger import canonical
from keepsum.model.workspace import THERE, WorkspaceEntry, WorkspaceState
from keepsum.store.database import Database
from keepsum.store.tables import control_file, links, members, people, receipts, sessions, workspaces

# What is about a workspace, but outlives it.
KEPT = frozenset({"workspaces", "receipts", "audit"})


def get(control: Database, identity: str) -> WorkspaceEntry:
    """Give the workspace with an id; raises `UNKNOWN_WORKSPACE`, for one that is half made or half deleted as well."""
    return _one(control, workspaces.c.id == identity, identity)


def named(control: Database, name: str) -> WorkspaceEntry:
    """Give the workspace with a name; raises `UNKNOWN_WORKSPACE`."""
    return _one(control, workspaces.c.name == name, name)


def listing(control: Database, states: Sequence[WorkspaceState] = THERE) -> list[WorkspaceEntry]:
    """Give the workspaces in some states, by name."""
    query = select(workspaces).where(workspaces.c.state.in_(states)).order_by(workspaces.c.name)
    with control.read() as connection:
        return [_entry(row) for row in connection.execute(query)]


def is_fresh(connection: Connection) -> bool:
    """Say whether the install never had a workspace."""
    return not any(connection.execute(select(table).limit(1)).first() for table in (workspaces, receipts))


def add(connection: Connection, entry: WorkspaceEntry, pending: Mapping[str, object] | None = None) -> None:
    """Note a new workspace, and what undoing it takes; raises `WORKSPACE_EXISTS` when its id or its name is taken."""
    same = connection.execute(select(workspaces.c.name).where(workspaces.c.id == entry.id)).scalar()
    if same is not None:
        message = f"Workspace {entry.id!r} is here already, named {same!r}: delete it first, or go to another install."
        raise Conflict("WORKSPACE_EXISTS", message)
    if connection.execute(select(workspaces.c.id).where(workspaces.c.name == entry.name)).first():
        raise Conflict("WORKSPACE_EXISTS", f"There is a workspace {entry.name!r} already: choose another name.")
    values = {**vars(entry), "packs": None if entry.packs is None else json.dumps(entry.packs)}
    connection.execute(insert(workspaces).values({**values, "pending": pending and canonical(dict(pending))}))


def change(connection: Connection, identity: str, **values: Any) -> None:
    """Change what is noted of a workspace; raises `WORKSPACE_EXISTS` for a name that is taken."""
    for name in ("packs", "pending"):
        if values.get(name) is not None:
            values[name] = canonical(values[name])
    taken = (workspaces.c.name == values.get("name"), workspaces.c.id != identity)
    if connection.execute(select(workspaces.c.id).where(*taken)).first():
        raise Conflict("WORKSPACE_EXISTS", f"There is a workspace {values['name']!r} already: choose another name.")
    connection.execute(update(workspaces).where(workspaces.c.id == identity).values(values))


def pending(control: Database, identity: str) -> dict[str, Any]:
    """Give what was written down of a workspace before its making or its deletion began."""
    with control.read() as connection:
        text = connection.execute(select(workspaces.c.pending).where(workspaces.c.id == identity)).scalar_one()
    return json.loads(text or "{}")


def forget(connection: Connection, identity: str) -> None:
    """Delete all that the control file has about a workspace, and the people who are in no other."""
    elsewhere = select(members.c.person).where(members.c.workspace != identity)
    here = select(members.c.person).where(members.c.workspace == identity, members.c.person.not_in(elsewhere))
    for column in (sessions.c.person, links.c.person, people.c.id):
        connection.execute(delete(column.table).where(column.in_(here)))
    for table in control_file.sorted_tables:
        if table.name not in KEPT and "workspace" in table.c:
            connection.execute(delete(table).where(table.c.workspace == identity))
    connection.execute(delete(workspaces).where(workspaces.c.id == identity))


def give_receipt(connection: Connection, identity: str, body: Mapping[str, object], *, now: int) -> None:
    """Keep the receipt of a deletion."""
    connection.execute(insert(receipts).values(workspace=identity, at=now, body=canonical(dict(body))))


def receipts_given(control: Database) -> list[dict[str, Any]]:
    """Give the receipts of all deleted workspaces, oldest first."""
    with control.read() as connection:
        return [json.loads(row.body) for row in connection.execute(select(receipts).order_by(receipts.c.number))]


def _one(control: Database, condition: ColumnElement[bool], asked: str) -> WorkspaceEntry:
    query = select(workspaces).where(condition, workspaces.c.state.in_(THERE))
    with control.read() as connection:
        row = connection.execute(query).one_or_none()
    if row is None:
        raise NotFound("UNKNOWN_WORKSPACE", f"There is no workspace {asked!r}.")
    return _entry(row)


def _entry(row: Row[Any]) -> WorkspaceEntry:
    return WorkspaceEntry(
        id=row.id,
        name=row.name,
        folder=row.folder,
        state=WorkspaceState(row.state),
        packs=None if row.packs is None else tuple(json.loads(row.packs)),
        created_at=row.created_at,
        ledger_seq=row.ledger_seq,
        ledger_hash=row.ledger_hash,
        sequence=row.sequence,
    )
