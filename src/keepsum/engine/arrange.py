"""The table of an answer: which groups are shown, in which order, beside which figures of the period before."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import islice
from typing import Any

from keepsum.engine.calculate import (
    Grid,
    Series,
    calculate,
    decimals,
    grid,
    relative_error,
    shown,
    shown_errors,
    whole,
)
from keepsum.engine.cells import Cells
from keepsum.engine.merge import Key, Sheet
from keepsum.engine.plan import TIME, Plan, Read
from keepsum.model.answer import Cell, Column
from keepsum.model.day import Grain, date_of
from keepsum.model.errors import Invalid
from keepsum.model.metric import Metric
from keepsum.model.query import Query
from keepsum.model.rollup import HIDDEN, NONE, OTHER, Arithmetic, Cumulative, Formula, Scaled

MOST_ROWS = 500_000
PREVIOUS, ERROR = ":previous", ":error"

_NAMES = {NONE: None, OTHER: "(other)", HIDDEN: "(hidden)"}
_LAST = {NONE: 1, OTHER: 2, HIDDEN: 3}  # after all values of records


@dataclass(frozen=True, kw_only=True)
class Side:
    """One range of a question with the figures of its cells."""

    plan: Plan
    sheet: Sheet


@dataclass(frozen=True, kw_only=True)
class Table:
    """What an answer shows; `totals` are over the whole range, where they were asked for."""

    columns: tuple[Column, ...]
    rows: tuple[tuple[Cell, ...], ...]
    totals: tuple[Cell, ...] | None


def table(main: Side, previous: Side | None = None) -> Table:
    """Give the table of an answer, perhaps beside the period before; `ANSWER_TOO_LONG` above so many rows."""
    query, cells = main.plan.query, main.plan.cells
    main, previous = _shown(main, previous)
    count = len(cells.periods) * len(main.sheet.shown)
    if count > MOST_ROWS:
        message = (
            f"The answer would have {count} rows: ask for at most {MOST_ROWS}, with a coarser grain, less days or top=."
        )
        raise Invalid("ANSWER_TOO_LONG", message)
    before = None if previous is None else grid(previous.plan.cells, previous.sheet)
    figures = list(_figures(main.plan, grid(cells, main.sheet), before, count))
    rows = tuple(zip(*_axes(query, cells, main.sheet.shown), *(f.cells for f in figures), strict=True))
    columns = (*_axis_columns(query), *(f.column for f in figures))
    order = _order(query, columns, main.sheet.shown, rows)
    totals = _totals(main, previous) if query.totals else None
    return Table(columns=columns, rows=rows if order is None else tuple(rows[i] for i in order), totals=totals)


@dataclass(frozen=True)
class _Figures:
    """One column of figures."""

    column: Column
    cells: Sequence[Cell]


def _figures(plan: Plan, grid: Grid, before: Grid | None, count: int) -> Iterator[_Figures]:
    """The columns of metrics, then of the period before, then of errors."""
    series = [calculate(formula, grid) for formula in plan.formulas]
    yield from (_column(plan, place, shown(found, _places(plan, place))) for place, found in enumerate(series))
    if before is not None:
        for place, formula in enumerate(plan.formulas):
            cells = shown(calculate(formula, before), _places(plan, place))[:count]
            aligned = [*cells, *[None] * (count - len(cells))]
            yield _column(plan, place, aligned, PREVIOUS, "comparison")
    for place, found in enumerate(series):
        if relative_error(plan.formulas[place], plan.needs) is not None:
            yield _column(plan, place, _error_cells(found, _places(plan, place)), ERROR, "error")


def _error_cells(series: Series, places: int) -> Sequence[Cell]:
    return shown_errors(series, places) if series.errors is not None else [None] * len(series.values)


def _places(plan: Plan, place: int) -> int:
    return decimals(plan.metrics[place], plan.formulas[place], plan.needs)


def _column(plan: Plan, place: int, cells: Sequence[Cell], suffix: str = "", kind: str = "metric") -> _Figures:
    metric = plan.metrics[place]
    unit = _unit(metric, plan.formulas[place], plan)
    return _Figures(Column(name=metric.name + suffix, kind=kind, unit=unit, scale=_places(plan, place)), cells)


def _unit(metric: Metric, formula: Formula, plan: Plan) -> str:
    """The unit a metric declares, else that of what it measures; a quotient has none of its own."""
    if metric.unit:
        return metric.unit
    match formula:
        case Read():
            return plan.need(formula.place).unit
        case Arithmetic():
            return _unit(metric, formula.left, plan)
        case Scaled() | Cumulative():
            return _unit(metric, formula.of, plan)
        case _:
            return ""


def _axis_columns(query: Query) -> Iterator[Column]:
    if query.grain is not Grain.ALL:
        yield Column(name=TIME, kind="time")
    yield from (Column(name=name, kind="dimension") for name in query.by)


def _axes(query: Query, cells: Cells, keys: Sequence[Key]) -> Iterator[Sequence[Cell]]:
    """The columns of periods and of dimensions: every key in every period."""
    if query.grain is not Grain.ALL:
        yield [date for start, _ in cells.periods for date in (str(date_of(start)),) for _ in keys]
    for place in range(len(query.by)):
        yield [_NAMES.get(key[place], key[place]) for key in keys] * len(cells.periods)


def _totals(main: Side, previous: Side | None) -> tuple[Cell, ...]:
    sides = [_summed_up(side) for side in (main, previous) if side is not None]
    figures = _figures(main.plan, sides[0], sides[1] if previous is not None else None, 1)
    axes = (None for _ in _axis_columns(main.plan.query))
    return (*axes, *(f.cells[0] for f in figures))


def _summed_up(side: Side) -> Grid:
    """The grid of one period and one key that holds everybody."""
    columns = range(len(side.plan.cells.spans))
    everything = dict.fromkeys(side.sheet.keys, ())
    one = side.sheet.folded(columns, len(columns), everything)
    one.show([()])
    return whole(side.plan.cells, one)


def _shown(main: Side, previous: Side | None) -> tuple[Side, Side | None]:
    """Both sides with the same keys in the same order: the best, or all of them."""
    query = main.plan.query
    keys = {**main.sheet.keys, **(previous.sheet.keys if previous else {})}
    if not query.by:
        kept, renamed = [()], None
    elif query.top is None:
        kept, renamed = sorted(keys, key=_text_order), None
    else:
        kept, renamed = _best(main, keys, query.top)
    return _with_keys(main, kept, renamed), None if previous is None else _with_keys(previous, kept, renamed)


def _with_keys(side: Side, kept: Sequence[Key], renamed: Mapping[Key, Key] | None) -> Side:
    sheet = side.sheet
    if renamed is not None:
        sheet = sheet.folded(range(sheet.columns), sheet.columns, renamed)
    sheet.show(kept)
    return Side(plan=side.plan, sheet=sheet)


def _best(main: Side, keys: Iterable[Key], top: int) -> tuple[list[Key], Mapping[Key, Key]]:
    """The best keys over the whole range, then the rest as one, then what is hidden; and how the rest is renamed."""
    query = main.plan.query
    rest = (OTHER,) * len(query.by)
    hidden = [key for key in keys if HIDDEN in key]
    ranked = sorted((key for key in keys if HIDDEN not in key and key != rest), key=_text_order)
    main.sheet.show(ranked)
    formula, is_descending = _ranking(main.plan)
    values = calculate(formula, whole(main.plan.cells, main.sheet)).values
    by_value: dict[Key, Any] = dict(zip(ranked, values, strict=True))
    known = sorted((k for k in ranked if by_value[k] is not None), key=by_value.__getitem__, reverse=is_descending)
    best = list(islice((*known, *(k for k in ranked if by_value[k] is None)), top))
    surplus = set(ranked) - set(best)
    others = [rest] if surplus or rest in set(keys) else []
    return [*best, *others, *sorted(hidden, key=_text_order)], dict.fromkeys(surplus, rest)


def _ranking(plan: Plan) -> tuple[Formula, bool]:
    """The formula that ranks keys, and whether the largest is best: the metric of the order, else the first."""
    order = plan.query.order
    names = [metric.name for metric in plan.metrics]
    if order is not None and order.by in names:
        return plan.formulas[names.index(order.by)], order.descending
    return plan.formulas[0], True


def _text_order(key: Key) -> tuple[tuple[int, str], ...]:
    return tuple((_LAST.get(text, 0), text) for text in key)


def _order(
    query: Query, columns: Sequence[Column], keys: Sequence[Key], rows: Sequence[tuple[Cell, ...]]
) -> list[int] | None:
    """The rows' places in the order that was asked for; none if they stand in it: by period, then key."""
    if query.order is None:
        return None
    name, reverse = query.order.by, query.order.descending
    count = max(len(keys), 1)
    if name == TIME:
        return sorted(range(len(rows)), key=lambda i: i // count, reverse=reverse)
    if name in query.by:
        texts = [key[query.by.index(name)] for key in keys]
        rank = {text: place for place, text in enumerate(sorted(set(texts), reverse=reverse))}
        return sorted(range(len(rows)), key=lambda i: (_LAST.get(texts[i % count], 0), rank[texts[i % count]]))
    column = next(i for i, c in enumerate(columns) if c.name == name)
    return _order_by_value([row[column] for row in rows], keys, sign=-1 if reverse else 1)


def _order_by_value(values: Sequence[Any], keys: Sequence[Key], *, sign: int) -> list[int]:
    """Whatever the direction, what is missing comes last, and after it what is no single group."""
    last = {place for place, key in enumerate(keys) if HIDDEN in key or (key and set(key) == {OTHER})}
    count = max(len(keys), 1)
    return sorted(
        range(len(values)),
        key=lambda i: (i % count in last, values[i] is None, 0 if values[i] is None else sign * values[i]),
    )
