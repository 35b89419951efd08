from datetime import date

import pyarrow as pa
import pytest
from tests.guarding import BY_A, BY_AB, CHAIN, SALES, TOTAL, Book, dimensions, figure, records_of, rolled, sales_of

from keepsum import Count, Max, Min, Quantiles, Rollup, Sum, Uniques
from keepsum.engine.fold import Pool
from keepsum.engine.guard import atoms as guard
from keepsum.engine.guard.chain import levels, parents
from keepsum.engine.guard.figures import atoms_schema, whole
from keepsum.engine.guard.publish import Shown, may_replace, may_show_corrections, over_rollups, plan, replace
from keepsum.engine.guard.reading import allowed, steps, visible, whole_months
from keepsum.model.day import day_number
from keepsum.model.errors import Refusal
from keepsum.model.layout import RollupLayout
from keepsum.model.rollup import HIDDEN, Distinct

K = 3
H = HIDDEN


def split(rollups, sales, sealed=(0,)):
    every = [rolled(rollup, sales, sealed) for rollup in rollups]
    return guard.split_all(every, K)


def shown(rollup, atoms):
    """Count and people of each atom, by its dimensions."""
    return {dimensions(rollup, a): (figure(a, rollup.measures[0]), a["people"]) for a in atoms.table.to_pylist()}


def by_a(*rows):
    found = split([BY_A], sales_of(*rows))["by_a"][0]
    return found.state, shown(BY_A, found)


# Which rows stand.


def test_a_row_of_exactly_k_people_stands_and_one_of_fewer_is_pooled():
    rows = ({"a": "x", "times": 3}, {"a": "y", "times": 2}, {"a": "z", "times": 2})
    assert by_a(*rows) == ("open", {("x",): (3, 3), (H,): (4, 4)})


def test_a_person_in_two_rows_of_a_pool_counts_once():
    rows = ({"a": "x", "times": 4}, {"a": "y", "who": "p"}, {"a": "z", "who": "p"}, {"a": "z", "who": "q"})
    assert by_a(*rows) == ("closed", {(H,): (7, 6)})


def test_a_pool_of_fewer_than_k_people_leaves_the_total_only():
    assert by_a({"a": "x", "times": 5}, {"a": "y", "times": 2}) == ("closed", {(H,): (7, 7)})


def test_a_day_of_open_rows_has_no_pool():
    assert by_a({"a": "x", "times": 3}, {"a": "y", "times": 4}) == ("open", {("x",): (3, 3), ("y",): (4, 4)})


