"""Where each stream's records live: noted when a workspace is opened, and never changed under records or seals."""

import hashlib
from collections.abc import Mapping

from keepsum.model.attached import described
from keepsum.model.catalog import Catalog
from keepsum.model.errors import Conflict
from keepsum.model.ledger import Kind, canonical
from keepsum.model.stream import Stream
from keepsum.store import attachments, days, ledger
from keepsum.store.attachments import Attachment
from keepsum.store.database import Connection, Database
from keepsum.store.homes.attached import AttachedDatabase


def settle(file: Database, catalog: Catalog, databases: Mapping[str, AttachedDatabase], *, now: int) -> None:
    """Note which streams live in which database; `databases` is by stream.

    Raises `HOME_CHANGED` when a stream has records or seals of the other kind.
    """
    with file.read() as connection:
        before = attachments.known(connection)
    wanted = {name: _attachment(catalog.stream(name), one, now=now) for name, one in databases.items()}
    changed = {n for n in catalog.streams if _facts(before.get(n)) != _facts(wanted.get(n))}
    if changed:
        with file.write() as connection:
            before = attachments.known(connection)
            for name in sorted(changed):
                _change(connection, name, before.get(name), wanted.get(name), now=now)


def _attachment(stream: Stream, database: AttachedDatabase, *, now: int) -> Attachment:
    return Attachment(
        stream=stream.name,
        dialect=database.dialect,
        database=database.identity,
        mapping=mapping_digest(stream),
        attached_at=now,
    )


def mapping_digest(stream: Stream) -> str:
    """Give what changes whenever a row of the database could be read as another record."""
    fields = [(type(f).__name__, f.name, getattr(f, "scale", None)) for f in stream.stored]
    read = (stream.time_kind, stream.subject is not None, described(stream.attached), fields)
    return hashlib.sha256(canonical(read).encode()).hexdigest()


def _facts(one: Attachment | None) -> tuple[str, ...]:
    return () if one is None else (one.dialect, one.database, one.mapping)


def _change(connection: Connection, name: str, old: Attachment | None, new: Attachment | None, *, now: int) -> None:
    """Put a stream's attachment in place of what was noted of it.

    1. What was collected does not move into a database, and what lives in one is not collected.
    2. In another database nobody has enabled a purge yet.
    3. Days that were read from elsewhere, or under another mapping, are read again.
    """
    if (old is None) != (new is None) and days.has_any(connection, name):
        raise _home_changed(name, old)
    if new is None:
        attachments.remove(connection, name)
        return
    body = {"dialect": new.dialect, "database": new.database, "mapping": new.mapping}
    ledger.append(connection, Kind.ATTACHED, body, now=now, stream=name)
    days.touch_sealed(connection, name)
    is_there = old is not None and (old.dialect, old.database) == (new.dialect, new.database)
    if old is not None and is_there:
        values = {"mapping": new.mapping, "backfilled_at": None, "changes_seen": None}
        attachments.change(connection, name, **values)
    else:
        attachments.add(connection, new)


def _home_changed(name: str, old: Attachment | None) -> Conflict:
    if old is None:
        told = "has records or seals of its own here, so it cannot live in a database: unset its URL"
    else:
        told = f"lives in the {old.dialect} database {old.database!r}, and seals depend on it: set its URL again"
    return Conflict("HOME_CHANGED", f"Stream {name!r} {told}, or declare a stream of another name.")
