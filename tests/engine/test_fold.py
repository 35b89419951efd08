"""The plain fold: what it makes of records, and the pools that the guard asks for."""

import ast
from pathlib import Path

import numpy as np
import pytest
from tests.rolls import folded, table_of
from tests.sales import DAILY, FIRST, ORDERS, PARTS, ROWS, SECOND, TABLE

import keepsum.engine
from keepsum import Count, Integer, Level, Rollup, Stream, Sum, Text, days, years
from keepsum.engine.codes import encode
from keepsum.engine.fold import Pool, fold, pools
from keepsum.engine.folding import Folding, cells, sums, tallied

LIMIT = 10**18 - 1
PAID = Stream("payments", time="at", key="id", subject="who", keep=days(30), fields=(Integer("amount"), Text("shop")))
TOTAL = Rollup("payments_daily", of=PAID, measures=(Count("payments"), Sum("amount")), keep=years(10))


def paid(*amounts):
    return table_of(PAID, [{"day": FIRST, "who": who, "amount": amount} for who, amount in amounts])


def row_of(rollup, table):
    (row,) = folded(rollup, table).rows.to_pylist()
    return row


def test_two_days_of_orders_fold_to_what_was_reckoned_by_hand():
    assert [tuple(row.values()) for row in folded(DAILY, TABLE).rows.to_pylist()] == ROWS


def test_the_parts_of_two_days_hold_what_was_reckoned_by_hand():
    assert [tuple(part.values()) for part in folded(DAILY, TABLE).parts.to_pylist()] == PARTS


def test_the_fold_knows_neither_the_compiler_nor_sql():
    folder = Path(next(iter(keepsum.engine.__path__)))
    for name in ("fold.py", "fold_together.py", "folding.py", "rolled.py", "codes.py"):
        nodes = list(ast.walk(ast.parse((folder / name).read_text(encoding="utf-8"))))
        imported = [node.module or "" for node in nodes if isinstance(node, ast.ImportFrom)]
        imported += [alias.name for node in nodes if isinstance(node, ast.Import) for alias in node.names]
        assert [module for module in imported if "compile" in module or "sql" in module or "duckdb" in module] == []


def test_no_records_fold_to_no_rows_and_no_parts():
    nothing = folded(DAILY, TABLE.slice(0, 0))
    assert (nothing.rows.num_rows, nothing.parts.num_rows) == (0, 0)
    assert nothing.parts.schema == folded(DAILY, TABLE).parts.schema


def test_the_largest_share_is_rounded_up_so_that_nobody_seems_smaller():
    assert row_of(TOTAL, paid(("Ann", 1), ("Bo", 1), ("Cy", 1)))["largest_amount"] == 333_334


def test_refunds_do_not_hide_who_moved_most():
    row = row_of(TOTAL, paid(("Ann", 90), ("Ann", -90), ("Bo", 20)))
    assert (row["largest_amount"], row["m_amount_lo"]) == (900_000, 20)


def test_nobody_is_not_the_largest_but_counts_in_the_whole():
    row = row_of(TOTAL, paid((None, 75), ("Ann", 25)))
    assert (row["people"], row["largest_amount"], row["largest_payments"]) == (1, 250_000, 500_000)


def test_the_largest_share_is_exact_where_sums_leave_64_bits():
    amounts = [("Ann", LIMIT)] * 30 + [("Bo", LIMIT)] * 29 + [("Bo", LIMIT - 1)]
    assert row_of(TOTAL, paid(*amounts))["largest_amount"] == 500_001


