"""The statements that run in an application's own database, in its dialect and its driver's style.

They come in two steps: a relation `records` with mapped values, one row a record, and what is asked of it. What more
than one row of another table says about a record is added up before it is joined, so that no join multiplies records.
"""

from collections.abc import Callable, Iterable, Iterator, Sequence
from functools import lru_cache
from typing import Any

from sqlglot import exp

from keepsum.engine.clocks import Dialect, bounds, raw
from keepsum.engine.compile.mapped import BASE, Expressions, Marks, Statement, Tables, later, limits, locking, named
from keepsum.engine.mapping import Leaf, Path, attached_of, clock_column, kind_of, leaves, leaves_of, scale_of
from keepsum.model.attached import Children, Clock, mapped
from keepsum.model.day import Day
from keepsum.model.filter import Filter, Value, conditions
from keepsum.model.layout import RollupLayout
from keepsum.model.rollup import AtGrains, Count, Max, Measure, Min, Rollup, Sum, Uniques
from keepsum.model.stream import Boolean, Field, Number, Stream

Raws = Sequence[Any]  # keys as the database gave them

_LIMB = 10**9
_SHAPES = 256  # statements that are kept without the day they are about


def rows(stream: Stream, dialect: Dialect, day: Day) -> Statement:
    """The rows of a day in the order of their keys' bytes: key, time and each leaf, as `Arrival` reads them."""
    return _given(_rows, stream, stream, dialect, day)


@lru_cache(maxsize=_SHAPES)
def _rows(stream: Stream, dialect: Dialect, count: int) -> Statement:
    made = _Making(stream, dialect, later(attached_of(stream).time, dialect, count))
    return made.statement(made.raw_rows())


def keyed(stream: Stream, dialect: Dialect, keys: Raws) -> Statement:
    """The same of the rows with these keys, whatever their time."""
    made = _Making(stream, dialect, tuple(keys))
    return made.statement(made.raw_rows())


def locked(stream: Stream, dialect: Dialect, keys: Raws) -> Statement:
    """The keys of those rows, which nobody changes then until we end; fails at once where somebody holds one.

    TRICKY: they are read by a statement of their own, after this one. Where a locking read waits for a row, it gets
    the newest of that row, but of other tables it looks values up in what they were before it waited.
    """
    attached, parameter = attached_of(stream), Marks()
    mine = exp.column(attached.key).isin(*map(parameter, keys))
    query = exp.select(exp.column(attached.key)).from_(named(attached.table)).where(mine)
    return parameter.statement(locking(query, dialect), dialect)


def deleted(dialect: Dialect, table: str, column: str, keys: Raws) -> Statement:
    """What deletes the rows of a table whose column has one of these values."""
    parameter = Marks()
    condition = exp.column(column).isin(*map(parameter, keys))
    return parameter.statement(exp.delete(named(table)).where(condition), dialect)


def extent(stream: Stream, dialect: Dialect) -> Statement:
    """One row: the earliest raw time, and how many rows have none that their clock may read."""
    made = _Making(stream, dialect, None)
    clock, time = attached_of(stream).time, made.time()
    earliest = exp.Min(this=exp.case().when(made.values.readable(clock, time), time.copy()))
    one, none = exp.Literal.number(1), exp.null()
    unread = exp.Count(this=exp.case().when(made.values.readable(clock, time.copy()), none).else_(one))
    return made.statement(made.from_base(exp.select(earliest, unread)))


def changes(stream: Stream, dialect: Dialect, since: int) -> Statement | None:
    """The different raw times of rows changed at or after an instant; none without a change column.

    Among them are rows that are no records: such a row may have been one before it changed.
    """
    changed = attached_of(stream).changed
    if changed is None:
        return None
    made = _Making(stream, dialect, None, also=(changed,), every_row=True)
    query = made.from_base(exp.select(made.time()).distinct())
    is_new = made.values.since(changed, made.clock(changed), raw(changed, since, dialect))
    is_of_a_day = made.values.readable(attached_of(stream).time, made.time())
    return made.statement(query.where(is_new, is_of_a_day, copy=False))


