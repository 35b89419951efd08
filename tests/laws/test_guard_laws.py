import random
from dataclasses import replace
from itertools import combinations, pairwise

import numpy as np
from hypothesis import example, given
from hypothesis import strategies as st
from tests.guarding import CHAIN, SALES, Book, Crowd, pairs, people, random_sales, records_of, rolled, value

from keepsum import Count, Rollup, Sum
from keepsum.engine.guard.atoms import split_all
from keepsum.engine.guard.reading import steps

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
    """What is in one answer and not in the other, of every two of them."""
    sets = crowd.sets(answers)
    return pairs(np.greater, sets, sets)


@given(SEEDS, SIZES)
def test_no_two_answers_differ_by_less_than_an_atom(seed, sizes):
    crowd = Crowd(random_sales(seed, sizes))
    found = differences(sealed(crowd.sales).answers(), crowd)
    assert crowd.may_stand(found, K).all()


@given(SEEDS, SIZES)
def test_nor_do_those_of_rollups_with_other_measures(seed, sizes):
    crowd = Crowd(random_sales(seed, sizes))
    book = sealed(crowd.sales, MIXED)
    for measure in ("n", "amount", "tax"):
        found = differences(book.answers(measure), crowd)
        assert crowd.may_stand(found, K, [measure]).all()


@given(SEEDS, SIZES)
def test_answers_are_exactly_the_sums_of_the_sales_behind_them(seed, sizes):
    book = sealed(random_sales(seed, sizes))
    for measure in ("n", "amount"):
        for sales, answer in book.answers(measure).items():
            assert answer == sum(value(sale, measure) for sale in sales)


@given(SEEDS, SIZES, st.lists(st.tuples(st.integers(0, 10**6), st.integers(-2, 2)), min_size=2, max_size=5))
def test_adding_and_subtracting_many_answers_finds_no_less_either(seed, sizes, picks):
    crowd = Crowd(random_sales(seed, sizes))
    sets = crowd.sets(sealed(crowd.sales).answers())
    times = np.sum([factor * sets[pick % len(sets)] for pick, factor in picks], axis=0)
    factors = np.array(sorted(set(times.tolist()) - {0}), np.int64)
    assert crowd.may_stand(times == factors[:, None], K).all()


@given(SEEDS, SIZES)
def test_atoms_of_a_finer_rollup_add_up_to_those_of_the_coarser(seed, sizes):
    book = sealed(random_sales(seed, sizes))
    for coarse, fine in (("total", "by_a"), ("by_a", "by_ab")):
        for day, shown in book.published[fine].items():
            atoms = list(shown.behind.values())
            for whole in book.published[coarse][day].behind.values():
                assert sum(len(atom) for atom in atoms if atom <= whole) == len(whole)


@given(SEEDS, SIZES)
def test_every_sale_of_a_day_is_in_one_atom_or_the_day_is_withheld(seed, sizes):
    book = sealed(random_sales(seed, sizes))
    for found in book.published.values():
        for day, shown in found.items():
            sales = [s for s in book.sales if s.day in (day, *shown.joining)]
            is_sum = shown.state in {"open", "closed"}
            assert sorted(s.number for atom in shown.behind.values() for s in atom) == [
                s.number for s in sales if is_sum
            ]


@given(SEEDS, SIZES)
def test_the_order_of_rows_and_of_rollups_changes_no_atom(seed, sizes):
    sales = random_sales(seed, sizes)
    every = [rolled(rollup, sales, DAYS) for rollup in CHAIN]
    found = split_all(every, K)
    shuffled = split_all([_shuffled(one, seed) for one in reversed(every)], K)
    for name, by_day in found.items():
        assert {day: (a.state, a.people, a.table.to_pylist()) for day, a in by_day.items()} == {
            day: (a.state, a.people, a.table.to_pylist()) for day, a in shuffled[name].items()
        }


def _shuffled(one, seed):
    order = np.random.default_rng(seed).permutation(len(one.rows))

    def pools_of(pools):
        every = np.empty(len(pools), np.int64)
        every[order] = pools
        return one.pools_of(every)

    return replace(one, rows=one.rows.take(order), pools_of=pools_of)


def published(book):
    return {(name, day): of.behind for name, found in book.published.items() for day, of in found.items()}


def mended(earlier, later):
    """What came and went in atoms that have as many people as before."""
    found = set()
    for key in earlier.keys() & later.keys():
        before = earlier[key]
        for atom, sales in later[key].items():
            is_closed = len(later[key]) == 1 < len(before)
            old = frozenset().union(*before.values()) if is_closed else before.get(atom, frozenset())
            if people(old) == people(sales):
                found |= sales ^ old
    return frozenset(found)


def compared(versions):
    """Every two versions of what is published, and what came and went unseen until the later one.

    What one rollup followed and another did not lies between both in every later version, too.
    """
    told = [mended(one, other) for one, other in pairwise(versions)]
    for first, second in combinations(range(len(versions)), 2):
        yield first, second, mended(versions[first], versions[second]).union(*told[:second])


def restored(difference, skipped, *versions):
    """A difference of answers, with what came and went unseen put back into the atoms it belonged to."""
    atoms = {sales for version in versions for found in version.values() for sales in found.values()}
    rest = difference - skipped
    return rest | {sale for sales in atoms if sales & rest for sale in sales & skipped}


NOTHING = dict.fromkeys(DAYS, 0)


