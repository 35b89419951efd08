"""`keepsum workspaces`: the tenants of an install."""

from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

from typer import Argument, Option

from keepsum.cli.door import installed
from keepsum.cli.moments import instant
from keepsum.cli.screen import Screen, table
from keepsum.model.counted import counted

if TYPE_CHECKING:
    from rich.console import RenderableType

    from keepsum.assemble.install import Install
    from keepsum.model.access import Caller
    from keepsum.model.workspace import WorkspaceEntry
    from keepsum.settings import Settings

Name = Annotated[str, Argument(help="The workspace's name.", metavar="NAME")]


def listing(settings: "Settings", screen: Screen) -> None:
    """List the workspaces, with what was last seen of each."""
    from keepsum.store import workspaces

    with installed(settings) as install:
        data = [_data(entry) for entry in workspaces.listing(install.control)]
    screen.show({"workspaces": data}, lambda: _lines(data))


def create(
    settings: "Settings", screen: Screen, *, name: Annotated[str, Argument(help="Its name.", metavar="NAME")]
) -> None:
    """Make a workspace with keys of its own; its packs are those that are enabled now."""
    from keepsum.pipeline import workspaces

    holds = workspaces.Terms(week_start=settings.week_start_number, k=settings.k)
    wanted = workspaces.Wanted(name=name, zone=settings.zone, terms=holds, packs=settings.enabled)
    with installed(settings) as install:
        data = _data(workspaces.create(install, wanted, _by("")))
    screen.show(data, lambda: _lines([data]))


def rename(
    settings: "Settings", screen: Screen, *, name: Name, new: Annotated[str, Argument(help="Its new name.")]
) -> None:
    """Give a workspace another name; its id stays."""
    from keepsum.pipeline import workspaces

    with installed(settings) as install:
        entry = _found(install, name)
        data = _data(workspaces.rename(install, entry.id, new, _by(entry.id)))
    screen.show(data, lambda: _lines([data]))


def set_terms(
    settings: "Settings",
    screen: Screen,
    *,
    name: Name,
    k: Annotated[int | None, Option(help="How many people a group needs before guarded callers see it.")] = None,
    week_start: Annotated[str | None, Option(help="The day its weeks start on.", metavar="DAY")] = None,
) -> None:
    """Change the k of a workspace, or the day its weeks start on, or show them; days sealed before keep their k."""
    from keepsum.model.day import WEEKDAYS
    from keepsum.pipeline import workspaces

    with installed(settings) as install:
        entry = _found(install, name)
        holds = workspaces.change(install, entry.id, _by(entry.id), k=k, week_start=week_start)
    data = {"name": entry.name, "id": entry.id, "k": holds.k, "week_start": WEEKDAYS[holds.week_start]}
    lines = [
        f"small groups: hidden below {holds.k} people in days sealed from now on; days sealed before keep theirs",
        f"weeks start on {data['week_start']}",
    ]
    screen.show(data, lambda: lines)


def packs(
    settings: "Settings",
    screen: Screen,
    *,
    name: Name,
    names: Annotated[list[str] | None, Argument(help="Which packs it has, and no other.", metavar="PACK")] = None,
    follow: Annotated[bool, Option("--follow", help="Have those that are enabled, whichever these are.")] = False,
) -> None:
    """Switch packs on and off for one workspace; figures of a pack that is off are kept."""
    from keepsum.model.errors import Invalid
    from keepsum.pipeline import workspaces

    if follow == bool(names):
        raise Invalid("PACKS_UNCLEAR", "Name the packs that the workspace has, or say --follow.")
    with installed(settings) as install:
        entry = _found(install, name)
        chosen = None if follow else tuple(names or ())
        data = _data(workspaces.switch_packs(install, entry.id, chosen, _by(entry.id)))
    screen.show(data, lambda: _lines([data]))


def archive(
    settings: "Settings",
    screen: Screen,
    *,
    name: Name,
    undo: Annotated[bool, Option("--undo", help="Take records in again.")] = False,
) -> None:
    """Let nothing be added to a workspace; it answers, and what is past its retention goes, as before."""
    from keepsum.pipeline import workspaces

    with installed(settings) as install:
        entry = _found(install, name)
        data = _data(workspaces.archive(install, entry.id, _by(entry.id), undo=undo))
    screen.show(data, lambda: _lines([data]))


