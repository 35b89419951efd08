"""Numbers are signed integers of at most 18 digits of a declared unit: read, written, added and divided exactly.

Sums leave 64 bits behind, so they travel as two integers, `hi * 10**9 + lo` with `0 <= lo < 10**9`.
"""

import re
from decimal import Context, Decimal, Inexact
from typing import Any

import numpy as np
from numpy.typing import NDArray

from keepsum.model.errors import Invalid
from keepsum.model.stream import DIGITS

LIMIT = 10**DIGITS - 1
LIMB = 10**9

_NUMBER = re.compile(r"([+-]?)([0-9]+)(?:\.([0-9]+))?(?:[eE]([+-]?[0-9]+))?", re.ASCII)
_EXACT = Context(prec=100_000, traps=[Inexact])
_FEW = 256  # numbers up to which Python adds them sooner than numpy begins
_SHORT_EXPONENT = 9  # digits; a longer one is out of any range, whatever it says


def parse(value: int | Decimal | str, scale: int) -> int:
    """A number of the unit as an integer of its smallest part: `parse("1.5", 2)` is 150.

    Exact or refused: `NOT_A_NUMBER` (binary floats, booleans, NaN and infinity among them),
    `TOO_MANY_DECIMALS`, `NUMBER_TOO_LARGE`.
    """
    if type(value) is int:
        if not -LIMIT <= value <= LIMIT:
            raise _too_large()
        return _within_limit(value * 10**scale)
    if not isinstance(value, str | Decimal):
        raise _not_a_number()
    match = _NUMBER.fullmatch(value if isinstance(value, str) else str(value))
    if match is None:
        raise _not_a_number()
    sign, whole, decimals, exponent = match.groups(default="")
    amount = _scaled(whole + decimals, _bounded(exponent) - len(decimals) + scale)
    return -amount if sign == "-" else amount


def _scaled(digits: str, shift: int) -> int:
    """The digits times 10**shift, found without ever writing out a number that is refused anyway."""
    significant = digits.lstrip("0")
    if not significant:
        return 0
    stripped = significant.rstrip("0")
    shift += len(significant) - len(stripped)
    if shift < 0:
        raise Invalid("TOO_MANY_DECIMALS", "the number has more decimals than its field's unit: round it before")
    if len(stripped) + shift > DIGITS:
        raise _too_large()
    return int(stripped) * 10**shift


def _bounded(exponent: str) -> int:
    """The exponent, or one as good where writing it out would cost more than refusing it."""
    digits = exponent.lstrip("+-").lstrip("0") or "0"
    size = int(digits) if len(digits) <= _SHORT_EXPONENT else 10 ** (_SHORT_EXPONENT + 6)
    return -size if exponent.startswith("-") else size


def _within_limit(amount: int) -> int:
    if not -LIMIT <= amount <= LIMIT:
        raise _too_large()
    return amount


def _too_large() -> Invalid:
    return Invalid(
        "NUMBER_TOO_LARGE", f"the number has more than {DIGITS} digits of its field's unit: send a smaller one"
    )


def _not_a_number() -> Invalid:
    return Invalid(
        "NOT_A_NUMBER", "the value is not an exact decimal number: send an integer or a text such as '12.50'"
    )


def render(value: int, scale: int) -> str:
    """The JSON number token of an amount, with exactly `scale` decimals: `render(-5, 2)` is `-0.05`."""
    if not scale:
        return str(value)
    digits = str(abs(value)).zfill(scale + 1)
    return f"{'-' if value < 0 else ''}{digits[:-scale]}.{digits[-scale:]}"


def split(value: int) -> tuple[int, int]:
    """The two limbs of an integer, floored: `value == hi * 10**9 + lo`, `0 <= lo < 10**9`."""
    return divmod(value, LIMB)


def join(hi: int, lo: int) -> int:
    """The integer of two limbs or of two sums of limbs, whatever the size of `lo`."""
    return hi * LIMB + lo


def exact_sum(values: NDArray[np.int64]) -> int:
    """The sum of 64-bit integers, exact beyond 64 bits, for less than 2**31 values."""
    if len(values) <= _FEW:
        return sum(values.tolist())
    high = int((values >> 32).sum())
    return (high << 32) + int((values & 0xFFFFFFFF).sum())


def grouped_sums(values: NDArray[np.int64], starts: NDArray[Any]) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """The exact sum of each group as two arrays of limbs; groups lie one after another, from `starts` on.

    `starts` rises strictly from 0 and stays below the count of values: a group has at least one value. Sums
    stay below 10**27, which 10**9 numbers within the limit do.
    """
    if not len(starts):
        return np.empty(0, np.int64), np.empty(0, np.int64)
    # Any hi near the quotient will do, for lo makes it exact; a true division of integers takes four times as long.
    hi = (values * (1 / LIMB)).astype(np.int64)
    his = np.add.reduceat(hi, starts)
    los = np.add.reduceat(values - hi * LIMB, starts)
    carry = los // LIMB
    return his + carry, los - carry * LIMB


def amount(value: int, scale: int) -> Decimal:
    """The amount as a decimal with exactly `scale` decimals: `str` of it is what `render` gives up to 6 of them."""
    # TRICKY: arithmetic of decimals rounds to its context's digits, so this one has room, and refuses to round.
    return _EXACT.scaleb(value, -scale)


def divide(numerator: int, denominator: int, digits: int = 6) -> Decimal | None:
    """The quotient rounded half to even at `digits` decimals, from integers alone; none over zero."""
    if not denominator:
        return None
    if denominator < 0:
        numerator, denominator = -numerator, -denominator
    quotient, rest = divmod(numerator * 10**digits, denominator)
    doubled = 2 * rest
    if doubled > denominator or (doubled == denominator and quotient % 2):
        quotient += 1
    return amount(quotient, digits)
