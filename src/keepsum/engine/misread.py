"""Columns that a mapping would misread: of a type that holds something else, without any of their values being odd."""

from collections.abc import Iterator, Mapping

from keepsum.engine.clocks import Dialect
from keepsum.engine.mapping import Path, attached_of, clock_column, leaves
from keepsum.model.attached import Clock, Local, LocalDate, Utc, Zoned
from keepsum.model.stream import Stream

Types = Mapping[tuple[str, str], str]  # what a column of a table is of, as the database calls it

# TRICKY: a driver gives both kinds of times of MySQL without a zone, and PostgreSQL compares both with either bound.
_TIMES: Mapping[Dialect, Mapping[type[Clock], tuple[str, ...]]] = {
    "sqlite": {},
    "postgres": {Zoned: ("timestamptz",), Local: ("timestamp",), Utc: ("timestamp",), LocalDate: ("date",)},
    "mysql": {Zoned: ("timestamp",), Local: ("datetime",), Utc: ("datetime", "timestamp"), LocalDate: ("date",)},
}
# TRICKY: MySQL makes question marks of bytes that are no UTF-8, so that different ones become one text.
_BYTES = ("binary", "varbinary", "tinyblob", "blob", "mediumblob", "longblob", "bit")


def misread(stream: Stream, dialect: Dialect, types: Types) -> Iterator[str]:
    """Say of each such column what it is, and what the mapping takes it for; columns of unknown type are left out."""
    attached = attached_of(stream)
    for clock in (attached.time, attached.changed):
        if clock is not None and not (isinstance(clock, Utc) and clock.pattern):
            yield from _times(attached.table, clock, _TIMES[dialect].get(type(clock)), types)
    for leaf in leaves(stream) if dialect == "mysql" else ():
        table = _table(attached.table, leaf.path)
        found = types.get((table, leaf.name))
        if leaf.kind == "text" and found in _BYTES:
            yield f"column {leaf.name!r} of {table!r} is {found.upper()}, which is no text: map a column with its HEX()"


def _times(own: str, clock: Clock, allowed: tuple[str, ...] | None, types: Types) -> Iterator[str]:
    name, path = clock_column(clock)
    table = _table(own, path)
    found = types.get((table, name))
    if allowed is not None and found is not None and found not in allowed:
        yield (
            f"column {name!r} of {table!r} is {found.upper()}, and {type(clock).__name__} reads "
            f"{' or '.join(one.upper() for one in allowed)}"
        )


def _table(own: str, path: Path) -> str:
    return path[-1][0] if path else own
