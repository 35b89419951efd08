"""Formulas over merged figures: exact integers and fractions all the way, rounded once when they are shown."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from fractions import Fraction
from functools import cache
from itertools import accumulate
from math import ceil, inf
from typing import Any

import numpy as np

from keepsum.engine import buckets, numbers, registers
from keepsum.engine.cells import Cells
from keepsum.engine.merge import Figure, Sheet, counted, estimate
from keepsum.engine.plan import Need, Read
from keepsum.model.answer import Cell
from keepsum.model.metric import Metric
from keepsum.model.rollup import Arithmetic, Cumulative, Formula, Ratio, Scaled

Exact = int | Fraction | None

QUANTILE_ERROR = 0.01
QUANTILE_DECIMALS = 2  # beyond the unit's: rounded to the unit, the middle of a small bucket would be off by over 1 %
_COUNTED = frozenset(("count", "distinct", "uniques"))
_ABSENT_IS_ZERO = _COUNTED | {"sum"}


@dataclass(frozen=True, kw_only=True)
class Series:
    """Values by column, then key, in 10**-scale of the unit, or in whole units where `scale` is None (fractions).

    `errors` are how far off estimates may be, in the same unit; a None value is missing. With `over` the values are
    numerators, of quotients that are left undone because a year of ten series has thousands of them.
    """

    values: list[Exact]
    scale: int | None
    errors: list[Exact] | None = None
    over: list[int] | None = None

    def units(self) -> "Series":
        """Give the same in whole units."""
        if self.over is not None:
            pairs = zip(self.values, self.over, strict=True)
            return replace(self, values=[None if v is None else Fraction(v) / under for v, under in pairs], over=None)
        if self.scale is None:
            return self
        unit = 10**self.scale
        errors = None if self.errors is None else [_over(e, unit) for e in self.errors]
        return Series(values=[_over(v, unit) for v in self.values], scale=None, errors=errors)

    def at(self, scale: int) -> "Series":
        """Give the same with at least as many decimals, still exact."""
        if self.scale is None or self.scale == scale:
            return self
        factor = 10 ** (scale - self.scale)
        return Series(values=_times(self.values, factor), scale=scale, errors=_maybe(_times, self.errors, factor))


@dataclass(frozen=True, kw_only=True)
class Grid:
    """What formulas are calculated over: figures by cell, the same by period, and how cells make up periods."""

    cells: Cells
    by_cell: Sheet
    by_period: Sheet


def grid(cells: Cells, by_cell: Sheet) -> Grid:
    """Give the grid of an answer's periods."""
    if len(cells.spans) == len(cells.periods):
        return Grid(cells=cells, by_cell=by_cell, by_period=by_cell)
    columns: list[int | None] = [None] * len(cells.spans)
    for period, part in enumerate(cells.of_period):
        columns[part.start : part.stop] = [period] * len(part)
    return Grid(cells=cells, by_cell=by_cell, by_period=by_cell.folded(columns, len(cells.periods)))


def whole(cells: Cells, by_cell: Sheet) -> Grid:
    """Give the grid of the range as one period; what is cumulative stands there as at its end."""
    part = range(cells.of_period[0].start, cells.of_period[-1].stop)
    one = Cells(
        spans=cells.spans,
        periods=((cells.periods[0][0], cells.periods[-1][1]),),
        of_period=(part,),
        windows={since: windows[-1:] for since, windows in cells.windows.items()},
    )
    columns = [0 if i in part else None for i in range(len(cells.spans))]
    return Grid(cells=one, by_cell=by_cell, by_period=by_cell.folded(columns, 1))


def calculate(formula: Formula, grid: Grid) -> Series:
    """Give a planned formula's values for each period, then key."""
    match formula:
        case Read():
            return _read(formula, grid.by_period)
        case Arithmetic():
            return _arithmetic(formula.op, calculate(formula.left, grid), calculate(formula.right, grid))
        case Scaled():
            return _scaled(calculate(formula.of, grid), formula.factor)
        case Ratio():
            return _ratio(calculate(formula.numerator, grid), calculate(formula.denominator, grid))
        case Cumulative():
            over_cells = Grid(cells=grid.cells, by_cell=grid.by_cell, by_period=grid.by_cell)
            return _running(calculate(formula.of, over_cells), grid, formula.since)
        case _:
            raise TypeError(formula)


