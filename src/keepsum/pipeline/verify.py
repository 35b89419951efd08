"""Checking the ledger: that the chain holds, and that every figure, day and file is still what the chain says.

1. Every entry hashes to what it says and follows the one before; a kept head must be one of them.
2. What the newest seal, correction and expiry of each day and table list must be what the tables hold, digest by
   digest, with nothing in the tables that no entry lists; what a closed month came to must be what they add up to.
3. Days, definitions, purges and the workspace itself must be as their entries say.
4. The manifest must list the files that were sealed, and they must be there; `deep` reads every byte of them again,
   and adds their records up to control; what lives in an application's own database is read again there.

What is not sealed yet is not covered: the chain says nothing about it.
"""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from typing import Any

from keepsum.model.catalog import restored
from keepsum.model.control import Control
from keepsum.model.counted import counted
from keepsum.model.day import date_of
from keepsum.model.errors import Conflict, ProofFailed, Unavailable
from keepsum.model.layout import RollupLayout
from keepsum.model.ledger import Entry, Kind
from keepsum.pipeline import closing, gather, publish, seal
from keepsum.pipeline.claims import Claims, claims_of
from keepsum.pipeline.records import control_of, read_day
from keepsum.store import days, ledger, manifest, rollups
from keepsum.store.database import Connection
from keepsum.store.days import DayState
from keepsum.store.homes.embedded import Damaged
from keepsum.store.rollups import Generation
from keepsum.store.workspace import Workspace, facts

Advance = Callable[[int, int], None]  # checks done, checks in all
Found = Iterator["Finding"]
Check = Callable[[], Found]


@dataclass(frozen=True, kw_only=True)
class Finding:
    """One thing that is not as the ledger says: where, and what is wrong."""

    code: str
    where: str
    message: str


@dataclass(frozen=True, kw_only=True)
class Verdict:
    """What the check came to; `seals` counts the seals in the chain."""

    ok: bool
    entries: int
    seals: int
    head: str
    findings: tuple[Finding, ...] = ()

    def __str__(self) -> str:
        """How many findings there are, and the first of them."""
        first = "".join(f", the first: {one.code}, {one.where}: {one.message}" for one in self.findings[:1])
        return f"{counted(len(self.findings), 'findings')}{first}."


def verify_ledger(
    workspace: Workspace,
    *,
    head: str | None = None,
    deep: bool = False,
    elsewhere: bool = True,
    advance: Advance = lambda _done, _all: None,
) -> Verdict:
    """Check the whole chain against everything it covers; `head` is one that was kept elsewhere.

    Unless `elsewhere`, a deep check leaves out the records that live in an application's own database.
    """
    with workspace.file.read() as connection:
        findings = list(_chain(connection, head))
        if findings:
            # What a broken chain says cannot be held against anything.
            seq, newest, _ = ledger.head(connection)
            return Verdict(ok=False, entries=seq, seals=0, head=newest, findings=tuple(findings))
        claims = claims_of(connection)
        reads = frozenset(workspace.catalog.streams) - (set[str]() if elsewhere else workspace.attached.keys())
        checks = _checks(workspace, connection, claims, deep=reads if deep else frozenset())
        for done, check in enumerate(checks):
            findings.extend(_found(check))
            advance(done + 1, len(checks))
        _, newest, _ = ledger.head(connection)
    return Verdict(ok=not findings, entries=claims.count, seals=claims.sealed, head=newest, findings=tuple(findings))


def _found(check: Check) -> list[Finding]:
    """Give what a check finds; what it cannot even read was changed, too."""
    try:
        return list(check())
    except Exception as error:  # noqa: BLE001 - changed values may fail in any way; that it does is the finding
        return [
            Finding(code="UNREADABLE", where="file", message=f"a part of it cannot be read: {type(error).__name__}")
        ]


def _chain(connection: Connection, head: str | None) -> Found:
    for seq, message in ledger.broken_at(connection):
        yield Finding(code="CHAIN_BROKEN", where=f"entry {seq}", message=message)
    if head is not None and not ledger.has(connection, head):
        message = "no entry has the head that was kept: the chain was rewritten, or is of another workspace"
        yield Finding(code="HEAD_UNKNOWN", where="chain", message=message)


def _checks(workspace: Workspace, connection: Connection, claims: Claims, *, deep: frozenset[str]) -> list[Check]:
    generations = rollups.known(connection)
    checks: list[Check] = [lambda: _workspace(connection, claims), lambda: _tables(generations, claims)]
    checks.extend(lambda g=g: _generation(workspace, connection, g, claims) for g in generations)
    checks.extend(
        lambda k=key, e=entry: check_day(workspace, connection, k, e, claims, deep=k[0] in deep)
        for key, entry in claims.seals.items()
    )
    checks.append(lambda: _unsealed(workspace, connection, claims))
    closings = closing.check(connection, workspace.catalog.streams)
    checks.append(lambda: (Finding(code="CLOSING_DIFFERS", where=where, message=said) for where, said in closings))
    checks.append(lambda: _files(workspace, connection))
    return checks