@pytest.mark.parametrize(("amount", "state"), [(850, "open"), (851, "withheld")])
def test_one_person_may_hold_85_percent_and_no_more(amount, state):
    rest = [{"amount": (1_000 - amount) // 2, "who": who} for who in "qr"]
    odd = {"amount": (1_000 - amount) % 2, "who": "q"}
    assert split([TOTAL], sales_of({"amount": amount, "who": "p"}, *rest, odd))["total"][0].state == state


def test_what_a_person_gave_and_took_back_counts_twice_for_his_share():
    sales = sales_of({"amount": 500, "who": "p"}, {"amount": -500, "who": "p"}, {"amount": 5, "times": 3})
    assert split([TOTAL], sales)["total"][0].state == "withheld"


def test_a_row_that_is_one_persons_for_the_most_is_pooled():
    rows = (
        {"a": "x", "amount": 1_000, "who": "p"},
        {"a": "x", "amount": 10, "times": 4},
        {"a": "y", "amount": 900, "times": 2},
        {"a": "z", "amount": 100, "times": 3},
    )
    assert by_a(*rows) == ("open", {("z",): (3, 3), (H,): (7, 7)})


def test_rows_of_nobody_are_pooled_like_small_ones():
    rows = ({"a": "x", "times": 3}, {"a": "y", "who": None, "times": 9}, {"a": "z", "times": 3, "b": "y"})
    assert by_a(*rows[:2]) == ("closed", {(H,): (12, 3)})
    assert by_a(*rows) == ("closed", {(H,): (15, 6)})


def test_a_day_of_nobody_is_its_total_and_an_empty_day_is_no_secret():
    found = split(CHAIN, sales_of({"who": None, "times": 2}), sealed=(0, 1))
    assert shown(BY_A, found["by_a"][0]) == {(H,): (2, 0)}
    assert [found[r.name][0].state for r in CHAIN] == ["open", "closed", "closed"]
    assert [(found[r.name][1].state, len(found[r.name][1].table), found[r.name][1].people) for r in CHAIN] == [
        ("open", 0, 0)
    ] * 3


def test_a_day_of_fewer_than_k_people_is_withheld():
    for found in split(CHAIN, sales_of({"times": 2})).values():
        assert (found[0].state, len(found[0].table), found[0].people) == ("withheld", 0, 2)


def test_sums_beyond_64_bits_are_exact_and_those_of_no_value_are_null():
    large, none = 10**18 - 1, {"a": "z", "amount": None, "times": 3}
    rows = ({"a": "x", "amount": large, "times": 2}, {"a": "y", "amount": -large, "times": 1}, none)
    found = split([BY_A], sales_of(*rows, {"a": "w", "amount": large, "times": 20}))["by_a"][0]
    amounts = {a["d_a"]: (a["m_amount_hi"], figure(a, Sum("amount"))) for a in found.table.to_pylist()}
    assert amounts == {"w": (20 * large // 10**9, 20 * large), "z": (None, 0), H: (large // 10**9, large)}


def test_atoms_have_the_columns_of_their_table_and_are_sorted():
    found = split(CHAIN, sales_of(*({"a": a, "b": b, "times": 4} for a in "yx" for b in "vu")))
    table = found["by_ab"][0].table
    assert table.schema == atoms_schema(BY_AB)
    names = ["day", "d_a", "d_b", "people", "m_n", "m_amount_hi", "m_amount_lo"]
    assert table.column_names == names
    assert [c.name for c in RollupLayout(rollup=BY_AB).atom_values] == names[3:]
    assert [dimensions(BY_AB, a) for a in table.to_pylist()] == [("x", "u"), ("x", "v"), ("y", "u"), ("y", "v")]


def test_who_is_behind_a_day_is_the_same_from_its_total_and_from_its_rows():
    sales = sales_of(*({"day": d, "a": a, "times": d, "amount": d} for d in (3, 1, 2) for a in "xy"), {"day": 1})
    by_day, by_row = (rolled(rollup, sales, (1, 2, 3, 4)).totals for rollup in (TOTAL, BY_A))
    assert by_day == {**by_row, 4: Pool(people=0, largest={})}
    assert by_day[1] == Pool(people=3, largest={"n": 333_334, "amount": 333_334})


# Chains.


def test_parents_have_the_most_dimensions_that_the_child_has_too():
    def rollup(name, *by):
        return Rollup(name, of=SALES, by=by, measures=(Count("n"),))

    every = [
        rollup("abc", "a", "b", "c"),
        rollup("ab", "b", "a"),
        rollup("ab2", "a", "b"),
        rollup("b", "b"),
        rollup("a", "a"),
        rollup("c", "c"),
        rollup("all"),
    ]
    found = parents(every)
    assert {name: parent and parent.name for name, parent in found.items()} == {
        "all": None,
        "a": "all",
        "b": "all",
        "c": "all",
        "ab": "a",
        "ab2": "ab",
        "abc": "ab2",
    }
    assert levels(every[0], found) == ((), ("a",), ("b", "a"), ("a", "b"), ("a", "b", "c"))
    assert levels(every[0], parents(every[:1])) == ((), ("a", "b", "c"))


def test_a_child_splits_open_rows_of_its_parent_one_by_one():
    found = split(
        CHAIN,
        sales_of(
            {"a": "x", "b": "u", "times": 4},
            {"a": "x", "b": "v", "times": 2},
            {"a": "x", "b": "w", "times": 1},
            {"a": "y", "b": "u", "times": 6},
            {"a": "y", "b": "v", "times": 2},
            {"a": "z", "b": "u", "times": 3},
            {"a": "q", "b": "u", "times": 2},
            {"a": "r", "b": "u", "times": 2},
        ),
    )
    assert shown(BY_A, found["by_a"][0]) == {("x",): (7, 7), ("y",): (8, 8), ("z",): (3, 3), (H,): (4, 4)}
    assert shown(BY_AB, found["by_ab"][0]) == {
        ("x", "u"): (4, 4),
        ("x", H): (3, 3),
        ("y", H): (8, 8),
        ("z", "u"): (3, 3),
        (H, H): (4, 4),
    }


def test_what_the_parent_pooled_is_never_split_whatever_could_stand_in_the_child():
    sales = sales_of(
        {"a": "x", "b": "u", "amount": 1_000, "who": "p"},
        {"a": "x", "b": "v", "times": 4},
        {"a": "y", "b": "u", "times": 3},
        {"a": "z", "b": "u", "amount": 600, "times": 2},
    )
    found = split([BY_A, BY_AB], sales)
    assert shown(BY_A, found["by_a"][0]) == {("y",): (3, 3), (H,): (7, 7)}
    assert shown(BY_AB, found["by_ab"][0]) == {("y", "u"): (3, 3), (H, H): (7, 7)}
    assert shown(BY_AB, split([BY_AB], sales)["by_ab"][0])["x", "v"] == (4, 4)


def test_a_total_that_only_the_child_finds_dominated_joins_the_pool_one_level_up():
    plain = Rollup("plain", of=SALES, by=("a",), measures=(Count("n"),))
    rows = (
        {"a": "x", "b": "u", "amount": 1_000, "who": "p"},
        {"a": "x", "b": "u", "times": 3},
        {"a": "y", "b": "u", "times": 3, "amount": 900},
        {"a": "z", "b": "u", "times": 3},
        {"a": "q", "b": "u", "times": 3, "amount": 300},
    )
    found = split([plain, BY_AB], sales_of(*rows))
    assert shown(plain, found["plain"][0]) == {(a,): (n, n) for a, n in (("x", 4), ("y", 3), ("z", 3), ("q", 3))}
    assert found["by_ab"][0].state == "closed"
    rows += ({"a": "r", "amount": 800, "times": 2}, {"a": "s", "amount": 800})
    found = split([plain, BY_AB], sales_of(*rows))
    assert shown(BY_AB, found["by_ab"][0]) == {(a, "u"): (3, 3) for a in "yzq"} | {(H, H): (7, 7)}


def test_a_parent_that_is_withheld_leaves_the_child_its_total():
    plain = Rollup("plain", of=SALES, by=("a", "b"), measures=(Count("n"),))
    sales = sales_of({"a": "x", "amount": 1_000, "who": "p"}, {"a": "x", "times": 3}, {"a": "y", "times": 3})
    found = split([BY_A, plain], sales)
    assert found["by_a"][0].state == "withheld"
    assert (found["plain"][0].state, shown(plain, found["plain"][0])) == ("closed", {(H, H): (7, 7)})


# Days that join each other.


def total(people, largest=0):
    return Pool(people=people, largest={"n": largest})


def test_a_small_day_joins_the_next_day_of_its_month_that_is_shown():
    # The month ends with day 30, the next one with day 58.
    sealed = {30: total(2), 29: total(1), 31: total(9), 28: total(5), 27: total(6)}
    found = plan(sealed, {2: (total(1), K), 40: (total(1), K), 60: (total(2), K)}, K)
    assert found.joined == {30: 28, 29: 28, 2: 28, 40: 31}
    assert found.withheld == (60,)


def test_a_day_that_is_one_persons_for_the_most_joins_none_and_takes_none_in():
    found = plan({1: total(2, 850_001), 2: total(2, 850_000), 3: total(9, 850_001), 4: total(9)}, {}, K)
    assert found.joined == {2: 4}
    assert found.withheld == (1, 3)


def test_days_of_nobody_neither_wait_nor_take_in():
    assert plan({1: total(2), 2: total(0)}, {}, K) == plan({1: total(2)}, {}, K)


def test_a_day_sealed_again_before_it_was_shown_counts_as_it_is_now():
    assert plan({1: total(2)}, {1: (total(1), K)}, K).withheld == (1,)
    assert plan({1: total(4)}, {1: (total(1), K)}, K).withheld == ()


def test_a_day_that_waits_under_a_larger_k_joins_no_day_of_fewer_people_than_that():
    waiting = {1: (total(4), 5), 2: (total(1), 2)}
    assert plan({3: total(3)}, waiting, 2).joined == {2: 3}
    assert plan({3: total(3), 4: total(5)}, waiting, 2).joined == {1: 4, 2: 3}
    assert plan({3: total(3)}, waiting, 4).joined == {}


def test_rollups_of_a_stream_join_days_together_or_not_at_all():
    assert over_rollups([total(4, 5), Pool(people=4, largest={"n": 1, "m": 9})]) == Pool(people=4, largest={"": 9})
    assert over_rollups([]) == Pool(people=0, largest={"": 0})


def test_joining_days_go_into_the_pool_and_leave_open_rows_alone():
    sales = sales_of({"a": "x", "times": 4}, {"a": "y", "times": 2}, {"a": "z", "times": 2}, {"day": 1, "times": 2})
    book = Book([BY_A], K)
    book.seal(sales, [1, 0])
    found = book.published["by_a"]
    assert (found[1].state, found[1].at, len(found[1].atoms)) == ("joined", 0, 0)
    assert shown(BY_A, guard.Atoms(table=found[0].atoms, state="open", people=8)) == {("x",): (4, 4), (H,): (6, 4)}


def test_joining_a_day_without_a_pool_leaves_the_total_of_all():
    book = Book([TOTAL, BY_A], K)
    book.seal(sales_of({"a": "x", "times": 4}, {"a": "y", "times": 5}, {"day": 1, "times": 2}), [1, 0])
    assert book.published["by_a"][0].state == "closed"
    assert book.published["by_a"][0].atoms.to_pylist() == [
        {"day": 0, "d_a": H, "people": 9, "m_n": 11, "m_amount_hi": 0, "m_amount_lo": 11}
    ]
    assert book.published["total"][0].state == "open"


# Sealing again.


def again(before, added, rollup=BY_A, people=None):
    """The state and atoms of a day after more sales, or None where the old stay."""
    chain = levels(rollup, parents([rollup]))
    old = split([rollup], before)[rollup.name][0]
    new = rolled(rollup, [*before, *added], [0])
    found = replace(new, chain, K, {0: Shown(atoms=old.table, people=people or [old.people])})[0]
    return found and (found.state, shown(rollup, found))


def more(before, *rows):
    return [type(s)(**{**vars(s), "number": s.number + len(before), "who": f"new {s.who}"}) for s in sales_of(*rows)]


BEFORE = sales_of({"a": "x", "times": 4}, {"a": "y", "times": 2}, {"a": "z", "times": 2})


def test_a_day_stays_as_shown_until_k_more_people_come():
    assert again(BEFORE, more(BEFORE, {"a": "x", "times": 2})) is None
    assert again(BEFORE, more(BEFORE, {"a": "x", "times": 3})) == ("open", {("x",): (7, 7), (H,): (4, 4)})


def test_a_mended_day_with_the_same_people_is_shown():
    known = [type(s)(**{**vars(s), "number": s.number + 100}) for s in BEFORE[:1]]
    assert again(BEFORE, known) == ("open", {("x",): (5, 4), (H,): (4, 4)})


def test_a_day_of_which_one_atom_got_fewer_than_k_more_shows_its_total_from_then_on():
    assert again(BEFORE, more(BEFORE, {"a": "x", "times": 2}, {"a": "y"})) == ("closed", {(H,): (11, 11)})


def test_a_day_of_which_one_atom_lost_people_shows_its_total_from_then_on():
    before = sales_of({"a": "x", "times": 8}, {"a": "y", "times": 2}, {"a": "z", "times": 2})
    old = split([BY_A], before)["by_a"][0]
    rest = [*before[4:], *more(before, {"a": "y", "times": 9})]
    found = replace(rolled(BY_A, rest, [0]), ((), ("a",)), K, {0: Shown(atoms=old.table, people=[old.people])})[0]
    assert found is not None
    assert (found.state, shown(BY_A, found)) == ("closed", {(H,): (17, 17)})


def test_a_row_that_was_pooled_stays_pooled():
    found = again(BEFORE, more(BEFORE, {"a": "y", "times": 9}))
    assert found == ("open", {("x",): (4, 4), (H,): (13, 13)})


def test_a_value_that_no_atom_held_leaves_the_total_only():
    before = sales_of({"a": "x", "times": 4}, {"a": "y", "times": 4})
    assert again(before, more(before, {"a": "new", "times": 9})) == ("closed", {(H,): (17, 17)})


def test_the_people_of_every_earlier_seal_count():
    assert again(BEFORE, more(BEFORE, {"a": "x", "times": 3}), people=[8, 10]) is None
    assert again(BEFORE, more(BEFORE, {"a": "x", "times": 5}), people=[8, 10]) is not None


def test_a_day_whose_new_total_may_not_stand_stays():
    rich = more(BEFORE, {"a": "x", "amount": 10_000}, {"a": "x", "times": 5})
    assert again(BEFORE, rich[1:]) is not None
    assert again(BEFORE, rich) is None
    assert again(BEFORE, [], people=[1]) is not None


def test_a_rollup_that_showed_nothing_of_a_day_that_others_showed_gets_its_total():
    new = rolled(BY_A, BEFORE, [0])
    found = replace(new, levels(BY_A, parents([BY_A])), K, {0: Shown(atoms=None, people=[8])})[0]
    assert found is not None
    assert (found.state, shown(BY_A, found)) == ("closed", {(H,): (8, 8)})
    assert replace(new, levels(BY_A, parents([BY_A])), K, {0: Shown(atoms=None, people=[7])}) == {0: None}


def test_numbers_of_people_follow_each_other_by_none_or_by_k():
    assert [may_replace([10], people, K) for people in (7, 8, 9, 10, 11, 12, 13)] == [1, 0, 0, 1, 0, 0, 1]
    assert may_replace([], 1, K)


def test_corrections_are_shown_in_steps_of_k_people():
    assert [may_show_corrections([], people, K) for people in (0, 2, 3)] == [False, False, True]
    assert [may_show_corrections([3, 6], people, K) for people in (6, 8, 9)] == [False, False, True]


def test_all_rows_together_are_one_atom():
    rows = rolled(BY_A, BEFORE, [0]).rows
    assert whole(BY_A, rows, day=7, people=8).to_pylist() == [
        {"day": 7, "d_a": H, "people": 8, "m_n": 8, "m_amount_hi": 0, "m_amount_lo": 8}
    ]
    assert whole(BY_A, rows.slice(0, 0), day=7, people=0).to_pylist() == []


# Reading.


def test_a_guarded_caller_gets_counts_and_sums_and_the_rest_of_whole_days():
    additive = [Count("n"), Sum("amount")]
    at_grains = [Uniques("users", of="who"), Distinct("keys", of="id"), Quantiles("amount")]
    assert {allowed(m, dims) for m in additive for dims in ((), ("a",))} == {None}
    assert {allowed(m, ()) for m in at_grains} == {None}
    assert {allowed(m, ("a",)) for m in at_grains} == {Refusal.GUARDED_MEASURE}
    extremes = (Min("amount"), Max("amount"))
    assert {allowed(m, dims) for m in extremes for dims in ((), ("a",))} == {Refusal.GUARDED_MEASURE}


class Published:
    def __init__(self, day, state, at=None):
        self.day, self.state, self.at = day, state, day if at is None else at


def test_days_that_joined_are_read_only_together():
    published = [
        Published(1, "withheld"),
        Published(2, "joined", 4),
        Published(3, "open"),
        Published(4, "closed"),
        Published(5, "joined", 4),
    ]

    def read(first, last):
        found = visible(published, first, last)
        return found.days, found.withheld

    assert read(1, 5) == ((3, 4), (1,))
    assert read(2, 5) == ((3, 4), ())
    assert read(3, 5) == ((3,), (4, 5))
    assert read(1, 4) == ((3,), (1, 2, 4))
    assert read(4, 4) == ((), (4,))
    assert read(6, 9) == ((), ())


def test_a_day_that_joined_a_withheld_one_is_withheld():
    found = visible([Published(1, "joined", 2), Published(2, "withheld")], 1, 2)
    assert (found.days, found.withheld) == ((), (1, 2))
    assert visible([Published(1, "joined", 2)], 1, 2).withheld == (1,)


def test_a_range_reads_the_publications_of_its_whole_months():
    def day(text):
        return day_number(date.fromisoformat(text))

    assert whole_months(day("2024-02-10"), day("2024-02-11")) == (day("2024-02-01"), day("2024-02-29"))
    assert whole_months(day("2023-12-31"), day("2024-01-01")) == (day("2023-12-01"), day("2024-01-31"))


def test_an_unsealed_day_counts_up_to_the_last_full_k_of_people():
    def cut(*subjects):
        return steps(pa.table({"subject": pa.array(subjects, pa.string())}), K)

    assert cut() == 0
    assert cut("p", "q", None, "q") == 0
    assert cut("p", None, "p", "q", "r", "p", None) == 5
    assert cut("p", "q", "r", "s", "t", "u", "u") == 6
    assert cut(None, None) == 0


def test_how_the_subjects_are_held_in_memory_changes_no_step():
    texts = ["b", None, "a", "b", "c", "a", "d"]
    plain = pa.chunked_array([texts[:2], [], texts[2:]], pa.string())
    coded = pa.chunked_array([pa.array(texts[:3]).dictionary_encode(), pa.array(texts[3:]).dictionary_encode()])
    assert steps(pa.table({"subject": plain}), K) == steps(pa.table({"subject": coded}), K) == 5


def test_the_real_records_of_a_stream_can_be_counted():
    assert steps(records_of(sales_of({"times": 4})), K) == 3
