"""A wallet's ledger of one day in three databases, and what a team would write to add it up: its own SQL, by hand.

The tables are those of `examples/wallet`, with their columns and keys in each database's own types.
"""

import datetime as dt
import json
import sqlite3
import time
from collections.abc import Generator, Iterator, Mapping
from contextlib import ExitStack, closing, contextmanager
from dataclasses import dataclass, field
from random import Random
from typing import Any, Literal

import psycopg
import pymysql
from examples.wallet.generate import DIGITS, SPENT_ON
from sqlalchemy.engine import make_url

from bench.outcome import CannotRun
from bench.postgres import postgres
from bench.run import Run

Dialect = Literal["mysql", "postgres", "sqlite"]
Row = tuple[Any, ...]

DAY = dt.date(2025, 11, 12)  # a day of India
START = dt.datetime(2025, 11, 11, 18, 30, tzinfo=dt.UTC)
DRIVERS: dict[Dialect, str] = {"mysql": "PyMySQL", "postgres": "psycopg", "sqlite": "Python's sqlite3"}
MARIADB = "mysql+pymysql://root@127.0.0.1:3306/"
AT_ONCE = 5_000  # rows inserted by one statement
GRANTED = {"registration_bonus": 3, "purchase": 8, "referral_bonus": 4}

LEDGER = """
CREATE TABLE users (
  id {id} PRIMARY KEY, username VARCHAR(100) NOT NULL, email VARCHAR(255) NOT NULL UNIQUE,
  role {text} NOT NULL, balance_regular BIGINT NOT NULL, balance_promo BIGINT NOT NULL,
  created_at {instant} NOT NULL, updated_at {instant} NOT NULL
);
CREATE TABLE wallet_ledger (
  id CHAR(26) NOT NULL PRIMARY KEY, user_id {id} NOT NULL, token_type {kind} NOT NULL, direction {direction} NOT NULL,
  reason VARCHAR(64) NOT NULL, amount BIGINT NOT NULL, balance_after_regular BIGINT, balance_after_promo BIGINT,
  reference_id VARCHAR(100), metadata {json}, occurred_at {instant} NOT NULL,
  FOREIGN KEY (user_id) REFERENCES users (id)
);
CREATE INDEX ledger_at ON wallet_ledger (occurred_at);
CREATE INDEX ledger_of ON wallet_ledger (user_id, occurred_at);
"""
STATS = """
CREATE TABLE stats_tokens (
  day DATE, token_type {text}, direction {text}, entries BIGINT, amount BIGINT, PRIMARY KEY (day, token_type, direction)
);
CREATE TABLE stats_features (
  day DATE, reason {text}, token_type {text}, direction {text}, entries BIGINT, amount BIGINT,
  PRIMARY KEY (day, reason, token_type, direction)
);
CREATE TABLE stats_active (
  day DATE, reason {text}, token_type {text}, active_users BIGINT, PRIMARY KEY (day, reason, token_type)
);
CREATE TABLE stats_who (
  day DATE, reason {text}, token_type {text}, user_id {id}, PRIMARY KEY (day, reason, token_type, user_id)
);
"""
TYPES: dict[Dialect, dict[str, str]] = {
    "mysql": {
        "id": "INT UNSIGNED", "text": "VARCHAR(64)", "json": "JSON", "instant": "TIMESTAMP",
        "kind": "ENUM('regular', 'promo')", "direction": "ENUM('credit', 'debit')",
    },
    "postgres": {
        "id": "BIGINT", "text": "VARCHAR(64)", "json": "JSONB", "instant": "TIMESTAMPTZ",
        "kind": "VARCHAR(64)", "direction": "VARCHAR(64)",
    },
    "sqlite": {
        "id": "INTEGER", "text": "TEXT", "json": "TEXT", "instant": "TEXT", "kind": "TEXT", "direction": "TEXT",
    },
}  # fmt: skip

