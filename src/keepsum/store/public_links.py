"""Public links: by which anybody sees one dashboard, until they are taken back."""

import secrets
from dataclasses import dataclass

from sqlalchemy import delete, insert, select

from keepsum.store.database import Connection
from keepsum.store.sessions import digest
from keepsum.store.tables import public_links
from keepsum.store.vault import Cipher

BYTES = 32
LENGTH = 43  # characters that so many bytes are written with


@dataclass(frozen=True, kw_only=True)
class Published:
    """What a link leads to."""

    workspace: str
    dashboard: str


def add(connection: Connection, cipher: Cipher, what: Published, *, made_by: str, now: int) -> str:
    """Publish a dashboard that is not; give the text of its link."""
    text = secrets.token_urlsafe(BYTES)
    hashed = digest(text)
    encrypted = cipher.encrypt(text, public_links.c.text_encrypted, hashed)
    values = {"hash": hashed, "text_encrypted": encrypted, "made_by": made_by, "made_at": now, **vars(what)}
    connection.execute(insert(public_links).values(values))
    return text


def find(connection: Connection, text: str) -> Published | None:
    """Give what a link leads to."""
    if len(text) != LENGTH:
        return None
    query = select(public_links.c.workspace, public_links.c.dashboard).where(public_links.c.hash == digest(text))
    row = connection.execute(query).one_or_none()
    return None if row is None else Published(workspace=row.workspace, dashboard=row.dashboard)


def text_of(connection: Connection, cipher: Cipher, what: Published) -> str | None:
    """Give the text of a dashboard's link; None while it is not published."""
    mine = (public_links.c.workspace == what.workspace, public_links.c.dashboard == what.dashboard)
    row = connection.execute(select(public_links).where(*mine)).one_or_none()
    return None if row is None else cipher.decrypt(row.text_encrypted, public_links.c.text_encrypted, row.hash)


def of_workspace(connection: Connection, workspace: str) -> frozenset[str]:
    """Give the dashboards of a workspace that are published."""
    query = select(public_links.c.dashboard).where(public_links.c.workspace == workspace)
    return frozenset(connection.execute(query).scalars())


def drop(connection: Connection, what: Published) -> bool:
    """Take a dashboard's link back; False if it had none."""
    mine = (public_links.c.workspace == what.workspace, public_links.c.dashboard == what.dashboard)
    return connection.execute(delete(public_links).where(*mine)).rowcount > 0
