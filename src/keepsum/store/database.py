"""One SQLite file: how it is opened, who may write, when it is checkpointed."""

import sqlite3
from collections.abc import Generator, Sequence
from contextlib import contextmanager, suppress
from functools import lru_cache
from itertools import chain
from pathlib import Path
from typing import Any

from sqlalchemy import Connection, Engine, create_engine, event
from sqlalchemy.exc import DatabaseError
from sqlalchemy.pool import QueuePool, StaticPool

from keepsum.model.errors import KeepsumError, Unavailable
from keepsum.store.lock import FileLock

__all__ = ["Connection", "Database", "copy", "driver", "fetch", "insert_many"]

WRITER_PRAGMAS = (
    "PRAGMA journal_mode = WAL",
    "PRAGMA synchronous = FULL",
    "PRAGMA secure_delete = ON",
    "PRAGMA temp_store = MEMORY",
    "PRAGMA wal_autocheckpoint = 0",
    "PRAGMA cache_size = -65536",
)
READER_PRAGMAS = ("PRAGMA query_only = ON", "PRAGMA temp_store = MEMORY", "PRAGMA cache_size = -32768")
WAL_CEILING = 32 << 20
LOCK_PATIENCE = 60_000  # ms that a statement waits for a stranger who locked the file
READER_PATIENCE = 1_000  # ms that a checkpoint waits for readers; writers wait as long, so it is short
READERS = 16
ROWS, VALUES = 64, 30_000  # at most in one statement


class Database:
    """A SQLite file with one writer at a time over all processes, and short read-only readers."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self.lock = FileLock(path.with_name(path.name + ".lock"))
        self._folder, self._log = path.parent, path.with_name(path.name + "-wal")
        self._writer = _engine(path, "rwc", WRITER_PRAGMAS, begin="BEGIN IMMEDIATE")
        self._idle: Connection | None = None  # the writer's, which is kept: to take one out costs more than to begin
        self._reader = _engine(path, "ro", READER_PRAGMAS, begin="BEGIN")

    @contextmanager
    def write(self) -> Generator[Connection]:
        """Give the one transaction that may change the file; it is durable when the block ends without an error."""
        if not self._folder.is_dir():
            raise Unavailable("DATABASE_FAILED", f"The file {self.path.name!r} was deleted with its folder.")
        with self.lock.held(), _named(self.path):
            with self._begun() as connection:
                yield connection
            if self._wal_bytes() > WAL_CEILING:
                # What was written is durable in the log whether or not it could be moved; the next write tries again.
                # It is emptied, for a log that stayed long would be moved after every write.
                with suppress(sqlite3.Error):
                    self._checkpoint("TRUNCATE", patience=0)

    @contextmanager
    def read(self) -> Generator[Connection]:
        """Give one snapshot to read from; keep it short, an open reader delays the purge."""
        with _named(self.path), self._reader.begin() as connection:
            yield connection

    @contextmanager
    def _begun(self) -> Generator[Connection]:
        """Give the writer's connection in a transaction; where that fails it is closed, which ends what it began."""
        connection, self._idle = self._idle or self._writer.connect(), None
        try:
            with connection.begin():
                yield connection
        except BaseException:
            connection.close()
            raise
        self._idle = connection

    def stamp(self) -> tuple[int, ...]:
        """Give what is different after anybody wrote to the file, in this process or another; it costs no query."""
        found: list[int] = []
        for path in (self.path, self._log):
            try:
                told = path.stat()
            except FileNotFoundError:
                continue
            found += (told.st_mtime_ns, told.st_size, told.st_ino)
        return tuple(found)

    def truncate(self) -> bool:
        """Move all of the log into the file and empty it; False while a reader is in the way."""
        with self.lock.held(), _named(self.path):
            return self._checkpoint("TRUNCATE")

    def close(self) -> None:
        """Close all connections; the last one to close checkpoints, so it does that under the lock."""
        self._reader.dispose()
        try:
            with self.lock.held():
                self._close_writer()
        except FileNotFoundError:  # somebody deleted the file with its folder: there is nothing left to checkpoint
            self._close_writer()

    def _close_writer(self) -> None:
        if self._idle is not None:
            self._idle.close()
            self._idle = None
        self._writer.dispose()

    def _checkpoint(self, mode: str, *, patience: int = READER_PATIENCE) -> bool:
        raw = self._writer.raw_connection()
        try:
            cursor = raw.cursor()
            cursor.execute(f"PRAGMA busy_timeout = {patience}")
            cursor.execute(f"PRAGMA wal_checkpoint({mode})")
            row: tuple[int, int, int] = cursor.fetchone()  # pyright: ignore[reportAssignmentType] -- always one row
            return not row[0]
        finally:
            raw.cursor().execute(f"PRAGMA busy_timeout = {LOCK_PATIENCE}")
            raw.close()

    def _wal_bytes(self) -> int:
        try:
            return self._log.stat().st_size
        except FileNotFoundError:
            return 0


