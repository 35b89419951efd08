"""What a question needs, and which questions are refused."""

import pytest
from tests.asking import CATALOG, FIRST, PLACES, planned, query

from keepsum.engine.cells import cells
from keepsum.engine.plan import MOST_DAYS, Read, plan, reads
from keepsum.model.day import Grain
from keepsum.model.errors import Invalid, NotFound
from keepsum.model.query import Order
from keepsum.model.rollup import NONE, Ratio


def refusal(*metrics, **more):
    with pytest.raises((Invalid, NotFound)) as caught:
        planned(*metrics, **more)
    return caught.value.code


def test_a_simple_metric_needs_its_measure_known_by_what_it_measures():
    found = planned("revenue")
    (need,) = found.needs
    assert (need.kind, need.of, need.scale, need.unit, need.where) == ("sum", "price", 2, "GBP", ())
    assert found.formulas == (Read(0),)


def test_a_measure_that_several_metrics_read_is_needed_once():
    found = planned("revenue", "mean", "counted")
    assert [need.kind for need in found.needs] == ["sum", "count"]
    assert found.formulas == (Read(0), Ratio(numerator=Read(0), denominator=Read(1)), Read(1))


def test_a_metrics_own_filter_makes_a_group_of_its_own_and_meets_the_questions_filter():
    found = planned("revenue", "by_card", where={"way": ["card", "cash"], "place": ["york", None]})
    assert [dict(group.where) for group in found.groups] == [
        {"way": ("card", "cash"), "place": (NONE, "york")},
        {"way": ("card",), "place": (NONE, "york")},
    ]
    assert found.places == ((0, 0), (1, 0))


def test_filters_that_contradict_each_other_allow_nothing():
    (group,) = planned("by_card", where={"way": ["cash"]}).groups
    assert group.where == (("way", ()),)


def test_values_of_a_filter_are_spelled_as_dimension_columns_spell_them():
    (group,) = planned("revenue", where={"gift": [True, None], "shelf": [7, "-3"]}).groups
    assert dict(group.where) == {"gift": (NONE, "true"), "shelf": ("-3", "7")}


def test_dimensions_are_those_asked_by_and_those_filtered():
    (group,) = planned("revenue", by=("place",), where={"way": ["card"], "place": ["york"]}).groups
    assert group.dimensions == ("place", "way")


def test_metrics_of_several_streams_are_answered_by_what_both_have():
    found = planned("orders_per_visit", by=("place",))
    assert [group.stream.name for group in found.groups] == ["orders", "visits"]
    assert refusal("orders_per_visit", by=("way",)) == "UNKNOWN_DIMENSION"


def test_a_quantile_reads_its_distribution_at_its_share():
    assert reads(planned("median").formulas[0])[0].q == PLACES.prices.quantile("0.5").q


def test_what_runs_on_from_before_the_range_is_needed_from_there():
    assert planned("running", first=9, last=20).groups[0].first == FIRST + 9
    assert planned("month_to_date", first=9, last=20).groups[0].first == FIRST
    assert planned("year_to_date", first=9, last=20).groups[0].first == FIRST - 31


def test_without_running_metrics_cells_are_periods():
    found = planned("revenue", first=0, last=40, grain="month").cells
    assert found.spans == ((FIRST, FIRST + 27), (FIRST + 28, FIRST + 40))
    assert found.periods[1] == (FIRST + 28, FIRST + 58)
    assert found.of_period == (range(1), range(1, 2))


def test_cells_are_cut_where_a_running_window_begins():
    first, last = FIRST + 24, FIRST + 32  # the last week of February and the first of March, which is a Sunday
    found = cells(first, last, Grain.WEEK, ("month",), FIRST)
    assert found.spans == (
        (FIRST, FIRST + 23),
        (FIRST + 24, FIRST + 27),
        (FIRST + 28, FIRST + 28),
        (FIRST + 29, FIRST + 32),
    )
    assert found.of_period == (range(1, 3), range(3, 4))
    assert found.windows == {"month": (range(2, 3), range(2, 4))}


def test_every_day_has_one_cell():
    found = cells(FIRST, FIRST + 99, Grain.QUARTER, ("year", "month", "range"), FIRST - 31)
    assert sorted(found.column_of) == list(range(FIRST - 31, FIRST + 100))


@pytest.mark.parametrize(
    ("code", "asked"),
    [
        ("NO_METRICS", query()),
        ("UNKNOWN_METRIC", query("profit")),
        ("NAMED_TWICE", query("revenue", "revenue")),
        ("NAMED_TWICE", query("revenue", by=("way", "way"))),
        ("RANGE_REVERSED", query("revenue", first=2, last=1)),
        ("RANGE_TOO_LONG", query("revenue", last=MOST_DAYS)),
        ("UNKNOWN_DIMENSION", query("revenue", by=("colour",))),
        ("UNKNOWN_DIMENSION", query("revenue", by=("price",))),
        ("UNKNOWN_DIMENSION", query("revenue", where={"id": ["1"]})),
        ("DIMENSION_PERSONAL", query("revenue", by=("note",))),
        ("DIMENSION_PERSONAL", query("revenue", by=("buyer",))),
        ("DIMENSION_PERSONAL", query("revenue", where={"buyer": ["ann"]})),
        ("BAD_FILTER", query("revenue", where={"way": ["cheque"]})),
        ("BAD_FILTER", query("revenue", where={"way": []})),
        ("BAD_FILTER", query("revenue", where={"gift": ["yes"]})),
        ("BAD_FILTER", query("revenue", where={"shelf": ["07"]})),
        ("BAD_FILTER", query("revenue", where={"shelf": ["9" * 5_000]})),
        ("BAD_FILTER", query("revenue", where={"shelf": [True]})),
        ("BAD_FILTER", query("revenue", where={"place": [7]})),
        ("BAD_FILTER", query("revenue", where={"place": ["\x01hidden"]})),
        ("ORDER_UNKNOWN", query("revenue", order=Order(by="counted", descending=True))),
        ("TOP_WITHOUT_BY", query("revenue", top=3)),
        ("TOP_OUT_OF_RANGE", query("revenue", by=("way",), top=0)),
    ],
)
def test_a_question_that_cannot_be_meant_is_refused(code, asked):
    with pytest.raises((Invalid, NotFound)) as caught:
        plan(CATALOG, asked)
    assert caught.value.code == code


def test_forty_years_of_days_may_be_asked_for():
    assert len(planned("revenue", last=MOST_DAYS - 1, grain="year").cells.spans) == 41


@pytest.mark.parametrize("by", ["revenue", "way", "time"])
def test_an_answer_is_ordered_by_any_of_its_columns(by):
    order = Order(by=by, descending=False)
    assert planned("revenue", by=("way",), order=order).query.order == order


def test_no_error_repeats_a_personal_value():
    with pytest.raises(Invalid) as caught:
        planned("revenue", where={"note": ["ann@example.org"]})
    assert "example" not in str(caught.value)
