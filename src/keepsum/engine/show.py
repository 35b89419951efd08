"""What a dashboard shows: the days it is about, what its widgets ask, and which of them have no answer for somebody."""

import datetime as dt
from collections.abc import Callable
from dataclasses import dataclass

from keepsum.engine.admit import admit
from keepsum.engine.days import period_start
from keepsum.engine.dimensions import dimension, stored
from keepsum.engine.plan import plan
from keepsum.model.access import Caller
from keepsum.model.catalog import Catalog
from keepsum.model.dashboard import Between, Dashboard, Preset, Widget, WidgetQuery
from keepsum.model.day import Grain, date_of, day_number
from keepsum.model.errors import Invalid, KeepsumError
from keepsum.model.filter import Filter, Value, conditions
from keepsum.model.metric import streams_of
from keepsum.model.query import Order, Query
from keepsum.model.stream import Stream


@dataclass(frozen=True, kw_only=True)
class Missing:
    """Why a widget has no answer for somebody: the error that its question ends with."""

    widget: str
    code: str
    detail: str


_YEARS_OF_ALL = 10
_DAYS = {"last_7_days": 7, "last_28_days": 28, "last_90_days": 90}
_THIS = {"this_week": Grain.WEEK, "this_month": Grain.MONTH, "this_quarter": Grain.QUARTER, "this_year": Grain.YEAR}


def span(chosen: Preset | Between, today: int, week_start: int = 0) -> tuple[int, int]:
    """Give the first and the last day of a range, today being the last of those that are still going on.

    The last 12 months are this one and the eleven before; `all` are this year and the nine before.
    """
    if isinstance(chosen, Between):
        return day_number(chosen.first), day_number(chosen.last)
    if chosen in _DAYS:
        return today - _DAYS[chosen] + 1, today
    if chosen in _THIS:
        return period_start(today, _THIS[chosen], week_start), today
    month, date = period_start(today, Grain.MONTH), date_of(today)
    match chosen:
        case "yesterday":
            return today - 1, today - 1
        case "last_month":
            return period_start(month - 1, Grain.MONTH), month - 1
        case "last_12_months":
            first = dt.date(date.year - 1 + date.month // 12, date.month % 12 + 1, 1)
            return day_number(first), today
        case "all":
            return day_number(dt.date(date.year - _YEARS_OF_ALL + 1, 1, 1)), today
        case _:
            return today, today


# What a widget asks is decided here and in ui/src/boards/question.ts, where somebody looks at it and drills into it;
# tests/questions.json holds the two together.
# Up to so many days a chart has a point for each day, week or month.
_FINEST = ((92, Grain.DAY), (400, Grain.WEEK), (10 * 366 + 3, Grain.MONTH))
# Some kinds show one period only, some one group only, and each so many groups before the rest is `(other)`.
_WHOLE, _SINGLE = frozenset(("pie", "map", "scatter", "gauge")), frozenset(("card", "gauge"))
_TOP = {"line": 7, "area": 7, "bar": 15, "pie": 6, "heatmap": 30, "scatter": 200, "map": 250, "table": 100}


def grain_of(dashboard: Dashboard, widget: Widget, first: int, last: int) -> Grain:
    """Give the grain that a widget asks at: its own, its dashboard's, or one that suits the range."""
    query = widget.query
    splits = 0 if query is None else len(query.by)
    if widget.kind in _WHOLE or (widget.kind == "heatmap" and splits > 1):
        return Grain.ALL
    chosen = dashboard.grain if query is None else query.grain or dashboard.grain
    if chosen is not None:
        return Grain(chosen)
    return next((grain for most, grain in _FINEST if last - first < most), Grain.YEAR)


def question(dashboard: Dashboard, widget: Widget, query: WidgetQuery, first: int, last: int) -> Query:
    """Give what a widget asks over a range of days, under its own filter, as the interface asks it."""
    by, order = () if widget.kind in _SINGLE else query.by, query.order
    return Query(
        metrics=query.metrics,
        first=first,
        last=last,
        by=by,
        grain=grain_of(dashboard, widget, first, last),
        where=_set(query.where),
        order=None if order is None else Order(by=order.removeprefix("-"), descending=order.startswith("-")),
        top=(query.top or _TOP.get(widget.kind)) if by else None,
        totals=query.totals or widget.kind == "card",
    )


def missing(caller: Caller, catalog: Catalog, dashboard: Dashboard, today: int) -> tuple[Missing, ...]:
    """Give the widgets that have no answer for a caller whatever the range is, each with why."""
    found = ((widget, _refusal(caller, catalog, dashboard, widget, today)) for widget in dashboard.widgets)
    return tuple(
        Missing(widget=widget.id, code=error.code, detail=error.message) for widget, error in found if error is not None
    )


def _refusal(caller: Caller, catalog: Catalog, dashboard: Dashboard, widget: Widget, today: int) -> KeepsumError | None:
    if widget.query is None:
        return None
    try:
        asked = question(dashboard, widget, widget.query, today, today)
        plan(catalog, admit(caller, catalog, asked, today).query)
    except KeepsumError as error:
        return error
    return None


def shows_any(dashboard: Dashboard, visible: Callable[[str], bool]) -> bool:
    """Say whether a dashboard asks for at least one metric of which something is seen."""
    return any(visible(name) for widget in dashboard.widgets if widget.query for name in widget.query.metrics)


def chosen(catalog: Catalog, dashboard: Dashboard, query: WidgetQuery) -> Filter:
    """Give a widget's own filter together with the values that are set on its dashboard.

    A filter of the dashboard is about the widgets whose streams all have its dimension.
    """
    mine: dict[str, tuple[Value, ...]] = dict(_set(query.where))
    streams = streams_of(catalog.metric(name) for name in query.metrics)
    for name, values in _set(dashboard.filters):
        if all(_has(stream, name) for stream in streams):
            texts = {stored(value) for value in values}
            mine[name] = tuple(value for value in mine.get(name, values) if stored(value) in texts)
    return conditions(mine)


def _set(where: Filter) -> Filter:
    """Give the filters that somebody has set; one without values is only offered."""
    return tuple((name, values) for name, values in where if values)


def _has(stream: Stream, name: str) -> bool:
    try:
        dimension(stream, name)
    except Invalid as error:
        return error.code != "UNKNOWN_DIMENSION"
    return True
