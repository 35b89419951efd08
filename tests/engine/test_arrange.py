"""The table of an answer: its columns, the order of its rows, top lists, comparisons and totals."""

from decimal import Decimal

import pytest
from tests.asking import planned, sheet_of

from keepsum.engine import arrange
from keepsum.engine.arrange import Side, table
from keepsum.model.errors import Invalid
from keepsum.model.query import Order
from keepsum.model.rollup import HIDDEN, NONE, OTHER

ALL = ()


def side(*metrics, figures, covered=None, **more):
    plan = planned(*metrics, **more)
    return Side(plan=plan, sheet=sheet_of(plan, *figures, covered=covered))


def rows(*metrics, figures, previous=None, covered=None, **more):
    before = None if previous is None else side(*metrics, figures=previous, **more)
    return list(table(side(*metrics, figures=figures, covered=covered, **more), before).rows)


def counts(**by_place):
    return [{(name,): states for name, states in by_place.items()}]


def ranked(figures, **more):
    """Places in the order of the rows, with their counts."""
    return rows("counted", figures=figures, by=("place",), **more)


def test_a_total_over_everything_is_one_row_without_a_time():
    found = table(side("counted", figures=[{ALL: [3]}]))
    assert [(c.name, c.kind) for c in found.columns] == [("counted", "metric")]
    assert found.rows == ((3,),)


def test_columns_are_time_then_dimensions_then_metrics_then_the_period_before_then_errors():
    asked = {"by": ("place",), "grain": "day", "figures": [{("x",): ["a"]}, {("x",): [5]}]}
    found = table(side("buyers", "revenue", **asked), side("buyers", "revenue", **asked))
    assert [(c.name, c.kind, c.unit, c.scale) for c in found.columns] == [
        ("time", "time", "", 0),
        ("place", "dimension", "", 0),
        ("buyers", "metric", "", 0),
        ("revenue", "metric", "GBP", 2),
        ("buyers:previous", "comparison", "", 0),
        ("revenue:previous", "comparison", "GBP", 2),
        ("buyers:error", "error", "", 0),
    ]


def test_every_period_of_the_range_has_a_row_also_one_without_records():
    assert rows("counted", figures=[{ALL: [3, None]}], last=1, grain="day") == [("2026-02-01", 3), ("2026-02-02", 0)]


def test_a_period_that_is_not_covered_has_a_row_of_nulls():
    found = rows("counted", figures=[{ALL: [3, None]}], covered=(0,), last=1, grain="day")
    assert found[1] == ("2026-02-02", None)


def test_a_time_is_the_first_day_of_its_whole_period():
    assert [row[0] for row in rows("counted", figures=[{ALL: [1, 2]}], first=2, last=30, grain="month")] == [
        "2026-02-01",
        "2026-03-01",
    ]


def test_every_group_is_in_every_period():
    found = ranked([{("x",): [1, None], ("y",): [None, 2]}], last=1, grain="day")
    assert found == [
        ("2026-02-01", "x", 1),
        ("2026-02-01", "y", 0),
        ("2026-02-02", "x", 0),
        ("2026-02-02", "y", 2),
    ]


def test_groups_stand_in_the_order_of_their_texts_then_none_other_and_hidden():
    found = ranked([{(HIDDEN,): [1], (OTHER,): [1], (NONE,): [1], ("é",): [1], ("Z",): [1], ("a",): [1]}])
    assert [row[0] for row in found] == ["Z", "a", "é", None, "(other)", "(hidden)"]


def test_an_answer_by_dimensions_without_records_has_no_rows():
    assert ranked([{}]) == []


def test_rows_are_ordered_by_a_metric_and_what_is_missing_comes_last():
    figures = [{("x",): [5]}, {("y",): [1], ("z",): [9], ("x",): [5]}]
    for descending, expected in ((True, ["z", "x", "y"]), (False, ["y", "x", "z"])):
        order = Order(by="cheapest", descending=descending)
        found = rows("counted", "cheapest", figures=[*figures[1:], figures[1]], by=("place",), order=order)
        assert [row[0] for row in found] == expected
    found = rows("counted", "cheapest", figures=[figures[1], figures[0]], by=("place",), order=order)
    assert [row[0] for row in found] == ["x", "y", "z"]


def test_rows_are_ordered_by_time():
    order = Order(by="time", descending=True)
    found = ranked([{("x",): [1, 2], ("y",): [3, 4]}], last=1, grain="day", order=order)
    assert [row[:2] for row in found] == [
        ("2026-02-02", "x"),
        ("2026-02-02", "y"),
        ("2026-02-01", "x"),
        ("2026-02-01", "y"),
    ]


def test_rows_are_ordered_by_a_dimension_with_groups_that_are_none_always_last():
    order = Order(by="place", descending=True)
    found = ranked([{("x",): [1], (HIDDEN,): [1], ("y",): [1], (NONE,): [1]}], order=order)
    assert [row[0] for row in found] == ["y", "x", None, "(hidden)"]


def test_the_best_stand_in_their_order_and_the_rest_is_one_row_after_them():
    assert ranked(counts(a=[1], b=[5], c=[2], d=[9]), top=2) == [("d", 9), ("b", 5), ("(other)", 3)]


