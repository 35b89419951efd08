"""The attached home: an application's own database, read in one snapshot and changed in short transactions.

Nothing of it is kept here. A connection belongs to the step that opened it, and is closed with it.
"""

import importlib
import sqlite3
import time
from collections.abc import Generator, Iterator, Sequence
from contextlib import closing, contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal, Protocol
from urllib.parse import quote

from sqlalchemy.engine import URL, make_url
from sqlalchemy.exc import SQLAlchemyError

from keepsum.model.attached import Stored
from keepsum.model.errors import Invalid, Unavailable
from keepsum.model.units import units
from keepsum.store.homes import failures

Dialect = Literal["sqlite", "postgres", "mysql"]
Row = tuple[Any, ...]
Columns = list[Any]

STATEMENT = 600.0  # seconds a statement may take
LOCK = 1.0  # seconds it may wait for a lock
_CONNECT = 10  # seconds
_UNFIT = 1e30
_STEPS = 20_000  # of SQLite's machine between two looks at the clock
_DIALECTS: dict[str, Dialect] = {
    "sqlite": "sqlite", "postgresql": "postgres", "mysql": "mysql", "mariadb": "mysql",
}  # fmt: skip
_PORTS = {"postgres": 5432, "mysql": 3306}
_EXTRAS = {"postgres": "psycopg", "mysql": "pymysql"}


class Told(Protocol):
    """A statement in the driver's own style, and the values of its parameters in order."""

    @property
    def sql(self) -> str: ...  # noqa: D102 - the class says it

    @property
    def parameters(self) -> Sequence[Any]: ...  # noqa: D102 - the class says it


@dataclass(frozen=True, kw_only=True)
class Limits:
    """How many seconds a statement may take, and how many it may wait for a lock (MySQL counts whole ones)."""

    statement: float = STATEMENT
    lock: float = LOCK


class Reading:
    """One snapshot: whatever is read sees the database as it was when the snapshot was first read."""

    def __init__(self, dialect: Dialect, driver: "_Driver", connection: Any, where: str) -> None:
        self.dialect: Dialect = dialect
        self._driver, self._connection, self._where = driver, connection, where

    def stream(self, statement: Told, size: int = 2_000) -> Iterator[list[Row]]:
        """Give the rows of a statement in lists of at most so many; read one statement to its end before the next.

        Raises `DATABASE_*` as `failures` says.
        """
        with self._named(), self._asked(statement) as cursor:
            while rows := cursor.fetchmany(size):
                yield list(rows)

    def columns(self, statement: Told, size: int) -> Iterator[Columns]:
        """Give the same rows as columns: Arrow arrays where the driver has them, else values one by one."""
        with self._named(), self._asked(statement) as cursor:
            yield from self._driver.columns(cursor, size)

    def row(self, statement: Told) -> Row:
        """Give the only row of a statement."""
        (row,) = (row for rows in self.stream(statement) for row in rows)
        return row

    @contextmanager
    def _asked(self, statement: Told) -> Generator[Any]:
        cursor = self._driver.cursor(self._connection)
        try:
            cursor.execute(statement.sql, tuple(statement.parameters))
            yield cursor
        finally:
            # Who stops half way may have closed the connection before the rest of the rows is let go.
            with suppress(*self._driver.errors):
                cursor.close()

    @contextmanager
    def _named(self) -> Generator[None]:
        with _failing(self._driver, self._where, connecting=False):
            yield


class Changing(Reading):
    """One transaction that changes rows; it is committed when its block ends, else nothing of it is kept."""

    def execute(self, statement: Told) -> int:
        """Carry out a statement, and give how many rows it changed."""
        with self._named(), closing(self._connection.cursor()) as cursor:
            cursor.execute(statement.sql, tuple(statement.parameters))
            return cursor.rowcount


