"""Exports: a dataset becomes a file for whoever may have it, asked for here, fetched over a signed link, and deleted.

Rights are asked three times: when the export is asked for, when it is made (`make_export`), and each time its file is
fetched. Each of these is in the audit log, with the names of filters and columns and never with the value of a
personal filter.
"""

import datetime as dt
import hmac
import time
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import Any, BinaryIO, get_args

from keepsum.engine import exporting
from keepsum.engine.days import Calendar
from keepsum.engine.exporting import Offer, Request, Sight
from keepsum.model.access import Caller, Permission
from keepsum.model.audit import Kind, Origin
from keepsum.model.day import date_of
from keepsum.model.errors import Conflict, Forbidden, Invalid, NotFound
from keepsum.model.export import Export, ExportState, Format
from keepsum.model.stream import Stream
from keepsum.pipeline import audit, callers, fill
from keepsum.store import audit as log
from keepsum.store import days, exports, ids
from keepsum.store.database import Connection, Database
from keepsum.store.exports import ExportRow, Folder
from keepsum.store.vault import Cipher, Vault
from keepsum.store.workspace import Workspace

HOURS = 24  # that a file and its link last
LASTS = HOURS * 3_600_000_000  # µs
MOST_WAITING = 50  # exports of one workspace that are not made yet
PATIENCE = 2.0  # seconds that whoever asks waits for a file that is soon made
WAITED_BEHIND = 8  # exports of one workspace; whoever is behind more gets an answer at once, and takes no thread
LOOKS_EVERY = 0.05  # seconds
LONGEST_TOKEN = 64  # characters of a link's signature worth comparing

_EPOCH = dt.datetime(1970, 1, 1, tzinfo=dt.UTC)


@dataclass(frozen=True, kw_only=True)
class Exports:
    """What exports of a workspace are made with; `most_rows` and `most_days` is how much one may have."""

    workspace: Workspace
    control: Database
    open_vault: Callable[[], Vault]
    clock: Callable[[], int]
    calendar: Callable[[], Calendar]
    most_rows: int
    most_days: int

    @property
    def id(self) -> str:
        """The workspace's id."""
        return self.workspace.identity.id

    @cached_property
    def vault(self) -> Vault:
        """The keys of what is stored encrypted, opened when they are first needed."""
        return self.open_vault()

    @property
    def folder(self) -> Folder:
        """Where the files are."""
        return Folder(self.workspace.segments.folder.parent / "exports")


@dataclass(frozen=True, kw_only=True)
class Order:
    """What somebody asks for: a dataset by name, over days by number, both included, under filters."""

    dataset: str
    format: str
    first: int
    last: int
    filters: Mapping[str, object]


def create(means: Exports, order: Order, caller: Caller) -> Export:
    """Ask for an export: it is checked, noted, and left to a worker.

    Raises `UNKNOWN_DATASET`, `UNKNOWN_FORMAT`, `EXPORT_TOO_LONG`, `RECORDS_PURGED`, `TOO_MANY_EXPORTS`, and what
    `engine.exporting.request` and `sight` raise.
    """
    now, today = means.clock(), means.calendar().number_of(means.clock())
    if order.format not in get_args(Format):
        raise Invalid("UNKNOWN_FORMAT", f"No export is {order.format[:20]!r}; known: {', '.join(get_args(Format))}.")
    wanted = _request(means, order)
    sight_of(means, caller, wanted, today)
    made = ExportRow(
        id=ids.made(now),
        workspace=means.id,
        caller_kind=caller.kind,
        caller=caller.id,
        dataset=order.dataset,
        format=order.format,  # pyright: ignore[reportArgumentType] -- checked above
        first_day=order.first,
        last_day=order.last,
        shown=_shown(wanted),
        state=ExportState.PREPARING,
        created_at=now,
        estimated_rows=_estimated(means, wanted),
    )
    kept = {"caller": callers.remembered(caller), "filters": dict(wanted.filters)}
    with means.control.write() as connection:
        if exports.count_waiting(connection, means.id) >= MOST_WAITING:
            message = f"{MOST_WAITING} exports wait to be made already: try again when a worker has made some."
            raise Conflict("TOO_MANY_EXPORTS", message)
        row = exports.add(connection, means.vault.under(connection), made, kept)
        audit.note(connection, Kind.EXPORT_ASKED, caller, told_of(row), now=now)
    return seen(means, row, caller)


