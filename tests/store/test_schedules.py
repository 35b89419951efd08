from concurrent.futures import ThreadPoolExecutor

import pytest
from sqlalchemy import update
from tests.control_file import open_control

from keepsum.model.job import JobState, Schedule
from keepsum.store import jobs, schedules, tables

HOUR = 3_600_000_000
START = 460_000 * HOUR
NIGHTLY = Schedule(name="nightly", job="nightly", cron="0 3 * * *", zone="UTC")
MOVING = Schedule(name="moving", job="move", cron="*/5 * * * *", zone="UTC")


@pytest.fixture
def control(tmp_path):
    database = open_control(tmp_path / "control.db")
    yield database
    database.close()


def one(control):
    (found,) = schedules.listing(control)
    return found


def test_a_declared_schedule_fires_from_its_declaration_on(control):
    schedules.declare(control, "default", [NIGHTLY], START)
    assert one(control) == schedules.ScheduleRow(
        workspace="default",
        name="nightly",
        job="nightly",
        cron="0 3 * * *",
        zone="UTC",
        enabled=True,
        fired_for=START,
    )


def test_declaring_again_keeps_what_was_fired_and_takes_the_new_time(control):
    schedules.declare(control, "default", [NIGHTLY], START)
    later = Schedule(name="nightly", job="nightly", cron="30 4 * * *", zone="Europe/London")
    schedules.declare(control, "default", [later], START + 9 * HOUR)
    found = one(control)
    assert (found.cron, found.zone, found.fired_for) == ("30 4 * * *", "Europe/London", START)


def test_declaring_again_leaves_a_schedule_off_that_was_switched_off(control):
    schedules.declare(control, "default", [NIGHTLY], START)
    with control.write() as connection:
        connection.execute(update(tables.schedules).values(enabled=False))
    schedules.declare(control, "default", [NIGHTLY], START)
    assert not one(control).enabled
    assert schedules.fire(control, one(control), START + HOUR, START + HOUR) is None


def test_a_schedule_no_longer_declared_is_gone_in_its_workspace_only(control):
    schedules.declare(control, "default", [NIGHTLY, MOVING], START)
    schedules.declare(control, "other", [NIGHTLY, MOVING], START)
    schedules.declare(control, "default", [MOVING], START)
    left = [(row.workspace, row.name) for row in schedules.listing(control)]
    assert left == [("default", "moving"), ("other", "moving"), ("other", "nightly")]
    schedules.declare(control, "other", [], START)
    assert [row.workspace for row in schedules.listing(control)] == ["default"]


def test_firing_queues_the_job_and_remembers_for_when(control):
    schedules.declare(control, "default", [NIGHTLY], START)
    number = schedules.fire(control, one(control), START + HOUR, START + 2 * HOUR)
    assert number is not None
    assert one(control).fired_for == START + HOUR
    job = jobs.get(control, "default", number)
    assert (job.job, job.cause, job.queued_at, job.state) == (
        "nightly",
        "schedule nightly",
        START + 2 * HOUR,
        JobState.QUEUED,
    )


def test_of_many_workers_that_see_it_due_one_fires(control):
    schedules.declare(control, "default", [NIGHTLY], START)
    seen = one(control)
    with ThreadPoolExecutor(4) as pool:
        fired = list(pool.map(lambda _: schedules.fire(control, seen, START + HOUR, START + HOUR), range(8)))
    assert sorted(number is None for number in fired) == [False] + [True] * 7
    assert len(jobs.listing(control, "default")) == 1


def test_a_run_that_still_waits_is_not_queued_twice(control):
    schedules.declare(control, "default", [NIGHTLY], START)
    first = schedules.fire(control, one(control), START + HOUR, START + HOUR)
    second = schedules.fire(control, one(control), START + 2 * HOUR, START + 2 * HOUR)
    assert first == second
    assert one(control).fired_for == START + 2 * HOUR


def test_a_job_that_cannot_be_queued_leaves_the_schedule_unfired(control, monkeypatch):
    schedules.declare(control, "default", [NIGHTLY], START)

    def no_room(*_given):
        raise OSError("no room")

    monkeypatch.setattr(jobs, "put", no_room)
    with pytest.raises(OSError, match="no room"):
        schedules.fire(control, one(control), START + HOUR, START + HOUR)
    assert one(control).fired_for == START
