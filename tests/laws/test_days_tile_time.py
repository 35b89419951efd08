import datetime as dt
import functools
import itertools
from importlib.resources import files

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from keepsum.engine.days import Calendar, interval, period_start, periods, zone
from keepsum.model.day import Grain, date_of, day_number

NAMED = [
    "Pacific/Apia", "Australia/Lord_Howe", "Asia/Kathmandu", "America/New_York", "America/Sao_Paulo",
    "America/St_Johns", "Africa/Cairo", "Antarctica/Troll", "Europe/London", "UTC",
]  # fmt: skip
NAIVE = st.datetimes(dt.datetime(1900, 1, 1), dt.datetime(2100, 1, 1))  # noqa: DTZ001 -- wall clocks have no zone
ZONES = st.sampled_from(NAMED) | st.sampled_from(files("tzdata").joinpath("zones").read_text("utf-8").split())
DAY = 86_400_000_000


@functools.lru_cache(16)
def calendar_of(zone_name):
    return Calendar(zone_name)


def local_date(time, zone_name):
    instant = dt.datetime(1970, 1, 1, tzinfo=dt.UTC) + dt.timedelta(microseconds=time)
    return instant.astimezone(zone(zone_name)).date()


def offset(instant, zone_name):
    return instant.astimezone(zone(zone_name)).utcoffset() or dt.timedelta(0)


@given(ZONES, st.integers(1900, 2100))
def test_the_days_of_any_zone_and_year_tile_time(zone_name, year):
    first, last = day_number(dt.date(year - 1, 12, 30)), day_number(dt.date(year + 1, 1, 2))
    days = Calendar(zone_name).range(first, last)
    assert all(day.end == following.start for day, following in itertools.pairwise(days))
    assert all(0 <= day.end - day.start <= 50 * 3_600_000_000 for day in days)
    assert days[7] == interval(first + 7, zone_name)


@given(ZONES, st.dates(dt.date(1900, 1, 1), dt.date(2100, 1, 1)))
def test_a_day_starts_at_the_first_instant_of_its_date_or_a_later_one(zone_name, date):
    start = interval(day_number(date), zone_name).start
    assert local_date(start, zone_name) >= date
    earlier = (start - 1, *range(start - 1_000_000, start - 30 * 3_600_000_000, -900_000_000))
    assert all(local_date(time, zone_name) < date for time in earlier)


@given(ZONES, st.lists(st.integers(-(2**51), 2**52), min_size=1, max_size=8))
def test_every_instant_falls_into_exactly_the_day_that_holds_it(zone_name, times):
    calendar = calendar_of(zone_name)
    numbers = calendar.numbers_of(np.array(times, np.int64)).tolist()
    assert numbers == [calendar.number_of(time) for time in times]
    for time, number in zip(times, numbers, strict=True):
        day = calendar.day(number)
        assert day.start <= time < day.end


@given(ZONES, st.integers(-(2**50), 2**52), st.integers(0, 20 * DAY))
def test_the_order_in_which_times_are_asked_changes_nothing(zone_name, time, distance):
    forward, backward = Calendar(zone_name), Calendar(zone_name)
    ask = np.array([time, time + distance], np.int64)
    assert forward.numbers_of(ask).tolist() == backward.numbers_of(ask[::-1].copy()).tolist()[::-1]
    number = forward.number_of(time)
    assert forward.range(number, number + 2) == backward.range(number, number + 2)


@given(st.integers(-20_000, 40_000), st.integers(0, 800), st.sampled_from(Grain), st.integers(0, 6))
def test_periods_tile_the_range_they_cover(first, length, grain, week_start):
    found = periods(first, first + length, grain, week_start)
    assert found[0][0] <= first <= found[0][1]
    assert found[-1][0] <= first + length <= found[-1][1]
    assert all(end + 1 == start for (_, end), (start, _) in itertools.pairwise(found))
    if grain is not Grain.ALL:
        assert all(period_start(day, grain, week_start) == start for start, end in found for day in (start, end))
    if grain is Grain.WEEK:
        assert all(date_of(start).weekday() == week_start for start, _ in found)
