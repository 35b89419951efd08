"""Rows of MySQL's text protocol as columns: numpy cuts them out, where the driver would read value by value in Python.

The driver connects, asks, and reads what the columns are; from there on the packets of rows are read here to the end.
"""

from collections.abc import Generator, Sequence
from contextlib import suppress
from typing import Any

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray
from pymysql.constants import CR, FIELD_TYPE
from pymysql.err import Error, OperationalError
from pymysql.protocol import MysqlPacket

Places = NDArray[np.int64]

_HEADER = 4  # bytes before each packet: three of its length, one of its number
_LONGEST = 0xFF_FF_FF  # a packet of this length goes on in the next one
_AT_ONCE = 1 << 18  # bytes asked of the socket
_FULL = 1 << 26  # bytes of a batch, whose last row may be longer
_PADDING = bytes(8)  # a length may be looked for behind the last row
_NULL, _END, _ERROR = 0xFB, 0xFE, 0xFF
_LENGTHS = ((0xFC, 2), (0xFD, 3), (0xFE, 8))  # what a first byte says of the bytes that a length has
_TYPES: dict[int, pa.DataType] = {
    **dict.fromkeys(
        (FIELD_TYPE.TINY, FIELD_TYPE.SHORT, FIELD_TYPE.INT24, FIELD_TYPE.LONG, FIELD_TYPE.LONGLONG), pa.int64()
    ),
    **dict.fromkeys((FIELD_TYPE.TIMESTAMP, FIELD_TYPE.DATETIME), pa.timestamp("us")),
}
_DECIMALS = frozenset((FIELD_TYPE.DECIMAL, FIELD_TYPE.NEWDECIMAL))


class Packets:
    """The rows of a cursor without a buffer that has just asked; they are given once, in their order.

    TRICKY: the driver has no public way to its stream of packets, so `_rfile`, `_result` and `_force_close` of
    PyMySQL are used; whatever else reads its connection before the last row would read the rest of these.
    """

    def __init__(self, cursor: Any) -> None:
        self._cursor = cursor  # which reads what is left when it goes
        self._connection, self._result = cursor.connection, cursor._result  # noqa: SLF001 - see the class
        self._read = bytearray()

    def columns(self, size: int) -> Generator[list[Any]]:
        """Give each column of at most so many rows: an Arrow array, or values as the driver reads them.

        Integers and decimals without decimals are int64 as long as they fit, times timestamps, texts string or binary.
        """
        try:
            while self._result.unbuffered_active:
                starts, ends = self._rows(size)
                if starts:
                    yield self._cut(starts, ends)
        finally:
            self._let_go(size)

    def _let_go(self, size: int) -> None:
        """Read what is left, for the server sends all of it; who stops half way may have closed the connection."""
        with suppress(Error):
            while self._result.unbuffered_active:
                _, ends = self._rows(size)
                del self._read[: ends[-1] if ends else 0]

    def _rows(self, most: int) -> tuple[list[int], list[int]]:
        """Where the next rows begin and end in what was read; none when the last was given."""
        starts: list[int] = []
        ends: list[int] = []
        at = 0
        while len(starts) < most and at < _FULL:
            start, end = at + _HEADER, self._packet(at)
            # No row is empty, for each value has a length.
            if self._read[start] >= _END and self._is_last(start, end):
                break
            starts.append(start)
            ends.append(end)
            at = end
        return starts, ends

    def _packet(self, at: int) -> int:
        """Where the packet ends that begins there, once all of it is read; long ones become one piece."""
        read = self._read
        while True:
            if len(read) < at + _HEADER:
                self._more()
                continue
            length = read[at] | read[at + 1] << 8 | read[at + 2] << 16
            end = at + _HEADER + length
            if len(read) < end:
                self._more()
            elif length < _LONGEST:
                return end
            else:
                return self._joined(end)

    def _joined(self, end: int) -> int:
        """Take the headers out of a packet that goes on where its first part ends, and give its end."""
        length = _LONGEST
        while length == _LONGEST:
            while len(self._read) < end + _HEADER:
                self._more()
            length = int.from_bytes(self._read[end : end + 3], "little")
            del self._read[end : end + _HEADER]
            end += length
            while len(self._read) < end:
                self._more()
        return end

    def _more(self) -> None:
        stream = self._connection._rfile  # noqa: SLF001 - see the class
        try:
            found = stream.read1(_AT_ONCE) if stream is not None else b""
        except (OSError, ValueError):  # also of a stream that is closed
            found = b""
        if not found:
            self._result.unbuffered_active = False
            self._connection._force_close()  # noqa: SLF001 - see the class
            raise OperationalError(CR.CR_SERVER_LOST, "Lost connection to MySQL server during query")
        self._read += found

    def _is_last(self, start: int, end: int) -> bool:
        """Whether a packet that begins as no short value does is none of a row; raises the error that it tells of."""
        first = self._read[start]
        if first == _END and end - start > 8:
            return False  # a long value
        self._result.unbuffered_active = False
        self._result.connection = None
        if first == _ERROR:
            MysqlPacket(bytes(self._read[start:end]), self._connection.encoding).raise_for_error()
        return True

    def _cut(self, starts: Sequence[int], ends: Sequence[int]) -> list[Any]:
        """Give the columns of some rows, and forget what was read of them."""
        data = bytes(self._read[: ends[-1]]) + _PADDING
        del self._read[: ends[-1]]
        bytes_, at = np.frombuffer(data, np.uint8), np.array(starts, np.int64)
        found: list[Any] = []
        for field, decoder in zip(self._result.fields, self._result.converters, strict=True):
            begin, end, nothing = _values(bytes_, at)
            found.append(_typed(field, decoder, _array(data, begin, end, nothing)))
            at = end
        if (at != np.array(ends, np.int64)).any():
            raise OperationalError(CR.CR_MALFORMED_PACKET, "A row does not end with its last column")
        return found


