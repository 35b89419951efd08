"""What is kept of a day: measures by dimensions, each of a kind that merges."""

from dataclasses import KW_ONLY, dataclass, field, replace
from fractions import Fraction
from typing import Literal

from keepsum.model.filter import Filter, conditions
from keepsum.model.stream import Duration, Stream

# What a dimension column holds in place of a value. Input texts may not contain control characters, so that
# no value of a record can look like one of these.
NONE = "\x01none"
OTHER = "\x01other"
HIDDEN = "\x01hidden"
ALL = "\x01all"


@dataclass(frozen=True)
class Measure:
    """One merged value of a group; `where` counts only records whose fields have those values."""

    name: str
    _: KW_ONLY
    of: str | None = None
    where: Filter = ()
    about: str = ""

    def __post_init__(self) -> None:
        """Bring the filter, which may be given as a mapping, to its canonical form."""
        object.__setattr__(self, "where", conditions(self.where))

    @property
    def kind(self) -> str:
        """The kind's name as it stands in definitions, columns and errors."""
        return type(self).__name__.lower()

    @property
    def source(self) -> str | None:
        """The field that is measured."""
        return self.of


@dataclass(frozen=True)
class Count(Measure):
    """How many records; adds up over everything."""


@dataclass(frozen=True)
class _OfNumber(Measure):
    @property
    def source(self) -> str | None:
        """The number field: the measure's own name unless `of` says otherwise."""
        return self.of or self.name


@dataclass(frozen=True)
class Sum(_OfNumber):
    """The exact sum of a number field; adds up over everything."""


@dataclass(frozen=True)
class Min(_OfNumber):
    """The smallest value of a number field."""


@dataclass(frozen=True)
class Max(_OfNumber):
    """The largest value of a number field."""


@dataclass(frozen=True)
class AtGrains(Measure):
    """A measure that does not add over dimensions: kept at named grains (default: total and each dimension)."""

    _: KW_ONLY
    at: tuple[tuple[str, ...], ...] | None = None


@dataclass(frozen=True)
class Distinct(AtGrains):
    """How many different values of a field whose values live on one day; adds over days only."""


@dataclass(frozen=True)
class Uniques(AtGrains):
    """About how many different subjects; merges over days and ranges, with a stated error."""


@dataclass(frozen=True)
class Quantiles(AtGrains):
    """The distribution of a number field in buckets of 2 %; merges by addition."""

    @property
    def source(self) -> str | None:
        """The number field: the measure's own name unless `of` says otherwise."""
        return self.of or self.name


@dataclass(frozen=True)
class Level(_OfNumber):
    """A stock: adds over dimensions, last known value over time. Declared, not carried out by this version."""


@dataclass(frozen=True)
class Given(_OfNumber):
    """A vendor's figure at the grain it came in. Declared, not carried out by this version."""


@dataclass(frozen=True)
class Rollup:
    """Stream x day x dimensions -> measures, kept for `keep` after the day ended.

    With `closes="month"` its figures of each month that is over become an entry of the ledger, and so does every change
    of them afterwards; it has no dimensions then.
    """

    name: str
    _: KW_ONLY
    of: Stream
    measures: tuple[Measure, ...]
    keep: Duration | None = None
    by: tuple[str, ...] = ()
    closes: Literal["month"] | None = None
    about: str = ""

    def measure(self, name: str) -> Measure | None:
        """Give the declared measure of that name."""
        return next((m for m in self.measures if m.name == name), None)

    def __getattr__(self, name: str) -> "MeasureOf":
        """Give a measure to build metrics from: `token_daily.amount`."""
        # TRICKY: copy and pickle ask for dunders before the fields exist; those must fail plainly.
        measures: tuple[Measure, ...] = () if name.startswith("__") else self.__dict__.get("measures", ())
        found = next((m for m in measures if m.name == name), None)
        if found is None:
            raise AttributeError(name)
        return MeasureOf(rollup=self, measure=found)

    def grains(self, measure: AtGrains) -> tuple[tuple[str, ...], ...]:
        """Give the grains a measure is kept at, in declared order of dimensions, the total first."""
        wanted = measure.at if measure.at is not None else ((), *((d,) for d in self.by))
        ordered = {tuple(d for d in self.by if d in grain) for grain in wanted}
        return tuple(sorted(ordered, key=lambda g: (len(g), g)))


class Formula:
    """Something a metric can be: it can be added, subtracted, and multiplied by a number."""

    def __add__(self, other: "Formula") -> "Formula":
        """Give the sum of two formulas."""
        return Arithmetic(op="+", left=self, right=other)

    def __sub__(self, other: "Formula") -> "Formula":
        """Give the difference of two formulas."""
        return Arithmetic(op="-", left=self, right=other)

    def __mul__(self, factor: int | Fraction | str) -> "Formula":
        """Give the formula times an exact constant."""
        return Scaled(of=self, factor=Fraction(factor))

    def __truediv__(self, other: "Formula") -> "Formula":
        """Give the ratio of two formulas: a ratio of sums, never a mean of ratios."""
        return Ratio(numerator=self, denominator=other)


@dataclass(frozen=True, kw_only=True)
class MeasureOf(Formula):
    """A rollup's measure, perhaps only where dimensions have some values, perhaps one quantile of it."""

    rollup: Rollup = field(repr=False)
    measure: Measure
    filter: Filter = ()
    q: Fraction | None = None

    def where(self, **dimensions: object) -> "MeasureOf":
        """Give the same measure of those groups only."""
        return replace(self, filter=conditions((*self.filter, *conditions(dimensions))))

    def quantile(self, q: str | Fraction) -> "MeasureOf":
        """Give one quantile of a distribution, 0 < q < 1, as an exact text such as "0.95"."""
        return replace(self, q=Fraction(q))


@dataclass(frozen=True, kw_only=True)
class Arithmetic(Formula):
    """Two formulas added or subtracted."""

    op: str
    left: Formula
    right: Formula


@dataclass(frozen=True, kw_only=True)
class Scaled(Formula):
    """A formula times an exact constant."""

    of: Formula
    factor: Fraction


@dataclass(frozen=True, kw_only=True)
class Ratio(Formula):
    """One formula over another, both summed first; null where the denominator is zero."""

    numerator: Formula
    denominator: Formula


@dataclass(frozen=True, kw_only=True)
class Cumulative(Formula):
    """A formula added up over time, from the start of the range, the year or the month."""

    of: Formula
    since: str = "range"


@dataclass(frozen=True, kw_only=True)
class Declared:
    """A declaration of a later version (span, funnel, cohort, seen list): named, so that lint can refuse it."""

    name: str
    kind: str
