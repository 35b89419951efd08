"""What a command says: tables for people, one JSON value for machines, bars and errors on standard error."""

import sys
from collections.abc import Callable, Generator, Iterable, Sequence
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any, cast

from keepsum.model.counted import counted

if TYPE_CHECKING:
    from rich.console import Console, RenderableType
    from rich.progress import Progress as Bars
    from rich.table import Table

# A record may hold what moves a terminal's cursor or changes its title; lines of a cell are our own.
CONTROLS = {code: "\ufffd" for code in (*range(32), *range(127, 160)) if code != ord("\n")}
WIDE = 200  # columns where nobody looks: a pipe or a file
STYLES = {
    "ok": "green",
    "sealed": "green",
    "done": "green",
    "ready": "green",
    "preparing": "yellow",
    "expired": "dim",
    "purged": "dim",
    "purging": "yellow",
    "touched": "yellow",
    "open": "yellow",
    "queued": "yellow",
    "running": "yellow",
    "held": "bold red",
    "failed": "bold red",
}


class Bar:
    """A bar on standard error, while somebody looks; it takes what long work says of itself."""

    def __init__(self, bars: "Bars | None", title: str, total: float | None) -> None:
        self._bars = bars
        self._task = bars.add_task(title, total=total, detail="") if bars else None

    def set(self, done: float, total: float | None = None, detail: str = "") -> None:
        """Show how much is done, of how much, and a few words on it."""
        if self._bars is not None and self._task is not None:
            self._bars.update(self._task, completed=done, total=total, detail=detail)

    def progress(
        self,
        *,
        days: int | None = None,
        rows: int | None = None,
        total: int | None = None,
        percent: float | None = None,
    ) -> None:
        """Show how far a job got."""
        parts = [counted(count, what) for count, what in ((days, "days"), (rows, "records")) if count is not None]
        if percent is not None:
            self.set(percent, 100.0, ", ".join(parts))
        else:
            self.set(days or 0, total, ", ".join(parts))


class Screen:
    """Where one command writes: everything goes to standard output as tables or JSON, the rest to standard error."""

    def __init__(self, *, json: bool) -> None:
        self.json = json

    def show(self, data: object, draw: Callable[[], "Iterable[RenderableType]"]) -> None:
        """Print the data as one JSON value, or, for people, what `draw` makes of them."""
        if self.json:
            print_json(data)
            return
        out = console()
        for piece in draw():
            put(out, piece)

    def tell(self, line: str) -> None:
        """Print one line for people."""
        if not self.json:
            console().print(line)

    @contextmanager
    def bar(self, title: str, total: float | None = None) -> Generator[Bar]:
        """Show a bar while the block runs, if standard error is a terminal."""
        if not sys.stderr.isatty():
            yield Bar(None, title, total)
            return
        from rich.progress import BarColumn, Progress, TextColumn, TimeElapsedColumn

        columns = (TextColumn("{task.description}"), BarColumn(), TextColumn("{task.percentage:>3.0f} %"))
        bars = Progress(
            *columns,
            TimeElapsedColumn(),
            TextColumn("{task.fields[detail]}"),
            console=console(error=True),
            transient=True,
        )
        with bars:
            yield Bar(bars, title, total)


def console(*, error: bool = False) -> "Console":
    """Give a console on standard output or error, wide where it is no terminal, so that no table is cut."""
    from rich.console import Console

    stream = sys.stderr if error else sys.stdout
    return Console(file=stream, width=None if stream.isatty() else WIDE, highlight=False, emoji=False, soft_wrap=False)


def put(out: "Console", piece: "RenderableType") -> None:
    """Print one piece; a text that says so goes on over the edge, so that it can be copied whole."""
    from rich.text import Text

    out.print(piece, soft_wrap=isinstance(piece, Text) and piece.no_wrap is True)


def print_json(data: object) -> None:
    """Print a value as JSON; decimals are numbers with all their digits."""
    import msgspec

    encoded = msgspec.json.Encoder(decimal_format="number", enc_hook=str).encode(data)
    sys.stdout.write(encoded.decode() + "\n")
    sys.stdout.flush()


def table(columns: Sequence[str], rows: Iterable[Sequence[object]], *, title: str = "") -> "Table":
    """Give a table; a column whose name begins with `>` holds numbers and is aligned at its end."""
    from rich.box import SIMPLE_HEAD
    from rich.table import Table

    said = {"title": title or None, "title_justify": "left", "title_style": "bold"}
    drawn = Table(box=SIMPLE_HEAD, pad_edge=False, collapse_padding=True, **cast("Any", said))
    for name in columns:
        drawn.add_column(name.removeprefix(">"), justify="right" if name.startswith(">") else "left")
    for row in rows:
        drawn.add_row(*(cell(value) for value in row))
    return drawn


def cell(value: object) -> "RenderableType":
    """Give a value as people read it: grouped digits, words of a status in its colour, a dash where there is none."""
    from rich.text import Text

    if value is None:
        return Text("–", style="dim")  # noqa: RUF001 -- this dash is as wide as a digit
    if isinstance(value, bool):
        return Text("yes" if value else "no")
    if isinstance(value, str):
        return Text(value.translate(CONTROLS), style=STYLES.get(value, ""))
    if hasattr(value, "__rich_console__") or hasattr(value, "__rich__"):
        return cast("RenderableType", value)
    return Text(f"{cast('Any', value):,}")


def say(text: str) -> None:
    """Write a line for people on standard error."""
    sys.stderr.write(text + "\n")
    sys.stderr.flush()
