"""How many days stand at once."""

import datetime as dt

import pytest
from sqlalchemy import create_engine
from sqlalchemy.pool import StaticPool

from keepsum import Stream
from keepsum import days as lasting
from keepsum.model.ledger import Kind
from keepsum.store import days, ledger, rollups, standing
from keepsum.store.rollups import Covered, Published
from keepsum.store.standing import ShownDay
from keepsum.store.tables import workspace_file


@pytest.fixture
def connection():
    engine = create_engine("sqlite://", poolclass=StaticPool)
    workspace_file.create_all(engine)
    with engine.begin() as opened:
        yield opened
    engine.dispose()


def stream(name, **more):
    return Stream(name, time="at", key="id", keep=lasting(30), fields=(), **more)


def cover(connection, *numbers):
    for day in numbers:
        rollups.cover(connection, [Covered(table="t", day=day, seal=1, rows=0, content="", parts="")])


def test_days_are_sorted_by_what_is_known_of_them(connection):
    days.set_state(connection, "s", 10, touched=1, sealed=1, purge="purged")
    days.set_state(connection, "s", 11, touched=2, sealed=1)
    days.set_state(connection, "s", 12, touched=0, sealed=0)
    days.set_state(connection, "s", 13, touched=3, held="DAMAGED")
    days.set_state(connection, "s", 15, touched=1, sealed=1, purge="purging")
    found = standing.stood(connection, "s", 10, 15)
    assert found.noted == {10, 11, 12, 13, 15}
    assert (found.collected, found.sealed) == ({10, 11, 13, 15}, {10, 12, 15})
    assert (found.purged, found.damaged) == ({10, 15}, {13})


def test_days_that_follow_each_other_are_found_as_well_as_those_with_gaps(connection):
    for day in (*range(10, 20), 30):
        days.set_state(connection, "s", day, touched=1, sealed=1)
    assert standing.stood(connection, "s", 5, 19).sealed == frozenset(range(10, 20))
    assert standing.stood(connection, "s", 12, 40).sealed == {*range(12, 20), 30}


def test_the_first_day_is_that_of_the_first_record_wherever_the_range_is(connection):
    days.set_state(connection, "s", 3, touched=0, sealed=0)
    days.set_state(connection, "s", 4, touched=1)
    assert standing.begin(connection, stream("s")) == 4
    assert standing.begin(connection, stream("other")) is None
    assert standing.begin(connection, stream("other", start=dt.date(1970, 1, 3))) == 2


def test_a_stream_begins_with_what_it_is_covered_with(connection):
    days.set_state(connection, "s", 4, touched=1)
    assert standing.begin(connection, stream("other", covered_with="s")) == 4
    days.set_state(connection, "other", 3, touched=1)
    assert standing.begin(connection, stream("other", covered_with="s")) == 3
    assert standing.begin(connection, stream("s", covered_with="nothing")) == 4


def test_another_streams_days_do_not_count(connection):
    days.set_state(connection, "other", 10, touched=1)
    assert standing.stood(connection, "s", 0, 99).noted == frozenset()


@pytest.mark.parametrize("numbers", [(), (7,), (7, 8, 9), (7, 9)])
def test_covered_days_are_those_that_were_covered(connection, numbers):
    cover(connection, *numbers, 99)
    assert standing.covered(connection, "t", 0, 50) == set(numbers)
    assert standing.covered(connection, "other", 0, 50) == frozenset()


def test_published_days_say_where_their_figures_stand(connection):
    shown = Published(table="t", day=7, state="joined", at=9, k=10, people=3, largest=0, seen=())
    rollups.publish(connection, [shown])
    assert standing.published(connection, "t", 0, 50) == (ShownDay(day=7, state="joined", at=9),)
    assert standing.published(connection, "t", 8, 50) == ()


def test_corrections_are_known_by_day_and_by_the_day_they_were_booked_on(connection):
    for day, booked in ((3, 9), (3, 9), (4, 9), (3, 10)):
        ledger.append(connection, Kind.CORRECTED, {"booked": booked}, now=1, stream="s", day=day)
    ledger.append(connection, Kind.SEALED, {}, now=1, stream="s", day=5)
    assert standing.corrections(connection, "s") == {(3, 9), (4, 9), (3, 10)}
    assert standing.corrections(connection, "other") == frozenset()
