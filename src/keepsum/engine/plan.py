"""What a question needs: which measures of which streams, by which dimensions, over which stretches of days."""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from fractions import Fraction

from keepsum.engine.cells import Cells, cells, window_start
from keepsum.engine.dimensions import Texts, asked, both, dimension, texts
from keepsum.model.catalog import MEASURES, Catalog
from keepsum.model.day import date_of
from keepsum.model.errors import Invalid
from keepsum.model.filter import Filter
from keepsum.model.metric import Metric
from keepsum.model.query import Query
from keepsum.model.rollup import (
    Arithmetic,
    AtGrains,
    Cumulative,
    Distinct,
    Formula,
    Measure,
    MeasureOf,
    Ratio,
    Scaled,
    Uniques,
)
from keepsum.model.stream import Number, Stream

MOST_DAYS = 40 * 366
MOST_TOP = 10_000
Limits = Mapping[tuple[str, str], Texts]  # by metric and stream, a filter beside the question's own
NO_LIMITS: Limits = {}
TIME = "time"  # what the column of periods is called, in orders too


@dataclass(frozen=True, kw_only=True)
class Need:
    """One measure, known by what it measures and not by the rollup that keeps it."""

    kind: str
    of: str | None = None
    scale: int = 0
    unit: str = ""
    where: Filter = ()

    @property
    def at_grains(self) -> bool:
        """Whether it is kept at grains because it does not add over dimensions."""
        return self.kind in {"distinct", "uniques", "quantiles"}

    def measure(self, name: str, at: tuple[str, ...] = ()) -> Measure:
        """Give a measure of that name which is what is needed, at one grain where it is kept at grains."""
        kind = MEASURES[self.kind]
        if issubclass(kind, AtGrains):
            return kind(name, of=self.of, where=self.where, at=(at,))
        return kind(name, of=self.of, where=self.where)


@dataclass(frozen=True, kw_only=True)
class Group:
    """The needs of one stream under one filter; `first` is before the range where something runs on from there."""

    stream: Stream
    by: tuple[str, ...]
    where: Texts
    needs: tuple[Need, ...]
    first: int
    last: int

    @property
    def dimensions(self) -> tuple[str, ...]:
        """Every dimension that a source must have: what is asked by, then what only the filter reads."""
        return (*self.by, *(name for name, _ in self.where if name not in self.by))


@dataclass(frozen=True)
class Read(Formula):
    """A leaf of a planned formula: the figure of need number `place`, perhaps one quantile of it."""

    place: int
    q: Fraction | None = None


@dataclass(frozen=True, kw_only=True)
class Plan:
    """A question made concrete: `formulas` in the order of `metrics`, their leaves numbering `needs`.

    Need number n stands in `groups[g].needs[i]` for `(g, i) == places[n]`.
    """

    query: Query
    metrics: tuple[Metric, ...]
    formulas: tuple[Formula, ...]
    groups: tuple[Group, ...]
    places: tuple[tuple[int, int], ...]
    cells: Cells

    def need(self, place: int) -> Need:
        """Give the need of that number."""
        group, index = self.places[place]
        return self.groups[group].needs[index]

    @property
    def needs(self) -> tuple[Need, ...]:
        """All needs by number."""
        return tuple(self.need(place) for place in range(len(self.places)))


def plan(catalog: Catalog, query: Query, week_start: int = 0, limits: Limits = NO_LIMITS) -> Plan:
    """Give what a query needs, of what the limits let through.

    Raises `UNKNOWN_METRIC`, `UNKNOWN_DIMENSION`, `DIMENSION_PERSONAL`, `BAD_FILTER`, `RANGE_REVERSED`,
    `RANGE_TOO_LONG`, `NO_METRICS`, `NAMED_TWICE`, `ORDER_UNKNOWN`, `TOP_WITHOUT_BY` and `TOP_OUT_OF_RANGE`.
    """
    _check(query)
    metrics = tuple(catalog.metric(name) for name in query.metrics)
    reading = _Reading(query, limits)
    formulas = tuple(reading.metric(metric) for metric in metrics)
    _check_order(query, metrics)
    groups = reading.groups()
    return Plan(
        query=query,
        metrics=metrics,
        formulas=formulas,
        groups=groups,
        places=reading.places(),
        cells=cells(query.first, query.last, query.grain, _sinces(formulas), min(g.first for g in groups), week_start),
    )


def _check(query: Query) -> None:
    if not query.metrics:
        raise Invalid("NO_METRICS", "The query names no metric: give at least one in 'metrics'.")
    for what, names in (("metrics", query.metrics), ("by", query.by)):
        if len(set(names)) < len(names):
            raise Invalid("NAMED_TWICE", f"{what!r} names {_repeated(names)!r} twice: name it once.")
    if query.last < query.first:
        ends, starts = date_of(query.last), date_of(query.first)
        raise Invalid(
            "RANGE_REVERSED", f"The range ends on {ends}, before it starts on {starts}: swap 'from' and 'to'."
        )
    if query.last - query.first >= MOST_DAYS:
        length = query.last - query.first + 1
        raise Invalid("RANGE_TOO_LONG", f"The range has {length} days: ask for at most {MOST_DAYS} at once.")
    if query.top is not None and not query.by:
        raise Invalid("TOP_WITHOUT_BY", f"top={query.top} needs dimensions to rank: give 'by', or leave 'top' out.")
    if query.top is not None and not 1 <= query.top <= MOST_TOP:
        raise Invalid("TOP_OUT_OF_RANGE", f"top={query.top} is not within 1 and {MOST_TOP}: choose another.")


