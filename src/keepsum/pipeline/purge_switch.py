"""Which streams of applications' own databases are purged together, who lets them, and whether a delete is safe."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from keepsum.engine.access import require
from keepsum.engine.compile.kin import lines, tables
from keepsum.engine.mapping import attached_of, tables_read
from keepsum.engine.reach import Reach, reach
from keepsum.model.access import Caller, Permission
from keepsum.model.audit import Kind as Audited
from keepsum.model.errors import Conflict, Invalid
from keepsum.model.ledger import Kind
from keepsum.model.stream import Stream
from keepsum.pipeline import audit
from keepsum.pipeline.purge_rows import Home
from keepsum.store import attachments, ledger
from keepsum.store.attachments import Attachment
from keepsum.store.homes import catalogs
from keepsum.store.workspace import Workspace


@dataclass(frozen=True)
class Unit:
    """A stream that is purged, and the streams that go along with it because their rows are children of its rows."""

    workspace: Workspace
    stream: Stream
    along: tuple[Stream, ...]

    @property
    def streams(self) -> tuple[Stream, ...]:
        """All streams of the unit; those that go along come first, for they point to the other."""
        return (*self.along, self.stream)

    @property
    def enabled(self) -> bool:
        """Whether a person lets the rows be purged."""
        known = self.attachment
        return known is not None and known.purge_enabled_at is not None

    @property
    def attachment(self) -> Attachment | None:
        """What is known of the database: who lets rows be purged, since when."""
        with self.workspace.file.read() as connection:
            return attachments.of(connection, self.stream.name)

    @property
    def home(self) -> Home:
        """Where the rows are deleted."""
        return Home(self.workspace, self.stream)


def units(workspace: Workspace) -> Iterator[Unit]:
    """Give what is purged together, of all streams that live in applications' own databases."""
    streams = {name: workspace.catalog.stream(name) for name in workspace.attached}
    below = {name: _below(workspace, stream, streams) for name, stream in streams.items()}
    led = {child for children in below.values() for child in children}
    for name, stream in streams.items():
        if name not in led:
            yield Unit(workspace, stream, tuple(streams[child] for child in below[name]))


def unit_of(workspace: Workspace, stream: Stream) -> Unit:
    """Give what a stream is purged with; raises `STREAM_NOT_ATTACHED`, and `PURGED_ALONG` where another leads."""
    if stream.name not in workspace.attached:
        message = f"The records of stream {stream.name!r} live in Keepsum: they are purged without being told."
        raise Invalid("STREAM_NOT_ATTACHED", message)
    for unit in units(workspace):
        if unit.stream.name == stream.name:
            return unit
        if stream in unit.along:
            message = f"The rows of stream {stream.name!r} go with those of {unit.stream.name!r}: name that one."
            raise Conflict("PURGED_ALONG", message)
    raise AssertionError(stream.name)  # every attached stream leads a unit or is in one


def _below(workspace: Workspace, stream: Stream, streams: Mapping[str, Stream]) -> list[str]:
    """Give the streams whose tables are children of a stream's, in the same database."""
    named = {line[-1].table for line in lines(attached_of(stream))}
    mine = workspace.attached[stream.name].identity
    return [
        name
        for name, other in streams.items()
        if other is not stream and attached_of(other).table in named and workspace.attached[name].identity == mine
    ]


def enable(workspace: Workspace, stream: Stream, caller: Caller, *, now: int) -> None:
    """Let the rows of a stream, and of those along with it, be purged from now on.

    The ledger and the audit log keep who did. Raises `NOT_PERMITTED`, `BACKFILL_INCOMPLETE` before every ended day was
    sealed, and what `refuse_reach` does.
    """
    require(caller, Permission.DELETE)
    unit = unit_of(workspace, stream)
    refuse_reach(unit)
    with workspace.file.write() as connection:
        for one in unit.streams:
            known = attachments.of(connection, one.name)
            if known is None or known.backfilled_at is None:
                message = f"Not every ended day of stream {one.name!r} is sealed yet: run `keepsum backfill` first."
                raise Conflict("BACKFILL_INCOMPLETE", message)
            if known.purge_enabled_at is None:
                attachments.change(connection, one.name, purge_enabled_at=now, purge_enabled_by=caller.id)
                ledger.append(connection, Kind.PURGE_ENABLED, {"by": caller.id}, now=now, stream=one.name)
    audit.record(workspace.control, Audited.PURGE_ENABLED, caller, {"stream": stream.name}, now=now)


def disable(workspace: Workspace, stream: Stream, caller: Caller, *, now: int) -> None:
    """Let no more days be purged; one whose purge has begun is finished all the same. Raises `NOT_PERMITTED`."""
    require(caller, Permission.DELETE)
    unit = unit_of(workspace, stream)
    with workspace.file.write() as connection:
        for one in unit.streams:
            known = attachments.of(connection, one.name)
            if known is not None and known.purge_enabled_at is not None:
                attachments.change(connection, one.name, purge_enabled_at=None, purge_enabled_by=None)
                ledger.append(connection, Kind.PURGE_DISABLED, {"by": caller.id}, now=now, stream=one.name)
    audit.record(workspace.control, Audited.PURGE_DISABLED, caller, {"stream": stream.name}, now=now)


def refuse_reach(unit: Unit) -> None:
    """Raise unless a delete is safe.

    With `ROWS_SHARED`, `UNPROVEN_CHILDREN`, `DELETE_TRIGGER`, `NO_TRANSACTIONS` or `TRIGGERS_HIDDEN`.
    """
    _refuse_shared(unit)
    found = _reach(unit)
    if found.reason is not None:
        listed = ", ".join(found.names)
        message = f"A delete in table {attached_of(unit.stream).table!r} would not stay with what is proven: {listed}."
        raise Conflict(found.reason, f"{message} {_ADVICE[found.reason]}")


def _refuse_shared(unit: Unit) -> None:
    """Raise `ROWS_SHARED` where another stream's records are made of rows that would go: they would change unproven."""
    mine, attached = unit.workspace.attached[unit.stream.name].identity, unit.workspace.attached
    others = [name for name in attached if name not in {one.name for one in unit.streams}]
    gone = tables(attached_of(unit.stream))
    for name in others:
        shared = gone & tables_read(unit.workspace.catalog.stream(name))
        if shared and attached[name].identity == mine:
            message = (
                f"Rows of stream {unit.stream.name!r} cannot go: those of table {min(shared)!r} are read for stream "
                f"{name!r}, too, whose sealed days would change with them."
            )
            raise Conflict("ROWS_SHARED", message)


_ADVICE = {
    "UNPROVEN_CHILDREN": "Declare these tables as children of the stream, or let their foreign keys restrict.",
    "DELETE_TRIGGER": "What a trigger does cannot be proven: drop it, or purge with the application's own means.",
    "NO_TRANSACTIONS": "It has to be a table, in an engine with transactions.",
    "TRIGGERS_HIDDEN": "Grant the role TRIGGER on these tables, so that it can be seen that there are none.",
}


def _reach(unit: Unit) -> Reach:
    database = unit.workspace.attached[unit.stream.name]
    with database.snapshot() as reading:
        return reach(catalogs.schema(reading, database.dialect), tables(attached_of(unit.stream)))
