"""Mapped values as expressions of three dialects: texts that compare byte by byte, exact numbers, times in ranges.

A number is in its field's smallest unit. What a database would round, cut or compare in its own way is spelled out, so
that it comes to what `engine.mapping` makes of the same row.
"""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Literal

from sqlglot import exp

from keepsum.engine.clocks import Dialect, Range, Raw, readable, text_form
from keepsum.engine.mapping import NO_TRUTH, Kind, Leaf, Path, counted, kind_of_value
from keepsum.engine.numbers import parse
from keepsum.model.attached import (
    Amount,
    Choose,
    Clock,
    Coalesce,
    Column,
    Constant,
    Has,
    Local,
    Lookup,
    Mapped,
    Minus,
    Utc,
    Zoned,
    mapped,
)
from keepsum.model.filter import Filter, Value
from keepsum.model.units import shift_of

BASE = "base"
_DAY = 86_400  # seconds
_MARK = re.compile("\0([0-9]+)\0")
_POISON = 10**30  # what a sum gets for a number that does not fit its unit: no sum with it can fit either
_WIDE = "decimal(65,30)"  # MySQL's widest number with fractions
_NUMBER = r"^[+-]?[0-9]+([.][0-9]+)?([eE][+-]?[0-9]{1,4})?"


@dataclass(frozen=True, kw_only=True)
class Tables:
    """What each path of lookups, and each count of children, is called in a statement."""

    lookups: Mapping[Path, str]
    children: Mapping[Leaf, str]


class Marks:
    """The values of a statement in the making: where one stands there is a mark, which becomes its driver's own."""

    def __init__(self) -> None:
        self._values: list[Any] = []

    def __call__(self, value: Any) -> exp.Expr:
        """The mark that stands for a value."""
        self._values.append(value)
        # No name and no text of a statement has a NUL in it.
        return exp.Var(this=f"\0{len(self._values) - 1}\0")

    def statement(self, tree: exp.Expr, dialect: Dialect) -> "Statement":
        """A tree as a text of its dialect, every name quoted, and the values in the order of their marks."""
        sql = tree.sql(dialect=dialect, identify=True)
        order = [int(number) for number in _MARK.findall(sql)]
        style = "?" if dialect == "sqlite" else "%s"
        plain = sql if dialect == "sqlite" else sql.replace("%", "%%")
        return Statement(_MARK.sub(style, plain), tuple(self._values[place] for place in order))


def locking(query: exp.Select, dialect: Dialect) -> exp.Select:
    """A selection whose rows nobody changes until we end; it fails at once where somebody else holds one.

    SQLite has no locks of rows: whoever writes has the whole file.
    """
    if dialect == "sqlite":
        return query
    # Without waiting: rows that are held already would be held as long as somebody else takes for the next one.
    query = query.lock(update=True)
    query.args["locks"][0].set(arg_key="wait", value=True)  # which SQLGlot writes as NOWAIT
    return query


@dataclass(frozen=True)
class Later:
    """A value that is given when a statement is asked: the one at this place."""

    place: int


Limits = tuple[Raw | Later, ...]  # what a raw time of one range is compared with


@dataclass(frozen=True)
class Statement:
    """A statement in the style of its dialect's driver, and the values of its parameters in order."""

    sql: str
    parameters: tuple[Any, ...]

    def given(self, values: Sequence[Raw]) -> "Statement":
        """The statement with the values that were to be given later."""
        found = (values[one.place] if isinstance(one, Later) else one for one in self.parameters)
        return Statement(self.sql, tuple(found))


