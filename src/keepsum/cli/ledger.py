"""`keepsum ledger`: the chain of what was sealed, purged and decided."""

from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING, Annotated, Any

from typer import Option

from keepsum.cli.days import OfStream, Reason
from keepsum.cli.door import UNPROVEN, opened
from keepsum.cli.moments import instant, shown
from keepsum.cli.screen import Screen, table
from keepsum.model.counted import counted

if TYPE_CHECKING:
    from rich.console import RenderableType

    from keepsum.pipeline.verify import Finding
    from keepsum.settings import Settings


def verify(
    settings: "Settings",
    screen: Screen,
    *,
    head: Annotated[str | None, Option(help="A head that was kept elsewhere: it must still be in the chain.")] = None,
    deep: Annotated[bool, Option("--deep", help="Read every byte of every segment again.")] = False,
) -> int:
    """Check the chain against everything it covers."""
    from keepsum.pipeline.verify import verify_ledger

    with opened(settings) as system, screen.bar("Checking") as bar:

        def advance(done: int, total: int) -> None:
            bar.set(done, total)

        verdict = verify_ledger(system.workspace, head=head, deep=deep, advance=advance)
    counts = {"entries": verdict.entries, "seals": verdict.seals}
    return show_verdict(screen, "the ledger", counts, verdict.head, verdict.findings)


def show_verdict(screen: Screen, what: str, counts: dict[str, int], head: str, found: Sequence["Finding"]) -> int:
    """Show what checking a chain came to, and give the exit code that says it."""
    findings = [{"code": f.code, "where": f.where, "message": f.message} for f in found]

    def draw() -> "Iterator[RenderableType]":
        if found:
            yield table(("finding", "where", "what is wrong"), ((f.code, f.where, f.message) for f in found))
        verdict = f"[bold red]✗ {counted(len(found), 'findings')}[/]" if found else f"[green]✓ {what} holds[/]"
        yield f"{verdict}: {', '.join(counted(count, of) for of, count in counts.items())}"
        yield f"[dim]head[/] {head}"

    screen.show({"ok": not found, **counts, "head": head, "findings": findings}, draw)
    return UNPROVEN if found else 0


def head(settings: "Settings", screen: Screen) -> None:
    """Print the newest entry's hash: keep it elsewhere, and later tampering shows."""
    from keepsum.store import ledger

    with opened(settings) as system, system.workspace.file.read() as connection:
        seq, digest, at = ledger.head(connection)
    data = {"entry": seq, "head": digest, "at": instant(at) if seq else None}
    screen.show(data, lambda: [digest])


def listing(
    settings: "Settings",
    screen: Screen,
    *,
    after: Annotated[int, Option(help="Go on after the entry of this number.")] = 0,
    stream: OfStream = None,
    kind: Annotated[str | None, Option(help="Only entries of this kind, such as sealed or purged.")] = None,
    limit: Annotated[int, Option(help="How many at most; 0 is all.", min=0)] = 0,
) -> None:
    """List the entries, oldest first."""
    from keepsum.model.day import date_of
    from keepsum.store import ledger

    wanted = kind_of(kind)
    with opened(settings) as system, system.workspace.file.read() as connection:
        found = list(ledger.entries(connection, after=after, stream=stream, kind=wanted, limit=limit or None))
    data: list[dict[str, Any]] = [
        {
            "entry": e.seq,
            "at": instant(e.at),
            "kind": e.kind,
            "stream": e.stream,
            "day": None if e.day is None else date_of(e.day),
            "body": dict(e.body),
            "previous": e.previous,
            "hash": e.hash,
        }
        for e in found
    ]
    rows = (
        (e["entry"], shown(e["at"]), str(e["kind"]), e["stream"], e["day"] and str(e["day"]), str(e["hash"])[:16])
        for e in data
    )
    screen.show({"entries": data}, lambda: [table((">entry", "at, UTC", "kind", "stream", "day", "hash"), rows)])


def kind_of(text: str | None) -> Any:
    """Give a kind of entry by its name; raises `UNKNOWN_KIND`."""
    from keepsum.model.errors import Invalid
    from keepsum.model.ledger import Kind

    if text is not None and text not in list(Kind):
        raise Invalid("UNKNOWN_KIND", f"The ledger has no entries of kind {text!r}; known: {', '.join(Kind)}.")
    return None if text is None else Kind(text)


def accept(settings: "Settings", screen: Screen, *, reason: Reason) -> None:
    """Go on from an older copy of the workspace that was put in place of a newer one, by your decision."""
    from keepsum.store import ledger

    with opened(settings, accept_rolled_back=reason) as system, system.workspace.file.read() as connection:
        seq, digest, _ = ledger.head(connection)
        newest = ledger.entry(connection, seq)
    accepted = newest is not None and newest.kind == "restored"
    data = {"accepted": accepted, "entry": seq, "head": digest}
    text = f"accepted: entry {seq:,} says so" if accepted else "there was nothing to accept: the file is the newest"
    screen.show(data, lambda: [text])