class AttachedDatabase:
    """A database by its SQLAlchemy URL; `of` says in messages whose it is, such as "stream 'orders'".

    Raises `BAD_DATABASE_URL` for an address that is none of SQLite, PostgreSQL, MySQL and MariaDB, and
    `DRIVER_MISSING` where the extra that brings its driver is not installed.
    """

    def __init__(self, url: str, *, of: str = "", limits: Limits = Limits()) -> None:
        self._url = _parsed(url)
        self.dialect: Dialect = _DIALECTS[self._url.get_backend_name()]
        self._driver = _driver(self.dialect)
        self._limits = limits
        self._where = f"The {_NAMES[self.dialect]} database {self.name!r}{of and f' of {of}'}"

    @property
    def name(self) -> str:
        """The name of the database on its server; of SQLite, that of the file."""
        database = self._url.database or ""
        return Path(database).name if self.dialect == "sqlite" else database

    @property
    def url(self) -> URL:
        """Its address, password included; for who opens a connection of their own."""
        return self._url

    @property
    def identity(self) -> str:
        """Which database it is, without who asks and without a password; a socket stands in place of its host."""
        if self.dialect == "sqlite":
            return f"sqlite://{Path(self._url.database or '').resolve().as_posix()}"
        _, told = self._url.get_dialect()().create_connect_args(self._url)
        host, port = told.get("unix_socket") or told.get("host") or "", told.get("port") or _PORTS[self.dialect]
        return f"{self.dialect}://{host if told.get('unix_socket') else f'{host}:{port}'}/{self.name}"

    @contextmanager
    def snapshot(self) -> Generator[Reading]:
        """Open a read-only transaction that sees one state of the database, whatever others do."""
        with self._opened(read_only=True) as connection:
            yield Reading(self.dialect, self._driver, connection, self._where)

    @contextmanager
    def change(self) -> Generator[Changing]:
        """Open a transaction that sees what others have committed, waits for locks, and is committed at the end."""
        with self._opened(read_only=False) as connection:
            yield Changing(self.dialect, self._driver, connection, self._where)
            with _failing(self._driver, self._where, connecting=False):
                connection.commit()

    @contextmanager
    def _opened(self, *, read_only: bool) -> Generator[Any]:
        with _failing(self._driver, self._where, connecting=True):
            connection = self._driver.connect(self._url, self._limits, read_only=read_only)
        try:
            with _failing(self._driver, self._where, connecting=False):
                self._driver.begin(connection, read_only=read_only)
            yield connection
        finally:
            # What was not committed is rolled back by closing; a connection that is lost cannot be told goodbye.
            with suppress(*self._driver.errors):
                connection.close()


class _Driver(Protocol):
    """What a database does in its own way."""

    errors: tuple[type[Exception], ...]

    def connect(self, url: URL, limits: Limits, *, read_only: bool) -> Any: ...

    def begin(self, connection: Any, *, read_only: bool) -> None: ...

    def cursor(self, connection: Any) -> Any: ...

    def columns(self, cursor: Any, size: int) -> Iterator[Columns]: ...


class _Sqlite:
    """SQLite through Python's module; only it needs help with exact numbers, for it has floats alone."""

    errors: tuple[type[Exception], ...] = (sqlite3.Error,)

    def connect(self, url: URL, limits: Limits, *, read_only: bool) -> sqlite3.Connection:
        address = f"file:{quote(url.database or '')}?mode={'ro' if read_only else 'rw'}"
        # TRICKY: without an isolation level the driver leaves BEGIN and COMMIT to us.
        connection = sqlite3.connect(address, uri=True, timeout=limits.lock, isolation_level=None)
        connection.text_factory = _text
        connection.create_function("keepsum_units", 3, _units, deterministic=True)
        ends = time.monotonic() + limits.statement
        connection.set_progress_handler(lambda: time.monotonic() > ends, _STEPS)
        connection.execute("PRAGMA foreign_keys = ON")
        return connection

    def begin(self, connection: sqlite3.Connection, *, read_only: bool) -> None:
        connection.execute("BEGIN" if read_only else "BEGIN IMMEDIATE")
        connection.execute("SELECT 1 FROM sqlite_schema LIMIT 1").fetchall()  # a snapshot begins with its first read

    def cursor(self, connection: sqlite3.Connection) -> sqlite3.Cursor:
        return connection.cursor()

    def columns(self, cursor: sqlite3.Cursor, size: int) -> Iterator[Columns]:
        return _transposed(cursor, size)


class _Postgres:
    """PostgreSQL through psycopg 3."""

    def __init__(self, driver: Any) -> None:
        self._driver = driver
        self.errors: tuple[type[Exception], ...] = (driver.Error,)

    def connect(self, url: URL, limits: Limits, *, read_only: bool) -> Any:
        _, arguments = url.get_dialect()().create_connect_args(url)
        connection = self._driver.connect(**{"connect_timeout": _CONNECT, **arguments}, client_encoding="utf8")
        level = self._driver.IsolationLevel
        connection.isolation_level = level.REPEATABLE_READ if read_only else level.READ_COMMITTED
        # What changes rows leaves it to the role: one that is read-only by default says so.
        connection.read_only = True if read_only else None
        connection.execute(
            "SELECT set_config('statement_timeout', %s, false), set_config('lock_timeout', %s, false),"
            " set_config('TimeZone', 'UTC', false), set_config('DateStyle', 'ISO', false),"
            " set_config('extra_float_digits', '1', false), set_config('bytea_output', 'hex', false)",
            (str(round(limits.statement * 1_000)), str(round(limits.lock * 1_000))),
        )
        connection.commit()
        return connection

    def begin(self, connection: Any, *, read_only: bool) -> None:
        del read_only
        connection.execute("SELECT 1")  # the driver begins with the first statement, and so does the snapshot

    def cursor(self, connection: Any) -> Any:
        return connection.cursor(name="keepsum")

    def columns(self, cursor: Any, size: int) -> Iterator[Columns]:
        return _transposed(cursor, size)


