"""Sealing: proven rows are stored, read back, digested, and chained in the ledger, one transaction a batch."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

import pyarrow as pa

from keepsum.engine.codes import source_column
from keepsum.engine.content import content_of_rows, contents_by_day
from keepsum.engine.days import Calendar
from keepsum.model.catalog import definition_hash
from keepsum.model.day import date_of
from keepsum.model.errors import ProofFailed
from keepsum.model.layout import EPOCH, Column, RollupLayout
from keepsum.model.ledger import Kind
from keepsum.model.rollup import Distinct, Rollup
from keepsum.model.stream import Stream
from keepsum.pipeline import publish
from keepsum.pipeline.hold import TWO_DAYS, hold
from keepsum.pipeline.proof import Outcome, Proven
from keepsum.store import days, distinct, ledger, manifest, rollups
from keepsum.store.database import Connection
from keepsum.store.rollups import Covered
from keepsum.store.workspace import Workspace


def write(workspace: Workspace, calendar: Calendar, proven: Proven, *, now: int) -> Outcome:
    """Store and seal proven days, unless records came in meanwhile; a day with a recurring key is held."""
    wanted = workspace.catalog.rollups_of(proven.stream.name)
    marks = _distinct_marks(workspace, proven, wanted)
    digests = {r.name: _digests(proven, r) for r in wanted}
    with workspace.file.write() as connection:
        sealing, outcome = _chosen(connection, proven, marks, now=now)
        work = _Sealing(workspace, connection, calendar, proven, digests, now)
        covered = {state.day: work.store(state) for state in sealing}
        shown = publish.publish(workspace, connection, proven, sorted(covered))
        for state in sealing:
            work.seal(state, covered[state.day], shown.get(state.day, []))
    return outcome


def _chosen(
    connection: Connection, proven: Proven, marks: Mapping[int, Mapping[str, set[int]]], *, now: int
) -> tuple[list[days.DayState], Outcome]:
    """Give the days that can be sealed as they were read, and what became of the others."""
    sealing: list[days.DayState] = []
    outcome = Outcome()
    for day, before in proven.states.items():
        current = days.state(connection, proven.stream.name, day)
        if (current.touched, current.seal) != (before.touched, before.seal) or current.purge or current.incomplete:
            outcome += Outcome(left=1)
        elif _recurs(connection, proven.stream, current, marks.get(day, {}), now=now):
            outcome += Outcome(held=1)
        else:
            sealing.append(current)
            outcome += Outcome(sealed=1, records=before.control.records)
    return sealing, outcome


def stored_digests(connection: Connection, layout: RollupLayout, day: int, booked: int) -> tuple[int, str, str]:
    """Give how many rows a day has as they stand in the tables, and the digests of rows and parts."""
    rows = rollups.read_rows(connection, layout, day, booked)
    parts = rollups.read_parts(connection, layout, day, booked)
    return len(rows), content_of_rows(row_columns(layout), rows), content_of_rows(part_columns(layout), parts)


def row_columns(layout: RollupLayout) -> tuple[Column, ...]:
    """Give the columns of a day's rows as they are digested."""
    return (Column("day", "integer"), *(Column(d, "text") for d in layout.dimensions), *layout.values)


def part_columns(layout: RollupLayout) -> tuple[Column, ...]:
    """Give the columns of a day's parts as they are digested."""
    texts = ("measure", "at", *layout.dimensions)
    return (
        *(Column(n, "text") for n in texts),
        Column("day", "integer"),
        Column("value", "integer"),
        Column("data", "bytes"),
    )


