import datetime as dt
import struct
from importlib.resources import files

import numpy as np
import pytest
import tzdata

from keepsum.engine.days import (
    TZDATA,
    Calendar,
    interval,
    period_start,
    periods,
    previous,
    zone,
)
from keepsum.model.day import LAST_NUMBER, Day, Grain, date_of, day_number
from keepsum.model.errors import Invalid

HOUR = 3_600_000_000
MONDAY, SUNDAY = 0, 6


def number(text):
    return day_number(dt.date.fromisoformat(text))


def micros(text):
    return int(dt.datetime.fromisoformat(text).timestamp()) * 1_000_000


def hours(text, zone_name):
    day = interval(number(text), zone_name)
    return (day.end - day.start) / HOUR


def test_a_day_says_by_which_rules_it_was_cut():
    day = interval(number("2024-07-01"), "Europe/London")
    assert day == Day(
        number=19905,
        zone="Europe/London",
        tzdata=tzdata.__version__,
        start=micros("2024-06-30T23:00+00:00"),
        end=micros("2024-07-01T23:00+00:00"),
    )
    assert day.date == dt.date(2024, 7, 1)
    assert tzdata.__version__ == TZDATA


def test_a_day_that_does_not_exist_is_empty():
    missing = interval(number("2011-12-30"), "Pacific/Apia")
    assert missing.start == missing.end == micros("2011-12-30T10:00+00:00")
    assert interval(number("2011-12-29"), "Pacific/Apia").end == missing.start
    assert interval(number("2011-12-31"), "Pacific/Apia").start == missing.end


@pytest.mark.parametrize(
    ("date", "zone_name", "length"),
    [
        ("2024-03-10", "America/New_York", 23),
        ("2024-11-03", "America/New_York", 25),
        ("2024-04-07", "Australia/Lord_Howe", 24.5),
        ("2024-10-06", "Australia/Lord_Howe", 23.5),
        ("1986-01-01", "Asia/Kathmandu", 23.75),
        ("2024-05-05", "Asia/Kathmandu", 24),
        ("2024-03-31", "Antarctica/Troll", 22),
        ("1983-10-30", "America/Juneau", 26),
    ],
)
def test_days_are_as_long_as_their_clocks_say(date, zone_name, length):
    assert hours(date, zone_name) == length


@pytest.mark.parametrize(
    ("date", "zone_name", "start"),
    [
        ("2018-11-04", "America/Sao_Paulo", "2018-11-04T03:00+00:00"),
        ("2024-04-26", "Africa/Cairo", "2024-04-25T22:00+00:00"),
        ("2018-03-25", "Asia/Beirut", "2018-03-24T22:00+00:00"),
    ],
)
def test_a_day_whose_midnight_is_skipped_starts_at_the_change(date, zone_name, start):
    assert interval(number(date), zone_name).start == micros(start)
    assert hours(date, zone_name) == 23


def test_an_hour_repeated_over_midnight_stays_with_the_later_day():
    # At 00:01 of 29 October the clocks of Newfoundland went back to 23:01 of the 28th.
    first_midnight = micros("2006-10-29T02:30+00:00")
    assert interval(number("2006-10-28"), "America/St_Johns").end == first_midnight
    assert hours("2006-10-29", "America/St_Johns") == 25
    repeated_evening = first_midnight + 10 * 60_000_000
    assert Calendar("America/St_Johns").number_of(repeated_evening) == number("2006-10-29")


def test_an_hour_repeated_up_to_midnight_stays_with_the_earlier_day():
    assert hours("2024-10-31", "Africa/Cairo") == 25


@pytest.mark.parametrize(
    "name",
    ["", "Nowhere/City", "../tzdata/__init__.py", "/etc/localtime", "Europe/../Europe/London", "europe/london", "Zoné",
     "Europe", "Europe/London\n", "Europe//London"],
)  # fmt: skip
def test_an_unknown_zone_is_refused_by_name(name):
    with pytest.raises(Invalid, match="UNKNOWN_ZONE") as caught:
        zone(name)
    assert repr(name) in caught.value.message


