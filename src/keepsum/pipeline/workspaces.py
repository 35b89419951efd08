"""The workspaces of an install: made, renamed, archived, and deleted with a receipt; each wholly, or not at all.

One change at a time, under a lock that a dead process lets go of.  What is under way stands in the control file before
the first file is made or deleted; whoever finds it later undoes what was half made, and ends what was half deleted.
"""

import re
from collections.abc import Callable, Generator, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Protocol

from keepsum.engine import lint
from keepsum.engine.days import zone
from keepsum.engine.schedule import check
from keepsum.model.access import Caller
from keepsum.model.audit import Kind
from keepsum.model.catalog import Catalog
from keepsum.model.day import WEEKDAYS, date_of
from keepsum.model.errors import Conflict, Invalid, KeepsumError
from keepsum.model.workspace import MOST_K, WorkspaceEntry, WorkspaceState
from keepsum.pipeline import audit
from keepsum.pipeline.jobs import NIGHTS, Means, schedule
from keepsum.pipeline.survey import survey
from keepsum.store import ids, keys, ledger, workspace, workspaces
from keepsum.store.database import Connection, Database
from keepsum.store.lock import FileLock
from keepsum.store.workspace import Identity, Terms, change_terms, terms

LONGEST_NAME = 40
UNDER_WAY = (WorkspaceState.MAKING, WorkspaceState.DELETING)
# What a deletion cannot reach, said in every receipt.
NOT_REACHED = (
    "backups and exports that were copied elsewhere",
    "heads, figures and records that were sent to others",
    "what disks and file systems keep of deleted files",
)

_NAME = re.compile(r"[a-z][a-z0-9]*(-[a-z0-9]+)*")
_LOCK = "workspaces.lock"


class Opened(Means, Protocol):
    """A workspace that whoever opened it closes."""

    def close(self) -> None:
        """Let go of its files."""
        ...


class Ground(Protocol):
    """What workspaces are made on: an install."""

    @property
    def control(self) -> Database:
        """The control file."""
        ...

    @property
    def clock(self) -> Callable[[], int]:
        """Business time in µs."""
        ...

    @property
    def data(self) -> Path:
        """The data directory."""
        ...

    @property
    def key_folder(self) -> Path:
        """Where keys live, in a folder for each workspace."""
        ...

    @property
    def nightly(self) -> str | None:
        """When the nightly job of every workspace runs, as cron; None for when their packs want it to."""
        ...

    def catalog(self, packs: Sequence[str] | None) -> Catalog:
        """Give what packs declare, or those that the settings name."""
        ...

    def make(self, entry: WorkspaceEntry, identity: Identity, terms: Terms) -> Opened:
        """Open a workspace that is noted as being made, making the keys and files it lacks."""
        ...

    def system(self, identity: str, /) -> Means:
        """Give a workspace, opened."""
        ...

    def let_go(self, identity: str) -> None:
        """Close a workspace, if it is open."""
        ...


@dataclass(frozen=True, kw_only=True)
class Wanted:
    """What a new workspace shall be; without `packs` it has those that the settings name now."""

    name: str
    zone: str
    terms: Terms
    packs: tuple[str, ...] | None = None


def create(ground: Ground, wanted: Wanted, caller: Caller) -> WorkspaceEntry:
    """Make a workspace with keys of its own.

    Raises `BAD_WORKSPACE_NAME`, `WORKSPACE_EXISTS`, `UNKNOWN_PACK`, `CATALOG_REFUSED` and `UNKNOWN_ZONE`.
    """
    check_name(wanted.name)
    check(ground.nightly or NIGHTS, zone(wanted.zone).key)
    catalog = ground.catalog(wanted.packs)
    lint.check(catalog)
    now = ground.clock()
    identity = ids.made(now)
    entry = WorkspaceEntry(
        id=identity,
        name=wanted.name,
        folder=identity,
        state=WorkspaceState.MAKING,
        packs=tuple(pack.name for pack in catalog.packs),
        created_at=now,
    )
    with making(ground, entry, {"keys": "made"}, Kind.WORKSPACE_CREATED, caller):
        ground.make(entry, Identity(id=identity, zone=wanted.zone), wanted.terms).close()
    return workspaces.get(ground.control, identity)


def rename(ground: Ground, identity: str, name: str, caller: Caller) -> WorkspaceEntry:
    """Give a workspace another name; raises `UNKNOWN_WORKSPACE`, `BAD_WORKSPACE_NAME` and `WORKSPACE_EXISTS`."""
    check_name(name)
    return _changed(ground, identity, Kind.WORKSPACE_RENAMED, caller, name=name)


