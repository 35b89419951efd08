"""Which instants belong to which local date, and which dates belong to which period.

Zone rules come from the `tzdata` package only, never from the machine, so that the version
written beside a day is the one that cut it.
"""

import datetime as dt
import functools
import re
from bisect import bisect_left, bisect_right
from collections.abc import Iterable
from importlib.resources import files
from typing import NamedTuple
from zoneinfo import ZoneInfo

import numpy as np
import tzdata
from numpy.typing import NDArray

from keepsum.model.day import FIRST_NUMBER, LAST_NUMBER, Day, Grain, date_of, day_number
from keepsum.model.errors import Invalid

TZDATA: str = tzdata.__version__

_SECONDS = 86_400
_MICROSECONDS = _SECONDS * 1_000_000
_EPOCH = dt.datetime(1970, 1, 1, tzinfo=dt.UTC)
_MICROSECOND = dt.timedelta(microseconds=1)
_ZONE_NAME = re.compile(r"[A-Za-z0-9_+-]+(/[A-Za-z0-9_+-]+)*", re.ASCII)
_FARTHEST = 26 * 3_600  # no zone is farther from UTC, in seconds
_STEP = 13 * 3_600
_WIDEST_TABLE = 10_000  # days
_MARGIN = 8  # days looked up ahead on each side of the times asked for

# The most days from a UTC date down and up to the local dates of its instants.
_DAYS_BELOW, _DAYS_ABOVE = 2, 3


@functools.cache
def zone(name: str) -> ZoneInfo:
    """The rules of an IANA zone as this install's `tzdata` has them; `UNKNOWN_ZONE` for any other name."""
    if not _ZONE_NAME.fullmatch(name) or name not in _zone_names():
        raise Invalid("UNKNOWN_ZONE", f"zone {name!r} is unknown: use an IANA name such as 'Europe/London'")
    with files("tzdata").joinpath("zoneinfo", *name.split("/")).open("rb") as file:
        return ZoneInfo.from_file(file, key=name)


@functools.cache
def _zone_names() -> frozenset[str]:
    return frozenset(files("tzdata").joinpath("zones").read_text("utf-8").split())


def interval(number: int, zone_name: str) -> Day:
    """The instants of one local date: from the first whose date is that or later, to the next date's first.

    A date that the zone skipped is empty; where clocks went back over midnight, the repeated
    minutes stay with the later date, so that days always tile time. Raises `UNKNOWN_ZONE` and
    `DAY_OUT_OF_RANGE`.
    """
    return Day(
        number=number,
        zone=zone_name,
        tzdata=TZDATA,
        start=_first_instant(number, zone_name),
        end=_first_instant(number + 1, zone_name),
    )


def _first_instant(number: int, zone_name: str) -> int:
    """The first instant, in microseconds, whose local date is that day or later."""
    rules = zone(zone_name)
    date_of(number)  # refuses what no calendar holds
    midnight = number * _SECONDS
    pieces = offsets(midnight - _FARTHEST, midnight + _FARTHEST, rules)
    for position, (begin, offset) in enumerate(pieces):
        first = max(begin, midnight - offset)
        if position + 1 == len(pieces) or first < pieces[position + 1][0]:
            return first * 1_000_000
    raise AssertionError("a zone is never farther than a day from UTC")


def offsets(begin: int, end: int, rules: ZoneInfo) -> list[tuple[int, int]]:
    """(first second, offset from UTC in seconds) of each stretch with one offset between two seconds."""
    # TRICKY: two changes of a zone within one step that cancel each other would be missed; in all
    # of tzdata the closest two are 166 hours apart, and a test reads the files to keep that true.
    pieces = [(begin, _offset(begin, rules))]
    for low in range(begin, end, _STEP):
        high = min(low + _STEP, end)
        offset = _offset(high, rules)
        if offset != pieces[-1][1]:
            pieces.append((_change(low, high, rules), offset))
    return pieces


