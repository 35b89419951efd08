"""When a cron expression fires in a zone.

1. A schedule of some hours follows the clock on the wall: a time that happens twice fires the first time only, and
   times that a clock change skipped fire together, once, at the first minute after it.
2. A schedule of every hour follows real time, so that hours which repeat fire again.
"""

import datetime as dt
from collections import deque
from collections.abc import Iterator
from functools import lru_cache
from zoneinfo import ZoneInfo

from cronsim import CronSim, CronSimError

from keepsum.engine.days import zone
from keepsum.model.errors import Invalid

ALIASES = {
    "@yearly": "0 0 1 1 *",
    "@annually": "0 0 1 1 *",
    "@monthly": "0 0 1 * *",
    "@weekly": "0 0 * * 0",
    "@daily": "0 0 * * *",
    "@midnight": "0 0 * * *",
    "@hourly": "0 * * * *",
}

_EPOCH = dt.datetime(1970, 1, 1, tzinfo=dt.UTC)
_MICROSECOND, _MINUTE = dt.timedelta(microseconds=1), dt.timedelta(minutes=1)
_HOUR = 3_600_000_000
_LOOKING_BACK = (_HOUR, 24 * _HOUR, 32 * 24 * _HOUR)
_LAST = (dt.datetime(9999, 1, 1, tzinfo=dt.UTC) - _EPOCH) // _MICROSECOND
_EVERY_HOUR = set(range(24))
_LONGEST = 200  # characters


def check(cron: str, zone_name: str) -> None:
    """Raise `BAD_CRON` or `UNKNOWN_ZONE` for what cannot be a schedule."""
    zone(zone_name)
    _simulation(cron, _EPOCH)


def fires(cron: str, zone_name: str, after: int, until: int) -> Iterator[int]:
    """The instants at which a schedule fires, after the first and up to the second, in microseconds, in order.

    `cron` has the five usual fields or is an alias such as `@daily`. Raises `BAD_CRON` and `UNKNOWN_ZONE` at once.
    """
    rules = zone(zone_name)
    start = (_EPOCH + after * _MICROSECOND).astimezone(rules)
    return _between(_simulation(cron, start), rules, after, until)


@lru_cache(maxsize=1_024)
def next_fire(cron: str, zone_name: str, after: int) -> int | None:
    """The first instant after this one at which a schedule fires; None if it never does again."""
    return next(fires(cron, zone_name, after, _LAST), None)


def missed(cron: str, zone_name: str, after: int, now: int) -> int | None:
    """The latest instant after the first and up to now at which a schedule fires; None if there is none.

    However many there are, one run answers for all of them, because a job catches up by itself.
    """
    first = next_fire(cron, zone_name, after)
    if first is None or first > now:
        return None
    for back in (*_LOOKING_BACK, now - after):
        begin = max(after, now - back)
        latest = deque(fires(cron, zone_name, begin, now), maxlen=1)
        if latest:
            return latest[0]
    return None


def _simulation(cron: str, start: dt.datetime) -> CronSim:
    """All times from a start on: with their zone for a schedule of every hour, else as the clock on the wall shows."""
    fields = _fields(cron)
    try:
        wall = CronSim(" ".join(fields), start.replace(tzinfo=None, fold=0))
        if wall.hours != _EVERY_HOUR:
            return wall
        # TRICKY: with a zone, the library takes an hour spelled otherwise ("0-23") for one of some hours.
        return CronSim(" ".join((fields[0], "*", *fields[2:])), start)
    except CronSimError as error:
        raise _bad(cron, str(error)) from error


def _fields(cron: str) -> list[str]:
    if len(cron) > _LONGEST:
        raise _bad(cron[:20] + "...", f"longer than {_LONGEST} characters")
    fields = ALIASES.get(cron.strip().lower(), cron).split()
    if len(fields) != 5:
        raise _bad(cron, f"{len(fields)} fields instead of five")
    return fields


def _bad(cron: str, reason: str) -> Invalid:
    how = "give minute, hour, day of month, month and day of week, as in '30 3 * * *', or '@daily'"
    return Invalid("BAD_CRON", f"cron expression {cron!r} is not understood ({reason}): {how}")


def _between(times: CronSim, rules: ZoneInfo, after: int, until: int) -> Iterator[int]:
    latest = after
    try:
        for local in times:
            instant = _instant(local, rules)
            if instant > until:
                return
            # TRICKY: in the second pass of a repeated hour the clock on the wall shows times that fired in the first.
            if instant > latest:
                latest = instant
                yield instant
    except OverflowError:  # the end of the calendar
        return


def _instant(local: dt.datetime, rules: ZoneInfo) -> int:
    """The first instant that the clock on the wall shows this time, or, where it was skipped, a later minute."""
    if local.tzinfo is None:
        local = local.replace(tzinfo=rules)
        while local.astimezone(dt.UTC).astimezone(rules) != local:
            local += _MINUTE
    return (local - _EPOCH) // _MICROSECOND