def test_a_number_that_no_calendar_holds_is_refused():
    for number_ in (10**9, -(10**9), LAST_NUMBER + 1):
        with pytest.raises(Invalid, match="DAY_OUT_OF_RANGE"):
            interval(number_, "UTC")
    with pytest.raises(Invalid, match="DAY_OUT_OF_RANGE"):
        date_of(LAST_NUMBER + 1)


def test_no_zone_changes_its_clock_twice_within_the_steps_of_the_search():
    def changes(name):
        data = files("tzdata").joinpath("zoneinfo", *name.split("/")).read_bytes()
        utc, standard, leaps, times, types, letters = struct.unpack(">6l", data[20:44])
        second = 44 + times * 5 + types * 6 + letters + leaps * 8 + standard + utc
        count = struct.unpack(">l", data[second + 32 : second + 36])[0]
        return np.frombuffer(data, ">i8", count, second + 44).astype(np.int64)

    names = files("tzdata").joinpath("zones").read_text("utf-8").split()
    assert len(names) > 500
    assert min(np.diff(changes(name)).min(initial=10**9) for name in names) > 48 * 3600


def test_a_calendar_finds_the_day_of_every_instant():
    calendar = Calendar("Pacific/Apia")
    instants = ["2011-12-30T09:59:59+00:00", "2011-12-30T10:00:00+00:00", "2011-12-31T09:59:59+00:00"]
    expected = [number("2011-12-29"), number("2011-12-31"), number("2011-12-31")]
    assert calendar.numbers_of(np.array([micros(i) for i in instants])).tolist() == expected
    assert [calendar.number_of(micros(i)) for i in instants] == expected


def test_a_calendar_takes_no_times_and_times_far_apart():
    calendar = Calendar("Europe/London")
    assert calendar.numbers_of(np.array([], np.int64)).tolist() == []
    dates = ["1970-01-01", "1971-06-01", "2024-07-01", "2199-12-31"]
    times = np.array([micros(f"{date}T12:00+00:00") for date in dates])
    assert calendar.numbers_of(times).tolist() == [number(date) for date in dates]
    assert calendar.numbers_of(times[:2]).tolist() == [number(date) for date in dates[:2]]
    assert calendar.numbers_of(times[2:3]).tolist() == [number("2024-07-01")]


def test_a_time_that_no_calendar_holds_is_refused():
    calendar = Calendar("Europe/London")
    for time in (2**63 - 1, -(2**63)):
        with pytest.raises(Invalid, match="TIME_OUT_OF_RANGE"):
            calendar.number_of(time)
        with pytest.raises(Invalid, match="OUT_OF_RANGE"):
            calendar.numbers_of(np.array([0, time]))


def known(date, start, end):
    return Day(number=number(date), zone="Europe/London", tzdata="2001.1", start=micros(start), end=micros(end))


def test_a_day_written_down_is_never_cut_again_and_its_neighbours_meet_it():
    # Written down when the clocks were thought to change on the 29th.
    written = known("2024-03-29", "2024-03-29T00:00+00:00", "2024-03-29T23:00+00:00")
    calendar = Calendar("Europe/London", [written])
    assert calendar.day(written.number) is written
    after = calendar.day(written.number + 1)
    assert (after.start, after.end) == (written.end, micros("2024-03-31T00:00+00:00"))
    assert calendar.day(written.number - 1).end == written.start
    assert calendar.number_of(written.end) == after.number
    assert calendar.number_of(written.end - 1) == written.number


