import pytest
from tests.control_file import open_control

from keepsum.store import workers


@pytest.fixture
def control(tmp_path):
    made = open_control(tmp_path / "control.db")
    yield made
    made.close()


def named(control, machine_now):
    return [one.name for one in workers.listing(control, machine_now=machine_now)]


def test_a_worker_is_there_for_a_minute_after_it_was_heard_of(control):
    workers.beat(control, "a", now=5, machine_now=100.0)
    workers.beat(control, "b", now=6, machine_now=130.0)
    assert named(control, 150.0) == ["a", "b"]
    assert named(control, 165.0) == ["b"]
    workers.beat(control, "a", now=9, machine_now=170.0)
    (one, _) = workers.listing(control, machine_now=171.0)
    assert (one.name, one.since, one.seen_at) == ("a", 5, 9)


def test_a_worker_that_stops_is_forgotten_at_once(control):
    workers.beat(control, "a", now=5, machine_now=100.0)
    workers.leave(control, "a")
    assert named(control, 100.0) == []


def test_workers_from_before_the_machine_started_are_not_there(control):
    workers.beat(control, "old", now=5, machine_now=90_000.0)
    assert named(control, 10.0) == []
    workers.beat(control, "new", now=6, machine_now=10.0)
    with control.read() as connection:
        assert connection.exec_driver_sql("SELECT name FROM workers").fetchall() == [("new",)]
