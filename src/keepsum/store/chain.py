"""A table whose rows are chained by hashes: appended to at its end, and checked link by link.

Its columns are seq, at, kind, those of its own, body, previous and hash, in this order.
"""

from collections.abc import Generator, Mapping

from sqlalchemy import Connection, Table, select

from keepsum.model.ledger import GENESIS, canonical, link

Head = tuple[int, str, int]  # a row's number, hash and time

EMPTY: Head = (0, GENESIS, 0)


def append(
    connection: Connection,
    table: Table,
    head: Head,
    kind: str,
    own: tuple[str | int | None, ...],
    body: Mapping[str, object],
    *,
    now: int,
) -> Head:
    """Chain one row to the head, inside the caller's transaction, and give the head it is from then on.

    A row is never dated before the one it follows: a clock that went back shows as standing still.
    """
    last, previous, at = head
    seq, at = last + 1, max(now, at)
    content = (seq, at, kind, *own, canonical(body), previous)
    digest = link(*content)
    connection.execute(table.insert(), dict(zip(table.columns.keys(), (*content, digest), strict=True)))
    return seq, digest, at


def broken(
    connection: Connection, table: Table, noun: str, *, first: int = 1, previous: str = GENESIS
) -> Generator[tuple[int, str], None, tuple[int, str]]:
    """Check rows link by link from the first there must be, and yield (number, what is wrong) for every bad one.

    Returns the number and the hash of the last; `noun` is what a row is called, `previous` what the first one follows.
    """
    expected = first
    for row in connection.execute(select(table).order_by(table.c.seq)):
        if row.seq != expected:
            yield expected, f"an {noun} is missing"
        if row.previous != previous:
            yield row.seq, f"it does not follow the {noun} before it"
        if row.hash != link(*row[:-1]):
            yield row.seq, "its content is not what was hashed"
        previous, expected = row.hash, row.seq + 1
    return expected - 1, previous
