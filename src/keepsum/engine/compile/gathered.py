"""The statements that make a rollup of groups that another database has added up: over `records`, in numbers.

Groups come in lots, each with whole subjects: `day`, `d_<dimension>` as numbers of what is kept, `subject`, `slot` and
`rank` where there is one, and of each measure two limbs of what it added up. A lot becomes subtotals, and the subtotals
of all lots the rows and parts. Spread values have `measure` (a number), `value`, `spot` and `n` instead.
"""

from collections.abc import Iterator, Mapping, Sequence
from functools import lru_cache

from sqlglot import exp

from keepsum.engine.codes import Codes
from keepsum.engine.compile.attached import spread_measures
from keepsum.engine.compile.roll import Piece, group_by, limbs, merged, pieces, share, stored
from keepsum.engine.compile.statement import DUCKDB, Code, Parameters, Shape, Statement
from keepsum.engine.numbers import LIMB
from keepsum.model.layout import RollupLayout
from keepsum.model.rollup import ALL, Count, Distinct, Measure, Rollup, Sum, Uniques

_SHAPES = 256
_ADDED = "added"


def subtotals(rollup: Rollup) -> Statement:
    """What a lot of groups comes to: `day`, `d_*`, `people`, and two limbs of each of these.

    `m_<name>` is a measure; `l_<name>` the most that one subject has of it without its sign, `w_<name>` what all have.
    """
    return Statement(_subtotals(rollup).sql, ())


def subtotals_together(rollup: Rollup) -> Statement:
    """What the subtotals of several lots come to, in the same columns."""
    return Statement(_subtotals_together(rollup).sql, ())


def rows(rollup: Rollup) -> Statement:
    """The rows of a rollup from the subtotals of all lots, in any order, as `compile.roll.rows` gives them."""
    return Statement(_rows(rollup).sql, ())


def parts_together(rollup: Rollup) -> Statement:
    """What `parts_of_groups` gave of several lots, piece by piece."""
    return Statement(_parts_together(rollup).sql, ())