def _values(data: NDArray[np.uint8], at: Places) -> tuple[Places, Places, NDArray[np.bool_]]:
    """Where the values begin and end whose lengths stand there, and which are null."""
    first = data[at]
    nothing = first == _NULL
    begin, length = at + 1, first.astype(np.int64)
    length[nothing] = 0
    if int(first.max()) > _NULL:
        for mark, size in _LENGTHS:
            chosen = np.flatnonzero(first == mark)
            parts = (data[at[chosen] + 1 + place].astype(np.int64) << 8 * place for place in range(size))
            length[chosen] = sum(parts)
            begin[chosen] += size
    return begin, begin + length, nothing


def _array(data: bytes, begin: Places, end: Places, nothing: NDArray[np.bool_]) -> pa.Array:
    """The values as bytes: they and what is between them follow each other in what was read; every second is taken."""
    offsets = np.stack((begin, end), axis=1).reshape(-1).astype(np.int32)
    every = pa.Array.from_buffers(pa.binary(), len(offsets) - 1, [None, pa.py_buffer(offsets), pa.py_buffer(data)])
    return every.take(pa.array(np.arange(0, len(offsets), 2), mask=nothing))


def _typed(field: Any, decoder: tuple[str | None, Any], array: pa.Array) -> Any:
    """The values as what their column is."""
    kind = _TYPES.get(field.type_code)
    if field.type_code in _DECIMALS and field.scale == 0:
        kind = pa.int64()
    if kind is not None:
        try:
            return array.cast(pa.string()).cast(kind)
        except pa.ArrowInvalid:
            pass  # beyond 64 bits, or a time such as 0000-00-00: the driver gives what stands for it
    encoding, convert = decoder
    if convert is None:
        return array if encoding is None else array.cast(pa.string())
    texts = array.to_pylist() if encoding is None else array.cast(pa.string()).to_pylist()
    return [None if text is None else convert(text) for text in texts]
