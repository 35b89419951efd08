"""The typed tables of streams and rollups: a change of these snapshots needs a migration of every install."""

from dataclasses import replace

from sqlalchemy.schema import CreateIndex, CreateTable
from tests.systems import PLACE_DAILY, SALES, SHOP

from keepsum import Boolean, Count, Rollup, Stream, days, years
from keepsum.model.catalog import Catalog, Pack, definition_hash
from keepsum.model.layout import RollupLayout, record_layout
from keepsum.store import shapes

TAIL = """
CREATE TABLE tail_sales (
  day INTEGER NOT NULL,
  seq BIGINT NOT NULL,
  time BIGINT NOT NULL,
  "key" TEXT NOT NULL,
  subject TEXT,
  slot BIGINT,
  rank BIGINT,
  f_way TEXT,
  f_place TEXT,
  f_invoice TEXT,
  f_note TEXT,
  f_amount BIGINT,
  b_amount BIGINT,
  PRIMARY KEY (day, seq)
)
WITHOUT ROWID
"""

IDENTITIES = """
CREATE TABLE keys_sales_20260201 (
  "key" TEXT NOT NULL,
  hash BIGINT NOT NULL,
  PRIMARY KEY ("key")
)
WITHOUT ROWID
"""

PURGED = """
CREATE TABLE purged_sales_20260201 (
  fingerprint BIGINT NOT NULL,
  hash BIGINT NOT NULL,
  PRIMARY KEY (fingerprint)
)
WITHOUT ROWID
"""

ROWS = """
CREATE TABLE rollup_place_daily_HASH (
  day INTEGER NOT NULL,
  epoch INTEGER NOT NULL,
  d_way TEXT NOT NULL,
  d_place TEXT NOT NULL,
  booked INTEGER NOT NULL,
  people BIGINT NOT NULL,
  largest_sales BIGINT NOT NULL,
  largest_card_sales BIGINT NOT NULL,
  largest_amount BIGINT NOT NULL,
  m_sales BIGINT NOT NULL,
  m_card_sales BIGINT NOT NULL,
  m_amount_hi BIGINT,
  m_amount_lo BIGINT,
  m_cheapest BIGINT,
  m_dearest BIGINT,
  PRIMARY KEY (day, epoch, d_way, d_place, booked)
)
WITHOUT ROWID
"""

PARTS = """
CREATE TABLE rollup_place_daily_HASH_parts (
  measure TEXT NOT NULL,
  at TEXT NOT NULL,
  d_way TEXT NOT NULL,
  d_place TEXT NOT NULL,
  day INTEGER NOT NULL,
  epoch INTEGER NOT NULL,
  booked INTEGER NOT NULL,
  value BIGINT,
  data BLOB,
  PRIMARY KEY (measure, at, d_way, d_place, day, epoch, booked)
)
WITHOUT ROWID
"""

PARTS_BY_DAY = "CREATE INDEX rollup_place_daily_HASH_parts_by_day ON rollup_place_daily_HASH_parts (day)"

ATOMS = """
CREATE TABLE rollup_place_daily_HASH_atoms (
  day INTEGER NOT NULL,
  d_way TEXT NOT NULL,
  d_place TEXT NOT NULL,
  booked INTEGER NOT NULL,
  people BIGINT NOT NULL,
  m_sales BIGINT NOT NULL,
  m_card_sales BIGINT NOT NULL,
  m_amount_hi BIGINT,
  m_amount_lo BIGINT,
  PRIMARY KEY (day, d_way, d_place, booked)
)
WITHOUT ROWID
"""


def statement(file, table):
    """The statement that makes a table, as the writer of the file runs it."""
    text = str(CreateTable(table).compile(dialect=file._writer.dialect))
    return lines(text)


def lines(text):
    return [line.strip() for line in text.strip().splitlines()]


def layout_of(rollup):
    return RollupLayout(rollup=rollup)


