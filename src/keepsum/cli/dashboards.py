"""`keepsum dashboards`: what people look at, and whom it is shared with."""

from collections.abc import Iterator
from typing import TYPE_CHECKING, Annotated, Any

from typer import Argument

from keepsum.cli.door import opened
from keepsum.cli.moments import instant, shown
from keepsum.cli.screen import Screen, table

if TYPE_CHECKING:
    from rich.console import RenderableType

    from keepsum.pipeline.dashboards import Seen
    from keepsum.settings import Settings


def listing(settings: "Settings", screen: Screen) -> None:
    """List the dashboards: those of packs, then those that people made."""
    from keepsum.model.access import machine
    from keepsum.pipeline import dashboards

    with opened(settings) as system:
        data = [_data(one) for one in dashboards.listing(system.dashboards, machine(system.id))]
    columns = ("id", "title", "of pack", "owner", "version", "changed, UTC", "widgets", "shared with", "published")
    rows = (
        (
            one["id"],
            one["title"],
            one["pack"],
            one["owner"],
            one["version"] or None,
            shown(one["changed_at"]),
            one["widgets"],
            ", ".join(one["shared"]) or None,
            "yes" if one["published"] else None,
        )
        for one in data
    )
    screen.show({"dashboards": data}, lambda: [table(columns, rows) if data else "No dashboard yet."])


def show(
    settings: "Settings",
    screen: Screen,
    *,
    dashboard: Annotated[str, Argument(help="Its id, such as shop.overview.", metavar="ID")],
) -> None:
    """Show what is on a dashboard, and which of its widgets have no answer; as JSON its whole document."""
    from keepsum.model.access import machine
    from keepsum.model.document import document
    from keepsum.pipeline import dashboards

    with opened(settings) as system:
        known, caller = system.dashboards, machine(system.id)
        seen = dashboards.get(known, caller, dashboard)
        today = system.calendar().number_of(system.clock())
        missing = [vars(one) for one in dashboards.missing(known, caller, seen.dashboard, today)]
    data = {**_data(seen), "document": document(seen.dashboard), "missing": missing}
    screen.show(data, lambda: _lines(data))


def _data(seen: "Seen") -> dict[str, Any]:
    return {
        "id": seen.id,
        "title": seen.dashboard.title,
        "pack": seen.pack,
        "owner": seen.owner and seen.owner.id,
        "version": seen.version,
        "changed_at": instant(seen.changed_at),
        "widgets": len(seen.dashboard.widgets),
        "shared": list(seen.shared),
        "published": seen.is_published,
    }


def _lines(data: dict[str, Any]) -> "Iterator[RenderableType]":
    said, gone = data["document"], {one["widget"]: one["code"] for one in data["missing"]}
    yield f"{data['title']}: {said['about']}" if said["about"] else data["title"]
    rows = (
        (one["id"], one["kind"], one["title"], *_asked(one["query"]), gone.get(one["id"])) for one in said["widgets"]
    )
    yield table(("widget", "kind", "title", "metrics", "by", "grain", "missing"), rows)


def _asked(query: dict[str, Any] | None) -> tuple[str | None, str | None, str | None]:
    if query is None:
        return None, None, None
    return ", ".join(query["metrics"]), ", ".join(query["by"]) or None, query["grain"]
