"""The roll-up statement: what the rows and the parts of a rollup are, in SQL over a relation `records`.

The relation is the table that `engine.codes` makes of records: dimensions and filtered texts are codes.
"""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from functools import lru_cache

from sqlglot import exp

from keepsum.engine.codes import Codes, source_column
from keepsum.engine.compile.statement import DUCKDB, Code, Parameters, Shape, Statement, allowed
from keepsum.engine.numbers import LIMB
from keepsum.model.catalog import most_of
from keepsum.model.layout import RollupLayout
from keepsum.model.rollup import (
    ALL,
    NONE,
    OTHER,
    AtGrains,
    Count,
    Distinct,
    Max,
    Measure,
    Min,
    Quantiles,
    Rollup,
    Sum,
    Uniques,
)

_MILLION = 10**6
_SHAPES = 256


@dataclass(frozen=True)
class Piece:
    """One measure at one of its grains."""

    measure: AtGrains
    grain: tuple[str, ...]

    @property
    def at(self) -> str:
        """The grain as it stands in the parts."""
        return ",".join(self.grain)


def pieces(rollup: Rollup) -> tuple[Piece, ...]:
    """Every measure at every grain it is kept at, in the order of the parts; the statement numbers them from 0."""
    kept = (Piece(m, grain) for m in RollupLayout(rollup=rollup).at_grains for grain in rollup.grains(m))
    return tuple(sorted(kept, key=lambda piece: (piece.measure.name, piece.at)))


def rows(rollup: Rollup, codes: Mapping[str, Codes], dialect: str = DUCKDB) -> Statement:
    """The rows of a rollup, in any order: `day`, `d_*` as codes, and the values of its layout.

    Where there are people, records are grouped by subject first, so that one pass gives sums, people and largest.
    """
    return _statement(_rows(rollup, _capped(rollup, codes), dialect), codes)


def parts(rollup: Rollup, codes: Mapping[str, Codes], dialect: str = DUCKDB) -> Statement | None:
    """What the parts of a rollup are made of, in any order; none if no measure is kept at grains.

    Columns: `day`, `d_*` as codes, `spot` (slot or bucket; null counts the records that have none), `piece` (its
    number), `amount` (the highest rank, how many records, or how many different values).
    """
    return _statement(_parts(rollup, _capped(rollup, codes), dialect), codes) if pieces(rollup) else None


def _capped(rollup: Rollup, codes: Mapping[str, Codes]) -> frozenset[str]:
    """The dimensions of which a day can have more values than are kept."""
    return frozenset(name for name in rollup.by if codes[name].values > most_of(rollup.of.field(name)))


def _statement(shape: Shape, codes: Mapping[str, Codes]) -> Statement:
    values = (codes[v.field].of(v.text) if isinstance(v, Code) else v for v in shape.parameters)
    return Statement(shape.sql, tuple(values))


# A statement's text depends on the declaration only, so it is made once; making it takes longer than a small day does.
@lru_cache(maxsize=_SHAPES)
def _rows(rollup: Rollup, capped: frozenset[str], dialect: str) -> Shape:
    layout = RollupLayout(rollup=rollup)
    roll = _Roll(rollup, capped)
    keys = [*roll.keys(rollup.by), *([_record("subject")] if layout.guarded else [])]
    values = [value for measure in layout.additive for value in roll.grouped_values(measure)]
    grouped = group_by(roll.from_records(exp.select(*keys, *values), rollup.by), range(len(keys)))
    dimensions = [exp.column(name) for name in ("day", *layout.dimensions)]
    groups = exp.select(*dimensions, *row_values(layout)).from_("grouped", copy=False)
    if layout.guarded:
        groups = groups.group_by(*dimensions, copy=False)
    return roll.shape(groups, rollup.by, {"grouped": grouped}, dialect)


@lru_cache(maxsize=_SHAPES)
def _parts(rollup: Rollup, capped: frozenset[str], dialect: str) -> Shape:
    roll = _Roll(rollup, capped)
    selects = [roll.piece(number, piece) for number, piece in enumerate(pieces(rollup))]
    grained = {name for piece in pieces(rollup) for name in piece.grain}
    union = exp.union(*selects, distinct=False, copy=False) if len(selects) > 1 else selects[0]
    return roll.shape(union, [name for name in rollup.by if name in grained], {}, dialect)


