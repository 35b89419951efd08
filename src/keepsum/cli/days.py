"""`keepsum roll` and `days`: what becomes of each day."""

from collections import Counter
from collections.abc import Iterator
from decimal import Decimal
from typing import TYPE_CHECKING, Annotated, Any

from typer import Argument, Option

from keepsum.cli.door import REFUSED, opened
from keepsum.cli.moments import day_of, instant, shown
from keepsum.cli.screen import Screen, cell, table
from keepsum.model.counted import counted
from keepsum.model.errors import Invalid

if TYPE_CHECKING:
    from rich.console import RenderableType

    from keepsum.assemble.system import System
    from keepsum.model.control import Control
    from keepsum.model.stream import Stream
    from keepsum.settings import Settings
    from keepsum.store.days import DayState

From = Annotated[str | None, Option("--from", help="The first day, such as 2026-01-31.", metavar="DATE")]
To = Annotated[str | None, Option(help="The last day, included.", metavar="DATE")]
OfStream = Annotated[str | None, Option(help="Only this stream; may be left out where there is one.")]
DayOf = Annotated[str, Argument(help="The day, such as 2026-01-31.", metavar="DATE")]
Reason = Annotated[str, Option(help="Why; the ledger keeps it.")]


def roll(settings: "Settings", screen: Screen, *, first: From = None, to: To = None) -> int:
    """Move, roll up, prove and seal every ended day that is not sealed."""
    from keepsum.pipeline.jobs import parameters

    given = parameters("roll", first, to)
    with opened(settings) as system:
        data = _rolled(system, screen, given)
    screen.show(data, lambda: _roll_lines(data))
    return REFUSED if data["held"] or data["left"] else 0


def backfill(settings: "Settings", screen: Screen) -> int:
    """Roll up, prove and seal every day from the first record to yesterday; stopped half-way, run it again.

    Only then can rows be purged from an application's own database: `keepsum purge --enable STREAM`.
    """
    with opened(settings) as system:
        data = {**_rolled(system, screen, {}), "streams": _backfilled(system)}
    screen.show(data, lambda: _backfill_lines(data))
    is_whole = all(one["complete"] for one in data["streams"]) and not data["left"]
    return 0 if is_whole else REFUSED


def _rolled(system: "System", screen: Screen, given: dict[str, str]) -> dict[str, Any]:
    from keepsum.pipeline.jobs import DAYS_HELD, carry_out

    with screen.bar("Moving") as bar:
        moved = carry_out(system, "move", {}, bar)
    with screen.bar("Rolling, proving, sealing") as bar:
        done = carry_out(system, "roll", given, bar)
    left = (done.held or "").partition(DAYS_HELD)[0].strip() or None  # for held days are listed one by one
    return {"moved": moved.rows, "sealed": done.days, "records": done.rows, "held": _held(system), "left": left}


def _backfilled(system: "System") -> list[dict[str, Any]]:
    from keepsum.model.day import date_of
    from keepsum.pipeline.backfill import backfills

    found = backfills(system.workspace, system.calendar(), now=system.clock())
    return [
        {
            "stream": one.stream,
            "first": None if one.first is None else date_of(one.first),
            "last": None if one.last is None else date_of(one.last),
            "days": one.days,
            "open": one.days - one.settled,
            "complete": one.settled == one.days,
        }
        for one in found
    ]


def _backfill_lines(data: dict[str, Any]) -> "Iterator[RenderableType]":
    yield from _roll_lines(data)
    rows = (
        (one["stream"], one["first"] and str(one["first"]), one["last"] and str(one["last"]), one["days"], one["open"])
        for one in data["streams"]
    )
    yield table(("stream", "first day", "last day", ">days", ">not sealed"), rows)
    waiting = [one["stream"] for one in data["streams"] if not one["complete"]]
    if waiting or not data["left"]:
        yield f"not complete: {', '.join(waiting)}" if waiting else "[green]✓[/] the backfill is complete"


def _roll_lines(data: dict[str, Any]) -> "Iterator[RenderableType]":
    yield table(
        (">records moved", ">days sealed", ">records proven", ">days held"),
        [(data["moved"], data["sealed"], data["records"], len(data["held"]))],
    )
    yield from _held_lines(data["held"])
    if data["left"]:
        yield cell(data["left"])


def _held(system: "System") -> list[dict[str, Any]]:
    from keepsum.store import days

    with system.workspace.file.read() as connection:
        states = [s for name in system.catalog.streams for s in days.states(connection, name).values()]
    return [_day_data(state) for state in states if state.held]


def _held_lines(held: list[dict[str, Any]]) -> "Iterator[RenderableType]":
    if held:
        rows = ((one["stream"], str(one["day"]), one["held"], one["detail"]) for one in held)
        yield table(("held: stream", "day", "reason", "what to know"), rows)
        yield "Decide with: keepsum days accept DATE --reason ..."


def listing(
    settings: "Settings",
    screen: Screen,
    *,
    stream: OfStream = None,
    first: From = None,
    to: To = None,
    status: Annotated[str | None, Option(help="Only open, sealed, touched, held, purging or purged days.")] = None,
) -> None:
    """List the days and what became of each."""
    from keepsum.store import days

    bounds = [None if text is None else day_of(text) for text in (first, to)]
    with opened(settings) as system:
        names = [system.catalog.stream(stream).name] if stream else list(system.catalog.streams)
        with system.workspace.file.read() as connection:
            states = [s for name in names for s in days.states(connection, name, *bounds).values()]
    data = [_day_data(state) for state in states if status in (None, state.status)]
    screen.show({"days": data}, lambda: _day_lines(data))


