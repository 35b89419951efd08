"""Carrying out routes: partial results from tables and records, laid out by group and cell in one sheet."""

from collections import defaultdict
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from keepsum.engine.cells import Cells, Span
from keepsum.engine.compile import answer as compiled
from keepsum.engine.compile import parts as compiled_parts
from keepsum.engine.compile.answer import Merging, Shape
from keepsum.engine.compile.parts import PartShape
from keepsum.engine.compile.statement import Statement
from keepsum.engine.merge import Aged, Key, Sheet
from keepsum.engine.numbers import LIMB
from keepsum.engine.plan import Group, Plan
from keepsum.engine.route import Leg, Route, runs
from keepsum.engine.sources import Fit, Kept
from keepsum.model.errors import Invalid
from keepsum.model.rollup import HIDDEN, OTHER
from keepsum.pipeline import live_attached
from keepsum.pipeline.live import LiveDay, Remembered, live_days
from keepsum.store import days, rollups, shapes
from keepsum.store.database import Connection
from keepsum.store.workspace import Workspace, terms


@dataclass(frozen=True, kw_only=True)
class Reading:
    """What fetching reads from: one snapshot, and what is remembered of days."""

    workspace: Workspace
    connection: Connection
    remembered: Remembered


@dataclass(frozen=True, kw_only=True)
class Fetched:
    """The figures of a plan's cells, and how many rows and records they were made of.

    `left_out` says that a filter asked for values of which some may stand among the surplus of their days, `epochs`
    under which keys people were counted.
    """

    sheet: Sheet
    rows_read: int
    left_out: bool
    epochs: frozenset[int]


def fetch(reading: Reading, plan: Plan, routes: Sequence[tuple[Route, ...]]) -> Fetched:
    """Fetch what the routes of a plan's groups say.

    Raises `Damaged` when a segment cannot be read, and `ANSWER_TOO_LONG` for more than can be merged in memory.
    """
    sheet = Sheet(plan.needs, len(plan.cells.spans))
    numbers = {place: number for number, place in enumerate(plan.places)}
    rows_read, left_out, epochs = 0, False, set[int]()
    for number, (group, group_routes) in enumerate(zip(plan.groups, routes, strict=True)):
        places = [numbers[number, index] for index in range(len(group.needs))]
        fetching = _Fetching(reading, plan, group, sheet, places)
        rows_read += fetching.carry_out(group_routes)
        left_out |= fetching.left_out
        epochs |= fetching.epochs
    return Fetched(sheet=sheet, rows_read=rows_read, left_out=left_out, epochs=frozenset(epochs))


@dataclass(frozen=True)
class _LaidOut:
    """Where figures belong: which of them (all, if it does not say), and in which columns something is hidden."""

    places: list[int]
    picked: list[int] | None = None
    hiding: Collection[int] = ()


