"""`keepsum exports`: datasets as files, made by a worker."""

import shutil
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

from typer import Argument, Option

from keepsum.cli.days import From, To
from keepsum.cli.door import opened
from keepsum.cli.moments import day_of, shown
from keepsum.cli.query import filters
from keepsum.cli.screen import Screen, cell, table
from keepsum.model.errors import Conflict, Invalid

if TYPE_CHECKING:
    from rich.console import RenderableType

    from keepsum.assemble.system import System
    from keepsum.engine.exporting import Offer
    from keepsum.model.export import Export
    from keepsum.settings import Settings

Id = Annotated[str, Argument(help="The export's id.", metavar="ID")]


def listing(
    settings: "Settings", screen: Screen, *, limit: Annotated[int, Option(help="How many at most.", min=1)] = 20
) -> None:
    """List the newest exports, and the datasets there are, with their columns and filters."""
    from keepsum.model.access import machine
    from keepsum.pipeline import exports

    with opened(settings) as system:
        caller = machine(system.id)
        found = [_data(one) for one in exports.listing(system.exports, caller, limit)]
        datasets = [_dataset(one) for one in exports.offers(system.exports, caller)]
    screen.show({"exports": found, "datasets": datasets}, lambda: _lines(found, datasets))


def show(settings: "Settings", screen: Screen, *, export: Id) -> None:
    """Show one export."""
    from keepsum.model.access import machine
    from keepsum.pipeline import exports

    with opened(settings) as system:
        data = _data(exports.look(system.exports, export, machine(system.id)))
    screen.show(data, lambda: _export_lines(data))


def create(
    settings: "Settings",
    screen: Screen,
    *,
    dataset: Annotated[str, Argument(help="What to export, by name.", metavar="DATASET")],
    first: From = None,
    to: To = None,
    form: Annotated[str, Option("--format", help="csv, json, xlsx or parquet.")] = "csv",
    where: Annotated[
        list[str] | None,
        Option(help="Only these: country=France; repeat for more values or filters.", metavar="FILTER=VALUE"),
    ] = None,
    wait: Annotated[float, Option(help="Seconds to wait for the file.", min=0)] = 2.0,
) -> None:
    """Have a file made of a dataset by the next free worker, over these days."""
    from keepsum.model.access import machine
    from keepsum.pipeline import exports

    if first is None or to is None:
        raise Invalid("MISSING_PARAMETER", "Say which days to export, with --from and --to.")
    order = exports.Order(
        dataset=dataset, format=form, first=day_of(first), last=day_of(to), filters=filters(where or [])
    )
    with opened(settings) as system:
        caller = machine(system.id)
        made = exports.create(system.exports, order, caller)
        data = _data(exports.wait(system.exports, made.id, caller, wait))
    screen.show(data, lambda: _export_lines(data))


def fetch(
    settings: "Settings",
    screen: Screen,
    *,
    export: Id,
    file: Annotated[Path, Argument(help="The file to write.", metavar="FILE")],
) -> None:
    """Write the file of a ready export to another place, where it stays."""
    with opened(settings) as system:
        size = _copied(system, export, file)
    screen.show({"file": str(file), "bytes": size}, lambda: [f"written: {file}, {size:,} bytes"])


def _copied(system: "System", export: str, file: Path) -> int:
    from keepsum.model.access import machine
    from keepsum.pipeline import exports
    from keepsum.store.disk import new_file

    if file.exists():
        raise Conflict("FILE_EXISTS", f"There is a file {str(file)!r} already: name another.")
    _row, source = exports.fetch_own(system.exports, export, machine(system.id))
    with source, new_file(file) as target:
        shutil.copyfileobj(source, target)
        return target.tell()


def delete(settings: "Settings", screen: Screen, *, export: Id) -> None:
    """Delete an export with its file before its time."""
    from keepsum.model.access import machine
    from keepsum.pipeline import exports

    with opened(settings) as system:
        exports.delete(system.exports, export, machine(system.id))
    screen.show({"deleted": export}, lambda: [f"deleted: {export}"])


def _data(export: "Export") -> dict[str, Any]:
    return {
        "id": export.id,
        "dataset": export.dataset,
        "format": export.format,
        "state": str(export.state),
        "from": str(export.first),
        "to": str(export.last),
        "filters": dict(export.filters),
        "columns": list(export.columns),
        "estimated_rows": export.estimated_rows,
        "rows": export.rows,
        "bytes": export.bytes,
        "about": dict(export.about),
        "created_at": _moment(export.created_at),
        "completed_at": _moment(export.completed_at),
        "expires_at": _moment(export.expires_at),
        "error": export.error,
    }


def _moment(at: Any) -> str | None:
    return at and f"{at:%Y-%m-%dT%H:%M:%SZ}"


def _dataset(offer: "Offer") -> dict[str, Any]:
    said = {"name": offer.dataset.name, "about": offer.dataset.about}
    return said | {one: list(getattr(offer, one)) for one in ("columns", "personal", "filters", "needs")}


def _lines(found: list[dict[str, Any]], datasets: list[dict[str, Any]]) -> "Iterator[RenderableType]":
    yield _table(found) if found else "No export yet."
    lists = ("columns", "filters")
    rows = ((one["name"], one["about"], *(", ".join(one[name]) for name in lists)) for one in datasets)
    yield table(("dataset", "about", *lists), rows) if datasets else "No pack declares a dataset."


def _export_lines(data: dict[str, Any]) -> "Iterator[RenderableType]":
    yield _table([data])
    if data["error"]:
        yield cell(data["error"])
    elif data["state"] == "preparing":
        yield "A server or `keepsum worker` makes it."


def _table(found: list[dict[str, Any]]) -> "RenderableType":
    names = ("id", "dataset", "format", "state", "from", "to", ">rows", ">bytes", "until, UTC")
    rows = ((*(one[name.removeprefix(">")] for name in names[:-1]), shown(one["expires_at"])) for one in found)
    return table(names, rows)
