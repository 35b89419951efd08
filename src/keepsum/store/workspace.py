"""One workspace: its file, its segments, its keys, and the catalog its tables follow."""

import json
import shutil
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

from sqlalchemy import Connection, select, update

from keepsum.model.catalog import Catalog
from keepsum.model.errors import Conflict, Unavailable
from keepsum.model.layout import Column, RecordLayout, record_layout
from keepsum.model.ledger import Kind
from keepsum.model.stream import Money, Number, Stream
from keepsum.store import days, disk, ledger, migrate, records, rollups, shapes
from keepsum.store.database import Database, fetch
from keepsum.store.homes.embedded import Engine, Segments
from keepsum.store.keys import Keys
from keepsum.store.tables import sequences, workspace, workspaces

if TYPE_CHECKING:
    from keepsum.store.homes.attached import AttachedDatabase


@dataclass(frozen=True, kw_only=True)
class Identity:
    """What a workspace was made with and keeps."""

    id: str
    zone: str


@dataclass(frozen=True, kw_only=True)
class Terms:
    """What holds in a workspace until somebody changes it: the day its weeks begin on (Monday is 0), and its k."""

    week_start: int
    k: int


@dataclass(frozen=True, kw_only=True)
class Workspace:
    """An open workspace; `attached` has the database of each stream whose records live in the application's own."""

    identity: Identity
    catalog: Catalog
    file: Database
    control: Database
    segments: Segments
    engine: Engine
    keys: Keys
    retired: Mapping[str, tuple[Column, ...]]
    attached: "Mapping[str, AttachedDatabase]" = field(default_factory=dict[str, "AttachedDatabase"])

    def layout(self, stream: Stream) -> RecordLayout:
        """Give the columns of a stream's records, also of those that came in under older declarations."""
        retired = () if stream.name in self.attached else self.retired[stream.name]
        return replace(record_layout(self.catalog, stream), retired=retired)

    def terms(self) -> Terms:
        """Give what holds in it now."""
        with self.file.read() as connection:
            return terms(connection)

    def close(self) -> None:
        """Close the file."""
        self.file.close()


def upgrade(file: Database) -> None:
    """Bring the fixed tables of a workspace's file up to date."""
    with file.write() as connection:
        migrate.upgrade(connection, "workspace")


def prepare(file: Database, keys: Keys, catalog: Catalog, wanted: Identity, terms: Terms, *, now: int) -> Identity:
    """Bring a workspace's file up to date and give what it was made with.

    A workspace that exists stays what it is, whatever is wanted. Raises `OTHER_KEYS` when its figures were
    made with other keys, and `FIELD_TYPE_CHANGED` or `FIELD_UNIT_CHANGED` when its records hold a declared field as
    another type, or were counted in other decimals or another currency.
    """
    with file.write() as connection:
        migrate.upgrade(connection, "workspace")
        found = _identity(connection, keys, wanted, terms, now=now)
        for stream in catalog.streams.values():
            tail = shapes.tail(record_layout(catalog, stream))
            shapes.create(connection, tail)
            shapes.retired_columns(connection, tail)  # refuses a field whose type changed
            if records.sequence(connection, stream.name) or days.is_counted(connection, stream.name):
                _refuse_other_units(connection, stream)
            else:
                # Nothing is counted in their units yet, so they forbid nothing.
                rollups.forget_unused(connection, stream.name, catalog.rollups_of(stream.name))
            shapes.add_columns(connection, tail)
            for rollup in catalog.rollups_of(stream.name):
                rollups.declare(connection, rollup, now=now)
    return found


def _refuse_other_units(connection: Connection, stream: Stream) -> None:
    """Refuse a number whose records and sums are kept in other decimals or another currency than it is declared in."""
    for generation in rollups.known(connection, stream.name):
        for measure in json.loads(generation.definition)["measures"]:
            field = stream.field(measure["of"] or "")
            if not isinstance(field, Number):
                continue
            is_other_currency = isinstance(field, Money) and field.unit != measure["unit"]
            if field.scale != measure["scale"] or is_other_currency:
                message = (
                    f"The field {field.name!r} of stream {stream.name!r} is kept in {measure['scale']} decimals of "
                    f"{measure['unit'] or 'no unit'!r}: give the changed field a name of its own."
                )
                raise Conflict("FIELD_UNIT_CHANGED", message)


def retired(file: Database, catalog: Catalog) -> dict[str, tuple[Column, ...]]:
    """Give the columns that records of each stream have although the catalog no longer declares them."""
    with file.read() as connection:
        tails = {s.name: shapes.tail(record_layout(catalog, s)) for s in catalog.streams.values()}
        return {name: shapes.retired_columns(connection, tail) for name, tail in tails.items()}


def _identity(connection: Connection, keys: Keys, wanted: Identity, terms: Terms, *, now: int) -> Identity:
    row = connection.execute(select(workspace)).one_or_none()
    if row is None:
        values = {**vars(wanted), **vars(terms)}
        made = {"keys": keys.digests, "epoch": keys.number, "created_at": now}
        connection.execute(workspace.insert().values(**values, **made))
        ledger.append(connection, Kind.OPENED, {**values, "keys": keys.digests}, now=now)
        return wanted
    if (row.keys, row.epoch) != (keys.digests, keys.number):
        message = f"The keys of workspace {row.id!r} are not the ones its figures were made with; put its own back."
        raise Conflict("OTHER_KEYS", message)
    return Identity(id=row.id, zone=row.zone)


