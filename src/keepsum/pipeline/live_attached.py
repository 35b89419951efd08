"""Days of an application's own database that no rollup answers: the same statement, run where the rows are."""

import contextlib
from collections.abc import Iterable, Sequence
from dataclasses import replace

from keepsum.engine.days import Calendar
from keepsum.engine.mapping import attached_of
from keepsum.engine.plan import Group, Need
from keepsum.engine.rolled import Rolled, parts_schema
from keepsum.engine.route import Standing
from keepsum.model.catalog import definition_hash
from keepsum.model.day import Day
from keepsum.model.errors import ProofFailed
from keepsum.model.layout import RollupLayout
from keepsum.model.rollup import AtGrains, Rollup
from keepsum.model.stream import Stream
from keepsum.pipeline import gather
from keepsum.pipeline.attached import extent
from keepsum.pipeline.live import LiveDay, Remembered, asked_rollup, figures
from keepsum.store import attachments, days
from keepsum.store.database import Connection
from keepsum.store.homes.attached import Reading
from keepsum.store.standing import covering
from keepsum.store.workspace import Workspace


class Unreadable(Exception):
    """A day has a row that is no record, so that nothing is made of it; other days have their figures."""

    def __init__(self, stream: str, day: int) -> None:
        super().__init__(f"day {day} of stream {stream!r}")
        self.stream, self.day = stream, day


def stands(
    workspace: Workspace,
    connection: Connection,
    stream: Stream,
    found: Standing,
    remembered: Remembered,
    span: tuple[int, int],
) -> Standing:
    """Give how the days of a range stand when their records live in an application's own database.

    Every day from the first one with rows to today has what it has there. Where no column says which rows changed, a
    sealed day is answered from there until it is purged. Steps of k people are not shown, for rows change and no order
    says which of them came last.
    """
    names = [name for name in covering(stream) if name in workspace.attached]
    firsts = [_first_day(workspace, connection, workspace.catalog.stream(name), found, remembered) for name in names]
    begin = min((day for day in (*firsts, found.start) if day is not None), default=None)
    if begin is None:
        return replace(found, steps=False)
    there = frozenset(range(max(span[0], begin), min(span[1], found.today) + 1))
    sealed = found.sealed if attached_of(stream).changed is not None else found.sealed & found.purged
    return replace(
        found,
        start=begin,
        sealed=sealed,
        collected=found.collected | there,
        noted=found.noted | there,
        steps=False,
    )


def _first_day(
    workspace: Workspace, connection: Connection, stream: Stream, found: Standing, remembered: Remembered
) -> int | None:
    """Give the first day with rows, as noted when days were planned, or asked for as long as that never happened."""
    known = attachments.of(connection, stream.name)
    if known is not None and known.first_day is not None:
        return known.first_day
    database, calendar = workspace.attached[stream.name], Calendar(workspace.identity.zone)

    def ask() -> int | None:
        with gather.snapshot(workspace, stream) as reading:
            return extent(reading, stream, database.dialect, calendar)[0]

    return remembered.firsts.get((workspace.file.path, stream.name), found.today, ask)


def live_days(
    workspace: Workspace,
    connection: Connection,
    group: Group,
    needs: Sequence[Need],
    wanted: Iterable[int],
    remembered: Remembered,
) -> dict[int, LiveDay]:
    """Give the figures of needs of one group, day by day, at most ten seconds old.

    Raises `Unreadable` for a day of which nothing can be made, and `DATABASE_*`.
    """
    stream = group.stream
    rollup = asked_rollup(group, needs, by=group.dimensions)
    digest = definition_hash(rollup)
    calendar = Calendar(workspace.identity.zone)
    with contextlib.ExitStack() as opened:
        readings: list[Reading] = []

        def ask(day: Day) -> LiveDay:
            if not readings:
                readings.append(opened.enter_context(gather.snapshot(workspace, stream)))
            return _asked(workspace, rollup, needs, day, readings[0])

        found: dict[int, LiveDay] = {}
        for number in sorted(wanted):
            day = days.interval(connection, number) or calendar.day(number)
            key = (workspace.file.path, stream.name, number)
            try:
                found[number] = remembered.asked.get(key, digest, lambda day=day: ask(day))
            except ProofFailed as error:
                raise Unreadable(stream.name, number) from error
        return found


def _asked(workspace: Workspace, rollup: Rollup, needs: Sequence[Need], day: Day, reading: Reading) -> LiveDay:
    found = _rolled(workspace, rollup, day, reading)
    made = tuple(figures(rollup, place, need, found.rows, found.parts) for place, need in enumerate(needs))
    return LiveDay(figures=made, records=found.rows.num_rows + found.parts.num_rows)


def _rolled(workspace: Workspace, rollup: Rollup, day: Day, reading: Reading) -> Rolled:
    # Nobody asks how many people a row is made of, or how much is one's: only the parts are about people.
    plain = replace(rollup, of=replace(rollup.of, subject=None), measures=RollupLayout(rollup=rollup).additive)
    rows = gather.rolled(workspace, plain, day, reading).rows
    if not any(isinstance(measure, AtGrains) for measure in rollup.measures):
        return Rolled(rows=rows, parts=parts_schema(rollup).empty_table())
    return Rolled(rows=rows, parts=gather.rolled(workspace, rollup, day, reading).parts)
