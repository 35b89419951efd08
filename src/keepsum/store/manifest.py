"""The manifest: which segment files hold the records of which day."""

import json
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from sqlalchemy import ColumnElement, Connection, delete, select

from keepsum.model.control import Control
from keepsum.model.ledger import canonical
from keepsum.store.tables import segments


@dataclass(frozen=True, kw_only=True)
class Segment:
    """One immutable Parquet file of one stream and day; `file` is relative to the segments folder."""

    stream: str
    day: int
    file: str
    records: int
    bytes: int
    sha256: str
    control: Control
    id: int = 0


def of_day(connection: Connection, stream: str, day: int) -> tuple[Segment, ...]:
    """Give a day's segments in arrival order."""
    return of_days(connection, stream, day, day).get(day, ())


def of_days(connection: Connection, stream: str, first: int, last: int) -> dict[int, tuple[Segment, ...]]:
    """Give the segments of a range of days, in arrival order."""
    found: dict[int, tuple[Segment, ...]] = {}
    for segment in _select(connection, segments.c.stream == stream, segments.c.day.between(first, last)):
        found[segment.day] = (*found.get(segment.day, ()), segment)
    return found


def everything(connection: Connection) -> list[Segment]:
    """Give every listed segment."""
    return list(_select(connection))


def publish(connection: Connection, segment: Segment, *, now: int) -> None:
    """List a file: from here on its records count."""
    values = {
        "stream": segment.stream,
        "day": segment.day,
        "file": segment.file,
        "records": segment.records,
        "bytes": segment.bytes,
        "sha256": segment.sha256,
        "control": canonical(segment.control.to_json()),
        "created_at": now,
    }
    connection.execute(segments.insert().values(values))


def withdraw(connection: Connection, gone: Sequence[Segment]) -> None:
    """Take files off the list: from here on their records do not count."""
    connection.execute(delete(segments).where(segments.c.file.in_([s.file for s in gone])))


def _select(connection: Connection, *conditions: ColumnElement[bool]) -> Iterator[Segment]:
    query = select(segments).where(*conditions).order_by(segments.c.day, segments.c.id)
    for r in connection.execute(query):
        yield Segment(
            id=r.id,
            stream=r.stream,
            day=r.day,
            file=r.file,
            records=r.records,
            bytes=r.bytes,
            sha256=r.sha256,
            control=Control.from_json(json.loads(r.control)),
        )
