"""Formulas over merged figures."""

from decimal import Decimal
from fractions import Fraction
from math import inf
from typing import Any

import pytest
from tests.asking import CATALOG, FIRST, PLACES, SHOP, planned, query, sheet_of

from keepsum import Metric
from keepsum.engine.calculate import (
    calculate,
    decimals,
    grid,
    relative_error,
    shown,
    shown_errors,
    uniques_error,
    whole,
)
from keepsum.engine.numbers import amount, render
from keepsum.engine.plan import plan as plan_of
from keepsum.model.catalog import Catalog

ALL = ()


def cells(metric, *figures, covered=None, obscured=(), over=grid, plan=None, **more) -> list[Any]:
    """A metric's cells over hand-laid figures; the one key unless `by` is given."""
    found = plan or planned(metric, **more)
    sheet = sheet_of(found, *figures, covered=covered, obscured=obscured)
    sheet.show(sorted({key for figure in figures for key in figure} or {ALL}))
    series = calculate(found.formulas[0], over(found.cells, sheet))
    return shown(series, decimals(found.metrics[0], found.formulas[0], found.needs))


def only(found) -> Any:
    (one,) = found
    return one


def new_metric(formula, *figures, **more):
    """The cells of a metric that is declared here."""
    metric = Metric("new", formula, **more)
    catalog = Catalog((SHOP, type(SHOP)("more", metrics=(metric,))))
    return cells("new", *figures, plan=plan_of(catalog, query("new")))


def test_a_sum_has_its_units_decimals():
    assert cells("revenue", {ALL: [12345]}) == [Decimal("123.45")]
    assert str(cells("revenue", {ALL: [-5]})[0]) == "-0.05"


def test_a_count_is_a_whole_number():
    assert cells("counted", {ALL: [7]}) == [7]


def test_sums_beyond_64_bits_stay_exact():
    assert str(cells("revenue", {ALL: [10**28 + 1]})[0]) == "1" + "0" * 26 + ".01"


@pytest.mark.parametrize("value", [0, 5, -5, 123, -(10**18), 10**60 + 1])
@pytest.mark.parametrize("scale", [0, 2, 6])
def test_an_amount_is_written_with_all_its_decimals(value, scale):
    assert str(amount(value, scale)) == render(value, scale)


def test_a_covered_day_without_records_is_zero_but_has_no_smallest_value():
    assert cells("revenue", {ALL: [None]}) == [Decimal("0.00")]
    assert cells("counted", {ALL: [None]}) == [0]
    assert cells("buyers", {ALL: [None]}) == [0]
    assert cells("invoices", {ALL: [None]}) == [0]
    assert cells("cheapest", {ALL: [None]}) == [None]
    assert cells("median", {ALL: [None]}) == [None]


def test_a_day_that_is_not_covered_is_missing_never_zero():
    for metric in ("revenue", "counted", "buyers", "invoices", "cheapest", "median", "pence"):
        assert cells(metric, {ALL: [None]}, covered=()) == [None]


def test_where_something_is_hidden_nothing_is_taken_for_zero():
    assert cells("counted", {ALL: [None, 4]}, obscured=(0, 1), last=1, grain="day") == [None, 4]


def test_a_ratio_is_a_ratio_of_sums():
    figures = {ALL: [100, 900]}, {ALL: [1, 2]}
    assert cells("mean", *figures, last=1, grain="day") == [Decimal("1.00"), Decimal("4.50")]
    assert cells("mean", *figures, last=1, grain="day", over=whole) == [Decimal("3.33")]


def test_a_ratio_over_zero_is_missing():
    assert cells("mean", {ALL: [100]}, {ALL: [0]}) == [None]
    assert cells("mean", {ALL: [100]}, {ALL: [None]}) == [None]


def test_a_ratio_rounds_half_to_even_from_integers():
    assert cells("mean", {ALL: [1]}, {ALL: [2]}) == [Decimal("0.00")]
    assert cells("mean", {ALL: [3]}, {ALL: [2]}) == [Decimal("0.02")]
    assert cells("mean", {ALL: [-3]}, {ALL: [2]}) == [Decimal("-0.02")]


