"""What a kind of record looks like: its time, key, subject, typed fields, and how long it is kept."""

from collections.abc import Iterator
from dataclasses import KW_ONLY, dataclass, replace
from datetime import date
from enum import StrEnum
from typing import Literal

from keepsum.model.attached import Attached


class Sensitivity(StrEnum):
    """Who may ever see a field: `secret` is dropped at the door, `personal` lives in records only."""

    PUBLIC = "public"
    PERSONAL = "personal"
    SECRET = "secret"


PUBLIC, PERSONAL, SECRET = Sensitivity.PUBLIC, Sensitivity.PERSONAL, Sensitivity.SECRET

MOST_VALUES = 1_000
LONGEST_TEXT = 10_000
LONGEST_KEY = 200
DIGITS = 18


@dataclass(frozen=True, kw_only=True)
class Duration:
    """A length of calendar time: whole days and whole months.

    `setting` names the whole number by which an install makes it another: each is worth `each` days or months.
    """

    days: int = 0
    months: int = 0
    setting: str | None = None
    each: int = 1

    def __str__(self) -> str:
        parts = [f"{n} {unit}" for n, unit in ((self.months, "months"), (self.days, "days")) if n]
        return " ".join(parts) or "0 days"

    def told(self, count: int) -> "Duration":
        """Give the length that an install says it is."""
        length = count * self.each
        return replace(self, months=length) if self.months else replace(self, days=length)


FOREVER = Duration(months=12 * 9_000)


def days(count: int, *, setting: str | None = None) -> Duration:
    """Give a duration of whole days; an install may say another count by the pack's setting of that name."""
    return Duration(days=count, setting=setting)


def months(count: int, *, setting: str | None = None) -> Duration:
    """Give a duration of whole calendar months; an install may say another count by a setting."""
    return Duration(months=count, setting=setting)


def years(count: int, *, setting: str | None = None) -> Duration:
    """Give a duration of whole calendar years; an install may say another count by a setting."""
    return Duration(months=12 * count, setting=setting, each=12)


@dataclass(frozen=True)
class Field:
    """One typed value of a record; `None` is allowed unless it is `required`."""

    name: str
    _: KW_ONLY
    sensitivity: Sensitivity | None = None
    required: bool = False
    about: str = ""

    @property
    def exposure(self) -> Sensitivity:
        """The sensitivity that counts: free text is personal unless somebody said otherwise."""
        return self.sensitivity or PUBLIC


@dataclass(frozen=True)
class Text(Field):
    """A text; public when it says so or names how many values it may have a day (`most`)."""

    _: KW_ONLY
    most: int | None = None
    longest: int = LONGEST_TEXT

    @property
    def exposure(self) -> Sensitivity:
        """Personal when nothing is said: in doubt a text names somebody."""
        return self.sensitivity or (PERSONAL if self.most is None else PUBLIC)


@dataclass(frozen=True)
class Choice(Field):
    """A text out of a closed list."""

    options: tuple[str, ...] = ()


@dataclass(frozen=True)
class Boolean(Field):
    """True or false."""


@dataclass(frozen=True)
class Number(Field):
    """A signed integer of at most 18 digits, counted in 10**-scale of its unit."""

    _: KW_ONLY
    unit: str = ""
    scale: int = 0


@dataclass(frozen=True)
class Integer(Number):
    """A whole number of a unit."""


@dataclass(frozen=True)
class Decimal(Number):
    """A number with a declared count of decimals, never a binary float."""


@dataclass(frozen=True)
class Money(Number):
    """An amount of one currency (the unit), in 10**-scale of it; currencies are never added up."""

    _: KW_ONLY
    scale: int = 2


TimeKind = Literal["instant", "date"]
Mode = Literal["append", "upsert"]
Home = Literal["embedded", "postgres", "attached", "cluster"]


@dataclass(frozen=True)
class Stream:
    """A declared kind of record.

    `keep` is how long records live after their day ended; `late` how long after the purge a record that was
    never seen is still taken as a correction; `settles` how long a record's facts may still change;
    `start` the first day that counts as covered (else the day of the first record); `attached` where its records lie
    when they are rows of an application's own database. Whoever sends the records of the stream that this one is
    `covered_with` sends these, too: a day that one covers, this one does, perhaps with none. `reread` is how long
    before their deadline the days of an attached stream begin to be read again each night.
    """

    name: str
    _: KW_ONLY
    time: str
    key: str
    keep: Duration
    fields: tuple[Field, ...]
    subject: str | None = None
    about: str = ""
    owner: str = ""
    time_kind: TimeKind = "instant"
    late: Duration = Duration(days=7)
    settles: Duration = Duration()
    reread: Duration = Duration(days=7)
    start: date | None = None
    covered_with: str | None = None
    shrinks: bool = False
    mode: Mode = "append"
    home: Home = "embedded"
    actor: str | None = None
    erase: Literal["forget", "delete"] | None = None
    attached: Attached | None = None

    def field(self, name: str) -> Field | None:
        """Give the declared field of that name."""
        return next((f for f in self.fields if f.name == name), None)

    @property
    def stored(self) -> tuple[Field, ...]:
        """The fields that are kept in records: all but the secret ones."""
        return tuple(f for f in self.fields if f.exposure is not SECRET)

    @property
    def numbers(self) -> tuple[Number, ...]:
        """The stored number fields, which control adds up."""
        return tuple(f for f in self.stored if isinstance(f, Number))

    def names(self) -> Iterator[str]:
        """Give every name a record may carry, the implicit ones first."""
        yield self.time
        yield self.key
        if self.subject:
            yield self.subject
        yield from (f.name for f in self.fields)