def _read(leaf: Read, sheet: Sheet) -> Series:
    figure = sheet.figures[leaf.place]
    places = sheet.order
    match figure.need.kind:
        case "uniques":
            series = _uniques(figure, places)
        case "quantiles":
            series = _quantile(figure, places, leaf.q or Fraction(1, 2))
        case kind:
            states: dict[int, Any] = figure.states
            absent = 0 if kind in _ABSENT_IS_ZERO else None
            series = Series(values=[states.get(place, absent) for place in places], scale=figure.need.scale)
    _blank(series.values, figure, places, len(sheet.shown))
    return series


def _blank(values: list[Exact], figure: Figure, places: Sequence[int], keys: int) -> None:
    """Take away what would look like a zero: where nothing was answered, and where something hidden may stand."""
    for column in range(figure.columns):
        begin = column * keys
        if not figure.covered[column]:
            values[begin : begin + keys] = [None] * keys
        elif figure.obscured[column]:
            for position in range(begin, begin + keys):
                if places[position] not in figure.states:
                    values[position] = None


def _uniques(figure: Figure, places: Sequence[int]) -> Series:
    states: dict[int, Any] = figure.states
    found = [estimate(states[place]) if place in states else None for place in places]
    errors: list[Exact] = [max(e.high - e.value, e.value - e.low) if e else 0 for e in found]
    return Series(values=[e.value if e else 0 for e in found], scale=0, errors=errors)


def _quantile(figure: Figure, places: Sequence[int], q: Fraction) -> Series:
    states: dict[int, Any] = figure.states
    values: list[Exact] = [_middle(states.get(place, ()), q) for place in places]
    # A value within 1 % of the true one is less than 1/99 of itself away from it.
    errors: list[Exact] = [None if v is None else ceil(Fraction(abs(v), 99)) for v in values]
    return Series(values=values, scale=figure.need.scale + QUANTILE_DECIMALS, errors=errors)


def _middle(blobs: Sequence[bytes], q: Fraction) -> int | None:
    bucket = buckets.quantile(*counted(blobs), q)
    return None if bucket is None else _rounded_middle(bucket)


@cache
def _rounded_middle(bucket: int) -> int:
    return round(Fraction(buckets.middle(bucket)) * 10**QUANTILE_DECIMALS)


def _arithmetic(op: str, left: Series, right: Series) -> Series:
    left, right = _alike(left, right)
    values = [
        None if a is None or b is None else (a + b if op == "+" else a - b)
        for a, b in zip(left.values, right.values, strict=True)
    ]
    return Series(values=values, scale=left.scale, errors=_summed(left.errors, right.errors))


def _alike(left: Series, right: Series) -> tuple[Series, Series]:
    """Both in one unit, exact still."""
    if left.scale is None or right.scale is None:
        return left.units(), right.units()
    scale = max(left.scale, right.scale)
    return left.at(scale), right.at(scale)


def _summed(left: list[Exact] | None, right: list[Exact] | None) -> list[Exact] | None:
    if left is None or right is None:
        return left or right
    return [None if a is None or b is None else a + b for a, b in zip(left, right, strict=True)]


def _scaled(series: Series, factor: Fraction) -> Series:
    size = abs(factor)
    if factor.denominator == 1:
        values, errors = _times(series.values, factor.numerator), _maybe(_times, series.errors, size.numerator)
        return replace(series, values=values, errors=errors)
    decimals = _decimals_of(factor)
    if series.scale is not None and decimals is not None:
        unit = 10**decimals
        values, errors = _times(series.values, int(factor * unit)), _maybe(_times, series.errors, int(size * unit))
        return Series(values=values, scale=series.scale + decimals, errors=errors)
    series = series.units()
    return Series(values=_times(series.values, factor), scale=None, errors=_maybe(_times, series.errors, size))


