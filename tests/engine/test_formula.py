"""Formulas as people write them: what they come to, and where they go wrong."""

from fractions import Fraction

import pytest
from tests.asking import COUNTED, PLACES, REVENUE, SHOP

from keepsum.engine.formula import DEEPEST, LONGEST, MOST_PARTS, Malformed, read
from keepsum.engine.own_metrics import every_name, judge
from keepsum.model.catalog import Catalog
from keepsum.model.describe import text_of
from keepsum.model.rollup import Cumulative

NAMES = every_name(Catalog((SHOP,)))


def said(text):
    return text_of(read(text, NAMES).formula)


def problem(text):
    with pytest.raises(Malformed) as caught:
        read(text, NAMES)
    return caught.value.problem


@pytest.mark.parametrize(
    ("text", "formula"),
    [
        ("revenue", REVENUE),
        ("  revenue\n", REVENUE),
        ("places.price", PLACES.price),
        ("revenue / counted", REVENUE / COUNTED),
        ("revenue + revenue - gifts", REVENUE + REVENUE - {m.name: m for m in SHOP.metrics}["gifts"]),
        ("revenue - (revenue + revenue)", REVENUE - (REVENUE + REVENUE)),
        ("revenue * 1.19", REVENUE * Fraction("1.19")),
        ("100 * revenue / counted", (REVENUE * 100) / COUNTED),
        ("revenue / 3", REVENUE * Fraction(1, 3)),
        ("revenue * (2 * 3)", REVENUE * 6),
        ("-revenue", REVENUE * -1),
        ("places.price where way = 'card'", PLACES.price.where(way="card")),
        ("places.price where way='card' and place in ('York', \"O'Hara\", none)",
         PLACES.price.where(way="card").where(place=("York", "O'Hara", None))),
        ("revenue where place = 'it''s'", PLACES.price.where(place="it's")),
        ("gifts / counted where way = 'cash'", PLACES.gifts / PLACES.orders.where(way="cash")),
        ("quantile(0.95, places.prices)", PLACES.prices.quantile("0.95")),
        ("running(revenue)", Cumulative(of=REVENUE)),
        ("running(revenue, year)", Cumulative(of=REVENUE, since="year")),
    ],
)  # fmt: skip
def test_a_text_comes_to_the_formula_that_a_pack_would_declare(text, formula):
    found = read(text, NAMES).formula
    assert text_of(found) == text_of(formula)
    if text != "gifts / counted where way = 'cash'":  # where a metric stays a metric, and reads the same
        assert found == formula


def test_a_product_binds_closer_than_a_sum_and_both_go_from_left_to_right():
    assert said("revenue + revenue * 2") == "revenue + (revenue * 2)"
    assert said("revenue - revenue - revenue") == "(revenue - revenue) - revenue"
    assert said("revenue / counted / 2") == "(revenue / counted) * 0.5"


