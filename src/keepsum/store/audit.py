"""The hash-chained audit log of an install: appended to, never changed; what expires leaves a link to chain to."""

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from sqlalchemy import ColumnElement, Connection, Row, delete, func, select
from sqlalchemy.dialects.sqlite import insert

from keepsum.model.audit import LEAST_KEPT, Event, Kind, Origin
from keepsum.model.day import A_DAY
from keepsum.model.ledger import GENESIS
from keepsum.store import chain
from keepsum.store.tables import audit, audit_head

Found = Iterator[tuple[int, str]]


@dataclass(frozen=True, kw_only=True)
class Wanted:
    """Which events are asked for; None is all. `first` and `until` are µs, `until` not included."""

    workspace: str | None = None
    kind: Kind | None = None
    caller: str | None = None
    first: int | None = None
    until: int | None = None


EVERYTHING = Wanted()


def head(connection: Connection) -> chain.Head:
    """Give the last event's number, hash and time; (0, GENESIS, 0) before the first."""
    row = connection.execute(select(audit_head)).one_or_none()
    return (row.seq, row.hash, row.at) if row else chain.EMPTY


def append(
    connection: Connection,
    kind: Kind,
    body: Mapping[str, object],
    *,
    now: int,
    workspace: str | None = None,
    caller: tuple[str, str] | None = None,
    origin: Origin | None = None,
) -> None:
    """Chain one event to the head, inside the caller's transaction; `caller` is its kind and its id.

    An event is never dated before the one it follows.
    """
    by = caller or (None, None)
    came = (origin.mark, origin.network) if origin else (None, None)
    own = (workspace, *by, *came)
    seq, digest, at = chain.append(connection, audit, head(connection), kind.value, own, body, now=now)
    newest = insert(audit_head).values(id=1, seq=seq, at=at, hash=digest)
    later = {name: newest.excluded[name] for name in ("seq", "at", "hash")}
    connection.execute(newest.on_conflict_do_update(index_elements=["id"], set_=later))


def newest(
    connection: Connection, wanted: Wanted = EVERYTHING, *, before: int | None = None, limit: int | None = None
) -> Iterator[Event]:
    """Give events, the newest first, perhaps only those before a number; nothing is checked here."""
    query = select(audit).where(*_conditions(wanted)).order_by(audit.c.seq.desc())
    if before is not None:
        query = query.where(audit.c.seq < before)
    for row in connection.execute(query.limit(limit) if limit else query):
        yield _event(row)


def count(connection: Connection) -> int:
    """Give how many events there are."""
    return connection.execute(select(func.count()).select_from(audit)).scalar_one()


def number_of(connection: Connection, digest: str, wanted: Wanted = EVERYTHING) -> int | None:
    """Give the number of the event with a hash, if it is among the wanted ones."""
    query = select(audit.c.seq).where(audit.c.hash == digest, *_conditions(wanted))
    return connection.execute(query).scalar()


def came_before(connection: Connection, kind: Kind, caller: tuple[str, str], mark: str) -> bool:
    """Say whether there is an event of a kind of this caller from this address."""
    of_caller = (audit.c.caller == caller[1], audit.c.kind == kind.value, audit.c.caller_kind == caller[0])
    return connection.execute(select(audit.c.seq).where(*of_caller, audit.c.mark == mark).limit(1)).scalar() is not None


def expire(connection: Connection, *, now: int, keep: int) -> int:
    """Delete events older than `keep` days, leaving one that later ones are checked from; give how many went.

    What is left of them is the last one's number, hash and time, in an event of its own.
    """
    old = audit.c.at < now - keep * A_DAY
    gone, through = connection.execute(select(func.count(), func.max(audit.c.seq)).where(old)).one()
    if not gone:
        return 0
    last = connection.execute(select(audit).where(audit.c.seq == through)).one()
    body = {"through": last.seq, "hash": last.hash, "at": last.at, "keep_days": keep, "events": gone}
    append(connection, Kind.EXPIRED, body, now=now)
    connection.execute(delete(audit).where(audit.c.seq <= through))
    return gone


def broken_at(connection: Connection) -> Found:
    """Check the chain link by link and give (number, what is wrong) for every bad one.

    1. It begins where the newest expiry says, or at the very first event.
    2. Every event hashes to what it says and follows the one before.
    3. The last event is the one that was noted as the head.
    4. No expiry took away what was not old enough.
    """
    first, previous = _beginning(connection)
    last = yield from chain.broken(connection, audit, "event", first=first, previous=previous)
    seq, digest, _ = head(connection)
    if last != (seq, digest):
        yield seq, "the last event is not the one that was noted"
    expiries = select(audit).where(audit.c.kind == Kind.EXPIRED.value).order_by(audit.c.seq)
    for row in connection.execute(expiries):
        if not _was_due(row):
            yield row.seq, "it took away events before their time"


def _beginning(connection: Connection) -> tuple[int, str]:
    """Give the number of the first event there must be, and the hash it follows."""
    query = select(audit.c.body).where(audit.c.kind == Kind.EXPIRED.value).order_by(audit.c.seq.desc()).limit(1)
    text = connection.execute(query).scalar()
    if text is None:
        return 1, GENESIS
    body = json.loads(text)
    return body["through"] + 1, body["hash"]


def _was_due(row: Row[tuple[object, ...]]) -> bool:
    body = json.loads(row.body)
    return body["keep_days"] >= LEAST_KEPT and body["at"] + body["keep_days"] * A_DAY < row.at


def _conditions(wanted: Wanted) -> list[ColumnElement[bool]]:
    exact = {"workspace": wanted.workspace, "kind": wanted.kind and wanted.kind.value, "caller": wanted.caller}
    conditions = [audit.c[name] == value for name, value in exact.items() if value is not None]
    if wanted.first is not None:
        conditions.append(audit.c.at >= wanted.first)
    if wanted.until is not None:
        conditions.append(audit.c.at < wanted.until)
    return conditions


def _event(row: Row[tuple[object, ...]]) -> Event:
    return Event(
        seq=row.seq,
        at=row.at,
        kind=Kind(row.kind),
        workspace=row.workspace,
        caller_kind=row.caller_kind,
        caller=row.caller,
        origin=None if row.mark is None else Origin(mark=row.mark, network=row.network),
        body=json.loads(row.body),
        previous=row.previous,
        hash=row.hash,
    )