def test_the_best_are_the_best_of_the_whole_range():
    found = ranked(counts(a=[5, 0], b=[0, 9]), last=1, grain="day", top=1)
    assert found == [
        ("2026-02-01", "b", 0),
        ("2026-02-01", "(other)", 5),
        ("2026-02-02", "b", 9),
        ("2026-02-02", "(other)", 0),
    ]


def test_the_rest_joins_what_a_dimension_did_not_keep():
    figures = [{("a",): [3], ("b",): [1], (OTHER,): [7]}]
    assert ranked(figures, top=1) == [("a", 3), ("(other)", 8)]
    assert ranked(figures, top=2) == [("a", 3), ("b", 1), ("(other)", 7)]


def test_what_is_hidden_is_never_ranked_and_never_joins_the_rest():
    assert ranked([{("a",): [3], (HIDDEN,): [50], ("b",): [1]}], top=1) == [("a", 3), ("(other)", 1), ("(hidden)", 50)]


def test_a_list_that_is_shorter_than_asked_has_no_rest():
    assert ranked(counts(a=[1], b=[5]), top=5) == [("b", 5), ("a", 1)]


def test_the_order_says_which_metric_ranks_and_which_end_is_best():
    figures = [{("a",): [1], ("b",): [5]}, {("a",): [900], ("b",): [100]}]
    best = rows("counted", "revenue", figures=figures, by=("place",), top=1, order=Order(by="revenue", descending=True))
    assert best == [("a", 1, Decimal("9.00")), ("(other)", 5, Decimal("1.00"))]
    least = rows(
        "counted", "revenue", figures=figures, by=("place",), top=1, order=Order(by="counted", descending=False)
    )
    assert [row[0] for row in least] == ["a", "(other)"]


def test_the_rest_of_uniques_is_merged_and_of_different_values_unknown():
    people = [{("a",): ["abc"], ("b",): ["xy"], ("c",): ["yz"]}, {("a",): [3], ("b",): [2], ("c",): [2]}]
    found = rows("buyers", "invoices", figures=people, by=("place",), top=1)
    assert found == [("a", 3, 3, 1), ("(other)", 3, None, 1)]


def test_the_period_before_is_aligned_by_position():
    found = rows("counted", figures=[{ALL: [3, 4]}], previous=[{ALL: [1, 2]}], last=1, grain="day")
    assert found == [("2026-02-01", 3, 1), ("2026-02-02", 4, 2)]


def test_a_period_before_that_is_shorter_leaves_nulls():
    main = side("counted", figures=[{ALL: [3, 4]}], last=1, grain="day")
    before = side("counted", figures=[{ALL: [1]}], first=-1, last=-1, grain="day")
    assert table(main, before).rows == (("2026-02-01", 3, 1), ("2026-02-02", 4, None))


def test_a_group_that_only_the_period_before_had_is_shown():
    assert ranked(counts(a=[3]), previous=counts(a=[1], b=[7])) == [("a", 3, 1), ("b", 0, 7)]


def test_the_period_before_has_the_same_best():
    found = ranked(counts(a=[3], b=[9]), previous=counts(a=[50], b=[1], c=[4]), top=1)
    assert found == [("b", 9, 1), ("(other)", 3, 54)]


def totals(*metrics, figures, **more):
    return table(side(*metrics, figures=figures, totals=True, **more)).totals


def test_totals_merge_everything_that_is_shown():
    figures = [{("a",): ["abc", "cd"], ("b",): ["de", None]}, {("a",): [1, 2], ("b",): [3, 4]}]
    found = totals("buyers", "counted", figures=figures, by=("place",), last=1, grain="day")
    assert found == (None, None, 5, 10, 1)


def test_different_values_of_groups_have_no_total_but_those_of_periods_do():
    assert totals("invoices", figures=[{("a",): [1], ("b",): [2]}], by=("place",)) == (None, None)
    assert totals("invoices", figures=[{ALL: [1, 2]}], last=1, grain="day") == (None, 3)


def test_a_total_of_ratios_is_the_ratio_of_totals():
    found = totals("mean", figures=[{("a",): [100], ("b",): [800]}, {("a",): [1], ("b",): [2]}], by=("place",))
    assert found == (None, Decimal("3.00"))


def test_the_total_is_that_of_all_groups_also_of_a_list_of_the_best():
    assert totals("counted", figures=counts(a=[1], b=[5], c=[2]), by=("place",), top=1) == (None, 8)


def test_totals_of_what_is_not_covered_are_missing():
    assert totals("counted", figures=[{}], covered=(), by=("place",)) == (None, None)


def test_an_answer_that_would_be_too_long_is_refused(monkeypatch):
    monkeypatch.setattr(arrange, "MOST_ROWS", 3)
    with pytest.raises(Invalid, match="ANSWER_TOO_LONG"):
        ranked([{("x",): [1, None], ("y",): [None, 2]}], last=1, grain="day")


def test_two_dimensions_rank_and_rest_together():
    figures = [{("card", "a"): [1], ("cash", "a"): [5], ("card", "b"): [2]}]
    found = rows("counted", figures=figures, by=("way", "place"), top=1)
    assert found == [("cash", "a", 5), ("(other)", "(other)", 3)]