OF_DAY = "FROM wallet_ledger WHERE occurred_at >= {start} AND occurred_at < {end}"
SUMS = {
    "tokens": "INSERT INTO stats_tokens SELECT {day}, token_type, direction, COUNT(*), SUM(amount) {of} "
    "GROUP BY token_type, direction",
    "features": "INSERT INTO stats_features SELECT {day}, reason, token_type, direction, COUNT(*), SUM(amount) {of} "
    "GROUP BY reason, token_type, direction",
    "active": "INSERT INTO stats_active SELECT {day}, '', '', COUNT(DISTINCT user_id) {of}",
    "active by kind": "INSERT INTO stats_active SELECT {day}, '', token_type, COUNT(DISTINCT user_id) {of} "
    "GROUP BY token_type",
    "active by feature": "INSERT INTO stats_active SELECT {day}, reason, '', COUNT(DISTINCT user_id) {of} "
    "GROUP BY reason",
    "active by both": "INSERT INTO stats_active SELECT {day}, reason, token_type, COUNT(DISTINCT user_id) {of} "
    "GROUP BY reason, token_type",
    "pairs": "INSERT INTO stats_who SELECT DISTINCT {day}, reason, token_type, user_id {of}",
}


@dataclass(frozen=True, kw_only=True)
class Ledger:
    """A database with one day of entries, by its address."""

    dialect: Dialect
    url: str
    rows: int
    day: dt.date = DAY
    _statements: Mapping[str, str] = field(repr=False)

    def asked(self) -> dict[str, float]:
        """Give the seconds of each statement of the team's nightly job, which begins with empty tables."""
        found: dict[str, float] = {}
        with closing(connected(self.dialect, self.url)) as connection:
            cursor = connection.cursor()
            for table in ("stats_tokens", "stats_features", "stats_active", "stats_who"):
                cursor.execute(f"DELETE FROM {table}")
            connection.commit()
            for name, statement in self._statements.items():
                begin = time.perf_counter()
                cursor.execute(statement)
                connection.commit()
                found[name] = time.perf_counter() - begin
        return found


def connected(dialect: Dialect, url: str) -> Any:
    """Give a connection of the driver's own, in UTC."""
    where = make_url(url)
    if dialect == "sqlite":
        return sqlite3.connect(str(where.database))
    _, arguments = where.get_dialect()().create_connect_args(where)
    if dialect == "postgres":
        return psycopg.connect(**arguments, options="-c timezone=UTC")
    return pymysql.connect(**{**arguments, "charset": "utf8mb4", "init_command": "SET time_zone = '+00:00'"})


@contextmanager
def ledgers(run: Run, dialect: Dialect, sizes: Mapping[str, tuple[int, int]]) -> Generator[dict[str, Ledger]]:
    """Give a database for each size, in rows and users, while the block runs; raises `CannotRun`."""
    with ExitStack() as stack:
        address = _address(run, dialect, stack)
        yield {name: _made(dialect, address(name), *size, stack) for name, size in sizes.items()}


def _address(run: Run, dialect: Dialect, stack: ExitStack) -> Any:
    """Give what names a database on a server that answers."""
    if dialect == "sqlite":
        folder = run.folder("ledger")
        return lambda name: f"sqlite:///{folder / name}.db"
    server = MARIADB
    if dialect == "postgres":
        server = f"postgresql+psycopg://postgres@{stack.enter_context(postgres(run))}/"
    try:
        connected(dialect, f"{server}{'mysql' if dialect == 'mysql' else 'postgres'}").close()
    except (pymysql.Error, psycopg.Error) as error:
        raise CannotRun(f"no server answers root without a password at {server}: {type(error).__name__}") from error
    return lambda name: f"{server}keepsum_bench_{name}"