def tally(stream: Stream, dialect: Dialect, day: Day) -> Statement:
    """One row: how many records a day has, and the exact sum of each number in their order, as control adds them up."""
    return _given(_tally, stream, stream, dialect, day)


@lru_cache(maxsize=_SHAPES)
def _tally(stream: Stream, dialect: Dialect, count: int) -> Statement:
    made = _Making(stream, dialect, later(attached_of(stream).time, dialect, count))
    numbers = [field.name for field in stream.numbers]
    sums = (made.summed(_record(f"f_{name}")) for name in numbers)
    query = exp.select(exp.Count(this=exp.Star()), *sums).from_(made.records(numbers, ()).subquery("records"))
    return made.statement(query)


def group_columns(rollup: Rollup) -> tuple[str, ...]:
    """What `grouped` gives, in order: dimensions, subject, `n` records, and what each measure adds up.

    `m_<name>` is a count, sum, smallest or largest value, `a_<name>` the sum of absolute values, `u_<name>` whether the
    measure's filter allows any of the records. A sum of SQLite is a text, `hi:lo`, for hi * 10**9 + lo.
    """
    layout = RollupLayout(rollup=rollup)
    names = [*layout.dimensions, *(["subject"] if layout.guarded else []), "n"]
    for measure in rollup.measures:
        if isinstance(measure, Uniques):
            names.append(f"u_{measure.name}")
        elif not isinstance(measure, AtGrains):
            names.append(f"m_{measure.name}")
            names += [f"a_{measure.name}"] if isinstance(measure, Sum) and layout.guarded else []
    return tuple(names)


def grouped(rollup: Rollup, dialect: Dialect, day: Day) -> Statement:
    """The first half of a rollup's rows: one row for each group and subject, as `group_columns` names them.

    Those of a subject follow each other, so that what they come to is known before the next one is read.
    """
    return _given(_grouped, rollup, rollup.of, dialect, day)


@lru_cache(maxsize=_SHAPES)
def _grouped(rollup: Rollup, dialect: Dialect, count: int) -> Statement:
    layout = RollupLayout(rollup=rollup)
    made = _Making(rollup.of, dialect, later(attached_of(rollup.of).time, dialect, count))
    read = {*rollup.by, *(name for m in rollup.measures for name in _read_by(m))}
    keys = [_record(f"f_{name}") for name in rollup.by] + ([_record("subject")] if layout.guarded else [])
    values = [
        exp.Count(this=exp.Star()),
        *(v for m in rollup.measures for v in made.measured(m, guarded=layout.guarded)),
    ]
    records = made.records(sorted(read - {rollup.of.subject, rollup.of.key}), ("subject",) if layout.guarded else ())
    query = exp.select(*keys, *values).from_(records.subquery("records"), copy=False)
    if layout.guarded and dialect == "mysql":
        # Almost every record is a group then, and MariaDB sorts three times as fast as it fills a table of groups.
        query.set("operation_modifiers", [exp.Var(this="SQL_BIG_RESULT")])
    places = [exp.Literal.number(i + 1) for i in range(len(keys))]
    if not layout.guarded:
        return made.statement(query.group_by(*places, copy=False))
    by_subject = [places[-1], *places[:-1]]
    query = query.group_by(*by_subject, copy=False)
    return made.statement(query.order_by(*(place.copy() for place in by_subject), copy=False))


def spread_measures(rollup: Rollup) -> tuple[AtGrains, ...]:
    """The measures whose values have to be seen one by one, in the order in which `spread` numbers them."""
    return tuple(m for m in RollupLayout(rollup=rollup).at_grains if not isinstance(m, Uniques))


def spread(rollup: Rollup, dialect: Dialect, day: Day) -> Statement | None:
    """What distinct counts and quantiles are made of: (number of the measure, dimensions, value, how often), as texts.

    None where there are no such measures. A dimension that no grain of the measure has is null.
    """
    return _given(_spread, rollup, rollup.of, dialect, day) if spread_measures(rollup) else None


