"""`keepsum purge`: the records of sealed days past their retention go, or it is said which would."""

from collections.abc import Iterable, Iterator
from typing import TYPE_CHECKING, Annotated, Any

from typer import Option

from keepsum.cli.days import OfStream, stream_of
from keepsum.cli.door import REFUSED, UNAVAILABLE, opened
from keepsum.cli.moments import day_of
from keepsum.cli.screen import Screen, cell, table
from keepsum.model.counted import counted
from keepsum.model.errors import Invalid

if TYPE_CHECKING:
    from rich.console import RenderableType

    from keepsum.assemble.system import System
    from keepsum.pipeline.purge import Plan, Purged
    from keepsum.settings import Settings


def purge(
    settings: "Settings",
    screen: Screen,
    *,
    plan: Annotated[
        bool, Option("--plan", help="Only say what would go, and what can no longer be asked then.")
    ] = False,
    unproven: Annotated[
        str | None, Option(help="Delete this held or unsealed day all the same.", metavar="DATE")
    ] = None,
    stream: OfStream = None,
    reason: Annotated[str | None, Option(help="Why an unproven day goes; the ledger keeps it.")] = None,
    enable: Annotated[
        str | None,
        Option(help="From now on purge this stream in the application's own database.", metavar="STREAM"),
    ] = None,
    disable: Annotated[
        str | None, Option(help="Purge this stream in the application's own database no more.", metavar="STREAM")
    ] = None,
) -> int:
    """Delete the records of every sealed day past its retention; what was kept of them stays."""
    if enable is not None or disable is not None:
        return _switch(settings, screen, enable, disable)
    if (unproven is None) != (reason is None):
        raise Invalid("REASON_MISSING", "Deleting an unproven day needs both: --unproven DATE and --reason TEXT.")
    with opened(settings) as system:
        if unproven is not None and reason is not None:
            return _purge_unproven(system, screen, unproven, stream, reason)
        return _plan(system, screen) if plan else _purge(system, screen)


def _switch(settings: "Settings", screen: Screen, on: str | None, off: str | None) -> int:
    from keepsum.model.access import machine
    from keepsum.pipeline import purge_switch

    if on is not None and off is not None:
        raise Invalid("BAD_PARAMETER", "Name either a stream with --enable or one with --disable.")
    with opened(settings) as system:
        stream, by = system.catalog.stream(str(off) if on is None else on), machine(system.id)
        switch = purge_switch.disable if on is None else purge_switch.enable
        switch(system.workspace, stream, by, now=system.clock())
        system.note()
    data = {"stream": stream.name, "purge": "off" if on is None else "on"}
    screen.show(data, lambda: iter([_switched(data)]))
    return 0


def _switched(data: dict[str, Any]) -> str:
    if data["purge"] == "on":
        return f"Rows of {data['stream']!r} are purged from now on once they are due: see `keepsum purge --plan`."
    return f"Rows of {data['stream']!r} are purged no more; a day whose purge has begun is finished."


def _plan(system: "System", screen: Screen) -> int:
    from keepsum.pipeline import purge

    planned = purge.plan(system.workspace, system.calendar(), now=system.clock())
    data = _plan_data(planned)
    screen.show(data, lambda: _plan_lines(data))
    return REFUSED if planned.blocked else 0


def _plan_data(planned: "Plan") -> dict[str, Any]:
    return {
        "going": [_due_data(due) for due in planned.going],
        "blocked": [_due_data(due) for due in planned.blocked],
        "off": [_due_data(due) for due in planned.off],
        "days": len(planned.going),
        "records": sum(due.records for due in planned.going),
        "lost": [{"stream": lost.stream, "what": lost.what} for lost in planned.lost],
    }


def _due_data(due: Any) -> dict[str, Any]:
    from keepsum.model.day import date_of

    known = {"stream": due.stream, "day": date_of(due.day), "records": due.records}
    return {**known, "blocked": due.blocked, "detail": due.detail}


def _plan_lines(data: dict[str, Any]) -> "Iterator[RenderableType]":
    if not data["going"] and not data["blocked"] and not data["off"]:
        yield "No day is past its retention."
        return
    if data["going"]:
        rows = ((name, *_run(due)) for (name,), due in _grouped(data["going"], "stream"))
        yield table(("would go: stream", ">days", "first", "last", ">records"), rows)
    yield from _blocked_lines(data["blocked"])
    yield from _off_lines(data["off"])
    if data["lost"]:
        yield table(("stream", "cannot be asked of these days then"), ((o["stream"], o["what"]) for o in data["lost"]))


