from decimal import Decimal, localcontext
from fractions import Fraction

import numpy as np
import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from keepsum.engine.numbers import LIMIT, divide, exact_sum, grouped_sums, join, parse, render, split
from keepsum.model.errors import Invalid

AMOUNTS = st.integers(-LIMIT, LIMIT)
WORDS = st.integers(-(2**63), 2**63 - 1)


@given(AMOUNTS, st.integers(0, 18))
def test_what_is_written_is_read_back(amount, scale):
    assert parse(render(amount, scale), scale) == amount
    assert parse(Decimal(render(amount, scale)), scale) == amount


@given(st.integers(-(10**22), 10**22), st.integers(-6, 6), st.integers(0, 6))
def test_a_number_is_its_fraction_or_refused(digits, exponent, scale):
    exact = Fraction(10) ** (exponent + scale) * digits
    text = f"{digits}e{exponent}"
    if exact.denominator == 1 and abs(exact) <= LIMIT:
        assert parse(text, scale) == exact
        assert parse(Decimal(text), scale) == exact
    else:
        with pytest.raises(Invalid, match="TOO_MANY_DECIMALS" if exact.denominator > 1 else "NUMBER_TOO_LARGE"):
            parse(text, scale)


@given(st.integers(-(10**27), 10**27))
def test_two_limbs_stand_for_one_integer(value):
    hi, low = split(value)
    assert join(hi, low) == value
    assert 0 <= low < 10**9


@given(st.lists(st.lists(WORDS, min_size=1, max_size=5), min_size=1, max_size=8))
def test_sums_of_groups_are_the_sums_of_python(groups):
    values = np.array([value for group in groups for value in group], np.int64)
    starts = np.cumsum([0, *map(len, groups[:-1])])
    hi, lo = grouped_sums(values, starts)
    assert list(zip(hi.tolist(), lo.tolist(), strict=True)) == [split(sum(group)) for group in groups]
    assert exact_sum(values) == sum(map(sum, groups))


@given(st.integers(-(10**30), 10**30), st.integers(-(10**12), 10**12), st.integers(0, 8))
def test_a_quotient_is_the_nearest_and_the_even_one_of_two(numerator, denominator, digits):
    assume(denominator)
    exact = Fraction(numerator, denominator)
    with localcontext(prec=100):
        quotient = divide(numerator, denominator, digits)
        assert quotient is not None
        assert quotient == Decimal(round(exact * 10**digits)).scaleb(-digits)
