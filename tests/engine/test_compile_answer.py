"""The statements that answer questions."""

import sqlite3

import pytest

from keepsum.engine.compile import parts as compiled_parts
from keepsum.engine.compile.answer import Shape, booked, spans, stretch
from keepsum.engine.compile.parts import PartShape
from keepsum.model.rollup import ALL

# (day, a, b, booked, count): the third is a correction of the first.
ROWS = [(1, "x", "p", 1, 5), (1, "x", "q", 1, 3), (1, "x", "p", 4, 10), (2, "y", "p", 2, 7), (4, "x", "p", 4, 1)]
PARTS = [
    ("u", "a", "x", ALL, 1, 1, b"1"),
    ("u", "a", "x", ALL, 1, 4, b"2"),
    ("u", "", ALL, ALL, 1, 1, b"3"),
    ("v", "a", "x", ALL, 1, 1, b"4"),
    ("u", "a", "y", ALL, 2, 2, b"5"),
    ("u", "a,b", "x", "p", 2, 2, b"6"),
    ("u", "a,b", "x", "p", 1, 1, b"7"),
    ("u", "a,b", "x", "q", 2, 2, b"8"),
    ("u", "a,b", "y", "p", 3, 3, b"9"),
]


@pytest.fixture(scope="module")
def run():
    connection = sqlite3.connect(":memory:")
    connection.execute("CREATE TABLE t (day, d_a, d_b, booked, m_n)")
    connection.executemany("INSERT INTO t VALUES (?, ?, ?, ?, ?)", ROWS)
    connection.execute("CREATE TABLE t_parts (measure, at, d_a, d_b, day, booked, data)")
    connection.executemany("INSERT INTO t_parts VALUES (?, ?, ?, ?, ?, ?, ?)", PARTS)
    yield lambda statement: sorted(connection.execute(statement.sql, statement.parameters))
    connection.close()


def shape(**more):
    usual = {"table": "t", "by": ("a",), "filtered": (), "values": (("m_n", "sum"),), "chosen": "stretch"}
    return Shape(**{**usual, "grouped": True, **more})


def parts(**more):
    usual = {"table": "t_parts", "grain": ("a",), "outside": ("b",), "by": ("a",), "filtered": (), "value": "data"}
    return PartShape(**{**usual, **more})


def test_the_text_of_a_statement_is_this():
    found = stretch(shape(filtered=("b",)), 1, 2, [{"q", "p"}])
    assert found.sql == (
        'SELECT "r"."day", "r"."d_a", SUM("r"."m_n") FROM "t" AS r WHERE "r"."day" BETWEEN ? AND ? AND '
        '"r"."d_b" IN (SELECT "value" FROM JSON_EACH(?)) GROUP BY "r"."day", "r"."d_a" LIMIT 1000001'
    )
    assert found.parameters == (1, 2, '["p", "q"]')


def test_equal_shapes_have_one_text_whatever_is_asked():
    assert stretch(shape(), 1, 2, []).sql is stretch(shape(), 3, 4, []).sql


def test_days_of_a_stretch_are_merged_day_by_day(run):
    assert run(stretch(shape(), 1, 2, [])) == [(1, "x", 18), (2, "y", 7)]


def test_rows_that_are_not_grouped_come_as_they_stand(run):
    assert run(stretch(shape(grouped=False), 1, 1, [])) == [(1, "x", 3), (1, "x", 5), (1, "x", 10)]


def test_own_rows_leave_out_what_was_corrected_later(run):
    assert run(stretch(shape(own=True), 1, 2, [])) == [(1, "x", 8), (2, "y", 7)]


def test_spans_give_their_own_number(run):
    found = spans(shape(chosen="spans"), [(1, 1, 7), (2, 4, 8)], [])
    assert run(found) == [(7, "x", 18), (8, "x", 1), (8, "y", 7)]


