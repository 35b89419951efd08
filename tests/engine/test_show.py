"""Which days a dashboard is about, and what its widgets ask."""

import datetime as dt
import json
from pathlib import Path

import pytest
from tests.served import PACK

from keepsum import (
    Between,
    Boolean,
    Count,
    Dashboard,
    Integer,
    Metric,
    Pack,
    Rollup,
    Stream,
    Text,
    Widget,
    WidgetQuery,
    days,
    years,
)
from keepsum.engine.compose import faults
from keepsum.engine.show import chosen, grain_of, missing, question, shows_any, span
from keepsum.model.access import machine, stranger
from keepsum.model.catalog import Catalog
from keepsum.model.dashboard import PRESETS
from keepsum.model.day import WEEKDAYS, Grain, date_of, day_number
from keepsum.model.document import dashboard_of, document
from keepsum.model.metric import streams_of
from keepsum.model.query import Order
from keepsum.packs.demo import PACK as DEMO
from keepsum.packs.shop import PACK as SHOP
from keepsum.packs.wallet import PACK as WALLET

TODAY = day_number(dt.date(2026, 2, 19))  # a Thursday


# The interface reads the same table: ui/src/boards/question.test.ts and ui/src/questions/range.test.ts.
EXAMPLES = json.loads((Path(__file__).parents[1] / "questions.json").read_text(encoding="utf-8"))


def dates(chosen, today=TODAY, week_start=0):
    return tuple(str(date_of(day)) for day in span(chosen, today, week_start))


def day(text):
    return day_number(dt.date.fromisoformat(text))


@pytest.mark.parametrize("given", EXAMPLES["ranges"], ids=lambda given: f"{given['preset']} on {given['today']}")
def test_a_preset_ends_today_or_with_what_is_over(given):
    found = dates(given["preset"], day(given["today"]), WEEKDAYS.index(given["week_start"]))
    assert found == (given["from"], given["to"])


def test_every_preset_is_a_range_that_a_question_may_have():
    catalog, query = Catalog((PACK,)), WidgetQuery(("orders",), grain="all")
    assert {given["preset"] for given in EXAMPLES["ranges"]} == set(PRESETS)
    for preset in PRESETS:
        first, last = span(preset, TODAY)
        assert first <= last <= TODAY
        dashboard = Dashboard(title="x", range=preset, widgets=(Widget("a", kind="card", query=query),))
        assert list(faults(dashboard)) == []
        assert missing(machine("w"), catalog, dashboard, TODAY) == ()
    assert dates(Between(dt.date(2025, 1, 1), dt.date(2025, 1, 2))) == ("2025-01-01", "2025-01-02")


def of_kind(kind, *metrics, **asked):
    return Widget("a", kind=kind, query=WidgetQuery(metrics or ("orders",), **asked))


def test_a_widget_has_its_own_grain_else_its_dashboards_else_one_that_suits_the_range():
    plain, by_month, line = Dashboard(title="x"), Dashboard(title="x", grain="month"), of_kind("line")
    assert grain_of(by_month, of_kind("line", grain="all"), 0, 10) is Grain.ALL
    assert grain_of(by_month, line, 0, 10) is Grain.MONTH
    for given in EXAMPLES["grains"]:
        assert str(grain_of(plain, line, day(given["from"]), day(given["to"]))) == given["grain"]


FIELDS = {"text": Text, "whole": Integer, "truth": Boolean}


def measured(name, dimensions):
    """A metric of a stream of its own that has these dimensions."""
    fields = tuple(FIELDS[kind](dimension) for dimension, kind in dimensions.items())
    stream = Stream(f"of_{name}", time="at", key="id", keep=days(30), fields=fields)
    rollup = Rollup(f"{name}_daily", of=stream, by=tuple(dimensions), measures=(Count(name),), keep=years(1))
    return Metric(name, getattr(rollup, name))


MEASURED = tuple(measured(name, dimensions) for name, dimensions in EXAMPLES["dimensions"].items())
SHOWN = Catalog((Pack("shown", streams=streams_of(MEASURED), metrics=MEASURED),))


def as_listed(query, where):
    order = query.order and ("-" if query.order.descending else "") + query.order.by
    return {
        "by": list(query.by),
        "grain": str(query.grain),
        "where": {name: list(values) for name, values in where},
        "order": order,
        "top": query.top,
        "totals": query.totals,
    }


@pytest.mark.parametrize("given", EXAMPLES["questions"], ids=lambda given: given["name"])
def test_a_widget_asks_what_the_interface_would_ask_for_it(given):
    asked = WidgetQuery(**{"metrics": ["revenue"], **given["query"]})
    board = given["dashboard"]
    filters = tuple((one["dimension"], tuple(one["values"])) for one in board.get("filters", ()))
    dashboard = Dashboard(title="x", grain=board.get("grain"), filters=filters)
    widget = Widget("a", kind=given["kind"], query=asked)
    where = chosen(SHOWN, dashboard, asked)
    found = as_listed(question(dashboard, widget, asked, day("2026-01-01"), day("2026-01-28")), where)
    assert (None if any(not values for _, values in where) else found) == given["asked"]


def query_of(widget):
    assert widget.query is not None
    return widget.query


def test_a_widgets_question_is_its_query_over_the_range():
    bar = of_kind("bar", "revenue", "orders", by=("place",), where={"place": "Bonn"}, order="-revenue", top=3)
    found = question(Dashboard(title="x"), bar, query_of(bar), 5, 9)
    assert (found.metrics, found.by, found.first, found.last) == (("revenue", "orders"), ("place",), 5, 9)
    assert (found.where, found.top, found.grain) == ((("place", ("Bonn",)),), 3, Grain.DAY)
    assert found.order == Order(by="revenue", descending=True)
    assert found.totals is False


@pytest.mark.parametrize("pack", [DEMO, SHOP, WALLET], ids=lambda pack: pack.name)
def test_every_widget_of_a_pack_that_ships_has_an_answer_for_a_viewer(pack):
    catalog = Catalog((pack,))
    assert catalog.dashboards
    for _, dashboard in catalog.dashboards.values():
        assert missing(stranger("w", "l"), catalog, dashboard, TODAY) == ()
        assert shows_any(dashboard, catalog.metrics.__contains__)


def test_a_document_says_all_of_a_dashboard_and_gives_it_back():
    for pack in (DEMO, SHOP, WALLET):
        for one in pack.dashboards:
            again = dashboard_of(document(one))
            assert document(again) == document(one)
            assert (again.title, again.widgets, again.range) == (one.title, one.widgets, one.range)