def parts_of_groups(rollup: Rollup, codes: Mapping[str, Codes]) -> Statement | None:
    """What the parts are made of that a lot of groups has, as `compile.roll.parts` gives it; none if none is kept.

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
def _subtotals(rollup: Rollup) -> Shape:
    layout = RollupLayout(rollup=rollup)
    if not layout.guarded:
        return _shape(layout, _limbs_of(layout), {_ADDED: _added(layout, _of_records(layout.additive))})
    keys = [_record(name) for name in (*_keys(layout), "subject")]
    values = (value for measure in layout.additive for value in _of_subject(measure))
    # What is left of a dimension's surplus, and what was masked, falls together here.
    grouped = group_by(exp.select(*keys, *values).from_("records"), range(len(keys)))
    added = [exp.alias_(exp.Count(this=exp.column("subject")), "people")]
    for measure in layout.summed:
        weight = exp.column(_weight(measure))
        is_somebody = exp.column("subject").is_(exp.null()).not_()
        added.append(exp.alias_(exp.Max(this=exp.case().when(is_somebody, weight)), f"l_{measure.name}"))
        added.append(exp.alias_(exp.Sum(this=weight.copy()), f"w_{measure.name}"))
    added += [exp.alias_(merged(m, exp.column(f"m_{m.name}")), f"m_{m.name}") for m in layout.additive]
    return _shape(layout, _limbs_of(layout), {"grouped": grouped, _ADDED: _added(layout, added, "grouped")})


@lru_cache(maxsize=_SHAPES)
def _subtotals_together(rollup: Rollup) -> Shape:
    layout = RollupLayout(rollup=rollup)
    return _shape(layout, _limbs_of(layout), {_ADDED: _added(layout, _of_subtotals(layout))})


@lru_cache(maxsize=_SHAPES)
def _rows(rollup: Rollup) -> Shape:
    layout = RollupLayout(rollup=rollup)
    values: list[exp.Expr] = []
    if layout.guarded:
        values.append(_integer(exp.column("people"), "people"))
        shares = ((m.name, share(exp.column(f"l_{m.name}"), exp.column(f"w_{m.name}"))) for m in layout.summed)
        values += [_integer(found, f"largest_{name}") for name, found in shares]
    values += [column for m in layout.additive for column in stored(m, exp.column(f"m_{m.name}"))]
    return _shape(layout, values, {_ADDED: _added(layout, _of_subtotals(layout))})


@lru_cache(maxsize=_SHAPES)
def _parts_together(rollup: Rollup) -> Shape:
    keys = [_record(name) for name in ("day", *RollupLayout(rollup=rollup).dimensions, "spot", "piece")]
    amount = exp.alias_(exp.cast(exp.Max(this=_record("amount")), "bigint"), "amount")
    query = group_by(exp.select(*keys, amount).from_("records"), range(len(keys)))
    return Parameters().shape(query.order_by(exp.column("piece"), copy=False), DUCKDB)


def _shape(layout: RollupLayout, values: Sequence[exp.Expr], relations: Mapping[str, exp.Query]) -> Shape:
    query = exp.select(*(exp.column(name) for name in _keys(layout)), *values).from_(_ADDED, copy=False)
    for name, relation in relations.items():
        query = query.with_(name, as_=relation, copy=False)
    return Parameters().shape(query, DUCKDB)


def _keys(layout: RollupLayout) -> tuple[str, ...]:
    return ("day", *layout.dimensions)


def _added(layout: RollupLayout, values: Sequence[exp.Expr], relation: str = "records") -> exp.Query:
    """What the rows of each group come to."""
    keys = [exp.column(name, table=relation) for name in _keys(layout)]
    return group_by(exp.select(*keys, *values).from_(relation), range(len(keys)))


def _of_subject(measure: Measure) -> Iterator[exp.Expr]:
    """What one subject has of a measure, and of a sum without its signs."""
    yield from _of_records([measure])
    if isinstance(measure, Sum):
        yield exp.alias_(exp.Sum(this=_whole(f"a_{measure.name}")), f"a_{measure.name}")


def _of_records(measures: Sequence[Measure]) -> list[exp.Expr]:
    return [exp.alias_(merged(m, _whole(f"m_{m.name}")), f"m_{m.name}") for m in measures]


def _of_subtotals(layout: RollupLayout) -> list[exp.Expr]:
    values: list[exp.Expr] = []
    if layout.guarded:
        values.append(exp.alias_(exp.Sum(this=_record("people")), "people"))
        for measure in layout.summed:
            values.append(exp.alias_(exp.Max(this=_whole(f"l_{measure.name}")), f"l_{measure.name}"))
            values.append(exp.alias_(exp.Sum(this=_whole(f"w_{measure.name}")), f"w_{measure.name}"))
    return values + _of_records(layout.additive)


def _limbs_of(layout: RollupLayout) -> list[exp.Expr]:
    """The columns of subtotals."""
    names = [f"{kind}_{m.name}" for m in layout.summed for kind in "lw"] if layout.guarded else []
    people = [_integer(exp.column("people"), "people")] if layout.guarded else []
    names += [f"m_{measure.name}" for measure in layout.additive]
    return [*people, *(limb for name in names for limb in limbs(exp.column(name), name))]


def _weight(measure: Measure) -> str:
    return f"{'m' if isinstance(measure, Count) else 'a'}_{measure.name}"


def _whole(name: str) -> exp.Expr:
    """A number from its limbs."""
    return exp.cast(_record(f"{name}_hi"), "int128") * exp.Literal.number(LIMB) + _record(f"{name}_lo")


def _integer(value: exp.Expr, name: str) -> exp.Expr:
    return exp.alias_(exp.cast(value, "bigint"), name)


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
