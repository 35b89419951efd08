"""Files of records that people bring: their rows in order, each with its place, whatever the format and the packing."""

import csv
import gzip
import io
import zlib
from collections.abc import Callable, Generator, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from decimal import Decimal
from pathlib import Path
from typing import IO, Any, Literal

import msgspec
import pyarrow as pa
import pyarrow.parquet as pq
import zstandard

from keepsum.model.errors import Invalid, NotFound, Unavailable
from keepsum.store.homes.embedded import file_digest

Format = Literal["csv", "lines", "parquet"]
FORMATS: Mapping[str, Format] = {
    ".csv": "csv",
    ".ndjson": "lines",
    ".jsonl": "lines",
    ".parquet": "parquet",
}
PACKED = (".gz", ".zst")
CHUNK = 1 << 18

Row = dict[str, Any]
_decoder = msgspec.json.Decoder(dict[str, Any], float_hook=Decimal)


@dataclass(kw_only=True)
class Piece:
    """Some rows in order with their places (a line, or in Parquet a row, from 1), and places that hold no row.

    `read` is how many bytes of the file were read so far.
    """

    rows: list[Row] = field(default_factory=list[Row])
    places: list[int] = field(default_factory=list[int])
    bad: list[tuple[int, str]] = field(default_factory=list[tuple[int, str]])
    read: int = 0

    def __len__(self) -> int:
        """How many places there are, good and bad."""
        return len(self.rows) + len(self.bad)


class RecordFile:
    """One file to collect; raises `NO_SUCH_FILE` and `UNKNOWN_FORMAT`."""

    def __init__(self, path: Path) -> None:
        if not path.is_file():
            raise NotFound("NO_SUCH_FILE", f"There is no file {str(path)!r}.")
        suffixes = path.suffixes
        packing = suffixes.pop() if suffixes and suffixes[-1] in PACKED else ""
        self.path, self.packing, self.size = path, packing, path.stat().st_size
        self.format = FORMATS.get(suffixes[-1] if suffixes else "")
        if self.format is None or (self.format == "parquet" and packing):
            known = "*.csv, *.ndjson or *.jsonl (also .gz or .zst), or *.parquet"
            raise Invalid("UNKNOWN_FORMAT", f"The file {path.name!r} is none of {known}.")

    @property
    def digest(self) -> str:
        """The SHA-256 of the file's bytes as they lie on disk, in hex."""
        return file_digest(self.path)

    def columns(self) -> tuple[str, ...]:
        """Give the names that the first row (or the header) has."""
        with self._open() as (source, _):
            match self.format:
                case "csv":
                    with _text(source) as text:
                        return tuple(next(csv.reader(text), ()))
                case "lines":
                    first = next((line for line in source if line.strip()), b"{}")
                    return tuple(_decoded(first) or ())
                case _:
                    return tuple(pq.ParquetFile(source).schema_arrow.names)

    def check(self) -> None:
        """Unpack the file to its end, so that nothing of a damaged one is taken in; raises `FILE_DAMAGED`."""
        if self.packing:
            with self._open() as (source, _):
                while source.read(CHUNK):
                    pass

    def pieces(self, count: int) -> Iterator[Piece]:
        """Give the rows, so many at a time; raises `FILE_DAMAGED` where the file cannot be read on."""
        readers: Mapping[str | None, Callable[[Any, int], Iterator[Piece]]]
        readers = {"csv": _csv_pieces, "lines": _line_pieces, "parquet": _parquet_pieces}
        with self._open() as (source, position):
            for piece in readers[self.format](source, count):
                piece.read = position()
                yield piece

    @contextmanager
    def _open(self) -> Generator[tuple[IO[bytes], Callable[[], int]]]:
        """Give the unpacked bytes, and what says how many packed ones were read."""
        try:
            with self.path.open("rb") as raw:
                yield _unpacked(raw, self.packing), raw.tell
        except (EOFError, zlib.error, gzip.BadGzipFile, zstandard.ZstdError, pa.ArrowException) as error:
            message = f"The file {self.path.name!r} cannot be read to its end: it is cut off or not what its name says."
            raise Unavailable("FILE_DAMAGED", message) from error