class Expressions:
    """Makes the expressions of one statement; constants become its parameters."""

    def __init__(self, dialect: Dialect, parameter: Marks, tables: Tables) -> None:
        self.dialect: Dialect = dialect
        self.parameter = parameter
        self._tables = tables

    def column(self, name: str, path: Path = ()) -> exp.Column:
        """A column of the stream's table, or of one looked up."""
        return exp.column(name, table=self._tables.lookups[path])

    def value(self, value: Mapped, kind: Kind, scale: int, path: Path = ()) -> exp.Expr:
        """What a value comes to: a text, 0 or 1, or a number of units."""
        match value:
            case Column():
                column = self.column(value.name, path)
                return self.text(column) if kind == "text" else self.boolean(column)
            case Amount():
                return self.number(value, self.column(value.name, path), scale)
            case Lookup():
                return self.value(mapped(value.value), kind, scale, (*path, (value.table, value.on)))
            case Constant():
                return self._constant(value.value, kind, scale)
            case Coalesce():
                first, *rest = (self.value(one, kind, scale, path) for one in value.values)
                return exp.Coalesce(this=first, expressions=rest) if rest else first
            case Minus():
                return exp.Paren(
                    this=self.value(value.left, kind, scale, path) - self.value(value.right, kind, scale, path)
                )
            case Choose():
                return self._chosen(value, kind, scale, path)
            case _:
                return self.counted(Leaf("children", path, children=value, scale=scale))  # pyright: ignore[reportArgumentType] -- only Children is left

    def read(self, leaf: Leaf) -> exp.Expr:
        """What is read of a row to make the same values of it outside: nothing is computed but what cannot be read."""
        if leaf.kind == "children":
            return self._child(leaf)
        column = self.column(leaf.name, leaf.path)
        match leaf.kind:
            case "text":
                return self.text(column)
            case "boolean":
                return self.boolean(column)
            case "number" if leaf.amount is not None and leaf.amount.stored == "float":
                return self._double(column)
            case _:
                return column

    def text(self, value: exp.Expr) -> exp.Expr:
        """A text that groups, sorts and compares byte by byte, spaces at its end included."""
        match self.dialect:
            case "sqlite":
                return exp.Collate(this=exp.cast(value, "text"), expression=exp.Var(this="BINARY"))
            case "postgres":
                return exp.Collate(this=exp.cast(value, "text"), expression=exp.to_identifier("C", quoted=True))
            case _:
                charset = exp.DataType(this=exp.DataType.Type.CHARACTER_SET, kind=exp.Var(this="utf8mb4"))
                return exp.cast(exp.Cast(this=value, to=charset), "binary")

    def boolean(self, value: exp.Expr) -> exp.Expr:
        """0 or 1 whatever the column's type, null for null, and 2 for neither truth."""
        # TRICKY: MySQL's BIT is a byte, and a text or an ENUM that it takes for a number is another one than it says.
        is_mysql = self.dialect == "mysql"
        said = exp.cast(value, "binary" if is_mysql else "text")
        cases = exp.case().when(value.is_(exp.null()), exp.null())
        for number, names in ((1, ("1", "true")), (0, ("0", "false"))):
            meant = [*names, *([exp.HexString(this=f"{number:02}")] if is_mysql else [])]
            cases = cases.when(said.copy().isin(*meant), exp.Literal.number(number))
        return cases.else_(exp.Literal.number(NO_TRUTH))

    def number(self, amount: Amount, value: exp.Expr, scale: int) -> exp.Expr:
        """The number in its field's smallest unit; where `units` refuses it, the day never comes to be rolled."""
        shift = shift_of(amount, scale)
        if self.dialect == "sqlite" and amount.stored != "integer":
            stored = exp.Literal.string(amount.stored)
            return _call("keepsum_units", value, stored, exp.Literal.number(shift))
        match amount.stored:
            case "float":
                return exp.Round(this=_times(self._decimal_of_float(value), shift))
            case "text":
                return self._number_of_text(value, shift)
            case "integer" if self.dialect == "mysql":
                # TRICKY: an unsigned integer below zero is an error there.
                return _times(exp.cast(value, "decimal(38,0)"), shift)
            case "integer" if self.dialect == "postgres":
                return _times(exp.cast(value, "numeric" if shift else "bigint"), shift)
            case _:
                return _times(value, shift)

    def _number_of_text(self, value: exp.Expr, shift: int) -> exp.Expr:
        # MySQL takes a text that is no number for 0, and PostgreSQL refuses the whole statement.
        if self.dialect == "mysql":  # its `$` is also before a line's end; MariaDB has no REGEXP_LIKE
            is_number = _call("regexp_instr", value, self.parameter(_NUMBER + r"\z")).eq(exp.Literal.number(1))
        else:
            is_number = exp.RegexpLike(this=value.copy(), expression=self.parameter(_NUMBER + "$"))
        number = _times(exp.cast(value, "numeric" if self.dialect == "postgres" else _WIDE), shift)
        cases = exp.case().when(value.copy().is_(exp.null()), exp.null()).when(is_number, self.fitting(number))
        return cases.else_(exp.Literal.number(_POISON))

    def fitting(self, number: exp.Expr) -> exp.Expr:
        """A number, or one beyond all limits where it has a fraction of its unit."""
        if self.dialect == "sqlite":
            return number
        is_whole = exp.EQ(this=number, expression=exp.Round(this=number.copy()))
        poison = exp.case().when(number.copy().is_(exp.null()), exp.null()).else_(exp.Literal.number(_POISON))
        return exp.case().when(is_whole, number.copy()).else_(poison)

    def counted(self, leaf: Leaf) -> exp.Expr:
        """How many children a row has, 0 for none, in its field's unit; or the sum of one of their numbers."""
        children = leaf.children
        if children is None or not children.count:
            return self._child(leaf)
        count = exp.Coalesce(this=self._child(leaf), expressions=[exp.Literal.number(0)])
        return _times(count, leaf.scale)

    def _child(self, leaf: Leaf) -> exp.Column:
        return exp.column("n", table=self._tables.children[leaf])

    def _double(self, value: exp.Expr) -> exp.Expr:
        # TRICKY: a number of single precision is written shorter than it is, so its full value is what counts.
        match self.dialect:
            case "mysql":
                return value + exp.Literal.number("0e0")
            case "postgres":
                return exp.cast(value, "double precision")
            case _:
                return value

    def _decimal_of_float(self, value: exp.Expr) -> exp.Expr:
        """The shortest decimal that reads back as the float, which a plain cast gives on MySQL only."""
        double = self._double(value)
        return exp.cast(double, _WIDE) if self.dialect == "mysql" else exp.cast(exp.cast(double, "text"), "numeric")

    def _constant(self, value: Value, kind: Kind, scale: int) -> exp.Expr:
        if value is None:
            return exp.null()
        match kind:
            case "number":
                return exp.Literal.number(parse(str(value), scale))
            case "boolean":
                return exp.Literal.number(int(bool(value)))
            case _:
                return self.text(self.parameter(value))

    def _chosen(self, value: Choose, kind: Kind, scale: int, path: Path) -> exp.Expr:
        chosen = exp.case()
        for case in value.cases:
            chosen = chosen.when(
                exp.and_(*(self.holds(test) for test in case.tests)), self.value(case.then, kind, scale, path)
            )
        return chosen if value.otherwise is None else chosen.else_(self.value(value.otherwise, kind, scale, path))

    def holds(self, test: Filter | Has, table: str = BASE) -> exp.Condition:
        """The condition that a test holds, its columns being those of a table of the statement."""
        if isinstance(test, Has):
            return self._child(counted(test)).is_(exp.null()).not_()
        conditions = [self._one_of(exp.column(name, table=table), values) for name, values in test]
        return exp.and_(*conditions) if conditions else exp.true()

    def _one_of(self, column: exp.Column, values: Sequence[Value]) -> exp.Condition:
        found: list[exp.Condition] = []
        for kind in ("text", "boolean", "plain"):
            same = [value for value in values if value is not None and kind_of_value(value) == kind]
            if same:
                found.append(self._compared(column, kind, same))
        if None in values:
            found.append(column.is_(exp.null()))
        return exp.or_(*found) if found else exp.false()

    def _compared(
        self, column: exp.Column, kind: Literal["text", "boolean", "plain"], values: Sequence[Value]
    ) -> exp.Condition:
        if kind == "text":
            return self.text(column).isin(*(self.text(self.parameter(value)) for value in values))
        compared = self.boolean(column) if kind == "boolean" else column
        return compared.isin(*(exp.Literal.number(int(value or 0)) for value in values))

    def within(self, clock: Clock, column: exp.Expr, ranges: Sequence[Limits]) -> exp.Condition:
        """The condition that a raw time lies in one of some ranges, by their `limits`."""
        found = [self._between(clock, column, one) for one in ranges]
        return exp.or_(*found) if found else exp.false()

    def since(self, clock: Clock, column: exp.Expr, first: Raw) -> exp.Condition:
        """The condition that a raw time is at or after one."""
        if isinstance(clock, Zoned) and isinstance(first, int):
            earliest, *_ = limits(clock, self.dialect, (first, first))
            return exp.and_(column.copy() >= self._date(earliest), _seconds(column) >= self.bound(first))
        return column >= self.bound(first)

    def readable(self, clock: Clock, column: exp.Expr) -> exp.Condition:
        """The condition that a raw time is one that its clock may read, so that it is of some day."""
        within = self.within(clock, column, (limits(clock, self.dialect, readable(clock, self.dialect)),))
        form = text_form(clock)
        if self.dialect != "sqlite" or form is None:
            return within
        return exp.and_(within, exp.Glob(this=column.copy(), expression=exp.Literal.string(form)))

    def _between(self, clock: Clock, column: exp.Expr, one: Limits) -> exp.Condition:
        *around, low, high = one
        if not around:
            return self._from_up_to(column, low, high)
        # An index finds what lies around the range, by its dates.
        first, last = around
        if isinstance(clock, Zoned):
            dates = exp.and_(column.copy() >= self._date(first), column.copy() < self._date(last))
            return exp.and_(dates, self._from_up_to(_seconds(column), low, high))
        # Times with a T or a space between date and hour compare alike.
        spaced = _concat(_part(column, 1, 10), exp.Literal.string(" "), _part(column, 12))
        return exp.and_(self._from_up_to(column, first, last), self._from_up_to(spaced, low, high))

    def _from_up_to(self, value: exp.Expr, low: Raw | Later, high: Raw | Later) -> exp.Condition:
        return exp.and_(value >= self.bound(low), value.copy() < self.bound(high))

    def bound(self, value: Raw | Later) -> exp.Expr:
        """A raw value to compare a time with; the database takes a text for what its column is."""
        return exp.Literal.number(value) if isinstance(value, int) else self.parameter(value)

    def _date(self, seconds: Raw | Later) -> exp.Expr:
        return _call("date", self.bound(seconds), exp.Literal.string("unixepoch"))


