"""Columns as drivers hand them over: Arrow arrays where a driver has them, else values one by one."""

import datetime as dt
from collections.abc import Callable, Sequence
from typing import Any

import numpy as np
import pyarrow as pa

Column = Any  # an Arrow array, or a sequence of values

_TYPES: dict[type, pa.DataType] = {str: pa.string(), bytes: pa.binary(), int: pa.int64(), bool: pa.bool_()}
_FORBIDDEN = 8  # the last byte of the control characters that are reserved


def array_of(column: Column) -> pa.Array | None:
    """The column as an array, where all that it holds is of one plain type and fits; nothing where it is not."""
    if isinstance(column, pa.Array):
        return column
    kinds = set(map(type, column)) - {type(None)}
    if len(kinds) != 1:
        return None
    kind = kinds.pop()
    wanted = _zoned(column) if kind is dt.datetime else _TYPES.get(kind)
    if wanted is None:
        return None
    try:
        return pa.array(column, wanted)
    except (pa.ArrowException, OverflowError, UnicodeError):
        return None


def _zoned(times: Sequence[Any]) -> pa.DataType | None:
    """Microseconds with or without a zone, as all times have one or none has."""
    zones = {time.tzinfo for time in times if time is not None}
    if None not in zones:
        return pa.timestamp("us", tz="UTC")
    return pa.timestamp("us") if len(zones) == 1 else None


def values_of(column: Column) -> Sequence[Any]:
    """The column's values one by one."""
    return column.to_pylist() if isinstance(column, pa.Array) else column


def texts_of(column: Column) -> pa.Array | None:
    """The column as texts that can be kept; nothing where one is no UTF-8, no text, or has a reserved character."""
    array = array_of(column)
    if array is not None and pa.types.is_binary(array.type):
        try:
            array = array.cast(pa.string())
        except pa.ArrowInvalid:
            return None
    if array is None or not pa.types.is_string(array.type):
        return None
    return None if _has_forbidden(array) else array


def _has_forbidden(texts: pa.Array) -> bool:
    _, offsets, data = texts.buffers()
    bounds = np.frombuffer(offsets, np.int32, len(texts) + 1, texts.offset * 4)
    if bounds[0] == bounds[-1]:
        return False
    # What follows the first byte of a character is beyond 127, so these bytes stand for nothing else.
    return int(np.frombuffer(data, np.uint8)[bounds[0] : bounds[-1]].min()) <= _FORBIDDEN


def each(texts: pa.Array, change: Callable[[Sequence[str]], Sequence[str | None]]) -> pa.Array:
    """Texts changed by a function of their different values; null stays null."""
    coded = texts.dictionary_encode()
    return pa.array(change(coded.dictionary.to_pylist()), pa.string()).take(coded.indices)
