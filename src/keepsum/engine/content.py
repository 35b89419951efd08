"""The content hash of a table: the same digest for the same rows, fresh from Arrow or read back out of a database."""

import hashlib
from collections.abc import Iterable, Iterator, Sequence
from itertools import pairwise
from typing import Any

import numpy as np
import pyarrow as pa

from keepsum.model.layout import ARROW, Column, Type


def content(table: pa.Table) -> str:
    """SHA-256 of a table in 64 hex digits: its names, plain types, nulls and values, in the order of its rows.

    The bytes are: the count of rows; then of each column its name and its type (each behind its length, UTF-8), a byte
    a row that is 1 where there is a value, and the values: integers in 8 bytes and booleans in 1, which are 0 where
    there is none; of texts and bytes all lengths, 0 where there is none, and then all of them one after another.
    Counts and lengths take 8 bytes; all numbers are little endian.
    """
    digest = hashlib.sha256(_number(table.num_rows))
    for name in table.column_names:
        for piece in _pieces(name, table[name]):
            digest.update(piece)
    return digest.hexdigest()


def content_of_rows(columns: Sequence[Column], rows: Sequence[tuple[Any, ...]]) -> str:
    """The content hash of rows as a database gives them, their cells in the order of the columns."""
    cells = zip(*rows, strict=True) if rows else [()] * len(columns)
    arrays = [pa.array(column, ARROW[c.type]) for c, column in zip(columns, cells, strict=True)]
    return content(pa.table(arrays, names=[c.name for c in columns]))


def contents_by_day(table: pa.Table, wanted: Iterable[int] = ()) -> dict[int, str]:
    """The content hash of each day's rows, which keep their order, by day number (the column `day`).

    Of the `wanted` days also where they have no rows.
    """
    days = table["day"].to_numpy()
    if (days[1:] < days[:-1]).any():
        order = np.argsort(days, kind="stable")
        table, days = table.take(pa.array(order)), days[order]
    bounds = [*np.unique(days, return_index=True)[1].tolist(), len(days)]
    found = {int(days[begin]): content(table.slice(begin, end - begin)) for begin, end in pairwise(bounds)}
    missing = set(wanted) - found.keys()
    return found | (dict.fromkeys(missing, content(table.slice(0, 0))) if missing else {})


def _pieces(name: str, column: pa.ChunkedArray) -> Iterator[bytes | memoryview]:
    kind = _type(column.type)
    for text in (name.encode(), kind.encode()):
        yield _number(len(text)) + text
    array = column.cast(ARROW[kind]).combine_chunks()
    yield array.is_valid().cast(pa.uint8()).to_numpy().tobytes()
    match kind:
        case "integer":
            yield array.fill_null(0).to_numpy().astype("<i8").tobytes()
        case "boolean":
            yield array.cast(pa.uint8()).fill_null(0).to_numpy().tobytes()
        case "text" | "bytes":
            yield from _lengths_and_bytes(array)


def _type(kind: pa.DataType) -> Type:
    kind = kind.value_type if pa.types.is_dictionary(kind) else kind
    if pa.types.is_integer(kind):
        return "integer"
    if pa.types.is_boolean(kind):
        return "boolean"
    if pa.types.is_binary(kind) or pa.types.is_large_binary(kind):
        return "bytes"
    if pa.types.is_string(kind) or pa.types.is_large_string(kind):
        return "text"
    raise TypeError(kind)


def _lengths_and_bytes(array: pa.Array) -> Iterator[bytes | memoryview]:
    if not len(array):
        return
    if array.null_count:
        # TRICKY: what lies under a null is anything at all; filled it has no bytes.
        array = array.fill_null(pa.scalar(b"", pa.binary()).cast(array.type))
    _, ends, data = array.buffers()
    bounds = np.frombuffer(ends, np.int32)[array.offset : array.offset + len(array) + 1].astype("<i8")
    yield (bounds[1:] - bounds[:-1]).tobytes()
    if data is not None:
        yield memoryview(data)[bounds[0] : bounds[-1]]


def _number(number: int) -> bytes:
    return number.to_bytes(8, "little")
