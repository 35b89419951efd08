"""Deleting one proven day from an application's own database, against a plain delete; how long any lock is held."""

import json
import sys
import time
from contextlib import closing
from dataclasses import dataclass
from functools import partial
from typing import Any

import pymysql

from bench import outcome
from bench.install import Install, succeed
from bench.ledger import MARIADB, connected
from bench.outcome import CannotRun, Found, Line
from bench.run import Run, alternate, discard

TITLE = "purge of a day with five items an order, in MariaDB"
ORDERS, ITEMS = 30_000, 5
LONGEST = 1.0  # seconds
CLOCK = "2026-03-20T12:00:00Z"  # the first of the days is past its thirty, the others are not
DAYS = ("2026-02-17", "2026-02-19", "2026-03-01", "2026-03-10", "2026-03-18")
TABLES = """
CREATE TABLE orders (
  id BIGINT PRIMARY KEY, user_id BIGINT NOT NULL, status VARCHAR(20) NOT NULL, total BIGINT NOT NULL,
  email VARCHAR(80) NOT NULL, created_at DATETIME NOT NULL, KEY (created_at)
);
CREATE TABLE items (
  id BIGINT PRIMARY KEY, order_id BIGINT NOT NULL, name VARCHAR(40) NOT NULL, price BIGINT NOT NULL,
  FOREIGN KEY (order_id) REFERENCES orders (id) ON DELETE CASCADE
)
"""
FILL = """
INSERT INTO orders
SELECT {first} + seq, seq % 9000, IF(seq % 7, 'paid', 'refunded'), 500 + seq % 900,
  CONCAT('reader_', seq % 9000, '@example.com'), '{day} 00:00:00' + INTERVAL seq * 86000 / {orders} SECOND
FROM seq_1_to_{orders};
INSERT INTO items
SELECT {first} * {items} + seq, {first} + 1 + seq % {orders}, 'a thing', seq % 300 FROM seq_1_to_{all}
"""
OF_DAY = f"created_at >= '{DAYS[0]} 00:00:00' AND created_at < '{DAYS[0]} 23:59:59'"
PLAIN = (
    f"DELETE items FROM items JOIN orders ON orders.id = items.order_id WHERE {OF_DAY}",
    f"DELETE FROM orders WHERE {OF_DAY}",
)


@dataclass(frozen=True, kw_only=True)
class Deleted:
    """One deletion: seconds of all, and of each transaction from its begin to its commit."""

    seconds: float
    held: list[float]


def measure(run: Run) -> Found:
    """Give rows a second beside a plain delete, and the longest of all locks."""
    orders = run.sized(ORDERS, 600)
    try:
        connected("mysql", f"{MARIADB}mysql").close()
    except pymysql.Error as error:
        raise CannotRun(f"no MariaDB on port 3306 lets root in: {type(error).__name__}") from error
    rounds = alternate(run.runs, {"ours": partial(_ours, run, orders), "plain": partial(_plain, orders)})
    ours, plain = (outcome.median(one.seconds for one in rounds[name]) for name in ("ours", "plain"))
    held = [seconds for one in rounds["ours"] for seconds in one.held]
    rows = orders * (1 + ITEMS)
    speed = Line(
        row=TITLE,
        ours=outcome.rate(rows / ours),
        other=outcome.rate(rows / plain),
        ratio=plain / ours,
        note=f"{rows:,} rows, read and proven again, then deleted slice by slice with as long a rest after each; the "
        f"other deletes them unproven in one transaction, which holds its locks for {outcome.seconds(plain)}",
    )
    locks = Line(
        row="the longest that one slice of it holds its locks",
        ours=outcome.seconds(max(held)),
        goal=f"< {LONGEST:.0f} s",
        met=max(held) < LONGEST,
        note=f"p99 {outcome.seconds(outcome.percentile(held, 0.99))}, p50 {outcome.seconds(outcome.median(held))} of "
        f"{len(held):,} transactions, each from its begin to its commit",
    )
    samples = {name: [vars(one) for one in listed] for name, listed in rounds.items()}
    return Found(lines=(speed, locks), samples=samples)


def _ours(run: Run, orders: int) -> Deleted:
    url = _filled(orders)
    install = Install(folder=run.folder("purging"), clock=CLOCK)
    environment = install.environment | {"KEEPSUM_ENABLED": "sold", "KEEPSUM_SOLD_DATABASE_URL": url}
    try:
        found = json.loads(succeed([sys.executable, "-m", "bench.purging_once"], environment))
    finally:
        discard(install.folder)
        _drop()
    if found["records"] != orders or found["left"]:
        raise RuntimeError(f"The purge is not whole: {found}")
    return Deleted(seconds=found["seconds"], held=found["held"])


def _plain(orders: int) -> Deleted:
    url = _filled(orders)
    try:
        with closing(connected("mysql", url)) as connection:
            begin = time.perf_counter()
            for statement in PLAIN:
                connection.cursor().execute(statement)
            connection.commit()
            took = time.perf_counter() - begin
    finally:
        _drop()
    return Deleted(seconds=took, held=[took])


def _filled(orders: int) -> str:
    """Give the address of a new database with as many orders on each day, every one with its items."""
    _drop()
    with closing(connected("mysql", f"{MARIADB}mysql")) as connection:
        connection.cursor().execute("CREATE DATABASE keepsum_bench_purging")
    url = f"{MARIADB}keepsum_bench_purging"
    with closing(connected("mysql", url)) as connection:
        cursor: Any = connection.cursor()
        filled = (
            FILL.format(first=number * orders, day=day, orders=orders, items=ITEMS, all=orders * ITEMS)
            for number, day in enumerate(DAYS)
        )
        for statement in (one for text in (TABLES, *filled) for one in text.split(";")):
            cursor.execute(statement)
        connection.commit()
        cursor.execute("ANALYZE TABLE orders, items")
        cursor.fetchall()
    return url


def _drop() -> None:
    with closing(connected("mysql", f"{MARIADB}mysql")) as connection:
        connection.cursor().execute("DROP DATABASE IF EXISTS keepsum_bench_purging")
