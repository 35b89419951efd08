"""Checking one day again: its entries in the ledger, its stored figures, and its records while they live.

1. The entries about the day must hash to what they say, and each follow the one before it.
2. The day and its stored figures must be as the newest of them say.
3. Records that live must add up to what was sealed, and roll up to the figures that are stored, by both ways.
Of a purged day the first two are all there is. Nothing is written down.
"""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

import pyarrow as pa

from keepsum.engine.content import contents_by_day
from keepsum.engine.rolled import Rolled
from keepsum.model.catalog import definition_hash, restored
from keepsum.model.control import Control
from keepsum.model.counted import counted
from keepsum.model.day import date_of
from keepsum.model.errors import Conflict, KeepsumError, ProofFailed, Unavailable
from keepsum.model.layout import RollupLayout
from keepsum.model.ledger import Entry, Kind, canonical, link
from keepsum.model.stream import Stream
from keepsum.pipeline import gather, roll
from keepsum.pipeline.claims import Claims, claim
from keepsum.pipeline.day_checks import ABOUT, Check, summed, undone
from keepsum.pipeline.records import control_of, read_day, still_listed
from keepsum.pipeline.verify import Finding, check_day, check_rows
from keepsum.store import days, ledger, manifest, rollups
from keepsum.store.database import Connection
from keepsum.store.days import DayState
from keepsum.store.homes.embedded import Damaged
from keepsum.store.workspace import Workspace

# Which check a finding of the ledger's check speaks against.
_AGAINST = {
    "DAY_DIFFERS": "DAY_CUT",
    "STATE_DIFFERS": "DAY_CUT",
    "CONTROL_DIFFERS": "DAY_CUT",
    "MANIFEST_DIFFERS": "FILES_WHOLE",
    "SEGMENT_DAMAGED": "FILES_WHOLE",
    "ROWS_UNKNOWN": "ROWS_STORED",
    "ROWS_DIFFER": "ROWS_STORED",
    "PARTS_DIFFER": "PARTS_STORED",
}
_RECORDS = ("RECORDS_COUNTED", "NUMBERS_SUMMED", "RECORDS_HASHED", "FILES_WHOLE", "ROLLED_TWICE")


@dataclass(frozen=True, kw_only=True)
class DayVerdict:
    """What checking a day came to; it is verified when no check failed."""

    checks: tuple[Check, ...]

    @property
    def verified(self) -> bool:
        """Whether everything that can be compared is as it was sealed."""
        return all(check.passed is not False for check in self.checks)


def verify_day(workspace: Workspace, stream: Stream, day: int) -> DayVerdict:
    """Check a sealed day, or a purged one, with all that is left of it; raises `NOT_SEALED`, and `FILES_MOVING`."""
    with workspace.file.read() as connection:
        state, claims = days.state(connection, stream.name, day), _claims(connection, stream.name, day)
        seal = claims.seals.get((stream.name, day))
        if seal is None:
            raise Conflict(
                "NOT_SEALED", f"Day {date_of(day)} of stream {stream.name!r} has no seal to be held against."
            )
        found = {"ENTRIES_CHAINED": _chained(connection, stream.name, day)}
        found |= _as_claimed(workspace, connection, state, seal, claims)
        for check in _of_records(workspace, connection, stream, state, seal):
            if check.code not in found:  # what the ledger's check found wrong stays so
                found[check.code] = check
    return DayVerdict(checks=tuple(found[code] for code in ABOUT))


def _claims(connection: Connection, stream: str, day: int) -> Claims:
    """Read what the entries of one day say, and those that are about all days."""
    kinds = (Kind.OPENED, Kind.REKEYED, Kind.EXPIRED)
    general = (entry for kind in kinds for entry in ledger.entries(connection, kind=kind))
    claims = Claims()
    for entry in sorted((*ledger.entries(connection, stream=stream, day=day), *general), key=lambda e: e.seq):
        claim(claims, entry)
    return claims