def test_a_ratio_of_ratios_loses_nothing_on_the_way():
    third = PLACES.price / PLACES.orders
    assert new_metric(third / third, {ALL: [1]}, {ALL: [3]}, decimals=9) == [Decimal("1.000000000")]
    assert new_metric(third * 300, {ALL: [1]}, {ALL: [3]}, decimals=0) == [1]


def test_numbers_of_different_scales_are_brought_to_one():
    assert new_metric(PLACES.price + PLACES.grams, {ALL: [150]}, {ALL: [2]}) == [Decimal("3.50")]
    assert new_metric(PLACES.grams - PLACES.price, {ALL: [2]}, {ALL: [150]}) == [Decimal("0.50")]


def test_a_difference_with_something_missing_is_missing():
    assert new_metric(PLACES.dearest - PLACES.cheapest, {ALL: [None]}, {ALL: [5]}) == [None]


def test_multiples_are_exact_where_decimals_can_write_them():
    assert cells("pence", {ALL: [150]}) == [Decimal("150.00")]
    assert cells("eighth", {ALL: [100]}) == [Decimal("0.12500")]
    assert cells("third", {ALL: [100]}) == [Decimal("0.3333")]


def test_uniques_are_an_estimate_with_its_error_beside_it():
    people = [str(i) for i in range(2_000)]
    found = planned("buyers")
    sheet = sheet_of(found, {ALL: [people]})
    sheet.show([ALL])
    series = calculate(found.formulas[0], grid(found.cells, sheet))
    value, error = only(shown(series, 0)), only(shown_errors(series, 0))
    assert abs(value - 2_000) <= error <= 0.06 * 2_000
    assert relative_error(found.formulas[0], found.needs) == uniques_error() == pytest.approx(0.0497, abs=0.0005)


def test_the_error_of_a_quotient_is_its_worst_case():
    found = planned("per_buyer")
    sheet = sheet_of(found, {ALL: [100_000]}, {ALL: [[str(i) for i in range(500)]]})
    sheet.show([ALL])
    series = calculate(found.formulas[0], grid(found.cells, sheet))
    value, error = only(shown(series, 2)), only(shown_errors(series, 2))
    assert abs(value - 2) <= error <= Decimal("0.15")
    stated = uniques_error()
    assert relative_error(found.formulas[0], found.needs) == pytest.approx(1 / (1 - stated) - 1)


def test_a_difference_of_estimates_has_an_absolute_error_and_no_relative_one():
    buyers, sales, revenue = (CATALOG.metrics[name] for name in ("buyers", "counted", "revenue"))
    differences = (
        Metric("fewer", buyers - buyers),
        Metric("share", buyers / (buyers - buyers)),
        Metric("negated", buyers + buyers * -1),
        Metric("below", buyers * -2 + sales),
        Metric("inner", (buyers - sales) + buyers),
        Metric("signed", buyers + revenue),  # which refunds may make negative
        Metric("shares", buyers / sales + sales / buyers * -1),
    )
    catalog = Catalog((SHOP, type(SHOP)("more", metrics=differences)))
    for name in (metric.name for metric in differences):
        found = plan_of(catalog, query(name))
        assert relative_error(found.formulas[0], found.needs) == inf
    found = plan_of(catalog, query("fewer"))
    sheet = sheet_of(found, {ALL: [[str(i) for i in range(500)]]})
    sheet.show([ALL])
    series = calculate(found.formulas[0], grid(found.cells, sheet))
    assert (only(shown(series, 0)), only(shown_errors(series, 0)) >= 40) == (0, True)


def test_a_sum_of_what_has_one_sign_has_the_error_of_its_parts_however_it_is_written():
    buyers, sales = CATALOG.metrics["buyers"], CATALOG.metrics["counted"]
    sums = (
        Metric("plus", buyers + sales),
        Metric("twice", buyers - sales * -1),
        Metric("lost", buyers * -1 - sales),
        Metric("ran", buyers / sales + buyers / sales),
    )
    catalog = Catalog((SHOP, type(SHOP)("more", metrics=sums)))
    for name in (metric.name for metric in sums):
        found = plan_of(catalog, query(name))
        assert relative_error(found.formulas[0], found.needs) == pytest.approx(uniques_error())


