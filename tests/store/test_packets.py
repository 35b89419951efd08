"""Rows of MySQL as columns: what numpy cuts out of packets is what the driver reads value by value."""

import itertools
from contextlib import closing, suppress
from threading import Thread
from typing import Any

import pyarrow as pa
import pymysql
import pytest
from pymysql.cursors import SSCursor
from tests.databases import opened

from keepsum.store.homes.packets import Packets

MADE = """CREATE TABLE t (
  id INT PRIMARY KEY, tiny TINYINT, big BIGINT, most BIGINT UNSIGNED, padded INT(6) ZEROFILL, year YEAR, bit BIT(9),
  whole DECIMAL(38,0), exact DECIMAL(30,4), single FLOAT, twice DOUBLE, word VARCHAR(300) CHARACTER SET utf8mb4,
  bytes VARBINARY(300), long_text LONGTEXT, noted JSON, kind ENUM('a', 'é'), at DATETIME(6), stamp TIMESTAMP NULL,
  day DATE, clock TIME
)"""
VALUES = (
    (1, -128, -(2**63), 2**64 - 1, 7, 2025, 257, "9" * 38, "-1.2300", 1.5, 1e300, "é\u2603\U0001f600", b"\xff\x00",
     "x" * 251, '{"a": [1, "é"]}', "é", "2025-01-02 03:04:05.000006", "2025-01-02 03:04:05", "2025-01-02", "-10:00:01"),
    (2, *[None] * 19),
    (3, 0, 0, 0, 0, 1901, 0, "0", "0.0000", 0.0, -0.0, "", b"", "y" * 70_000, "[]", "a", "1000-01-01 00:00:00",
     "1970-01-01 00:00:01", "9999-12-31", "00:00:00.5"),
    (4, 127, 2**63 - 1, 2**63 - 1, 1_234_567, 2155, 511, "-12", "1.0000", -2.25, 0.1, "a" * 250, b"\x00" * 252,
     "z" * 65_536, "null", None, "9998-12-31 23:59:59.999999", None, None, None),
)  # fmt: skip


@pytest.fixture
def database(tmp_path):
    for made in opened("mysql", tmp_path):
        made.execute("SET sql_mode = ''", MADE)
        yield made


@pytest.fixture
def connection(database):
    found = database.connect()
    yield found
    with suppress(pymysql.Error):
        found.close()


def asked(connection, statement: str) -> SSCursor:
    cursor = connection.cursor(SSCursor)
    cursor.execute(statement)
    return cursor


def by_packets(connection, statement: str, size: int = 3) -> list[tuple[Any, ...]]:
    with closing(asked(connection, statement)) as cursor:
        batches = list(Packets(cursor).columns(size))
    lists = ([_values(column) for column in columns] for columns in batches)
    return [row for listed in lists for row in zip(*listed, strict=True)]


def _values(column: Any) -> list[Any]:
    return column.to_pylist() if isinstance(column, pa.Array) else list(column)


def by_driver(connection, statement: str) -> list[tuple[Any, ...]]:
    with closing(connection.cursor()) as cursor:
        cursor.execute(statement)
        return list(cursor.fetchall())


@pytest.mark.parametrize("size", [1, 2, 3, 100])
def test_every_type_is_what_the_driver_reads(database, connection, size):
    database.insert("t", VALUES)
    for rows in itertools.chain([""], (f" WHERE id = {row[0]}" for row in VALUES)):
        statement = f"SELECT * FROM t{rows} ORDER BY id"
        assert by_packets(connection, statement, size) == by_driver(connection, statement)


def test_whole_numbers_and_times_come_as_arrays_as_long_as_they_fit(database, connection):
    database.insert("t", VALUES)
    (columns,) = Packets(asked(connection, "SELECT big, whole, stamp, word, bytes FROM t WHERE id > 1")).columns(10)
    assert [column.type for column in columns] == [
        pa.int64(), pa.int64(), pa.timestamp("us"), pa.string(), pa.binary(),
    ]  # fmt: skip


