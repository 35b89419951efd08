"""Publishing: figures become rows of tables in an application's own database, replaced in one transaction a table.

1. The ledger says which days changed since the last entry that the table shows; a table of months takes their months.
2. Each period is asked for as any question is; one that is not final waits, and one that expired loses its rows.
3. Rows and the number of the last entry are written together, so that a database that was set back is published anew.
"""

import datetime as dt
import hashlib
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

import msgspec

from keepsum.engine.compile import published as sql
from keepsum.engine.compile.published import ColumnShape, Dialect
from keepsum.engine.days import Calendar, periods
from keepsum.model.access import machine
from keepsum.model.answer import Answer, Cell
from keepsum.model.day import Grain, date_of, day_number
from keepsum.model.describe import text_of
from keepsum.model.errors import Conflict, Invalid
from keepsum.model.ledger import Kind, canonical
from keepsum.model.metric import Metric
from keepsum.model.published import Nested, Published
from keepsum.model.query import Query
from keepsum.model.setting import Secret, Told
from keepsum.model.stream import Integer
from keepsum.pipeline.answer import answer
from keepsum.pipeline.live import Remembered
from keepsum.store import ledger, standing
from keepsum.store.homes.attached import AttachedDatabase, Changing
from keepsum.store.workspace import Workspace

OPEN_DAYS = 7  # before today, of a table of what is not sealed
_UNCHANGED = frozenset(
    (Kind.OPENED, Kind.SETTINGS_CHANGED, Kind.HELD, Kind.PURGING, Kind.PURGED, Kind.REAPPEARED, Kind.CLOSED)
)
_BIGINT = 1 << 63
_DECIMAL, _DOUBLE = 10**38, 10**15  # units that are exact: in DECIMAL(38), and in the doubles that SQLite has

_encoder = msgspec.json.Encoder(decimal_format="number")

Key = tuple[Any, ...]
Row = tuple[Any, ...]


@dataclass(frozen=True, kw_only=True)
class PublishedTable:
    """What was done to a table: how many periods were replaced, with how many rows, and how many are not final yet."""

    name: str
    periods: int = 0
    rows: int = 0
    waiting: int = 0


@dataclass(frozen=True, kw_only=True)
class _Mark:
    """What a table shows: under which definition, up to which ledger entry."""

    definition: str
    entry: int


@dataclass(frozen=True, kw_only=True)
class _Period:
    """One period on its way: its days, its key in the table, and its rows; None while it is not final."""

    key: Key
    rows: tuple[Row, ...] | None


def publish(workspace: Workspace, told: Mapping[str, Mapping[str, Told]], *, now: int) -> list[PublishedTable]:
    """Bring every published table whose database is told up to date; `told` are the settings of each pack.

    Raises `TABLE_TAKEN`, `TABLE_DIFFERS`, `FIGURE_TOO_LARGE`, and `DATABASE_*` as `store.homes.failures` says; then
    nothing of that table was changed.
    """
    found: list[PublishedTable] = []
    for pack in workspace.catalog.packs:
        for table in pack.published:
            address = told.get(pack.name, {}).get(table.into)
            if isinstance(address, Secret):
                database = AttachedDatabase(address.value, of=f"published table {table.name!r}")
                found.append(_Publishing(workspace, table, database, now).carry_out())
    return found