def fetch(connection: Connection, sql: str, parameters: tuple[Any, ...] = ()) -> list[tuple[Any, ...]]:
    """Run a statement written for the driver and give its rows as plain tuples, without a row object each."""
    cursor = connection.exec_driver_sql(sql, parameters).cursor
    return [] if cursor is None else cursor.fetchall()  # pyright: ignore[reportReturnType] -- the driver's are tuples


def copy(connection: Connection, path: Path) -> None:
    """Write what a snapshot sees to a new file, durably."""
    target = sqlite3.connect(path)
    try:
        driver(connection).backup(target)
    finally:
        target.close()


def driver(connection: Connection) -> sqlite3.Connection:
    """Give the driver's own connection inside the transaction, for statements that run with every request."""
    raw = connection.connection.driver_connection
    assert isinstance(raw, sqlite3.Connection)  # noqa: S101 -- there is no other driver
    return raw


def insert_many(raw: sqlite3.Connection, into: str, width: int, rows: Sequence[Sequence[object]]) -> int:
    """Insert rows of so many values by `into`, an INSERT up to its VALUES; give how many went in.

    TRICKY: the driver gives the interpreter away at every step of a statement and, with `executemany`, at every row;
    a busy thread keeps it for milliseconds then.  So rows go together, in powers of two that share few statements.
    """
    count = place = 0
    size = 1 << (max(1, min(ROWS, VALUES // width)).bit_length() - 1)
    while place < len(rows):
        while size > len(rows) - place:
            size >>= 1
        values = list(chain.from_iterable(rows[place : place + size]))
        count += raw.execute(into + _values(width, size), values).rowcount
        place += size
    return count


@lru_cache(maxsize=1_024)
def _values(width: int, rows: int) -> str:
    """Give the end of an INSERT of so many rows."""
    return " VALUES " + ", ".join([f"({', '.join('?' * width)})"] * rows)


@contextmanager
def _named(path: Path) -> Generator[None]:
    """Turn a driver's failure (disk full, read-only, not a database) into one that says which file and what to do."""
    try:
        yield
    except KeepsumError:
        raise
    except (DatabaseError, sqlite3.Error) as error:
        reason = str(error.orig if isinstance(error, DatabaseError) else error)
        code = "DISK_FULL" if "full" in reason else "DATABASE_FAILED"
        message = f"The file {path.name!r} could not be used: {reason}. Nothing of this step was kept."
        raise Unavailable(code, message) from error


def _engine(path: Path, mode: str, pragmas: tuple[str, ...], *, begin: str) -> Engine:
    address = f"sqlite:///file:{path}?mode={mode}&uri=true"
    pool: dict[str, Any] = {"poolclass": StaticPool} if mode != "ro" else {"poolclass": QueuePool, "pool_size": READERS}
    arguments = {"check_same_thread": False, "timeout": LOCK_PATIENCE / 1_000, "cached_statements": 512}
    engine = create_engine(address, connect_args=arguments, **pool)

    @event.listens_for(engine, "connect")
    def connected(raw: Any, _record: object) -> None:  # pyright: ignore[reportUnusedFunction] -- called by the event
        raw.isolation_level = None  # the driver's own implicit BEGIN would start too late and too weakly
        for pragma in pragmas:
            raw.execute(pragma)

    @event.listens_for(engine, "begin")
    def begun(connection: Connection) -> None:  # pyright: ignore[reportUnusedFunction] -- called by the event
        driver(connection).execute(begin)

    return engine