def _workspace(connection: Connection, claims: Claims) -> Found:
    if (claims.opened, claims.epoch) != facts(connection):
        yield Finding(code="WORKSPACE_DIFFERS", where="workspace", message="it is not what the first entry says it is")


def _tables(generations: Sequence[Generation], claims: Claims) -> Found:
    """Look for tables that the chain speaks of and nobody knows any more."""
    spoken = {table for table, _, _ in claims.rows.keys() | claims.published.keys()}
    for table in sorted(spoken - {g.table for g in generations}):
        yield Finding(code="DEFINITION_MISSING", where=table, message="the definition it was rolled under is gone")


def _generation(workspace: Workspace, connection: Connection, generation: Generation, claims: Claims) -> Found:
    """Compare one table's digests, day by day, with what the chain says, and look for rows it says nothing of."""
    named = {listed["rollup"] for (table, _, _), listed in claims.rows.items() if table == generation.table}
    digest = rollups.definition_digest(generation.definition)
    if digest != generation.definition_hash or not named <= {generation.rollup}:
        yield Finding(code="DEFINITION_DIFFERS", where=generation.table, message="its definition was changed")
        return
    if generation.stream not in workspace.catalog.streams:
        return
    stream = workspace.catalog.stream(generation.stream)
    layout = RollupLayout(rollup=restored(generation.rollup, generation.definition, stream), name=generation.table)
    wanted = {
        (day, booked): listed for (table, day, booked), listed in claims.rows.items() if table == generation.table
    }
    there = rollups.booked_days(connection, layout)
    if any(key in wanted and epochs != frozenset((wanted[key]["epoch"],)) for key, epochs in there.items()):
        yield Finding(code="ROWS_UNKNOWN", where=layout.table, message="there are rows of an epoch that no entry lists")
    for day, booked in sorted(there.keys() | wanted.keys()):
        yield from check_rows(connection, layout, day, booked, wanted.get((day, booked)))
    yield from _coverage(connection, layout, wanted)
    shown = {(day, booked): one for (table, day, booked), one in claims.published.items() if table == generation.table}
    for day, message in publish.check(connection, layout, shown):
        yield Finding(code="PUBLISHED_DIFFERS", where=f"{generation.table}, {date_of(day)}", message=message)


def check_rows(
    connection: Connection, layout: RollupLayout, day: int, booked: int, listed: dict[str, Any] | None
) -> Found:
    """Compare one day's digests in one table with what an entry lists."""
    where = f"{layout.table}, {date_of(day)}" + (f" booked {date_of(booked)}" if booked != day else "")
    if listed is None:
        yield Finding(code="ROWS_UNKNOWN", where=where, message="there are rows that no entry lists")
        return
    count, content, parts = seal.stored_digests(connection, layout, day, booked)
    if content != listed["content"]:
        message = f"its {count} rows are not the {listed['rows']} that were sealed"
        yield Finding(code="ROWS_DIFFER", where=where, message=message)
    if parts != listed["parts"]:
        yield Finding(
            code="PARTS_DIFFER", where=where, message="its uniques, quantiles or distinct counts are not as sealed"
        )


def _coverage(connection: Connection, layout: RollupLayout, wanted: dict[tuple[int, int], dict[str, Any]]) -> Found:
    covered = rollups.coverage(connection, layout.table, -(10**7), 10**7)
    listed = {day: c for (day, booked), c in wanted.items() if day == booked}
    for day in sorted(covered.keys() ^ listed.keys()):
        yield Finding(
            code="COVERAGE_DIFFERS", where=f"{layout.table}, {date_of(day)}", message="it is covered in one place only"
        )
    for day in sorted(covered.keys() & listed.keys()):
        one, other = covered[day], listed[day]
        if any(getattr(one, name) != other[name] for name in ("seal", "rows", "content", "parts")):
            where = f"{layout.table}, {date_of(day)}"
            yield Finding(code="COVERAGE_DIFFERS", where=where, message="its digests are not the ones of its seal")


def check_day(
    workspace: Workspace, connection: Connection, key: tuple[str, int], entry: Entry, claims: Claims, *, deep: bool
) -> Found:
    """Compare a day with its seal, and with what was decided about it since."""
    stream, day = key
    where = f"stream {stream!r}, {date_of(day)}"
    body: dict[str, Any] = dict(entry.body)
    state = days.state(connection, stream, day)
    yield from _interval(connection, day, body, where)
    purge, kept = claims.purges.get(key), claims.kept.get(key)
    incomplete, uncounted = (None, 0) if kept is None else (kept.seq, dict[str, Any](kept.body)["uncounted"])
    if (state.incomplete, state.uncounted) != (incomplete, uncounted):
        message = "what it says of lost records is not what was written down"
        yield Finding(code="STATE_DIFFERS", where=where, message=message)
    if purge is not None and purge.seq > entry.seq:
        wanted = "purged" if purge.kind is Kind.PURGED else "purging"
        if state.purge != wanted:
            yield Finding(
                code="STATE_DIFFERS", where=where, message=f"the ledger says {wanted}, the day says otherwise"
            )
        return
    records = Control.from_json(body["control"]).records
    if state.purge or state.seal != entry.seq or state.sealed_records != records:
        yield Finding(code="STATE_DIFFERS", where=where, message=f"the day does not stand under seal {entry.seq}")
        return
    if state.is_sealed:
        # Whoever let the seal stand without some of its records wrote down what is left of them.
        left = body if kept is None else _left(kept, state, claims)
        yield from _sealed(workspace, connection, state, left, where, deep=deep)


