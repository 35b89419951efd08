"""Dashboards: widgets on a grid, each with the question it asks; the same values for packs and for what people make."""

import datetime as dt
from dataclasses import KW_ONLY, dataclass, field
from typing import Literal, get_args

from keepsum.model.filter import Filter, conditions

Preset = Literal[
    "today",
    "yesterday",
    "last_7_days",
    "last_28_days",
    "last_90_days",
    "this_week",
    "this_month",
    "last_month",
    "this_quarter",
    "this_year",
    "last_12_months",
    "all",
]
WidgetKind = Literal["line", "area", "bar", "pie", "scatter", "heatmap", "gauge", "card", "table", "map", "text"]
TimeGrain = Literal["day", "week", "month", "quarter", "year"]
PRESETS: tuple[Preset, ...] = get_args(Preset)
WIDGET_KINDS: tuple[WidgetKind, ...] = get_args(WidgetKind)
TIME_GRAINS: tuple[TimeGrain, ...] = get_args(TimeGrain)

LONGEST_TITLE, LONGEST_ABOUT, LONGEST_TEXT = 120, 500, 4_000  # characters
LONGEST_NAME, LONGEST_VALUE = 200, 1_024  # characters of a metric, a dimension or an order, and of a value
MOST_METRICS, MOST_DIMENSIONS, MOST_FILTERS, MOST_CHOSEN = 8, 2, 8, 1_000
LARGEST = 200_000  # characters of all that is said of a dashboard: each of its versions is kept whole
COLUMNS, LOWEST_ROW, MOST_ROWS = 12, 999, 40
SOONEST = 15  # seconds between two looks of a dashboard that is not live
MOST_WIDGETS, REFRESH = 20, 300  # unless the settings say otherwise


@dataclass(frozen=True)
class Between:
    """A range of two local dates, both included."""

    first: dt.date
    last: dt.date


@dataclass(frozen=True)
class Place:
    """Where a widget lies on a grid of 12 columns: its left column, its top row, how wide and how high it is."""

    x: int = 0
    y: int = 0
    w: int = 6
    h: int = 6


@dataclass(frozen=True)
class WidgetQuery:
    """What a widget asks, over the range of its dashboard.

    Without a grain it has the dashboard's; `"all"` is one figure over the whole range. `order` is a column, with a
    minus in front for the largest first.
    """

    metrics: tuple[str, ...]
    _: KW_ONLY
    by: tuple[str, ...] = ()
    where: Filter = ()
    grain: TimeGrain | Literal["all"] | None = None
    order: str | None = None
    top: int | None = None
    totals: bool = False

    def __post_init__(self) -> None:
        """Bring the filter, which may be given as a mapping, to its canonical form."""
        object.__setattr__(self, "where", conditions(self.where))


@dataclass(frozen=True, kw_only=True)
class WidgetOptions:
    """How a widget looks: bars or areas on each other, out of a hundred, beside the period before, with a target.

    `target` is a decimal as text; `text` is what a widget of kind text says, in plain paragraphs and lists.
    """

    stacked: bool = False
    normal: bool = False
    comparison: bool = False
    target: str | None = None
    text: str = ""


@dataclass(frozen=True)
class Widget:
    """One figure, chart, table or text of a dashboard; its id is its own within the dashboard."""

    id: str
    _: KW_ONLY
    kind: WidgetKind
    title: str = ""
    about: str = ""
    place: Place = field(default_factory=Place)
    query: WidgetQuery | None = None
    options: WidgetOptions = field(default_factory=WidgetOptions)


@dataclass(frozen=True)
class Dashboard:
    """Widgets over one range of days; `name` is what a pack calls it, and empty for those that people made.

    `filters` are offered by dimension, with the values that are set; `refresh` is in seconds, or `"live"`.
    """

    name: str = ""
    _: KW_ONLY
    title: str
    widgets: tuple[Widget, ...] = ()
    about: str = ""
    range: Preset | Between = "last_28_days"
    grain: TimeGrain | None = None
    compare: Literal["previous"] | None = None
    filters: tuple[tuple[str, tuple[str, ...]], ...] = ()
    refresh: int | Literal["live"] = REFRESH
