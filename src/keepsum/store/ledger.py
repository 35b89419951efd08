"""The hash-chained ledger of a workspace: appended to, never changed."""

import json
from collections.abc import Iterator, Mapping

from sqlalchemy import Connection, func, select

from keepsum.model.ledger import Entry, Kind
from keepsum.store import chain
from keepsum.store.tables import ledger


def head(connection: Connection) -> chain.Head:
    """Give the last entry's number, hash and time; (0, GENESIS, 0) before the first."""
    row = connection.execute(
        select(ledger.c.seq, ledger.c.hash, ledger.c.at).order_by(ledger.c.seq.desc()).limit(1)
    ).one_or_none()
    return (row.seq, row.hash, row.at) if row else chain.EMPTY


def append(
    connection: Connection,
    kind: Kind,
    body: Mapping[str, object],
    *,
    now: int,
    stream: str | None = None,
    day: int | None = None,
) -> int:
    """Chain one entry to the head, inside the caller's transaction, and give its number.

    An entry is never dated before the one it follows.
    """
    return chain.append(connection, ledger, head(connection), kind.value, (stream, day), body, now=now)[0]


def entries(
    connection: Connection,
    *,
    after: int = 0,
    stream: str | None = None,
    day: int | None = None,
    kind: Kind | None = None,
    limit: int | None = None,
) -> Iterator[Entry]:
    """Give entries in order, as they stand in the file; nothing is checked here."""
    query = select(ledger).where(ledger.c.seq > after).order_by(ledger.c.seq)
    if stream is not None:
        query = query.where(ledger.c.stream == stream)
    if day is not None:
        query = query.where(ledger.c.day == day)
    if kind is not None:
        query = query.where(ledger.c.kind == kind.value)
    for row in connection.execute(query.limit(limit) if limit else query):
        yield Entry(
            seq=row.seq,
            at=row.at,
            kind=Kind(row.kind),
            stream=row.stream,
            day=row.day,
            body=json.loads(row.body),
            previous=row.previous,
            hash=row.hash,
        )


def counts(
    connection: Connection, kind: Kind, first: int | None = None, last: int | None = None
) -> dict[tuple[str, int], int]:
    """Give how many entries of a kind there are about each day of a range, by stream and day."""
    query = select(ledger.c.stream, ledger.c.day, func.count()).where(ledger.c.kind == kind.value)
    if first is not None:
        query = query.where(ledger.c.day >= first)
    if last is not None:
        query = query.where(ledger.c.day <= last)
    found = connection.execute(query.group_by(ledger.c.stream, ledger.c.day))
    return {(stream, day): count for stream, day, count in found}


def entry(connection: Connection, seq: int) -> Entry | None:
    """Give one entry."""
    return next(entries(connection, after=seq - 1, limit=1), None)


def has(connection: Connection, digest: str) -> bool:
    """Say whether an entry has a hash."""
    return connection.execute(select(ledger.c.seq).where(ledger.c.hash == digest)).scalar() is not None


def broken_at(connection: Connection) -> Iterator[tuple[int, str]]:
    """Check the chain link by link and give (number, what is wrong) for every bad one."""
    yield from chain.broken(connection, ledger, "entry")
