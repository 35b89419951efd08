import json

from keepsum import (
    Amount,
    Attached,
    Child,
    Choose,
    Coalesce,
    Column,
    Constant,
    Has,
    Local,
    Lookup,
    Stream,
    Utc,
    When,
    days,
    where,
)
from keepsum.model.attached import described

PHYSICAL = Has("items", on=("id", "order_id"), where=where(is_physical=True))
DIGITAL = Has("items", on=("id", "order_id"), where=where(is_physical=False))
ORDERS = Attached(
    "orders",
    url="database_url",
    time=Local("created_at", zone="Europe/Berlin"),
    subject="user_id",
    columns={
        "total": Amount("total_price", stored="float"),
        "mix": Choose(
            When((PHYSICAL, DIGITAL), Constant("mixed")),
            When(PHYSICAL, Constant("physical")),
            otherwise=Constant("digital"),
        ),
        "city": Lookup("users", on=("user_id", "id"), value="city"),
        "refund": Coalesce(Amount("refunded", stored="float"), Amount("total_price", stored="float")),
    },
    where={"status": ["SHIPPED", "PAID"]},
    changed=Utc("updated_at"),
    children=(Child("items", on=("id", "order_id")),),
)


def test_a_bare_name_is_a_column():
    assert ORDERS.subject == Column("user_id")
    assert ORDERS.value("city") == Lookup("users", on=("user_id", "id"), value=Column("city"))


def test_a_field_that_the_mapping_leaves_out_is_the_column_of_its_name():
    assert ORDERS.value("status") == Column("status")


def test_equal_mappings_are_equal_values_that_a_stream_can_hold():
    stream = Stream("orders", time="at", key="id", keep=days(30), fields=(), attached=ORDERS)
    assert hash(stream) == hash(Stream("orders", time="at", key="id", keep=days(30), fields=(), attached=ORDERS))
    assert ORDERS.where == where(status=("PAID", "SHIPPED"))


def test_a_case_has_a_filter_or_has_or_several_of_them():
    paid = where(status="PAID", closed=None)
    assert When(paid, "total").tests == (paid,)
    assert When(PHYSICAL, "total").tests == (PHYSICAL,)
    assert When((paid, PHYSICAL), "total").tests == (paid, PHYSICAL)


def test_a_mapping_is_described_as_plain_json():
    said = json.loads(json.dumps(described(ORDERS)))
    assert said["time"] == {
        "is": "Local", "column": "created_at", "zone": "Europe/Berlin", "ambiguous": "first", "missing": "later",
    }  # fmt: skip
    assert said["columns"][2] == [
        "city",
        {"is": "Lookup", "table": "users", "on": ["user_id", "id"], "value": {"is": "Column", "name": "city"}},
    ]
    assert said["where"] == [["status", ["PAID", "SHIPPED"]]]