def _chained(connection: Connection, stream: str, day: int) -> Check:
    entries = list(ledger.entries(connection, stream=stream, day=day))
    for entry in entries:
        before = ledger.entry(connection, entry.seq - 1) if entry.seq > 1 else None
        if not _is_linked(entry, before):
            return Check(code="ENTRIES_CHAINED", passed=False, detail=f"Entry {entry.seq} is not what was chained.")
    return Check(code="ENTRIES_CHAINED", passed=True, detail=f"{counted(len(entries), 'entries')}.")


def _is_linked(entry: Entry, before: Entry | None) -> bool:
    body = canonical(entry.body)
    made = link(entry.seq, entry.at, entry.kind.value, entry.stream, entry.day, body, entry.previous)
    return made == entry.hash and (before is None or before.hash == entry.previous)


def _as_claimed(
    workspace: Workspace, connection: Connection, state: DayState, seal: Entry, claims: Claims
) -> dict[str, Check]:
    """What the ledger's check says of one day, by what it speaks against."""
    key = (state.stream, state.day)
    findings = [*check_day(workspace, connection, key, seal, claims, deep=False)]
    findings += _of_tables(workspace, connection, state, claims)
    against: dict[str, Finding] = {}
    for finding in findings:
        against.setdefault(_AGAINST[finding.code], finding)
    listed = len(dict(seal.body)["rollups"])  # pyright: ignore[reportArgumentType] -- seals are written so
    said = {"DAY_CUT": None, "ROWS_STORED": f"{counted(listed, 'rollups')}.", "PARTS_STORED": None}
    checks = {code: Check(code=code, passed=True, detail=detail) for code, detail in said.items()}
    return checks | {
        code: Check(code=code, passed=False, detail=f"{finding.where}: {finding.message}.")
        for code, finding in against.items()
    }


def _of_tables(workspace: Workspace, connection: Connection, state: DayState, claims: Claims) -> Iterator[Finding]:
    """Compare what is stored of a day in each generation, corrections too, with what its entries list."""
    stream = workspace.catalog.stream(state.stream)
    for generation in rollups.known(connection, state.stream):
        layout = RollupLayout(rollup=restored(generation.rollup, generation.definition, stream), name=generation.table)
        wanted = {key[1:]: listed for key, listed in claims.rows.items() if key[0] == generation.table}
        there = rollups.booked_of(connection, layout, state.day)
        for day, booked in sorted(there | wanted.keys()):
            yield from check_rows(connection, layout, day, booked, wanted.get((day, booked)))


def _of_records(
    workspace: Workspace, connection: Connection, stream: Stream, state: DayState, seal: Entry
) -> Iterable[Check]:
    """Compare the records with the seal, where they live and the seal is about all of them."""
    if state.purge:
        return undone("RECORDS_PURGED" if state.purge == "purged" else "RECORDS_PURGING", _RECORDS)
    if state.incomplete is not None:
        told = f"A person let the seal stand without all of its records (entry {state.incomplete})."
        return undone("SEAL_INCOMPLETE", _RECORDS, told)
    if not state.is_sealed:
        return undone("TOUCHED", _RECORDS)
    if stream.name in workspace.attached:
        return _elsewhere(workspace, connection, stream, state, seal)
    return _here(workspace, connection, stream, state, seal)


def _here(
    workspace: Workspace, connection: Connection, stream: Stream, state: DayState, seal: Entry
) -> Iterable[Check]:
    layout, listed = workspace.layout(stream), manifest.of_day(connection, stream.name, state.day)
    try:
        for segment in listed:
            workspace.segments.check(segment)
        table = read_day(workspace, connection, layout, state, listed)
    except Damaged as error:
        if not still_listed(workspace, error):
            raise Unavailable("FILES_MOVING", "The day's file was replaced while it was read: try again.") from error
        found = {check.code: check for check in undone("RECORDS_DAMAGED", _RECORDS)}
        return (found | {"FILES_WHOLE": Check(code="FILES_WHOLE", passed=False, detail=f"{error}.")}).values()
    whole = Check(code="FILES_WHOLE", passed=True, detail=f"{counted(len(listed), 'files')}.")
    control = control_of(layout, table, workspace.keys.control)
    return (*_compared(workspace, stream, control, seal), whole, _rolled(workspace, stream, state, table, seal))


