"""Values of a mapping: from arrays they are the same as one by one, which a value makes them that no array can hold."""

from decimal import Decimal

import pyarrow as pa
import pytest
from hypothesis import given
from hypothesis import strategies as st

from keepsum import Amount, Attached, Boolean, Integer, Lookup, Money, Stream, Text, Utc, days
from keepsum.engine.mapping import BAD, Rows, attached_of, kind_of, leaves, scale_of
from keepsum.model.stream import DIGITS

LIMIT = 10**DIGITS
FIELDS = (
    Integer("counted"), Money("paid", unit="EUR"), Money("cents", unit="EUR"), Money("exact", unit="EUR"),
    Boolean("gift"), Text("note"), Text("name"),
)  # fmt: skip
STREAM = Stream(
    "orders", time="at", key="id", keep=days(30), fields=FIELDS,
    attached=Attached(
        "orders", url="database_url", time=Utc("at"),
        columns={
            "counted": Amount("counted", stored="integer"),
            "paid": Amount("paid", stored="integer", scale=0),
            "cents": Amount("cents", stored="integer"),
            "exact": Amount("exact", stored="decimal"),
            "name": Lookup("people", on=("person", "id"), value="name"),
        },
    ),
)  # fmt: skip
WHOLE = st.none() | st.integers(-5, 5) | st.sampled_from([LIMIT, -LIMIT, LIMIT - 1, LIMIT // 100, LIMIT // 100 - 1])
TRUTH = st.none() | st.integers(0, 2)
WORDS = st.none() | st.sampled_from([b"a", "é".encode(), b"\xff", b""])
READ = {"gift": TRUTH, "note": WORDS, "name": WORDS}


@given(st.data(), st.integers(1, 6))
def test_an_array_comes_to_what_its_values_come_to(data, count):
    columns = [
        data.draw(st.lists(READ.get(leaf.name, WHOLE), min_size=count, max_size=count)) for leaf in leaves(STREAM)
    ]
    arrays = [pa.array(column, pa.binary() if leaf.name in {"note", "name"} else pa.int64())
              for leaf, column in zip(leaves(STREAM), columns, strict=True)]  # fmt: skip
    together = Rows(STREAM, arrays, count)
    one_by_one = Rows(STREAM, [[*column, object()] for column in columns], count + 1)
    for field in FIELDS:
        asked = attached_of(STREAM).value(field.name), kind_of(field), scale_of(field)
        assert together.values(*asked) == one_by_one.values(*asked)[:count]


@pytest.mark.parametrize(("raw", "value"), [(Decimal("1.50"), 150), (Decimal("1.505"), BAD), (3, 300)])
def test_a_decimal_fits_its_unit_or_is_bad(raw, value):
    columns = [[raw] if leaf.name == "exact" else [None] for leaf in leaves(STREAM)]
    (field,) = (field for field in FIELDS if field.name == "exact")
    asked = attached_of(STREAM).value("exact"), kind_of(field), scale_of(field)
    assert Rows(STREAM, columns, 1).values(*asked) == [value]
