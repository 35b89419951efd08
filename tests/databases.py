"""Real databases for tests: SQLite, PostgreSQL and MariaDB, each test with an empty one of its own process.

Servers are those on the standard ports, else Debian's packages are started where this may be done.  A test whose server
is missing is skipped and says so; with CI=true it fails.
"""

import fcntl
import os
import shutil
import sqlite3
import subprocess
import tempfile
from collections.abc import Generator, Iterator, Sequence
from contextlib import closing, suppress
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

import psycopg
import pymysql
import pytest
from sqlalchemy.engine import URL, make_url

from keepsum.store.homes.attached import Dialect

DIALECTS: tuple[Dialect, ...] = ("sqlite", "postgres", "mysql")
_ADDRESSES = {
    "postgres": (
        os.environ.get("KEEPSUM_TEST_POSTGRES"),
        "postgresql+psycopg://postgres@127.0.0.1:5432/postgres",
        "postgresql+psycopg:///postgres?host=/var/run/postgresql",
    ),
    "mysql": (
        os.environ.get("KEEPSUM_TEST_MYSQL"),
        "mysql+pymysql://root@127.0.0.1:3306/mysql",
        "mysql+pymysql://root@localhost/mysql?unix_socket=/run/mysqld/mysqld.sock",
    ),
}
_STARTS = {
    "postgres": (["service", "postgresql", "start"], ["runuser", "-u", "postgres", "--", "createuser", "-s", "root"]),
    "mysql": (["service", "mariadb", "start"],),
}
_PACKAGES = {"postgres": "pg_ctlcluster", "mysql": "mariadbd"}

# A database of PostgreSQL takes a fifth of a second to be made and dropped: the next test gets it emptied.
_OTHERS = "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = current_database()"
_SCHEMAS = "SELECT nspname FROM pg_namespace WHERE nspname !~ '^pg_' AND nspname <> 'information_schema'"
_DROPPED = f"FOR one IN {_SCHEMAS} LOOP EXECUTE format('DROP SCHEMA %I CASCADE', one); END LOOP"
_EMPTIED = (
    f"{_OTHERS} AND pid <> pg_backend_pid()",
    f"DO $$ DECLARE one text; BEGIN {_DROPPED}; END $$",
    "CREATE SCHEMA public AUTHORIZATION pg_database_owner",
    "GRANT USAGE ON SCHEMA public TO PUBLIC",
)
_made: set[tuple[URL, Dialect]] = set()  # where a database of this process is


@dataclass(frozen=True)
class Database:
    """An empty database of one test; `execute` and `many` commit."""

    dialect: Dialect
    url: str

    def connect(self) -> Any:
        """A connection of the driver's own, as an application would have one."""
        return _connect(make_url(self.url), self.dialect)

    def execute(self, *statements: str, parameters: Sequence[Any] = ()) -> list[tuple[Any, ...]]:
        """Carry out statements, and give the rows of the last one."""
        with closing(self.connect()) as connection, closing(connection.cursor()) as cursor:
            for statement in statements:
                cursor.execute(statement, tuple(parameters))
            rows = list(cursor.fetchall()) if cursor.description else []
            connection.commit()
            return rows

    def insert(self, table: str, rows: Sequence[Sequence[Any]]) -> None:
        """Insert rows, their values in the order of the table's columns."""
        if rows:
            mark = "?" if self.dialect == "sqlite" else "%s"
            with closing(self.connect()) as connection, closing(connection.cursor()) as cursor:
                marks = ", ".join([mark] * len(rows[0]))
                cursor.executemany(f"INSERT INTO {table} VALUES ({marks})", [tuple(row) for row in rows])
                connection.commit()


@pytest.fixture(params=DIALECTS)
def database(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Database]:
    """An empty database, once on each of the three."""
    yield from opened(request.param, tmp_path)


@pytest.fixture(params=("postgres", "mysql"))
def served(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Database]:
    """An empty database, once on each that has a server."""
    yield from opened(request.param, tmp_path)


def opened(dialect: Dialect, folder: Path) -> Generator[Database]:
    """Give an empty database, and let go of it after."""
    if dialect == "sqlite":
        path = folder / "application.db"
        sqlite3.connect(path).close()
        yield Database(dialect, f"sqlite:///{path}")
        return
    server = _server(dialect)
    if server is None:
        missing = f"there is no {dialect} server on its standard port, and none may be started"
        if os.environ.get("CI") == "true":
            pytest.fail(missing)
        pytest.skip(missing)
    try:
        yield Database(dialect, _empty(server, dialect).render_as_string(hide_password=False))
    finally:
        if dialect == "mysql" or not _is_emptied(server):
            _drop(server, dialect)


def pytest_sessionfinish() -> None:
    """Leave no database behind."""
    for server, dialect in list(_made):
        _drop(server, dialect)


def _empty(server: URL, dialect: Dialect) -> URL:
    """Make an empty database of this process, out of the one that the last test left where there is one."""
    name = _name()
    settings = (f"ALTER DATABASE {name} SET synchronous_commit = off",) if dialect == "postgres" else ()
    if (server, dialect) in _made:
        _administer(server.set(database=name), dialect, *_EMPTIED, f"ALTER DATABASE {name} RESET ALL", *settings)
    else:
        _drop(server, dialect)
        _administer(server, dialect, f"CREATE DATABASE {name}", *settings)
        _made.add((server, dialect))
    return server.set(database=name)


def _drop(server: URL, dialect: Dialect) -> None:
    forced = " WITH (FORCE)" if dialect == "postgres" else ""
    _administer(server, dialect, f"DROP DATABASE IF EXISTS {_name()}{forced}")
    _made.discard((server, dialect))


def _name() -> str:
    return f"keepsum_tests_{os.environ.get('PYTEST_XDIST_WORKER', 'gw')}_{os.getpid()}"


@cache
def _is_emptied(server: URL) -> bool:
    """Whether the schema that every database has can be made anew as it was."""
    with closing(_connect(server, "postgres")) as connection:
        return connection.info.server_version >= 150_000


@cache
def _server(dialect: str) -> URL | None:
    found = _answering(dialect)
    if found is None and shutil.which(_PACKAGES[dialect]) and os.geteuid() == 0:
        with (Path(tempfile.gettempdir()) / f"keepsum-tests-{dialect}.lock").open("w") as lock:
            fcntl.flock(lock, fcntl.LOCK_EX)
            for command in _STARTS[dialect] if _answering(dialect) is None else ():
                subprocess.run(command, check=False, capture_output=True)
        found = _answering(dialect)
    return found


def _answering(dialect: str) -> URL | None:
    for address in filter(None, _ADDRESSES[dialect]):
        with suppress(psycopg.Error, pymysql.Error):
            url = make_url(address)
            _connect(url, dialect).close()
            return url
    return None


def _administer(url: URL, dialect: str, *statements: str) -> None:
    with closing(_connect(url, dialect)) as connection, closing(connection.cursor()) as cursor:
        if dialect == "postgres":
            connection.rollback()
            connection.autocommit = True
        for statement in statements:
            cursor.execute(statement)


def _connect(url: URL, dialect: str) -> Any:
    if dialect == "sqlite":
        connection = sqlite3.connect(url.database or "")
        connection.execute("PRAGMA foreign_keys = ON")
        return connection
    _, arguments = url.get_dialect()().create_connect_args(url)
    if dialect == "postgres":
        return psycopg.connect(**arguments)
    return pymysql.connect(
        **{**arguments, "charset": "utf8mb4", "init_command": "SET time_zone = '+00:00'", "ssl_disabled": True}
    )
