"""Where a stream lies in an application's own database: its table, how time is stored, and what its fields are made of.

A mapping says everything that a database does not: the zone of a naive time, the scale of a number, who goes along
when a row is purged. Names are those of tables and columns; nothing here is SQL.
"""

from collections.abc import Mapping
from dataclasses import KW_ONLY, dataclass, fields
from typing import Literal, cast

from keepsum.model.filter import Filter, Value, conditions

Stored = Literal["float", "decimal", "integer", "text"]
On = tuple[str, str]  # a column of the table that is read from, and the one of the other table that equals it


@dataclass(frozen=True)
class Mapped:
    """What a field, a subject or a time is made of, in columns of the stream's table and of tables beside it."""


@dataclass(frozen=True)
class Column(Mapped):
    """A column as it is: a text, a choice or a boolean."""

    name: str


@dataclass(frozen=True)
class Amount(Mapped):
    """A column with a number, and how it is stored, for no database says what its numbers mean.

    A `float` (SQL's REAL, FLOAT, DOUBLE) is taken as the shortest decimal that reads back as it, and rounded to the
    field's unit half away from zero, row by row. A `decimal` and a `text` must fit the unit exactly. An `integer`
    counts 10**-scale of the unit; without `scale` it counts what the field counts, such as cents.
    """

    name: str
    _: KW_ONLY
    stored: Stored
    scale: int | None = None


@dataclass(frozen=True)
class Constant(Mapped):
    """The same value for every row; a number is an integer or a text such as "12.50", of the field's unit."""

    value: Value


@dataclass(frozen=True, init=False)
class Coalesce(Mapped):
    """The first of several values that is there."""

    values: tuple[Mapped, ...]

    def __init__(self, *values: Mapped | str) -> None:
        object.__setattr__(self, "values", tuple(mapped(value) for value in values))


@dataclass(frozen=True)
class Minus(Mapped):
    """One number less another; none where one of them is missing."""

    left: Mapped
    right: Mapped


@dataclass(frozen=True)
class Lookup(Mapped):
    """A value of the one row of another table whose column equals one of this table: `on=(ours, theirs)`.

    Theirs must be unique there: a row that were found twice would count twice, so the day is held.
    """

    table: str
    _: KW_ONLY
    on: On
    value: Mapped | str

    def __post_init__(self) -> None:
        """Bring the value to its one form."""
        object.__setattr__(self, "value", mapped(self.value))


@dataclass(frozen=True)
class Children(Mapped):
    """How many rows of another table belong to a row (`count=True`), or the sum of one of their numbers.

    A count is a whole number of the field's unit and 0 where there is none; a sum of no numbers is missing.
    """

    table: str
    _: KW_ONLY
    on: On
    count: bool = False
    sum: Amount | None = None
    where: Filter = ()

    def __post_init__(self) -> None:
        """Bring the filter on their columns to its one form."""
        object.__setattr__(self, "where", conditions(self.where))


@dataclass(frozen=True)
class Has:
    """Whether any row of another table belongs to a row."""

    table: str
    _: KW_ONLY
    on: On
    where: Filter = ()

    def __post_init__(self) -> None:
        """Bring the filter on their columns to its one form."""
        object.__setattr__(self, "where", conditions(self.where))


Test = Filter | Has | tuple["Filter | Has", ...]


@dataclass(frozen=True, init=False)
class When:
    """What a value is where all tests hold: `When(where(status="PAID"), Constant(1))`, `When(Has(...), Constant("a"))`.

    A test is a filter on columns of the table, or `Has`; several are given as a tuple.
    """

    tests: tuple[Filter | Has, ...]
    then: Mapped

    def __init__(self, test: Test, then: Mapped | str) -> None:
        object.__setattr__(self, "tests", _tests(test))
        object.__setattr__(self, "then", mapped(then))


@dataclass(frozen=True, init=False)
class Choose(Mapped):
    """The value of the first case whose tests hold, else `otherwise`; without that, none."""

    cases: tuple[When, ...]
    otherwise: Mapped | None

    def __init__(self, *cases: When, otherwise: Mapped | str | None = None) -> None:
        object.__setattr__(self, "cases", cases)
        object.__setattr__(self, "otherwise", None if otherwise is None else mapped(otherwise))


