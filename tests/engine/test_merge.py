"""Partial results made one."""

from typing import Any

from tests.asking import need, planned, sheet_of, stored

from keepsum.engine.merge import UNKNOWN, Aged, Figure, Sheet, counted, estimate, merge

X, Y = ("x",), ("y",)


def folded(sheet, **how):
    """The figures after folding, by key and column."""
    found = sheet.folded(**how)
    names = list(found.keys)
    return [
        {(names[place // found.columns], place % found.columns): state for place, state in figure.states.items()}
        for figure in found.figures
    ]


def test_counts_sums_and_different_values_of_several_days_add():
    for kind in ("count", "sum", "distinct"):
        figure = Figure(need=need(kind), columns=2)
        figure.add([0, 1], [10**27, 1])
        figure.add([0], [-1])
        assert figure.states == {0: 10**27 - 1, 1: 1}


def test_the_smallest_and_the_largest_stay():
    for kind, expected in (("min", -3), ("max", 5)):
        figure = Figure(need=need(kind), columns=1)
        figure.add([0, 0], [5, -3])
        assert figure.states == {0: expected}


def test_a_group_without_a_value_changes_nothing():
    figure = Figure(need=need("sum"), columns=1)
    figure.add([0, 0], [None, 4])
    figure.add([0], [None])
    assert figure.states == {0: 4}


def test_two_rows_of_one_place_in_one_batch_are_merged_too():
    figure = Figure(need=need("count"), columns=1)
    figure.add([0, 0, 0], [1, 2, 3])
    assert figure.states == {0: 6}


def test_uniques_are_merged_never_added():
    figure = Figure(need=need("uniques", "buyer"), columns=1)
    figure.add([0, 0], [stored("uniques", "abc"), stored("uniques", "bcd")])
    state: Any = figure.states[0]
    assert estimate(state).value == 4


def test_people_of_two_epochs_are_at_least_the_larger_and_at_most_the_sum():
    few, many, new = (stored("uniques", text) for text in ("abc", "cdefgh", "xyz"))
    found = estimate([Aged(1, few), Aged(1, many), new])
    assert found.value == estimate([few, many]).value == 8
    assert found.low == estimate([few, many]).low
    assert found.high == estimate([few, many]).high + estimate([new]).high
    assert estimate([Aged(1, few), Aged(1, many)]) == estimate([few, many])
    assert estimate([Aged(1, few), Aged(2, many), new]).value == estimate([many]).value


def test_epochs_are_kept_apart_through_all_merging():
    figure = Figure(need=need("uniques", "buyer"), columns=1)
    figure.add([0, 0], [Aged(1, stored("uniques", "abc")), stored("uniques", "abc")])
    state: Any = figure.states[0]
    found = estimate(state)
    assert (found.value, found.high) == (3, 2 * estimate([stored("uniques", "abc")]).high)


def test_the_estimate_of_one_day_is_that_of_its_registers():
    blob = stored("uniques", [str(i) for i in range(1000)])
    assert estimate([blob]) == estimate([blob, blob])


def test_distributions_are_merged_by_adding_their_buckets():
    _, counts = counted([stored("quantiles", [7, 7, 9]), stored("quantiles", [7])])
    assert counts.tolist() == [3, 1]


def test_what_is_unknown_stays_unknown():
    states = {0: UNKNOWN, 1: 2}
    merge("sum", states, [0, 1], [1, UNKNOWN])
    assert states == {0: UNKNOWN, 1: UNKNOWN}


def test_folding_columns_adds_days_up_to_periods_and_leaves_out_what_comes_before():
    plan = planned("revenue", last=3, grain="day", by=("place",))
    sheet = sheet_of(plan, {X: [1, 2, 3, 4], Y: [None, 5, None, None]})
    assert folded(sheet, columns=[None, 0, 0, 1], width=2) == [{(X, 0): 5, (X, 1): 4, (Y, 0): 5}]


def test_folding_keys_adds_groups_up():
    plan = planned("revenue", last=1, grain="day", by=("place",))
    sheet = sheet_of(plan, {X: [1, 2], Y: [3, None]})
    assert folded(sheet, columns=[0, 1], width=2, keys={X: ("z",), Y: ("z",)}) == [{(("z",), 0): 4, (("z",), 1): 2}]


def test_different_values_of_several_groups_do_not_add_but_those_of_several_days_do():
    plan = planned("invoices", last=1, grain="day", by=("place",))
    sheet = sheet_of(plan, {X: [1, 2], Y: [3, None]})
    assert folded(sheet, columns=[0, 1], width=2, keys={X: (), Y: ()}) == [{((), 0): UNKNOWN, ((), 1): 2}]
    assert folded(sheet, columns=[0, 0], width=1) == [{(X, 0): 3, (Y, 0): 3}]


def test_folding_leaves_the_figures_it_started_from_alone():
    plan = planned("buyers", last=1, grain="day")
    sheet = sheet_of(plan, {(): ["ab", "bc"]})
    sheet.folded([0, 0], 1)
    states: list[Any] = list(sheet.figures[0].states.values())
    assert [len(state) for state in states] == [1, 1]


def test_a_period_is_covered_or_obscured_when_one_of_its_days_is():
    plan = planned("revenue", last=3, grain="day")
    found = sheet_of(plan, {(): [1, 2, 3, 4]}, covered=[1], obscured=[3]).folded([0, 0, 1, 1], 2)
    assert list(found.figures[0].covered) == [1, 0]
    assert list(found.figures[0].obscured) == [0, 1]


def test_keys_are_read_in_the_order_that_was_asked_for_also_those_without_figures():
    sheet = Sheet([need("count")], 2)
    sheet.places([X], [0])
    sheet.show([Y, X])
    assert (sheet.shown, sheet.order) == ((Y, X), [2, 0, 3, 1])