def test_of_two_sums_with_the_same_upper_limb_the_lower_one_decides():
    row = row_of(TOTAL, paid(("Ann", 10**9 + 1), ("Bo", 10**9 + 999_999_999), ("Cy", 999_999_998)))
    assert row["largest_amount"] == -(-(2 * 10**9 - 1) * 10**6 // (4 * 10**9 - 2))
    row = row_of(TOTAL, paid(("Ann", 3 * 10**9), ("Bo", 10**9 + 999_999_999)))
    assert row["largest_amount"] == -(-3 * 10**15 // (5 * 10**9 - 1))


def test_a_stock_is_refused_rather_than_left_out():
    stock = Rollup("stock_daily", of=PAID, measures=(Level("amount"),), keep=years(1))
    with pytest.raises(TypeError):
        folded(stock, paid(("Ann", 1)))


def test_a_pool_counts_a_person_once_however_many_of_its_groups_know_her():
    folding = Folding(encode(TABLE, [DAILY]), ORDERS)
    pool_of = np.array([{FIRST: 7, SECOND: 4}[row[0]] if row[1] in {"DE", "FR"} else -1 for row in ROWS])
    assert pools(folding, DAILY, pool_of) == {
        7: Pool(people=2, largest={"returns": 500_000, "amount": 1_000_000}),
        4: Pool(people=1, largest={"returns": 1_000_000, "amount": 1_000_000}),
    }


def test_a_day_may_have_several_pools():
    folding = Folding(encode(TABLE, [DAILY]), ORDERS)
    pool_of = np.array([{"DE": 0, "FR": 1}.get(row[1], -1) if row[0] == FIRST else -1 for row in ROWS])
    assert [pool.people for pool in pools(folding, DAILY, pool_of).values()] == [2, 1]


def test_the_pool_of_all_groups_is_the_whole_day():
    folding = Folding(encode(TABLE, [DAILY]), ORDERS)
    total = Rollup("orders_total", of=ORDERS, measures=DAILY.measures, keep=years(10))
    found = pools(folding, DAILY, np.array([row[0] for row in ROWS]))
    assert [pool.people for pool in found.values()] == fold(folding, total).rows["people"].to_pylist() == [4, 1]


def test_groups_without_a_pool_are_in_none():
    folding = Folding(encode(TABLE, [DAILY]), ORDERS)
    assert pools(folding, DAILY, np.full(len(ROWS), -1)) == {}


@pytest.mark.parametrize("beyond", [-1, 0, 1])
@pytest.mark.parametrize("sign", [1, -1])
def test_sums_are_exact_on_both_sides_of_64_bits(sign, beyond):
    values = np.array([2**62, 2**62 - 1 + beyond], np.int64) * sign
    (hi,), (lo,) = sums(values, np.zeros(2, np.int64), 1)
    assert int(hi) * 10**9 + int(lo) == sign * (2**63 - 1 + beyond)
    assert 0 <= lo < 10**9


def test_sums_are_exact_far_beyond_64_bits_whatever_their_signs():
    values = np.array([LIMIT] * 50_000 + [-LIMIT] * 20_000 + [-1], np.int64)
    hi, lo = sums(values, np.zeros(len(values), np.int64), 1)
    assert int(hi[0]) * 10**9 + int(lo[0]) == 30_000 * LIMIT - 1
    assert 0 <= lo[0] < 10**9


@pytest.mark.parametrize("spread", [1, 10**6, 10**17])
def test_cells_are_the_same_however_far_apart_their_values_lie(spread):
    groups, values = np.array([0, 2, 2, 0, 2]), np.array([-5, 3, -5, -5, 3])
    found = cells(groups, values * spread)
    assert found.of.tolist() == [0, 2, 1, 0, 2]
    assert found.group.tolist() == [0, 2, 2]
    assert (found.value // spread).tolist() == [-5, -5, 3]


@pytest.mark.parametrize("spread", [1, 10**6, 10**17])
def test_pairs_are_tallied_the_same_however_far_apart_their_values_lie(spread):
    groups, values = np.array([0, 2, 2, 0, 2]), np.array([-5, 3, -5, -5, 3]) * spread
    often, highest = tallied(groups, values), tallied(groups, values, highest=np.array([4, 1, 2, 9, 7]))
    for found in (often, highest):
        assert found.group.tolist() == [0, 2, 2]
        assert (found.value // spread).tolist() == [-5, -5, 3]
    assert often.amount.tolist() == [2, 1, 2]
    assert highest.amount.tolist() == [9, 2, 7]


def test_nothing_is_tallied_of_no_records():
    assert not len(tallied(np.empty(0, np.int64), np.empty(0, np.int16)).amount)
