import datetime as dt
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from keepsum import Epoch, Local, LocalDate, Utc, Zoned
from keepsum.engine.clocks import bounds, instants, raw, sorts
from keepsum.engine.days import interval
from keepsum.model.day import Day, day_number

HOUR = 3_600_000_000
# Days around changes of clocks: by an hour, by half an hour, over midnight, and one that never was.
CHANGES = (
    ("Europe/Berlin", dt.date(2025, 3, 30)),
    ("Europe/Berlin", dt.date(2025, 10, 26)),
    ("Australia/Lord_Howe", dt.date(2025, 4, 6)),
    ("Australia/Lord_Howe", dt.date(2025, 10, 5)),
    ("America/Sao_Paulo", dt.date(2018, 11, 4)),
    ("America/Sao_Paulo", dt.date(2018, 2, 18)),
    ("Pacific/Apia", dt.date(2011, 12, 30)),
    ("Asia/Kolkata", dt.date(2025, 3, 30)),
)
ZONES = st.sampled_from([zone for zone, _ in CHANGES] + ["UTC", "America/New_York"])


def one(clock, value):
    found = instants(clock, [value])
    assert not found.malformed[0]
    assert not found.skipped[0]
    return int(found.times[0])


def local(text):
    return dt.datetime.fromisoformat(text)


def at(text):
    return round(dt.datetime.fromisoformat(text).timestamp()) * 1_000_000


@given(
    st.sampled_from(CHANGES),
    ZONES,
    st.sampled_from(["first", "second"]),
    st.sampled_from(["later", "earlier", "hold"]),
    st.integers(-1, 1),
    st.lists(st.integers(-40 * 60, 40 * 60), min_size=1, max_size=60),
)
def test_a_local_time_is_in_a_days_ranges_when_its_instant_is_in_the_day(
    change, days_zone, ambiguous, missing, near, minutes
):
    zone, date = change
    clock = Local("at", zone=zone, ambiguous=ambiguous, missing=missing)
    day = interval(day_number(date) + near, days_zone)
    noon = dt.datetime.combine(date, dt.time(12))
    values = [noon + dt.timedelta(minutes=minute) for minute in minutes]
    found = instants(clock, values)
    ranges = bounds(clock, day, "postgres")
    for value, instant, skipped in zip(values, found.times.tolist(), found.skipped.tolist(), strict=True):
        within = [str(low) <= value.isoformat(" ") < str(high) for low, high in ranges]
        assert sum(within) == (day.start <= instant < day.end)
        there = (value.replace(tzinfo=ZoneInfo(zone)) - dt.datetime(1970, 1, 1, tzinfo=dt.UTC)) // dt.timedelta(
            microseconds=1
        )
        if not skipped and ambiguous == "first" and missing == "later":
            assert instant == there  # Python's own rule for fold=0


@pytest.mark.parametrize(
    ("rule", "expected"), [("first", "2025-10-26T00:30:00+00:00"), ("second", "2025-10-26T01:30:00+00:00")]
)
def test_an_hour_that_came_twice_is_the_first_or_the_second(rule, expected):
    clock = Local("at", zone="Europe/Berlin", ambiguous=rule)
    assert one(clock, local("2025-10-26 02:30:00")) == at(expected)


def test_a_time_that_was_skipped_is_later_or_earlier_or_of_nobody():
    skipped = local("2025-03-30 02:30:00")
    assert one(Local("at", zone="Europe/Berlin"), skipped) == at("2025-03-30T03:30:00+02:00")
    assert one(Local("at", zone="Europe/Berlin", missing="earlier"), skipped) == at("2025-03-30T01:30:00+01:00")
    found = instants(Local("at", zone="Europe/Berlin", missing="hold"), [skipped, local("2025-03-30 03:00:00")])
    assert found.skipped.tolist() == [True, False]


def test_a_day_of_one_zone_is_one_range_of_another_one():
    day = interval(day_number(dt.date(2025, 3, 30)), "Europe/Berlin")
    clock = Local("at", zone="Europe/Berlin")
    assert bounds(clock, day, "mysql") == (("2025-03-30 00:00:00", "2025-03-31 00:00:00"),)
    assert bounds(Utc("at"), day, "mysql") == (("2025-03-29 23:00:00", "2025-03-30 22:00:00"),)


def test_where_a_day_begins_inside_a_gap_its_local_times_lie_apart():
    # Lord Howe's clocks skip from 02:00 to 02:30 at 15:30 UTC; a skipped 02:15 is taken as 02:45, after 15:40 UTC.
    day = Day(
        number=20_365, zone="UTC", tzdata="", start=at("2025-10-04T15:40:00+00:00"), end=at("2025-10-05T10:00:00+00:00")
    )
    ranges = bounds(Local("at", zone="Australia/Lord_Howe"), day, "sqlite")
    assert ranges == (("2025-10-05 02:10:00", "2025-10-05 02:30:00"), ("2025-10-05 02:40:00", "2025-10-05 21:00:00"))


