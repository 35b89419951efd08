from decimal import Decimal

import pytest

from keepsum import Amount
from keepsum.model.units import shift_of, units


@pytest.mark.parametrize(
    ("raw", "expected"),
    [
        (0.1 + 0.2, 30), (1e15 + 0.005, 10**17), (1.005, 101), (2.675, 268), (-2.675, -268), (0.005, 1), (-0.005, -1),
        (0.0049999999999, 0), (3, 300), (0.0, 0), (1e13, 10**15), (float("nan"), None), (float("inf"), None),
        (1e300, None), (5e-324, 0), ("1.5", None), (True, None),
    ],
)  # fmt: skip
def test_a_float_is_rounded_as_the_decimal_it_is_written_as(raw, expected):
    assert units(raw, "float", 2) == expected


@pytest.mark.parametrize(
    ("raw", "expected"),
    [
        (Decimal("12.50"), 1250), (Decimal("12.500"), 1250), (Decimal("12.505"), None), (7, 700), (10.1, 1010),
        (0.1 + 0.2, None), (Decimal("9999999999999999.99"), 10**18 - 1), (Decimal(10000000000000000), None),
        (Decimal("NaN"), None), (Decimal("1e400"), None), ("12.50", None),
    ],
)  # fmt: skip
def test_a_decimal_fits_its_unit_exactly_or_not_at_all(raw, expected):
    assert units(raw, "decimal", 2) == expected


@pytest.mark.parametrize(
    ("raw", "expected"),
    [
        ("12.50", 1250), ("-0.05", -5), ("1e2", 10_000), ("+3", 300), ("1.005", None), ("", None), (" 1", None),
        ("1,5", None), ("0x10", None), ("NaN", None), ("1e99999", None), ("1e9999", None), (5, None), ("٣", None),
    ],
)  # fmt: skip
def test_a_text_is_a_plain_decimal_or_no_number(raw, expected):
    assert units(raw, "text", 2) == expected


def test_an_integer_counts_what_the_field_counts_unless_it_says_otherwise():
    assert shift_of(Amount("cents", stored="integer"), 2) == 0
    assert shift_of(Amount("euros", stored="integer", scale=0), 2) == 2
    assert shift_of(Amount("euros", stored="decimal"), 2) == 2
    assert units(1250, "integer", 0) == 1250
    assert units(12, "integer", 2) == 1200
    assert units(Decimal(12), "integer", 2) == 1200
    assert units(12.0, "integer", 2) is None
    assert units(10**18, "integer", 0) is None
