"""Exports: what was asked for and what became of it, and the folder with their files.

A file is written in a folder of its own process, and is an export's from the transaction on that says so. Whatever
lies in the folder and is no ready export's was left by a process that died, and goes with the next sweep.
"""

import json
import os
from collections.abc import Collection, Generator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from sqlalchemy import RowMapping, Select, and_, case, delete, func, insert, or_, select, update

from keepsum.model.day import A_DAY
from keepsum.model.errors import NotFound, Unavailable
from keepsum.model.export import ExportState, Format
from keepsum.model.job import JobState
from keepsum.store import disk, jobs
from keepsum.store.database import Connection
from keepsum.store.scratch import open_scratch, remove_left
from keepsum.store.tables import exports
from keepsum.store.tables import jobs as job_table
from keepsum.store.vault import Cipher

LONGEST_ID = 26
JOB = "export"  # the job that makes a file
_KEPT = jobs.KEPT_DAYS * A_DAY  # µs
_PLAIN = tuple(one for one in exports.columns if one.name != "asked_encrypted")
_JSON = ("shown", "columns", "about")


@dataclass(frozen=True, kw_only=True)
class ExportRow:
    """One export; days are numbers, instants µs. `caller_kind` and `caller` say who asked, `file` is in the folder."""

    id: str
    workspace: str
    caller_kind: str
    caller: str
    dataset: str
    format: Format
    first_day: int
    last_day: int
    shown: Mapping[str, list[Any]]
    state: ExportState
    created_at: int
    job: int | None = None
    estimated_rows: int | None = None
    rows: int | None = None
    bytes: int | None = None
    columns: tuple[str, ...] = ()
    about: Mapping[str, Any] = field(default_factory=dict[str, Any])
    file: str | None = None
    error: str | None = None
    completed_at: int | None = None
    expires_at: int | None = None


@dataclass(frozen=True, kw_only=True)
class Made:
    """What a finished file is: how many rows and bytes, which columns, what it says of itself, and what it needs."""

    file: Path
    rows: int
    columns: tuple[str, ...]
    about: Mapping[str, Any]
    needs: Mapping[str, Any]


def add(connection: Connection, cipher: Cipher, made: ExportRow, asked: Mapping[str, Any]) -> ExportRow:
    """Note an export and queue the job that makes it; give it with the job's number."""
    text = cipher.encrypt(json.dumps(asked), exports.c.asked_encrypted, made.id)
    job = jobs.put(connection, made.workspace, JOB, {"export": made.id}, "export", made.created_at)
    names = ("id", "workspace", "caller_kind", "caller", "dataset", "format", "first_day", "last_day", "state")
    values = {name: getattr(made, name) for name in (*names, "estimated_rows", "created_at")}
    values |= {"shown": json.dumps(made.shown), "asked_encrypted": text, "job": job}
    connection.execute(insert(exports).values(values))
    return get(connection, made.workspace, made.id)


def get(connection: Connection, workspace: str, export: str) -> ExportRow:
    """Give one export of a workspace; raises `UNKNOWN_EXPORT`, for another workspace's as well."""
    found = find(connection, export)
    if found is None or found.workspace != workspace:
        raise NotFound("UNKNOWN_EXPORT", f"There is no export {export[:LONGEST_ID]!r}: it was deleted, or never was.")
    return found


def find(connection: Connection, export: str) -> ExportRow | None:
    """Give an export of any workspace."""
    row = connection.execute(_select().where(exports.c.id == export)).mappings().one_or_none()
    return None if row is None else _row(row)


def listing(connection: Connection, workspace: str, caller: tuple[str, str] | None, limit: int) -> list[ExportRow]:
    """Give the newest exports of a workspace, newest first, of one caller (kind and id) or of all."""
    query = _select().where(exports.c.workspace == workspace)
    if caller is not None:
        query = query.where(exports.c.caller_kind == caller[0], exports.c.caller == caller[1])
    ordered = query.order_by(exports.c.created_at.desc(), exports.c.id.desc()).limit(limit)
    return [_row(row) for row in connection.execute(ordered).mappings()]


def asked(connection: Connection, cipher: Cipher, export: str) -> dict[str, Any]:
    """Give what was asked for; empty once it is no longer needed."""
    stored = connection.execute(select(exports.c.asked_encrypted).where(exports.c.id == export)).scalar()
    return {} if stored is None else json.loads(cipher.decrypt(stored, exports.c.asked_encrypted, export))


def count_waiting(connection: Connection, workspace: str) -> int:
    """Give how many exports of a workspace are not made yet."""
    query = select(exports.c.id).where(exports.c.workspace == workspace, exports.c.state == ExportState.PREPARING)
    return connection.execute(select(func.count()).select_from(query.subquery())).scalar_one()


