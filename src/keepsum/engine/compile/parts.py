"""The statements that answer questions from parts: measures kept at grains, whose tables have the group first.

The group comes before the day in the key, so that a group's year is one stretch; read by day alone, a question about
a year would read all years of all groups. So the different groups are found first, each by one look into the key,
then the days of each: a year of ten groups out of eight years takes 12 ms instead of 62.
"""

import json
from collections.abc import Collection, Iterable, Iterator, Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import Literal

from sqlglot import exp

from keepsum.engine.compile.statement import Statement
from keepsum.model.rollup import ALL

SQLITE = "sqlite"

# A statement gives one part more than this at most, so that whoever reads it can tell that it is too much.
MOST_PARTS = 100_000  # of up to four kilobytes each

_PART, _PAIR, _GROUP = "part", "pair", "found"
_MEASURE, _AT, _DAYS = 1, 2, 3  # the numbers of parameters; filters follow the days, then the text for all values


@dataclass(frozen=True, kw_only=True)
class PartShape:
    """What a statement over parts looks like.

    `grain` has the dimensions of the grain in the order of the table's key, `outside` the others, which hold all their
    values together; `by` those that were asked by, `filtered` those with a filter. With `own` only parts of the day's
    records count, without what was corrected later. With `epochs` each value is followed by the epoch it is of.
    """

    table: str
    grain: tuple[str, ...]
    outside: tuple[str, ...]
    by: tuple[str, ...]
    filtered: tuple[str, ...]
    value: Literal["value", "data"]
    chosen: Literal["stretch", "booked"] = "stretch"
    own: bool = False
    epochs: bool = False


def stretch(
    shape: PartShape, measure: str, at: str, first: int, last: int, allowed: Iterable[Collection[str]]
) -> Statement:
    """Give (day, dimensions asked by, value) of one measure at one grain, for each day from first to last."""
    return _statement(shape, (measure, at, first, last), allowed)


def booked(
    shape: PartShape, measure: str, at: str, pairs: Sequence[tuple[int, int]], allowed: Iterable[Collection[str]]
) -> Statement:
    """Give the same of corrections, each given as day and booked day, by the day they were booked on."""
    return _statement(shape, (measure, at, json.dumps(pairs)), allowed)


def _statement(shape: PartShape, fixed: tuple[str | int, ...], allowed: Iterable[Collection[str]]) -> Statement:
    texts = (json.dumps(sorted(one)) for one in allowed)
    everything = (ALL,) if shape.outside else ()
    return Statement(_text(shape), (*fixed, *texts, *everything))


@lru_cache(maxsize=1_024)
def _text(shape: PartShape) -> str:
    day, booked_on = _of_part("day"), _of_part("booked")
    is_stretch = shape.chosen == "stretch"
    filters = _DAYS + (2 if is_stretch else 1)
    keys = [day if is_stretch else booked_on, *(_of_part(f"d_{name}") for name in shape.by)]
    values = (shape.value, "epoch") if shape.epochs else (shape.value,)
    query = _from(exp.select(*keys, *map(_of_part, values)), shape, is_stretch=is_stretch)
    if is_stretch:
        query = query.where(day.between(_number(_DAYS), _number(_DAYS + 1)))
    else:
        query = query.where(day.eq(_item(0)), booked_on.eq(_item(1)))
    query = query.where(*_kept(shape), *(_of_part(f"d_{name}").eq(_of_group(name)) for name in shape.grain))
    query = query.where(*(_listed(name, filters + place) for place, name in enumerate(shape.filtered)))
    if shape.own:
        query = query.where(booked_on.eq(day))
    for depth in range(1, len(shape.grain) + 1):
        query = query.with_(f"groups_{depth}", as_=_groups(shape, depth), recursive=True)
    return query.limit(MOST_PARTS + 1).sql(dialect=SQLITE, identify=True)


def _from(query: exp.Select, shape: PartShape, *, is_stretch: bool) -> exp.Select:
    """Groups, then pairs of days, then parts: a cross join keeps its order in SQLite, so that parts are looked up."""
    sources: list[exp.Table] = []
    if shape.grain:
        sources.append(exp.to_table(f"groups_{len(shape.grain)}", alias=_GROUP))
    if not is_stretch:
        listed = exp.Anonymous(this="json_each", expressions=[_number(_DAYS)])
        sources.append(exp.Table(this=listed, alias=exp.TableAlias(this=exp.to_identifier(_PAIR))))
    first, *rest = (*sources, exp.to_table(shape.table, alias=_PART))
    query = query.from_(first)
    for source in rest:
        query = query.join(source, join_type="cross")
    return query


def _groups(shape: PartShape, depth: int) -> exp.Query:
    """The different texts of the grain's first so many dimensions: the smallest of each, then the next one's, and on.

    The last one of each is null, because no text comes after it.
    """
    *before, last = shape.grain[:depth]
    start = exp.select(*(_of_group(name) for name in before), _smallest(shape, before, last))
    if before:
        start = start.from_(exp.to_table(f"groups_{depth - 1}", alias=_GROUP))
        start = start.where(_of_group(before[-1]).is_(exp.null()).not_())
    following = _smallest(shape, before, last, after=_of_group(last))
    onward = exp.select(*(_of_group(name) for name in before), following)
    onward = onward.from_(exp.to_table(f"groups_{depth}", alias=_GROUP))
    return exp.union(start, onward.where(_of_group(last).is_(exp.null()).not_()), distinct=False)


def _smallest(shape: PartShape, before: Sequence[str], name: str, after: exp.Expr | None = None) -> exp.Expr:
    """The smallest text of a dimension in the group at hand, perhaps after another."""
    column = _of_part(f"d_{name}")
    found = exp.select(exp.Min(this=column)).from_(exp.to_table(shape.table, alias=_PART))
    found = found.where(*_kept(shape), *(_of_part(f"d_{n}").eq(_of_group(n)) for n in before))
    if after is not None:
        found = found.where(exp.GT(this=column, expression=after))
    return exp.alias_(found.subquery(), f"d_{name}")


def _kept(shape: PartShape) -> Iterator[exp.Expr]:
    """What all parts of the measure at the grain have in common."""
    yield _of_part("measure").eq(_number(_MEASURE))
    yield _of_part("at").eq(_number(_AT))
    every = _DAYS + (2 if shape.chosen == "stretch" else 1) + len(shape.filtered)
    yield from (_of_part(f"d_{name}").eq(_number(every)) for name in shape.outside)


def _listed(dimension: str, number: int) -> exp.Expr:
    listed = exp.select(exp.column("value")).from_(exp.Anonymous(this="json_each", expressions=[_number(number)]))
    return _of_part(f"d_{dimension}").isin(query=listed)


def _item(place: int) -> exp.Expr:
    path = exp.Literal.string(f"$[{place}]")
    return exp.Anonymous(this="json_extract", expressions=[exp.column("value", table=_PAIR), path])


def _number(number: int) -> exp.Expr:
    """The parameter of that number, which stands in several places."""
    return exp.Var(this=f"?{number}")


def _of_part(name: str) -> exp.Column:
    return exp.column(name, table=_PART)


def _of_group(dimension: str) -> exp.Column:
    return exp.column(f"d_{dimension}", table=_GROUP)
