"""API tokens: what they look like, and what is kept of them, which is not their text."""

import json
import re
import secrets
import zlib
from collections.abc import Collection, Mapping
from dataclasses import dataclass
from typing import Any

from sqlalchemy import ColumnElement, RowMapping, delete, insert, select, update

from keepsum.store import ids
from keepsum.store.database import Connection, Database, fetch
from keepsum.store.sessions import digest
from keepsum.store.tables import links, tokens

ALPHABET = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz"
PREFIX = "keepsum_"
CHANCE, CHECK, SHOWN = 36, 6, 4  # letters
TOKEN = tuple(column.name for column in tokens.columns if column.name != "hash")
FIND = f"SELECT {', '.join(TOKEN)} FROM tokens WHERE hash = ?"
FORM = re.compile(rf"{PREFIX}[0-9A-Za-z]{{{CHANCE + CHECK}}}")  # what scanners for leaked secrets look for


@dataclass(frozen=True, kw_only=True)
class Token:
    """What is known of a token: `start` is what is shown of it, `streams` the only ones it may use (none: all)."""

    id: str
    workspace: str
    name: str
    start: str
    role: str
    streams: frozenset[str] | None
    made_by: str
    made_at: int
    until: int | None
    used_at: int | None
    revoked_at: int | None

    def works(self, now: int) -> bool:
        """Say whether the token still opens anything."""
        return self.revoked_at is None and (self.until is None or now < self.until)


def new_text() -> str:
    """Give the text of a new token: the prefix, 36 letters of chance (214 bits), and 6 that check the others."""
    body = "".join(secrets.choice(ALPHABET) for _ in range(CHANCE))
    return PREFIX + body + _check(body)


def looks_right(text: str) -> bool:
    """Say whether a text can be a token: what cannot is refused without looking anything up."""
    if len(text) != len(PREFIX) + CHANCE + CHECK or FORM.fullmatch(text) is None:
        return False
    return text[-CHECK:] == _check(text[len(PREFIX) : -CHECK])


def add(
    connection: Connection,
    *,
    workspace: str,
    name: str,
    role: str,
    streams: frozenset[str] | None,
    made_by: str,
    now: int,
    until: int | None,
) -> tuple[Token, str]:
    """Store a new token; give what is known of it and its text, which is not kept."""
    text = new_text()
    values: dict[str, Any] = {
        "id": ids.made(now),
        "workspace": workspace,
        "name": name,
        "start": text[: len(PREFIX) + SHOWN],
        "hash": digest(text),
        "role": role,
        "streams": None if streams is None else json.dumps(sorted(streams)),
        "made_by": made_by,
        "made_at": now,
        "until": until,
    }
    query = insert(tokens).values(values).returning(tokens)
    return _token(connection.execute(query).mappings().one()), text


def find(connection: Connection, text: str) -> Token | None:
    """Give what is known of a token by its text, works or not; asked with every request."""
    rows = fetch(connection, FIND, (digest(text),))
    return None if not rows else _token(dict(zip(TOKEN, rows[0], strict=True)))


def get(connection: Connection, workspace: str, token_id: str) -> Token | None:
    """Give what is known of a token of a workspace by its id."""
    query = select(tokens).where(tokens.c.workspace == workspace, tokens.c.id == token_id)
    found = connection.execute(query).mappings().one_or_none()
    return None if found is None else _token(found)


def listing(connection: Connection, workspace: str) -> list[Token]:
    """Give the tokens of a workspace, the newest first."""
    query = select(tokens).where(tokens.c.workspace == workspace).order_by(tokens.c.made_at.desc(), tokens.c.id.desc())
    return [_token(row) for row in connection.execute(query).mappings()]


def revoke(connection: Connection, workspace: str, token_ids: Collection[str], *, now: int) -> list[Token]:
    """Stop tokens of a workspace as `revoke_made_by` does, and give those that were not stopped before."""
    return _revoke(connection, workspace, tokens.c.id.in_(token_ids), now=now)


def revoke_made_by(connection: Connection, workspace: str, maker: str, *, now: int) -> list[Token]:
    """Stop all tokens that somebody made in a workspace, and give those that were not stopped before.

    The tokens that were made with these stop too, and so on; the links that were given out with them go.
    """
    return _revoke(connection, workspace, tokens.c.made_by == maker, now=now)


def _revoke(connection: Connection, workspace: str, first: ColumnElement[bool], *, now: int) -> list[Token]:
    every = select(tokens.c.id).where(first, tokens.c.workspace == workspace).cte(recursive=True)
    every = every.union(select(tokens.c.id).join(every, tokens.c.made_by == every.c.id))
    working = (tokens.c.id.in_(select(every.c.id)), tokens.c.revoked_at.is_(None))
    query = update(tokens).where(*working).values(revoked_at=now).returning(tokens)
    stopped = [_token(row) for row in connection.execute(query).mappings()]
    connection.execute(delete(links).where(links.c.made_by.in_([token.id for token in stopped])))
    return stopped


def note_used(database: Database, used: Mapping[str, int]) -> None:
    """Remember when tokens were last used, by their ids: now and then, all in one write."""
    if not used:
        return
    with database.write() as connection:
        for token_id, at in used.items():
            connection.execute(update(tokens).where(tokens.c.id == token_id).values(used_at=at))


def _check(body: str) -> str:
    number = zlib.crc32(body.encode())
    return "".join(ALPHABET[number // len(ALPHABET) ** place % len(ALPHABET)] for place in reversed(range(CHECK)))


def _token(row: RowMapping | Mapping[str, Any]) -> Token:
    values = {name: row[name] for name in TOKEN}
    streams = values["streams"]
    values["streams"] = None if streams is None else frozenset(json.loads(streams))
    return Token(**values)
