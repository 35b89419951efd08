"""A day: an interval of instants with a number, and the grains that days add up to."""

import datetime as dt
from dataclasses import dataclass
from enum import StrEnum
from typing import Literal, get_args

from keepsum.model.errors import Invalid

A_DAY = 86_400_000_000  # µs, whatever clocks do
_EPOCH = dt.date(1970, 1, 1).toordinal()
FIRST_NUMBER = dt.date.min.toordinal() - _EPOCH + 2
LAST_NUMBER = dt.date.max.toordinal() - _EPOCH - 2
Weekday = Literal["monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday"]
WEEKDAYS: tuple[str, ...] = get_args(Weekday)


class Grain(StrEnum):
    """How long one period of an answer is; `all` is one period over everything asked."""

    DAY = "day"
    WEEK = "week"
    MONTH = "month"
    QUARTER = "quarter"
    YEAR = "year"
    ALL = "all"


@dataclass(frozen=True, kw_only=True, slots=True)
class Day:
    """One local date as an interval of instants, with the zone and rules it was cut by.

    `number` counts days since 1970-01-01; `start` (inclusive) and `end` (exclusive) are
    microseconds since the epoch in UTC, equal when the date does not exist in the zone.
    """

    number: int
    zone: str
    tzdata: str
    start: int
    end: int

    @property
    def date(self) -> dt.date:
        """The local date."""
        return date_of(self.number)


def day_number(date: dt.date) -> int:
    """Days from 1970-01-01 to this date, negative before."""
    return date.toordinal() - _EPOCH


def date_in(text: str) -> dt.date | None:
    """The date that a text says as 2026-01-31; None for all else, other forms of ISO 8601 among it."""
    try:
        found = dt.date.fromisoformat(text)
    except ValueError:
        return None
    return found if found.isoformat() == text else None


def date_of(number: int) -> dt.date:
    """The date that is so many days after 1970-01-01; `DAY_OUT_OF_RANGE` outside years 1 to 9999."""
    if not FIRST_NUMBER <= number <= LAST_NUMBER:
        raise Invalid("DAY_OUT_OF_RANGE", f"day {number!r} is not within the years 1 to 9999: give another date")
    return dt.date.fromordinal(number + _EPOCH)
