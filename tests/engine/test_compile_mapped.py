"""What mapped values come to in each database: texts byte by byte, booleans as they are said, numbers that fit."""

import datetime as dt

import pytest
from tests.attaching import arrived, both, day_of, layout_of

from keepsum import (
    Amount,
    Attached,
    Boolean,
    Children,
    Choose,
    Constant,
    Count,
    Epoch,
    Has,
    Integer,
    Money,
    Rollup,
    Stream,
    Text,
    When,
    days,
    where,
    years,
)
from keepsum.engine.compile import attached
from keepsum.engine.group_values import whole
from keepsum.engine.verify import compare
from keepsum.model.errors import ProofFailed
from keepsum.store.homes.attached import AttachedDatabase

DAY = day_of(dt.date(2025, 1, 2))
INSENSITIVE = {
    "sqlite": "TEXT COLLATE NOCASE",
    "postgres": "VARCHAR(9)",
    "mysql": "VARCHAR(9) CHARACTER SET utf8mb4 COLLATE utf8mb4_general_ci",
}


def test_texts_are_told_apart_byte_by_byte_whatever_the_columns_collation(database):
    database.execute(f"CREATE TABLE visits (id INTEGER PRIMARY KEY, at BIGINT, place {INSENSITIVE[database.dialect]})")
    places = ["a", "A", "a ", "ä", "Ä", "a"]
    database.insert("visits", [(number, DAY.start // 10**6, place) for number, place in enumerate(places)])
    mapping = Attached("visits", url="u", time=Epoch("at"))
    stream = Stream("visits", time="at", key="id", keep=days(30), fields=(Text("place", most=9),), attached=mapping)
    of_a = Count("of_a", where=where(place="a"))
    rollup = Rollup("places", of=stream, by=("place",), measures=(Count("visits"), of_a), keep=years(1))
    computed, folded = both(database, rollup, DAY)
    compare(rollup, computed, folded)
    found = computed.rows.to_pydict()
    assert dict(zip(found["d_place"], found["m_visits"], strict=True)) == {"a": 2, "A": 1, "a ": 1, "ä": 1, "Ä": 1}
    assert sum(found["m_of_a"]) == 2


def test_the_rows_that_a_mapping_keeps_are_told_by_their_bytes(database):
    database.execute(f"CREATE TABLE visits (id INTEGER PRIMARY KEY, at BIGINT, place {INSENSITIVE[database.dialect]})")
    database.insert("visits", [(n, DAY.start // 10**6, place) for n, place in enumerate(["a", "A", "a ", "ä", None])])
    for kept, keys in ((where(place="a"), ["0"]), (where(place=("a ", None)), ["2", "4"])):
        mapping = Attached("visits", url="u", time=Epoch("at"), where=kept)
        stream = Stream("visits", time="at", key="id", keep=days(30), fields=(), attached=mapping)
        with AttachedDatabase(database.url).snapshot() as reading:
            records, _ = arrived(reading, stream, layout_of(stream), DAY)
        assert records["key"].to_pylist() == keys


def test_children_are_those_that_belong_to_a_row_and_that_their_filter_keeps(database):
    boolean = "INTEGER" if database.dialect == "sqlite" else "BOOLEAN"
    database.execute(
        "CREATE TABLE sales (id INTEGER PRIMARY KEY, at BIGINT)",
        f"CREATE TABLE parts (id INTEGER PRIMARY KEY, sale INTEGER, paid {boolean}, price DECIMAL(9,2))",
    )
    database.insert("sales", [(number, DAY.start // 10**6) for number in (1, 2, 3)])
    parts = [
        (1, 1, True, "1.25"),
        (2, 1, False, "4.00"),
        (3, 2, False, "9.00"),
        (4, 9, True, "7.00"),
        (5, 1, True, None),
    ]
    database.insert("parts", [(n, sale, int(paid) if boolean == "INTEGER" else paid, p) for n, sale, paid, p in parts])
    of_paid = {"on": ("id", "sale"), "where": where(paid=True)}
    columns = {
        "every": Children("parts", on=("id", "sale"), count=True),
        "paid": Children("parts", count=True, **of_paid),
        "price": Children("parts", sum=Amount("price", stored="decimal"), **of_paid),
        "kind": Choose(When(Has("parts", **of_paid), Constant("some")), otherwise=Constant("none")),
    }
    fields = (Integer("every"), Integer("paid"), Money("price", unit="EUR"), Text("kind", most=2))
    mapping = Attached("sales", url="u", time=Epoch("at"), columns=columns)
    stream = Stream("sales", time="at", key="id", keep=days(30), fields=fields, attached=mapping)
    with AttachedDatabase(database.url).snapshot() as reading:
        records, _ = arrived(reading, stream, layout_of(stream), DAY)
    found = {name: records[f"f_{name}"].to_pylist() for name in columns}
    assert found == {
        "every": [3, 1, 0], "paid": [2, 0, 0], "price": [125, None, None], "kind": ["some", "none", "none"]
    }  # fmt: skip


SAID = {
    "sqlite": {"TEXT": ["true", "false"], "INTEGER": [1, 0]},
    "postgres": {"VARCHAR(9)": ["true", "false"], "BOOLEAN": [True, False], "SMALLINT": [1, 0]},
    "mysql": {
        "VARCHAR(9)": ["true", "false"], "ENUM('false', 'true')": ["true", "false"], "TINYINT(1)": [1, 0],
        "BIT(1)": [1, 0], "DECIMAL(1)": [1, 0],
    },
}  # fmt: skip


def test_a_boolean_is_what_its_column_says_however_it_is_stored(database):
    types = SAID[database.dialect]
    columns = ", ".join(f"b{place} {type_}" for place, type_ in enumerate(types))
    database.execute(f"CREATE TABLE visits (id INTEGER PRIMARY KEY, at BIGINT, {columns})")
    database.insert(
        "visits", [(n, DAY.start // 10**6, *row) for n, row in enumerate(zip(*types.values(), strict=True))]
    )
    for place in range(len(types)):
        mapping = Attached("visits", url="u", time=Epoch("at"), columns={"seen": f"b{place}"})
        stream = Stream("visits", time="at", key="id", keep=days(30), fields=(Boolean("seen"),), attached=mapping)
        with AttachedDatabase(database.url).snapshot() as reading:
            records, _ = arrived(reading, stream, layout_of(stream), DAY)
        assert records["f_seen"].to_pylist() == [True, False]


def test_a_boolean_that_says_neither_is_no_record(database):
    text = "TEXT" if database.dialect == "sqlite" else "VARCHAR(9)"
    database.execute(f"CREATE TABLE visits (id INTEGER PRIMARY KEY, at BIGINT, seen {text})")
    database.insert("visits", [(n, DAY.start // 10**6, said) for n, said in enumerate(("yes", "TRUE", "", "2"))])
    mapping = Attached("visits", url="u", time=Epoch("at"))
    stream = Stream("visits", time="at", key="id", keep=days(30), fields=(Boolean("seen"),), attached=mapping)
    with (
        AttachedDatabase(database.url).snapshot() as reading,
        pytest.raises(ProofFailed, match="neither true nor false in 4 rows"),
    ):
        arrived(reading, stream, layout_of(stream), DAY)


@pytest.mark.parametrize(
    ("stored", "odd"), [("text", "about 3"), ("text", "0.005"), ("text", "1.5\n"), ("float", 1e30)]
)
def test_a_number_that_does_not_fit_leaves_no_sum(database, stored, odd):
    column = {"text": "VARCHAR(9)", "float": "DOUBLE PRECISION"}[stored]
    database.execute(f"CREATE TABLE sales (id INTEGER PRIMARY KEY, at BIGINT, total {column})")
    usual = "1.5" if stored == "text" else 1.5
    database.insert("sales", [(n, DAY.start // 10**6, total) for n, total in enumerate((usual, odd, odd))])
    mapping = Attached("sales", url="u", time=Epoch("at"), columns={"total": Amount("total", stored=stored)})
    fields = (Money("total", unit="EUR"),)
    stream = Stream("sales", time="at", key="id", keep=days(30), fields=fields, attached=mapping)
    with AttachedDatabase(database.url).snapshot() as reading:
        _count, total = reading.row(attached.tally(stream, database.dialect, DAY))
    with pytest.raises(ProofFailed, match="BAD_ROW"):
        whole(total)
