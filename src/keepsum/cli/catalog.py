"""`keepsum catalog`: what the packs declare, and whether they can keep it."""

from collections.abc import Iterator
from typing import TYPE_CHECKING, Annotated, Any

from typer import Option

from keepsum.cli.door import REFUSED
from keepsum.cli.screen import Screen, table

if TYPE_CHECKING:
    from rich.console import RenderableType

    from keepsum.settings import Settings


def catalog(
    settings: "Settings",
    screen: Screen,
    *,
    lint: Annotated[
        bool, Option("--lint", help="Check it against every rule; all packs there are, unless some are named.")
    ] = False,
) -> int:
    """Show what the packs declare."""
    from keepsum.assemble.catalog import find_catalog, pack_names
    from keepsum.engine.lint import lint as findings_of
    from keepsum.model.describe import describe

    if not lint:
        data = describe(find_catalog(settings))
        screen.show(data, lambda: _catalog_lines(data))
        return 0
    if settings.enabled is None:
        settings = settings.model_copy(update={"enabled": pack_names(settings)})
    found = findings_of(find_catalog(settings))
    listed = [{"rule": f.rule, "severity": f.severity, "subject": f.subject, "message": f.message} for f in found]
    screen.show({"findings": listed}, lambda: _lint_lines(listed))
    return REFUSED if any(f.severity == "error" for f in found) else 0


def _catalog_lines(data: dict[str, Any]) -> "Iterator[RenderableType]":
    if not data["packs"]:
        yield "No pack is on: put yours into ./packs, or name one with --enabled."
        return
    yield table(
        ("stream", ">fields", "time", "key", "subject", "kept", "about"),
        (
            (s["name"], len(s["fields"]), s["time"], s["key"], s["subject"], _length(s["keep"]), s["about"])
            for s in data["streams"]
        ),
    )
    yield table(
        ("rollup", "of", "by", "measures", "kept"),
        (
            (
                r["name"],
                r["definition"]["stream"],
                ", ".join(d["name"] for d in r["definition"]["by"]) or None,
                ", ".join(m["name"] for m in r["definition"]["measures"]),
                _length(r["keep"]),
            )
            for r in data["rollups"]
        ),
    )
    yield table(
        ("metric", "kind", "unit", "is", "about"),
        ((m["name"], m["kind"], m["unit"] or None, m["text"], m["about"]) for m in data["metrics"]),
    )
    yield table(
        ("role", "includes", "permits", "shows", "about"),
        (
            (
                r["name"],
                ", ".join(r["includes"]) or None,
                ", ".join(r["permissions"]) or None,
                ", ".join(f"{g['on']} {g['reach']} ({g['level']})" for g in r["grants"]) or None,
                r["about"],
            )
            for r in data["roles"]
        ),
    )


def _length(value: dict[str, int] | None) -> str | None:
    if value is None:
        return None
    parts = [f"{value[unit]} {unit}" for unit in ("months", "days") if value[unit]]
    return " ".join(parts) or "0 days"


def _lint_lines(found: list[dict[str, str]]) -> "Iterator[RenderableType]":
    if not found:
        yield "[green]✓ the catalog can keep its promises[/]"
        return
    yield table(
        ("rule", "severity", "what", "what to do"),
        ((f["rule"], f["severity"], f["subject"], f["message"]) for f in found),
    )