def _day_data(state: "DayState") -> dict[str, Any]:
    from keepsum.model.day import date_of

    return {
        "stream": state.stream,
        "day": date_of(state.day),
        "status": state.status,
        "records": state.control.records,
        "seal": state.seal,
        "held": state.held,
        "detail": state.held_detail,
        "incomplete": state.incomplete,
        "uncounted": state.uncounted,
        "purged_at": instant(state.purged_at),
    }


def _day_lines(data: list[dict[str, Any]]) -> "Iterator[RenderableType]":
    rows = (
        (
            one["stream"],
            str(one["day"]),
            one["status"],
            one["records"],
            one["seal"],
            one["held"] or shown(one["purged_at"]) or (one["incomplete"] and "records not whole") or "",
        )
        for one in data
    )
    yield table(("stream", "day", "status", ">records", ">seal", "held, or purged at (UTC)"), rows)
    counts = Counter(one["status"] for one in data)
    yield ", ".join(f"{n:,} {status}" for status, n in counts.most_common()) or "No day yet."


def show(settings: "Settings", screen: Screen, *, day: DayOf, stream: OfStream = None) -> None:
    """Show what proves a day: its control, its seal, and every ledger entry that names it."""
    from keepsum.model.control import Control
    from keepsum.model.errors import NotFound
    from keepsum.store import days, ledger

    number = day_of(day)
    with opened(settings) as system:
        one = stream_of(system, stream)
        name = one.name
        with system.workspace.file.read() as connection:
            state = days.state(connection, name, number)
            entries = list(ledger.entries(connection, stream=name, day=number))
    if not entries and not state.touched:
        raise NotFound("UNKNOWN_DAY", f"Stream {name!r} has neither records nor a seal of {day}.")
    listed: list[dict[str, Any]] = [
        {"entry": e.seq, "at": instant(e.at), "kind": e.kind, "body": dict(e.body), "hash": e.hash} for e in entries
    ]
    seal = next((one for one in listed if one["entry"] == state.seal), None)
    sums = _sums(one, state.control if seal is None else Control.from_json(seal["body"]["control"]))
    data = {**_day_data(state), "sums": sums, "control": state.control.to_json(), "proof": seal, "entries": listed}
    screen.show(data, lambda: _proof_lines(data))


def _sums(stream: "Stream", control: "Control") -> dict[str, Decimal]:
    """Give what control adds up, in the units of the fields."""
    scales = {f"f_{field.name}": field.scale for field in stream.numbers}
    known = ((name, total, scales.get(name, 0)) for name, total in control.sums.items())
    return {name.removeprefix("f_"): Decimal(total).scaleb(-scale) for name, total, scale in known}


def _proof_lines(data: dict[str, Any]) -> "Iterator[RenderableType]":
    from keepsum.cli.install import facts

    yield from _day_lines([data])
    if data["detail"]:
        yield cell(data["detail"])
    if data["incomplete"]:
        yield f"Its records are no longer whole (entry {data['incomplete']}): the figures of seal {data['seal']} stand."
    if data["uncounted"]:
        yield f"Accepted records that are in no figure: {data['uncounted']:,}."
    if data["proof"]:
        body = data["proof"]["body"]
        control = body["control"]
        yield facts(
            {
                "interval": f"{instant(body['start'])} to {instant(body['end'])}, {body['zone']}",
                "records": f"{int(control['records']):,}, row hashes {control['hash_a']} and {control['hash_b']}",
                "sums": ", ".join(f"{name} {total:,}" for name, total in data["sums"].items()) or "none",
                "seal": f"entry {data['proof']['entry']}, {data['proof']['hash']}",
            }
        )
        yield table(
            ("rollup", ">rows", "digest of its rows", "digest of its parts"),
            ((r["rollup"], r["rows"], r["content"][:16], r["parts"][:16]) for r in body["rollups"]),
        )
    if data["entries"]:
        rows = ((e["entry"], shown(e["at"]), e["kind"], e["hash"][:16]) for e in data["entries"])
        yield table((">entry", "at, UTC", "kind", "hash"), rows)


def accept(settings: "Settings", screen: Screen, *, day: DayOf, reason: Reason, stream: OfStream = None) -> None:
    """Let a held day go on, by your decision; what a seal has proven stays, else what can be read is sealed."""
    from keepsum.model.access import machine
    from keepsum.pipeline.decide import accept as accept_day

    with opened(settings) as system:
        one, by = stream_of(system, stream), machine(system.id)
        calendar, now = system.calendar(), system.clock()
        done = accept_day(system.workspace, calendar, one, day_of(day), reason, caller=by, now=now)
        system.note()
    facts = {"held": done.held, "kept": done.kept, "uncounted": done.uncounted, "removed": done.removed}
    data = {"stream": one.name, "day": day, **facts, "reason": reason}
    screen.show(data, lambda: _accepted_lines(data))


def _accepted_lines(data: dict[str, Any]) -> "Iterator[RenderableType]":
    begin = f"{data['day']} of {data['stream']!r} was held as {data['held']}"
    if data["removed"]:
        yield f"{begin}; deleted: {counted(data['removed'], 'records')} never proven."
        return
    if data["kept"] is None:
        yield f"{begin}; it goes on at the next roll."
        return
    yield f"{begin}; the figures of seal {data['kept']} stay, and its records go when they are due."
    if data["uncounted"]:
        yield f"Records that came after it and are in no figure: {data['uncounted']:,}."


def stream_of(system: "System", name: str | None) -> "Stream":
    """Give the named stream, or the only one there is; raises `STREAM_UNNAMED`."""
    streams = system.catalog.streams
    if name is None and len(streams) != 1:
        raise Invalid("STREAM_UNNAMED", f"Name the stream with --stream: {', '.join(streams) or 'there is none'}.")
    return system.catalog.stream(name) if name is not None else next(iter(streams.values()))
