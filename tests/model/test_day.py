import datetime as dt
import pickle

import pytest

from keepsum.model.day import FIRST_NUMBER, LAST_NUMBER, Day, Grain, date_in, date_of, day_number
from keepsum.model.errors import Invalid


def test_days_are_counted_from_1970():
    assert day_number(dt.date(1970, 1, 1)) == 0
    assert day_number(dt.date(1969, 12, 31)) == -1
    assert date_of(18_262) == dt.date(2020, 1, 1)


def test_a_date_is_read_in_one_form():
    assert date_in("2024-02-29") == dt.date(2024, 2, 29)
    for text in ("20240229", "2024-W09-4", "2023-02-29", "2024-2-9", " 2024-02-29", "2024-02-29T00:00", ""):
        assert date_in(text) is None


@pytest.mark.parametrize("number", [FIRST_NUMBER, -1, 0, 20_000, LAST_NUMBER])
def test_a_number_and_its_date_are_the_same_day(number):
    assert day_number(date_of(number)) == number


@pytest.mark.parametrize("number", [FIRST_NUMBER - 1, LAST_NUMBER + 1, 10**12])
def test_a_number_without_a_date_is_refused(number):
    with pytest.raises(Invalid, match="DAY_OUT_OF_RANGE"):
        date_of(number)


def test_a_day_knows_its_date_and_travels_between_processes():
    day = Day(number=18_262, zone="UTC", tzdata="2026.6", start=0, end=1)
    assert day.date == dt.date(2020, 1, 1)
    assert pickle.loads(pickle.dumps(day)) == day


def test_a_grain_is_the_word_that_a_query_uses():
    assert [grain.value for grain in Grain] == ["day", "week", "month", "quarter", "year", "all"]
    assert Grain("month") is Grain.MONTH
