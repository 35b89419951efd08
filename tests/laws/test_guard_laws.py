from itertools import product

from hypothesis import given
from hypothesis import strategies as st
from tests.guarding import (
    CHAIN,
    SALES,
    Book,
    Crowd,
    may_stand,
    random_sales,
    value,
)

from keepsum import Count, Rollup, Sum

K = 3
# The last three days of a month and the first of the next.
DAYS = (28, 29, 30, 31)
SEEDS = st.integers(0, 2**32)
# Nothing, too few people, enough for some groups, enough for most.
SIZE = st.just(0) | st.integers(1, 5) | st.integers(6, 40) | st.integers(40, 90)
SIZES = st.fixed_dictionaries(dict.fromkeys(DAYS, SIZE))
# Measures that the parent lacks, rollups of the same dimensions, four steps down.
MIXED = (
    Rollup("a_n", of=SALES, by=("a",), measures=(Count("n"),)),
    Rollup("a_sums", of=SALES, by=("a",), measures=(Count("n"), Sum("amount"))),
    Rollup("ab_tax", of=SALES, by=("b", "a"), measures=(Count("n"), Sum("tax"))),
    Rollup("ab_more", of=SALES, by=("a", "b"), measures=(Count("n"), Sum("tax"), Sum("amount"))),
)


def sealed(sales, rollups=CHAIN):
    book = Book(rollups, K)
    book.seal(sales, DAYS)
    return book


def differences(answers, crowd):
    """What is in one answer and not in the other, of every two, as bits."""
    every = {0, *map(crowd.bits, answers)}
    return {one & ~other for one, other in product(every, every)}


@given(SEEDS, SIZES)
def test_no_two_answers_differ_by_less_than_an_atom(seed, sizes):
    crowd = Crowd(random_sales(seed, sizes))
    answers = sealed(crowd.sales).answers()
    assert all(may_stand(crowd.of(d), K) for d in differences(answers, crowd))


@given(SEEDS, SIZES)
def test_nor_do_those_of_rollups_with_other_measures(seed, sizes):
    crowd = Crowd(random_sales(seed, sizes))
    book = sealed(crowd.sales, MIXED)
    for measure in ("n", "amount", "tax"):
        assert all(may_stand(crowd.of(d), K, [measure]) for d in differences(book.answers(measure), crowd))


@given(SEEDS, SIZES)
def test_answers_are_exactly_the_sums_of_the_sales_behind_them(seed, sizes):
    book = sealed(random_sales(seed, sizes))
    for measure in ("n", "amount"):
        for sales, answer in book.answers(measure).items():
            assert answer == sum(value(sale, measure) for sale in sales)
