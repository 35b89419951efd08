"""The values of groups and of spread values, whichever way a driver hands them over, as the numbers that are added up.

What is no value of its field holds the day as `BAD_ROW`, and is not repeated.
"""

from collections.abc import Sequence
from contextlib import suppress
from decimal import Decimal
from typing import Any

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from keepsum.engine.accept import FORBIDDEN
from keepsum.engine.arrival import Keys
from keepsum.engine.codes import Codes
from keepsum.engine.columns import Column, array_of, each, values_of
from keepsum.engine.numbers import LIMB
from keepsum.engine.redact import Redactor
from keepsum.engine.rowhash import hash_rows
from keepsum.model.errors import ProofFailed
from keepsum.model.rollup import ALL, NONE, OTHER, AtGrains, Quantiles
from keepsum.model.stream import PUBLIC, Boolean, Choice, Field, Number, Stream, Text
from keepsum.model.units import UNFIT

_FIRST = (NONE, OTHER, ALL)  # the numbers of these are their places
FIRST_CODES = Codes(_FIRST)
_OTHER = FIRST_CODES.of(OTHER)


def whole(value: Any) -> int | None:
    """Give a sum as its database gave it: an integer, a decimal, or SQLite's `hi:lo`; `BAD_ROW` where it is none."""
    if value is None or (type(value) is int and -UNFIT < value < UNFIT):
        return value
    try:
        found = _plain_whole(value)
    except (ArithmeticError, ValueError):
        found = None
    if found is None or abs(found) >= UNFIT:
        raise _bad("a number that is no whole one of its field's unit, or has more than 18 digits")
    return found


def _plain_whole(value: Any) -> int | None:
    if isinstance(value, str) and ":" in value:
        high, low = map(int, value.split(":"))
        return high * LIMB + low
    found = value if type(value) is Decimal else Decimal(str(value))
    whole_part = int(found)
    return whole_part if whole_part == found else None


class Dimension:
    """The values of a dimension, numbered as their texts come; the reserved ones are first."""

    def __init__(self, field: Field, redactor: Redactor) -> None:
        self._field = field
        self._redactor = redactor if _is_redacted(field) else None
        self._numbers: dict[str, int] = {text: number for number, text in enumerate(_FIRST)}
        self._known: dict[Any, int] = {None: FIRST_CODES.of(NONE)}
        self._counts = np.zeros(len(_FIRST), np.int64)
        self._surplus = np.empty(0, np.int64)

    def numbers(self, values: Column) -> NDArray[np.int32]:
        """A number for each value; one that is not kept has that of the rest."""
        array = array_of(values)
        if array is None:
            different, places = list(dict.fromkeys(values_of(values))), None
        else:
            coded = array.dictionary_encode()
            # The last place stands for null.
            different, places = [*coded.dictionary.to_pylist(), None], coded.indices.fill_null(len(coded.dictionary))
        self._learn([value for value in different if value not in self._known])
        if places is None:
            found = np.array([self._known[value] for value in values_of(values)], np.int32)
        else:
            found = np.array([self._known[value] for value in different], np.int32)[places.to_numpy()]
        return np.where(np.isin(found, self._surplus), np.int32(_OTHER), found) if len(self._surplus) else found

    def _learn(self, values: Sequence[Any]) -> None:
        texts = [_spelled(self._field, value) for value in values]
        found = self._redactor.column(texts) if self._redactor else texts
        for value, text in zip(values, found, strict=True):
            self._known[value] = self._numbers.setdefault(text or "", len(self._numbers))

    def count(self, numbers: NDArray[np.int32], records: NDArray[np.int64]) -> None:
        """Note how many records values have."""
        self._counts = np.append(self._counts, np.zeros(len(self._numbers) - len(self._counts), np.int64))
        np.add.at(self._counts, numbers, records)

    def cap(self, most: int) -> bool:
        """Keep so many of the values that were counted, those with the most records, and say whether there were more.

        Of values with as many records each, the smaller one stays.
        """
        texts, first = list(self._numbers), len(_FIRST)
        found = [place for place in np.flatnonzero(self._counts).tolist() if place >= first]
        found.sort(key=lambda place: (-int(self._counts[place]), texts[place]))
        self._surplus = np.array(found[most:], np.int64)
        return len(self._surplus) > 0

    def codes(self) -> tuple[Codes, NDArray[np.int32]]:
        """The codes of all values that came, and the code for each number."""
        codes = Codes(tuple(sorted(self._numbers)))
        places = np.array([codes.of(text) for text in self._numbers], np.int32)
        places[self._surplus] = codes.of(OTHER)
        return codes, places