def test_a_time_that_is_none_is_what_the_driver_makes_of_it(database, connection):
    database.execute("SET sql_mode = ''", "INSERT INTO t (id, at, day) VALUES (1, '0000-00-00', '2025-00-00')")
    statement = "SELECT at, day FROM t"
    assert by_packets(connection, statement) == by_driver(connection, statement)
    assert by_packets(connection, statement)[0][0].startswith("0000-00-00")


def test_rows_come_in_batches_of_the_asked_size_and_none_is_left(database, connection):
    database.insert("t", [(number, *[None] * 19) for number in range(10)])
    cursor = asked(connection, "SELECT id FROM t ORDER BY id")
    batches = [columns[0].to_pylist() for columns in Packets(cursor).columns(4)]
    assert batches == [[0, 1, 2, 3], [4, 5, 6, 7], [8, 9]]
    assert by_driver(connection, "SELECT 1") == [(1,)]


def test_a_statement_without_rows_has_no_batch(connection):
    assert by_packets(connection, "SELECT id FROM t") == []


def test_a_row_that_takes_several_packets_is_one_row(connection):
    statement = "SELECT REPEAT('x', 9000000), REPEAT('y', 9000000), 1 UNION ALL SELECT 'q', REPEAT('z', 70000), 2"
    first, second = by_packets(connection, statement)
    assert first == ("x" * 9_000_000, "y" * 9_000_000, 1)
    assert second == ("q", "z" * 70_000, 2)


@pytest.mark.parametrize("length", [2**24 - 1 - 5, 2**24 - 1 - 4, 2**24 - 1 - 3])
def test_a_row_as_long_as_the_longest_packet_is_one_row(connection, length):
    half = length // 2
    statement = f"SELECT REPEAT('x', {half}), REPEAT('y', {length - 4 - half}) UNION ALL SELECT 'a', 'b'"
    first, second = by_packets(connection, statement)
    assert (len(first[0]), len(first[1])) == (half, length - 4 - half)
    assert second == ("a", "b")


def test_reading_may_stop_half_way(database, connection):
    database.insert("t", [(number, *[None] * 19) for number in range(50)])
    cursor = asked(connection, "SELECT id FROM t ORDER BY id")
    columns = Packets(cursor).columns(2)
    assert next(columns)[0].to_pylist() == [0, 1]
    columns.close()
    cursor.close()
    assert by_driver(connection, "SELECT count(*) FROM t") == [(50,)]


def test_a_connection_may_be_closed_half_way(database, connection):
    database.insert("t", [(number, *[None] * 19) for number in range(50)])
    columns = Packets(asked(connection, "SELECT id, REPEAT('x', 100000) FROM t")).columns(2)
    next(columns)
    connection.close()
    columns.close()
    with pytest.raises(StopIteration):
        next(columns)


def test_an_error_between_rows_is_the_drivers(database, connection):
    database.insert("t", [(number, *[None] * 19) for number in range(3)])
    statement = "SELECT (SELECT a.id FROM t AS a WHERE a.id <= t.id) FROM t ORDER BY id"
    with pytest.raises(pymysql.err.OperationalError) as raised, closing(asked(connection, statement)) as cursor:
        list(Packets(cursor).columns(10))
    assert raised.value.args[0] == 1242
    assert by_driver(connection, "SELECT 1") == [(1,)]


def test_a_connection_that_is_killed_between_rows_is_lost(database, connection):
    cursor = asked(connection, "SELECT REPEAT('x', 20000), SLEEP(0.01) FROM seq_1_to_1000")
    columns = Packets(cursor).columns(1)
    killing = Thread(target=database.execute, args=(f"KILL {connection.thread_id()}",))
    next(columns)
    killing.start()
    with pytest.raises(pymysql.err.OperationalError) as raised:
        list(columns)
    killing.join()
    assert raised.value.args[0] in {1053, 1317, 1927, 2013}
