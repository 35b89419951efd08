"""What tests of a pack need: its declarations are linted, and its readers read into records that would be accepted."""

from collections.abc import Iterable, Iterator, Mapping
from datetime import UTC, datetime, timedelta

from keepsum.engine import lint
from keepsum.engine.accept import Intake
from keepsum.model.catalog import Catalog, Pack, Reader
from keepsum.model.errors import Invalid
from keepsum.model.stream import Stream

Row = Mapping[str, str]
Record = Mapping[str, object]
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


def check_pack(pack: Pack, samples: Mapping[str, Iterable[Row]], *, now: datetime) -> dict[str, list[Record]]:
    """Give, by reader, the records of its sample rows, after checking that the door takes them all at that time.

    Raises `CATALOG_REFUSED` (lint finds errors), `READER_UNTESTED` (no sample row), `ROW_UNREADABLE` (the reader
    raises) and `RECORD_REFUSED` (a record does not fit its stream). A record without a key gets its row's number.
    """
    catalog = Catalog((pack,))
    lint.check(catalog)
    records = {r.name: list(_read(r, catalog.stream(r.stream), samples.get(r.name, ()))) for r in pack.readers}
    for reader in pack.readers:
        if not records[reader.name]:
            raise Invalid("READER_UNTESTED", f"Reader {reader.name!r} has no sample row: give it at least one.")
        _fit(reader, catalog.stream(reader.stream), records[reader.name], now)
    return records


def _read(reader: Reader, stream: Stream, rows: Iterable[Row]) -> Iterator[Record]:
    for number, row in enumerate(rows, 1):
        try:
            record = reader.read(row)
        except Exception as error:
            wrong = type(error).__name__
            raise Invalid("ROW_UNREADABLE", f"Reader {reader.name!r} raises {wrong} on row {number}.") from error
        yield {stream.key: str(number), **record}


def _fit(reader: Reader, stream: Stream, records: list[Record], now: datetime) -> None:
    refused = Intake(stream).convert(records, now=(now - _EPOCH) // timedelta(microseconds=1)).rejections
    if refused:
        first = refused[0]
        where = f"record {first.index + 1} of reader {reader.name!r}, field {first.field!r}"
        raise Invalid("RECORD_REFUSED", f"{len(refused)} records do not fit; the first: {where}: {first.code}.")