@pytest.mark.parametrize(("unit", "factor"), [("s", 1), ("ms", 1_000), ("us", 1_000_000)])
def test_an_epoch_counts_in_its_unit(unit, factor):
    clock = Epoch("at", unit=unit)
    day = interval(day_number(dt.date(2025, 1, 2)), "UTC")
    ((low, high),) = bounds(clock, day, "sqlite")
    assert (low, high) == (1_735_776_000 * factor, 1_735_862_400 * factor)
    assert one(clock, low) == day.start
    assert instants(clock, [1.5, "1", True, None, -1, 10**30]).malformed.all()


def test_a_pattern_is_read_to_the_letter():
    clock = Utc("at", pattern="%Y/%m/%d %H.%M")
    day = interval(day_number(dt.date(2025, 1, 2)), "UTC")
    assert bounds(clock, day, "mysql") == (("2025/01/02 00.00", "2025/01/03 00.00"),)
    assert one(clock, "2025/01/02 10.30") == day.start + 10 * HOUR + HOUR // 2
    wrong = ["2025-01-02 10.30", "2025/01/02 10.30 ", "2025/13/02 10.30", "2025/01/02 10.3", None, 5]
    assert instants(clock, wrong).malformed.all()


def test_a_bound_between_two_texts_is_the_later_one():
    assert raw(Utc("at", pattern="%Y-%m-%d %H:%M"), at("2025-01-02T00:00:30+00:00"), "mysql") == "2025-01-02 00:01"
    assert raw(Epoch("at"), 1_500_000, "mysql") == 2


@pytest.mark.parametrize(
    ("pattern", "sortable"),
    [
        ("%Y-%m-%d %H:%M:%S", True),
        ("%Y%m%d%H%M", True),
        ("%d.%m.%Y %H:%M", False),
        ("%Y-%m-%d", False),
        ("%H:%M", False),
    ],
)
def test_a_pattern_sorts_from_the_year_down(pattern, sortable):
    assert sorts(pattern) is sortable


def test_zoned_times_come_as_each_database_has_them():
    moment = at("2025-03-30T10:00:00+00:00")
    aware = dt.datetime(2025, 3, 30, 12, tzinfo=dt.timezone(dt.timedelta(hours=2)))
    for value in (aware, local("2025-03-30 10:00:00"), "2025-03-30T12:00:00+02:00", "2025-03-30 10:00:00Z"):
        assert one(Zoned("at"), value) == moment
    wrong = ["2025-03-30T12:00:00", "2025-03-30", "0000-00-00 00:00:00", None, 1]
    assert instants(Zoned("at"), wrong).malformed.all()


def test_texts_of_sqlite_are_iso_8601_to_the_second():
    assert one(Utc("at"), "2025-03-30 10:00:00.5") == at("2025-03-30T10:00:00+00:00") + 500_000
    assert one(Utc("at"), "2025-03-30T10:00:00") == at("2025-03-30T10:00:00+00:00")
    wrong = ["2025-03-30 10:00", "2025-03-30", "2025-03-30 10:00:00Z", "20250330 100000", "", 1_700_000_000]
    assert instants(Utc("at"), wrong).malformed.all()


def test_a_date_is_its_midnight_in_utc():
    day = interval(day_number(dt.date(2025, 3, 30)), "Europe/Berlin")
    assert bounds(LocalDate("day"), day, "sqlite") == (("2025-03-30", "2025-03-31"),)
    for value in (dt.date(2025, 3, 30), "2025-03-30"):
        assert one(LocalDate("day"), value) == day.number * 24 * HOUR
    assert instants(LocalDate("day"), [local("2025-03-30"), "30.03.2025", 5, None]).malformed.all()


def test_times_that_stand_for_something_else_are_none():
    never = [local("0001-01-01"), local("1969-12-31 23:00"), local("9999-12-31")]
    for clock in (Utc("at"), Local("at", zone="Europe/Berlin")):
        assert instants(clock, never).malformed.all()


def test_the_ends_of_a_table_may_be_years_apart():
    clock = Local("at", zone="Europe/Berlin")
    found = instants(clock, [local("1999-07-01 12:00:00"), local("2025-01-01 12:00:00")])
    assert found.times.tolist() == [at("1999-07-01T10:00:00+00:00"), at("2025-01-01T11:00:00+00:00")]


@given(
    st.sampled_from(
        [Zoned("at"), Utc("at"), Local("at", zone="Europe/Berlin"), Local("at", zone="Asia/Kolkata", missing="hold")]
    ),
    st.booleans(),
    st.lists(st.none() | st.datetimes(local("1960-01-01"), local("9999-12-31")), min_size=1, max_size=5),
)
def test_times_that_come_together_are_what_they_are_one_by_one(clock, zoned, times):
    values = [time if time is None or not zoned else time.replace(tzinfo=ZoneInfo("UTC")) for time in times]
    together = instants(clock, values)
    one_by_one = instants(clock, [*values, "no time"])  # which no array of times holds
    for name in ("times", "malformed", "skipped"):
        assert getattr(together, name).tolist() == getattr(one_by_one, name).tolist()[:-1]
    assert one_by_one.malformed[-1]