def _decimals_of(factor: Fraction) -> int | None:
    """How many decimals write a factor exactly; none if no number of them does."""
    return next((n for n in range(numbers.DIGITS + 1) if (factor * 10**n).denominator == 1), None)


def _ratio(numerator: Series, denominator: Series) -> Series:
    errors = _ratio_errors(numerator, denominator)
    if numerator.scale is None or denominator.scale is None:
        pairs = zip(numerator.units().values, denominator.units().values, strict=True)
        return Series(
            values=[None if a is None or not b else Fraction(a) / b for a, b in pairs], scale=None, errors=errors
        )
    above, below = 10**denominator.scale, 10**numerator.scale
    rows: list[tuple[Any, Any]] = list(zip(numerator.values, denominator.values, strict=True))
    values: list[Exact] = [None if a is None or not b else a * above for a, b in rows]
    return Series(values=values, scale=None, errors=errors, over=[(b or 1) * below for _, b in rows])


def _ratio_errors(above: Series, below: Series) -> list[Exact] | None:
    """How far off a quotient is at worst: the largest numerator over the smallest denominator, if there is one."""
    if above.errors is None and below.errors is None:
        return None
    above, below = above.units(), below.units()
    nothing: list[Exact] = [Fraction(0)] * len(above.values)
    rows = zip(above.values, above.errors or nothing, below.values, below.errors or nothing, strict=True)
    return [_ratio_error(*row) for row in rows]


def _ratio_error(a: Exact, a_error: Exact, b: Exact, b_error: Exact) -> Exact:
    if a is None or b is None or a_error is None or b_error is None or abs(b) <= b_error:
        return None
    return Fraction(abs(a) + a_error) / (abs(b) - b_error) - Fraction(abs(a)) / abs(b)


def _running(series: Series, grid: Grid, since: str) -> Series:
    """Each period's sum of the cells of its window; missing where the period itself has no figure."""
    keys = len(grid.by_cell.shown)
    of_key = [series.values[key::keys] for key in range(keys)]
    sums = [list(accumulate((v or 0 for v in values), initial=0)) for values in of_key]
    values: list[Exact] = []
    for part, window in zip(grid.cells.of_period, grid.cells.windows[since], strict=True):
        for key in range(keys):
            is_missing = all(of_key[key][cell] is None for cell in part)
            values.append(None if is_missing else sums[key][window.stop] - sums[key][window.start])
    return Series(values=values, scale=series.scale)


def decimals(metric: Metric, formula: Formula, needs: Sequence[Need]) -> int:
    """Give how many decimals a metric shows: its unit's where it is exact in them, else as many as it declares."""
    found = _exact_decimals(formula, needs)
    return metric.decimals if found is None else found


def _exact_decimals(formula: Formula, needs: Sequence[Need]) -> int | None:
    match formula:
        case Read():
            need = needs[formula.place]
            return need.scale + (QUANTILE_DECIMALS if need.kind == "quantiles" else 0)
        case Arithmetic():
            left, right = _exact_decimals(formula.left, needs), _exact_decimals(formula.right, needs)
            return None if left is None or right is None else max(left, right)
        case Scaled():
            inside, more = _exact_decimals(formula.of, needs), _decimals_of(formula.factor)
            return None if inside is None or more is None else inside + more
        case Cumulative():
            return _exact_decimals(formula.of, needs)
        case _:
            return None


def shown(series: Series, places: int) -> list[Cell]:
    """Give values as cells with so many decimals, rounded half to even where they have more."""
    if series.over is not None:
        rows: Any = zip(series.values, series.over, strict=True)
        found = (None if above is None else numbers.divide(above, below, places) for above, below in rows)
        return [v if v is None or places else int(v) for v in found]
    return _cells(series.values, series.scale, places)