def archive(ground: Ground, identity: str, caller: Caller, *, undo: bool = False) -> WorkspaceEntry:
    """Let nothing be added to a workspace any more, or again; raises `UNKNOWN_WORKSPACE`.

    What it has can be asked for, and goes when its time is over, as before.
    """
    state = WorkspaceState.ACTIVE if undo else WorkspaceState.ARCHIVED
    entry = _changed(ground, identity, Kind.WORKSPACE_ARCHIVED, caller, state=state)
    ground.let_go(identity)
    schedule(ground.system(identity), ground.nightly)
    return entry


def change(
    ground: Ground, identity: str, caller: Caller, *, k: int | None = None, week_start: str | None = None
) -> Terms:
    """Let another k hold in a workspace from now on, or weeks begin on another day; what is None stays as it is.

    Ledger and audit log keep who did, and what held before. Whoever is cut off between the two has it in the audit log
    and not done. Raises `UNKNOWN_WORKSPACE`, `BAD_K` and `BAD_WEEKDAY`.
    """
    if k is not None and not 1 <= k <= MOST_K:
        raise Invalid("BAD_K", f"A group is shown from 1 to {MOST_K:,} people on, not from {k}.")
    if week_start is not None and week_start not in WEEKDAYS:
        raise Invalid("BAD_WEEKDAY", f"No week begins on {week_start[:20]!r}: say {', '.join(WEEKDAYS)}.")
    first = None if week_start is None else WEEKDAYS.index(week_start)
    with ground.system(identity).workspace.file.write() as connection:
        held, now = terms(connection), ground.clock()
        wanted = Terms(week_start=held.week_start if first is None else first, k=held.k if k is None else k)
        change_terms(connection, wanted, caller.id, now=now)
        with ground.control.write() as control:
            for about in _others(held, wanted):
                _note(control, Kind.SETTINGS_CHANGED, caller, identity, now=now, **about)
    return wanted


def _others(held: Terms, wanted: Terms) -> Iterator[dict[str, object]]:
    """Say of what is another now what it is and was, as people call it."""
    if held.k != wanted.k:
        yield {"k": wanted.k, "before": held.k}
    if held.week_start != wanted.week_start:
        yield {"week_start": WEEKDAYS[wanted.week_start], "before": WEEKDAYS[held.week_start]}


def switch_packs(ground: Ground, identity: str, packs: tuple[str, ...] | None, caller: Caller) -> WorkspaceEntry:
    """Say which packs a workspace has; None follows the settings. Raises `UNKNOWN_PACK` and `CATALOG_REFUSED`."""
    lint.check(ground.catalog(packs))
    entry = _changed(ground, identity, Kind.SETTINGS_CHANGED, caller, packs=packs)
    ground.let_go(identity)
    return entry


def delete(ground: Ground, identity: str, caller: Caller) -> dict[str, Any]:
    """Delete a workspace with its keys and all that the control file has about it; give the receipt.

    Who is cut off after the first step has deleted it all the same: the next process goes on. Raises
    `UNKNOWN_WORKSPACE`.
    """
    with changing(ground):
        entry = workspaces.get(ground.control, identity)
        body = _receipt(ground, entry, caller)
        ground.let_go(identity)
        with ground.control.write() as connection:
            workspaces.change(connection, identity, state=WorkspaceState.DELETING, pending=body)
            _note(connection, Kind.WORKSPACE_DELETED, caller, identity, now=ground.clock())
        return _end(ground, entry)


def check_name(name: str) -> None:
    """Raise `BAD_WORKSPACE_NAME` unless a workspace may be called so."""
    if len(name) > LONGEST_NAME or not _NAME.fullmatch(name):
        message = f"No workspace is called {name[:LONGEST_NAME]!r}: use lower-case letters, digits and single hyphens."
        raise Invalid("BAD_WORKSPACE_NAME", message)


def settle(ground: Ground) -> None:
    """Undo or end what a process that died left half done, unless a living one is at it."""
    if workspaces.listing(ground.control, UNDER_WAY):
        with FileLock(ground.data / _LOCK).tried() as is_mine:
            if is_mine:
                _settle(ground)


@contextmanager
def changing(ground: Ground) -> Generator[None]:
    """Be the only one who makes, restores or deletes workspaces of the install."""
    with FileLock(ground.data / _LOCK).held():
        _settle(ground)
        yield


