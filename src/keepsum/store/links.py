"""One-time links: an owner's first, an invitation, a new password. One that was used or has ended is deleted."""

import secrets
from dataclasses import dataclass
from enum import StrEnum
from typing import Any

from sqlalchemy import delete, insert, or_, select

from keepsum.store.accounts import roles_from, roles_text
from keepsum.store.database import Connection
from keepsum.store.sessions import BYTES, digest
from keepsum.store.tables import links
from keepsum.store.vault import Cipher


class LinkKind(StrEnum):
    """What a link is good for."""

    OWNER = "owner"
    INVITATION = "invitation"
    RESET = "reset"


@dataclass(frozen=True, kw_only=True, repr=False)
class Link:
    """What is known of a link: for which workspace and roles, or for which person; `until` is in microseconds."""

    kind: LinkKind
    workspace: str | None = None
    person: str | None = None
    email: str | None = None
    roles: tuple[str, ...] = ()
    made_by: str
    made_at: int
    until: int


def add(connection: Connection, cipher: Cipher, made: Link) -> str:
    """Store a link and give its text, which is not kept; links whose time is over go."""
    text = secrets.token_urlsafe(BYTES)
    hashed = digest(text)
    encrypted = None if made.email is None else cipher.encrypt(made.email, links.c.email_encrypted, hashed)
    values: dict[str, Any] = {
        "hash": hashed,
        "kind": made.kind,
        "workspace": made.workspace,
        "person": made.person,
        "email_encrypted": encrypted,
        "roles": roles_text(made.roles),
        "made_by": made.made_by,
        "made_at": made.made_at,
        "until": made.until,
    }
    connection.execute(delete(links).where(links.c.until <= made.made_at))
    connection.execute(insert(links).values(values))
    return text


def find(connection: Connection, cipher: Cipher, text: str, *, now: int) -> Link | None:
    """Give a link that can still be used."""
    query = select(links).where(links.c.hash == digest(text), links.c.until > now)
    row = connection.execute(query).mappings().one_or_none()
    if row is None:
        return None
    values: dict[str, Any] = {**row}
    hashed, encrypted = values.pop("hash"), values.pop("email_encrypted")
    values["email"] = None if encrypted is None else cipher.decrypt(encrypted, links.c.email_encrypted, hashed)
    values["kind"], values["roles"] = LinkKind(values["kind"]), roles_from(values["roles"])
    return Link(**values)


def use(connection: Connection, text: str) -> bool:
    """Use a link up; False if somebody did already."""
    return connection.execute(delete(links).where(links.c.hash == digest(text))).rowcount == 1


def drop_owner_links(connection: Connection, workspace: str) -> None:
    """Delete what was given out to make an owner of a workspace."""
    connection.execute(delete(links).where(links.c.kind == LinkKind.OWNER, links.c.workspace == workspace))


def drop_made_by(connection: Connection, workspace: str, maker: str) -> None:
    """Delete the links into a workspace that somebody gave to others."""
    connection.execute(delete(links).where(links.c.workspace == workspace, links.c.made_by == maker))


def drop_of_person(connection: Connection, person: str) -> None:
    """Delete the links that are for a person, and those they gave to others."""
    connection.execute(delete(links).where(or_(links.c.person == person, links.c.made_by == person)))
