import time
from decimal import Decimal, getcontext

import numpy as np
import pytest

from keepsum.engine.numbers import (
    LIMIT,
    divide,
    exact_sum,
    grouped_sums,
    join,
    parse,
    render,
    split,
)
from keepsum.model.errors import Invalid


@pytest.mark.parametrize(
    ("value", "scale", "amount"),
    [
        (0, 2, 0),
        (12, 2, 1200),
        (-12, 0, -12),
        ("1.5", 2, 150),
        ("-0.05", 2, -5),
        ("+7", 0, 7),
        ("1.500000", 2, 150),
        ("007.10", 2, 710),
        ("-0.00", 2, 0),
        ("1e3", 0, 1000),
        ("1.25E+1", 1, 125),
        ("1200e-2", 0, 12),
        ("0e999999999999", 2, 0),
        ("0." + "0" * 1000, 0, 0),
        ("5e-00002", 2, 5),
        (Decimal("19.99"), 2, 1999),
        (Decimal("1E+2"), 2, 10000),
        (Decimal("-0"), 2, 0),
        (LIMIT, 0, LIMIT),
        (str(-LIMIT), 0, -LIMIT),
        ("9999999999999999.99", 2, LIMIT),
        ("0.999999999999999999", 18, LIMIT),
    ],
)
def test_a_number_is_read_exactly(value, scale, amount):
    assert parse(value, scale) == amount


@pytest.mark.parametrize(
    "value",
    [1.5, True, None, b"1", "", " 1", "1 ", "1\n", "1.", ".5", "1e", "--1", "0x10", "1_000", "1,5", "٣", "NaN", "nan",
     "Infinity", "-inf", Decimal("NaN"), Decimal("sNaN"), Decimal("Infinity"), [1], 0.0],
)  # fmt: skip
def test_what_is_not_an_exact_number_is_refused(value):
    with pytest.raises(Invalid, match="NOT_A_NUMBER"):
        parse(value, 2)


@pytest.mark.parametrize("value", ["1.005", "0.001", Decimal("1.005"), "1e-3", "1e-999999999999", "1.0000000000000001"])
def test_more_decimals_than_the_unit_has_are_refused(value):
    with pytest.raises(Invalid, match="TOO_MANY_DECIMALS"):
        parse(value, 2)


@pytest.mark.parametrize(
    ("value", "scale"),
    [
        (LIMIT + 1, 0),
        (-LIMIT - 1, 0),
        (10**17, 1),
        (10**4000, 2),
        ("1000000000000000000", 0),
        ("10000000000000000.00", 2),
        ("1e18", 0),
        ("1e999999999", 0),
        (Decimal("-1e999999"), 0),
        ("9" * 100_000, 0),
    ],
)
def test_more_than_eighteen_digits_are_refused(value, scale):
    with pytest.raises(Invalid, match="NUMBER_TOO_LARGE"):
        parse(value, scale)


def test_no_error_repeats_the_value():
    for value in ("4111111111111111.111", "4111111111111111111", "4111x"):
        with pytest.raises(Invalid) as caught:
            parse(value, 0)
        assert "4111" not in str(caught.value)


def test_hostile_numbers_are_refused_at_once():
    hostile = ["1e999999999", "1e-999999999", "1e" + "9" * 1_000_000, "9" * 1_000_000, "0." + "9" * 1_000_000]
    begin = time.process_time()
    for value in [*hostile, Decimal("1e999999999999"), Decimal("1e-999999999999")]:
        with pytest.raises(Invalid):
            parse(value, 2)
    assert time.process_time() - begin < 2


@pytest.mark.parametrize(
    ("value", "scale", "token"),
    [(0, 0, "0"), (0, 2, "0.00"), (-5, 2, "-0.05"), (150, 2, "1.50"), (-12345, 3, "-12.345"), (7, 0, "7"),
     (10**30, 2, "1" + "0" * 28 + ".00")],
)  # fmt: skip
def test_an_amount_is_written_with_its_decimals(value, scale, token):
    assert render(value, scale) == token


def test_limbs_are_floored():
    assert split(1_234_567_890_123) == (1234, 567_890_123)
    assert split(-1) == (-1, 999_999_999)
    assert join(-1, 999_999_999) == -1


def test_sums_are_exact_beyond_64_bits():
    smallest, largest = np.iinfo(np.int64).min, np.iinfo(np.int64).max
    values = np.array([largest] * 5 + [smallest] * 3, np.int64)
    assert exact_sum(values) == 5 * int(largest) + 3 * int(smallest)
    assert exact_sum(np.array([], np.int64)) == 0


def test_ten_million_values_near_the_limit_add_exactly():
    offsets = np.arange(10_000_000, dtype=np.int64)
    values = LIMIT - offsets
    expected = LIMIT * 10_000_000 - 10_000_000 * 9_999_999 // 2
    assert exact_sum(values) == expected
    hi, lo = grouped_sums(values, np.array([0, 3]))
    assert join(int(hi[0]), int(lo[0])) == 3 * LIMIT - 3
    assert join(int(hi[1]), int(lo[1])) == expected - 3 * LIMIT + 3


def test_no_groups_have_no_sums():
    hi, lo = grouped_sums(np.array([], np.int64), np.array([], np.int64))
    assert (hi.tolist(), lo.tolist()) == ([], [])


@pytest.mark.parametrize(
    ("numerator", "denominator", "digits", "expected"),
    [
        (1, 3, 6, "0.333333"),
        (2, 3, 6, "0.666667"),
        (-2, 3, 6, "-0.666667"),
        (2, -3, 6, "-0.666667"),
        (1, 2, 0, "0"),
        (3, 2, 0, "2"),
        (5, 2, 0, "2"),
        (-5, 2, 0, "-2"),
        (-1, 3, 0, "0"),
        (125, 1000, 2, "0.12"),
        (10**40 + 1, 10**20, 2, "100000000000000000000.00"),
        (0, -7, 2, "0.00"),
    ],
)
def test_division_rounds_half_to_even(numerator, denominator, digits, expected):
    quotient = divide(numerator, denominator, digits)
    assert str(quotient) == expected


def test_division_does_not_depend_on_the_decimal_context(monkeypatch):
    monkeypatch.setattr(getcontext(), "prec", 3)
    assert str(divide(123_456_789, 10, 3)) == "12345678.900"


def test_division_by_zero_is_nothing():
    assert divide(1, 0) is None
