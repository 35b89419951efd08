"""How a database's times are instants: which raw values fall into a day, and which instant each raw value is.

A day becomes ranges of raw values, so that an index on the time column finds its rows and no database is asked about
zones. The other way each value is turned into its instant here, so that rows and ranges can be held against each other.
"""

import datetime as dt
import re
from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import Any, Literal

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from keepsum.engine.columns import Column, array_of, values_of
from keepsum.engine.days import offsets, zone
from keepsum.model.attached import Clock, Epoch, Local, LocalDate, Utc, Zoned
from keepsum.model.day import Day

Dialect = Literal["sqlite", "postgres", "mysql"]
Raw = int | str
Range = tuple[Raw, Raw]  # from the first one up to, not including, the second one
Flags = NDArray[np.bool_]

_SECOND = 1_000_000
_DAY = 86_400 * _SECOND
_AROUND = 3 * 86_400  # seconds: more than any zone is away from UTC, and as much again for its changes
_NAIVE = dt.datetime(1970, 1, 1)  # noqa: DTZ001 - local times are counted from a local midnight
_AWARE = dt.datetime(1970, 1, 1, tzinfo=dt.UTC)
_MICROSECOND = dt.timedelta(microseconds=1)
_LAST = (dt.datetime(9999, 1, 1) - _NAIVE) // _MICROSECOND  # noqa: DTZ001 - the same
_UNITS = {"s": _SECOND, "ms": 1_000, "us": 1}
_ISO = re.compile(r"\d{4}-\d\d-\d\d[ T]\d\d:\d\d:\d\d(?:\.\d{1,6})?", re.ASCII)
_ISO_ZONED = re.compile(_ISO.pattern + r"(?:Z|[+-]\d\d:\d\d)", re.ASCII)
_DATE = re.compile(r"\d{4}-\d\d-\d\d", re.ASCII)
_DIGIT = "[0-9]"

# The directives a pattern may have, in the order in which their texts sort as their times.
DIRECTIVES = ("%Y", "%m", "%d", "%H", "%M", "%S", "%f")
_WIDTHS = dict(zip(DIRECTIVES, (4, 2, 2, 2, 2, 2, 6), strict=True))
_FINEST = {"%H": 3_600 * _SECOND, "%M": 60 * _SECOND, "%S": _SECOND, "%f": 1}


@dataclass(frozen=True, kw_only=True)
class Instants:
    """Microseconds since 1970 in UTC; which raw values are no times, and which their zone skipped and nobody places."""

    times: NDArray[np.int64]
    malformed: Flags
    skipped: Flags


def bounds(clock: Clock, day: Day, dialect: Dialect) -> tuple[Range, ...]:
    """Give the raw values of a day, as ranges that neither meet nor overlap; texts compare as the database does.

    It is one range but where the clock's own zone put times of the day apart. SQLite's times with an offset are given
    in whole seconds since 1970, which a day begins and ends with.
    """
    if isinstance(clock, LocalDate):
        return ((_date_text(day.number), _date_text(day.number + 1)),)
    if isinstance(clock, Local):
        return tuple((_text(low), _text(high)) for low, high in _spans(clock, day.start, day.end))
    return ((raw(clock, day.start, dialect), raw(clock, day.end, dialect)),) if day.start < day.end else ()


