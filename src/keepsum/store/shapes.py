"""The typed tables of streams and rollups, made from the catalog in one shape."""

from functools import lru_cache
from typing import Any

from sqlalchemy import BigInteger, Column, Connection, Index, Integer, LargeBinary, MetaData, Table, Text
from sqlalchemy.schema import CreateIndex, CreateTable

from keepsum.model.day import date_of
from keepsum.model.errors import Conflict
from keepsum.model.layout import Column as Declared
from keepsum.model.layout import RecordLayout, RollupLayout, Type

SQL = {"text": Text, "integer": BigInteger, "boolean": Integer, "bytes": LargeBinary}
TYPES: dict[str, Type] = {"TEXT": "text", "BIGINT": "integer", "INTEGER": "boolean"}  # of a column of a tail
PARTS, ATOMS = "_parts", "_atoms"
CACHED = 4_096  # tables are described often and never change


@lru_cache(CACHED)
def tail(layout: RecordLayout) -> Table:
    """Give the table of a stream's newest records, clustered by day in arrival order."""
    keys = (Column("day", Integer, primary_key=True), Column("seq", BigInteger, primary_key=True))
    return _table(f"tail_{layout.stream.name}", *keys, *(_column(c) for c in layout.columns))


@lru_cache(CACHED)
def identities(stream: str, day: int) -> Table:
    """Give the table of one day's keys with the first lane of their row hashes."""
    key = Column("key", Text, primary_key=True)
    return _table(f"keys_{stream}_{_stamp(day)}", key, Column("hash", BigInteger, nullable=False))


@lru_cache(CACHED)
def purged_identities(stream: str, day: int) -> Table:
    """Give the table of the keyed fingerprints, of keys and of rows, that remain of a purged day until `late` ends."""
    key = Column("fingerprint", BigInteger, primary_key=True)
    return _table(f"purged_{stream}_{_stamp(day)}", key, Column("hash", BigInteger, nullable=False))


@lru_cache(CACHED)
def rows(layout: RollupLayout) -> Table:
    """Give the table of a rollup's rows: day first, so that a day is written and replaced in one place."""
    return _table(
        layout.table,
        Column("day", Integer, primary_key=True),
        Column("epoch", Integer, primary_key=True),
        *(Column(d, Text, primary_key=True) for d in layout.dimensions),
        Column("booked", Integer, primary_key=True),
        *(_column(c) for c in layout.values),
    )


@lru_cache(CACHED)
def parts(layout: RollupLayout) -> Table:
    """Give the table of measures kept at grains: group first, so that one group's year is one stretch.

    Its index is for sealing, which writes and reads back a day: without it each seal would read all days there are.
    """
    table = _table(
        layout.table + PARTS,
        Column("measure", Text, primary_key=True),
        Column("at", Text, primary_key=True),
        *(Column(d, Text, primary_key=True) for d in layout.dimensions),
        Column("day", Integer, primary_key=True),
        Column("epoch", Integer, primary_key=True),
        Column("booked", Integer, primary_key=True),
        Column("value", BigInteger),
        Column("data", LargeBinary),
    )
    Index(f"{table.name}_by_day", table.c.day)
    return table


@lru_cache(CACHED)
def atoms(layout: RollupLayout) -> Table:
    """Give the table of what guarded callers see of a rollup: open rows and pools, as published."""
    return _table(
        layout.table + ATOMS,
        Column("day", Integer, primary_key=True),
        *(Column(d, Text, primary_key=True) for d in layout.dimensions),
        Column("booked", Integer, primary_key=True),
        *(_column(c) for c in layout.atom_values),
    )


def create(connection: Connection, *tables: Table) -> None:
    """Create the tables and indexes that do not exist yet."""
    marks = ", ".join("?" * len(tables))
    query = f"SELECT name FROM sqlite_master WHERE tbl_name IN ({marks})"
    there = {name for (name,) in connection.exec_driver_sql(query, tuple(table.name for table in tables))}
    for table in tables:
        if table.name not in there:
            connection.execute(CreateTable(table))
        for index in table.indexes:
            if index.name not in there:
                connection.execute(CreateIndex(index))


def add_columns(connection: Connection, table: Table) -> None:
    """Add the columns that a newer catalog gives to an existing table; they are null in older rows."""
    there = {row[1] for row in connection.exec_driver_sql(f'PRAGMA table_info("{table.name}")')}
    for column in table.columns:
        if column.name not in there:
            kind = column.type.compile(connection.dialect)
            connection.exec_driver_sql(f'ALTER TABLE "{table.name}" ADD COLUMN "{column.name}" {kind}')


def retired_columns(connection: Connection, table: Table) -> tuple[Declared, ...]:
    """Give the columns that an existing table has beyond the declared ones, in name order.

    Raises `FIELD_TYPE_CHANGED` for one that is declared as another type than it was made with.
    """
    declared = {column.name: column.type.compile(connection.dialect) for column in table.columns}
    found: list[Declared] = []
    for row in connection.exec_driver_sql(f'PRAGMA table_info("{table.name}")'):
        name, kind = row[1], row[2]
        if name not in declared:
            found.append(Declared(name, TYPES[kind]))
        elif declared[name] != kind:
            message = (
                f"The field {name.removeprefix('f_')!r} of stream {table.name.removeprefix('tail_')!r} has records "
                f"that hold another type of value: give the changed field a name of its own."
            )
            raise Conflict("FIELD_TYPE_CHANGED", message)
    return tuple(sorted(found, key=lambda column: column.name))


def exists(connection: Connection, table: Table) -> bool:
    """Say whether a typed table is there."""
    return connection.dialect.has_table(connection, table.name)


def _table(name: str, *columns: Column[Any]) -> Table:
    return Table(name, MetaData(), *columns, sqlite_with_rowid=False)


def _column(declared: Declared) -> Column[Any]:
    return Column(declared.name, SQL[declared.type], nullable=declared.null)


def _stamp(day: int) -> str:
    return f"{date_of(day):%Y%m%d}"
