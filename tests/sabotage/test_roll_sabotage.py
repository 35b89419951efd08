"""Sabotage: a roll-up that is computed wrongly never passes for right, whatever is wrong and with whichever measure."""

from collections.abc import Callable
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
import pytest
import sqlglot
from sqlglot import exp
from tests.rolls import computed, folded, run, table_of

from keepsum import Choice, Count, Distinct, Integer, Max, Min, Quantiles, Rollup, Stream, Sum, Text, Uniques, years
from keepsum import days as days_of
from keepsum.engine.codes import encode
from keepsum.engine.compile import roll
from keepsum.engine.compile.decode import decode
from keepsum.engine.compile.statement import Statement
from keepsum.engine.rolled import Rolled
from keepsum.engine.verify import compare
from keepsum.model.errors import ProofFailed
from keepsum.model.rollup import Measure

HOUR = 3_600_000_000
FIRST = 20_000
VISITS = Stream(
    "visits", time="at", key="id", subject="who", keep=days_of(30),
    fields=(Text("place", most=3), Choice("kind", ("in", "out")), Integer("amount")),
)  # fmt: skip
ONLY_IN = (("kind", ("in",)),)
# Places come unevenly often, and three are kept.
PLACES, KINDS = [*"abbcccdddde", None], ["in", "in", "out", None]
MEASURES: dict[str, Measure] = {
    "count": Count("count", where=ONLY_IN),
    "sum": Sum("sum", of="amount", where=ONLY_IN),
    "min": Min("min", of="amount", where=ONLY_IN),
    "max": Max("max", of="amount", where=ONLY_IN),
    "distinct": Distinct("distinct", of="id", where=ONLY_IN),
    "uniques": Uniques("uniques", of="who", where=ONLY_IN),
    "quantiles": Quantiles("quantiles", of="amount", where=ONLY_IN),
}
EVERY = tuple(MEASURES)
ADDING = ("count", "sum", "quantiles")

Tree = exp.Expr
Answer = pa.Table


def records(hours_late: int = 0) -> pa.Table:
    """Visits of three days, the places unevenly, some unknown; perhaps with days that begin some hours late."""
    chance = np.random.default_rng(11)
    rows: list[dict[str, Any]] = []
    for i in range(400):
        at = (FIRST * 24 + int(chance.integers(72))) * HOUR
        rows.append({
            "day": (at - hours_late * HOUR) // (24 * HOUR),
            "at": at,
            "id": f"v{i % 300}",
            "who": f"w{chance.integers(90)}" if chance.random() < 0.9 else None,
            "place": PLACES[chance.integers(len(PLACES))],
            "kind": KINDS[chance.integers(len(KINDS))],
            "amount": int(chance.integers(-(10**18) + 1, 10**18)),
        })  # fmt: skip
    return table_of(VISITS, rows, bucketed=["amount"])


RECORDS = records()


def rollup_of(kind: str) -> Rollup:
    return Rollup("visits_daily", of=VISITS, by=("place",), measures=(MEASURES[kind],), keep=years(1))


def untouched(same: Any) -> Any:
    return same


def broken(rollup: Rollup, *, tree: Callable[[Tree], Tree] = untouched, answer: Callable[[Answer], Answer] = untouched):
    """What a statement gives whose tree was tampered with, or the answer to it."""
    coded = encode(RECORDS, [rollup])

    def answered(statement: Statement) -> pa.Table:
        parsed = tree(sqlglot.parse_one(statement.sql, dialect="duckdb"))
        return answer(run(Statement(parsed.sql("duckdb"), statement.parameters), coded.table))

    parts = roll.parts(rollup, coded.codes)
    return decode(rollup, coded.codes, answered(roll.rows(rollup, coded.codes)), answered(parts) if parts else None)


def everywhere(kind: type[exp.Expr], change: Callable[[Any], exp.Expr]) -> Callable[[Tree], Tree]:
    """A change of every node of a kind."""
    return lambda tree: tree.transform(lambda node: change(node) if type(node) is kind else node)


def always(case: exp.Case) -> exp.Expr:
    """A case whose condition no longer counts; it stays, so that its parameters are still read."""
    case.args["ifs"][0].set("this", exp.or_(case.args["ifs"][0].this, exp.true()))
    return case


def without_filter(case: exp.Case) -> exp.Expr:
    return always(case) if case.args["ifs"][0].this.find(exp.In) else case


def without_somebody(case: exp.Case) -> exp.Expr:
    return always(case) if case.args["ifs"][0].this.sql() == 'NOT "subject" IS NULL' else case


def of_records(change: Callable[[exp.Select], exp.Select]) -> Callable[[Tree], Tree]:
    """A change of every select that reads the records, but for the one that ranks the values of a dimension."""

    def tampered(tree: Tree) -> Tree:
        for select in list(tree.find_all(exp.Select)):
            source = select.args["from_"].this
            if source.name == "records" and not select.find(exp.Window):
                change(select)
        return tree

    return tampered


def read_twice(select: exp.Select) -> exp.Select:
    twice = exp.union(exp.select("1"), exp.select("2"), distinct=False).subquery("twice")
    return select.join(twice, join_type="cross", copy=False)


def without_null(select: exp.Select) -> exp.Select:
    return select.where("NOT records.d_place IS NULL", copy=False)


def at_least(place: exp.GT) -> exp.Expr:
    return exp.GTE(this=place.this, expression=place.expression) if place.this.name == "place" else place