def limits(clock: Clock, dialect: Dialect, one: Range) -> tuple[Raw, ...]:
    """What raw times of a range are compared with: its first value and the one behind its last.

    Of texts in SQLite whose order is not that of their times, in front of these what lies around it in any offset.
    """
    low, high = one
    if dialect != "sqlite":
        return one
    match clock:
        case Zoned() if isinstance(low, int) and isinstance(high, int):
            return low - _DAY, high + 2 * _DAY, low, high
        case Local() | Utc(pattern=None):
            return str(low)[:10], str(high)[:10] + "~", low, high
        case _:
            return one


def later(clock: Clock, dialect: Dialect, count: int) -> tuple[Limits, ...]:
    """The limits of so many ranges, whose values are given one range after the other when a statement is asked."""
    size = len(limits(clock, dialect, readable(clock, dialect)))
    return tuple(tuple(Later(place * size + number) for number in range(size)) for place in range(count))


def named(name: str, alias: str | None = None) -> exp.Table:
    """A table by its name, perhaps behind that of its schema and a dot, whatever else the name is made of."""
    schema, _, own = name.rpartition(".")
    return exp.table_(own, db=schema or None, alias=alias)


def _seconds(column: exp.Expr) -> exp.Expr:
    """Whole seconds since 1970 of a text of ISO 8601 with its offset, or Z, in SQLite; fractions are cut off."""
    local = exp.cast(_call("strftime", exp.Literal.string("%s"), _part(column, 1, 19)), "int")
    hours, minutes = (exp.cast(_part(column, place, 2), "int") for place in (-5, -2))
    offset = hours * exp.Literal.number(3_600) + minutes * exp.Literal.number(60)
    is_utc = _part(column, -1, 1).eq(exp.Literal.string("Z"))
    is_west = _part(column, -6, 1).eq(exp.Literal.string("-"))
    zero, minus = exp.Literal.number(0), exp.Neg(this=exp.Paren(this=offset.copy()))
    return exp.Paren(this=local - exp.case().when(is_utc, zero).when(is_west, minus).else_(offset))


def _part(column: exp.Expr, start: int, length: int | None = None) -> exp.Expr:
    numbers = [start] if length is None else [start, length]
    return _call("substr", column.copy(), *(exp.convert(number) for number in numbers))


def _call(name: str, *arguments: exp.Expr) -> exp.Expr:
    """A function of the database's own, by its name."""
    return exp.Anonymous(this=name, expressions=[argument.copy() for argument in arguments])


def _concat(*parts: exp.Expr) -> exp.Expr:
    joined, *rest = parts
    for part in rest:
        joined = exp.DPipe(this=joined, expression=part, safe=True)
    return exp.Paren(this=joined)


def _times(value: exp.Expr, shift: int) -> exp.Expr:
    return exp.Paren(this=value * exp.Literal.number(10**shift)) if shift else value
