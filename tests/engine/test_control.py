import json

import numpy as np
import pyarrow as pa
import pytest

from keepsum.engine.control import Control, control_of, controls_by_day, hash_rows
from keepsum.engine.numbers import LIMIT
from keepsum.model.errors import ProofFailed

KEY = bytes(range(32))
NUMBERS = ("amount", "fee")
RECORDS = [
    {"key": "a", "from": "x", "to": "y", "note": "", "amount": 5, "fee": 1, "flag": True},
    {"key": "b", "from": "y", "to": "x", "note": None, "amount": 7, "fee": None, "flag": False},
    {"key": "c", "from": "x", "to": "x", "note": "n", "amount": 0, "fee": 3, "flag": None},
    {"key": "d", "from": "z", "to": "w", "note": "n", "amount": -5, "fee": 4, "flag": True},
]
TYPES = {"amount": pa.int64(), "fee": pa.int64(), "flag": pa.bool_()}


def batch(records):
    names = {name: None for record in [*RECORDS, *records] for name in record}
    return {n: pa.array([record.get(n) for record in records], TYPES.get(n, pa.string())) for n in names}


def control(records, numbers=NUMBERS, key=KEY):
    return control_of(batch(records), numbers, key)


def changed(index, **values):
    return [record | values if i == index else record for i, record in enumerate(RECORDS)]


def swapped(one, other, *fields):
    return [
        record | {f: RECORDS[{one: other, other: one}[i]][f] for f in fields} if i in (one, other) else record
        for i, record in enumerate(RECORDS)
    ]


def test_a_control_counts_hashes_and_adds_up():
    found = control(RECORDS)
    lane_a, lane_b = hash_rows(batch(RECORDS), KEY)
    assert found.records == 4
    assert found.hash_a == sum(lane_a.tolist()) % 2**64
    assert found.hash_b == sum(lane_b.tolist()) % 2**64
    assert found.sums == {"amount": 7, "fee": 8}


@pytest.mark.parametrize(
    "sabotaged",
    [
        RECORDS[1:],
        RECORDS[:3],
        [*RECORDS, RECORDS[2]],
        [RECORDS[0], RECORDS[0], *RECORDS[2:]],
        swapped(0, 1, "amount"),
        swapped(0, 2, "to"),
        swapped(0, 3, "from", "to"),
        swapped(0, 1, "flag"),
        changed(0, **{"from": "y", "to": "x"}),
        changed(0, amount=1, fee=5),
        changed(0, amount=6),
        changed(2, amount=None),
        changed(1, fee=0),
        changed(1, note=""),
        changed(0, note=None),
        changed(2, note="n\0"),
        changed(2, note="n "),
        changed(2, flag=False),
        changed(3, key="D"),
    ],
    ids=str,
)
def test_every_sabotage_of_the_records_is_detected(sabotaged):
    honest, found = control(RECORDS), control(sabotaged)
    assert found != honest
    assert found.hash_a != honest.hash_a
    assert found.hash_b != honest.hash_b


def test_the_order_of_records_changes_nothing():
    assert control(RECORDS[::-1]) == control(RECORDS)


def test_a_field_added_later_changes_nothing():
    later = batch(RECORDS) | {"later": pa.nulls(4, pa.int64()), "remark": pa.nulls(4, pa.string())}
    assert control_of(later, (*NUMBERS, "later"), KEY) == control(RECORDS)


def test_controls_add_up_and_are_taken_off_again():
    first, second = control(RECORDS[:1]), control(RECORDS[1:])
    assert first + second == control(RECORDS)
    assert control(RECORDS) - second == first
    assert first - first == Control.zero() == control([])
    assert first + Control.zero() == first


def test_sums_are_exact_beyond_64_bits():
    many = pa.array(np.full(100_000, LIMIT))
    found = control_of({"amount": many}, ["amount"], KEY)
    assert found.sums == {"amount": LIMIT * 100_000}
    assert (found + found).sums["amount"] == LIMIT * 200_000


def test_text_is_not_added_up():
    with pytest.raises(TypeError, match="'key'"):
        control(RECORDS, ["key"])
    with pytest.raises(KeyError):
        control(RECORDS, ["nothing"])


def test_numbers_in_a_dictionary_are_added_up():
    numbers = pa.array([5, None, 5, -2])
    for form in (numbers, numbers.dictionary_encode(), numbers.cast(pa.int16())):
        assert control_of({"n": form}, ["n"], KEY).sums == {"n": 8}


def test_each_day_of_a_batch_has_its_own_control():
    found = controls_by_day(batch(RECORDS), np.array([20_001, 20_000, 20_001, 20_007]), NUMBERS, KEY)
    assert list(found.items()) == [
        (20_000, control([RECORDS[1]])),
        (20_001, control([RECORDS[0], RECORDS[2]])),
        (20_007, control([RECORDS[3]])),
    ]


def test_one_day_and_no_day_have_their_controls():
    assert controls_by_day(batch(RECORDS), np.full(4, -3), NUMBERS, KEY) == {-3: control(RECORDS)}
    assert controls_by_day(batch([]), np.array([], np.int32), NUMBERS, KEY) == {}


def test_a_day_is_needed_for_every_row():
    for days in (3, 5, 0):
        with pytest.raises(ValueError, match="days"):
            controls_by_day(batch(RECORDS), np.arange(days), NUMBERS, KEY)


def test_days_of_a_large_batch_add_up_to_the_whole():
    rows = 50_000
    columns = {"key": pa.array([f"k{i}" for i in range(rows)]), "amount": pa.array(np.arange(rows) - 7)}
    days = np.random.default_rng(3).integers(20_000, 20_030, rows)
    found = controls_by_day(columns, days, ["amount"], KEY)
    assert sum(found.values(), Control.zero()) == control_of(columns, ["amount"], KEY)
    chosen = np.flatnonzero(days == 20_011)
    part = {name: column.take(pa.array(chosen)) for name, column in columns.items()}
    assert found[20_011] == control_of(part, ["amount"], KEY)


def test_a_control_survives_json():
    found = control(RECORDS) + Control(records=0, hash_a=0, hash_b=0, sums={"fee": 10**30, "amount": -(2**53)})
    text = json.dumps(found.to_json())
    assert Control.from_json(json.loads(text)) == found
    assert found.to_json()["sums"] == {"amount": 7 - 2**53, "fee": str(10**30 + 8)}
    assert found.to_json()["records"] == 4
    assert json.dumps(Control.zero().to_json()) == '{"records": 0, "hash_a": 0, "hash_b": 0, "sums": {}}'


@pytest.mark.parametrize("damaged", [{}, {"records": 1}, {"records": "x", "hash_a": 1, "hash_b": 1, "sums": {}},
                                     {"records": 1, "hash_a": 1, "hash_b": None, "sums": {}},
                                     {"records": 1, "hash_a": 1, "hash_b": 1, "sums": [1]}])  # fmt: skip
def test_a_damaged_control_is_refused(damaged):
    with pytest.raises(ProofFailed, match="BAD_CONTROL"):
        Control.from_json(damaged)