class _Fetching:
    """One group's partial results on their way into the sheet."""

    def __init__(self, reading: Reading, plan: Plan, group: Group, sheet: Sheet, places: Sequence[int]) -> None:
        self._reading, self._plan, self._group, self._sheet = reading, plan, group, sheet
        self._figures = [sheet.figures[place] for place in places]
        self._where = {name: frozenset(texts) for name, texts in group.where}
        self._own = plan.query.basis == "booked"
        self.left_out = False
        self.epochs = set[int]()

    def carry_out(self, routes: Sequence[Route]) -> int:
        """Fetch all legs, those of one place together; give how many rows were read."""
        together: defaultdict[tuple[object, ...], list[tuple[int, Leg]]] = defaultdict(list)
        for index, route in enumerate(routes):
            self._hide(index, route.withheld)
            for leg in route.legs:
                self._cover(index, leg)
                together[_place(leg)].append((index, leg))
        return sum(self._legs(legs) for legs in together.values())

    def _legs(self, legs: Sequence[tuple[int, Leg]]) -> int:
        leg = legs[0][1]
        if leg.fit is None:
            return self._records([index for index, _ in legs], leg)
        if leg.fit.at is not None:
            return sum(self._parts(index, leg.fit, leg) for index, leg in legs if leg.fit and not _is_unshown(leg))
        return self._rows([(index, leg.fit.kept) for index, leg in legs if leg.fit], leg)

    def _cover(self, index: int, leg: Leg) -> None:
        covered = self._figures[index].covered
        for first, last in _columns(self._plan.cells, runs(leg.days)):
            covered[first : last + 1] = b"\1" * (last + 1 - first)

    def _hide(self, index: int, hidden: Iterable[int]) -> None:
        obscured = self._figures[index].obscured
        for first, last in _columns(self._plan.cells, runs(hidden)):
            obscured[first : last + 1] = b"\1" * (last + 1 - first)

    # Rows of a rollup, or its atoms.

    def _rows(self, wanted: Sequence[tuple[int, Kept]], leg: Leg) -> int:
        assert leg.fit is not None  # noqa: S101 -- rows come from a source
        source, cells = leg.fit.source, self._plan.cells
        names = self._group.dimensions  # also the filtered ones, to see what a filter may miss
        shape = _shape(
            table=source.table + (shapes.ATOMS if leg.is_atoms else ""),
            by=names,
            filtered=tuple(self._where),
            values=tuple(value for _, kept in wanted for value in _values(kept)),
            is_coarser=set(names) < set(source.by),
            by_day=cells.are_days,
            own=self._own,
            booked=bool(leg.booked),
        )
        count = 0
        for statement, columns in self._row_statements(shape, leg):
            rows = self._run(statement, compiled.MOST_ROWS)
            count += len(rows)
            self._add_rows(wanted, rows, len(names), columns)
        return count

    def _row_statements(self, shape: Shape, leg: Leg) -> Iterator[tuple[Statement, Mapping[int, int] | None]]:
        """Statements, and which column each of their days stands in where they do not give the column itself."""
        cells = self._plan.cells
        allowed = [texts | {HIDDEN, OTHER} for texts in self._where.values()]
        if leg.booked:
            yield compiled.booked(shape, leg.booked, allowed), cells.column_of
        elif cells.are_days:
            for first, last in runs(leg.days):
                yield compiled.stretch(shape, first, last, allowed), cells.column_of
        else:
            yield compiled.spans(shape, _numbered(cells, runs(leg.days)), allowed), None

    def _add_rows(
        self,
        wanted: Sequence[tuple[int, Kept]],
        rows: Sequence[Any],
        width: int,
        by_day: Mapping[int, int] | None,
    ) -> None:
        if not rows:
            return
        first, *rest = zip(*rows, strict=True)
        columns = first if by_day is None else [by_day[day] for day in first]
        laid = self._lay_out(_keys(rest[:width], len(rows)), columns)
        values = iter(rest[width:])
        for index, kept in wanted:
            states: Sequence[Any] = next(values)
            if kept.need.kind == "sum":
                pairs = zip(states, next(values), strict=True)
                states = [None if hi is None else hi * LIMB + lo for hi, lo in pairs]
            self._add(index, laid, states)

    def _lay_out(self, keys: Sequence[Key], columns: Sequence[int]) -> "_LaidOut":
        """Find the places of figures by all dimensions; some may be hidden, or not what the filter allows."""
        different = set(keys)
        allowed = {key for key in different if self._allows(key)}
        hiding = {key for key in different if HIDDEN in key and self._allows(key, HIDDEN)}
        self.left_out |= any(self._allows(key, OTHER) for key in different - allowed)
        columns_hiding = {c for key, c in zip(keys, columns, strict=True) if key in hiding} if hiding else ()
        width, picked = len(self._group.by), None
        if len(allowed) < len(different):
            picked = [i for i, key in enumerate(keys) if key in allowed]
            keys, columns = [keys[i] for i in picked], [columns[i] for i in picked]
        shown = keys if width == len(self._group.dimensions) else [key[:width] for key in keys]
        return _LaidOut(self._sheet.places(shown, columns), picked, columns_hiding)

    def _allows(self, key: Key, *also: str) -> bool:
        """Whether the filter lets a group by all dimensions through, perhaps also where it has another text."""
        return all(
            text in also or name not in self._where or text in self._where[name]
            for name, text in zip(self._group.dimensions, key, strict=True)
        )

    def _add(self, index: int, laid: "_LaidOut", states: Sequence[Any]) -> None:
        figure = self._figures[index]
        for column in laid.hiding:
            figure.obscured[column] = 1
        figure.add(laid.places, states if laid.picked is None else [states[i] for i in laid.picked])

    # Parts of measures kept at grains.

    def _parts(self, index: int, fit: Fit, leg: Leg) -> int:
        by, at = self._group.by, fit.at or ()
        shape = PartShape(
            table=fit.source.table + shapes.PARTS,
            grain=tuple(name for name in fit.source.by if name in at),
            outside=tuple(name for name in fit.source.by if name not in at),
            by=by,
            filtered=tuple(self._where),
            value="value" if fit.kept.need.kind == "distinct" else "data",
            chosen="booked" if leg.booked else "stretch",
            # Corrections of fewer than k people would show in measures that no atom holds.
            own=(self._own or leg.is_atoms) and not leg.booked,
            epochs=fit.kept.need.kind == "uniques" and self._reading.workspace.keys.number > 1,
        )
        columns = {**self._plan.cells.column_of}
        columns |= {day: columns[stands_at] for day, stands_at in leg.joined.items()}
        count = 0
        for statement in self._part_statements(shape, fit, leg):
            rows = self._run(statement, compiled_parts.MOST_PARTS)
            count += len(rows)
            if rows:
                first, *keys, states = zip(*(self._aged(rows) if shape.epochs else rows), strict=True)
                keys = _keys(keys, len(rows))
                self._add(index, _LaidOut(self._sheet.places(keys, [columns[day] for day in first])), states)
        return count

    def _aged(self, rows: Sequence[Any]) -> Iterator[tuple[Any, ...]]:
        """Mark registers of an earlier epoch, whose people are told apart by another key."""
        newest = self._reading.workspace.keys.number
        for *others, blob, epoch in rows:
            self.epochs.add(epoch)
            yield (*others, blob if epoch == newest else Aged(epoch, blob))

    def _part_statements(self, shape: PartShape, fit: Fit, leg: Leg) -> Iterator[Statement]:
        name, at, allowed = fit.kept.name, ",".join(fit.at or ()), list(self._where.values())
        if leg.booked:
            yield compiled_parts.booked(shape, name, at, leg.booked, allowed)
        for first, last in runs({*leg.days, *leg.joined}):
            yield compiled_parts.stretch(shape, name, at, first, last, allowed)

    # Living records.

    def _records(self, indexes: Sequence[int], leg: Leg) -> int:
        workspace, connection = self._reading.workspace, self._reading.connection
        if any(self._group.needs[index].kind == "uniques" for index in indexes):
            self.epochs.add(workspace.keys.number)
        asked = workspace, connection, self._group, [self._group.needs[index] for index in indexes]
        remembered, stream = self._reading.remembered, self._group.stream.name
        if stream in workspace.attached:
            found = live_attached.live_days(*asked, leg.days, remembered)
        else:
            states = [days.states(connection, stream, first, last) for first, last in runs(leg.days)]
            every = [state for part in states for state in part.values()]
            found = live_days(*asked, every, remembered, steps_of=terms(connection).k if leg.is_atoms else None)
        for day, live in found.items():
            self._add_live(indexes, day, live, is_total=leg.is_atoms)
        return sum(day.records for day in found.values())

    def _add_live(self, indexes: Sequence[int], day: int, live: LiveDay, *, is_total: bool) -> None:
        names = self._group.dimensions
        column = self._plan.cells.column_of[day]
        for index, (keys, states) in zip(indexes, live.figures, strict=True):
            if is_total:
                keys = [(HIDDEN,) * len(names) for _ in keys]  # noqa: PLW2901 -- the total is all that is shown
            self._add(index, self._lay_out(keys, [column] * len(keys)), states)

    def _run(self, statement: Statement, most: int) -> list[Any]:
        rows: list[Any] = rollups.run(self._reading.connection, statement.sql, statement.parameters)
        if len(rows) > most:
            message = (
                f"The answer is made of more than {most} stored figures: ask for less days, a coarser grain, or fewer "
                f"dimensions."
            )
            raise Invalid("ANSWER_TOO_LONG", message)
        return rows