def terms(connection: Connection) -> Terms:
    """Give what holds as the connection sees it: never remember it, for another process may change it."""
    ((week_start, k),) = fetch(connection, "SELECT week_start, k FROM workspace")
    return Terms(week_start=week_start, k=k)


def first_terms(connection: Connection) -> Terms:
    """Give what held when the workspace was made."""
    body: Any = next(ledger.entries(connection, kind=Kind.OPENED, limit=1)).body
    return Terms(week_start=body["week_start"], k=body["k"])


def change_terms(connection: Connection, wanted: Terms, by: str, *, now: int) -> None:
    """Let other terms hold from now on, in an entry of the ledger; none where they are what holds already."""
    before = vars(terms(connection))
    changed = {name: value for name, value in vars(wanted).items() if value != before[name]}
    if not changed:
        return
    if "k" in changed:
        days.note_steps(connection, before["k"])
    connection.execute(update(workspace).values(changed))
    old = {name: before[name] for name in changed}
    ledger.append(connection, Kind.SETTINGS_CHANGED, {**changed, "before": old, "by": by}, now=now)


def facts(connection: Connection) -> tuple[dict[str, object], int]:
    """Give what a workspace is, in the form that its first ledger entry has, and its epoch."""
    row = connection.execute(select(workspace)).one()
    made = {"id": row.id, "zone": row.zone, "week_start": row.week_start, "k": row.k, "keys": row.keys}
    return made, row.epoch


def change_keys(file: Database, keys: Keys, *, now: int) -> None:
    """Begin a new epoch under new keys, of a workspace whose own are gone."""
    with file.write() as connection:
        before = connection.execute(select(workspace)).one()
        connection.execute(update(workspace).values(keys=keys.digests, epoch=keys.number))
        body = {"keys": keys.digests, "epoch": keys.number, "before": before.keys, "epoch_before": before.epoch}
        ledger.append(connection, Kind.REKEYED, body, now=now)


def note(control: Database, identity: str, file: Database) -> None:
    """Remember in the control file how far a workspace has come."""
    with file.read() as connection:
        seq, digest, _ = ledger.head(connection)
        last = _last_sequence(connection)
    later = {"ledger_seq": seq, "ledger_hash": digest, "sequence": last}
    with control.write() as connection:
        behind = (workspaces.c.id == identity, workspaces.c.ledger_seq <= seq)
        connection.execute(update(workspaces).where(*behind).values(later))


def refuse_rolled_back(control: Database, identity: str, file: Database) -> None:
    """Raise `ROLLED_BACK` when the file is older than what the control file remembers of it."""
    with control.read() as connection:
        kept = connection.execute(select(workspaces).where(workspaces.c.id == identity)).one_or_none()
    if kept is None:
        return
    with file.read() as connection:
        entry = ledger.entry(connection, kept.ledger_seq) if kept.ledger_seq else None
        behind = kept.ledger_seq and (entry is None or entry.hash != kept.ledger_hash)
        if behind or _last_sequence(connection) < kept.sequence:
            message = (
                f"The file of workspace {identity!r} is older than what was last seen of it (ledger entry "
                f"{kept.ledger_seq}, {kept.sequence} records): an old copy was put in its place. Put the newer one "
                f"back, or accept the loss with `keepsum ledger accept --reason ...`."
            )
            raise Unavailable("ROLLED_BACK", message)


def accept_rolled_back(control: Database, identity: str, file: Database, reason: str, *, now: int) -> None:
    """Go on from an older file, by a person's decision that both files keep."""
    with control.read() as connection:
        kept = connection.execute(select(workspaces).where(workspaces.c.id == identity)).one()
    with file.write() as connection:
        seq, digest, _ = ledger.head(connection)
        lost = {"ledger_seq": kept.ledger_seq, "ledger_hash": kept.ledger_hash, "sequence": kept.sequence}
        ledger.append(connection, Kind.RESTORED, {"reason": reason, "lost": lost, "from": seq, "head": digest}, now=now)
    with control.write() as connection:
        values = {"ledger_seq": 0, "ledger_hash": "", "sequence": 0, "accepted": reason}
        connection.execute(update(workspaces).where(workspaces.c.id == identity).values(values))
    note(control, identity, file)


def destroy(folder: Path) -> None:
    """Delete a workspace's folder with all that is in it, also while others have it open."""
    if not folder.is_dir():
        return
    path = folder / "truth.db"
    file = Database(path)
    with file.lock.held():
        # TRICKY: who waits for the lock holds the file open and would go on after us, into files that are gone, and
        # place a segment where the folder was. Without this table it can do neither.
        if path.exists():
            with suppress(Unavailable), file.write() as connection:
                connection.exec_driver_sql("DROP TABLE IF EXISTS stream_days")
        file.close()
        shutil.rmtree(folder)
    disk.sync(folder.parent)


def _last_sequence(connection: Connection) -> int:
    return sum(connection.execute(select(sequences.c.last)).scalars())