def test_the_tables_of_a_stream_have_one_shape(file):
    layout = record_layout(Catalog((SHOP,)), SALES)
    assert statement(file, shapes.tail(layout)) == lines(TAIL)
    assert statement(file, shapes.identities("sales", 20_485)) == lines(IDENTITIES)
    assert statement(file, shapes.purged_identities("sales", 20_485)) == lines(PURGED)


def test_the_tables_of_a_rollup_have_one_shape(file):
    layout = layout_of(PLACE_DAILY)
    stamp = definition_hash(PLACE_DAILY)[:8]
    for make, expected in ((shapes.rows, ROWS), (shapes.parts, PARTS), (shapes.atoms, ATOMS)):
        assert statement(file, make(layout)) == lines(expected.replace("HASH", stamp))
    (index,) = shapes.parts(layout).indexes
    assert str(CreateIndex(index).compile(dialect=file._writer.dialect)) == PARTS_BY_DAY.replace("HASH", stamp)


def test_one_day_of_the_parts_is_found_without_reading_the_others(file):
    table = shapes.parts(layout_of(PLACE_DAILY))
    with file.write() as connection:
        shapes.create(connection, table)
        query = f"SELECT data FROM {table.name} WHERE day = 1 AND booked = 1 ORDER BY measure"
        plan = [row[3] for row in connection.exec_driver_sql(f"EXPLAIN QUERY PLAN {query}")]
    assert f"SEARCH {table.name} USING INDEX {table.name}_by_day (day=?)" in plan


def test_a_stream_without_a_subject_keeps_nothing_about_people(file):
    stream = Stream("ticks", time="at", key="id", keep=days(1), fields=(Boolean("up"),))
    rollup = Rollup("ticks_daily", of=stream, measures=(Count("ticks"),), keep=years(1))
    layout = record_layout(Catalog((Pack("p", streams=(stream,), rollups=(rollup,)),)), stream)
    text = statement(file, shapes.tail(layout)) + statement(file, shapes.rows(layout_of(rollup)))
    assert not any(word in line for line in text for word in ("subject", "slot", "rank", "people", "largest"))
    assert "f_up INTEGER," in text


def test_another_definition_is_another_table():
    changed = replace(PLACE_DAILY, by=("way",))
    assert layout_of(changed).table != layout_of(PLACE_DAILY).table
    assert layout_of(replace(PLACE_DAILY, about="other words", keep=years(9))).table == layout_of(PLACE_DAILY).table


def test_tables_are_made_once_and_found(file):
    table = shapes.identities("sales", 20_485)
    with file.write() as connection:
        assert not shapes.exists(connection, table)
        shapes.create(connection, table)
        connection.execute(table.insert().values(key="a", hash=1))
        shapes.create(connection, table)
        assert shapes.exists(connection, table)
        assert connection.execute(table.select()).all() == [("a", 1)]


def test_an_index_that_is_missing_is_made_again(file):
    table = shapes.parts(layout_of(PLACE_DAILY))
    (index,) = table.indexes
    with file.write() as connection:
        shapes.create(connection, table)
        connection.exec_driver_sql(f'DROP INDEX "{index.name}"')
        shapes.create(connection, table)
        named = connection.exec_driver_sql("SELECT tbl_name FROM sqlite_master WHERE name = ?", (index.name,))
        assert named.scalars().all() == [table.name]


def test_columns_that_a_newer_catalog_asks_for_are_added_and_null_in_older_rows(file):
    older = record_layout(Catalog((replace(SHOP, rollups=()),)), replace(SALES, fields=SALES.fields[:1]))
    newer = record_layout(Catalog((SHOP,)), SALES)
    with file.write() as connection:
        shapes.create(connection, shapes.tail(older))
        connection.execute(shapes.tail(older).insert().values(day=1, seq=1, time=1, key="a", f_way="card"))
        shapes.add_columns(connection, shapes.tail(newer))
        shapes.add_columns(connection, shapes.tail(newer))
        (row,) = connection.execute(shapes.tail(newer).select()).mappings()
    assert {name for name, value in row.items() if value is not None} == {"day", "seq", "time", "key", "f_way"}
    assert set(row) == {"day", "seq", *newer.names}
