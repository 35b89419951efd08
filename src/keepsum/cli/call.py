"""`keepsum call`: what a pack's route answers, without a server."""

from collections.abc import Iterator, Mapping
from decimal import Decimal
from typing import TYPE_CHECKING, Annotated, Any, cast

from typer import Argument, Option

from keepsum.cli.door import opened
from keepsum.cli.screen import Screen, table
from keepsum.model.errors import Invalid

if TYPE_CHECKING:
    from rich.console import RenderableType

    from keepsum.settings import Settings


def call(
    settings: "Settings",
    screen: Screen,
    *,
    path: Annotated[str, Argument(help="The route's path.", metavar="PATH")],
    given: Annotated[list[str] | None, Argument(help="Its parameters.", metavar="[NAME=VALUE]...")] = None,
    post: Annotated[bool, Option("--post", help="Call the route that takes POST.")] = False,
) -> None:
    """Call a route of a pack, as its callers do over HTTP, and show what it answers."""
    from keepsum.model.access import machine
    from keepsum.pipeline import pack_routes
    from keepsum.pipeline.live import Remembered

    with opened(settings) as system:
        data = pack_routes.call(
            system.exports,
            "POST" if post else "GET",
            path,
            _parameters(given or []),
            caller=machine(system.id),
            told=system.told,
            remembered=Remembered(),
            now=system.clock(),
        )
        screen.show(data, lambda: _lines(data))


def _parameters(given: list[str]) -> dict[str, object]:
    """Give parameters by name; raises `BAD_PARAMETER`."""
    found: dict[str, object] = {}
    for text in given:
        name, equals, value = text.partition("=")
        if not equals or not name or name in found:
            raise Invalid("BAD_PARAMETER", f"{text[:60]!r} is not of the form NAME=VALUE, each name once.")
        found[name] = value
    return found


def _lines(data: object) -> "Iterator[RenderableType]":
    """Draw plain values: lists of objects as tables, all else as lines of a name and what it is."""
    if not isinstance(data, Mapping):
        yield from _table("answer", data)
        return
    values: Mapping[str, Any] = data  # pyright: ignore[reportUnknownVariableType] -- packs may answer anything
    plain = {name: value for name, value in values.items() if not _is_table(value)}
    if plain:
        yield table(("", ">"), ((name, _shown(value)) for name, value in plain.items()))
    for name, value in values.items():
        if _is_table(value):
            yield from _table(name, value)


def _is_table(value: Any) -> bool:
    return isinstance(value, (list, tuple)) and len(cast("Any", value)) > 0 and isinstance(value[0], Mapping)


def _table(name: str, value: Any) -> "Iterator[RenderableType]":
    if not _is_table(value):
        yield table((name,), [(_shown(value),)])
        return
    columns: list[str] = list(dict.fromkeys(column for row in value for column in row))
    headings = [f">{name}" if _is_number(row.get(name) for row in value) else name for name in columns]
    yield table(headings, ([_shown(row.get(name)) for name in columns] for row in value))


def _is_number(values: "Iterator[object]") -> bool:
    return all(value is None or isinstance(value, (int, Decimal)) for value in values)


def _shown(value: Any) -> object:
    """Give what a cell shows: a number or nothing as it is, all else as a text."""
    if isinstance(value, Mapping):
        parts: Mapping[str, Any] = value  # pyright: ignore[reportUnknownVariableType] -- packs may answer anything
        return ", ".join(f"{name}: {_shown(part)}" for name, part in parts.items())
    if isinstance(value, (list, tuple)):
        listed: list[Any] = list(value)  # pyright: ignore[reportUnknownArgumentType, reportUnknownVariableType] -- packs may answer anything
        return ", ".join(str(_shown(part)) for part in listed)
    return str(value) if hasattr(value, "isoformat") else value