def shown_errors(series: Series, places: int) -> list[Cell]:
    """Give errors as cells with so many decimals, rounded up."""
    unit = Fraction(10) ** (places - (series.scale or 0))
    rows = zip(series.values, series.errors or (), strict=True)
    return _cells([None if v is None or e is None else ceil(e * unit) for v, e in rows], places, places)


def _cells(values: Sequence[Exact], scale: int | None, places: int) -> list[Cell]:
    if scale == places:
        exact: Sequence[Any] = values
        if not places:
            return list(exact)
        amount = numbers.amount
        return [None if v is None else amount(v, places) for v in exact]
    unit = 10 ** (scale or 0)
    found = (None if v is None else numbers.divide(v.numerator, v.denominator * unit, places) for v in values)
    return [v if v is None or places else int(v) for v in found]


def relative_error(formula: Formula, needs: Sequence[Need], epochs: int = 1) -> float | None:
    """Give the relative error of the estimates a formula is made of, of a quotient for both; None if it is exact.

    People who were counted in several epochs may be so many times the figure, the largest one, if nobody came twice.
    That of a difference, however it is written, is infinite: it may be far smaller than what it is made of. Its
    absolute error has a bound.
    """
    found = _bounds(formula, needs, epochs)
    return None if found == _EXACT else max(found)


_EXACT, _BOUNDLESS = (0.0, 0.0), (inf, inf)


def _bounds(formula: Formula, needs: Sequence[Need], epochs: int) -> tuple[float, float]:
    """By which share of it the truth may lie below a figure, and above."""
    match formula:
        case Read():
            return _stated(needs[formula.place].kind, epochs)
        case Scaled() | Cumulative():
            return _bounds(formula.of, needs, epochs)
        case Arithmetic():
            (a, b), (c, d) = _bounds(formula.left, needs, epochs), _bounds(formula.right, needs, epochs)
            is_exact = (a, b) == (c, d) == _EXACT
            return (max(a, c), max(b, d)) if is_exact or _sign(formula, needs) else _BOUNDLESS
        case Ratio():
            less, more = _bounds(formula.numerator, needs, epochs)
            under_less, under_more = _bounds(formula.denominator, needs, epochs)
            if inf in (more, under_more):
                return _BOUNDLESS
            return 1 - (1 - less) / (1 + under_more), (1 + more) / (1 - under_less) - 1
        case _:
            raise TypeError(formula)


def _sign(formula: Formula, needs: Sequence[Need]) -> int:
    """Give 1 for what is never below zero, -1 for what is never above it, and 0 for what may be either."""
    match formula:
        case Read():
            return 1 if needs[formula.place].kind in _COUNTED else 0
        case Scaled():
            return _sign(formula.of, needs) * (1 if formula.factor > 0 else -1)
        case Cumulative():
            return _sign(formula.of, needs)
        case Arithmetic():
            left, right = _sign(formula.left, needs), _sign(formula.right, needs)
            return left if left == (right if formula.op == "+" else -right) else 0
        case Ratio():
            return _sign(formula.numerator, needs) * _sign(formula.denominator, needs)
        case _:
            raise TypeError(formula)


def _stated(kind: str, epochs: int) -> tuple[float, float]:
    match kind:
        case "uniques":
            error = uniques_error()
            return error, error + (epochs - 1) * (1 + error)
        case "quantiles":
            return QUANTILE_ERROR, QUANTILE_ERROR
        case _:
            return _EXACT


@cache
def uniques_error() -> float:
    """Give the relative error that is stated with every number of different subjects: three standard errors."""
    somebody = np.zeros(registers.SLOTS, np.uint8)
    somebody[0] = 1
    return registers.estimate(somebody).error


def _times(values: Sequence[Exact], factor: int | Fraction) -> list[Exact]:
    return [None if v is None else v * factor for v in values]


def _over(value: Exact, unit: int) -> Exact:
    return None if value is None else Fraction(value) / unit


def _maybe(
    change: Callable[[Sequence[Exact], int | Fraction], list[Exact]], values: list[Exact] | None, factor: int | Fraction
) -> list[Exact] | None:
    return None if values is None else change(values, factor)
