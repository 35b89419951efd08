"""Sessions of people in a browser: known by the SHA-256 of a cookie's value."""

import hashlib
import json
import secrets
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from sqlalchemy import delete, insert, select, update

from keepsum.store.database import Connection, Database, fetch
from keepsum.store.tables import sessions

BYTES = 32  # of chance in a cookie
SESSION = ("hash", "person", "workspace", "made_at", "seen_at", "until")
HOLDER = f"""
SELECT {", ".join(f"s.{name}" for name in SESSION)}, m.roles, m.actor, m.team
FROM sessions AS s
JOIN members AS m ON m.workspace = s.workspace AND m.person = s.person
JOIN people AS p ON p.id = s.person AND p.disabled_at IS NULL
WHERE s.hash = ?
"""


@dataclass(frozen=True, kw_only=True)
class Session:
    """Somebody signed in, in one workspace; instants are microseconds."""

    hash: str
    person: str
    workspace: str
    made_at: int
    seen_at: int
    until: int


def digest(text: str) -> str:
    """Give what is stored of a text that opens a door."""
    return hashlib.sha256(text.encode()).hexdigest()


def csrf_of(cookie: str) -> str:
    """Give what a page of ours sends along to show that it is no other page: only who has the cookie can know it."""
    return digest(f"keepsum csrf {cookie}")[:32]


def begin(connection: Connection, *, person: str, workspace: str, now: int, until: int) -> str:
    """Store a session and give the cookie's value, which is not kept."""
    cookie = secrets.token_urlsafe(BYTES)
    made = {"person": person, "workspace": workspace, "made_at": now, "seen_at": now, "until": until}
    connection.execute(delete(sessions).where(sessions.c.until <= now))
    connection.execute(insert(sessions).values(hash=digest(cookie), **made))
    return cookie


def find(connection: Connection, cookie: str) -> Session | None:
    """Give the session of a cookie, over or not."""
    found = connection.execute(select(sessions).where(sessions.c.hash == digest(cookie))).mappings().one_or_none()
    if found is None:
        return None
    values: dict[str, Any] = {**found}
    return Session(**values)


def holder(connection: Connection, cookie: str) -> tuple[Session, tuple[str, ...], str | None, str | None] | None:
    """Give the session of a cookie with its member's roles, actor and team; None for who may not come in.

    One statement, as it is asked with every request.
    """
    rows = fetch(connection, HOLDER, (digest(cookie),))
    if not rows:
        return None
    ((*of_session, roles, actor, team),) = rows
    return Session(**dict(zip(SESSION, of_session, strict=True))), tuple(json.loads(roles)), actor, team


def end(connection: Connection, cookie: str) -> None:
    """End one session."""
    connection.execute(delete(sessions).where(sessions.c.hash == digest(cookie)))


def end_all(connection: Connection, person: str) -> int:
    """End all sessions of a person and give how many there were."""
    return connection.execute(delete(sessions).where(sessions.c.person == person)).rowcount


def move(connection: Connection, cookie: str, workspace: str) -> None:
    """Let a session go on in another workspace."""
    connection.execute(update(sessions).where(sessions.c.hash == digest(cookie)).values(workspace=workspace))


def note_seen(database: Database, seen: Mapping[str, int]) -> None:
    """Remember when sessions were last used, by their hashes: now and then, all in one write."""
    if not seen:
        return
    with database.write() as connection:
        for hashed, at in seen.items():
            connection.execute(update(sessions).where(sessions.c.hash == hashed).values(seen_at=at))