class _Publishing:
    """One table on its way into one database."""

    def __init__(self, workspace: Workspace, table: Published, database: AttachedDatabase, now: int) -> None:
        self._workspace, self._table, self._database, self._now = workspace, table, database, now
        self._dialect: Dialect = database.dialect
        self._key = [name for name, _ in table.periods]
        self._definition = definition(table)
        self._remembered = Remembered()
        self._shapes: tuple[ColumnShape, ...] = ()

    def carry_out(self) -> PublishedTable:
        mark, exists, known = self._look()
        with self._workspace.file.read() as connection:
            head = ledger.head(connection)[0]
        begun = mark is not None and exists and mark.definition == self._definition and mark.entry <= head
        since = mark.entry if begun and mark is not None else 0
        wanted = self._open_days() if self._table.when == "open" else self._changed(since, known)
        done = [self._period(first, last) for first, last in wanted]
        ready = [one for one in done if one.rows is not None]
        if ready or self._table.when == "open":
            self._write(mark, head, ready, exists=exists, anew=not begun or self._table.when == "open")
        elif begun and since < head:
            self._write(mark, head, [], exists=exists, anew=False)
        rows = sum(len(one.rows or ()) for one in ready)
        return PublishedTable(name=self._table.name, periods=len(ready), rows=rows, waiting=len(done) - len(ready))

    def _look(self) -> tuple[_Mark | None, bool, list[int]]:
        """Give the table's mark, whether it is there, and the first day of each period that it has rows of."""
        name, dialect = self._table.name, self._dialect
        with self._database.snapshot() as reading:
            mark: _Mark | None = None
            if _rows(reading.stream(sql.columns(sql.MARKS, dialect))):
                marks = _rows(reading.stream(sql.marked(name, dialect)))
                mark = _Mark(definition=str(marks[0][0]), entry=int(marks[0][1])) if marks else None
            there = [str(row[0]) for row in _rows(reading.stream(sql.columns(name, dialect)))]
            self._refuse(mark, there)
            keys = _rows(reading.stream(sql.periods(name, self._key, dialect))) if there else []
        return mark, bool(there), [self._first_day(key) for key in keys]

    def _refuse(self, mark: _Mark | None, there: Sequence[str]) -> None:
        if there and mark is None:
            message = f"The table {self._table.name!r} is there and none that was published: rename or drop it."
            raise Conflict("TABLE_TAKEN", message)
        wanted = {name for name, _ in self._table.named}
        if there and set(there) != wanted:
            other = ", ".join(sorted(wanted ^ set(there)))
            message = f"The table {self._table.name!r} has not the columns that are published (see {other}): drop it."
            raise Conflict("TABLE_DIFFERS", f"{message} It is published anew then.")

    def _first_day(self, key: Key) -> int:
        parts = dict(zip((part for _, part in self._table.periods), key, strict=True))
        if self._table.grain == "day":
            day = parts["day"]
            return day_number(day if isinstance(day, dt.date) else dt.date.fromisoformat(str(day)))
        return day_number(dt.date(int(parts["year"]), int(parts["month"]), 1))

    def _changed(self, since: int, known: Iterable[int]) -> list[tuple[int, int]]:
        """Give the periods whose figures may be others than at an entry: days sealed, corrected or expired since."""
        streams = {stream.name for stream in self._table.streams}
        days: set[int] = set()
        with self._workspace.file.read() as connection:
            for entry in ledger.entries(connection, after=since):
                if entry.stream not in streams or entry.kind in _UNCHANGED:
                    continue
                before = entry.body.get("before") if entry.kind is Kind.EXPIRED else None
                days.update(day for day in known if isinstance(before, int) and day < before)
                about = (entry.day, entry.body.get("booked") if self._table.grain == "month" else None)
                days.update(day for day in about if isinstance(day, int))
        return sorted({self._around(day) for day in days})

    def _around(self, day: int) -> tuple[int, int]:
        ((first, last),) = periods(day, day, Grain(self._table.grain))
        return first, last

    def _open_days(self) -> list[tuple[int, int]]:
        today = Calendar(self._workspace.identity.zone).number_of(self._now)
        return [(day, day) for day in range(today - OPEN_DAYS, today + 1)]

    def _period(self, first: int, last: int) -> _Period:
        key, dimensions = self._key_of(first), [shown for _, shown in self._table.dimensions]
        found = self._ask(self._table.metrics, first, last, by=dimensions)
        nested = [
            (one, self._ask(one.named, first, last, by=[one.by] if one.by else [])) for _, one in self._table.nested
        ]
        self._shapes = self._shapes or self._shaped(found)
        answers = (found, *(each for _, each in nested))
        if self._is_sealed(first, last) == (self._table.when == "open"):
            return _Period(key=key, rows=None)
        if any(one.labels.coverage.missing for one in answers) or not found.labels.coverage.days:
            return _Period(key=key, rows=())
        objects = tuple(_object(one, each) for one, each in nested)
        return _Period(key=key, rows=tuple(self._rows(key, found, objects)))

    def _is_sealed(self, first: int, last: int) -> bool:
        """Whether all days of a period that are covered are proven.

        TRICKY: an answer is not final while the rows of an attached stream live, for they may change; its day is sealed
        all the same, and sealed again when they do.
        """
        with self._workspace.file.read() as connection:
            for stream in self._table.streams:
                start = standing.begin(connection, stream)
                found = standing.stood(connection, stream.name, first, last)
                if start is None or not found.sealed | found.purged >= frozenset(range(max(first, start), last + 1)):
                    return False
        return True

    def _ask(self, named: Sequence[tuple[str, Metric]], first: int, last: int, *, by: Sequence[str]) -> Answer:
        names = tuple(dict.fromkeys(metric.name for _, metric in named))
        basis = "booked" if self._table.grain == "month" else "origin"
        query = Query(metrics=names, first=first, last=last, by=tuple(by), basis=basis)
        caller = machine(self._workspace.identity.id)
        return answer(self._workspace, query, caller=caller, now=self._now, remembered=self._remembered)

    def _key_of(self, first: int) -> Key:
        date = date_of(first)
        parts = {"day": str(date), "year": date.year, "month": date.month}
        return tuple(parts[part] for _, part in self._table.periods)

    def _shaped(self, found: Answer) -> tuple[ColumnShape, ...]:
        """Give the columns as they are made, in the order of the declaration."""
        scales = {column.name: column.scale for column in found.columns}
        (stream, *_) = self._table.streams
        shapes = {
            name: ColumnShape(name=name, type="date" if part == "day" else "integer")
            for name, part in self._table.periods
        }
        for name, dimension in self._table.dimensions:
            whole = isinstance(stream.field(dimension), Integer)
            shapes[name] = ColumnShape(name=name, type="integer" if whole else "text")
        for name, metric in self._table.metrics:
            scale = scales[metric.name]
            shapes[name] = ColumnShape(name=name, type="decimal" if scale else "integer", scale=scale)
        shapes |= {name: ColumnShape(name=name, type="json") for name, _ in self._table.nested}
        return tuple(shapes[name] for name, _ in self._table.named)

    def _rows(self, key: Key, found: Answer, objects: Sequence[str]) -> Iterator[Row]:
        """Give a period's rows in the order of the columns; of groups only those in which there is anything."""
        shapes = {shape.name: shape for shape in self._shapes}
        same = dict(zip(self._key, key, strict=True)) | dict(
            zip((name for name, _ in self._table.nested), objects, strict=True)
        )
        for cells in found.by_column():
            figures = {name: cells[metric.name] for name, metric in self._table.metrics}
            if self._table.dimensions and not any(figures.values()):
                continue
            groups = {name: cells[dimension] for name, dimension in self._table.dimensions}
            values = {**same, **groups, **figures}
            yield tuple(self._value(values[name], shapes[name]) for name, _ in self._table.named)

    def _value(self, value: Cell, shape: ColumnShape) -> object:
        """Give a cell as the database takes it; what is no single value of a whole dimension is null."""
        match shape.type:
            case "integer" if isinstance(value, str):
                return int(value) if value.removeprefix("-").isdecimal() else None
            case "integer" if isinstance(value, (int, Decimal)) and abs(value) >= _BIGINT:
                raise self._too_large(shape)
            case "decimal" if isinstance(value, (int, Decimal)):
                units = int(Decimal(value).scaleb(shape.scale))
                if abs(units) >= (_DOUBLE if self._dialect == "sqlite" else _DECIMAL):
                    raise self._too_large(shape)
                return str(value)
            case _:
                return value

    def _too_large(self, shape: ColumnShape) -> Invalid:
        message = f"A figure of column {shape.name!r} of the published table {self._table.name!r}"
        return Invalid("FIGURE_TOO_LARGE", f"{message} has more digits than the database keeps exactly.")

    def _write(self, mark: _Mark | None, head: int, ready: Sequence[_Period], *, exists: bool, anew: bool) -> None:
        name, dialect, names = self._table.name, self._dialect, [name for name, _ in self._table.named]
        if mark is None or not exists:
            self._make(exists=exists)
        with self._database.change() as changing:
            if self._is_overtaken(changing, mark):
                return
            if mark is None:
                changing.execute(sql.mark_added(name, self._definition, head, dialect))
            else:
                changing.execute(sql.mark_moved(name, self._definition, head, dialect))
            if anew:
                changing.execute(sql.emptied(name, dialect))
            for one in () if anew else ready:
                changing.execute(sql.removed(name, self._key, one.key, dialect))
            rows = [row for one in ready for row in one.rows or ()]
            for statement in sql.insertions(name, names, rows, dialect):
                changing.execute(statement)

    def _make(self, *, exists: bool) -> None:
        """Make the tables that are missing, apart from rows: in MySQL what is made is there at once."""
        with self._database.change() as changing:
            changing.execute(sql.marks_made(self._dialect))
            if not exists:
                key = self._key if not self._table.dimensions else []
                changing.execute(sql.made(self._table.name, self._shapes, key, self._dialect))

    def _is_overtaken(self, changing: Changing, seen: _Mark | None) -> bool:
        """Whether somebody else published the table meanwhile; if not, they wait until this transaction ends."""
        marks = _rows(changing.stream(sql.marked(self._table.name, self._dialect, lock=True)))
        now = _Mark(definition=str(marks[0][0]), entry=int(marks[0][1])) if marks else None
        return now != seen


def definition(table: Published) -> str:
    """Give 64 hex digits that change whenever what is in a published table could."""
    return hashlib.sha256(
        canonical([table.name, table.when, [_said(*one) for one in table.named]]).encode()
    ).hexdigest()


def _said(name: str, shown: object) -> list[object]:
    match shown:
        case Metric():
            return [name, shown.name, text_of(shown.formula), shown.decimals]
        case Nested():
            return [name, shown.by, [_said(*one) for one in shown.named]]
        case _:
            return [name, shown]


def _object(nested: Nested, found: Answer) -> str:
    """Give an object as JSON, numbers with all their decimals; of groups only those in which there is anything."""
    rows = [
        {name: row[metric.name] for name, metric in nested.named} | ({"": row[nested.by]} if nested.by else {})
        for row in found.by_column()
    ]
    if nested.by is None:
        return _encoder.encode(rows[0]).decode()
    objects = {str(row.pop("") or "(none)"): row for row in rows}
    return _encoder.encode({group: row for group, row in objects.items() if any(row.values())}).decode()


def _rows(batches: Iterable[list[Row]]) -> list[Row]:
    return [row for batch in batches for row in batch]