@contextmanager
def making(
    ground: Ground, entry: WorkspaceEntry, pending: dict[str, object], kind: Kind, caller: Caller
) -> Generator[None]:
    """Let a workspace be there when the block has made its files, and nothing be left of it when that fails.

    `pending` says of its `keys` whether they are made with it, and so go with it, or are kept.
    """
    with changing(ground):
        with ground.control.write() as connection:
            workspaces.add(connection, entry, pending)
        try:
            yield
        except BaseException:
            _undo(ground, entry)
            raise
        with ground.control.write() as connection:
            workspaces.change(connection, entry.id, state=WorkspaceState.ACTIVE, pending=None)
            _note(connection, kind, caller, entry.id, now=ground.clock())
        schedule(ground.system(entry.id), ground.nightly)


def _settle(ground: Ground) -> None:
    for entry in workspaces.listing(ground.control, UNDER_WAY):
        if entry.state is WorkspaceState.MAKING:
            _undo(ground, entry)
        else:
            _end(ground, entry)


def _changed(ground: Ground, identity: str, kind: Kind, caller: Caller, **values: Any) -> WorkspaceEntry:
    with changing(ground):
        workspaces.get(ground.control, identity)
        with ground.control.write() as connection:
            workspaces.change(connection, identity, **values)
            _note(connection, kind, caller, identity, now=ground.clock(), **values)
    return workspaces.get(ground.control, identity)


def _undo(ground: Ground, entry: WorkspaceEntry) -> None:
    if workspaces.pending(ground.control, entry.id)["keys"] == "made":
        keys.destroy(ground.key_folder / entry.id)
    workspace.destroy(folder_of(ground, entry))
    with ground.control.write() as connection:
        workspaces.forget(connection, entry.id)


def _end(ground: Ground, entry: WorkspaceEntry) -> dict[str, Any]:
    """Delete keys first, so that nothing of the rest can be used, then files, then what the control file has."""
    keys.destroy(ground.key_folder / entry.id)
    workspace.destroy(folder_of(ground, entry))
    body = workspaces.pending(ground.control, entry.id)
    with ground.control.write() as connection:
        workspaces.give_receipt(connection, entry.id, body, now=ground.clock())
        workspaces.forget(connection, entry.id)
    ground.control.truncate()  # else the log would keep the deleted rows for a while
    return body


def folder_of(ground: Ground, entry: WorkspaceEntry) -> Path:
    """Give where a workspace's files are."""
    return ground.data / "workspaces" / entry.folder


def _note(connection: Connection, kind: Kind, caller: Caller, identity: str, *, now: int, **about: Any) -> None:
    audit.note(connection, kind, caller, about, now=now, workspace=identity)


def _receipt(ground: Ground, entry: WorkspaceEntry, caller: Caller) -> dict[str, Any]:
    """Say what goes; of a workspace that cannot be opened, what was last seen of it."""
    files = [path for path in folder_of(ground, entry).rglob("*") if path.is_file()]
    body: dict[str, Any] = {
        "deleted": "workspace",
        "workspace": entry.id,
        "name": entry.name,
        "created_at": entry.created_at,
        "deleted_at": ground.clock(),
        "by": caller.id,
        "ledger": {"entries": entry.ledger_seq, "head": entry.ledger_hash},
        "files": len(files),
        "bytes": sum(path.stat().st_size for path in files),
        "not_reached": list(NOT_REACHED),
    }
    try:
        return body | _contents(ground.system(entry.id))
    except KeepsumError as error:
        return body | {"unreadable": error.code}


def _contents(means: Means) -> dict[str, Any]:
    with means.workspace.file.read() as connection:
        seq, head, _ = ledger.head(connection)
    found = survey(means.workspace, means.calendar(), now=means.clock())
    streams = {
        one.stream: {
            "records": one.living,
            "purged_before": one.gone,
            "first_day": None if one.first is None else str(date_of(one.first)),
            "last_day": None if one.last is None else str(date_of(one.last)),
        }
        for one in found.streams
    }
    return {
        "ledger": {"entries": seq, "head": head},
        "keys_destroyed": means.workspace.keys.digests.split(","),
        "streams": streams,
    }


def refuse_wrong_name(entry: WorkspaceEntry, confirmed: str) -> None:
    """Raise `NOT_CONFIRMED` unless the name of what is to be deleted was said a second time."""
    if confirmed != entry.name:
        message = f"Nothing is deleted: confirm it by saying the name again, {entry.name!r}."
        raise Conflict("NOT_CONFIRMED", message)
