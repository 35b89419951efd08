"""`keepsum attach`: what a table of an application's own database could be declared as."""

from collections.abc import Iterator
from typing import TYPE_CHECKING, Annotated, Any

from typer import Option

from keepsum.cli.screen import Screen, cell
from keepsum.model.errors import Invalid

if TYPE_CHECKING:
    from rich.console import RenderableType

    from keepsum.settings import Settings


def attach(
    settings: "Settings",
    screen: Screen,
    *,
    url: Annotated[
        str | None, Option(help="The database, such as postgresql://role@host/name; with a password use --stream.")
    ] = None,
    table: Annotated[str | None, Option(help="The table to look at; without one they are listed.")] = None,
    stream: Annotated[
        str | None, Option(help="A declared stream: look at its table, by the address that its pack is told.")
    ] = None,
) -> None:
    """Look at a table of your application's database: propose a stream, say what is unsafe, print the least rights.

    Nothing is written, neither there nor here.
    """
    from keepsum.pipeline.propose import look, tables_of

    address, named = _address(settings, url, stream)
    wanted = table or next(iter(named), None)
    if wanted is None:
        data: dict[str, Any] = {"tables": list(tables_of(address))}
        screen.show(data, lambda: iter(("Name one with --table:", cell("\n".join(data["tables"])))))
        return
    found = look(address, wanted)
    said = {"table": wanted, "declaration": found.text, "unsafe": list(found.unsafe), "rights": found.rights}
    said["reads"] = list(named[1:])
    screen.show(said, lambda: _lines(said))


def _address(settings: "Settings", url: str | None, stream: str | None) -> tuple[str, tuple[str, ...]]:
    """Give the database's address, and the tables that a declared stream reads, its own first."""
    from keepsum.assemble.catalog import find_catalog
    from keepsum.assemble.databases import address_of

    if (url is None) == (stream is None):
        raise Invalid("DATABASE_UNNAMED", "Name a database with --url, or a declared stream with --stream.")
    if stream is None:
        return url or "", ()
    return address_of(find_catalog(settings), stream)


def _lines(said: dict[str, Any]) -> "Iterator[RenderableType]":
    yield "A stream to look at line by line, and to put into your pack:"
    yield cell("\n" + said["declaration"])
    yield "What is unsafe:" if said["unsafe"] else "Nothing about the table looks unsafe."
    yield from (cell(f"- {one}") for one in said["unsafe"])
    yield "The rights that Keepsum needs there:"
    yield cell("\n" + said["rights"])
    if said["reads"]:
        yield cell(f"The stream reads these tables, too, so let the role SELECT there: {', '.join(said['reads'])}")
