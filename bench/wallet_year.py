"""A year of a wallet's entries and payments: in the team's own MariaDB, and as records that are sent."""

import datetime as dt
import re
from collections.abc import Iterator
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import duckdb
import pymysql

from bench.machine import ROOT
from bench.run import Run

FIRST = dt.date(2025, 1, 1)
DAYS = 365
USERS = 50_000
A_PAYMENT = 40  # entries for each purchase
LINES = 10_000  # records handed over at once
SCHEMA = ROOT / "examples" / "wallet" / "schema.sql"

# The same rows whoever makes them: every value follows from the row's number.
ENTRIES = """
    SELECT '01K' || lpad(n::VARCHAR, 23, '0') AS id, 1 + hash(n) % {users} AS user_id,
        CASE WHEN hash(n + 1) % 4 = 0 THEN 'promo' ELSE 'regular' END AS token_type,
        CASE WHEN hash(n + 2) % 3 = 0 THEN 'credit' ELSE 'debit' END AS direction,
        ['purchase', 'chapter_generation', 'cover_image', 'translation', 'narration', 'referral_bonus']
            [1 + (hash(n + 3) % 6)::INTEGER] AS reason,
        1 + hash(n + 4) % 500 AS amount, hash(n + 5) % 100000 AS balance_after_regular,
        hash(n + 6) % 1000 AS balance_after_promo, 'occasion_' || n AS reference_id,
        epoch_ms({begin} + n * {length} // {rows}) AS moment
    FROM range({low}, {high}) AS numbers(n)
"""
PAYMENTS = """
    SELECT '01P' || lpad(n::VARCHAR, 23, '0') AS id, 1 + hash(n) % {users} AS user_id,
        CASE WHEN hash(n + 1) % 3 = 0 THEN 'stripe' ELSE 'razorpay' END AS provider, 1000 AS tokens,
        '279.00' AS amount_in_inr, epoch_ms({begin} + n * {length} // {rows}) AS moment
    FROM range({low}, {high}) AS numbers(n)
"""
INSTANT = "strftime(moment, '%Y-%m-%dT%H:%M:%SZ')"
SENT = {  # what is sent of each stream, by the columns above
    "entries": (ENTRIES, f"* EXCLUDE (moment) REPLACE (user_id::VARCHAR AS user_id), {INSTANT} AS occurred_at"),
    "payments": (PAYMENTS, f"* EXCLUDE (moment) REPLACE (user_id::VARCHAR AS user_id), {INSTANT} AS paid_at"),
}

# What the team's own library asks its database for an overview, with ranges that an index can answer.
TOKENS = """
    SELECT SUM(CASE WHEN direction = 'credit' THEN amount ELSE 0 END),
        SUM(CASE WHEN direction = 'debit' THEN amount ELSE 0 END), COUNT(DISTINCT user_id)
    FROM wallet_ledger WHERE occurred_at >= %s AND occurred_at < %s
"""
REVENUE = "SELECT SUM(amount_in_inr) FROM purchases WHERE status = 'paid' AND paid_at >= %s AND paid_at < %s"