def offers(means: Exports, caller: Caller) -> tuple[Offer, ...]:
    """Give the datasets of which a caller may export anything today; raises `NOT_PERMITTED`."""
    today, week_start = means.calendar().number_of(means.clock()), means.workspace.terms().week_start
    return exporting.offers(caller, means.workspace.catalog, today=today, week_start=week_start)


def purged_to(means: Exports, streams: Iterable[str]) -> dict[str, int]:
    """Give by stream the last day whose records are deleted; of those of which any are."""
    with means.workspace.file.read() as connection:
        found = {stream: days.last_purged(connection, stream) for stream in streams}
    return {stream: day for stream, day in found.items() if day is not None}


def look(means: Exports, export: str, caller: Caller) -> Export:
    """Give an export as it stands; raises `UNKNOWN_EXPORT`, also for one that somebody else asked for.

    Who administers the workspace sees all of them, without their links.
    """
    with means.control.read() as connection:
        return seen(means, _mine(connection, means, export, caller), caller)


def listing(means: Exports, caller: Caller, limit: int) -> list[Export]:
    """Give the newest exports that a caller asked for, or, for who administers the workspace, all, newest first."""
    whose = None if _sees_all(caller) else (caller.kind, caller.id)
    with means.control.read() as connection:
        rows = exports.listing(connection, means.id, whose, limit)
    return [seen(means, row, caller) for row in rows]


def patience(means: Exports) -> float:
    """Give the seconds that whoever asked is kept waiting: none behind so many others that no file is soon made."""
    with means.control.read() as connection:
        return PATIENCE if exports.count_waiting(connection, means.id) <= WAITED_BEHIND else 0.0


def wait(means: Exports, export: str, caller: Caller, seconds: float | None = None) -> Export:
    """Give an export once it is made or failed, or as it stands after so many seconds of the machine's clock.

    Without a number of seconds that is what `patience` gives.
    """
    until = time.monotonic() + (patience(means) if seconds is None else seconds)
    while (found := look(means, export, caller)).state is ExportState.PREPARING and time.monotonic() < until:
        time.sleep(LOOKS_EVERY)
    return found


def delete(means: Exports, export: str, caller: Caller) -> None:
    """Delete an export with its file; raises `UNKNOWN_EXPORT`."""
    with means.control.write() as connection:
        row = _mine(connection, means, export, caller)
        exports.drop(connection, row.id)
        about = {"export": row.id, "dataset": row.dataset}
        audit.note(connection, Kind.EXPORT_DELETED, caller, about, now=means.clock())
    _remove_strangers(means)


def sweep(means: Exports) -> int:
    """End the exports that are over or whose worker died, and delete every file that is no ready export's."""
    now = means.clock()
    with means.control.write() as connection:
        exports.expire(connection, means.id, now=now)
        for row in exports.abandoned(connection, means.id):
            note_failed(connection, row, row.error or "", now=now)
    return _remove_strangers(means)


def signed(control: Database, vault: Vault, export: str, token: str, *, now: int) -> ExportRow:
    """Give the export whose file a link is good for; raises `LINK_INVALID`."""
    with control.read() as connection:
        row = exports.find(connection, export) if len(export) <= exports.LONGEST_ID else None
        cipher = vault.under(connection)
    if row is not None and row.state is ExportState.READY and row.expires_at is not None and now < row.expires_at:
        right = _signature(cipher, row)
        if hmac.compare_digest(token[:LONGEST_TOKEN].encode(), right.encode()):
            return row
    raise _invalid()