def _elsewhere(
    workspace: Workspace, connection: Connection, stream: Stream, state: DayState, seal: Entry
) -> Iterable[Check]:
    """Read a day again from the application's own database, whose rows may have changed since."""
    interval = days.interval(connection, state.day)
    assert interval is not None  # noqa: S101 -- days are written down before they are sealed
    try:
        found = gather.read(workspace, stream, interval)
    except Unavailable as error:
        return undone(error.code, _RECORDS, error.message)
    except KeepsumError as error:
        kept = {check.code: check for check in undone("RECORDS_DAMAGED", _RECORDS)}
        return (kept | {"ROLLED_TWICE": Check(code="ROLLED_TWICE", passed=False, detail=str(error))}).values()
    assert isinstance(found, gather.Gathered)  # noqa: S101 -- nothing was named that they may add up to
    again = _same_figures(workspace, stream, state, found.rolled, seal)
    elsewhere = undone("RECORDS_ELSEWHERE", ("FILES_WHOLE",))
    return (*_compared(workspace, stream, found.found.control, seal), *elsewhere, again)


def _compared(workspace: Workspace, stream: Stream, found: Control, seal: Entry) -> Iterator[Check]:
    """Compare what records add up to with what a seal says they did."""
    body: dict[str, Any] = dict(seal.body)
    sealed = Control.from_json(body["control"])
    records, before = counted(found.records, "records"), counted(sealed.records, "records")
    alike = found.records == sealed.records
    yield Check(
        code="RECORDS_COUNTED", passed=alike, detail=f"{records}." if alike else f"{records}, sealed with {before}."
    )
    detail = summed(stream, found)
    alike = found.sums == sealed.sums
    yield Check(
        code="NUMBERS_SUMMED", passed=alike, detail=detail if alike else f"{detail} Sealed: {summed(stream, sealed)}"
    )
    if body["epoch"] != workspace.keys.number:
        yield from undone("KEYS_GONE", ("RECORDS_HASHED",))
        return
    alike = (found.hash_a, found.hash_b) == (sealed.hash_a, sealed.hash_b)
    yield Check(code="RECORDS_HASHED", passed=alike, detail=f"{found.hash_a:016x} {found.hash_b:016x}.")


def _rolled(workspace: Workspace, stream: Stream, state: DayState, table: pa.Table, seal: Entry) -> Check:
    try:
        proven = roll.prove(workspace, stream, {state.day: (state, table)})
    except ProofFailed as error:
        return Check(code="ROLLED_TWICE", passed=False, detail=error.message)
    return _same_figures(workspace, stream, state, proven.rolled, seal)


def _same_figures(
    workspace: Workspace, stream: Stream, state: DayState, rolled: Mapping[str, Rolled], seal: Entry
) -> Check:
    """Compare figures that were made anew with those of the seal, where they are of the same definitions and keys."""
    body: dict[str, Any] = dict(seal.body)
    sealed = {(one["rollup"], one["definition"]): one for one in body["rollups"]}
    wanted = {(r.name, definition_hash(r)) for r in workspace.catalog.rollups_of(stream.name)}
    if body["epoch"] != workspace.keys.number or not wanted <= sealed.keys():
        (unmade,) = undone("DEFINITIONS_CHANGED", ("ROLLED_TWICE",))
        return unmade
    for name, digest in sorted(wanted):
        one, listed = rolled[name], sealed[name, digest]
        made = [contents_by_day(table, (state.day,))[state.day] for table in (one.rows, one.parts)]
        if made != [listed["content"], listed["parts"]]:
            return Check(code="ROLLED_TWICE", passed=False, detail=f"Rollup {name!r} comes to other figures.")
    return Check(code="ROLLED_TWICE", passed=True, detail=f"{counted(len(wanted), 'rollups')}.")