@dataclass(frozen=True, kw_only=True)
class Year:
    """So many entries, spread evenly over some days from 2025-01-01 on, and a payment for each forty."""

    rows: int
    days: int = DAYS

    @property
    def last(self) -> dt.date:
        return FIRST + dt.timedelta(days=self.days - 1)

    @property
    def over(self) -> str:
        """When all of it has ended."""
        return f"{self.last + dt.timedelta(days=1)}T12:00:00Z"

    def lines(self, stream: str, day: int, scratch: Path) -> Iterator[bytes]:
        """Give a day's records of a stream as lines of JSON, some thousands at once."""
        made, columns = SENT[stream]
        rows = self._count(stream)
        # A row is of the day that its number falls in, rounded up where days begin.
        low, high = (-(-rows * number // self.days) for number in (day, day + 1))
        duckdb.execute(
            f"COPY (SELECT {columns} FROM ({self._told(made, rows, low, high)})) TO '{scratch}' (FORMAT json)"
        )
        found = scratch.read_bytes().splitlines(keepends=True)
        scratch.unlink()
        for begin in range(0, len(found), LINES):
            yield b"".join(found[begin : begin + LINES])

    def fill(self, run: Run, port: int, name: str) -> str:
        """Put the year into a new database of a server; gives its address. Indexes are made when all rows are there."""
        with closing(connect(port)) as connection, connection.cursor() as cursor:
            cursor.execute(f"CREATE DATABASE {name}")
            cursor.execute(f"USE {name}")
            cursor.execute("SET foreign_key_checks = 0, unique_checks = 0")
            tables, indexes = _schema()
            for statement in tables:
                cursor.execute(statement)
            named = "'reader_', seq"
            cursor.execute(
                "INSERT INTO users (id, username, email, created_at, updated_at) "
                f"SELECT seq, CONCAT({named}), CONCAT({named}, '@example.com'), '{FIRST}', '{FIRST}' "
                f"FROM seq_1_to_{min(USERS, self.rows)}"
            )
            entries = "id, user_id, token_type, direction, reason, amount, balance_after_regular, balance_after_promo"
            self._load(run, cursor, ENTRIES, self.rows, f"wallet_ledger ({entries}, reference_id, occurred_at)")
            purchases = (
                "id, user_id, provider, tokens, amount_in_inr, paid_at) SET status = 'paid', created_at = paid_at"
            )
            self._load(run, cursor, PAYMENTS, self._count("payments"), f"purchases ({purchases}, updated_at = paid_at")
            for statement in indexes:
                cursor.execute(statement)
            connection.commit()
            cursor.execute("ANALYZE TABLE wallet_ledger, purchases")
        return f"mysql+pymysql://root@127.0.0.1:{port}/{name}"

    def _load(self, run: Run, cursor: Any, made: str, rows: int, into: str) -> None:
        file = run.folder("rows") / "rows.csv"
        columns = "* REPLACE (strftime(moment, '%Y-%m-%d %H:%M:%S') AS moment)"
        duckdb.execute(f"COPY (SELECT {columns} FROM ({self._told(made, rows, 0, rows)})) TO '{file}' (HEADER false)")
        table, _, columns = into.partition(" ")
        cursor.execute(f"LOAD DATA LOCAL INFILE '{file}' INTO TABLE {table} FIELDS TERMINATED BY ',' {columns}")
        if cursor.rowcount != rows:
            raise RuntimeError(f"Of {rows} rows {cursor.rowcount} are in {table}.")
        file.unlink()

    def _count(self, stream: str) -> int:
        return self.rows if stream == "entries" else self.rows // A_PAYMENT

    def _told(self, made: str, rows: int, low: int, high: int) -> str:
        begin = int(dt.datetime.combine(FIRST, dt.time(), dt.UTC).timestamp()) * 1_000
        return made.format(
            users=min(USERS, self.rows), begin=begin, length=self.days * 86_400_000, rows=rows, low=low, high=high
        )


def connect(port: int, database: str | None = None) -> Any:
    """Give a connection as the team's application would have one."""
    how = {"host": "127.0.0.1", "port": port, "user": "root", "database": database, "local_infile": True}
    return pymysql.connect(**how, init_command="SET time_zone = '+00:00'")


def _schema() -> tuple[list[str], list[str]]:
    """Give the example's tables, those to be filled without the indexes that are quicker to make at the end."""
    tables: list[str] = []
    indexes: list[str] = []
    for statement in filter(str.strip, SCHEMA.read_text(encoding="utf-8").split(";")):
        named = re.search(r"CREATE TABLE (\w+)", statement)
        found = re.findall(r"(?<!PRIMARY )(?<!FOREIGN )(?<!UNIQUE )KEY \([^)]*\)", statement)
        if named is None or named[1] not in {"wallet_ledger", "purchases"}:
            tables.append(statement)
            continue
        # A foreign key makes an index of its own when there is none.
        plain = re.sub(r",\s*FOREIGN KEY \([^)]*\) REFERENCES \w+ \([^)]*\)", "", statement)
        for one in found:
            plain = re.sub(r",\s*" + re.escape(one), "", plain)
        tables.append(plain)
        foreign = re.findall(r"FOREIGN KEY \([^)]*\) REFERENCES \w+ \([^)]*\)", statement)
        indexes.append(f"ALTER TABLE {named[1]} " + ", ".join(f"ADD {one}" for one in [*found, *foreign]))
    return tables, indexes
