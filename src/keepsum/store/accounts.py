"""People and the workspaces they are members of; their addresses and names are encrypted, their passwords hashed.

Functions that take a connection are steps of somebody's transaction.
"""

import json
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import RowMapping, Select, delete, or_, select, update
from sqlalchemy.dialects.sqlite import insert

from keepsum.store import ids
from keepsum.store.database import Connection, fetch
from keepsum.store.tables import links, members, people, sessions
from keepsum.store.vault import Cipher


@dataclass(frozen=True, kw_only=True, repr=False)
class Person:
    """Somebody who can sign in; `password` is an argon2 hash, or none before it is chosen."""

    id: str
    email: str
    name: str
    password: str | None
    created_at: int
    disabled_at: int | None


@dataclass(frozen=True, kw_only=True)
class Member:
    """A person in a workspace: what they may do there, and who they are in its records."""

    workspace: str
    person: str
    roles: tuple[str, ...]
    actor: str | None
    team: str | None
    created_at: int


def person(connection: Connection, cipher: Cipher, person_id: str) -> Person | None:
    """Give a person by id."""
    return _person(connection, cipher, select(people).where(people.c.id == person_id))


def person_of(connection: Connection, cipher: Cipher, email: str) -> Person | None:
    """Give a person by their address, in any case."""
    return _person(connection, cipher, select(people).where(people.c.email_mark == email_mark(cipher, email)))


def is_disabled(connection: Connection, person_id: str) -> bool:
    """Say whether a person may not come in: shut out, or gone."""
    query = select(people.c.id).where(people.c.id == person_id, people.c.disabled_at.is_(None))
    return connection.execute(query).first() is None


def email_mark(cipher: Cipher, email: str) -> str:
    """Give what a person is found by."""
    return cipher.mark("email", email.lower())


def add_person(
    connection: Connection, cipher: Cipher, *, email: str, name: str, password: str | None, now: int
) -> Person:
    """Store a new person; the address must not be known yet."""
    made = Person(id=ids.made(now), email=email.lower(), name=name, password=password, created_at=now, disabled_at=None)
    values = {
        "id": made.id,
        "email_mark": email_mark(cipher, email),
        "email_encrypted": cipher.encrypt(made.email, people.c.email_encrypted, made.id),
        "name_encrypted": cipher.encrypt(name, people.c.name_encrypted, made.id),
        "password": password,
        "created_at": now,
    }
    connection.execute(insert(people).values(values))
    return made


def set_password(connection: Connection, person_id: str, password: str) -> None:
    """Store another password, as its hash."""
    connection.execute(update(people).where(people.c.id == person_id).values(password=password))


def set_disabled(connection: Connection, person_id: str, at: int | None) -> None:
    """Shut a person out from an instant on, or let them in again."""
    connection.execute(update(people).where(people.c.id == person_id).values(disabled_at=at))


def remove_person(connection: Connection, person_id: str) -> None:
    """Delete a person with all that is theirs."""
    connection.execute(delete(people).where(people.c.id == person_id))
    connection.execute(delete(links).where(or_(links.c.person == person_id, links.c.made_by == person_id)))
    for table in (members, sessions):
        connection.execute(delete(table).where(table.c.person == person_id))


def member(connection: Connection, workspace: str, person_id: str) -> Member | None:
    """Give a person's membership of a workspace."""
    query = select(members).where(members.c.workspace == workspace, members.c.person == person_id)
    found = connection.execute(query).mappings().one_or_none()
    return None if found is None else _member(found)


def memberships(connection: Connection, person_id: str) -> list[Member]:
    """Give the workspaces a person is a member of, the longest first."""
    query = select(members).where(members.c.person == person_id)
    ordered = query.order_by(members.c.created_at, members.c.workspace)
    return [_member(row) for row in connection.execute(ordered).mappings()]


def members_of(connection: Connection, workspace: str) -> list[Member]:
    """Give the members of a workspace, the longest first."""
    query = select(members).where(members.c.workspace == workspace)
    ordered = query.order_by(members.c.created_at, members.c.person)
    return [_member(row) for row in connection.execute(ordered).mappings()]


def team_of(connection: Connection, workspace: str, team: str) -> frozenset[str]:
    """Give the actors of a team; asked with every request of a member of one."""
    query = "SELECT actor FROM members WHERE workspace = ? AND team = ? AND actor IS NOT NULL"
    return frozenset(actor for (actor,) in fetch(connection, query, (workspace, team)))


def put_member(connection: Connection, made: Member) -> None:
    """Store a membership, or change it."""
    changed = {"roles": json.dumps(made.roles), "actor": made.actor, "team": made.team}
    key = {"workspace": made.workspace, "person": made.person}
    query = insert(members).values(**key, **changed, created_at=made.created_at)
    connection.execute(query.on_conflict_do_update(index_elements=list(key), set_=changed))


def remove_member(connection: Connection, workspace: str, person_id: str) -> int:
    """Take a person out of a workspace with the links they gave out, and give how many of their sessions that ended."""
    connection.execute(delete(members).where(members.c.workspace == workspace, members.c.person == person_id))
    connection.execute(delete(links).where(links.c.workspace == workspace, links.c.made_by == person_id))
    theirs = (sessions.c.workspace == workspace, sessions.c.person == person_id)
    return connection.execute(delete(sessions).where(*theirs)).rowcount


def roles_from(text: str) -> tuple[str, ...]:
    """Give the names of roles as they are stored."""
    return tuple(json.loads(text))


def roles_text(roles: Sequence[str]) -> str:
    """Give the names of roles as they are to be stored."""
    return json.dumps(list(roles))


def _person(connection: Connection, cipher: Cipher, query: Select[Any]) -> Person | None:
    row = connection.execute(query).one_or_none()
    if row is None:
        return None
    return Person(
        id=row.id,
        email=cipher.decrypt(row.email_encrypted, people.c.email_encrypted, row.id),
        name=cipher.decrypt(row.name_encrypted, people.c.name_encrypted, row.id),
        password=row.password,
        created_at=row.created_at,
        disabled_at=row.disabled_at,
    )


def _member(row: RowMapping) -> Member:
    values: dict[str, Any] = {**row}
    values["roles"] = roles_from(values["roles"])
    return Member(**values)