@given(SEEDS, SIZES, st.lists(st.tuples(SEEDS, SIZES, st.sampled_from("pqr"), st.booleans()), min_size=1, max_size=2))
# Two rollups follow one more sale of somebody who was there, two cannot, and then nothing more happens.
@example(190, NOTHING | {30: 6, 31: 6}, [(11, NOTHING | {30: 39, 31: 3}, "p", False), (0, NOTHING, "p", False)])
# A withheld day joins one of those that are sealed again with it.
@example(0, NOTHING | {29: 1, 30: 2, 31: 1}, [(0, NOTHING | {29: 12}, "p", False), (0, NOTHING | {30: 3}, "p", False)])
def test_nor_do_answers_before_and_after_a_day_is_sealed_again(seed, sizes, later):
    rollups = CHAIN if seed % 2 else MIXED
    sales = random_sales(seed, sizes)
    book = sealed(sales, rollups)
    versions = [(published(book), book.answers())]
    for other, more, names, shrinks in later:
        new = random_sales(other, {day: size // 3 for day, size in more.items()}, len(sales), names)
        sales = sales + new
        if shrinks:
            book.remove(random.Random(other).sample(book.sales, len(book.sales) // 8))
        book.seal(new, DAYS)
        versions.append((published(book), book.answers()))
    crowd = Crowd(sales)
    for first, second, skipped in compared([found for found, _ in versions]):
        (earlier, before), (last, after) = versions[first], versions[second]
        # Nothing tells what came from what went at the same time.
        found = pairs(np.not_equal, crowd.sets(before), crowd.sets(after))
        found = found[(crowd.people(found) > 0) & (crowd.people(found) < K)]
        few = {crowd.of(one) for one in found}
        assert {people(restored(d, skipped, earlier, last)) for d in few} & set(range(1, K)) == set()


SOME_DAYS = st.sets(st.sampled_from(DAYS), min_size=1)
FEW = st.fixed_dictionaries(dict.fromkeys(DAYS, st.integers(0, 5) | st.integers(6, 30)))
CHANGES = st.lists(st.tuples(SEEDS, FEW, SOME_DAYS, st.integers(1, 6)), min_size=2, max_size=3)


def changed(seed, sizes, changes):
    """A book whose days were sealed for the first time and again, each time under another k: after each, what it shows.

    Of each version: the least k under which any rollup shows a day, what is published, and the answers.
    """
    sales, book = random_sales(seed, sizes), Book(CHAIN, K)
    book.sales, versions = list(sales), []
    for other, more, some, k in changes:
        book.k, new = k, random_sales(other, {day: size // 3 for day, size in more.items()}, len(sales), "q")
        sales = sales + new
        book.seal(new, sorted(some))
        shown = [of for found in book.published.values() for of in found.values() if of.state != "withheld"]
        ks = {of.day: min(one.k for one in shown if one.day == of.day) for of in shown}
        versions.append((ks, published(book), book.answers()))
    return book, versions, Crowd(sales)


@given(SEEDS, FEW, CHANGES)
def test_whatever_k_becomes_an_atom_has_the_people_that_the_k_of_each_of_its_days_asks_for(seed, sizes, changes):
    book, _, crowd = changed(seed, sizes, changes)
    for found in book.published.values():
        for shown in found.values():
            for atom in shown.behind.values():
                k = max((found[sale.day].k for sale in atom), default=0)
                assert crowd.may_stand(crowd.sets([atom]), k, []).all()


@given(SEEDS, FEW, CHANGES)
def test_nor_do_answers_before_and_after_k_changed_differ_by_fewer_people_than_a_day_was_shown_with(
    seed, sizes, changes
):
    _, versions, crowd = changed(seed, sizes, changes)
    for first, second, skipped in compared([found for _, found, _ in versions]):
        (ks, earlier, before), (later, last, after) = versions[first], versions[second]
        found = pairs(np.not_equal, crowd.sets(before), crowd.sets(after))
        for one in found[(crowd.people(found) > 0) & (crowd.people(found) < max(later.values(), default=0))]:
            rest = restored(crowd.of(one), skipped, earlier, last)
            least = min((ks.get(sale.day, later.get(sale.day, 0)) for sale in rest), default=0)
            assert people(rest) == 0 or people(rest) >= least


@given(SEEDS, st.integers(0, 80), st.lists(st.tuples(st.integers(0, 30), st.integers(1, 9)), min_size=1, max_size=4))
def test_an_unsealed_day_goes_on_from_the_last_step_that_was_shown_when_k_changes(seed, size, changes):
    sales = random_sales(seed, {0: size})
    cuts, first, before, arrived = [], {0: 1}, [], 0  # `first` has the k under which a cut was shown first
    for more, k in changes:
        for count in range(arrived, min(arrived + more, size) + 1):
            cuts.append(steps(records_of(sales[:count]), k, before))
            first.setdefault(cuts[-1], k)
            assert cuts[-1] <= count
        arrived = min(arrived + more, size)
        before.append((arrived, k))
    assert cuts == sorted(cuts)
    for one, other in combinations(sorted(first), 2):
        assert people(sales[one:other]) >= first[other]


@given(SEEDS, st.integers(0, 60), st.integers(1, 4))
def test_an_unsealed_day_moves_in_steps_of_k_people(seed, size, k):
    sales = random_sales(seed, {0: size})
    cuts = [steps(records_of(sales[:arrived]), k) for arrived in range(len(sales) + 1)]
    assert cuts == sorted(cuts)
    assert cuts[-1] <= size
    for one, other in combinations(sorted({0, *cuts}), 2):
        assert people(sales[one:other]) >= k
    for arrived, cut in enumerate(cuts):
        assert people(sales[:cut]) == people(sales[:arrived]) // k * k
