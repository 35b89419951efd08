"""Sealing: proven rows are stored, read back, compared, and chained in the ledger, one transaction a batch."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Self

import numpy as np

from keepsum.engine.arrival import Chunk
from keepsum.engine.content import content_of_rows, contents_by_day
from keepsum.engine.days import Calendar
from keepsum.model.catalog import definition_hash
from keepsum.model.control import Control
from keepsum.model.counted import counted
from keepsum.model.day import date_of
from keepsum.model.errors import ProofFailed
from keepsum.model.layout import Column, RollupLayout
from keepsum.model.ledger import Kind
from keepsum.model.rollup import Rollup
from keepsum.model.stream import Stream
from keepsum.pipeline import closing, publish, recur
from keepsum.pipeline.hold import TWO_DAYS, hold
from keepsum.pipeline.proof import Found, Marks, Outcome, Proven
from keepsum.pipeline.recur import Looked
from keepsum.store import days, distinct, ledger, manifest, rollups, shapes
from keepsum.store.database import Connection
from keepsum.store.days import DayState
from keepsum.store.rollups import Covered, Rows
from keepsum.store.workspace import Workspace, terms


def write(workspace: Workspace, calendar: Calendar, proven: Proven, *, now: int) -> Outcome:
    """Store and seal proven days, unless records came in meanwhile; a day with a recurring key is held."""
    wanted = workspace.catalog.rollups_of(proven.stream.name)
    stores = [_Store.of(proven, rollup, workspace.keys.number) for rollup in wanted]
    people = publish.people_of(workspace, proven)
    looked = {day: recur.look(workspace, proven.stream, day, found.keys) for day, found in proven.found.items()}
    # Nobody else can write from here on, so all that can be known before is.
    with workspace.file.write() as connection:
        sealing, outcome = _chosen(workspace, connection, proven, looked, now=now)
        if sealing:
            covered = [store.write(connection, sealing) for store in stores]
            shown = publish.publish(connection, proven.stream, people, sorted(sealing))
            _Sealing(workspace, connection, calendar, proven, now).seal(sealing, wanted, covered, shown)
    return outcome


def _chosen(
    workspace: Workspace, connection: Connection, proven: Proven, looked: Mapping[int, Looked], *, now: int
) -> tuple[dict[int, DayState], Outcome]:
    """Give the days that can be sealed as they were read, and what became of the others."""
    sealing: dict[int, DayState] = {}
    outcome = Outcome()
    for day, current in days.states_of(connection, proven.stream.name, list(proven.states)).items():
        before = proven.states[day]
        if (current.touched, current.seal) != (before.touched, before.seal) or current.purge or current.incomplete:
            outcome += Outcome(left=1)
        elif _recurs(connection, proven.stream, current, proven.marks.get(day, {}), now=now) or (
            day in looked and recur.hold_recurring(workspace, connection, current, looked[day], now=now)
        ):
            outcome += Outcome(held=1)
        else:
            sealing[day] = _as_found(connection, current, proven.found.get(day))
            outcome += Outcome(sealed=1, records=sealing[day].control.records)
    return sealing, outcome


def _as_found(connection: Connection, state: DayState, found: Found | None) -> DayState:
    """Give a day with the control of its records as they were found, where somebody else keeps them."""
    if found is None or found.control == state.control:
        return state
    days.replace_control(connection, state.stream, state.day, found.control)
    return replace(state, control=found.control, touched=state.touched + 1)


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


@dataclass(frozen=True, kw_only=True)
class _Store:
    """The rows and parts of one rollup's days as they are to stand in its tables, and their digests by day."""

    layout: RollupLayout
    rows: Rows
    parts: Rows
    counts: Mapping[int, int]
    contents: Mapping[int, str]
    contents_of_parts: Mapping[int, str]

    @classmethod
    def of(cls, proven: Proven, rollup: Rollup, epoch: int) -> Self:
        """What was proven of one rollup, under the keys of an epoch."""
        rolled, layout = proven.rolled[rollup.name], RollupLayout(rollup=rollup)
        numbers, counts = np.unique(rolled.rows["day"].to_numpy(), return_counts=True)
        return cls(
            layout=layout,
            rows=rollups.lines(shapes.rows(layout), rolled.rows, epoch=epoch),
            parts=rollups.lines(shapes.parts(layout), rolled.parts, epoch=epoch),
            counts=dict(zip(numbers.tolist(), counts.tolist(), strict=True)),
            contents=contents_by_day(rolled.rows, proven.states),
            contents_of_parts=contents_by_day(rolled.parts, proven.states),
        )

    def write(self, connection: Connection, sealing: Collection[int]) -> dict[int, Covered]:
        """Put days in place of what stood of them, and prove that what stands there now is what was proven."""
        for table, rows in ((shapes.rows(self.layout), self.rows), (shapes.parts(self.layout), self.parts)):
            mine = rollups.of_days(table, rows, sealing)
            rollups.replace(connection, table, sealing, mine)
            if rollups.standing(connection, table, sealing) != mine:
                name = self.layout.rollup.name
                message = f"The rows of rollup {name!r} that were stored are not the ones that were proven."
                raise ProofFailed("STORED_DIFFERS", message)
        return {day: self._covered(day) for day in sealing}

    def _covered(self, day: int) -> Covered:
        return Covered(
            table=self.layout.table,
            day=day,
            seal=0,
            rows=self.counts.get(day, 0),
            content=self.contents[day],
            parts=self.contents_of_parts[day],
        )