def _is_unshown(leg: Leg) -> bool:
    """Whether a leg asks for corrections that guarded callers are never shown."""
    return leg.is_atoms and bool(leg.booked)


def _place(leg: Leg) -> tuple[object, ...]:
    """What legs have in common that one statement answers."""
    if leg.fit is None:
        return (None, leg.days)
    return (leg.fit.source.table, leg.fit.at, leg.days, leg.booked, leg.is_atoms)


def _shape(
    *,
    table: str,
    by: tuple[str, ...],
    filtered: tuple[str, ...],
    values: tuple[tuple[str, Merging], ...],
    is_coarser: bool,
    by_day: bool,
    own: bool,
    booked: bool,
) -> Shape:
    return Shape(
        table=table,
        by=by,
        filtered=filtered,
        values=values,
        chosen="booked" if booked else "stretch" if by_day else "spans",
        grouped=is_coarser or not (by_day or booked),
        own=own and not booked,
    )


def _values(kept: Kept) -> tuple[tuple[str, Merging], ...]:
    column = f"m_{kept.name}"
    match kept.need.kind:
        case "sum":
            return ((f"{column}_hi", "sum"), (f"{column}_lo", "sum"))
        case "min":
            return ((column, "min"),)
        case "max":
            return ((column, "max"),)
        case _:
            return ((column, "sum"),)


def _keys(dimensions: Sequence[Sequence[str]], count: int) -> list[Key]:
    return list(zip(*dimensions, strict=True)) if dimensions else [()] * count


def _columns(cells: Cells, spans: Iterable[Span]) -> Iterator[Span]:
    """The first and last column that each stretch of days touches."""
    for first, last in spans:
        yield cells.column_of[first], cells.column_of[last]


def _numbered(cells: Cells, spans: Iterable[Span]) -> list[tuple[int, int, int]]:
    """Stretches of days cut at the borders of cells, each with its column."""
    return [
        (max(first, cells.spans[column][0]), min(last, cells.spans[column][1]), column)
        for first, last in spans
        for begin, end in _columns(cells, ((first, last),))
        for column in range(begin, end + 1)
    ]
