import pytest

from keepsum.engine.days import Calendar
from keepsum.model.control import Control
from keepsum.store import days

DAY = 20_000
BIG = 10**27 + 7


def put(file, control, day=DAY, stream="sales"):
    with file.write() as connection:
        days.replace_control(connection, stream, day, control)


def state(file, day=DAY):
    with file.read() as connection:
        return days.state(connection, "sales", day)


def control(records, **sums):
    return Control(records=records, hash_a=records * 3, hash_b=2**64 - records, sums=sums)


def test_a_day_nobody_wrote_about_is_open_and_has_no_records(file):
    assert state(file) == days.DayState(stream="sales", day=DAY)
    assert state(file).status == "open"


@pytest.mark.parametrize("amount", [5, -5, BIG, -BIG, 10**9, -1, 0])
def test_a_control_comes_back_as_it_was_put(file, amount):
    put(file, control(2, amount=amount, weight=-1))
    assert state(file).control == control(2, amount=amount, weight=-1)


def test_a_control_that_is_put_in_place_of_another_leaves_nothing_of_it(file):
    put(file, control(3, amount=5, weight=9))
    put(file, control(1, amount=2))
    assert state(file).control == control(1, amount=2)


def test_a_forgotten_control_leaves_the_count(file):
    put(file, control(3, amount=5))
    with file.write() as connection:
        days.forget_control(connection, "sales", DAY)
    assert state(file).control.sums == {}
    assert state(file).control.records == 3


def test_days_and_streams_are_kept_apart(file):
    put(file, control(1, amount=1))
    put(file, control(2, amount=2), day=DAY + 1)
    put(file, control(4, amount=4), stream="returns")
    assert state(file).control.sums == {"amount": 1}
    with file.read() as connection:
        assert days.sums(connection, "sales", [DAY, DAY + 1, DAY + 2]) == {DAY: {"amount": 1}, DAY + 1: {"amount": 2}}
        assert {d: s.control.records for d, s in days.states(connection, "sales").items()} == {DAY: 1, DAY + 1: 2}
        assert list(days.states(connection, "sales", first=DAY + 1)) == [DAY + 1]
        assert list(days.states(connection, "sales", last=DAY)) == [DAY]


@pytest.mark.parametrize(
    ("values", "status"),
    [
        ({"moved": 0}, "open"),
        ({"touched": 2}, "open"),
        ({"touched": 2, "sealed": 2}, "sealed"),
        ({"touched": 3, "sealed": 2}, "touched"),
        ({"touched": 2, "sealed": 2, "held": "DAMAGED"}, "held"),
        ({"touched": 2, "sealed": 2, "purge": "purging"}, "purging"),
        ({"touched": 2, "sealed": 2, "purge": "purged", "held": "REAPPEARED"}, "purged"),
    ],
)
def test_a_day_has_one_status(file, values, status):
    with file.write() as connection:
        days.set_state(connection, "sales", DAY, **values)
    assert state(file).status == status


def test_an_interval_is_written_down_once(file):
    first = Calendar("Europe/London").day(DAY)
    other = Calendar("Asia/Kathmandu").day(DAY)
    with file.write() as connection:
        days.write_down(connection, [])
        days.write_down(connection, [first])
        days.write_down(connection, [other, Calendar("Europe/London").day(DAY - 1)])
    with file.read() as connection:
        assert [d.number for d in days.known(connection)] == [DAY - 1, DAY]
        assert days.known(connection)[1] == first