@lru_cache(maxsize=_SHAPES)
def _spread(rollup: Rollup, dialect: Dialect, count: int) -> Statement:
    made = _Making(rollup.of, dialect, later(attached_of(rollup.of).time, dialect, count))
    selects = [made.spread(number, rollup, measure) for number, measure in enumerate(spread_measures(rollup))]
    return made.statement(exp.union(*selects, distinct=False, copy=False) if len(selects) > 1 else selects[0])


def _given(
    shape: Callable[[Any, Dialect, int], Statement], of: Stream | Rollup, stream: Stream, dialect: Dialect, day: Day
) -> Statement:
    """A statement about a day: made once for all days that are as many ranges of raw times, and given those."""
    clock = attached_of(stream).time
    ranges = bounds(clock, day, dialect)
    return shape(of, dialect, len(ranges)).given([value for one in ranges for value in limits(clock, dialect, one)])


def _read_by(measure: Measure) -> Iterator[str]:
    """The fields that the first half reads for a measure: of one kept at grains, only those of its filter."""
    yield from (name for name, _ in measure.where)
    if not isinstance(measure, AtGrains) and measure.source:
        yield measure.source


class _Making:
    """A statement in the making: which records it is about, and its parameters so far.

    `chosen` has the limits of ranges of raw times, or keys, or is nothing for all rows; with `every_row` also those
    that the mapping leaves out.
    """

    def __init__(
        self, stream: Stream, dialect: Dialect, chosen: Any, also: Iterable[Clock] = (), *, every_row: bool = False
    ) -> None:
        self._stream, self._attached = stream, attached_of(stream)
        self._dialect: Dialect = dialect
        self._where_of_rows = () if every_row else conditions(self._attached.where)
        self._chosen, self._clocks = chosen, (self._attached.time, *also)
        self._parameter = Marks()
        self._tables = _tables(stream, self._clocks)
        self.values = Expressions(dialect, self._parameter, self._tables)

    def statement(self, query: exp.Expr) -> Statement:
        """The finished statement."""
        return self._parameter.statement(query, self._dialect)

    def raw_rows(self) -> exp.Select:
        """Key, time and leaves of the chosen rows, by key."""
        key = exp.column(self._attached.key, table=BASE)
        wanted = leaves(self._stream)
        read = (exp.alias_(self.values.read(leaf), f"l_{place}") for place, leaf in enumerate(wanted))
        query = self.from_base(exp.select(key, self.time(), *read), wanted)
        order = exp.cast(key.copy(), "binary" if self._dialect == "mysql" else "blob")
        return query.order_by(self.values.text(key.copy()) if self._dialect == "postgres" else order, copy=False)

    def records(self, names: Sequence[str], implicit: Sequence[str]) -> exp.Select:
        """The chosen rows as records: `f_<name>` of these fields, and of the key and the subject as texts."""
        columns: list[exp.Expr] = []
        read: list[Leaf] = []
        for name in names:
            field = _field(self._stream, name)
            value, kind, scale = self._attached.value(name), kind_of(field), scale_of(field)
            columns.append(exp.alias_(self.values.value(value, kind, scale), f"f_{name}"))
            read += leaves_of(value, kind, scale)
        for name in implicit:
            value = mapped(self._attached.key) if name == "key" else mapped(self._attached.subject or "")
            columns.append(exp.alias_(self.values.value(value, "text", 0), name))
            read += leaves_of(value, "text", 0)
        columns = columns or [exp.alias_(exp.Literal.number(1), "one")]
        return self.from_base(exp.select(*columns), read)

    def from_base(self, select: exp.Select, read: Iterable[Leaf] = ()) -> exp.Select:
        """A selection from the stream's table and those that its leaves are read of, for the chosen rows."""
        paths = [leaf.path for leaf in read] + [_path(clock) for clock in self._clocks]
        query = select.from_(named(self._attached.table, alias=BASE), copy=False)
        for step in dict.fromkeys(step for path in paths for step in _steps(path)):
            query = self._looked_up(query, step)
        for leaf in dict.fromkeys(leaf for leaf in read if leaf.kind == "children"):
            query = self._with_children(query, leaf)
        return query.where(*self._chosen_rows(), copy=False)

    def time(self) -> exp.Column:
        """The raw time of a row."""
        return self.clock(self._attached.time)

    def clock(self, clock: Clock) -> exp.Column:
        """The column of a clock."""
        name, path = clock_column(clock)
        return self.values.column(name, path)

    def _chosen_rows(self) -> Iterator[exp.Condition]:
        if self._where_of_rows:
            yield self.values.holds(self._where_of_rows)
        if self._chosen is None:
            return
        if self._chosen and not isinstance(self._chosen[0], tuple):
            yield exp.column(self._attached.key, table=BASE).isin(*map(self._parameter, self._chosen))
        else:
            yield self.values.within(self._attached.time, self.time(), self._chosen)

    def _looked_up(self, query: exp.Select, path: Path) -> exp.Select:
        table, (ours, theirs) = path[-1]
        alias = self._tables.lookups[path]
        on = self.values.column(ours, path[:-1]).eq(exp.column(theirs, table=alias))
        return query.join(named(table, alias=alias), on=on, join_type="left", copy=False)

    def _with_children(self, query: exp.Select, leaf: Leaf) -> exp.Select:
        asked, alias = leaf.children, self._tables.children[leaf]
        if asked is None:
            raise TypeError(leaf)
        ours, theirs = asked.on
        key = exp.column(theirs, table="child")
        inner = exp.select(exp.alias_(key, "k"), exp.alias_(self._added_up(asked, leaf.scale), "n"))
        inner = inner.from_(named(asked.table, alias="child"), copy=False)
        of_chosen = exp.select(self.values.column(ours)).from_(named(self._attached.table, alias=BASE))
        for path in _steps(_path(self._attached.time)):
            of_chosen = self._looked_up(of_chosen, path)
        of_chosen = of_chosen.where(*self._chosen_rows(), copy=False)
        inner = inner.where(key.copy().isin(query=of_chosen), self.values.holds(asked.where, "child"), copy=False)
        inner = inner.group_by(key.copy(), copy=False)
        on = self.values.column(ours).eq(exp.column("k", table=alias))
        return query.join(inner.subquery(alias), on=on, join_type="left", copy=False)

    def _added_up(self, asked: Children, scale: int) -> exp.Expr:
        if asked.sum is None:
            return exp.Count(this=exp.Star())
        number = self.values.number(asked.sum, exp.column(asked.sum.name, table="child"), scale)
        return exp.Sum(this=self.values.fitting(number))

    def measured(self, measure: Measure, *, guarded: bool) -> Iterator[exp.Expr]:
        """What a measure adds up over the records of a group, in the order of `group_columns`."""
        one, none = exp.Literal.number(1), exp.Literal.number(0)
        match measure:
            case Uniques():
                condition = self._allowed(measure.where)
                yield exp.Max(this=exp.case().when(condition, one).else_(none)) if condition is not None else one
            case AtGrains():
                return
            case Count():
                yield exp.Count(this=self._where(measure, one))
            case Sum():
                value = self._where(measure, _record(f"f_{measure.source}"))
                yield self.summed(value)
                if guarded:
                    yield self.summed(exp.Abs(this=value.copy()))
            case Min() | Max():
                kind = exp.Min if isinstance(measure, Min) else exp.Max
                yield kind(this=self._where(measure, _record(f"f_{measure.source}")))
            case _:
                raise TypeError(measure)

    def summed(self, value: exp.Expr) -> exp.Expr:
        """An exact sum, beyond 64 bits; SQLite stops there, so it adds up two limbs and gives both as a text."""
        if self._dialect != "sqlite":
            return exp.Sum(this=value)
        limb = exp.Literal.number(_LIMB)
        high = exp.Sum(this=exp.Div(this=value, expression=limb, typed=True, safe=True))
        low = exp.Sum(this=exp.Mod(this=value.copy(), expression=limb.copy()))
        colon = exp.Literal.string(":")
        return exp.DPipe(this=exp.DPipe(this=high, expression=colon, safe=True), expression=low, safe=True)

    def spread(self, number: int, rollup: Rollup, measure: AtGrains) -> exp.Select:
        """The different values of a measure's field in each group of its grains together, and how often each is."""
        stream = self._stream
        grained = {name for grain in rollup.grains(measure) for name in grain}
        source = str(measure.source)
        implicit = {stream.key: "key", stream.subject: "subject"}.get(source)
        value = self._where(measure, _record(implicit or f"f_{source}"))
        fields = grained | {name for name, _ in measure.where} | ({source} if implicit is None else set[str]())
        columns = [exp.alias_(_record(f"f_{name}"), f"d_{name}") for name in rollup.by if name in grained]
        inner = self.records(sorted(fields), (implicit,) if implicit else ()).subquery("records")
        found = exp.select(*columns, exp.alias_(value, "value")).from_(inner, copy=False).subquery("found")
        keys = [exp.column(f"d_{name}", table="found") if name in grained else exp.null() for name in rollup.by]
        keys.append(exp.column("value", table="found"))
        texts = [exp.cast(key, "binary" if self._dialect == "mysql" else "text") for key in keys]
        query = exp.select(exp.Literal.number(number), *texts, exp.Count(this=exp.Star())).from_(found, copy=False)
        query = query.where(keys[-1].copy().is_(exp.null()).not_(), copy=False)
        varying = (key.copy() for key in keys if isinstance(key, exp.Column))
        return query.group_by(*varying, copy=False)

    def _where(self, measure: Measure, value: exp.Expr) -> exp.Expr:
        condition = self._allowed(measure.where)
        return value if condition is None else exp.case().when(condition, value)

    def _allowed(self, where: Filter) -> exp.Condition | None:
        """The condition on mapped fields that keeps what a filter allows; none where it allows all."""
        kept = [self._one_of(_record(f"f_{name}"), _field(self._stream, name), values) for name, values in where]
        return exp.and_(*kept) if kept else None

    def _one_of(self, column: exp.Column, field: Field, values: Sequence[Value]) -> exp.Condition:
        known = [value for value in values if value is not None]
        if isinstance(field, (Number, Boolean)):
            listed: list[exp.Expr] = [exp.convert(int(value)) for value in known]
        else:
            listed = [self.values.text(self._parameter(value)) for value in known]
        kept: list[exp.Condition] = [column.isin(*listed)] if listed else []
        if None in values:
            kept.append(column.is_(exp.null()))
        return exp.or_(*kept) if kept else exp.false()


@lru_cache(maxsize=256)
def _tables(stream: Stream, clocks: tuple[Clock, ...]) -> Tables:
    """Names for every table that a statement about a stream may read."""
    paths = [leaf.path for leaf in leaves(stream)] + [_path(clock) for clock in clocks]
    steps = dict.fromkeys(step for path in paths for step in _steps(path))
    counted = [leaf for leaf in leaves(stream) if leaf.kind == "children"]
    return Tables(
        lookups={(): BASE} | {path: f"looked_{place}" for place, path in enumerate(steps)},
        children={leaf: f"children_{place}" for place, leaf in enumerate(counted)},
    )


def _steps(path: Path) -> Iterator[Path]:
    """A path of lookups and those on the way to it, the first one first."""
    yield from (path[: place + 1] for place in range(len(path)))


def _path(clock: Clock) -> Path:
    return clock_column(clock)[1]


def _field(stream: Stream, name: str) -> Field:
    field = stream.field(name)
    if field is None:
        raise KeyError(name)
    return field


def _record(column: str) -> exp.Column:
    return exp.column(column, table="records")
