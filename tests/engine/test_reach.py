from keepsum.engine.reach import reach
from keepsum.model.reach import Reference, Schema, Trigger

TABLES = frozenset({"orders", "items", "codes", "notes", "invoices"})


def points(table, parent, rule):
    return Reference(table=table, columns=("parent",), parent=parent, parent_columns=("id",), rule=rule)


def schema(*references, triggers=(), tables=TABLES, hidden=frozenset()):
    made = tuple(Trigger(table=table, name=f"when_{table}_go") for table in triggers)
    return Schema(tables=tables, references=references, triggers=made, hidden=hidden)


def test_a_table_that_nothing_points_to_reaches_nothing():
    found = reach(schema(points("codes", "items", "cascade")), ["orders"])
    assert (found.reason, found.names, found.holding) == (None, (), ())


def test_a_child_that_goes_by_cascade_has_to_be_proven():
    there = schema(points("items", "orders", "cascade"))
    assert (reach(there, ["orders"]).reason, reach(there, ["orders"]).names) == ("UNPROVEN_CHILDREN", ("items",))
    assert reach(there, ["orders", "items"]).reason is None


def test_so_has_the_child_of_a_child():
    there = schema(points("items", "orders", "cascade"), points("codes", "items", "cascade"))
    assert reach(there, ["orders"]).unproven == ("codes", "items")
    assert reach(there, ["orders", "items"]).unproven == ("codes",)
    assert reach(there, ["orders", "items", "codes"]).reason is None


def test_so_has_a_child_that_loses_its_reference_but_what_points_to_it_has_not():
    there = schema(points("notes", "orders", "set null"), points("codes", "notes", "cascade"))
    assert reach(there, ["orders"]).unproven == ("notes",)
    assert reach(schema(points("notes", "orders", "set default")), ["orders"]).unproven == ("notes",)


def test_tables_that_point_to_themselves_or_to_each_other_are_followed_to_an_end():
    there = schema(
        points("orders", "orders", "cascade"),
        points("items", "orders", "cascade"),
        points("orders", "items", "cascade"),
    )
    assert reach(there, ["orders"]).unproven == ("items",)


def test_a_trigger_on_anything_that_loses_rows_is_a_reason():
    there = schema(points("items", "orders", "cascade"), triggers=["items"])
    found = reach(there, ["orders", "items"])
    assert (found.reason, found.names) == ("DELETE_TRIGGER", ("when_items_go on items",))
    assert reach(schema(triggers=["notes"]), ["orders"]).reason is None


def test_a_view_or_a_table_without_transactions_is_a_reason():
    found = reach(schema(tables=TABLES - {"orders"}), ["orders"])
    assert (found.reason, found.names) == ("NO_TRANSACTIONS", ("orders",))


def test_triggers_that_the_role_may_not_see_are_a_reason():
    found = reach(schema(hidden=frozenset({"orders", "notes"})), ["orders"])
    assert (found.reason, found.names) == ("TRIGGERS_HIDDEN", ("orders",))


def test_what_forbids_the_delete_is_told_apart():
    held = points("invoices", "orders", "restrict")
    found = reach(schema(held, points("items", "orders", "restrict")), ["orders", "items"])
    assert (found.reason, found.holding) == (None, (held,))