class _Mysql:
    """MySQL and MariaDB through PyMySQL, in UTC and utf8mb4."""

    def __init__(self, driver: Any) -> None:
        self._connection = importlib.import_module("keepsum.store.homes.encrypted").Encrypted
        self._unbuffered = importlib.import_module("pymysql.cursors").SSCursor
        self._packets = importlib.import_module("keepsum.store.homes.packets").Packets
        self.errors: tuple[type[Exception], ...] = (driver.Error,)

    def connect(self, url: URL, limits: Limits, *, read_only: bool) -> Any:
        _, arguments = url.get_dialect()().create_connect_args(url)
        wanted = {"charset": "utf8mb4", "connect_timeout": _CONNECT, "read_timeout": limits.statement + _CONNECT}
        arguments.pop("client_flag", None)  # the affected rows of a statement are those it changed
        connection = self._connection(**{**arguments, **wanted})
        with connection.cursor() as cursor:
            cursor.execute("SELECT VERSION(), @@log_bin, @@binlog_format")
            version, is_logged, logged_as = cursor.fetchone()
            # TRICKY: a log of statements refuses changes below REPEATABLE READ; locking reads see the newest in both.
            repeatable = read_only or (is_logged and logged_as == "STATEMENT")
            level = "REPEATABLE READ" if repeatable else "READ COMMITTED"
            cursor.execute(f"SET SESSION TRANSACTION ISOLATION LEVEL {level}")
            timeout = ("max_statement_time", limits.statement)
            if "MariaDB" not in version:
                timeout = ("max_execution_time", round(limits.statement * 1_000))
            cursor.execute(
                "SET SESSION time_zone = '+00:00', innodb_lock_wait_timeout = %s, lock_wait_timeout = %s,"
                f" {timeout[0]} = %s, sql_mode = 'STRICT_ALL_TABLES,ERROR_FOR_DIVISION_BY_ZERO,NO_ENGINE_SUBSTITUTION'",
                (max(1, round(limits.lock)), max(1, round(limits.lock)), timeout[1]),
            )
        return connection

    def begin(self, connection: Any, *, read_only: bool) -> None:
        with connection.cursor() as cursor:
            snapshot = "START TRANSACTION WITH CONSISTENT SNAPSHOT, READ ONLY"
            cursor.execute(snapshot if read_only else "START TRANSACTION")

    def cursor(self, connection: Any) -> Any:
        return connection.cursor(self._unbuffered)

    def columns(self, cursor: Any, size: int) -> Iterator[Columns]:
        return self._packets(cursor).columns(size)


_NAMES = {"sqlite": "SQLite", "postgres": "PostgreSQL", "mysql": "MySQL"}


def _transposed(cursor: Any, size: int) -> Iterator[Columns]:
    while rows := cursor.fetchmany(size):
        yield list(zip(*rows, strict=True))


def _parsed(url: str) -> URL:
    """Give the parts of an address; messages about it never hold it, for it has a password."""
    try:
        parsed = make_url(url)
        name = parsed.get_backend_name()
    except (SQLAlchemyError, ValueError):
        name = ""
    else:
        if name in _DIALECTS and parsed.database and parsed.database != ":memory:":
            drivers = {"sqlite": "sqlite", "postgresql": "postgresql+psycopg"}
            return parsed.set(drivername=drivers.get(name, "mysql+pymysql"))
    raise Invalid(
        "BAD_DATABASE_URL",
        "The address of an attached database is none of the forms sqlite:////path/to/file, "
        "postgresql://role:password@host/database and mysql://role:password@host/database.",
    )


def _driver(dialect: Dialect) -> _Driver:
    if dialect == "sqlite":
        return _Sqlite()
    name = _EXTRAS[dialect]
    try:
        driver = importlib.import_module(name)
    except ImportError as error:
        message = f"The driver of {_NAMES[dialect]} is not installed: pip install 'keepsum[{dialect}]'."
        raise Unavailable("DRIVER_MISSING", message) from error
    return _Postgres(driver) if dialect == "postgres" else _Mysql(driver)


@contextmanager
def _failing(driver: _Driver, where: str, *, connecting: bool) -> Generator[None]:
    """Turn a driver's error into one of ours; without its cause, whose words may hold values."""
    try:
        yield
    except driver.errors as error:
        raise failures.said(where, error, connecting=connecting) from None


def _units(raw: object, stored: Stored, shift: int) -> float | int | None:
    """Give a number in its field's unit to SQLite; for what does not fit, one that makes no sum with it an integer."""
    found = units(raw, stored, shift)
    return _UNFIT if found is None and raw is not None else found


def _text(data: bytes) -> str:
    """Give a text of SQLite, which may hold any bytes; what is no UTF-8 becomes surrogates, which nothing accepts."""
    return data.decode("utf-8", "surrogateescape")
