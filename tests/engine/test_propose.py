import ast
from typing import Any

import pytest

import keepsum
from keepsum import Amount, Column, Pack, Setting, Zoned
from keepsum.engine.lint import lint
from keepsum.engine.propose import propose
from keepsum.engine.reach import Reach
from keepsum.model.catalog import Catalog
from keepsum.model.reach import Reference, Trigger
from keepsum.model.table import Table, TableColumn

NOTHING = Reach(unproven=(), triggers=(), unsafe=(), hidden=(), holding=())
KEY = TableColumn(name="id", kind="integer", type="BIGINT", null=False)
TIME = TableColumn(name="created_at", kind="instant", type="TIMESTAMPTZ", null=False)
CHANGED = TableColumn(name="updated_at", kind="instant", type="TIMESTAMPTZ", null=False)
BUYER = TableColumn(name="user_id", kind="integer", type="BIGINT")
ORDERS = Table(
    name="orders",
    schema=None,
    columns=(
        KEY,
        BUYER,
        TIME,
        CHANGED,
        TableColumn(name="status", kind="choice", type="ENUM", null=False, options=("open", "paid")),
        TableColumn(name="gift", kind="boolean", type="BOOLEAN"),
        TableColumn(name="total", kind="decimal", type="NUMERIC(12, 3)", null=False, scale=3),
        TableColumn(name="email", kind="text", type="TEXT"),
        TableColumn(name="password_hash", kind="text", type="TEXT"),
        TableColumn(name="shop_id", kind="integer", type="BIGINT"),
        TableColumn(name="extra", kind="other", type="JSON"),
    ),
    unique=("id",),
    indexed=frozenset(("id", "created_at")),
)


def found(table=ORDERS, reach=NOTHING, dialect="postgres", **more):
    return propose(table, reach, dialect, **more)


def of(*columns, **more):
    return Table(name="orders", schema=None, columns=columns, **{"unique": ("id",), **more})


def test_a_proposal_is_python_that_names_what_each_column_is():
    text = found().text
    ast.parse(text)
    for line in (
        'time="created_at",', 'key="id",', 'subject="user_id",', 'time=Zoned("created_at"),',
        'changed=Zoned("updated_at"),', 'Choice("status", ("open", "paid"), required=True),', 'Boolean("gift"),',
        'Decimal("total", scale=3, required=True),', '"total": Amount("total", stored="decimal"),',
        'Text("email", sensitivity=PERSONAL),', "# password_hash is left out", "# shop_id is left out",
        "# extra is left out",
    ):  # fmt: skip
        assert line in text
    assert found().unsafe == ()


def test_a_float_is_proposed_with_a_scale_and_said_to_be_unsafe():
    proposal = found(of(KEY, TIME, TableColumn(name="total", kind="float", type="DOUBLE")))
    assert '"total": Amount("total", stored="float"),' in proposal.text
    assert any("'total' is a binary float" in one for one in proposal.unsafe)


@pytest.mark.parametrize(
    ("column", "dialect", "clock"),
    [
        (TableColumn(name="created_at", kind="naive", type="DATETIME"), "mysql", 'Utc("created_at")'),
        (TableColumn(name="created_at", kind="text", type="TEXT"), "sqlite", 'Utc("created_at")'),
        (TableColumn(name="created", kind="integer", type="INT"), "mysql", 'Epoch("created", unit="s")'),
        (TableColumn(name="day", kind="date", type="DATE"), "postgres", 'LocalDate("day")'),
    ],
)
def test_each_way_to_store_a_time_is_proposed_its_clock(column, dialect, clock):
    assert f"time={clock}" in found(of(KEY, column), dialect=dialect).text


def test_a_time_without_a_zone_is_said_to_be_unsafe():
    unsafe = found(of(KEY, TableColumn(name="created_at", kind="naive", type="DATETIME")), dialect="mysql").unsafe
    assert any("has no zone" in one for one in unsafe)
    assert any("may be null" in one for one in unsafe)
    assert any("No index begins with 'created_at'" in one for one in unsafe)
    assert any("No column says when a row last changed" in one for one in unsafe)


def test_a_table_that_nothing_can_be_proven_of_says_so():
    proposal = found(Table(name="log", schema=None, columns=(), is_view=True))
    assert "???" in proposal.text
    assert [one.partition(":")[0] for one in proposal.unsafe[:3]] == [
        "It is a view", "No single column tells its rows apart", "No column looks like a time"
    ]  # fmt: skip


def test_what_a_delete_would_take_along_is_unsafe():
    holding = Reference(table="notes", columns=("order_id",), parent="orders", parent_columns=("id",), rule="restrict")
    trigger = Trigger(table="orders", name="keep_count")
    unsafe = found(
        reach=Reach(unproven=("items",), triggers=(trigger,), unsafe=("old",), hidden=(), holding=(holding,))
    ).unsafe
    assert [next(name for name in ("items", "keep_count", "old", "notes") if name in one) for one in unsafe] == [
        "items", "keep_count", "old", "notes"
    ]  # fmt: skip


def test_the_role_gets_no_more_than_it_needs():
    rights = found().rights.splitlines()
    assert rights[1] == 'GRANT USAGE ON SCHEMA "public" TO keepsum;'
    assert rights[2] == (
        'GRANT SELECT ("id", "user_id", "created_at", "updated_at", "status", "gift", "total", "email") '
        'ON "public"."orders" TO keepsum;'
    )
    assert rights[-1] == 'GRANT DELETE, UPDATE ("id") ON "public"."orders" TO keepsum;'
    assert found(dialect="mysql").rights.splitlines()[-1] == "GRANT DELETE, TRIGGER ON `orders` TO keepsum;"
    assert "no roles" in found(dialect="sqlite").rights


def test_names_that_no_declaration_may_have_are_mapped():
    columns = (
        TableColumn(name="orderId", kind="integer", type="BIGINT", null=False),
        TableColumn(name="createdAt", kind="instant", type="TIMESTAMPTZ", null=False),
        TableColumn(name="userId", kind="integer", type="BIGINT"),
        TableColumn(name='the "best" Note', kind="text", type="TEXT"),
        TableColumn(name="day", kind="integer", type="INT"),
        TableColumn(name="State", kind="choice", type="ENUM", options=('a"b',)),
    )
    table = Table(name="Shop Orders", schema="sales", columns=columns, unique=("orderId",))
    text = found(table).text
    (stream,) = declared(text).values()
    pack = Pack("shop", streams=(stream,), settings=(Setting("DATABASE_URL", kind="secret"),))
    assert [str(one) for one in lint(Catalog((pack,))) if one.severity == "error"] == []
    assert (stream.name, stream.time, stream.key, stream.subject) == (
        "shop_orders",
        "created_at",
        "order_id",
        "user_id",
    )
    mapping = stream.attached
    assert (mapping.table, mapping.key, mapping.time) == ("sales.Shop Orders", "orderId", Zoned("createdAt"))
    assert [field.name for field in stream.fields] == ["the_best_note", "its_day", "state"]
    assert mapping.value("its_day") == Amount("day", stored="integer")
    assert mapping.value("the_best_note") == Column('the "best" Note')


def declared(text):
    """What the text of a proposal declares."""
    names: dict[str, Any] = {}
    exec(compile(text, "proposal", "exec"), vars(keepsum) | {}, names)
    return names


def test_the_role_may_read_foreign_keys_for_lookups_and_children():
    assert '"email", "shop_id") ON' in found(pointing={"shop_id"}).rights