def one_more(place: exp.GT) -> exp.Expr:
    return exp.GT(this=place.this, expression=place.expression + 1) if place.this.name == "place" else place


def through_a_float(total: exp.Sum) -> exp.Expr:
    return exp.cast(exp.Sum(this=exp.cast(total.this, "double")), "hugeint")


def opposite(node: exp.Expr) -> exp.Expr:
    return {exp.Min: exp.Max, exp.Max: exp.Min}[type(node)](this=node.this) if "subject" not in node.sql() else node


def counted_twice(count: exp.Count) -> exp.Expr:
    return exp.Count(this=count.this.expressions[0]) if isinstance(count.this, exp.Distinct) else count


def first_spot(answer: Answer) -> int:
    return pc.index(answer["spot"].is_valid(), True).as_py()


def lost(answer: Answer) -> Answer:
    """Without one register or bucket."""
    if "spot" not in answer.column_names:
        return answer
    return pa.concat_tables([answer.slice(0, first_spot(answer)), answer.slice(first_spot(answer) + 1)])


def doubled(answer: Answer) -> Answer:
    """With one register, bucket or count of different values once more."""
    return pa.concat_tables([answer, answer.slice(len(answer) - 1)]) if "spot" in answer.column_names else answer


def off_by_one(answer: Answer) -> Answer:
    """One register, bucket or count of different values one too high."""
    if "spot" not in answer.column_names:
        return answer
    amounts = answer["amount"].to_numpy().copy()
    amounts[-1] += 1
    return answer.set_column(answer.column_names.index("amount"), "amount", pa.array(amounts))


def turned(tree: Tree) -> Tree:
    return tree.transform(lambda node: opposite(node) if type(node) in {exp.Min, exp.Max} else node)


TREES: dict[str, tuple[tuple[str, ...], Callable[[Tree], Tree]]] = {
    "the filter is missing": (EVERY, everywhere(exp.Case, without_filter)),
    "a join doubles the records": (ADDING, of_records(read_twice)),
    "records without the dimension are dropped": (EVERY, of_records(without_null)),
    "one value too few is kept": (EVERY, everywhere(exp.GT, at_least)),
    "one value too many is kept": (EVERY, everywhere(exp.GT, one_more)),
    "sums go through a float": (("sum",), everywhere(exp.Sum, through_a_float)),
    "the smallest is taken for the largest": (("min", "max"), turned),
    "the same value counts again": (("distinct",), everywhere(exp.Count, counted_twice)),
}
ANSWERS: dict[str, tuple[tuple[str, ...], Callable[[Answer], Answer]]] = {
    "one is lost": (("uniques", "quantiles"), lost),
    "one comes twice": (("distinct", "uniques", "quantiles"), doubled),
    "one is off by one": (("distinct", "uniques", "quantiles"), off_by_one),
}


def cases(sabotages: dict[str, tuple[tuple[str, ...], Any]]) -> list[tuple[str, str]]:
    return [(name, kind) for name, (kinds, _) in sabotages.items() for kind in kinds]


def assert_refused(kind: str, wrong: Rolled):
    rollup = rollup_of(kind)
    with pytest.raises(ProofFailed) as refused:
        compare(rollup, wrong, folded(rollup, RECORDS))
    assert refused.value.code == "ROLLUP_DIFFERS"
    assert f"measure '{kind}'" in refused.value.message


@pytest.mark.parametrize("kind", EVERY)
def test_what_nobody_touched_passes(kind):
    compare(rollup_of(kind), broken(rollup_of(kind)), folded(rollup_of(kind), RECORDS))


@pytest.mark.parametrize(("sabotage", "kind"), cases(TREES))
def test_a_wrong_statement_is_refused_and_its_measure_named(sabotage, kind):
    assert_refused(kind, broken(rollup_of(kind), tree=TREES[sabotage][1]))


@pytest.mark.parametrize(("sabotage", "kind"), cases(ANSWERS))
def test_a_wrong_register_bucket_or_distinct_count_is_refused_and_its_measure_named(sabotage, kind):
    assert_refused(kind, broken(rollup_of(kind), answer=ANSWERS[sabotage][1]))


@pytest.mark.parametrize("kind", EVERY)
def test_days_cut_an_hour_off_are_refused_and_the_measure_named(kind):
    assert_refused(kind, computed(rollup_of(kind), records(hours_late=1)))


@pytest.mark.parametrize("kind", EVERY)
def test_a_lost_batch_is_refused_and_the_measure_named(kind):
    assert_refused(kind, computed(rollup_of(kind), pa.concat_tables([RECORDS.slice(0, 100), RECORDS.slice(200)])))


@pytest.mark.parametrize("kind", ADDING)
def test_a_batch_read_twice_is_refused_and_the_measure_named(kind):
    assert_refused(kind, computed(rollup_of(kind), pa.concat_tables([RECORDS, RECORDS.slice(0, 50)])))


@pytest.mark.parametrize(
    ("change", "what"),
    [
        (everywhere(exp.Count, lambda c: exp.Count(this=exp.Star()) if c.this.name == "subject" else c), "people"),
        (everywhere(exp.Case, without_somebody), "the largest share of measure 'sum'"),
    ],
    ids=["people", "largest"],
)
def test_nobody_taken_for_somebody_is_refused(change, what):
    rollup = rollup_of("sum")
    with pytest.raises(ProofFailed, match=what):
        compare(rollup, broken(rollup, tree=change), folded(rollup, RECORDS))
