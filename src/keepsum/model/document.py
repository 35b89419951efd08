"""A dashboard as plain JSON values, and back: how it is sent, stored, and listed with a catalog."""

import datetime as dt
from collections.abc import Mapping
from dataclasses import asdict
from typing import Any

from keepsum.model.dashboard import Between, Dashboard, Place, Widget, WidgetOptions, WidgetQuery

Document = dict[str, Any]


def document(dashboard: Dashboard) -> Document:
    """Give a dashboard as plain values, without its name."""
    return {
        "title": dashboard.title,
        "about": dashboard.about,
        "range": _range(dashboard.range),
        "grain": dashboard.grain,
        "compare": dashboard.compare,
        "filters": [{"dimension": name, "values": list(values)} for name, values in dashboard.filters],
        "refresh": dashboard.refresh,
        "widgets": [_widget(one) for one in dashboard.widgets],
    }


def dashboard_of(given: Mapping[str, Any]) -> Dashboard:
    """Give the dashboard that plain values say, in the form that `document` gives."""
    return Dashboard(
        title=given["title"],
        about=given["about"],
        range=_range_of(given["range"]),
        grain=given["grain"],
        compare=given["compare"],
        filters=tuple((one["dimension"], tuple(one["values"])) for one in given["filters"]),
        refresh=given["refresh"],
        widgets=tuple(_widget_of(one) for one in given["widgets"]),
    )


def _range(given: str | Between) -> Document:
    if isinstance(given, Between):
        return {"from": given.first.isoformat(), "to": given.last.isoformat()}
    return {"preset": given}


def _range_of(given: Mapping[str, Any]) -> Any:
    if "preset" in given:
        return given["preset"]
    return Between(dt.date.fromisoformat(given["from"]), dt.date.fromisoformat(given["to"]))


def _widget(widget: Widget) -> Document:
    return {
        "id": widget.id,
        "kind": widget.kind,
        "title": widget.title,
        "about": widget.about,
        "place": asdict(widget.place),
        "query": None if widget.query is None else _query(widget.query),
        "options": asdict(widget.options),
    }


def _widget_of(given: Mapping[str, Any]) -> Widget:
    query = given["query"]
    return Widget(
        given["id"],
        kind=given["kind"],
        title=given["title"],
        about=given["about"],
        place=Place(**given["place"]),
        query=None if query is None else _query_of(query),
        options=WidgetOptions(**given["options"]),
    )


def _query(query: WidgetQuery) -> Document:
    return {
        "metrics": list(query.metrics),
        "by": list(query.by),
        "where": {name: list(values) for name, values in query.where},
        "grain": query.grain,
        "order": query.order,
        "top": query.top,
        "totals": query.totals,
    }


def _query_of(given: Mapping[str, Any]) -> WidgetQuery:
    return WidgetQuery(
        tuple(given["metrics"]),
        by=tuple(given["by"]),
        where=given["where"],
        grain=given["grain"],
        order=given["order"],
        top=given["top"],
        totals=given["totals"],
    )