def export(
    settings: "Settings",
    screen: Screen,
    *,
    name: Name,
    file: Annotated[Path, Argument(help="The file to write, such as acme.tar.zst.", metavar="FILE")],
) -> None:
    """Write all that a workspace has into one file, without its keys; others may go on working on it."""
    from keepsum.pipeline.export import export as export_whole

    with installed(settings) as install:
        entry = _found(install, name)
        done = export_whole(install.system(entry.id), entry, file, _by(entry.id))
    data = {"file": str(file), "bytes": done.bytes, "segments": done.segments, "head": done.head}
    size = f"{done.bytes / 1e6:,.1f} MB, {counted(done.segments, 'segments')}"
    lines = [
        f"written: {file}, {size}; it has records in it, and no key",
        f"[dim]head[/] {done.head}",
    ]
    screen.show(data, lambda: lines)


def restore(
    settings: "Settings",
    screen: Screen,
    *,
    file: Annotated[Path, Argument(help="The file that an export wrote.", metavar="FILE")],
    name: Annotated[str | None, Option(help="Another name for it.")] = None,
    head: Annotated[str | None, Option(help="A head that was kept elsewhere: it must be in the ledger.")] = None,
) -> None:
    """Put an exported workspace back, proved: as it was where its keys are, else under new ones."""
    from keepsum.pipeline.restore import restore as restore_whole

    with installed(settings) as install:
        done = restore_whole(install, file, _by(""), name=name, head=head)
    data = {**_data(done.entry), "new_keys": done.new_keys, "epoch": done.epoch, "days_collected_anew": done.days}

    def draw() -> "Iterator[RenderableType]":
        yield from _lines([data])
        if done.new_keys:
            yield (
                f"Its keys were not there, so it has new ones: epoch {done.epoch} begins. "
                f"The records of {counted(done.days, 'days')} were collected anew, to be rolled again; for days purged "
                "before nothing late is taken."
            )
        else:
            yield "It is as it was, under its own keys."

    screen.show(data, draw)


def delete(
    settings: "Settings",
    screen: Screen,
    *,
    name: Name,
    confirm: Annotated[str, Option(help="The name again: nothing brings a deleted workspace back.")] = "",
) -> None:
    """Delete a workspace whole, its keys first, and print the receipt, which is kept."""
    from keepsum.pipeline import workspaces

    with installed(settings) as install:
        entry = _found(install, name)
        workspaces.refuse_wrong_name(entry, confirm)
        data = _receipt_data(workspaces.delete(install, entry.id, _by(entry.id)))
    screen.show(data, lambda: _receipt_lines(data))


def receipts(settings: "Settings", screen: Screen) -> None:
    """List the receipts of all workspaces that were deleted."""
    from keepsum.store import workspaces

    with installed(settings) as install:
        data = [_receipt_data(one) for one in workspaces.receipts_given(install.control)]
    screen.show({"receipts": data}, lambda: [line for one in data for line in _receipt_lines(one)])


def _by(identity: str) -> "Caller":
    from keepsum.model.access import machine

    return machine(identity)


def _found(install: "Install", name: str) -> "WorkspaceEntry":
    from keepsum.store import workspaces

    return workspaces.named(install.control, name)


def _data(entry: "WorkspaceEntry") -> dict[str, Any]:
    return {
        "name": entry.name,
        "id": entry.id,
        "state": str(entry.state),
        "packs": None if entry.packs is None else list(entry.packs),
        "records": entry.sequence,
        "ledger_entries": entry.ledger_seq,
        "created_at": instant(entry.created_at),
    }


def _lines(data: list[dict[str, Any]]) -> "Iterator[RenderableType]":
    yield table(
        ("workspace", "id", "state", "packs", ">records taken in", ">ledger entries"),
        (
            (
                one["name"],
                one["id"],
                one["state"],
                "as enabled" if one["packs"] is None else ", ".join(one["packs"]) or "none",
                one["records"],
                one["ledger_entries"],
            )
            for one in data
        ),
    )


def _receipt_data(body: dict[str, Any]) -> dict[str, Any]:
    return body | {name: instant(body[name]) for name in ("created_at", "deleted_at")}


def _receipt_lines(data: dict[str, Any]) -> "Iterator[RenderableType]":
    streams: dict[str, dict[str, Any]] = data.get("streams", {})
    yield f"deleted: workspace {data['name']} ({data['workspace']})"
    yield f"files: {data['files']:,}, {data['bytes'] / 1e6:,.1f} MB"
    if streams:
        shown = ("records", "purged_before", "first_day", "last_day")
        rows = ((name, *(one[what] for what in shown)) for name, one in streams.items())
        yield table(("stream", ">records gone", ">purged before", "first day", "last day"), rows)
    yield f"keys destroyed: {', '.join(data.get('keys_destroyed', ())) or 'those that were there'}"
    yield f"last head: {data['ledger']['head']}"
    yield f"not reached: {'; '.join(data['not_reached'])}"
