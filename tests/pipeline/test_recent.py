"""Records of days that still change, as they were last read."""

from contextlib import contextmanager

import pytest
from tests.shops import PACK
from tests.systems import SALES, House, number, sale

from keepsum.pipeline.recent import MOST_CHUNKS, Recent
from keepsum.pipeline.records import read_records
from keepsum.store import days

NAMES = ("b_amount", "f_amount", "f_way", "subject")
DAY = "2026-02-01"


@pytest.fixture
def house(tmp_path):
    found = House(tmp_path, PACK, now="2026-02-01T12:00:00Z")
    yield found
    found.close()


@contextmanager
def snapshot(house):
    """A connection to one moment, and how the day stands in it."""
    with house.workspace.file.read() as connection:
        yield connection, days.state(connection, "sales", number(DAY))


def read(house, recent, at=None):
    """What is read through what is remembered, and what anew, at one moment."""
    if at is None:
        with snapshot(house) as now:
            return read(house, recent, now)
    connection, state = at
    asked = (house.workspace, connection, SALES)
    found, anew = recent.read(*asked, state, NAMES), read_records(*asked, (state,), NAMES)
    assert found.select(anew.column_names).to_pylist() == anew.to_pylist()
    return found.num_rows


def test_records_are_those_that_were_collected_in_their_order(house):
    recent = Recent()
    for count in range(1, 5):
        house.collect(sale(count, amount=count))
        assert read(house, recent) == count
    assert len(recent) == 4


def test_a_day_without_records_has_none(house):
    assert read(house, Recent()) == 0


def test_records_that_moved_into_files_are_read_from_there(house):
    recent = Recent()
    house.collect(*(sale(i) for i in range(5)))
    assert read(house, recent) == 5
    house.move_day(DAY)
    assert read(house, recent) == 5
    house.collect(sale("more", way="cash"))
    assert read(house, recent) == 6


def test_a_snapshot_never_sees_what_another_read_later(house):
    recent = Recent()
    house.collect(sale(1))
    with snapshot(house) as before:
        house.collect(sale(2))
        assert read(house, recent) == 2
        assert read(house, recent, before) == 1
    assert read(house, recent) == 2


def test_many_small_pieces_are_put_together(house):
    recent = Recent()
    for i in range(MOST_CHUNKS + 3):
        house.collect(sale(i))
        assert read(house, recent) == i + 1


def test_only_so_many_records_are_remembered(house):
    recent = Recent(most=3)
    for count in range(1, 6):
        house.collect(sale(count))
        assert read(house, recent) == count
    assert len(recent) == 0


def test_records_of_purged_days_are_forgotten(house):
    recent = Recent()
    house.collect(sale(1))
    read(house, recent)
    recent.forget(house.workspace.file.path, "sales", {number(DAY) + 1})
    assert len(recent) == 1
    recent.forget(house.workspace.file.path, "sales", {number(DAY)})
    assert len(recent) == 0
