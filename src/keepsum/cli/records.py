"""`keepsum collect`: records from files."""

from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

from typer import Argument, Option

from keepsum.cli.door import REFUSED, log_to_standard_error, opened
from keepsum.cli.screen import Screen, table
from keepsum.model.counted import counted

if TYPE_CHECKING:
    from rich.console import RenderableType

    from keepsum.assemble.system import System
    from keepsum.pipeline.collect import Collector
    from keepsum.pipeline.collect_file import Collected
    from keepsum.settings import Settings

LISTED = 10  # rejected lines shown of each file


def collect(
    settings: "Settings",
    screen: Screen,
    *,
    files: Annotated[list[Path], Argument(help="CSV, NDJSON (both also .gz or .zst) or Parquet.", metavar="FILE")],
    stream: Annotated[str, Option(help="The stream the records are of.")],
    reader: Annotated[str | None, Option(help="The pack's reader; needed when the stream has several.")] = None,
) -> int:
    """Collect records from files; collecting the same file again adds nothing.

    Columns are the stream's fields, or what the pack's reader makes of them. A file that names no key numbers its
    lines, so a changed file is another one: give records a key where files change.
    """
    log_to_standard_error()
    with opened(settings) as system:
        collector = system.collector()
        try:
            found = [_collect(system, collector, screen, path, stream, reader) for path in files]
        finally:
            collector.close()
            system.note()
    data = [_data(path, one) for path, one in zip(files, found, strict=True)]
    screen.show({"files": data}, lambda: _lines(data))
    return REFUSED if any(one["rejected"] for one in data) else 0


def _collect(
    system: "System", collector: "Collector", screen: Screen, path: Path, name: str, reader: str | None
) -> "Collected":
    from keepsum.pipeline.collect_file import choose_reader, collect_file
    from keepsum.store.files import RecordFile

    stream, file = system.catalog.stream(name), RecordFile(path)
    chosen = choose_reader(system.catalog, stream, file, reader)
    with screen.bar(path.name, file.size) as bar:

        def advance(read: int, records: int) -> None:
            bar.set(read, file.size, counted(records, "records"))

        return collect_file(collector, stream, file, chosen, clock=system.clock, advance=advance)


def _data(path: Path, one: "Collected") -> dict[str, Any]:
    return {
        "file": str(path),
        "accepted": one.accepted,
        "duplicates": one.duplicates,
        "rejected": one.rejected.total(),
        "reasons": [{"field": f, "code": c, "count": n} for (f, c), n in one.rejected.most_common()],
        "rejections": [{"line": r.index, "field": r.field, "code": r.code} for r in one.rejections],
    }


def _lines(data: list[dict[str, Any]]) -> "Iterator[RenderableType]":
    yield table(
        ("file", ">accepted", ">duplicates", ">rejected"),
        ((Path(one["file"]).name, one["accepted"], one["duplicates"], one["rejected"]) for one in data),
    )
    reasons: Counter[tuple[str, str]] = Counter()
    for one in data:
        reasons.update({(r["field"], r["code"]): r["count"] for r in one["reasons"]})
    if reasons:
        yield table(("field", "reason", ">rejected"), ((f or None, c, n) for (f, c), n in reasons.most_common()))
        listed = ((Path(one["file"]).name, r) for one in data for r in one["rejections"][:LISTED])
        yield table(
            ("file", ">line", "field", "reason"),
            ((name, r["line"], r["field"] or None, r["code"]) for name, r in listed),
        )
