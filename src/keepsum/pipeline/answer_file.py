"""The answer to a question as a file: asked as any question is, written at once, and noted in the audit log."""

import tempfile
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import msgspec

from keepsum.engine import access, extract
from keepsum.model.access import Caller, Permission
from keepsum.model.audit import Kind
from keepsum.model.day import date_of
from keepsum.model.export import Format
from keepsum.model.query import Query
from keepsum.pipeline import audit, fill
from keepsum.pipeline.answer import answer
from keepsum.pipeline.exports import Exports, instant
from keepsum.pipeline.live import Remembered


def make(means: Exports, query: Query, form: Format, title: str, *, caller: Caller, remembered: Remembered) -> bytes:
    """Give a file with an answer, its labels and the question in it where its format has a place for them.

    Raises `NOT_PERMITTED` without the permission to export, `EXPORT_TOO_LONG`, and what asking the question raises.
    """
    access.require(caller, Permission.EXPORT)
    now = means.clock()
    found = answer(means.workspace, query, caller=caller, now=now, remembered=remembered)
    headings = extract.headings_of_answer(found)
    source = fill.Source(schema=extract.schema(headings), batches=extract.rows_of_answer(found))
    said = {"title": title} if title else {}
    said |= {**_asked(query), "filters": {name: list(values) for name, values in query.where}}
    said |= {"made_at": f"{instant(now):%Y-%m-%dT%H:%M:%SZ}", "labels": msgspec.to_builtins(found.labels)}
    with tempfile.TemporaryDirectory(dir=means.workspace.segments.scratch) as folder:
        path = Path(folder) / f"answer.{form}"
        rows = fill.write(form, path, source, said, most_rows=means.most_rows)
        content = path.read_bytes()
    told = {**_asked(query), "filters": [name for name, _ in query.where], "format": form, "rows": rows}
    audit.record(means.control, Kind.ANSWER_EXPORTED, caller, told, now=now)
    return content


def _asked(query: Query) -> Mapping[str, Any]:
    """A question in names and dates, without a value of a record."""
    return {
        "metrics": list(query.metrics),
        "by": list(query.by),
        "grain": str(query.grain),
        "from": str(date_of(query.first)),
        "to": str(date_of(query.last)),
    }
