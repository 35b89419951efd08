import datetime as dt

import pytest

from keepsum.engine.schedule import check, fires, missed, next_fire
from keepsum.model.errors import Invalid

MINUTE = 60_000_000


def micros(text):
    return int(dt.datetime.fromisoformat(text + "+00:00").timestamp()) * 1_000_000


def times(cron, zone_name, after, until):
    instants = fires(cron, zone_name, micros(after), micros(until))
    return [f"{dt.datetime.fromtimestamp(instant / 1e6, dt.UTC):%d %H:%M}" for instant in instants]


def test_a_schedule_follows_the_clock_of_its_zone_through_summer_and_winter():
    assert times("30 3 * * *", "Europe/London", "2011-03-26T00:00", "2011-03-28T12:00") == [
        "26 03:30",
        "27 02:30",
        "28 02:30",
    ]


def test_a_time_that_happens_twice_fires_the_first_time_only():
    assert times("30 1 * * *", "America/New_York", "2024-11-02T12:00", "2024-11-04T12:00") == ["03 05:30", "04 06:30"]
    assert times("*/20 1 3 11 *", "America/New_York", "2024-11-03T00:00", "2024-11-04T00:00") == [
        "03 05:00",
        "03 05:20",
        "03 05:40",
    ]


def test_a_time_that_happens_twice_does_not_fire_again_when_asked_in_its_second_pass():
    second_pass = "2024-11-03T06:10"  # 01:10 again on the clock of New York
    assert times("30 1 * * *", "America/New_York", second_pass, "2024-11-04T12:00") == ["04 06:30"]


def test_times_that_do_not_exist_fire_together_once_when_the_gap_is_over():
    assert times("30 2 * * *", "America/New_York", "2024-03-09T12:00", "2024-03-11T12:00") == ["10 07:00", "11 06:30"]
    assert times("*/20 2 * * *", "America/New_York", "2024-03-10T00:00", "2024-03-11T00:00") == ["10 07:00"]
    assert times("0 2,3 * * *", "America/New_York", "2024-03-10T00:00", "2024-03-11T00:00") == ["10 07:00"]


def test_a_midnight_that_does_not_exist_fires_at_the_first_minute_of_the_day():
    assert times("@daily", "Africa/Cairo", "2024-04-25T12:00", "2024-04-27T00:00") == ["25 22:00", "26 21:00"]
    assert times("0 */6 * * *", "Africa/Cairo", "2024-04-25T18:00", "2024-04-26T06:00") == ["25 22:00", "26 03:00"]


def test_a_day_that_does_not_exist_fires_once_when_the_next_begins():
    assert times("30 2 * * *", "Pacific/Apia", "2011-12-29T00:00", "2011-12-31T00:00") == [
        "29 12:30",
        "30 10:00",
        "30 12:30",
    ]


@pytest.mark.parametrize("cron", ["@hourly", "0 * * * *", "0 0-23 * * *", "0 */1 * * *"])
def test_a_schedule_of_every_hour_fires_every_hour_that_passes(cron):
    assert times(cron, "America/New_York", "2024-11-03T04:30", "2024-11-03T08:00") == [
        "03 05:00",
        "03 06:00",
        "03 07:00",
        "03 08:00",
    ]
    assert times(cron, "America/New_York", "2024-03-10T05:30", "2024-03-10T08:00") == [
        "10 06:00",
        "10 07:00",
        "10 08:00",
    ]


def test_the_first_border_is_excluded_and_the_last_included():
    noon = micros("2024-01-01T12:00")
    assert list(fires("0 12 * * *", "UTC", noon - 1, noon)) == [noon]
    assert list(fires("0 12 * * *", "UTC", noon, noon + 1)) == []
    assert list(fires("0 12 * * *", "UTC", noon, noon - 5 * MINUTE)) == []


def test_aliases_mean_what_cron_means_by_them():
    start = micros("2024-01-01T00:00")
    found = {alias: next_fire(alias, "UTC", start) for alias in ("@yearly", "@monthly", "@weekly", "@DAILY", "@hourly")}
    assert found == {
        "@yearly": micros("2025-01-01T00:00"),
        "@monthly": micros("2024-02-01T00:00"),
        "@weekly": micros("2024-01-07T00:00"),
        "@DAILY": micros("2024-01-02T00:00"),
        "@hourly": micros("2024-01-01T01:00"),
    }


def test_a_long_downtime_is_one_missed_run_the_latest():
    assert missed("0 3 * * *", "UTC", micros("2024-01-01T04:00"), micros("2024-02-01T12:00")) == micros(
        "2024-02-01T03:00"
    )
    assert missed("* * * * *", "UTC", micros("2000-01-01T00:00"), micros("2024-02-01T12:00")) == micros(
        "2024-02-01T12:00"
    )
    assert missed("0 0 1 1 *", "UTC", micros("2019-06-01T00:00"), micros("2024-06-01T00:00")) == micros(
        "2024-01-01T00:00"
    )


def test_nothing_is_missed_before_its_time_or_by_a_clock_that_went_back():
    fired = micros("2024-01-02T03:00")
    assert missed("0 3 * * *", "UTC", fired, fired) is None
    assert missed("0 3 * * *", "UTC", fired, fired + 23 * 60 * MINUTE) is None
    assert missed("0 3 * * *", "UTC", fired, micros("2023-12-01T12:00")) is None


def test_a_schedule_at_the_end_of_the_calendar_ends():
    assert next_fire("0 3 * * *", "UTC", micros("9999-01-01T00:00")) is None
    assert list(fires("0 0 29 2 *", "UTC", micros("9999-01-01T00:00"), micros("9999-12-31T00:00"))) == []


@pytest.mark.parametrize(
    "cron",
    [
        "",
        "   ",
        "@reboot",
        "* * * *",
        "* * * * * *",
        "60 * * * *",
        "0 24 * * *",
        "0 0 31 2 *",
        "*/0 * * * *",
        "x * * * *",
        "0 0 * * 9" + "9" * 5_000,
        "0 0 * * \u00b2L",
    ],
)
def test_a_bad_expression_is_refused_at_once(cron):
    with pytest.raises(Invalid) as refused:
        check(cron, "UTC")
    assert refused.value.code == "BAD_CRON"
    assert len(refused.value.message) < 300
    with pytest.raises(Invalid):
        fires(cron, "UTC", 0, 1)


def test_an_unknown_zone_is_refused_at_once():
    for ask in (lambda: check("@daily", "Europe/Lndon"), lambda: fires("@daily", "Europe/Lndon", 0, 1)):
        with pytest.raises(Invalid) as refused:
            ask()
        assert refused.value.code == "UNKNOWN_ZONE"