def raw(clock: Clock, instant: int, dialect: Dialect) -> Raw:
    """Give the first raw value that is at or after an instant; of a local clock, perhaps an hour or two sooner."""
    match clock:
        case Epoch():
            return -(-instant // _UNITS[clock.unit])
        case Utc(pattern=str(pattern)):
            finest = _FINEST[max((d for d in _directives(pattern) if d in _FINEST), key=DIRECTIVES.index)]
            return _naive(-(-instant // finest) * finest).strftime(pattern)
        case Zoned() if dialect == "sqlite":
            return -(-instant // _SECOND)
        case Zoned() if dialect == "postgres":
            return _text(instant) + "+00:00"
        case Local():
            return _text(instant + min(offset or 0 for _, offset in _segments(clock, instant // _SECOND)) * _SECOND)
        case _:
            return _text(instant)


def readable(clock: Clock, dialect: Dialect) -> Range:
    """Give the first raw value that `instants` takes for a time, and the first one behind the last."""
    if isinstance(clock, LocalDate):
        return _date_text(0), _date_text(_LAST // _DAY)
    if isinstance(clock, Local):
        return _text(0), _text(_LAST)
    return raw(clock, 0, dialect), raw(clock, _LAST, dialect)


def text_form(clock: Clock) -> str | None:
    """Give how SQLite's texts of a clock look at least, as its GLOB has it; none where no text says the time."""
    match clock:
        case Epoch():
            return None
        case Utc(pattern=str(pattern)):
            return "".join(
                _DIGIT * _WIDTHS[part] if part in _WIDTHS else re.sub(r"[*?[]", r"[\g<0>]", part)
                for part in re.split(r"(%.)", pattern)
            )
        case _:
            return "-".join(_DIGIT * width for width in (4, 2, 2)) + "*"


def instants(clock: Clock, column: Column) -> Instants:
    """Give the instants of raw values as a driver gives them: integers, dates, times, or texts of SQLite.

    Of a date it is midnight in UTC, as records of dates have it. A time before 1970 or after 9998 is none, as at the
    door: such a value stands for something else.
    """
    faces, malformed = _faces(clock, column)
    malformed = malformed | (faces < 0) | (faces >= _LAST)
    times = np.where(malformed, 0, faces)
    skipped = np.zeros(len(times), np.bool_)
    if isinstance(clock, Local) and len(times):
        times, skipped = _placed(clock, times)
    return Instants(times=times, malformed=malformed, skipped=skipped & ~malformed)


def _faces(clock: Clock, column: Column) -> tuple[NDArray[np.int64], Flags]:
    """Give the microseconds that raw values say, on the clock's own face, and which say none."""
    array = array_of(column)
    if array is not None and _is_face(clock, array.type):
        return array.cast(pa.int64()).fill_null(0).to_numpy(), ~array.is_valid().to_numpy(zero_copy_only=False)
    found = [_read(clock, value) for value in values_of(column)]
    malformed = np.fromiter((one is None for one in found), np.bool_, len(found))
    # What is farther away than any time is none either way.
    return np.array([max(-1, min(one or 0, _LAST)) for one in found], np.int64), malformed


def _is_face(clock: Clock, kind: pa.DataType) -> bool:
    """Say whether times of this type are what the clock shows, as they are."""
    match clock:
        case Zoned():
            return pa.types.is_timestamp(kind)
        case Local() | Utc(pattern=None):
            return pa.types.is_timestamp(kind) and kind.tz is None
        case _:
            return False


def _read(clock: Clock, value: Any) -> int | None:
    """Give the microseconds that a raw value says, on the clock's own face; nothing where it says none."""
    try:
        match clock:
            case Epoch():
                return _epoch(clock, value)
            case LocalDate():
                return _date(value)
            case Utc(pattern=str(pattern)):
                return _patterned(pattern, value)
            case Zoned():
                return _zoned(value)
            case _:
                return _iso(value)
    except (ValueError, OverflowError):
        return None


def _epoch(clock: Epoch, value: Any) -> int | None:
    if not isinstance(value, int) or isinstance(value, bool):
        return None
    return value * _UNITS[clock.unit]


def _date(value: Any) -> int | None:
    if isinstance(value, str) and _DATE.fullmatch(value):
        value = dt.date.fromisoformat(value)
    if not isinstance(value, dt.date) or isinstance(value, dt.datetime):
        return None
    return (value - _NAIVE.date()).days * _DAY


def _patterned(pattern: str, value: Any) -> int | None:
    found = _pattern(pattern).fullmatch(value) if isinstance(value, str) else None
    if found is None:
        return None
    parts = found.groupdict(default="0")
    numbers = [int(parts.get(directive[1], "0")) for directive in DIRECTIVES]
    year, month, day, hour, minute, second, fraction = numbers
    meant = dt.datetime(year, month, day, hour, minute, second, fraction)  # noqa: DTZ001 - meant in UTC
    return (meant - _NAIVE) // _MICROSECOND


def _zoned(value: Any) -> int | None:
    if isinstance(value, str) and _ISO_ZONED.fullmatch(value):
        value = dt.datetime.fromisoformat(value)
    elif isinstance(value, str):
        return None
    if isinstance(value, dt.datetime) and value.tzinfo is not None:
        return (value - _AWARE) // _MICROSECOND
    return _iso(value)  # MySQL's TIMESTAMP, whose session is in UTC


def _iso(value: Any) -> int | None:
    if isinstance(value, str) and _ISO.fullmatch(value):
        value = dt.datetime.fromisoformat(value)
    if not isinstance(value, dt.datetime) or value.tzinfo is not None:
        return None
    return (value - _NAIVE) // _MICROSECOND


def _placed(clock: Local, local: NDArray[np.int64]) -> tuple[NDArray[np.int64], Flags]:
    """Give the instants of local times, and which of them the zone skipped and the clock does not place."""
    times, skipped = np.empty(len(local), np.int64), np.zeros(len(local), np.bool_)
    # Times of one batch are of one day or two; far ones, such as the ends of a table, are placed one by one.
    if int(local.max()) - int(local.min()) > _AROUND * _SECOND:
        for place, one in enumerate(local.tolist()):
            found = _placed(clock, np.array([one], np.int64))
            times[place], skipped[place] = found[0][0], found[1][0]
        return times, skipped
    segments = _segments(clock, int(local.min()) // _SECOND, int(local.max()) // _SECOND)
    starts = np.array([begin for begin, _ in segments], np.int64) * _SECOND
    shifts = np.array(_shifts(segments), np.int64) * _SECOND
    unplaced = np.array([offset is None for _, offset in segments])
    of = np.searchsorted(starts, local, side="right") - 1
    return local - shifts[of], unplaced[of]


def _spans(clock: Local, start: int, end: int) -> list[tuple[int, int]]:
    """Give the stretches of local time, in microseconds, whose instants lie from `start` up to `end`."""
    segments = _segments(clock, start // _SECOND, end // _SECOND)
    found: list[tuple[int, int]] = []
    ends = [begin for begin, _ in segments[1:]] + [2**40]
    for (begin, _), until, shift in zip(segments, ends, _shifts(segments), strict=True):
        low = max(begin * _SECOND, start + shift * _SECOND)
        high = min(until * _SECOND, end + shift * _SECOND)
        if low < high and found and found[-1][1] == low:
            found[-1] = (found[-1][0], high)
        elif low < high:
            found.append((low, high))
    return found


def _shifts(segments: Sequence[tuple[int, int | None]]) -> list[int]:
    """Give the offset of each stretch; times that nobody places are held on the day of the offset before."""
    found: list[int] = []
    for _, offset in segments:
        found.append(found[-1] if offset is None else offset)
    return found


def _segments(clock: Local, first: int, last: int | None = None) -> list[tuple[int, int | None]]:
    """Give (first local second, offset in seconds) of each stretch of local time around some seconds.

    The offset is none for times that the zone skipped and the clock does not place.
    """
    return _cut(clock, (first - _AROUND) // _AROUND * _AROUND, ((last or first) // _AROUND + 2) * _AROUND)


@lru_cache(maxsize=512)
def _cut(clock: Local, begin: int, end: int) -> list[tuple[int, int | None]]:
    found: list[tuple[int, int | None]] = []
    for instant, offset in offsets(begin, end, zone(clock.zone)):
        if not found:
            found.append((instant + offset, offset))
            continue
        before = next(o for _, o in reversed(found) if o is not None)
        if offset < before:  # clocks went back: local times from the later offset on come twice
            found.append((instant + (before if clock.ambiguous == "first" else offset), offset))
        elif clock.missing == "hold":
            found += [(instant + before, None), (instant + offset, offset)]
        else:
            found.append((instant + (offset if clock.missing == "later" else before), offset))
    return found


def _directives(pattern: str) -> list[str]:
    return re.findall(r"%.", pattern)


def sorts(pattern: str) -> bool:
    """Say whether texts of a pattern sort as their times: from the year down to the minute at least, nothing twice."""
    found = _directives(pattern)
    return "%M" in found and tuple(found) == DIRECTIVES[: len(found)]


@lru_cache(maxsize=256)
def _pattern(pattern: str) -> re.Pattern[str]:
    parts = re.split(r"(%.)", pattern)
    read = (rf"(?P<{p[1]}>\d{{{_WIDTHS[p]}}})" if p in _WIDTHS else re.escape(p) for p in parts)
    return re.compile("".join(read), re.ASCII)


def _naive(microseconds: int) -> dt.datetime:
    return _NAIVE + dt.timedelta(microseconds=microseconds)


def _text(microseconds: int) -> str:
    return _naive(microseconds).isoformat(" ")


def _date_text(number: int) -> str:
    return (_NAIVE.date() + dt.timedelta(days=number)).isoformat()
