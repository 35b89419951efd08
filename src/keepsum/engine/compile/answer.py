"""The statements that answer questions from rolled rows and atoms, in SQL over their tables.

The text of a statement depends on its shape only, so it is made once; spans of days and allowed texts are one JSON
parameter each, however many they are. Every statement gives the day or the number of the span first, then the
dimensions that were asked, then the values.
"""

import json
from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import Literal

from sqlglot import exp

from keepsum.engine.compile.statement import Statement

SQLITE = "sqlite"

# How a column of a row merges with the same of other rows.
Merging = Literal["sum", "min", "max"]
# By which days rows are chosen: a stretch of them, numbered spans, or corrections by day and booked day.
Chosen = Literal["stretch", "spans", "booked"]

# A statement gives one row more than this at most, so that whoever reads it can tell that it is too much.
MOST_ROWS = 1_000_000

_ROW = "r"
_SPAN = "span"


@dataclass(frozen=True, kw_only=True)
class Shape:
    """What a statement looks like: `values` are columns and how they merge, `filtered` the dimensions with a filter.

    With `own` only rows of the day's records count, without what was corrected later. `grouped` merges the rows of
    one day (or span) and group, where the table has finer ones.
    """

    table: str
    by: tuple[str, ...]
    filtered: tuple[str, ...]
    values: tuple[tuple[str, Merging], ...]
    chosen: Chosen
    grouped: bool
    own: bool = False


def stretch(shape: Shape, first: int, last: int, allowed: Iterable[Collection[str]]) -> Statement:
    """Give the figures of each day from first to last; `allowed` are the texts of each filtered dimension."""
    return Statement(_rows(shape), (first, last, *_texts(allowed)))


def spans(shape: Shape, numbered: Sequence[tuple[int, int, int]], allowed: Iterable[Collection[str]]) -> Statement:
    """Give the figures of spans, each given as first day, last day and the number that comes back with its rows."""
    return Statement(_rows(shape), (json.dumps(numbered), *_texts(allowed)))


def booked(shape: Shape, pairs: Sequence[tuple[int, int]], allowed: Iterable[Collection[str]]) -> Statement:
    """Give the figures of corrections, each given as day and booked day, by the day they were booked on."""
    return Statement(_rows(shape), (json.dumps(pairs), *_texts(allowed)))


def _texts(allowed: Iterable[Collection[str]]) -> Iterable[str]:
    return (json.dumps(sorted(texts)) for texts in allowed)


@lru_cache(maxsize=1_024)
def _rows(shape: Shape) -> str:
    # TRICKY: parameters are counted in the order of the text, so the days' come first, in FROM or at once in WHERE.
    keys = [_key(shape.chosen), *(_column(f"d_{name}") for name in shape.by)]
    values = [_value(column, merging, grouped=shape.grouped) for column, merging in shape.values]
    query = _chosen(exp.select(*keys, *values), shape.table, shape.chosen, own=shape.own)
    query = query.where(*(_listed(name) for name in shape.filtered))
    return _text((query.group_by(*keys) if shape.grouped else query).limit(MOST_ROWS + 1))


def _key(chosen: Chosen) -> exp.Expr:
    match chosen:
        case "stretch":
            return _column("day")
        case "booked":
            return _column("booked")
        case _:
            return _item(2)


def _chosen(query: exp.Select, table: str, chosen: Chosen, *, own: bool) -> exp.Select:
    """The rows of the chosen days."""
    rows = exp.to_table(table, alias=_ROW)
    day, booked_on = _column("day"), _column("booked")
    if chosen == "stretch":
        query = query.from_(rows).where(day.between(exp.Placeholder(), exp.Placeholder()))
    else:
        # A cross join keeps its order in SQLite: for each span its days are looked up, not for each row all spans.
        first, second = _item(0), _item(1)
        rule = day.between(first, second) if chosen == "spans" else exp.and_(day.eq(first), booked_on.eq(second))
        query = query.from_(_each()).join(rows, join_type="cross").where(rule)
    return query.where(booked_on.eq(day)) if own else query


def _each() -> exp.Table:
    listed = exp.Anonymous(this="json_each", expressions=[exp.Placeholder()])
    return exp.Table(this=listed, alias=exp.TableAlias(this=exp.to_identifier(_SPAN)))


def _item(place: int) -> exp.Expr:
    path = exp.Literal.string(f"$[{place}]")
    return exp.Anonymous(this="json_extract", expressions=[exp.column("value", table=_SPAN), path])


def _listed(dimension: str) -> exp.Expr:
    listed = exp.select(exp.column("value")).from_(exp.Anonymous(this="json_each", expressions=[exp.Placeholder()]))
    return _column(f"d_{dimension}").isin(query=listed)


def _value(column: str, merging: Merging, *, grouped: bool) -> exp.Expr:
    if not grouped:
        return _column(column)
    kinds = {"sum": exp.Sum, "min": exp.Min, "max": exp.Max}
    return kinds[merging](this=_column(column))


def _column(name: str) -> exp.Column:
    return exp.column(name, table=_ROW)


def _text(query: exp.Query) -> str:
    return query.sql(dialect=SQLITE, identify=True)
