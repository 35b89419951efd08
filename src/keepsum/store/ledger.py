"""The hash-chained ledger of a workspace: appended to, never changed."""

import json
from collections.abc import Iterator, Mapping

from sqlalchemy import Connection, select

from keepsum.model.ledger import GENESIS, Entry, Kind, canonical, link
from keepsum.store.tables import ledger


def head(connection: Connection) -> tuple[int, str, int]:
    """Give the last entry's number, hash and time; (0, GENESIS, 0) before the first."""
    row = connection.execute(
        select(ledger.c.seq, ledger.c.hash, ledger.c.at).order_by(ledger.c.seq.desc()).limit(1)
    ).one_or_none()
    return (row.seq, row.hash, row.at) if row else (0, GENESIS, 0)


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

    An entry is never dated before the one it follows: a clock that went back shows as standing still.
    """
    last, previous, at = head(connection)
    seq, at, text = last + 1, max(now, at), canonical(body)
    connection.execute(
        ledger.insert(),
        {
            "seq": seq,
            "at": at,
            "kind": kind.value,
            "stream": stream,
            "day": day,
            "body": text,
            "previous": previous,
            "hash": link(seq, at, kind.value, stream, day, text, previous),
        },
    )
    return seq


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


def entry(connection: Connection, seq: int) -> Entry | None:
    """Give one entry."""
    return next(entries(connection, after=seq - 1, limit=1), None)


def has(connection: Connection, digest: str) -> bool:
    """Say whether an entry has a hash."""
    return connection.execute(select(ledger.c.seq).where(ledger.c.hash == digest)).scalar() is not None


def broken_at(connection: Connection, *, after: int = 0) -> Iterator[tuple[int, str]]:
    """Check the chain link by link and give (number, what is wrong) for every bad one."""
    previous, expected = GENESIS, 1
    for row in connection.execute(select(ledger).order_by(ledger.c.seq)):
        if row.seq > after:
            if row.seq != expected:
                yield expected, "an entry is missing"
            if row.previous != previous:
                yield row.seq, "it does not follow the entry before it"
            if row.hash != link(row.seq, row.at, row.kind, row.stream, row.day, row.body, row.previous):
                yield row.seq, "its content is not what was hashed"
        previous, expected = row.hash, row.seq + 1
