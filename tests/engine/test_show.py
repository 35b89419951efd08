"""Which days a dashboard is about, and what its widgets ask."""

import datetime as dt

import pytest
from tests.served import PACK

from keepsum import Between, Dashboard, Widget, WidgetQuery
from keepsum.engine.compose import faults
from keepsum.engine.show import grain_of, missing, question, shows_any, span
from keepsum.model.access import machine, stranger
from keepsum.model.catalog import Catalog
from keepsum.model.dashboard import PRESETS, WIDGET_KINDS
from keepsum.model.day import Grain, date_of, day_number
from keepsum.model.document import dashboard_of, document
from keepsum.model.query import Order
from keepsum.packs.demo import PACK as DEMO
from keepsum.packs.shop import PACK as SHOP
from keepsum.packs.wallet import PACK as WALLET

TODAY = day_number(dt.date(2026, 2, 19))  # a Thursday
SUNDAY = 6


def dates(chosen, week_start=0, today=TODAY):
    return tuple(str(date_of(day)) for day in span(chosen, today, week_start))


@pytest.mark.parametrize(
    ("preset", "first", "last"),
    [
        ("today", "2026-02-19", "2026-02-19"),
        ("yesterday", "2026-02-18", "2026-02-18"),
        ("last_7_days", "2026-02-13", "2026-02-19"),
        ("last_28_days", "2026-01-23", "2026-02-19"),
        ("last_90_days", "2025-11-22", "2026-02-19"),
        ("this_week", "2026-02-16", "2026-02-19"),
        ("this_month", "2026-02-01", "2026-02-19"),
        ("last_month", "2026-01-01", "2026-01-31"),
        ("this_quarter", "2026-01-01", "2026-02-19"),
        ("this_year", "2026-01-01", "2026-02-19"),
        ("last_12_months", "2025-03-01", "2026-02-19"),
    ],
)
def test_a_preset_ends_today_or_with_what_is_over(preset, first, last):
    assert dates(preset) == (first, last)


def test_a_week_begins_as_the_workspaces_does():
    assert dates("this_week", SUNDAY) == ("2026-02-15", "2026-02-19")


def test_the_last_twelve_months_of_december_are_its_year():
    december = day_number(dt.date(2026, 12, 31))
    assert dates("last_12_months", today=december) == ("2026-01-01", "2026-12-31")


def test_every_preset_is_a_range_that_a_question_may_have():
    catalog, query = Catalog((PACK,)), WidgetQuery(("orders",), grain="all")
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
    found = [grain_of(plain, line, 1, days) for days in (1, 92, 93, 400, 401, 3_663, 3_664)]
    assert [str(grain) for grain in found] == ["day", "day", "week", "week", "month", "month", "year"]


def query_of(widget):
    assert widget.query is not None
    return widget.query


def test_kinds_that_show_no_time_ask_for_the_whole_range():
    by_month = Dashboard(title="x", grain="month")
    kinds = {kind: grain_of(by_month, of_kind(kind, by=("a", "b")), 0, 10) is Grain.ALL for kind in WIDGET_KINDS}
    assert {kind for kind, is_whole in kinds.items() if is_whole} == {"pie", "map", "scatter", "gauge", "heatmap"}


def test_a_widgets_question_is_its_query_over_the_range():
    bar = of_kind("bar", "revenue", "orders", by=("place",), where={"place": "Bonn"}, order="-revenue", top=3)
    found = question(Dashboard(title="x"), bar, query_of(bar), 5, 9)
    assert (found.metrics, found.by, found.first, found.last) == (("revenue", "orders"), ("place",), 5, 9)
    assert (found.where, found.top, found.grain) == ((("place", ("Bonn",)),), 3, Grain.DAY)
    assert found.order == Order(by="revenue", descending=True)
    assert found.totals is False


def test_a_card_asks_for_one_group_with_its_total_and_a_chart_for_as_many_as_it_can_show():
    card, line = of_kind("card", by=("place",), top=3), of_kind("line", by=("place",))
    found = question(Dashboard(title="x"), card, query_of(card), 5, 9)
    assert (found.by, found.top, found.totals) == ((), None, True)
    assert question(Dashboard(title="x"), line, query_of(line), 5, 9).top == 7


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