class Values:
    """The values of one measure: the numbers that quantiles are of, or a keyed mark for each that is told from others.

    Two values with one mark would make the rollup another than its records fold to, and so hold the day.
    """

    def __init__(self, stream: Stream, measure: AtGrains, keys: Keys, redactor: Redactor) -> None:
        field = stream.field(str(measure.source))
        self.is_bucketed = isinstance(measure, Quantiles)
        self._is_number = isinstance(field, Number)
        self._redactor = redactor if field is not None and _is_redacted(field) else None
        self._key = keys.control

    def numbers(self, column: Column) -> NDArray[np.int64]:
        """The number of each value."""
        found = texts(column)
        if self._is_number:
            return _wholes_said(found)
        found = each(found, self._redactor.column) if self._redactor else found
        return hash_rows({"value": found}, self._key)[0].view(np.int64)


def wholes(column: Column) -> pa.Array:
    """Whole numbers of at most 64 bits, which counts are."""
    array = array_of(column)
    if array is not None and pa.types.is_int64(array.type):
        return array
    return pa.array([whole(value) for value in values_of(column)], pa.int64())


def _wholes_said(found: pa.Array) -> NDArray[np.int64]:
    """Whole numbers that come as texts."""
    try:
        return found.cast(pa.int64()).to_numpy()
    except pa.ArrowInvalid:  # with decimals that are zeros, or none at all
        return np.array([whole(text) for text in found.to_pylist()], np.int64)


def limbs(column: Column) -> tuple[pa.Array, pa.Array]:
    """Sums as two numbers each, `hi * 10**9 + lo`."""
    array = array_of(column)
    if array is not None and pa.types.is_int64(array.type):
        sums, nothing = array.fill_null(0).to_numpy(), ~array.is_valid().to_numpy(zero_copy_only=False)
        highs, lows = np.divmod(sums, LIMB)
    else:
        found = [whole(value) for value in values_of(column)]
        nothing = np.array([value is None for value in found], np.bool_)
        highs, lows = np.array([divmod(value or 0, LIMB) for value in found], np.int64).reshape(-1, 2).T
    return pa.array(highs, mask=nothing), pa.array(lows, mask=nothing)


def texts(column: Column) -> pa.Array:
    """Texts; `BAD_ROW` where one is no UTF-8."""
    array = array_of(column)
    if array is not None and (pa.types.is_string(array.type) or pa.types.is_binary(array.type)):
        with suppress(pa.ArrowInvalid):
            return array.cast(pa.string())
    try:
        return pa.array([plain(value) for value in values_of(column)], pa.string())
    except UnicodeError:
        raise _bad("a text that is no UTF-8") from None  # whose words hold the text


def chosen(column: Column, places: NDArray[np.signedinteger]) -> Column:
    """Some of a column's values."""
    return column.take(pa.array(places)) if isinstance(column, pa.Array) else [column[place] for place in places]


def _spelled(field: Field, value: Any) -> str:
    """A dimension's value as it stands in rolled rows; of spread values numbers come as texts."""
    text = plain(value) or ""
    match field:
        case Boolean() if text in {"0", "1"}:
            return "true" if text == "1" else "false"
        case Boolean():
            raise _bad(f"a value of {field.name!r} that is neither true nor false")
        case Number():
            return str(whole(text))
        case Choice() if text not in field.options:
            raise _bad(f"a value of {field.name!r} that is none of its options")
        case _ if FORBIDDEN.search(text):
            raise _bad(f"a value of {field.name!r} with a reserved control character")
        case _:
            return text


def plain(value: Any) -> str | None:
    """Give a text, which MySQL hands over as bytes."""
    if value is None or isinstance(value, str):
        return value
    return value.decode("utf-8", "replace") if isinstance(value, bytes) else str(value)


def _is_redacted(field: Field) -> bool:
    return isinstance(field, Text) and field.exposure is PUBLIC


def _bad(what: str) -> ProofFailed:
    return ProofFailed("BAD_ROW", f"A row of the application's table has {what}, so nothing can be made of its day.")