def end(connection: Connection, cipher: Cipher, export: str, made: Made, *, now: int, until: int, file: str) -> None:
    """Note that an export is ready; from here on its file is there."""
    text = cipher.encrypt(json.dumps(made.needs), exports.c.asked_encrypted, export)
    values = {
        "state": ExportState.READY,
        "rows": made.rows,
        "bytes": made.file.stat().st_size,
        "columns": json.dumps(made.columns),
        "about": json.dumps(made.about),
        "asked_encrypted": text,
        "file": file,
        "completed_at": now,
        "expires_at": until,
    }
    connection.execute(update(exports).where(exports.c.id == export).values(values))


def fail(connection: Connection, export: str, error: str, *, now: int) -> bool:
    """Note that an export failed; False if it is no longer being made."""
    waiting = (exports.c.id == export, exports.c.state == ExportState.PREPARING)
    values = {"state": ExportState.FAILED, "error": error, "completed_at": now, "asked_encrypted": None}
    return connection.execute(update(exports).where(*waiting).values(values)).rowcount == 1


def abandoned(connection: Connection, workspace: str) -> list[ExportRow]:
    """Give the exports whose job ended without them: its worker died too often, or somebody deleted it."""
    query = select(exports.c.id).where(exports.c.workspace == workspace, exports.c.state == ExportState.PREPARING)
    found = [find(connection, one) for one in connection.execute(query).scalars()]
    return [one for one in found if one is not None and one.state is ExportState.FAILED]


def expire(connection: Connection, workspace: str, *, now: int) -> list[str]:
    """Note which exports are over, give them, and forget those that ended long ago."""
    mine = exports.c.workspace == workspace
    over = and_(mine, exports.c.state == ExportState.READY, exports.c.expires_at <= now)
    values = {"state": ExportState.EXPIRED, "asked_encrypted": None, "file": None}
    ended = connection.execute(update(exports).where(over).values(values).returning(exports.c.id)).scalars().all()
    connection.execute(delete(exports).where(mine, exports.c.completed_at < now - _KEPT))
    return list(ended)


def drop(connection: Connection, export: str) -> None:
    """Delete all that is known of an export."""
    connection.execute(delete(exports).where(exports.c.id == export))


def files(connection: Connection, workspace: str) -> set[str]:
    """Give the names of the files that ready exports have."""
    query = select(exports.c.file).where(exports.c.workspace == workspace, exports.c.file.is_not(None))
    return {name for name in connection.execute(query).scalars() if name is not None}


@dataclass(frozen=True)
class Folder:
    """The folder with a workspace's exported files, and with those that are being made."""

    path: Path

    @contextmanager
    def draft(self) -> Generator[Path]:
        """Give a folder to write in that goes when the block ends, or, of a process that died, with the next sweep.

        Raises `DISK_FULL` in place of what the system refuses to write.
        """
        self.path.mkdir(parents=True, exist_ok=True, mode=0o700)
        try:
            with open_scratch(self._drafts) as folder:
                yield folder
        except OSError as error:
            message = f"The file could not be written: {error.strerror or 'the system refused it'}."
            raise Unavailable("DISK_FULL", message) from error

    def keep(self, draft: Path, name: str) -> None:
        """Give a finished file its place, durably; call it in the transaction that notes it."""
        draft.rename(self.path / name)
        disk.sync(self.path)

    def sweep(self, kept: Collection[str]) -> int:
        """Delete all files but these, and what processes that died were writing; give how many files went."""
        if not self.path.is_dir():
            return 0
        gone = [path for path in self.path.iterdir() if path.is_file() and path.name not in kept]
        for path in gone:
            path.unlink(missing_ok=True)
        disk.sync(self.path)
        if self._drafts.is_dir():
            remove_left(self._drafts)
        return len(gone)

    @property
    def _drafts(self) -> Path:
        return self.path / "drafts"


def durable(path: Path) -> None:
    """Bring a file's bytes to disk, and let nobody but its owner read them."""
    path.chmod(0o600)
    descriptor = os.open(path, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


def _select() -> Select[Any]:
    """Exports, and of those that are not made how their job ended."""
    ended = and_(exports.c.state == ExportState.PREPARING, or_(job_table.c.id.is_(None), _has_failed()))
    said = func.coalesce(job_table.c.error, "JOB_LOST: its job is gone; export it again.")
    states = {"state": (ended, ExportState.FAILED.value), "error": (ended, said)}
    columns = [case(states[one.name], else_=one).label(one.name) if one.name in states else one for one in _PLAIN]
    mine = and_(job_table.c.workspace == exports.c.workspace, job_table.c.number == exports.c.job)
    return select(*columns).select_from(exports.outerjoin(job_table, mine))


def _has_failed() -> Any:
    return job_table.c.state.in_([JobState.FAILED, JobState.HELD, JobState.DONE])


def _row(row: RowMapping) -> ExportRow:
    values: dict[str, Any] = {**row}
    values |= {name: json.loads(values[name]) for name in _JSON if values[name] is not None}
    values["columns"], values["about"] = tuple(values["columns"] or ()), values["about"] or {}
    values["state"] = ExportState(values["state"])
    return ExportRow(**values)