def fetch(means: Exports, row: ExportRow, caller: Caller | None, origin: Origin | None) -> BinaryIO:
    """Open the file of a ready export, to be read while it lasts; the audit log says that it was fetched.

    Raises `NOT_PERMITTED` when whoever asked for it may no longer have all that is in it, and `LINK_INVALID`.
    """
    now = means.clock()
    with means.control.read() as connection:
        kept = exports.asked(connection, means.vault.under(connection), row.id)
    if not kept or row.file is None:
        raise _invalid()
    maker = maker_of(means, kept, now=now)
    wanted = request_of(means, row, kept)
    if not sight_of(means, maker, wanted, kept["today"]).covers(Sight.from_json(kept["sight"])):
        raise Forbidden("NOT_PERMITTED", "Who asked for this export may no longer have all that is in it.")
    try:
        file = (means.folder.path / row.file).open("rb")
    except FileNotFoundError as error:
        raise _invalid() from error
    with means.control.write() as connection:
        about = {"export": row.id, "dataset": row.dataset}
        kind, workspace = Kind.EXPORT_FETCHED, row.workspace
        audit.note(connection, kind, caller, about, now=now, origin=origin, workspace=workspace)
    return file


def fetch_own(means: Exports, export: str, caller: Caller) -> tuple[ExportRow, BinaryIO]:
    """Do the same for whoever asked for an export, without a link; raises `UNKNOWN_EXPORT` and `EXPORT_NOT_READY`."""
    with means.control.read() as connection:
        row = _mine(connection, means, export, caller)
    if row.state is not ExportState.READY:
        raise Conflict("EXPORT_NOT_READY", f"The export {row.id!r} is {row.state}, so there is no file to fetch.")
    return row, fetch(means, row, caller, None)


def seen(means: Exports, row: ExportRow, caller: Caller) -> Export:
    """Give an export as a caller is shown it: with a link to the file only for who asked for it."""
    is_theirs = (caller.kind, caller.id) == (row.caller_kind, row.caller)
    is_over = row.expires_at is not None and row.expires_at <= means.clock()
    state = ExportState.EXPIRED if row.state is ExportState.READY and is_over else row.state
    return Export(
        id=row.id,
        dataset=row.dataset,
        format=row.format,
        state=state,
        first=date_of(row.first_day),
        last=date_of(row.last_day),
        filters=row.shown,
        estimated_rows=row.estimated_rows,
        created_at=instant(row.created_at),
        columns=row.columns,
        rows=row.rows,
        bytes=row.bytes,
        about=row.about,
        completed_at=None if row.completed_at is None else instant(row.completed_at),
        expires_at=None if row.expires_at is None else instant(row.expires_at),
        link=_link(means, row) if is_theirs and state is ExportState.READY else None,
        error=row.error,
    )


def _link(means: Exports, row: ExportRow) -> str:
    with means.control.read() as connection:
        return f"/v1/exports/{row.id}/file?token={_signature(means.vault.under(connection), row)}"


def _signature(cipher: Cipher, row: ExportRow) -> str:
    return cipher.mark("export", f"{row.id} {row.expires_at}")


def _invalid() -> NotFound:
    return NotFound("LINK_INVALID", "This link was used, has ended, or never was: ask for a new one.")


def _mine(connection: Connection, means: Exports, export: str, caller: Caller) -> ExportRow:
    row = exports.get(connection, means.id, export[: exports.LONGEST_ID])
    if (caller.kind, caller.id) != (row.caller_kind, row.caller) and not _sees_all(caller):
        raise NotFound("UNKNOWN_EXPORT", f"There is no export {row.id!r}: it was deleted, or never was.")
    return row


def _sees_all(caller: Caller) -> bool:
    return Permission.ADMINISTER in caller.permissions