@pytest.mark.parametrize(
    ("text", "at", "code"),
    [
        ("", 0, "FORMULA_SYNTAX"),
        ("   ", 0, "FORMULA_SYNTAX"),
        ("5", 0, "FORMULA_SYNTAX"),
        ("revenue +", 9, "FORMULA_SYNTAX"),
        ("revenue revenue", 8, "FORMULA_SYNTAX"),
        ("revenue + 5", 8, "FORMULA_SYNTAX"),
        ("5 + revenue", 0, "FORMULA_SYNTAX"),
        ("revenue * counted", 10, "FORMULA_SYNTAX"),
        ("1 / revenue", 4, "FORMULA_SYNTAX"),
        ("revenue / 0", 10, "FORMULA_SYNTAX"),
        ("(revenue", 8, "FORMULA_SYNTAX"),
        ("revenue)", 7, "FORMULA_SYNTAX"),
        ("revenue; drop", 7, "FORMULA_SYNTAX"),
        ("places.", 7, "FORMULA_SYNTAX"),
        ("revenue where", 13, "FORMULA_SYNTAX"),
        ("revenue and way = 'card'", 8, "FORMULA_SYNTAX"),
        ("revenue where way", 17, "FORMULA_SYNTAX"),
        ("revenue where way = card", 20, "FORMULA_SYNTAX"),
        ("revenue where way = 'card", 20, "FORMULA_SYNTAX"),
        ("revenue where way = 1.5", 20, "FORMULA_SYNTAX"),
        ("running(revenue, week)", 17, "FORMULA_SYNTAX"),
        ("quantile(revenue)", 9, "FORMULA_SYNTAX"),
        ("quantile(0.5, revenue)", 14, "FORMULA_SYNTAX"),
        ("profit", 0, "UNKNOWN_NAME"),
        ("revenue / nothing.much", 10, "UNKNOWN_NAME"),
        ("revenue where colour = 'red'", 8, "UNKNOWN_DIMENSION"),
        ("revenue where note = 'x'", 8, "DIMENSION_PERSONAL"),
        ("revenue where way = 'barter'", 8, "BAD_FILTER"),
        ("(" * (DEEPEST + 1) + "revenue", DEEPEST, "FORMULA_SYNTAX"),
        ("r" * (LONGEST + 1), LONGEST, "FORMULA_TOO_LONG"),
        ("-" * 900 + "revenue", MOST_PARTS, "FORMULA_TOO_LONG"),
        ("revenue" + "*2" * 490, len("revenue") + MOST_PARTS - 1, "FORMULA_TOO_LONG"),
        ("revenue" + "+revenue" * 100, (MOST_PARTS // 2) * len("revenue+"), "FORMULA_TOO_LONG"),
    ],
)
def test_what_is_no_formula_says_where_and_why(text, at, code):
    found = problem(text)
    assert (found.at, found.code) == (at, code), found
    assert found.message.endswith(".")


@pytest.mark.parametrize(
    ("text", "code"),
    [
        ("places.price + places.grams", "UNITS_MIXED"),
        ("revenue + counted", "UNITS_MIXED"),
        ("cheapest + dearest", "RATIO_DOES_NOT_MERGE"),
        ("median / counted", "RATIO_DOES_NOT_MERGE"),
        ("running(mean)", "RATIO_DOES_NOT_MERGE"),
        ("places.prices", "QUANTILE_UNNAMED"),
        ("total.price where way = 'card'", "FILTER_NOT_A_DIMENSION"),
        ("places.invoices where way = 'card' and place = 'York'", "GRAIN_MISSING"),
        ("buyers + buyers", "UNIQUES_ADDED"),
        ("places.buyers where way = 'card' - places.buyers where way = 'cash'", "UNIQUES_ADDED"),
        ("2 * buyers - invoices", "UNIQUES_ADDED"),
    ],
)
def test_the_rules_of_packs_hold_and_people_are_not_added_up(text, code):
    found = judge(text, NAMES)
    assert code in {problem.code for problem in found.problems}
    assert not found.ok
    assert all(problem.message.endswith(".") for problem in found.problems)


def test_a_formula_that_is_good_says_what_it_comes_to():
    found = judge("revenue / counted", NAMES)
    assert (found.ok, found.text, found.unit) == (True, "revenue / counted", "GBP")
    assert judge("places.grams / 1000", NAMES, unit="kg").unit == "kg"
    assert judge("revenue / buyers + revenue / buyers", NAMES).ok
    assert [p.code for p in judge("revenue", NAMES, unit="EUR").problems] == ["UNITS_MIXED"]


@pytest.mark.parametrize(
    ("text", "at"),
    [
        ("revenue + (revenue + counted) * 2", 19),
        ("revenue / quantile(0.5, places.orders)", 10),
        ("counted - (buyers + 2 * invoices)", 18),
        ("running(revenue / counted, year)", 0),
        ("revenue / total.price where way = 'card'", 10),
    ],
)
def test_a_breach_is_where_the_part_stands_that_breaks_it(text, at):
    assert {problem.at for problem in judge(text, NAMES).problems} == {at}
