import datetime as dt

from hypothesis import given
from hypothesis import strategies as st

from keepsum.engine.days import Calendar
from keepsum.engine.schedule import check, fires, missed
from keepsum.model.day import day_number
from keepsum.model.errors import Invalid

HOUR = 3_600_000_000
DAY = 24 * HOUR
ZONES = (
    "UTC", "Europe/London", "America/New_York", "Australia/Lord_Howe", "Asia/Kathmandu", "Pacific/Apia",
    "Africa/Cairo", "America/Sao_Paulo", "Antarctica/Troll", "Asia/Beirut", "America/Juneau", "Africa/Casablanca",
)  # fmt: skip
FIRST, LAST = 0, day_number(dt.date(2037, 12, 31)) * DAY

zones = st.sampled_from(ZONES)
instants = st.integers(FIRST, LAST)
minutes, hours = st.integers(0, 59), st.integers(0, 23)
daily = st.builds("{} {} * * *".format, minutes, hours)
others = st.sampled_from(
    ("@hourly", "@weekly", "*/20 1 * * *", "0 */6 * * *", "15,45 0-3 * * *", "30 2 * * 0", "0 0 L * *")
)


@given(daily, zones, st.integers(1970, 2036))
def test_a_daily_schedule_fires_once_for_each_date_of_a_year(cron, zone_name, year):
    first, last = day_number(dt.date(year, 1, 1)), day_number(dt.date(year, 12, 31))
    calendar = Calendar(zone_name)
    start, end = calendar.day(first).start, calendar.day(last).end
    found = list(fires(cron, zone_name, start - 1, end - 1))
    assert len(found) == last - first + 1
    assert found == sorted(set(found))


@given(daily | others, zones, instants, st.integers(0, 40 * DAY), st.integers(0, 40 * DAY))
def test_where_one_asks_from_changes_nothing(cron, zone_name, start, one, two):
    middle, end = start + one, start + one + two
    whole = list(fires(cron, zone_name, start, end))
    parts = [*fires(cron, zone_name, start, middle), *fires(cron, zone_name, middle, end)]
    assert parts == whole
    assert missed(cron, zone_name, start, end) == (whole[-1] if whole else None)


@given(st.text("0123456789*/,-#LWSUNMOJAB @", max_size=20) | st.text(max_size=30))
def test_any_text_is_a_schedule_or_is_refused(cron):
    assert refusal_of(cron) in {None, "BAD_CRON"}


@given(st.lists(st.text("0123456789*/,-#LWSUNFEB", min_size=1, max_size=6), min_size=5, max_size=5), zones)
def test_any_five_fields_fire_in_order_or_are_refused(fields, zone_name):
    cron = " ".join(fields)
    assert refusal_of(cron) in {None, "BAD_CRON"}
    if refusal_of(cron) is None:
        found = list(fires(cron, zone_name, LAST, LAST + DAY))
        assert found == sorted(set(found))


def refusal_of(cron):
    try:
        check(cron, "UTC")
    except Invalid as refused:
        return refused.code
    return None
