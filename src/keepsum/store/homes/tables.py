"""What a database says of its tables: their columns, keys and indexes, in the one form of three catalogs."""

from collections.abc import Generator
from contextlib import contextmanager
from typing import Any

import sqlalchemy as sa
from sqlalchemy.dialects.mysql import TIMESTAMP as MYSQL_TIMESTAMP
from sqlalchemy.dialects.mysql import TINYINT
from sqlalchemy.engine import URL
from sqlalchemy.exc import SQLAlchemyError
from sqlalchemy.pool import NullPool

from keepsum.model.errors import NotFound, Unavailable
from keepsum.model.table import Kind, Table, TableColumn

# In this order: a type is of the first kind it is an instance of.
_KINDS: tuple[tuple[type, Kind], ...] = (
    (sa.Boolean, "boolean"),
    (sa.Enum, "choice"),
    (sa.Float, "float"),
    (sa.Numeric, "decimal"),
    (sa.Integer, "integer"),
    (MYSQL_TIMESTAMP, "instant"),
    (sa.DateTime, "naive"),
    (sa.Date, "date"),
    (sa.Uuid, "text"),
    (sa.String, "text"),
)


def table_names(url: URL) -> tuple[str, ...]:
    """Give the tables and views of a database; raises `DATABASE_UNREACHABLE`."""
    with _inspector(url) as found:
        return tuple(sorted((*found.get_table_names(), *found.get_view_names())))


def read_table(url: URL, name: str) -> Table:
    """Give a table or view, perhaps as `schema.table`; raises `UNKNOWN_TABLE` and `DATABASE_UNREACHABLE`."""
    schema, _, bare = name.rpartition(".")
    with _inspector(url) as found:
        if not found.has_table(bare, schema or None):
            raise NotFound("UNKNOWN_TABLE", f"The database has no table {name!r}.")
        key = found.get_pk_constraint(bare, schema or None)["constrained_columns"]
        indexes = [_columns(index) for index in found.get_indexes(bare, schema or None)]
        alone = [_columns(index) for index in found.get_indexes(bare, schema or None) if index["unique"]]
        return Table(
            name=bare,
            schema=schema or None,
            columns=tuple(_column(one) for one in found.get_columns(bare, schema or None)),
            unique=tuple(columns[0] for columns in (key, *alone) if len(columns) == 1),
            indexed=frozenset(columns[0] for columns in (key, *indexes) if columns),
            is_view=bare in found.get_view_names(schema or None),
            is_exclusive=url.get_backend_name() == "sqlite" and not _has_log(found),
        )


def _has_log(found: sa.Inspector) -> bool:
    with found.engine.connect() as connection:
        return connection.exec_driver_sql("PRAGMA journal_mode").scalar() == "wal"


@contextmanager
def _inspector(url: URL) -> Generator[sa.Inspector]:
    engine = sa.create_engine(url, poolclass=NullPool)
    try:
        with engine.connect() as connection:
            yield sa.inspect(connection)
    except SQLAlchemyError as error:
        message = f"The {url.get_backend_name()} database {url.database!r} cannot be read: {type(error).__name__}."
        raise Unavailable("DATABASE_UNREACHABLE", message) from None  # whose words may hold the password


def _columns(index: Any) -> list[str]:
    return [name for name in index["column_names"] if name is not None]


def _column(said: Any) -> TableColumn:
    kind = said["type"]
    return TableColumn(
        name=said["name"],
        kind=_kind(kind),
        type=str(kind),
        null=bool(said["nullable"]) and not said.get("primary_key"),
        scale=getattr(kind, "scale", None),
        options=tuple(getattr(kind, "enums", ())),
    )


def _kind(found: Any) -> Kind:
    if isinstance(found, TINYINT) and found.display_width == 1:  # MySQL's BOOLEAN
        return "boolean"
    if isinstance(found, sa.DateTime) and found.timezone:
        return "instant"
    for known, kind in _KINDS:
        if isinstance(found, known):
            return kind
    return "other"