def _left(kept: Entry, state: DayState, claims: Claims) -> dict[str, Any]:
    """What an entry says is left of a day; of keys that are gone its count and sums must do, without the row hashes."""
    body: dict[str, Any] = {**kept.body, "segments": None}
    if kept.seq < claims.rekeyed:
        now = state.control.to_json()
        body["control"] = {**body["control"], "hash_a": now["hash_a"], "hash_b": now["hash_b"]}
    return body


def _interval(connection: Connection, day: int, body: dict[str, Any], where: str) -> Found:
    cut = days.interval(connection, day)
    wanted = tuple(body[name] for name in ("start", "end", "zone", "tzdata"))
    if cut is None or (cut.start, cut.end, cut.zone, cut.tzdata) != wanted:
        yield Finding(code="DAY_DIFFERS", where=where, message="the day's interval is not the one that was sealed")


def _sealed(
    workspace: Workspace, connection: Connection, state: DayState, body: dict[str, Any], where: str, *, deep: bool
) -> Found:
    if state.control != Control.from_json(body["control"]):
        yield Finding(
            code="CONTROL_DIFFERS", where=where, message="its control is not the one that was sealed, or left"
        )
    listed = manifest.of_day(connection, state.stream, state.day)
    if body["segments"] not in (None, [[s.file, s.sha256, s.records] for s in listed]):
        yield Finding(code="MANIFEST_DIFFERS", where=where, message="its segments are not the ones that were sealed")
    for segment in listed:
        path = workspace.segments.path(segment)
        if not path.is_file() or path.stat().st_size != segment.bytes:
            if segment.file not in _listed_now(workspace):
                continue  # replaced, or purged, since the check began
            yield Finding(code="SEGMENT_DAMAGED", where=where, message=f"{segment.file} is missing or has another size")
        elif deep:
            yield from _bytes(workspace, segment, where)
    if deep:
        yield from _records(workspace, connection, state, listed, where)


def _bytes(workspace: Workspace, segment: manifest.Segment, where: str) -> Found:
    try:
        workspace.segments.check(segment)
    except Damaged as error:
        yield Finding(code="SEGMENT_DAMAGED", where=where, message=str(error))


def _records(
    workspace: Workspace, connection: Connection, state: DayState, listed: tuple[manifest.Segment, ...], where: str
) -> Found:
    if state.stream in workspace.attached:
        yield from _rows_elsewhere(workspace, connection, state, where)
        return
    layout = workspace.layout(workspace.catalog.stream(state.stream))
    try:
        table = read_day(workspace, connection, layout, state, listed)
    except Damaged:
        return  # said by its bytes already
    if control_of(layout, table, workspace.keys.control) != state.control:
        yield Finding(code="RECORDS_DIFFER", where=where, message="its records do not add up to control")


def _rows_elsewhere(workspace: Workspace, connection: Connection, state: DayState, where: str) -> Found:
    """Read a day again from the application's own database; its rows may have changed since, and nobody is to blame."""
    stream, day = workspace.catalog.stream(state.stream), days.interval(connection, state.day)
    assert day is not None  # noqa: S101 - some seal was found to be about it
    try:
        found = gather.control_found(workspace, stream, day)
    except (Conflict, ProofFailed, Unavailable) as error:
        yield Finding(code="ROWS_UNREAD", where=where, message=str(error))
        return
    if found != state.control:
        message = "its rows are not the ones that were sealed: roll up, and what changed is sealed again"
        yield Finding(code="RECORDS_DIFFER", where=where, message=message)


def _unsealed(workspace: Workspace, connection: Connection, claims: Claims) -> Found:
    """Look for days that say they are sealed or purged although no entry does."""
    for name in workspace.catalog.streams:
        for day, state in days.states(connection, name).items():
            key = (name, day)
            if (state.seal is not None and key not in claims.seals) or (state.purge and key not in claims.purges):
                where = f"stream {name!r}, {date_of(day)}"
                yield Finding(code="STATE_DIFFERS", where=where, message="no entry says what the day says of itself")


def _listed_now(workspace: Workspace) -> set[str]:
    """Give the files the manifest lists by now: others go on working while the ledger is checked."""
    with workspace.file.read() as connection:
        return {segment.file for segment in manifest.everything(connection)}


def _files(workspace: Workspace, connection: Connection) -> Found:
    """Look for files that no manifest lists; a crash may leave one, and it counts for nothing."""
    there = list(workspace.segments.listing())
    listed = {segment.file for segment in manifest.everything(connection)} | _listed_now(workspace)
    for name in there:
        if name not in listed and (workspace.segments.folder / name).exists():
            yield Finding(code="FILE_UNKNOWN", where=name, message="the file is not in the manifest")