def _repeated(names: tuple[str, ...]) -> str:
    return next(name for name in names if names.count(name) > 1)


def _check_order(query: Query, metrics: Iterable[Metric]) -> None:
    known = (*(metric.name for metric in metrics), *query.by, TIME)
    if query.order is not None and query.order.by not in known:
        message = f"The answer has no column {query.order.by!r} to be ordered by: choose one of {', '.join(known)}."
        raise Invalid("ORDER_UNKNOWN", message)


class _Reading:
    """Formulas on their way to a plan: every different measure, filter and start is noted once."""

    def __init__(self, query: Query, limits: Limits) -> None:
        self._query, self._limits, self._asked = query, limits, ""
        self._groups: dict[tuple[str, Texts], tuple[Stream, dict[Need, int]]] = {}
        self._firsts: dict[tuple[str, Texts], int] = {}
        self._count = 0

    def metric(self, metric: Metric) -> Formula:
        """The formula of a metric that is asked for; its name is what limits all that it is made of."""
        self._asked = metric.name
        return self.formula(metric, self._query.first)

    def formula(self, formula: Formula, first: int) -> Formula:
        """The formula with numbered needs for leaves and with metrics opened up."""
        match formula:
            case MeasureOf():
                return self._leaf(formula, first)
            case Metric():
                return self.formula(formula.formula, first)
            case Arithmetic():
                left, right = self.formula(formula.left, first), self.formula(formula.right, first)
                return Arithmetic(op=formula.op, left=left, right=right)
            case Scaled():
                return Scaled(of=self.formula(formula.of, first), factor=formula.factor)
            case Ratio():
                numerator, denominator = (self.formula(f, first) for f in (formula.numerator, formula.denominator))
                return Ratio(numerator=numerator, denominator=denominator)
            case Cumulative():
                first = min(first, window_start(self._query.first, formula.since, first))
                return Cumulative(of=self.formula(formula.of, first), since=formula.since)
            case _:
                raise TypeError(formula)

    def groups(self) -> tuple[Group, ...]:
        """The needs by stream and filter."""
        return tuple(
            Group(
                stream=stream,
                by=self._query.by,
                where=key[1],
                needs=tuple(needs),
                first=self._firsts[key],
                last=self._query.last,
            )
            for key, (stream, needs) in self._groups.items()
        )

    def places(self) -> tuple[tuple[int, int], ...]:
        """Where each numbered need stands in the groups."""
        found = [
            (number, group, index)
            for group, (_, needs) in enumerate(self._groups.values())
            for index, number in enumerate(needs.values())
        ]
        return tuple((group, index) for _, group, index in sorted(found))

    def _leaf(self, leaf: MeasureOf, first: int) -> Read:
        stream = leaf.rollup.of
        where = both(texts(stream, leaf.filter), asked(stream, self._query.where))
        where = both(where, self._limits.get((self._asked, stream.name), ()))
        for name in self._query.by:
            dimension(stream, name)
        key = (stream.name, where)
        _, needs = self._groups.setdefault(key, (stream, {}))
        self._firsts[key] = min(first, self._firsts.get(key, first))
        need = need_of(leaf)
        if need not in needs:
            needs[need] = self._count
            self._count += 1
        return Read(needs[need], leaf.q)


def need_of(leaf: MeasureOf) -> Need:
    """Give what a leaf measures, wherever it is kept."""
    measure = leaf.measure
    source = leaf.rollup.of.field(measure.source) if measure.source else None
    number = source if isinstance(source, Number) and not isinstance(measure, (Distinct, Uniques)) else None
    return Need(
        kind=measure.kind,
        of=measure.source,
        scale=number.scale if number else 0,
        unit=number.unit if number else "",
        where=measure.where,
    )


def _sinces(formulas: Iterable[Formula]) -> tuple[str, ...]:
    return tuple(
        sorted({node.since for formula in formulas for node in _nodes(formula) if isinstance(node, Cumulative)})
    )


def _nodes(formula: Formula) -> Iterator[Formula]:
    yield formula
    match formula:
        case Arithmetic():
            inside: tuple[Formula, ...] = (formula.left, formula.right)
        case Ratio():
            inside = (formula.numerator, formula.denominator)
        case Scaled() | Cumulative():
            inside = (formula.of,)
        case _:
            inside = ()
    for node in inside:
        yield from _nodes(node)


def reads(formula: Formula) -> tuple[Read, ...]:
    """Give the leaves of a planned formula."""
    return tuple(node for node in _nodes(formula) if isinstance(node, Read))
