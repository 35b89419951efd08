"""When a day's records and a rollup's rows may go, and which questions can no longer be asked then."""

import calendar
import datetime as dt
from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from keepsum.engine.days import Calendar
from keepsum.model.catalog import Catalog
from keepsum.model.day import LAST_NUMBER, date_of, day_number
from keepsum.model.rollup import Rollup
from keepsum.model.stream import FOREVER, PUBLIC, Duration, Stream

LONG_AGO = day_number(dt.date(1900, 1, 1))  # before any record that is accepted


@dataclass(frozen=True, kw_only=True)
class Lost:
    """A question of a stream that needs records: `what` names it in words, `why` says what is missing without them."""

    stream: str
    what: str
    why: str = ""


def deadline(day: int, keep: Duration, days: Calendar) -> int | None:
    """Give the instant (µs) when something kept for a duration after a day's end has to be gone; None for never."""
    last = shifted(day, keep)
    return None if last is None else days.day(last).end


def shifted(day: int, by: Duration) -> int | None:
    """Give the day a calendar duration later, the month's last day where it is shorter, or None beyond all time."""
    date = date_of(day)
    months = date.year * 12 + date.month - 1 + by.months
    if by == FOREVER or months // 12 >= dt.MAXYEAR:
        return None
    year, month = divmod(months, 12)
    longest = calendar.monthrange(year, month + 1)[1]
    number = day_number(date.replace(year=year, month=month + 1, day=min(date.day, longest))) + by.days
    return number if number < LAST_NUMBER else None


def is_due(day: int, keep: Duration, days: Calendar, now: int) -> bool:
    """Say whether a day's time is over: end of day + keep <= now."""
    due = deadline(day, keep, days)
    return due is not None and due <= now


def kept_from(keep: Duration, days: Calendar, now: int) -> int | None:
    """Give the first day that is still kept, by halving; None when everything is."""
    low, high = LONG_AGO, days.number_of(now) + 1
    if not is_due(low, keep, days, now):
        return None
    while high - low > 1:
        middle = (low + high) // 2
        low, high = (middle, high) if is_due(middle, keep, days, now) else (low, middle)
    return high


def lost_questions(catalog: Catalog, streams: Iterable[str]) -> tuple[Lost, ...]:
    """Give what can be asked of records but of no rollup, for streams that are about to lose records."""
    return tuple(lost for name in streams for lost in _lost(catalog.stream(name), catalog.rollups_of(name)))


def _lost(stream: Stream, rollups: tuple[Rollup, ...]) -> Iterator[Lost]:
    grouped = {name for rollup in rollups for name in rollup.by}
    for field in stream.stored:
        if field.exposure is PUBLIC and field.name not in grouped:
            why = f"No rollup of the stream is by {field.name}."
            yield Lost(stream=stream.name, what=f"any figure by {field.name}", why=why)
    together = [set(r.by) for r in rollups]
    for one in sorted(grouped):
        for other in sorted(grouped):
            if one < other and not any({one, other} <= by for by in together):
                why = f"Rollups are by {one} and by {other}, and none by both."
                yield Lost(stream=stream.name, what=f"any figure by {one} and {other} together", why=why)
    if stream.subject:
        why = "Rollups keep how many people there were, and of no sum whose it was."
        yield Lost(stream=stream.name, what="who has the most of a sum", why=why)
    if stream.subject or any(f.exposure is not PUBLIC for f in stream.stored):
        why = "Personal fields are in records only, and these are deleted."
        yield Lost(stream=stream.name, what="single records, and anything about one person", why=why)