def _made(dialect: Dialect, url: str, rows: int, users: int, stack: ExitStack) -> Ledger:
    where = make_url(url)
    if dialect != "sqlite":
        server = where.set(database={"mysql": "mysql", "postgres": "postgres"}[dialect])
        _administer(dialect, server.render_as_string(hide_password=False), f"CREATE DATABASE {where.database}")
        stack.callback(
            _administer, dialect, server.render_as_string(hide_password=False), f"DROP DATABASE {where.database}"
        )
    _fill(dialect, url, rows, users)
    return Ledger(dialect=dialect, url=url, rows=rows, _statements=_statements(dialect))


def _administer(dialect: Dialect, url: str, statement: str) -> None:
    with closing(connected(dialect, url)) as connection:
        if dialect == "postgres":
            connection.autocommit = True
        connection.cursor().execute(statement)


def _statements(dialect: Dialect) -> dict[str, str]:
    end = START + dt.timedelta(days=1)
    of = OF_DAY.format(start=f"'{_instant(dialect, START)}'", end=f"'{_instant(dialect, end)}'")
    return {name: sql.format(day=f"{_DATES[dialect]}'{DAY}'", of=of) for name, sql in SUMS.items()}


_DATES: dict[Dialect, str] = {"mysql": "DATE ", "postgres": "DATE ", "sqlite": ""}


def _fill(dialect: Dialect, url: str, rows: int, users: int) -> None:
    with closing(connected(dialect, url)) as connection:
        cursor = connection.cursor()
        for statement in (LEDGER + STATS).format(**TYPES[dialect]).split(";"):
            if statement.strip():
                cursor.execute(statement)
        for table, made in (("users", _users(dialect, users)), ("wallet_ledger", _entries(dialect, rows, users))):
            _insert(cursor, dialect, table, made)
        connection.commit()
        cursor.execute("ANALYZE TABLE wallet_ledger" if dialect == "mysql" else "ANALYZE")
        connection.commit()


def _insert(cursor: Any, dialect: Dialect, table: str, made: Iterator[Row]) -> None:
    listed = list(made)
    marks = ", ".join(["?" if dialect == "sqlite" else "%s"] * len(listed[0]))
    for begin in range(0, len(listed), AT_ONCE):
        cursor.executemany(f"INSERT INTO {table} VALUES ({marks})", listed[begin : begin + AT_ONCE])


def _users(dialect: Dialect, users: int) -> Iterator[Row]:
    at = _instant(dialect, START - dt.timedelta(days=30))
    for number in range(1, users + 1):
        yield number, f"reader_{number}", f"reader_{number}@example.com", "user", 5_000, 300, at, at


def _entries(dialect: Dialect, rows: int, users: int) -> Iterator[Row]:
    """Give a day's entries in the order of time; every user has one at least."""
    chance = Random(1)
    of = [*range(1, users + 1), *chance.choices(range(1, users + 1), k=rows - users)]
    chance.shuffle(of)
    reasons = chance.choices([*SPENT_ON, *GRANTED], [*SPENT_ON.values(), *GRANTED.values()], k=rows)
    for number, (user, reason) in enumerate(zip(of, reasons, strict=True)):
        at = START + dt.timedelta(days=1) * number / rows
        direction = "credit" if reason in GRANTED else "debit"
        kind = "regular" if reason == "purchase" or chance.random() < 0.4 else "promo"
        about = f"{reason}_{chance.randint(1, 999)}" if reason in SPENT_ON else None
        noted = None if about is None else json.dumps({"about": about})
        balance = chance.randint(0, 5_000), chance.randint(0, 300)
        amount = chance.randint(5, 120)
        yield _id(chance, at), user, kind, direction, reason, amount, *balance, about, noted, _instant(dialect, at)


def _id(chance: Random, at: dt.datetime) -> str:
    """Give a ULID: its first ten digits are its time."""
    whole = (int(at.timestamp() * 1_000) << 80) | chance.getrandbits(80)
    return "".join(DIGITS[(whole >> shift) & 31] for shift in range(125, -1, -5))


def _instant(dialect: Dialect, at: dt.datetime) -> str:
    return at.strftime("%Y-%m-%d %H:%M:%S") + ("" if dialect == "mysql" else "+00:00")
