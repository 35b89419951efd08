"""Published tables: figures under an application's own names, in its own database."""

from collections.abc import Mapping
from dataclasses import KW_ONLY, dataclass
from typing import Literal, TypeVar

from keepsum.model.metric import Metric, streams_of
from keepsum.model.stream import Stream

T = TypeVar("T")

PERIODS = ("day", "year", "month")


@dataclass(frozen=True)
class Nested:
    """A column with an object of JSON: metrics by their names in it, or such an object for each value of a dimension.

    `Nested({"regular": REGULAR_SHARE, "promo": PROMO_SHARE})` gives `{"regular": 75.5, "promo": 24.5}`;
    `Nested({"credited": CREDITED}, by="reason")` gives `{"purchase": {"credited": 10000}}`.
    """

    metrics: tuple[tuple[str, Metric], ...] | Mapping[str, Metric]
    _: KW_ONLY
    by: str | None = None

    def __post_init__(self) -> None:
        """Bring the metrics, which may be given as a mapping, to their one form."""
        object.__setattr__(self, "metrics", _pairs(self.metrics))

    @property
    def named(self) -> tuple[tuple[str, Metric], ...]:
        """The metrics by their names in the object."""
        return _pairs(self.metrics)

    @property
    def streams(self) -> tuple[Stream, ...]:
        """The streams that it is about, each once."""
        return streams_of(metric for _, metric in self.named)


Shown = str | Metric | Nested


@dataclass(frozen=True)
class Published:
    """A table that Keepsum writes into an application's own database: a row a day, or a month, and dimension values.

    `columns` say by name what is in each: `"day"` its date, `"year"` and `"month"` their numbers, else the name of a
    dimension, a metric, or `Nested`. `into` names the pack's setting, of kind secret, with the address of the database;
    while that is unset, nothing is published. Days are published when they are sealed and months when all their days
    are; `when="open"` publishes instead the days of the last week that are not sealed, and today.

    Small groups are not hidden in it: who may read the database sees them.
    """

    name: str
    _: KW_ONLY
    into: str
    columns: tuple[tuple[str, Shown], ...] | Mapping[str, Shown]
    when: Literal["sealed", "open"] = "sealed"
    about: str = ""

    def __post_init__(self) -> None:
        """Bring the columns, which may be given as a mapping, to their one form."""
        object.__setattr__(self, "columns", _pairs(self.columns))

    @property
    def named(self) -> tuple[tuple[str, Shown], ...]:
        """What is in each column, by name."""
        return _pairs(self.columns)

    @property
    def periods(self) -> tuple[tuple[str, str], ...]:
        """The columns that say which period a row is of: name, and which part of it."""
        return tuple((name, shown) for name, shown in self.named if isinstance(shown, str) and shown in PERIODS)

    @property
    def grain(self) -> Literal["day", "month"]:
        """How long the period of a row is."""
        return "day" if any(part == "day" for _, part in self.periods) else "month"

    @property
    def dimensions(self) -> tuple[tuple[str, str], ...]:
        """The columns of dimensions: name, and which dimension."""
        return tuple((name, shown) for name, shown in self.named if isinstance(shown, str) and shown not in PERIODS)

    @property
    def metrics(self) -> tuple[tuple[str, Metric], ...]:
        """The columns of metrics."""
        return tuple((name, shown) for name, shown in self.named if isinstance(shown, Metric))

    @property
    def nested(self) -> tuple[tuple[str, Nested], ...]:
        """The columns with objects."""
        return tuple((name, shown) for name, shown in self.named if isinstance(shown, Nested))

    @property
    def every_metric(self) -> tuple[Metric, ...]:
        """Every metric that is in it."""
        inside = (metric for _, one in self.nested for _, metric in one.named)
        return (*(metric for _, metric in self.metrics), *inside)

    @property
    def streams(self) -> tuple[Stream, ...]:
        """The streams that it is about, each once."""
        return streams_of(self.every_metric)


def _pairs(given: tuple[tuple[str, T], ...] | Mapping[str, T]) -> tuple[tuple[str, T], ...]:
    return tuple(given.items()) if isinstance(given, Mapping) else given