@dataclass(frozen=True)
class Clock:
    """How instants stand in a column, of the table itself or of one looked up."""

    column: str | Lookup


@dataclass(frozen=True)
class Epoch(Clock):
    """Whole seconds, milliseconds or microseconds since 1970 in UTC."""

    _: KW_ONLY
    unit: Literal["s", "ms", "us"] = "s"


@dataclass(frozen=True)
class Utc(Clock):
    """A date and time without a zone, meant in UTC; `pattern` where it is a text of another form than ISO 8601."""

    _: KW_ONLY
    pattern: str | None = None


@dataclass(frozen=True)
class Zoned(Clock):
    """An instant: PostgreSQL's timestamptz, MySQL's TIMESTAMP, in SQLite a text of ISO 8601 with its offset."""


@dataclass(frozen=True)
class Local(Clock):
    """A date and time without a zone that is meant in one named here.

    An hour that clocks went through twice is taken as the `first` or the `second` of both. A time that they skipped is
    as much `later` (02:30 is 03:30) or `earlier` (01:30), or holds its day.
    """

    _: KW_ONLY
    zone: str
    ambiguous: Literal["first", "second"] = "first"
    missing: Literal["later", "earlier", "hold"] = "later"


@dataclass(frozen=True)
class LocalDate(Clock):
    """A date, for streams of dates."""


@dataclass(frozen=True)
class Child:
    """Rows of another table that go with a purged row: `on=(ours, theirs)`; their own children go before them."""

    table: str
    _: KW_ONLY
    on: On
    children: tuple["Child", ...] = ()


Columns = tuple[tuple[str, Mapped], ...]


@dataclass(frozen=True)
class Attached:
    """A stream's records are rows of a table in an application's own database.

    `url` names the pack's setting, of kind secret, with the database's address; while that is unset the stream is an
    ordinary one, collected by Keepsum. `key` is a column that is never null and different for each row; `subject` the
    person, a column or what it is made of. A field stands in `columns`, else in a column of its own name. `where` keeps
    the rows whose columns have those values. `changed` is the clock of a column that says when a row last changed.
    `children` are the rows of other tables that go with a purged row, in this order.
    """

    table: str
    _: KW_ONLY
    url: str
    time: Clock
    key: str = "id"
    subject: Mapped | str | None = None
    columns: Columns | Mapping[str, Mapped | str] = ()
    where: Filter | Mapping[str, object] = ()
    changed: Clock | None = None
    children: tuple[Child, ...] = ()

    def __post_init__(self) -> None:
        """Bring what may be given as mappings and names to its one form."""
        items = self.columns.items() if isinstance(self.columns, Mapping) else self.columns
        object.__setattr__(self, "columns", tuple((name, mapped(value)) for name, value in items))
        object.__setattr__(self, "where", conditions(self.where))
        if isinstance(self.subject, str):
            object.__setattr__(self, "subject", Column(self.subject))

    def value(self, field: str) -> Mapped:
        """Give what a field is made of: what the mapping says, else the column of its name."""
        found = dict(self.columns)
        return mapped(found.get(field, field))


def mapped(value: Mapped | str) -> Mapped:
    """Give a value in its one form: a bare name is a column."""
    return Column(value) if isinstance(value, str) else value


def _tests(test: Test) -> tuple[Filter | Has, ...]:
    """Give tests in their one form. A filter and several tests are both tuples: a filter has names in front."""
    if isinstance(test, Has):
        return (test,)
    if all(isinstance(one, tuple) and len(one) == 2 and isinstance(one[0], str) for one in test):
        return (conditions(test),)  # pyright: ignore[reportArgumentType] -- filters have names in front
    return tuple(one if isinstance(one, Has) else conditions(one) for one in test)  # pyright: ignore[reportArgumentType] -- tests


def described(value: object) -> object:
    """Give a mapping's part as plain JSON values: `{"is": its kind, ...}`."""
    if isinstance(value, (Attached, Mapped, Clock, Has, When, Child)):
        inside = {f.name: described(getattr(value, f.name)) for f in fields(value)}
        return {"is": type(value).__name__, **inside}
    if isinstance(value, tuple):
        return [described(one) for one in cast("tuple[object, ...]", value)]
    return value
