"""Which days of a stream in an application's own database are read, and which again, for rows change."""

from collections.abc import Collection, Iterable
from dataclasses import dataclass

from keepsum.engine.days import Calendar
from keepsum.engine.expire import deadline, shifted
from keepsum.model.stream import Duration


@dataclass(frozen=True, kw_only=True)
class Nearing:
    """When days come near their deadline: `keep` after their end they are due, `before` that they are read again.

    Without a purge nothing is due, so that past its deadline a day is read for `before` once more, and then no longer.
    """

    keep: Duration
    before: Duration
    purges: bool

    def holds(self, day: int, calendar: Calendar, now: int) -> bool:
        """Say whether a day is near its deadline, or past it and not purged."""
        due = deadline(day, self.keep, calendar)
        today = calendar.number_of(now)
        horizon = shifted(today, self.before)
        if due is None or horizon is None or due > calendar.day(horizon).end:
            return False
        last = shifted(day, self.keep)
        end = None if last is None else shifted(last, self.before)
        return self.purges or end is None or today <= end


def days_to_read(
    ended: Iterable[int],
    *,
    settled: Collection[int],
    final: Collection[int],
    nearing: Nearing,
    calendar: Calendar,
    now: int,
) -> list[int]:
    """Give the ended days that are to be read, in their order.

    1. A `final` day never: its purge began, or a person let its figures stand.
    2. A day that is not `settled` always: it is not sealed as it is declared, is held, or a row of it changed.
    3. A settled day every night when it comes near its deadline, until it is purged.
    """
    return [day for day in ended if day not in final and (day not in settled or nearing.holds(day, calendar, now))]