class _Roll:
    """A statement in the making: its rollup, the dimensions with a surplus, and the parameters so far."""

    def __init__(self, rollup: Rollup, capped: frozenset[str]) -> None:
        self._rollup = rollup
        self._capped = capped
        self._parameter = Parameters()

    def shape(self, query: exp.Query, by: Iterable[str], relations: Mapping[str, exp.Query], dialect: str) -> Shape:
        """The query behind the relations that it reads, the surplus of these dimensions first."""
        surplus = {_surplus(name): self._surplus_of(name) for name in by if name in self._capped}
        for name, relation in (surplus | dict(relations)).items():
            query = query.with_(name, as_=relation, copy=False)
        return self._parameter.shape(query, dialect)

    def keys(self, grain: tuple[str, ...]) -> list[exp.Expr]:
        """The day and all dimensions of a record; one outside the grain is all its values together."""
        dimensions = (
            (name, self._dimension(name) if name in grain else self._code(name, ALL)) for name in self._rollup.by
        )
        return [_record("day"), *(exp.alias_(dimension, f"d_{name}") for name, dimension in dimensions)]

    def from_records(self, select: exp.Select, grain: tuple[str, ...]) -> exp.Select:
        """Records beside the surplus of the grain's dimensions, which has at most one row for each of them."""
        select = select.from_("records", copy=False)
        for name in (name for name in grain if name in self._capped):
            on = [exp.column(c, table=_surplus(name)).eq(_record(c)) for c in ("day", f"d_{name}")]
            select = select.join(_surplus(name), on=exp.and_(*on), join_type="left", copy=False)
        return select

    def _dimension(self, name: str) -> exp.Expr:
        kept = exp.Coalesce(this=_record(f"d_{name}"), expressions=[self._code(name, NONE)])
        if name not in self._capped:
            return kept
        is_surplus = exp.column("day", table=_surplus(name)).is_(exp.null()).not_()
        return exp.case().when(is_surplus, self._code(name, OTHER)).else_(kept)

    def _surplus_of(self, name: str) -> exp.Select:
        """The values of each day beyond those with the most records, the smaller value first where they tie."""
        day, code = exp.column("day"), exp.column(f"d_{name}")
        order = [exp.Ordered(this=exp.Count(this=exp.Star()), desc=True), exp.Ordered(this=code)]
        place = exp.Window(this=exp.RowNumber(), partition_by=[day], order=exp.Order(expressions=order))
        ranked = exp.select(day, code, exp.alias_(place, "place")).from_("records")
        ranked = ranked.where(code.is_(exp.null()).not_()).group_by(day, code)
        most = self._parameter(most_of(self._rollup.of.field(name)))
        return exp.select(day, code).from_(ranked.subquery("ranked")).where(exp.column("place") > most)

    def grouped_values(self, measure: Measure) -> Iterator[exp.Expr]:
        """What a measure adds up over records: `m_<name>`, and `a_<name>`, the sum of absolute values."""
        match measure:
            case Count():
                whole = exp.Count(this=self._where(measure, exp.Literal.number(1)))
            case Sum():
                value = self._where(measure, _record(f"f_{measure.source}"))
                whole = exp.Sum(this=value)
                if self._rollup.of.subject:
                    yield exp.alias_(exp.Sum(this=exp.Abs(this=value)), f"a_{measure.name}")
            case Min():
                whole = exp.Min(this=self._where(measure, _record(f"f_{measure.source}")))
            case Max():
                whole = exp.Max(this=self._where(measure, _record(f"f_{measure.source}")))
            case _:
                raise TypeError(measure)
        yield exp.alias_(whole, f"m_{measure.name}")

    def piece(self, number: int, piece: Piece) -> exp.Select:
        """One measure at one grain, its columns as `parts` names them."""
        keys, spot, amount = self.keys(piece.grain), self._spot(piece.measure), self._amount(piece.measure)
        select = exp.select(
            *keys,
            exp.alias_(exp.cast(spot, "smallint"), "spot"),
            exp.alias_(exp.Literal.number(number), "piece"),
            exp.alias_(exp.cast(amount, "bigint"), "amount"),
        )
        # Only what differs between records is grouped by: constants would make groups no smaller, but slower.
        varying = [0, *(i for i, name in enumerate(self._rollup.by, 1) if name in piece.grain)]
        is_spotted = not isinstance(piece.measure, Distinct)
        return group_by(self.from_records(select, piece.grain), [*varying, *([len(keys)] if is_spotted else [])])

    def _spot(self, measure: AtGrains) -> exp.Expr:
        match measure:
            case Uniques():
                return self._where(measure, _record("slot"))
            case Quantiles():
                return self._where(measure, _record(f"b_{measure.source}"))
            case _:
                return exp.null()

    def _amount(self, measure: AtGrains) -> exp.Expr:
        match measure:
            case Uniques():
                return exp.Max(this=_record("rank"))
            case Quantiles():
                return exp.Count(this=exp.Star())
            case Distinct():
                source = _record(source_column(self._rollup.of, str(measure.source)))
                return exp.Count(this=exp.Distinct(expressions=[self._where(measure, source)]))
            case _:
                raise TypeError(measure)

    def _where(self, measure: Measure, value: exp.Expr) -> exp.Expr:
        """The value where the measure's filter allows the record, else null."""
        condition = allowed(measure.where, self._parameter)
        return exp.case().when(condition, value) if condition else value

    def _code(self, name: str, text: str) -> exp.Parameter:
        return self._parameter(Code(name, text))