def _change(low: int, high: int, rules: ZoneInfo) -> int:
    """The first second with the later offset, between two seconds whose offsets differ."""
    before = _offset(low, rules)
    return bisect_left(range(low, high), 1, key=lambda second: int(_offset(second, rules) != before)) + low


def _offset(second: int, rules: ZoneInfo) -> int:
    local = (_EPOCH + dt.timedelta(seconds=second)).astimezone(rules)
    offset = local.utcoffset()
    return 0 if offset is None else int(offset.total_seconds())


class _Table(NamedTuple):
    """Starts of consecutive days from `first` on, as a list for one time and an array for many."""

    first: int
    starts: list[int]
    array: NDArray[np.int64]


class Calendar:
    """The days of one zone: those written down already win, the others are computed and remembered.

    `known` must not overlap (`DAYS_OVERLAP`). A computed day takes the border of a known
    neighbour, so that days tile time even after the zone's rules changed.
    """

    def __init__(self, zone_name: str, known: Iterable[Day] = ()) -> None:
        zone(zone_name)
        self.zone = zone_name
        self._days = {day.number: day for day in known}
        self._known = sorted(self._days)
        self._borders: dict[int, int] = {}
        self._table = _Table(0, [], np.empty(0, np.int64))
        for earlier, later in zip(self._known, self._known[1:], strict=False):
            _check_order(self._days[earlier], self._days[later])

    def day(self, number: int) -> Day:
        """The day with that number; raises `DAY_OUT_OF_RANGE`."""
        day = self._days.get(number)
        if day is None:
            start, end = self._border(number), self._border(number + 1)
            day = Day(number=number, zone=self.zone, tzdata=TZDATA, start=start, end=end)
            self._days[number] = day
        return day

    def range(self, first: int, last: int) -> list[Day]:
        """The days from first to last, both included; none if last is before first."""
        return [self.day(number) for number in range(first, last + 1)]

    def number_of(self, time: int) -> int:
        """The number of the day that holds an instant (microseconds); raises `TIME_OUT_OF_RANGE`."""
        table = self._table
        position = bisect_right(table.starts, time) - 1
        if not 0 <= position < len(table.starts) - 1:
            table = self._widened(time, time)
            position = bisect_right(table.starts, time) - 1
        return table.first + position

    def numbers_of(self, times: NDArray[np.int64]) -> NDArray[np.int32]:
        """The numbers of the days that hold these instants (microseconds); raises `TIME_OUT_OF_RANGE`."""
        if not len(times):
            return np.empty(0, np.int32)
        low, high = int(times.min()), int(times.max())
        table = self._table
        if not table.starts or low < table.starts[0] or high >= table.starts[-1]:
            if (high - low) // _MICROSECONDS > _WIDEST_TABLE:
                return self._scattered_numbers_of(times)
            table = self._widened(low, high)
        positions = np.searchsorted(table.array, times, side="right") - 1
        return (positions + table.first).astype(np.int32)

    def _scattered_numbers_of(self, times: NDArray[np.int64]) -> NDArray[np.int32]:
        """The same for times too far apart for one table of consecutive days."""
        dates = np.unique(times // _MICROSECONDS)
        around = np.arange(-_DAYS_BELOW, _DAYS_ABOVE + 1)
        numbers = np.unique(dates[:, None] + around)
        starts = np.array([self._border(number) for number in numbers.tolist()], np.int64)
        return numbers[np.searchsorted(starts, times, side="right") - 1].astype(np.int32)

    def _widened(self, low: int, high: int) -> _Table:
        """A remembered table that holds all days between two instants, and those remembered before if near."""
        first = low // _MICROSECONDS - _DAYS_BELOW
        last = high // _MICROSECONDS + _DAYS_ABOVE
        for number in (first, last):
            if not FIRST_NUMBER <= number <= LAST_NUMBER:
                raise Invalid("TIME_OUT_OF_RANGE", "a time is not within the years 1 to 9999: correct it")
        first, last = max(first - _MARGIN, FIRST_NUMBER), min(last + _MARGIN, LAST_NUMBER)
        known = self._table
        if known.starts:
            joined_first, joined_last = min(first, known.first), max(last, known.first + len(known.starts) - 1)
            if joined_last - joined_first <= _WIDEST_TABLE:
                first, last = joined_first, joined_last
        starts = [self._border(number) for number in range(first, last + 1)]
        # TRICKY: another thread may put its own table in place at once, so the caller gets this one.
        table = self._table = _Table(first, starts, np.array(starts, np.int64))
        return table

    def _border(self, number: int) -> int:
        """Where that day starts and the one before it ends."""
        border = self._borders.get(number)
        if border is None:
            border = self._borders[number] = self._find_border(number)
        return border

    def _find_border(self, number: int) -> int:
        position = bisect_left(self._known, number)
        after = self._days[self._known[position]] if position < len(self._known) else None
        before = self._days[self._known[position - 1]] if position else None
        if after is not None and after.number == number:
            return after.start
        if before is not None and before.number == number - 1:
            return before.end
        border = _first_instant(number, self.zone)
        if before is not None:
            border = max(border, before.end)
        return border if after is None else min(border, after.start)


def _check_order(earlier: Day, later: Day) -> None:
    """Refuses two known days that overlap, or are neighbours with a gap between."""
    neighbours = later.number == earlier.number + 1
    if later.start < earlier.end or (neighbours and later.start != earlier.end):
        message = f"the days {earlier.date} and {later.date} do not follow each other: their stored intervals are wrong"
        raise Invalid("DAYS_OVERLAP", message)


def period_start(number: int, grain: Grain, week_start: int = 0) -> int:
    """The first day of the period that holds a day; weeks begin on `week_start` (Monday is 0).

    The one period of the grain `all` has no first day; it is counted from 1970-01-01.
    """
    match grain:
        case Grain.DAY:
            return number
        case Grain.WEEK:
            return number - (date_of(number).weekday() - week_start) % 7
        case Grain.MONTH | Grain.QUARTER | Grain.YEAR:
            length = _MONTHS[grain]
            month = _month(number)
            return _month_start(month - month % length)
        case Grain.ALL:
            return 0


def periods(first: int, last: int, grain: Grain, week_start: int = 0) -> list[tuple[int, int]]:
    """(first day, last day) of each whole period that touches the range, in order; `all` is the range itself."""
    if last < first:
        return []
    if grain is Grain.ALL:
        return [(first, last)]
    found: list[tuple[int, int]] = []
    start = period_start(first, grain, week_start)
    while start <= last:
        following = _next_period(start, grain)
        found.append((start, following - 1))
        start = following
    return found


def previous(first: int, last: int) -> tuple[int, int]:
    """The range to compare with: as many whole months before if these are whole, else as many days before.

    Whole quarters and years are whole months, so the rule covers them.
    """
    month, following = _month(first), _month(last + 1)
    if first == _month_start(month) and last + 1 == _month_start(following):
        return _month_start(month - (following - month)), first - 1
    return first - (last - first + 1), first - 1


_MONTHS = {Grain.MONTH: 1, Grain.QUARTER: 3, Grain.YEAR: 12}


def _next_period(start: int, grain: Grain) -> int:
    if grain in _MONTHS:
        return _month_start(_month(start) + _MONTHS[grain])
    return start + (7 if grain is Grain.WEEK else 1)


def _month(number: int) -> int:
    """Months since January of the year 0."""
    date = date_of(number)
    return date.year * 12 + date.month - 1


def _month_start(month: int) -> int:
    if not 12 <= month < 120_000:
        raise Invalid("DAY_OUT_OF_RANGE", "a period is not within the years 1 to 9999: give other dates")
    return day_number(dt.date(month // 12, month % 12 + 1, 1))
