"""Taking a file in: its rows become records, keyed by the file and the line where it names no key itself."""

from collections import Counter, deque
from collections.abc import Callable, Iterable, Iterator, Mapping
from concurrent.futures import Future
from dataclasses import dataclass, field, replace

from keepsum.engine.accept import Checked, Intake
from keepsum.model.catalog import Catalog, Reader
from keepsum.model.errors import Invalid, NotFound, Rejection
from keepsum.model.stream import Stream
from keepsum.pipeline.collect import SHOWN, Collector, Receipt
from keepsum.store.files import Piece, RecordFile, Row

BATCH = 5_000
AHEAD = 3  # batches handed over before the first is waited for

Advance = Callable[[int, int], None]  # bytes of the file read, records settled


@dataclass(kw_only=True)
class Collected:
    """What became of a file; the rejections are the first hundred, their index is the line in the file."""

    accepted: int = 0
    duplicates: int = 0
    rejected: Counter[tuple[str, str]] = field(default_factory=Counter[tuple[str, str]])
    rejections: list[Rejection] = field(default_factory=list[Rejection])

    @property
    def records(self) -> int:
        """How many records the file held."""
        return self.accepted + self.duplicates + self.rejected.total()

    def add(self, receipt: Receipt) -> None:
        """Add what became of one batch."""
        self.accepted += receipt.accepted
        self.duplicates += receipt.duplicates
        self.rejected.update((r.field, r.code) for r in receipt.rejections)
        self.rejections.extend(receipt.rejections[: SHOWN - len(self.rejections)])


def choose_reader(catalog: Catalog, stream: Stream, file: RecordFile, name: str | None = None) -> Reader | None:
    """Give the reader of a file: the one named, none where columns are fields already, else the stream's only one.

    Raises `UNKNOWN_READER`, and `READER_UNNAMED` when the stream has several.
    """
    mine = {r.name: r for r in catalog.readers.values() if r.stream == stream.name}
    if name is not None:
        if name not in mine:
            known = ", ".join(sorted(mine)) or "none"
            raise NotFound("UNKNOWN_READER", f"Stream {stream.name!r} has no reader {name!r}; known: {known}.")
        return mine[name]
    if file.format != "csv" or not mine or stream.time in file.columns():
        return None
    if len(mine) > 1:
        raise Invalid("READER_UNNAMED", f"Stream {stream.name!r} has several readers: name one of {', '.join(mine)}.")
    return next(iter(mine.values()))


def collect_file(
    collector: Collector,
    stream: Stream,
    file: RecordFile,
    reader: Reader | None,
    *,
    clock: Callable[[], int],
    advance: Advance = lambda _read, _records: None,
) -> Collected:
    """Collect a file's records; each batch is durable before it is counted. Raises `FILE_DAMAGED`."""
    intake, total = collector.intake(stream.name), Collected()
    waiting: deque[tuple[int, Future[Receipt]]] = deque()
    for piece in records_of(file, stream, reader):
        waiting.append((piece.read, collector.submit(stream.name, _checked(intake, piece, now=clock()))))
        if len(waiting) > AHEAD:
            _settle(total, *waiting.popleft(), advance)
    for read, done in waiting:
        _settle(total, read, done, advance)
    return total


def records_of(file: RecordFile, stream: Stream, reader: Reader | None, count: int = BATCH) -> Iterator[Piece]:
    """Give a file's rows as records of a stream; a file without the key's column numbers them by line.

    Such a key is `<first 16 hex digits of the file's SHA-256>:<line>`: the same file again gives the same records.
    """
    keyed = reader is None and stream.key in file.columns()
    mark = "" if keyed else file.digest[:16]
    if mark:
        # TRICKY: a file that is mended has another digest, so its lines would be other records than before.
        file.check()
    for piece in file.pieces(count):
        yield _keyed(_read(piece, reader, plain=file.format == "csv"), stream.key, mark)


def _read(piece: Piece, reader: Reader | None, *, plain: bool) -> Piece:
    """Bring rows to records: by the reader, or, of texts alone, by taking an empty one for none."""
    if reader is None:
        empty = ({name: value or None for name, value in row.items()} for row in piece.rows)
        return replace(piece, rows=list(empty)) if plain else piece
    rows, places, bad = list[Row](), list[int](), list(piece.bad)
    for row, place in zip(piece.rows, piece.places, strict=True):
        try:
            rows.append(dict(reader.read(row)))
            places.append(place)
        except Exception:  # noqa: BLE001 -- readers are a pack's: whatever they raise, one row is unreadable
            bad.append((place, "ROW_UNREADABLE"))
    return replace(piece, rows=rows, places=places, bad=bad)


def _keyed(piece: Piece, key: str, mark: str) -> Piece:
    if mark:
        for row, place in zip(piece.rows, piece.places, strict=True):
            row.setdefault(key, f"{mark}:{place}")
    return piece


def _checked(intake: Intake, piece: Piece, *, now: int) -> Checked:
    """Check records; an index is the place in the file from here on."""
    checked = intake.convert(piece.rows, now=now)
    refused = [replace(r, index=piece.places[r.index]) for r in checked.rejections]
    refused.extend(_unreadable(piece.bad))
    return Checked(
        good=checked.good,
        places=[piece.places[place] for place in checked.places],
        rejections=tuple(sorted(refused, key=lambda r: r.index)),
        received=len(piece),
    )


def _unreadable(bad: Iterable[tuple[int, str]]) -> Iterator[Rejection]:
    for place, code in bad:
        yield Rejection(index=place, field="", code=code, message=UNREADABLE[code])


UNREADABLE: Mapping[str, str] = {
    "COLUMNS_DIFFER": "the row has another number of columns than the header",
    "NOT_UTF_8": "the row is not UTF-8",
    "MALFORMED_JSON": "the line is not a JSON object",
    "ROW_UNREADABLE": "the reader cannot read the row",
}


def _settle(total: Collected, read: int, done: "Future[Receipt]", advance: Advance) -> None:
    total.add(done.result())
    advance(read, total.records)
