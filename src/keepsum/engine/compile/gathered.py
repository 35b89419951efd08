"""The statements that make a rollup of groups that another database has added up: over `records`, which are groups.

Groups have `day`, `d_<dimension>` as codes of what is kept, `subject`, `slot` and `rank` where there is one, and of
each measure two limbs of what it added up; spread values have `measure` (a number), `value`, `spot` and `n` instead.
"""

from collections.abc import Iterator, Mapping
from functools import lru_cache

from sqlglot import exp

from keepsum.engine.codes import Codes
from keepsum.engine.compile.attached import spread_measures
from keepsum.engine.compile.roll import Piece, group_by, pieces, row_values
from keepsum.engine.compile.statement import DUCKDB, Code, Parameters, Shape, Statement
from keepsum.engine.numbers import LIMB
from keepsum.model.layout import RollupLayout
from keepsum.model.rollup import ALL, Distinct, Max, Measure, Min, Rollup, Sum, Uniques

_SHAPES = 256


def rows(rollup: Rollup) -> Statement:
    """The rows of a rollup, in any order, as `compile.roll.rows` gives them."""
    shape = _rows(rollup)
    return Statement(shape.sql, ())


def parts_of_groups(rollup: Rollup, codes: Mapping[str, Codes]) -> Statement | None:
    """What the parts are made of that groups have, as `compile.roll.parts` gives it; none if none is kept.

    A group that has nothing of a measure has its part, too.
    """
    return _statement(_of_groups(rollup), codes) if pieces(rollup) else None


def parts_of_spread(rollup: Rollup, codes: Mapping[str, Codes]) -> Statement | None:
    """The same of spread values."""
    is_any = any(piece.measure in spread_measures(rollup) for piece in pieces(rollup))
    return _statement(_of_spread(rollup), codes) if is_any else None


def _statement(shape: Shape, codes: Mapping[str, Codes]) -> Statement:
    values = (codes[v.field].of(v.text) if isinstance(v, Code) else v for v in shape.parameters)
    return Statement(shape.sql, tuple(values))


@lru_cache(maxsize=_SHAPES)
def _rows(rollup: Rollup) -> Shape:
    layout = RollupLayout(rollup=rollup)
    dimensions = [exp.column(name) for name in ("day", *layout.dimensions)]
    keys = [_record(name) for name in ("day", *layout.dimensions, *(["subject"] if layout.guarded else []))]
    values = (value for measure in layout.additive for value in _added_up(measure, guarded=layout.guarded))
    # What is left of a dimension's surplus, and what was masked, falls together here.
    grouped = group_by(exp.select(*keys, *values).from_("records"), range(len(keys)))
    query = exp.select(*dimensions, *row_values(layout)).from_("grouped", copy=False)
    if layout.guarded:
        query = query.group_by(*dimensions, copy=False)
    return Parameters().shape(query.with_("grouped", as_=grouped, copy=False), DUCKDB)


def _added_up(measure: Measure, *, guarded: bool) -> Iterator[exp.Expr]:
    name = f"m_{measure.name}"
    match measure:
        case Min() | Max():
            kind = exp.Min if isinstance(measure, Min) else exp.Max
            yield exp.alias_(kind(this=_joined(_record(f"{name}_hi"), _record(f"{name}_lo"))), name)
        case _:
            yield _summed(name)
            if isinstance(measure, Sum) and guarded:
                yield _summed(f"a_{measure.name}")


def _summed(name: str) -> exp.Expr:
    return exp.alias_(_joined(*(exp.Sum(this=_record(f"{name}_{limb}")) for limb in ("hi", "lo"))), name)


def _joined(high: exp.Expr, low: exp.Expr) -> exp.Expr:
    return exp.cast(high, "int128") * exp.Literal.number(LIMB) + low


@lru_cache(maxsize=_SHAPES)
def _of_groups(rollup: Rollup) -> Shape:
    parameter = Parameters()
    selects: list[exp.Query] = []
    for number, piece in enumerate(pieces(rollup)):
        spot, amount = exp.null(), exp.Literal.number(0)
        if isinstance(piece.measure, Uniques):
            allowed = _record(f"u_{piece.measure.name}").eq(exp.Literal.number(1))
            spot = exp.case().when(allowed, _record("slot"))
            amount = exp.Coalesce(this=exp.Max(this=_record("rank")), expressions=[amount])
        is_spotted = isinstance(piece.measure, Uniques)
        selects.append(_piece(rollup, number, piece, (spot, amount), parameter, is_spotted=is_spotted))
    return parameter.shape(_together(selects), DUCKDB)


@lru_cache(maxsize=_SHAPES)
def _of_spread(rollup: Rollup) -> Shape:
    parameter = Parameters()
    wanted = spread_measures(rollup)
    selects: list[exp.Query] = []
    for number, piece in enumerate(pieces(rollup)):
        if piece.measure not in wanted:
            continue
        spot, amount = _record("spot"), exp.Sum(this=_record("n"))
        is_distinct = isinstance(piece.measure, Distinct)
        if is_distinct:
            spot, amount = exp.null(), exp.Count(this=exp.Distinct(expressions=[_record("value")]))
        select = _piece(rollup, number, piece, (spot, amount), parameter, is_spotted=not is_distinct)
        of_measure = _record("measure").eq(exp.Literal.number(wanted.index(piece.measure)))
        selects.append(select.where(of_measure, copy=False))
    return parameter.shape(_together(selects), DUCKDB)


def _piece(
    rollup: Rollup,
    number: int,
    piece: Piece,
    found: tuple[exp.Expr, exp.Expr],
    parameter: Parameters,
    *,
    is_spotted: bool,
) -> exp.Select:
    """One measure at one grain: `day`, `d_*`, `spot`, `piece`, `amount`."""
    dimensions = [_record(f"d_{name}") if name in piece.grain else parameter(Code(name, ALL)) for name in rollup.by]
    keys = [_record("day"), *(exp.alias_(d, f"d_{name}") for d, name in zip(dimensions, rollup.by, strict=True))]
    spot, amount = found
    select = exp.select(
        *keys,
        exp.alias_(exp.cast(spot, "smallint"), "spot"),
        exp.alias_(exp.Literal.number(number), "piece"),
        exp.alias_(exp.cast(amount, "bigint"), "amount"),
    ).from_("records", copy=False)
    varying = [0, *(place for place, name in enumerate(rollup.by, 1) if name in piece.grain)]
    return group_by(select, [*varying, *([len(keys)] if is_spotted else [])])


def _together(selects: list[exp.Query]) -> exp.Query:
    return exp.union(*selects, distinct=False, copy=False) if len(selects) > 1 else selects[0]


def _record(column: str) -> exp.Column:
    return exp.column(column, table="records")