def _unpacked(raw: IO[bytes], packing: str) -> IO[bytes]:
    match packing:
        case ".gz":
            return io.BufferedReader(gzip.GzipFile(fileobj=raw), CHUNK)  # pyright: ignore[reportArgumentType] -- raw enough for this
        case ".zst":
            return io.BufferedReader(_Zstd(raw), CHUNK)
        case _:
            return raw


class _Zstd(io.RawIOBase):
    """Zstandard frames unpacked as one stream; raises EOFError when the last one is cut off."""

    def __init__(self, raw: IO[bytes]) -> None:
        super().__init__()
        self._raw, self._left = raw, b""
        self._frame = zstandard.ZstdDecompressor().decompressobj()
        self._begun = False

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: Any) -> int:
        """Fill a buffer."""
        while not self._left:
            packed = self._frame.unused_data if self._frame.eof else b""
            packed = packed or self._raw.read(CHUNK >> 3)
            if not packed:
                if self._begun and not self._frame.eof:
                    raise EOFError
                return 0
            if self._frame.eof:
                self._frame = zstandard.ZstdDecompressor().decompressobj()
            self._begun = True
            self._left = self._frame.decompress(packed)
        given, self._left = self._left[: len(buffer)], self._left[len(buffer) :]
        buffer[: len(given)] = given
        return len(given)


def _text(source: IO[bytes]) -> io.TextIOWrapper:
    # TRICKY: bytes that are no UTF-8 become half characters, which no encoder takes: the row is refused, not the file.
    return io.TextIOWrapper(source, encoding="utf-8-sig", errors="surrogateescape", newline="")


def _csv_pieces(source: IO[bytes], count: int) -> Iterator[Piece]:
    """Give rows as texts by the names in the header; an empty cell is the text ''."""
    with _text(source) as text:
        yield from _csv_rows(_CsvLines(text), count)


def _csv_rows(lines: "_CsvLines", count: int) -> Iterator[Piece]:
    names = lines.header
    if len(set(names)) != len(names):
        twice = next(name for name in names if names.count(name) > 1)
        raise Invalid("COLUMN_TWICE", f"The header names the column {twice!r} twice.")
    piece = Piece()
    for place, row in lines:
        if row is None:
            piece.bad.append((place, "ROW_UNREADABLE"))
        elif len(row) != len(names):
            piece.bad.append((place, "COLUMNS_DIFFER"))
        elif not all(map(_is_text, row)):
            piece.bad.append((place, "NOT_UTF_8"))
        else:
            piece.rows.append(dict(zip(names, row, strict=True)))
            piece.places.append(place)
        if len(piece) >= count:
            yield piece
            piece = Piece()
    yield piece


class _CsvLines:
    """Rows with the line each begins on, those that are not empty; None for one that is not CSV."""

    def __init__(self, text: io.TextIOWrapper) -> None:
        self._lines = csv.reader(text)
        self.header = next(self._lines, None) or []

    def __iter__(self) -> Iterator[tuple[int, list[str] | None]]:
        """Give the rows after the header."""
        while True:
            place = self._lines.line_num + 1
            try:
                row = next(self._lines)
            except StopIteration:
                return
            except csv.Error:
                yield place, None
            else:
                if row:
                    yield place, row


def _is_text(value: str) -> bool:
    if value.isascii():
        return True
    try:
        value.encode()
    except UnicodeEncodeError:
        return False
    return True


def _line_pieces(source: IO[bytes], count: int) -> Iterator[Piece]:
    piece = Piece()
    for place, line in enumerate(source, 1):
        if line.strip():
            row = _decoded(line)
            if row is None:
                piece.bad.append((place, "MALFORMED_JSON"))
            else:
                piece.rows.append(row)
                piece.places.append(place)
        if len(piece) >= count:
            yield piece
            piece = Piece()
    yield piece


def _decoded(line: bytes) -> Row | None:
    try:
        return _decoder.decode(line)
    except (msgspec.MsgspecError, UnicodeError):
        return None


def _parquet_pieces(source: IO[bytes], count: int) -> Iterator[Piece]:
    place = 0
    for batch in pq.ParquetFile(source).iter_batches(count):
        rows: Sequence[Row] = batch.to_pylist()
        yield Piece(rows=list(rows), places=list(range(place + 1, place + 1 + len(rows))))
        place += len(rows)