def row_values(layout: RollupLayout) -> Iterator[exp.Expr]:
    """The values of a row from the grouped ones, in the order of the layout."""
    if layout.guarded:
        yield _integer(exp.Count(this=exp.column("subject")), "people")
        yield from (_integer(_largest(m), f"largest_{m.name}") for m in layout.summed)
    for measure in layout.additive:
        grouped = exp.column(f"m_{measure.name}")
        yield from stored(measure, merged(measure, grouped) if layout.guarded else grouped)


def stored(measure: Measure, whole: exp.Expr) -> Iterator[exp.Expr]:
    """The columns of a row that a measure's value becomes: of a sum two limbs."""
    if isinstance(measure, Sum):
        yield from limbs(whole, f"m_{measure.name}")
    else:
        yield _integer(whole, f"m_{measure.name}")


def limbs(whole: exp.Expr, name: str) -> Iterator[exp.Expr]:
    """A number beyond 64 bits as two that are not: `hi * 10**9 + lo`, `0 <= lo < 10**9`."""
    rest = ((whole % _literal(LIMB)) + _literal(LIMB)) % _literal(LIMB)
    yield _integer((whole - rest) // _literal(LIMB), f"{name}_hi")
    yield _integer(rest, f"{name}_lo")


def merged(measure: Measure, grouped: exp.Expr) -> exp.Expr:
    """What a measure comes to from its values of several groups."""
    match measure:
        case Min():
            return exp.Min(this=grouped)
        case Max():
            return exp.Max(this=grouped)
        case _:
            return exp.Sum(this=grouped)


def _largest(measure: Measure) -> exp.Expr:
    """The biggest share of one subject in parts per million, rounded up; 0 where there is nothing to share."""
    grouped = exp.column(f"a_{measure.name}" if isinstance(measure, Sum) else f"m_{measure.name}")
    is_somebody = exp.column("subject").is_(exp.null()).not_()
    return share(exp.Max(this=exp.case().when(is_somebody, grouped)), exp.Sum(this=grouped))


def share(largest: exp.Expr, whole: exp.Expr) -> exp.Expr:
    """One number as a share of another in parts per million, rounded up; 0 where it is none."""
    found = (largest * _literal(_MILLION) + whole - _literal(1)) // whole
    return exp.case().when(largest > _literal(0), found).else_(_literal(0))


def _record(column: str) -> exp.Column:
    return exp.column(column, table="records")


def _surplus(dimension: str) -> str:
    return f"surplus_{dimension}"


def _literal(number: int) -> exp.Expr:
    return exp.Literal.number(number)


def _integer(value: exp.Expr, name: str) -> exp.Expr:
    return exp.alias_(exp.cast(value, "bigint"), name)


def group_by(select: exp.Select, places: Iterable[int]) -> exp.Select:
    """Grouped by columns of its own, counted from 0: their names may be those of the records' columns, too."""
    return select.group_by(*(_literal(place + 1) for place in places), copy=False)