def test_known_days_that_overlap_or_leave_a_gap_are_refused():
    first = known("2024-03-01", "2024-03-01T00:00+00:00", "2024-03-02T00:00+00:00")
    overlapping = known("2024-03-02", "2024-03-01T23:00+00:00", "2024-03-03T00:00+00:00")
    late = known("2024-03-02", "2024-03-02T01:00+00:00", "2024-03-03T00:00+00:00")
    for second in (overlapping, late):
        with pytest.raises(Invalid, match="DAYS_OVERLAP"):
            Calendar("Europe/London", [second, first])


def test_a_range_of_days_includes_both_ends():
    calendar = Calendar("Asia/Kathmandu")
    days = calendar.range(number("2024-02-28"), number("2024-03-01"))
    assert [str(day.date) for day in days] == ["2024-02-28", "2024-02-29", "2024-03-01"]
    assert calendar.range(5, 4) == []


@pytest.mark.parametrize(
    ("grain", "week_start", "start"),
    [
        (Grain.DAY, MONDAY, "2024-05-15"),
        (Grain.WEEK, MONDAY, "2024-05-13"),
        (Grain.WEEK, SUNDAY, "2024-05-12"),
        (Grain.WEEK, 2, "2024-05-15"),
        (Grain.WEEK, 3, "2024-05-09"),
        (Grain.MONTH, MONDAY, "2024-05-01"),
        (Grain.QUARTER, MONDAY, "2024-04-01"),
        (Grain.YEAR, MONDAY, "2024-01-01"),
        (Grain.ALL, MONDAY, "1970-01-01"),
    ],
)
def test_a_period_starts_where_its_grain_says(grain, week_start, start):
    assert date_of(period_start(number("2024-05-15"), grain, week_start)) == dt.date.fromisoformat(start)


def spans(first, last, grain, week_start=MONDAY):
    found = periods(number(first), number(last), grain, week_start)
    return [f"{date_of(start)} {date_of(end)}" for start, end in found]


def test_periods_are_whole_even_where_the_range_is_not():
    assert spans("2024-02-28", "2024-03-01", Grain.MONTH) == ["2024-02-01 2024-02-29", "2024-03-01 2024-03-31"]
    assert spans("2024-02-28", "2024-04-01", Grain.QUARTER) == ["2024-01-01 2024-03-31", "2024-04-01 2024-06-30"]
    assert spans("2023-12-31", "2024-01-01", Grain.YEAR) == ["2023-01-01 2023-12-31", "2024-01-01 2024-12-31"]
    assert spans("2024-05-12", "2024-05-13", Grain.WEEK) == ["2024-05-06 2024-05-12", "2024-05-13 2024-05-19"]
    assert spans("2024-05-12", "2024-05-13", Grain.WEEK, SUNDAY) == ["2024-05-12 2024-05-18"]
    assert spans("2024-05-12", "2024-05-13", Grain.DAY) == ["2024-05-12 2024-05-12", "2024-05-13 2024-05-13"]
    assert spans("2024-05-12", "2024-06-13", Grain.ALL) == ["2024-05-12 2024-06-13"]
    assert spans("2024-05-12", "2024-05-11", Grain.ALL) == []


@pytest.mark.parametrize(
    ("first", "last", "expected"),
    [
        ("2024-03-01", "2024-03-31", "2024-02-01 2024-02-29"),
        ("2024-04-01", "2024-06-30", "2024-01-01 2024-03-31"),
        ("2024-01-01", "2024-12-31", "2023-01-01 2023-12-31"),
        ("2024-01-01", "2024-02-29", "2023-11-01 2023-12-31"),
        ("2024-03-01", "2024-03-30", "2024-01-31 2024-02-29"),
        ("2024-05-13", "2024-05-19", "2024-05-06 2024-05-12"),
        ("2024-05-13", "2024-05-13", "2024-05-12 2024-05-12"),
    ],
)
def test_the_previous_period_has_as_many_whole_months_or_else_days(first, last, expected):
    before = previous(number(first), number(last))
    assert " ".join(str(date_of(n)) for n in before) == expected