def test_spans_of_one_number_are_one(run):
    assert run(spans(shape(chosen="spans", by=()), [(1, 1, 0), (4, 4, 0)], [])) == [(0, 19)]


def test_corrections_come_by_the_day_they_were_booked_on(run):
    assert run(booked(shape(chosen="booked", grouped=False), [(1, 4), (2, 4)], [])) == [(4, "x", 10)]


def test_a_filter_lets_its_texts_through_and_an_empty_one_nothing(run):
    assert run(stretch(shape(filtered=("b",)), 1, 4, [{"q"}])) == [(1, "x", 3)]
    assert run(stretch(shape(filtered=("b",)), 1, 4, [set()])) == []


def test_a_text_is_a_value_whatever_it_says(run):
    assert run(stretch(shape(filtered=("b",)), 1, 4, [{"' OR 1=1 --", '"]', "é\u0000"}])) == []


def test_the_smallest_and_the_largest_merge_as_such(run):
    assert run(stretch(shape(values=(("m_n", "min"), ("m_n", "max"))), 1, 1, [])) == [(1, "x", 3, 10)]


def test_parts_are_of_one_measure_at_one_grain(run):
    found = compiled_parts.stretch(parts(), "u", "a", 1, 2, [])
    assert run(found) == [(1, "x", b"1"), (1, "x", b"2"), (2, "y", b"5")]
    total = parts(by=(), grain=(), outside=("a", "b"))
    assert run(compiled_parts.stretch(total, "u", "", 1, 2, [])) == [(1, b"3")]


def test_parts_of_a_finer_grain_are_found_group_by_group(run):
    fine = parts(grain=("a", "b"), outside=(), by=("b", "a"))
    assert run(compiled_parts.stretch(fine, "u", "a,b", 2, 9, [])) == [
        (2, "p", "x", b"6"),
        (2, "q", "x", b"8"),
        (3, "p", "y", b"9"),
    ]
    assert run(compiled_parts.stretch(fine, "nothing", "a,b", 2, 9, [])) == []


def test_parts_are_filtered_and_may_leave_out_what_was_corrected(run):
    shape = parts(own=True, filtered=("a",))
    assert run(compiled_parts.stretch(shape, "u", "a", 1, 2, [{"x"}])) == [(1, "x", b"1")]


def test_parts_of_corrections_come_by_the_day_they_were_booked_on(run):
    assert run(compiled_parts.booked(parts(chosen="booked"), "u", "a", [(1, 4)], [])) == [(4, "x", b"2")]


def test_the_text_of_a_statement_over_parts_is_this():
    found = compiled_parts.stretch(parts(filtered=("a",)), "u", "a", 1, 2, [{"x"}])
    assert found.parameters == ("u", "a", 1, 2, '["x"]', ALL)
    assert found.sql == (
        'WITH RECURSIVE "groups_1" AS (SELECT (SELECT MIN("part"."d_a") FROM "t_parts" AS part WHERE '
        '"part"."measure" = ?1 AND "part"."at" = ?2 AND "part"."d_b" = ?6) AS "d_a" UNION ALL SELECT (SELECT '
        'MIN("part"."d_a") FROM "t_parts" AS part WHERE ("part"."measure" = ?1 AND "part"."at" = ?2 AND '
        '"part"."d_b" = ?6) AND "part"."d_a" > "found"."d_a") AS "d_a" FROM "groups_1" AS found WHERE NOT '
        '"found"."d_a" IS NULL) SELECT "part"."day", "part"."d_a", "part"."data" FROM "groups_1" AS found CROSS '
        'JOIN "t_parts" AS part WHERE ("part"."day" BETWEEN ?3 AND ?4 AND "part"."measure" = ?1 AND "part"."at" = '
        '?2 AND "part"."d_b" = ?6 AND "part"."d_a" = "found"."d_a") AND "part"."d_a" IN (SELECT "value" FROM '
        "JSON_EACH(?5)) LIMIT 100001"
    )