@dataclass(frozen=True)
class _Sealing:
    """One transaction in which stored days are sealed."""

    workspace: Workspace
    connection: Connection
    calendar: Calendar
    proven: Proven
    now: int

    @property
    def stream(self) -> Stream:
        """The stream whose days are sealed."""
        return self.proven.stream

    def seal(
        self,
        sealing: Mapping[int, DayState],
        wanted: Sequence[Rollup],
        covered: Sequence[Mapping[int, Covered]],
        shown: Mapping[int, Sequence[object]],
    ) -> None:
        """Chain the seals of days, and let the days stand under them."""
        days.write_down(self.connection, map(self.calendar.day, sealing))
        segments = manifest.of_days(self.connection, self.stream.name, min(sealing), max(sealing))
        dropped = self._drop_older(sealing, {RollupLayout(rollup=rollup).table for rollup in wanted})
        found: list[Covered] = []
        # Looked up here, where nobody else can write: whoever changed k is before this seal in the chain, or behind it.
        k = terms(self.connection).k
        for day, state in sealing.items():
            mine = [one[day] for one in covered]
            body = self._facts(state, k) | {
                "rollups": [_listed(rollup, one) for rollup, one in zip(wanted, mine, strict=True)],
                "published": list(shown.get(day, [])),
                "segments": [[s.file, s.sha256, s.records] for s in segments.get(day, ())],
                "dropped": dropped[day],
            }
            if day in self.proven.found:
                body["chunks"] = [_chunk(one) for one in self.proven.found[day].chunks]
            seq = ledger.append(self.connection, Kind.SEALED, body, now=self.now, stream=self.stream.name, day=day)
            found += [replace(one, seal=seq) for one in mine]
            values: dict[str, object] = {"held": None, "held_detail": None, "held_at": None, "accepted": None}
            values |= {"sealed": state.touched, "seal": seq, "sealed_records": state.control.records}
            days.set_state(self.connection, self.stream.name, day, touched=state.touched, **values)
        rollups.cover(self.connection, found)
        closing.close_again(self.connection, self.stream, sealing, now=self.now)

    def _facts(self, state: DayState, k: int) -> dict[str, object]:
        interval = self.calendar.day(state.day)
        return {
            "day": str(date_of(state.day)),
            "start": interval.start,
            "end": interval.end,
            "zone": interval.zone,
            "tzdata": interval.tzdata,
            "epoch": self.workspace.keys.number,
            "k": k,
            "reason": _reason(state),
            "control": state.control.to_json(),
        }

    def _drop_older(self, sealing: Collection[int], current: Collection[str]) -> dict[int, list[str]]:
        """Take days' figures out of generations that today's definitions replace; their records still live."""
        dropped: dict[int, list[str]] = {day: [] for day in sealing}
        for generation in rollups.known(self.connection, self.stream.name):
            if generation.table not in current:
                covered = rollups.coverage(self.connection, generation.table, min(sealing), max(sealing))
                for day in covered.keys() & sealing:
                    rollups.uncover(self.connection, generation, day)
                    dropped[day].append(generation.table)
        return dropped


def _listed(rollup: Rollup, found: Covered) -> dict[str, object]:
    return {
        "rollup": rollup.name,
        "table": found.table,
        "definition": definition_hash(rollup),
        "rows": found.rows,
        "content": found.content,
        "parts": found.parts,
    }


def _chunk(chunk: Chunk) -> list[object]:
    """A chunk as a seal lists it: how many records, and both row hashes."""
    said = Control(records=chunk.count, hash_a=chunk.hash_a, hash_b=chunk.hash_b).to_json()
    return [said["records"], said["hash_a"], said["hash_b"]]


def _reason(state: DayState) -> str:
    if state.accepted:
        return f"accepted {state.accepted}"
    if state.sealed is None:
        return "first"
    if state.is_sealed:
        return "held before" if state.held else "definitions"
    return "touched"


def _recurs(connection: Connection, stream: Stream, state: DayState, marks: Marks, *, now: int) -> bool:
    """Note a day's distinct values; hold it when one of them was counted on another day already."""
    for field, values in marks.items():
        other = distinct.note(connection, stream.name, field, state.day, values.tolist())
        if other is not None and TWO_DAYS in state.accepts:
            distinct.accept(connection, stream.name, field, state.day)
        elif other is not None:
            count, example = other
            many = counted(count, "values")
            detail = f"Counted on another day already, such as {date_of(example)}: {many} of {field!r}."
            hold(connection, stream.name, state.day, TWO_DAYS, detail, now=now)
            return True
    return False
