"""New records of a day whose figures are final: a known one is a duplicate, a new one a correction, once.

A day's figures are final once its purge began, and then while `late` lasts; or once a person let them stand although
its records are no longer whole.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import partial
from typing import Any

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from keepsum.engine import codes, correct, fold, verify
from keepsum.engine.compile import decode
from keepsum.engine.compile.statement import Statement
from keepsum.engine.days import Calendar
from keepsum.engine.folding import Folding
from keepsum.engine.rolled import Rolled
from keepsum.model.catalog import restored
from keepsum.model.control import Control
from keepsum.model.layout import RollupLayout
from keepsum.model.ledger import Kind
from keepsum.model.rollup import Rollup
from keepsum.model.stream import Stream
from keepsum.pipeline import closing, publish, seal
from keepsum.pipeline.lot import Lot, Mask
from keepsum.pipeline.records import filled
from keepsum.pipeline.status import CHANGED, CONFLICT, CORRECTION, DUPLICATE, TOO_LATE
from keepsum.store import days, ledger, records, rollups, shapes
from keepsum.store.database import Connection
from keepsum.store.days import DayState
from keepsum.store.rollups import Generation
from keepsum.store.workspace import Workspace

Merge = Callable[[correct.Row, correct.Row], dict[str, Any]]


@dataclass(frozen=True, kw_only=True)
class Late:
    """New records of one day, `day` first and buckets filled in; fingerprints of their keys, rows and people."""

    table: pa.Table
    control: Control
    marks: list[tuple[int, int]]
    people: set[int]


def sort_out(
    workspace: Workspace, connection: Connection, lot: Lot, here: NDArray[Any], state: DayState, *, now: int
) -> NDArray[np.int8]:
    """Say of each row of a final day whether it is a duplicate, a correction, a change, or too late."""
    if not _takes_late(state, now):
        return np.full(len(here), TOO_LATE, dtype=np.int8)
    keys, hashes = lot.columns["key"], lot.row_hashes
    marks = [workspace.keys.mark(keys[i]) for i in here.tolist()]
    known = records.recognise(connection, state.stream, state.day, marks)
    statuses = np.zeros(len(here), dtype=np.int8)
    for place, (i, mark) in enumerate(zip(here.tolist(), marks, strict=True)):
        if mark in known:
            changed = CHANGED if state.purge else CONFLICT
            statuses[place] = DUPLICATE if known[mark] == hashes[i] else changed
        else:
            statuses[place] = CORRECTION
            known[mark] = hashes[i]
    return statuses


def _takes_late(state: DayState, now: int) -> bool:
    """Say whether new records are taken: before the purge of a final day without end, unless one was set."""
    return not state.purge if state.late_until is None else now <= state.late_until


def carry_out(
    workspace: Workspace, connection: Connection, lot: Lot, chosen: Mask, *, now: int, calendar: Calendar
) -> None:
    """Book the chosen rows of final days on today, in every generation that covers their day."""
    for day in np.unique(lot.days[chosen]).tolist():
        mine = chosen & (lot.days == day)
        late = Late(
            table=filled(lot.layout, lot.table(mine)),
            control=lot.control(mine),
            marks=_marks(workspace, lot, mine),
            people=_people(workspace, lot, mine),
        )
        book(workspace, connection, lot.layout.stream, day, late, now=now, calendar=calendar)


def book(
    workspace: Workspace, connection: Connection, stream: Stream, day: int, late: Late, *, now: int, calendar: Calendar
) -> None:
    """Book new records of one day on today, in every generation that covers the day, and note them as known."""
    booked = calendar.number_of(now)
    days.write_down(connection, [calendar.day(booked)])
    listed: list[dict[str, object]] = []
    for generation, _ in rollups.covering(connection, stream.name, day):
        rollup = restored(generation.rollup, generation.definition, stream)
        layout = RollupLayout(rollup=rollup, name=generation.table)
        listed.append(_book(workspace, connection, layout, generation, late.table, day, booked))
    records.add_fingerprints(connection, stream.name, day, late.marks)
    shown = publish.corrections(connection, stream, day, booked, late.people)
    body: dict[str, object] = {
        "booked": booked,
        "epoch": workspace.keys.number,
        "control": late.control.to_json(),
        "rollups": listed,
        "published": shown,
    }
    ledger.append(connection, Kind.CORRECTED, body, now=now, stream=stream.name, day=day)
    closing.close_again(connection, stream, [booked], now=now)


def _book(
    workspace: Workspace,
    connection: Connection,
    layout: RollupLayout,
    generation: Generation,
    table: pa.Table,
    day: int,
    booked: int,
) -> dict[str, object]:
    """Roll the late records of one day under one generation and merge them into what is booked today."""
    rollup = layout.rollup
    kept = rollups.dimension_values(connection, generation, day, layout.dimensions)
    rolled = _rolled(workspace, rollup, correct.within_kept(rollup, table, kept))
    keys = {"epoch": workspace.keys.number, "booked": booked}
    rows, parts = shapes.rows(layout), shapes.parts(layout)
    _merge(connection, rows, rolled.rows, keys, partial(correct.merge_row, layout))
    _merge(connection, parts, rolled.parts, keys, partial(correct.merge_part, rollup))
    count, content, digest = seal.stored_digests(connection, layout, day, booked)
    return {"rollup": rollup.name, "table": generation.table, "rows": count, "content": content, "parts": digest}


def _merge(connection: Connection, table: Any, new: pa.Table, keys: Mapping[str, int], merged: Merge) -> None:
    names = [c.name for c in table.primary_key]
    rows: list[dict[str, Any]] = []
    for row in new.to_pylist():
        full = {**row, **keys}
        before = rollups.row(connection, table, {name: full[name] for name in names})
        rows.append(full if before is None else merged(before, full))
    rollups.upsert(connection, table, rows)


def _rolled(workspace: Workspace, rollup: Rollup, table: pa.Table) -> Rolled:
    def run(statement: Statement, coded: pa.Table) -> pa.Table:
        return workspace.engine.run(statement.sql, statement.parameters, {"records": coded})

    coded = codes.encode(table, [rollup])
    computed = decode.rolled(rollup, coded, run)
    verify.compare(rollup, computed, fold.fold(Folding(coded, rollup.of), rollup))
    return computed


def _marks(workspace: Workspace, lot: Lot, mine: Mask) -> list[tuple[int, int]]:
    keys, hashes = lot.columns["key"], lot.row_hashes
    return [(workspace.keys.mark(keys[i]), hashes[i]) for i in np.flatnonzero(mine).tolist()]


def _people(workspace: Workspace, lot: Lot, mine: Mask) -> set[int]:
    subjects = lot.columns.get("subject", ())
    chosen = (subjects[i] for i in np.flatnonzero(mine).tolist()) if subjects else ()
    return {workspace.keys.mark(subject) for subject in chosen if subject is not None}
