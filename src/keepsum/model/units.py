"""How a number that some database holds becomes an integer of its field's unit: one rule, whoever stores it."""

import math
import re
from decimal import ROUND_HALF_UP, Context, Decimal

from keepsum.model.attached import Amount, Stored
from keepsum.model.stream import DIGITS

UNFIT = 10**27  # what a database takes for a number that is none, or more: no sum of numbers that fit comes to it
_LIMIT = 10**DIGITS - 1

_NUMBER = re.compile(r"[+-]?[0-9]+(?:\.[0-9]+)?(?:[eE][+-]?[0-9]{1,4})?", re.ASCII)
_EXACT = Context(prec=2_000)
_FARTHEST = 2 * DIGITS  # decimal places from the point beyond which nothing fits a field


def shift_of(amount: Amount, scale: int) -> int:
    """Give the power of ten that a stored number is multiplied by to be of a field's smallest unit."""
    return scale - (scale if amount.scale is None else amount.scale) if amount.stored == "integer" else scale


def units(raw: object, stored: Stored, shift: int) -> int | None:
    """Give the number times 10**shift as an integer of at most 18 digits, or nothing if it is none.

    A float is taken as the shortest decimal that reads back as it (Steele and White, 1990: Python's `repr`) and
    rounded half away from zero, as NUMERIC of PostgreSQL and DECIMAL of MySQL round; the others must fit exactly.
    """
    if type(raw) is int and shift >= 0 and stored != "text":
        return _within(raw * 10**shift)
    number = _decimal(raw, stored)
    if number is None or not number:
        return None if number is None else 0
    if number.adjusted() + shift > _FARTHEST:
        return None
    scaled = number.scaleb(shift, _EXACT)
    whole = scaled.to_integral_value(ROUND_HALF_UP, _EXACT)
    return _within(int(whole)) if stored == "float" or whole == scaled else None


def _decimal(raw: object, stored: Stored) -> Decimal | None:
    """Give the exact decimal that a stored number means; nothing for what is no number."""
    match raw:
        case bool():
            return None
        case int():
            return None if stored == "text" else Decimal(raw)
        case float() if stored in {"float", "decimal"} and math.isfinite(raw):
            return Decimal(repr(raw))
        case Decimal() if stored != "text" and raw.is_finite():
            return raw
        case str() if stored == "text" and _NUMBER.fullmatch(raw):
            return Decimal(raw)
        case _:
            return None


def _within(amount: int) -> int | None:
    return amount if -_LIMIT <= amount <= _LIMIT else None
