import numpy as np
import pyarrow as pa
from hypothesis import assume, given
from hypothesis import strategies as st

from keepsum.engine.control import Control, control_of, controls_by_day, hash_rows

KEY = b"a key of sixteen"
TYPES = {"amount": pa.int64(), "fee": pa.int64(), "flag": pa.bool_(), "text": pa.string(), "note": pa.string()}
INTEGERS = st.none() | st.integers(-3, 3) | st.integers(-(2**63), 2**63 - 1)
TEXTS = st.none() | st.sampled_from(["", "\0", "a", "a\0", "0"]) | st.text(st.characters(codec="utf-8"), max_size=90)
VALUES = {"amount": INTEGERS, "fee": INTEGERS, "flag": st.none() | st.booleans(), "text": TEXTS, "note": TEXTS}
ROW = st.fixed_dictionaries(VALUES)
ROWS = st.lists(ROW, min_size=1, max_size=12)


def batch(rows):
    return {name: pa.array([row[name] for row in rows], kind) for name, kind in TYPES.items()}


def control(rows):
    return control_of(batch(rows), ["amount", "fee"], KEY)


def form(draw, array):
    """The same values in another of Arrow's forms."""
    if pa.types.is_string(array.type) and draw(st.booleans()):
        array = array.cast(pa.large_string())
    if not pa.types.is_boolean(array.type) and draw(st.booleans()):
        array = array.dictionary_encode()
    if draw(st.booleans()):
        array = pa.concat_arrays([array, array]).slice(draw(st.sampled_from([0, len(array)])), len(array))
    cut = draw(st.integers(0, len(array)))
    return pa.chunked_array([array[:cut], array[cut:]]) if draw(st.booleans()) else array


@given(ROWS, st.data())
def test_the_form_and_order_of_columns_change_nothing(rows, data):
    plain = batch(rows)
    names = data.draw(st.permutations(list(plain)))
    other = {name: form(data.draw, plain[name]) for name in names}
    for ours, theirs in zip(hash_rows(plain, KEY), hash_rows(other, KEY), strict=True):
        assert ours.tolist() == theirs.tolist()
    assert control_of(other, ["amount", "fee"], KEY) == control(rows)


@given(ROWS, st.data())
def test_the_order_and_batching_of_records_change_nothing(rows, data):
    shuffled = data.draw(st.permutations(rows))
    cut = data.draw(st.integers(0, len(rows)))
    assert control(shuffled[:cut]) + control(shuffled[cut:]) == control(rows)
    assert control(rows) - control(shuffled[:cut]) == control(shuffled[cut:])


@given(ROWS, st.data())
def test_days_add_up_to_the_whole(rows, data):
    days = data.draw(st.lists(st.integers(-2, 2), min_size=len(rows), max_size=len(rows)))
    found = controls_by_day(batch(rows), np.array(days), ["amount", "fee"], KEY)
    assert found == {
        day: control([row for row, own in zip(rows, days, strict=True) if own == day]) for day in sorted(set(days))
    }
    assert sum(found.values(), Control.zero()) == control(rows)


@given(ROWS, st.data())
def test_a_lost_or_doubled_record_is_detected(rows, data):
    at = data.draw(st.integers(0, len(rows) - 1))
    lost, doubled = rows[:at] + rows[at + 1 :], [*rows, rows[at]]
    assert control(lost) != control(rows) != control(doubled)
    replaced = [rows[at] if i == 0 else row for i, row in enumerate(rows)]
    assume(replaced[0] != rows[0])
    assert_detected(replaced, rows)


@given(ROWS, st.data())
def test_a_changed_value_is_detected(rows, data):
    at, field = data.draw(st.integers(0, len(rows) - 1)), data.draw(st.sampled_from(sorted(VALUES)))
    value = data.draw(VALUES[field])
    assume(value != rows[at][field])
    assert_detected([row | {field: value} if i == at else row for i, row in enumerate(rows)], rows)


@given(ROWS, st.data())
def test_values_that_trade_places_are_detected(rows, data):
    one, other = data.draw(st.tuples(*[st.integers(0, len(rows) - 1)] * 2))
    fields = data.draw(st.sampled_from([("amount", "amount"), ("amount", "fee"), ("text", "note"), ("note", "note")]))
    first, second = rows[one][fields[0]], rows[other][fields[1]]
    assume(first != second)
    traded = [dict(row) for row in rows]
    traded[one][fields[0]], traded[other][fields[1]] = second, first
    assume(as_a_bag(traded) != as_a_bag(rows))
    assert_detected(traded, rows)


def as_a_bag(rows):
    return sorted(repr(sorted(row.items())) for row in rows)


def assert_detected(sabotaged, rows):
    found, honest = control(sabotaged), control(rows)
    assert found != honest
    assert found.hash_a != honest.hash_a
    assert found.hash_b != honest.hash_b
