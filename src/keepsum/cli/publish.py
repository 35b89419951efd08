"""`keepsum publish`: figures into the tables of an application's own database."""

from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

from keepsum.cli.door import opened
from keepsum.cli.screen import Screen, table

if TYPE_CHECKING:
    from rich.console import RenderableType

    from keepsum.settings import Settings


def publish(settings: "Settings", screen: Screen) -> None:
    """Write what changed into the published tables, in the databases that the packs' settings name."""
    from keepsum.pipeline import publishing

    with opened(settings) as system:
        done = publishing.publish(system.workspace, system.told, now=system.clock())
        listed = [{"table": d.name, "periods": d.periods, "rows": d.rows, "waiting": d.waiting} for d in done]
    screen.show({"tables": listed}, lambda: _lines(listed))


def _lines(listed: list[dict[str, Any]]) -> "Iterator[RenderableType]":
    if not listed:
        yield "No table is published: a pack declares them, and a setting of it names the database."
        return
    columns = ("table", ">periods written", ">rows", ">periods not final yet")
    yield table(columns, ((d["table"], d["periods"], d["rows"], d["waiting"]) for d in listed))