def _request(means: Exports, order: Order) -> Request:
    dataset = means.workspace.catalog.dataset(order.dataset)
    return exporting.request(dataset, order.first, order.last, order.filters, most_days=means.most_days)


def request_of(means: Exports, row: ExportRow, kept: Mapping[str, Any]) -> Request:
    """Give what an export was asked to hold; raises what asking for it now would raise."""
    filters = {name: tuple(values) for name, values in kept["filters"].items()}
    order = Order(dataset=row.dataset, format=row.format, first=row.first_day, last=row.last_day, filters=filters)
    return _request(means, order)


def sight_of(means: Exports, caller: Caller, wanted: Request, today: int) -> Sight:
    """Give what a caller may have of a request; raises `UNKNOWN_WORKSPACE`, and what `exporting.sight` raises."""
    if caller.workspace != means.id:
        raise NotFound("UNKNOWN_WORKSPACE", f"There is no workspace {means.id!r}.")
    week_start = means.workspace.terms().week_start
    return exporting.sight(caller, means.workspace.catalog, wanted, today=today, week_start=week_start)


def maker_of(means: Exports, kept: Mapping[str, Any], *, now: int) -> Caller:
    """Give who asked for an export, with the rights of now; raises `NOT_PERMITTED` when they may no longer come in."""
    found = callers.again(means.control, kept["caller"], means.id, means.workspace.catalog.roles, now=now)
    if found is None:
        raise Forbidden("NOT_PERMITTED", "Who asked for this export may no longer come in.")
    return found


def _estimated(means: Exports, wanted: Request) -> int | None:
    """Give how many records the days have, of which filters may leave some out; none for figures."""
    stream = wanted.dataset.of
    if not isinstance(stream, Stream):
        return None
    with means.workspace.file.read() as connection:
        found = days.states(connection, stream.name, wanted.first, wanted.last)
    purged = [day for day, state in found.items() if state.purge]
    if purged:
        message = f"Records of stream {stream.name!r} are deleted up to {date_of(purged[-1])}: export later days."
        raise NotFound("RECORDS_PURGED", message)
    if stream.name in means.workspace.attached:
        return None  # how many rows an application's database has is not known before they are read
    count = sum(state.control.records for state in found.values())
    if count > means.most_rows and not wanted.filters:
        raise fill.too_long(means.most_rows)
    return count


def note_failed(connection: Connection, row: ExportRow, error: str, *, now: int) -> None:
    """Note that an export failed, once, also in the audit log."""
    if exports.fail(connection, row.id, error, now=now):
        told = {**told_of(row), "outcome": error.partition(":")[0]}
        note(connection, row, told, now=now)


def note(connection: Connection, row: ExportRow, told: Mapping[str, Any], *, now: int) -> None:
    """Tell the audit log how an export ended."""
    by = (row.caller_kind, row.caller)
    log.append(connection, Kind.EXPORTED, told, now=now, workspace=row.workspace, caller=by)


def told_of(row: ExportRow) -> dict[str, Any]:
    """Give what the audit log says of an export."""
    said = {"export": row.id, "dataset": row.dataset, "format": row.format, "filters": row.shown}
    return said | {"from": str(date_of(row.first_day)), "to": str(date_of(row.last_day))}


def _shown(wanted: Request) -> dict[str, list[Any]]:
    """Give the filters as anybody may see them: of a subject only that there is one."""
    stream = wanted.dataset.of
    hidden = exporting.personal(stream) if isinstance(stream, Stream) else set[str]()
    return {name: [] if name in hidden else list(values) for name, values in wanted.filters}


def _remove_strangers(means: Exports) -> int:
    """TRICKY: under the lock, or a file that is just being put in its place would be taken for one nobody wants."""
    with means.control.lock.held():
        with means.control.read() as connection:
            kept = exports.files(connection, means.id)
        return means.folder.sweep(kept)


def instant(microseconds: int) -> dt.datetime:
    """Give a moment, in UTC."""
    return _EPOCH + dt.timedelta(microseconds=microseconds)