def _blocked_lines(blocked: list[dict[str, Any]]) -> "Iterator[RenderableType]":
    if blocked:
        rows = ((name, because, *_run(due)) for (name, because), due in _grouped(blocked, "stream", "blocked"))
        yield table(("may not go: stream", "because", ">days", "first", "last", ">records"), rows)
        yield from _details(blocked)


def _details(listed: list[dict[str, Any]]) -> "Iterator[RenderableType]":
    yield from (cell(detail) for detail in sorted({due["detail"] for due in listed if due["detail"]}))


def _off_lines(off: list[dict[str, Any]]) -> "Iterator[RenderableType]":
    if off:
        rows = ((name, *_run(due)) for (name,), due in _grouped(off, "stream"))
        yield table(("not switched on: stream", ">days", "first", "last", ">records"), rows)
        yield from _details(off)
        names = dict.fromkeys(due["stream"] for due in off if not due["detail"])
        if names:
            yield cell(f"Switch on with keepsum purge --enable STREAM: {', '.join(names)}")


def _grouped(due: list[dict[str, Any]], *names: str) -> Iterable[tuple[tuple[str, ...], list[dict[str, Any]]]]:
    found: dict[tuple[str, ...], list[dict[str, Any]]] = {}
    for one in due:
        found.setdefault(tuple(one[name] for name in names), []).append(one)
    return found.items()


def _run(due: list[dict[str, Any]]) -> tuple[object, ...]:
    """Give how many days there are, the first, the last, and their records."""
    return len(due), str(due[0]["day"]), str(due[-1]["day"]), sum(one["records"] for one in due)


def _purge(system: "System", screen: Screen) -> int:
    from keepsum.pipeline import purge

    calendar, now = system.calendar(), system.clock()
    with screen.bar("Purging") as bar:
        gone = [0, 0]

        def advance(days: int, records: int) -> None:
            gone[0], gone[1] = gone[0] + days, gone[1] + records
            bar.progress(days=gone[0], rows=gone[1], total=total)

        total = len(purge.plan(system.workspace, calendar, now=now).going)
        _noted(system, "purged_by_person", days=total)
        done = purge.purge(system.workspace, calendar, now=now, advance=advance)
    system.note()
    data = _purged_data(done)
    screen.show(data, lambda: _purged_lines(data))
    if done.unfinished:
        return UNAVAILABLE
    return REFUSED if done.blocked else 0


def _purged_data(done: "Purged") -> dict[str, Any]:
    return {
        "days": done.days,
        "records": done.records,
        "along": done.along,
        "blocked": [_due_data(due) for due in done.blocked],
        "unfinished": [_due_data(due) for due in done.unfinished],
        "expired": done.expired,
    }


def _purged_lines(data: dict[str, Any]) -> "Iterator[RenderableType]":
    yield table(
        (">days purged", ">records gone", ">rollup days expired"), [(data["days"], data["records"], data["expired"])]
    )
    if data["along"]:
        yield f"gone along with them: {counted(data['along'], 'rows')} of other tables."
    yield from _blocked_lines(data["blocked"])
    begun = [due for due in data["unfinished"] if due["blocked"] is None]
    if begun:
        yield f"deleted but for the log, which a reader holds: {counted(len(begun), 'days')}; purge again."
    yield from _details(data["unfinished"])


def _purge_unproven(system: "System", screen: Screen, day: str, name: str | None, reason: str) -> int:
    from keepsum.pipeline.purge import purge_unproven

    stream = stream_of(system, name)
    number, calendar, now = day_of(day), system.calendar(), system.clock()
    _noted(system, "purged_by_person", stream=stream.name, day=day, unproven=True)
    gone = purge_unproven(system.workspace, calendar, stream, number, reason, now=now)
    system.note()
    facts = {"records": gone.records, "kept": gone.kept, "uncounted": gone.uncounted}
    data = {"stream": stream.name, "day": day, **facts}
    screen.show(data, lambda: _unproven_lines(data))
    return 0


def _unproven_lines(data: dict[str, Any]) -> "Iterator[RenderableType]":
    yield f"deleted: {counted(data['records'], 'records')} of {data['stream']!r}, {data['day']}, unproven."
    if data["kept"] is None:
        yield "They are in no figure: nothing of the day was ever proven."
    elif data["uncounted"]:
        late = counted(data["uncounted"], "records")
        yield f"The figures of seal {data['kept']} stay; they lack {late} that came after it."
    else:
        yield f"The figures of seal {data['kept']} stay."


def _noted(system: "System", kind: str, **about: object) -> None:
    """Note in the audit log what is asked for here, by whoever holds the data directory."""
    from keepsum.model.access import machine
    from keepsum.model.audit import Kind
    from keepsum.pipeline import audit

    audit.record(system.control, Kind(kind), machine(system.id), about, now=system.clock())
