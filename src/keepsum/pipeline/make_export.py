"""Making an export: its file is written apart, and put in its place once it is whole."""

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from keepsum.engine import exporting
from keepsum.model.day import date_of
from keepsum.model.errors import KeepsumError
from keepsum.model.export import ExportState
from keepsum.model.job import JobStopped, Outcome, Progress
from keepsum.model.stream import Stream
from keepsum.pipeline import fill
from keepsum.pipeline.exports import LASTS, Exports, instant, maker_of, note, note_failed, request_of, sight_of, told_of
from keepsum.store import exports
from keepsum.store.exports import ExportRow, Made


def make(means: Exports, export: str, progress: Progress) -> Outcome:
    """Make the file of an export that waits for it; whatever keeps it from being made, the export says.

    One that another run made meanwhile stays as it is.
    """
    with means.control.read() as connection:
        row = exports.find(connection, export)
        if row is None or row.state is not ExportState.PREPARING:
            return Outcome()
        kept = exports.asked(connection, means.vault.under(connection), export)
    try:
        with means.folder.draft() as draft:
            rows = _place(means, row, _made(means, row, kept, draft, progress))
    except JobStopped:
        raise
    except KeepsumError as error:
        _fail(means, row, str(error))
        raise
    except Exception as error:
        _fail(means, row, f"UNEXPECTED_ERROR: {type(error).__name__}; the worker's log says where it was raised.")
        raise
    return Outcome(rows=rows)


def _made(means: Exports, row: ExportRow, kept: Mapping[str, Any], draft: Path, progress: Progress) -> Made:
    now, today = means.clock(), means.calendar().number_of(means.clock())
    caller, wanted = maker_of(means, kept, now=now), request_of(means, row, kept)
    sight = sight_of(means, caller, wanted, today)
    source = fill.source(means.workspace, wanted, sight, exporting.exporter(caller), now=now, progress=progress)
    said = {"dataset": row.dataset, "from": str(date_of(row.first_day)), "to": str(date_of(row.last_day))}
    said |= {"filters": row.shown, "made_at": f"{instant(now):%Y-%m-%dT%H:%M:%SZ}", **source.about}
    path = draft / f"{row.id}.{row.format}"
    rows = fill.write(row.format, path, source, said, most_rows=means.most_rows)
    exports.durable(path)
    needs = {**kept, "sight": sight.to_json(), "today": today}
    return Made(file=path, rows=rows, columns=tuple(source.schema.names), about=said, needs=needs)


def _place(means: Exports, row: ExportRow, made: Made) -> int:
    """Put a finished file in its place, unless the export was deleted, or made by another run, meanwhile."""
    now = means.clock()
    with means.control.write() as connection:
        found = exports.find(connection, row.id)
        if found is None or found.state is not ExportState.PREPARING:
            return 0
        cipher = means.vault.under(connection)
        exports.end(connection, cipher, row.id, made, now=now, until=now + LASTS, file=made.file.name)
        told = {**told_of(row), "columns": list(made.columns), "rows": made.rows, "outcome": "ready"}
        told["personal"] = _personal(means, row, made.columns)
        note(connection, row, told, now=now)
        means.folder.keep(made.file, made.file.name)
    return made.rows


def _personal(means: Exports, row: ExportRow, columns: tuple[str, ...]) -> list[str]:
    stream = means.workspace.catalog.dataset(row.dataset).of
    return [name for name in columns if isinstance(stream, Stream) and name in exporting.personal(stream)]


def _fail(means: Exports, row: ExportRow, error: str) -> None:
    now = means.clock()
    with means.control.write() as connection:
        note_failed(connection, row, error, now=now)
