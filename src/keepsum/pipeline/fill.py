"""Making the file of an export: rows come in batches from living records or from an answer, and go into the file."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import msgspec
import pyarrow as pa

from keepsum.deliver import render
from keepsum.engine import exporting, extract
from keepsum.engine.days import Calendar
from keepsum.engine.exporting import Request, Sight
from keepsum.model.access import Caller
from keepsum.model.day import date_of
from keepsum.model.errors import Invalid, NotFound, Unavailable
from keepsum.model.export import Format, Question
from keepsum.model.job import Progress
from keepsum.model.metric import streams_of
from keepsum.model.stream import Stream
from keepsum.pipeline import closing, gather, move
from keepsum.pipeline.answer import answer
from keepsum.pipeline.hold import holding
from keepsum.pipeline.records import stream_day
from keepsum.store import days, ledger, records
from keepsum.store.homes.embedded import Damaged
from keepsum.store.workspace import Workspace


@dataclass(frozen=True, kw_only=True)
class Source:
    """Where a file's rows come from: batches of a schema, and what is to be said of them."""

    schema: pa.Schema
    batches: Iterator[pa.RecordBatch]
    about: Mapping[str, Any] = field(default_factory=dict[str, Any])


def source(
    workspace: Workspace, wanted: Request, sight: Sight, caller: Caller, *, now: int, progress: Progress
) -> Source:
    """Give what a request's file is made of, as far as its caller sees it."""
    of = wanted.dataset.of
    if isinstance(of, Stream):
        return _of_records(workspace, of, wanted, sight, now=now, progress=progress)
    return _of_answer(workspace, of, wanted, caller, now=now)


def write(form: Format, path: Path, source: Source, about: Mapping[str, Any], *, most_rows: int) -> int:
    """Write a file and give how many rows it has; raises `EXPORT_TOO_LONG`."""
    return render.write(form, path, source.schema, _bounded(source.batches, most_rows), about)


def too_long(most_rows: int) -> Invalid:
    """Give the error of an export with too many rows."""
    message = f"The export would have more than {most_rows:,} rows: take fewer days, or filters."
    return Invalid("EXPORT_TOO_LONG", message)


def _bounded(batches: Iterator[pa.RecordBatch], most: int) -> Iterator[pa.RecordBatch]:
    rows = 0
    for batch in batches:
        rows += batch.num_rows
        if rows > most:
            raise too_long(most)
        yield batch


def _of_records(
    workspace: Workspace, stream: Stream, wanted: Request, sight: Sight, *, now: int, progress: Progress
) -> Source:
    headings = extract.headings_of(stream, exporting.columns_of(stream, wanted.dataset, sight))
    where = exporting.limits_of(stream, wanted, sight)
    read = {extract.stored_as(stream, name) for name in (*(h.name for h in headings), *(name for name, _ in where))}

    def batches() -> Iterator[pa.RecordBatch]:
        rows, known = 0, _days(workspace, stream, wanted)
        for place, day in enumerate(known):
            for batch in day_batches(workspace, stream, day, sorted(read), now=now):
                found = extract.picked(stream, batch, headings, where)
                rows += found.num_rows
                progress.progress(days=place, rows=rows, total=len(known))
                yield found

    return Source(schema=extract.schema(headings), batches=batches())


def _days(workspace: Workspace, stream: Stream, wanted: Request) -> list[int]:
    with workspace.file.read() as connection:
        states = days.states(connection, stream.name, wanted.first, wanted.last)
    if stream.name in workspace.attached:  # whose days nobody wrote down before they are rolled
        return list(range(wanted.first, wanted.last + 1))
    return sorted(day for day, state in states.items() if state.control.records)


def day_batches(
    workspace: Workspace, stream: Stream, day: int, names: list[str], *, now: int
) -> Iterator[pa.RecordBatch]:
    """Give the records of a stream's day, wherever they live: columns of its layout, in pieces that memory holds.

    Raises `RECORDS_PURGED` and `EXPORT_DAMAGED`.
    """
    if stream.name in workspace.attached:
        yield from _arriving(workspace, stream, day, names)
        return
    _move_if_full(workspace, stream, day, now=now)
    try:
        yield from stream_day(workspace, stream, day, names, extract.PIECE)
    except Damaged as error:
        which = f"A file with records of stream {stream.name!r} of {date_of(day)}"
        message = f"{which} {error.what}: the export would not be whole."
        raise Unavailable("EXPORT_DAMAGED", message) from error


def _arriving(workspace: Workspace, stream: Stream, day: int, names: list[str]) -> Iterator[pa.RecordBatch]:
    """Read a day's rows where they live, from one snapshot of that day, through memory only."""
    wanted = pa.schema([field for field in workspace.layout(stream).schema if field.name in names])
    with gather.snapshot(workspace, stream) as reading:
        # TRICKY: asked inside the snapshot, for a purge says so before it deletes; before it, one might begin between.
        with workspace.file.read() as connection:
            calendar = Calendar(workspace.identity.zone, days.known(connection))
            if days.state(connection, stream.name, day).purge:
                message = f"Records of stream {stream.name!r} of {date_of(day)} are deleted: export later days."
                raise NotFound("RECORDS_PURGED", message)
        for _, table in gather.arriving(workspace, stream, calendar.day(day), reading):
            yield from table.select(wanted.names).cast(wanted).to_batches(extract.PIECE)


def _move_if_full(workspace: Workspace, stream: Stream, day: int, *, now: int) -> None:
    """Let the records of a long tail lie in files first: a tail is read whole, a file is not."""
    with workspace.file.read() as connection:
        waiting, _ = records.tail_days(connection, stream.name).get(day, (0, 0))
    if waiting >= move.FULL:
        holding(workspace, stream, day, lambda: move.move_day(workspace, stream, day, now=now), 0, now=now)


def _of_answer(workspace: Workspace, question: Question, wanted: Request, caller: Caller, *, now: int) -> Source:
    """Ask as any question is asked; the ledger's head beside it says under which seals the figures stood.

    Of months that were closed the entries that did it are named, too.
    """
    with workspace.file.read() as connection:
        entry, head, _ = ledger.head(connection)
        streams = [stream.name for stream in streams_of(question.metrics) if question.basis == "booked"]
        closed = closing.listed(connection, streams, wanted.first, wanted.last)
    found = answer(workspace, exporting.query_of(question, wanted), caller=caller, now=now)
    about = {"labels": msgspec.to_builtins(found.labels), "ledger": {"entry": entry, "head": head}}
    about |= {"closings": closed} if closed else {}
    headings = extract.headings_of_answer(found)
    return Source(schema=extract.schema(headings), batches=extract.rows_of_answer(found), about=about)