def test_people_of_several_epochs_may_be_so_many_times_the_largest_figure():
    stated = uniques_error()
    buyers, per_buyer = planned("buyers"), planned("per_buyer")
    for epochs in (2, 3):
        found = relative_error(buyers.formulas[0], buyers.needs, epochs)
        assert found == pytest.approx(epochs * (1 + stated) - 1)
        # What is divided by them is less by as much, and never by more than all of it.
        found = relative_error(per_buyer.formulas[0], per_buyer.needs, epochs)
        assert found == pytest.approx(1 - 1 / (epochs * (1 + stated)))


def test_an_exact_metric_has_no_error():
    found = planned("mean")
    assert relative_error(found.formulas[0], found.needs) is None
    assert relative_error(found.formulas[0], found.needs, 2) is None


def test_a_quantile_is_within_one_percent_also_where_units_are_coarse():
    for value in (1, 7, 51, 52, 99, 101, 103, 12_345, 987_654_321):
        (found,) = cells("median", {ALL: [[value] * 3]})
        assert abs(Fraction(found) * 100 - value) <= Fraction(value, 100)


def test_a_quantile_is_the_nearest_rank():
    (found,) = cells("median", {ALL: [[1, 2, 3, 40]]})
    assert found == Decimal("0.0200")


def test_a_running_sum_adds_up_the_days_before():
    assert cells("running", {ALL: [1, 2, 3]}, last=2, grain="day") == [
        Decimal("0.01"),
        Decimal("0.03"),
        Decimal("0.06"),
    ]


def test_a_running_sum_is_missing_where_its_own_day_is_and_goes_on_after_it():
    found = cells("running", {ALL: [1, None, 3]}, covered=(0, 2), last=2, grain="day")
    assert found == [Decimal("0.01"), None, Decimal("0.04")]


def test_month_to_date_begins_again_each_month_and_before_the_range():
    # From the 27th of February to the 2nd of March; the first cell is what February had before.
    states = [100, 1, 2, 4, 8]
    found = cells("month_to_date", {ALL: states}, first=26, last=29, grain="day")
    assert found == [Decimal("1.01"), Decimal("1.03"), Decimal("0.04"), Decimal("0.12")]


def test_month_to_date_of_a_week_is_that_of_its_last_day():
    found = planned("month_to_date", first=22, last=32, grain="week")
    assert [first - FIRST for first, _ in found.cells.spans] == [0, 22, 28, 29]
    assert cells("month_to_date", {ALL: [1, 10, 100, 1000]}, first=22, last=32, grain="week") == [
        Decimal("1.00"),
        Decimal("11.00"),
    ]


def test_a_running_sum_over_the_whole_range_is_that_of_its_end():
    states = [100, 1, 2, 4, 8]
    found = cells("month_to_date", {ALL: states}, first=26, last=29, grain="day", over=whole)
    assert found == [Decimal("0.12")]


def test_each_group_runs_on_by_itself():
    figures = {("x",): [1, 2], ("y",): [10, 20]}
    assert [int(c * 100) for c in cells("running", figures, by=("place",), last=1, grain="day")] == [1, 10, 3, 30]


def test_no_group_is_no_cell():
    found = planned("revenue", by=("place",))
    sheet = sheet_of(found, {})
    sheet.show([])
    assert shown(calculate(found.formulas[0], grid(found.cells, sheet)), 2) == []


def test_every_metric_of_the_shop_can_be_calculated():
    for name in CATALOG.metrics:
        found = planned(name)
        sheet = sheet_of(found, *({ALL: [None]} for _ in found.needs))
        sheet.show([ALL])
        assert len(calculate(found.formulas[0], grid(found.cells, sheet)).values) == 1
