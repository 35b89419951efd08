import pytest

from keepsum import FOREVER, days
from keepsum.engine.days import Calendar
from keepsum.engine.reread import Nearing, days_to_read

CALENDAR = Calendar("Europe/Berlin")
TODAY = 20_000
NOW = CALENDAR.day(TODAY).start + 7_200_000_000
KEPT = Nearing(keep=days(30), before=days(7), purges=True)


def read(ended, *, settled=(), final=(), nearing=KEPT):
    return days_to_read(ended, settled=settled, final=final, nearing=nearing, calendar=CALENDAR, now=NOW)


def test_days_that_are_not_sealed_as_they_stand_are_read():
    assert read([19_990, 19_991, 19_992], settled={19_991}) == [19_990, 19_992]


def test_days_whose_figures_are_final_are_never_read():
    assert read([19_900, 19_999], final={19_900}) == [19_999]


def test_a_sealed_day_is_read_every_night_from_a_week_before_its_deadline():
    every = range(TODAY - 40, TODAY)
    assert read(every, settled=set(every)) == list(range(TODAY - 40, TODAY - 22))


def test_where_nobody_lets_rows_be_purged_days_past_their_deadline_are_left_in_peace_after_a_week():
    every = range(TODAY - 60, TODAY)
    found = read(every, settled=set(every), nearing=Nearing(keep=days(30), before=days(7), purges=False))
    assert found == list(range(TODAY - 37, TODAY - 22))


@pytest.mark.parametrize("keep", [FOREVER, days(400)])
def test_a_sealed_day_far_from_its_deadline_is_not_read_again(keep):
    every = range(TODAY - 300, TODAY)
    assert read(every, settled=set(every), nearing=Nearing(keep=keep, before=days(7), purges=True)) == []