@dataclass(frozen=True)
class _Sealing:
    """One transaction in which proven days are stored and sealed."""

    workspace: Workspace
    connection: Connection
    calendar: Calendar
    proven: Proven
    digests: Mapping[str, tuple[dict[int, str], dict[int, str]]]
    now: int

    def store(self, state: days.DayState) -> list[tuple[Rollup, Covered]]:
        """Write a day's rows and parts of every rollup, and prove that what stands there is what was proven."""
        wanted = self.workspace.catalog.rollups_of(state.stream)
        return [(r, _store(self.connection, r, self.proven, state.day, self.digests[r.name])) for r in wanted]

    def seal(self, state: days.DayState, covered: Sequence[tuple[Rollup, Covered]], shown: Sequence[object]) -> None:
        """Chain a day's seal, and let the day stand under it."""
        stream, day, connection = self.proven.stream, state.day, self.connection
        interval = self.calendar.day(day)
        days.write_down(connection, [interval])
        body: dict[str, object] = {
            "day": str(date_of(day)),
            "start": interval.start,
            "end": interval.end,
            "zone": interval.zone,
            "tzdata": interval.tzdata,
            "epoch": EPOCH,
            "k": self.workspace.identity.k,
            "reason": _reason(state),
            "control": state.control.to_json(),
            "rollups": [_listed(rollup, found) for rollup, found in covered],
            "published": list(shown),
            "segments": [[s.file, s.sha256, s.records] for s in manifest.of_day(connection, stream.name, day)],
            "dropped": _drop_older(connection, stream, day, {found.table for _, found in covered}),
        }
        seq = ledger.append(connection, Kind.SEALED, body, now=self.now, stream=stream.name, day=day)
        for _, found in covered:
            rollups.cover(connection, replace(found, seal=seq))
        values: dict[str, object] = {"held": None, "held_detail": None, "held_at": None, "accepted": None}
        values |= {"sealed": state.touched, "seal": seq, "sealed_records": state.control.records}
        days.set_state(connection, stream.name, day, touched=state.touched, **values)


def _listed(rollup: Rollup, found: Covered) -> dict[str, object]:
    return {
        "rollup": rollup.name,
        "table": found.table,
        "definition": definition_hash(rollup),
        "rows": found.rows,
        "content": found.content,
        "parts": found.parts,
    }


def _reason(state: days.DayState) -> str:
    if state.accepted:
        return f"accepted {state.accepted}"
    if state.sealed is None:
        return "first"
    return "definitions" if state.is_sealed else "touched"


def _store(
    connection: Connection, rollup: Rollup, proven: Proven, day: int, digests: tuple[dict[int, str], dict[int, str]]
) -> Covered:
    """Write one rollup's day and prove that what stands in the tables is what was proven."""
    layout = RollupLayout(rollup=rollup)
    rolled = proven.rolled[rollup.name]
    rollups.replace(connection, layout, day, proven.of_day(rolled.rows, day), proven.of_day(rolled.parts, day))
    count, content, parts = stored_digests(connection, layout, day, day)
    wanted = tuple(d.get(day, empty) for d, empty in zip(digests, _nothing(layout), strict=True))
    if (content, parts) != wanted:
        message = f"The rows of rollup {rollup.name!r} that were stored are not the ones that were proven."
        raise ProofFailed("STORED_DIFFERS", message)
    return Covered(table=layout.table, day=day, seal=0, rows=count, content=content, parts=parts)


def _nothing(layout: RollupLayout) -> tuple[str, str]:
    return content_of_rows(row_columns(layout), []), content_of_rows(part_columns(layout), [])


def _digests(proven: Proven, rollup: Rollup) -> tuple[dict[int, str], dict[int, str]]:
    rolled = proven.rolled[rollup.name]
    return contents_by_day(rolled.rows), contents_by_day(rolled.parts)


def _drop_older(connection: Connection, stream: Stream, day: int, current: set[str]) -> list[str]:
    """Take a day's figures out of generations that today's definitions replace; its records still live."""
    older = [g for g, _ in rollups.covering(connection, stream.name, day) if g.table not in current]
    for generation in older:
        rollups.uncover(connection, generation, day)
    return [g.table for g in older]


def _distinct_marks(workspace: Workspace, proven: Proven, wanted: tuple[Rollup, ...]) -> dict[int, dict[str, set[int]]]:
    """Give the keyed fingerprints of every value that a distinct measure counts, by day and column."""
    sources = {m.source for r in wanted for m in r.measures if isinstance(m, Distinct) and m.source}
    found: dict[int, dict[str, set[int]]] = {}
    for day in proven.states:
        table = proven.of_day(proven.records, day)
        for source in sorted(sources):
            values: pa.ChunkedArray = table.column(source_column(proven.stream, source)).unique()
            marks = {workspace.keys.mark(str(v)) for v in values.to_pylist() if v is not None}
            found.setdefault(day, {})[source] = marks
    return found


def _recurs(
    connection: Connection, stream: Stream, state: days.DayState, marks: Mapping[str, set[int]], *, now: int
) -> bool:
    """Note a day's distinct values; hold it when one of them was counted on another day already."""
    for field, values in marks.items():
        other = distinct.note(connection, stream.name, field, state.day, values)
        if other is not None and TWO_DAYS not in state.accepts:
            count, example = other
            detail = f"{count} values of {field!r} were counted on another day already, such as {date_of(example)}."
            hold(connection, stream.name, state.day, TWO_DAYS, detail, now=now)
            return True
    return False
