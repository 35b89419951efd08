import threading
import time
from typing import Any

import pytest
from sqlalchemy import select
from structlog.testing import capture_logs
from tests.control_file import Clock, open_control

from keepsum.model.errors import Conflict, ProofFailed, Unavailable
from keepsum.model.job import JobState, JobStopped, Outcome, Schedule
from keepsum.store import jobs, schedules, tables
from keepsum.worker import Worker

HOUR = 3_600_000_000
MIDNIGHT = 20_000 * 24 * HOUR
NIGHTLY = Schedule(name="nightly", job="nightly", cron="0 3 * * *", zone="UTC")
PERSON = "anna@example.org"
SOON = 0.4  # seconds of a lease in these tests


@pytest.fixture
def control(tmp_path):
    database = open_control(tmp_path / "control.db")
    yield database
    database.close()


@pytest.fixture
def clock():
    return Clock(MIDNIGHT)


@pytest.fixture
def worker(control, clock):
    def make(carry_out, name="one", **given: Any):
        settings: dict[str, Any] = {"lease_seconds": SOON, "poll_seconds": 0.05} | given
        return Worker(control, carry_out, clock=clock, name=name, **settings)

    return make


def enqueue(control, job="roll", **parameters):
    return jobs.enqueue(control, "default", job, parameters, "test", MIDNIGHT)


def nothing(_run, _progress):
    return Outcome()


def raising(error):
    def carry_out(_run, _progress):
        raise error

    return carry_out


def go_on(progress):
    """A long job that says how far it got and nothing else."""
    end = time.monotonic() + 5
    while time.monotonic() < end:
        progress.progress(days=1)
        time.sleep(0.01)


def until(happened, seconds=5.0):
    end = time.monotonic() + seconds
    while not happened():
        assert time.monotonic() < end, "it did not happen"
        time.sleep(0.005)


def lease_of(control, number):
    """The moment a job's lease was last renewed."""
    with control.read() as connection:
        return connection.execute(select(tables.jobs.c.leased_at).where(tables.jobs.c.id == number)).scalar()


def take_over(control, worker="thief"):
    """Claim what runs as if the lease were long over."""
    later = time.monotonic() + 1_000
    run = jobs.claim(control, worker, lease_seconds=1_000, machine_now=later, now=MIDNIGHT)
    assert run is not None
    return run


def test_a_step_carries_out_one_job_and_records_it(control, worker):
    number = enqueue(control, day="2024-01-01")
    seen = []

    def carry_out(run, progress):
        seen.append(run)
        progress.progress(days=1, total=4)
        return Outcome(days=4, rows=400)

    assert worker(carry_out).step()
    (run,) = seen
    assert (run.number, run.job, run.parameters, run.worker) == (number, "roll", {"day": "2024-01-01"}, "one")
    done = jobs.get(control, "default", number)
    assert (done.state, done.days, done.rows, done.percent, done.finished_at) == (JobState.DONE, 4, 400, 100, MIDNIGHT)
    assert done.seconds is not None
    assert 0 <= done.seconds < 5


def test_a_step_without_a_job_does_nothing(worker):
    assert not worker(raising(AssertionError())).step()


@pytest.mark.parametrize(
    ("error", "state", "text"),
    [
        (Conflict("SHRUNK", "Day '2024-01-01' has fewer records."), JobState.FAILED, "SHRUNK: Day '2024-01-01' has"),
        (ProofFailed("PROOF_FAILED", "Sums differ."), JobState.HELD, "PROOF_FAILED: Sums differ."),
        (Unavailable("DISK_FULL", "The disk is full."), JobState.FAILED, "DISK_FULL: The disk is full."),
    ],
)
def test_a_refusal_ends_the_job_with_its_code_and_message(control, worker, error, state, text):
    number = enqueue(control)
    assert worker(raising(error)).step()
    ended = jobs.get(control, "default", number)
    assert ended.state is state
    assert ended.error is not None
    assert ended.error.startswith(text)


def test_what_waits_for_a_person_holds_the_job(control, worker):
    number = enqueue(control)
    assert worker(lambda *_: Outcome(days=3, rows=30, held="KEY_ON_TWO_DAYS: one day is held.")).step()
    ended = jobs.get(control, "default", number)
    assert (ended.state, ended.days, ended.rows) == (JobState.HELD, 3, 30)
    assert ended.error == "KEY_ON_TWO_DAYS: one day is held."


def test_an_unknown_error_leaves_its_name_on_record_and_its_place_in_the_log_but_no_value(control, worker):
    number = enqueue(control)

    def carry_out(_run, progress):
        progress.progress(days=2, rows=20)
        try:
            raise KeyError(PERSON)
        except KeyError as error:
            raise ValueError(f"could not read {PERSON!r}") from error

    with capture_logs() as logs:
        assert worker(carry_out).step()
    ended = jobs.get(control, "default", number)
    assert (ended.state, ended.days, ended.rows) == (JobState.FAILED, 2, 20)
    assert ended.error is not None
    assert ended.error.startswith("UNEXPECTED_ERROR: ValueError;")
    (entry,) = [entry for entry in logs if entry["event"] == "job broke"]
    assert "in carry_out" in entry["traceback"]
    assert "KeyError" in entry["traceback"]
    assert PERSON not in str(logs)
    assert PERSON not in ended.error


def test_a_worker_goes_on_after_a_job_that_broke(control, worker):
    enqueue(control)
    second = enqueue(control, job="purge")
    busy = worker(lambda run, _progress: 1 / 0 if run.job == "roll" else Outcome())
    assert busy.step()
    assert busy.step()
    assert jobs.get(control, "default", second).state is JobState.DONE


def test_progress_reaches_the_table_while_the_job_runs(control, worker):
    number = enqueue(control)

    def carry_out(_run, progress):
        progress.progress(days=1, rows=100, total=4)
        until(lambda: jobs.get(control, "default", number).percent == 25)
        progress.progress(rows=150)
        until(lambda: jobs.get(control, "default", number).rows == 150)
        progress.progress(percent=250)
        until(lambda: jobs.get(control, "default", number).percent == 100)
        assert jobs.get(control, "default", number).days == 1
        return Outcome(days=4, rows=400)

    worker(carry_out).step()
    assert jobs.get(control, "default", number).state is JobState.DONE


def test_a_job_longer_than_its_lease_stays_its_workers(control, worker):
    number = enqueue(control)
    machine = Clock(1_000.0)
    other = worker(raising(AssertionError()), "two", machine_clock=machine)

    def carry_out(_run, _progress):
        for _ in range(5):
            machine.now += SOON / 2
            until(lambda: lease_of(control, number) == machine.now)
            assert not other.step()
        return Outcome()

    worker(carry_out, machine_clock=machine).step()
    done = jobs.get(control, "default", number)
    assert (done.state, done.attempts, done.error) == (JobState.DONE, 1, None)


def test_a_job_whose_lease_went_to_another_stops_at_its_next_progress(control, worker):
    number = enqueue(control)
    stopped = []

    def carry_out(_run, progress):
        take_over(control)
        try:
            go_on(progress)
        except JobStopped as stop:
            stopped.append(stop)
            raise

    with capture_logs() as logs:
        assert worker(carry_out).step()
    assert stopped
    assert "job taken over by another worker" in [entry["event"] for entry in logs]
    found = jobs.get(control, "default", number)
    assert (found.state, found.worker, found.attempts) == (JobState.RUNNING, "thief", 2)


def test_the_result_of_a_job_taken_over_is_dropped_and_reported(control, worker):
    number = enqueue(control)

    def carry_out(_run, _progress):
        take_over(control)
        return Outcome(days=9, rows=9)

    with capture_logs() as logs:
        worker(carry_out).step()
    assert "job taken over by another worker, result dropped" in [entry["event"] for entry in logs]
    found = jobs.get(control, "default", number)
    assert (found.state, found.worker, found.days) == (JobState.RUNNING, "thief", 0)


def test_a_process_that_wakes_after_its_lease_asks_before_it_goes_on(control, worker):
    number = enqueue(control)
    machine, went_on = Clock(1_000.0), []

    def carry_out(_run, progress):
        progress.progress(days=1)
        jobs.claim(control, "thief", lease_seconds=60, machine_now=1_060.0, now=MIDNIGHT)
        machine.now = 1_060.0  # no heartbeat in between: the pause below is far shorter than one
        progress.progress(days=2)
        went_on.append(True)
        return Outcome()

    worker(carry_out, machine_clock=machine, lease_seconds=60).step()
    assert not went_on
    assert jobs.get(control, "default", number).worker == "thief"


def test_a_process_that_wakes_after_its_lease_goes_on_if_nobody_took_it(control, worker):
    number = enqueue(control)
    machine = Clock(1_000.0)

    def carry_out(_run, progress):
        machine.now += 600.0
        progress.progress(days=2)
        return Outcome(days=2)

    worker(carry_out, machine_clock=machine, lease_seconds=60).step()
    assert jobs.get(control, "default", number).state is JobState.DONE


def test_a_lease_that_cannot_be_renewed_in_time_stops_the_job(control, worker, monkeypatch):
    number = enqueue(control)

    def no_room(*_given, **_named):
        raise Unavailable("DISK_FULL", "The disk is full.")

    def carry_out(_run, progress):
        monkeypatch.setattr(jobs, "renew", no_room)
        go_on(progress)
        return Outcome()

    worker(carry_out).step()
    found = jobs.get(control, "default", number)
    assert (found.state, found.attempts) == (JobState.QUEUED, 0)


def test_what_ends_the_process_queues_the_job_again(control, worker):
    number = enqueue(control)
    with pytest.raises(KeyboardInterrupt):
        worker(raising(KeyboardInterrupt())).step()
    found = jobs.get(control, "default", number)
    assert (found.state, found.attempts) == (JobState.QUEUED, 0)
    assert not [thread for thread in threading.enumerate() if thread.name.startswith("lease of")]


def test_due_schedules_are_fired_and_carried_out_once(control, worker, clock):
    schedules.declare(control, "default", [NIGHTLY], MIDNIGHT)
    busy = worker(nothing)
    assert not busy.step()
    clock.now += 3 * HOUR
    assert busy.step()
    assert not busy.step()
    (run,) = jobs.listing(control, "default")
    assert (run.job, run.cause, run.state) == ("nightly", "schedule nightly", JobState.DONE)
    assert run.queued_at == clock.now


def test_a_downtime_is_caught_up_by_one_run(control, worker, clock):
    schedules.declare(control, "default", [NIGHTLY], MIDNIGHT)
    clock.now += 30 * 24 * HOUR
    busy = worker(nothing)
    assert busy.step()
    assert not busy.step()
    assert schedules.listing(control)[0].fired_for == MIDNIGHT + (29 * 24 + 3) * HOUR


def test_a_clock_that_was_ahead_and_came_back_fires_from_then_on_and_is_reported(control, worker, clock):
    schedules.declare(control, "default", [NIGHTLY], MIDNIGHT)
    busy = worker(nothing)
    clock.now += 400 * 24 * HOUR
    assert busy.step()
    with capture_logs() as logs:
        clock.now = MIDNIGHT + 2 * HOUR
        assert not busy.step()
        assert not busy.step()
    assert [entry["event"] for entry in logs] == ["schedule fired ahead of the clock"]
    for day in range(3):
        clock.now = MIDNIGHT + day * 24 * HOUR + 3 * HOUR
        assert busy.step()
        assert not busy.step()
    assert [job.state for job in jobs.listing(control, "default")] == [JobState.DONE] * 4


def test_a_clock_that_came_back_fires_nothing_for_the_time_before(control, worker, clock):
    schedules.declare(control, "default", [NIGHTLY], MIDNIGHT)
    busy = worker(nothing)
    clock.now += 10 * 24 * HOUR
    assert busy.step()
    clock.now = MIDNIGHT + 5 * 24 * HOUR + 4 * HOUR
    assert not busy.step()
    clock.now += 22 * HOUR
    assert not busy.step()
    clock.now += 2 * HOUR
    assert busy.step()


def test_a_clock_that_is_set_back_a_little_fires_nothing_twice(control, worker, clock):
    schedules.declare(control, "default", [NIGHTLY], MIDNIGHT)
    busy = worker(nothing)
    clock.now += 3 * HOUR
    assert busy.step()
    clock.now -= HOUR // 2
    assert not busy.step()
    clock.now += HOUR // 2
    assert not busy.step()


def test_of_two_workers_that_see_the_clock_come_back_none_undoes_what_the_other_fired(control, worker, clock):
    schedules.declare(control, "default", [NIGHTLY], MIDNIGHT + 10 * 24 * HOUR)
    (seen,) = schedules.listing(control)
    busy = worker(nothing)
    assert not busy.step()
    clock.now += 4 * HOUR
    assert busy.step()
    schedules.come_back(control, seen, MIDNIGHT)
    assert not busy.step()


def test_a_schedule_that_is_not_understood_stops_no_other(control, worker, clock):
    broken = Schedule(name="broken", job="x", cron="61 * * * *", zone="UTC")
    schedules.declare(control, "default", [broken, NIGHTLY], MIDNIGHT)
    clock.now += 4 * HOUR
    busy = worker(nothing)
    with capture_logs() as logs:
        assert busy.step()
        assert not busy.step()
    assert [entry["error"][:8] for entry in logs if entry["event"] == "schedule not understood"] == ["BAD_CRON"]


def test_two_workers_never_fire_a_schedule_twice(control, worker, clock):
    minutely = Schedule(name="often", job="move", cron="* * * * *", zone="UTC")
    schedules.declare(control, "default", [minutely], MIDNIGHT)
    both = [worker(nothing, name) for name in ("one", "two")]
    for minute in range(1, 6):
        clock.now = MIDNIGHT + minute * 60_000_000
        threads = [threading.Thread(target=each.step) for each in both]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        both[0].step()
    found = jobs.listing(control, "default")
    assert [run.state for run in found] == [JobState.DONE] * 5
    assert [run.queued_at for run in found] == [MIDNIGHT + minute * 60_000_000 for minute in range(5, 0, -1)]


def running(worker):
    stop = threading.Event()
    thread = threading.Thread(target=worker.run, args=(stop,))
    thread.start()
    return stop, thread


def test_an_idle_worker_notices_a_job_that_another_process_queued_and_stops_when_asked(control, worker):
    stop, thread = running(worker(nothing))
    try:
        time.sleep(0.2)
        number = enqueue(control)
        until(lambda: jobs.get(control, "default", number).state is JobState.DONE)
    finally:
        stop.set()
        thread.join(5)
    assert not thread.is_alive()


def test_a_stopping_worker_queues_its_job_again_at_the_next_progress(control, worker):
    number = enqueue(control)
    started = threading.Event()

    def carry_out(_run, progress):
        started.set()
        go_on(progress)
        return Outcome()

    stop, thread = running(worker(carry_out))
    assert started.wait(5)
    stop.set()
    thread.join(5)
    assert not thread.is_alive()
    found = jobs.get(control, "default", number)
    assert (found.state, found.attempts, found.worker) == (JobState.QUEUED, 0, None)


def test_a_prompt_job_waits_for_no_other_and_a_stop_ends_both(control, worker):
    long, started = enqueue(control, job="night"), []

    def carry_out(run, progress):
        started.append(run.job)
        if run.job != "quick":
            go_on(progress)
        return Outcome()

    stop, thread = running(worker(carry_out, prompt=("quick", "slow")))
    try:
        until(lambda: started == ["night"])
        quick = enqueue(control, job="quick")
        until(lambda: jobs.get(control, "default", quick).state is JobState.DONE)
        other, slow = enqueue(control, job="other"), enqueue(control, job="slow")
        until(lambda: started == ["night", "quick", "slow"])
    finally:
        stop.set()
        thread.join(5)
    assert not thread.is_alive()
    assert not [one for one in threading.enumerate() if one.name == "prompt jobs"]
    assert {jobs.get(control, "default", number).state for number in (long, other, slow)} == {JobState.QUEUED}


def test_a_schedule_of_a_prompt_job_fires_while_another_job_runs(control, worker, clock):
    schedules.declare(control, "default", [Schedule(name="often", job="quick", cron="* * * * *", zone="UTC")], MIDNIGHT)
    enqueue(control, job="night")
    ended = []

    def carry_out(run, progress):
        if run.job == "night":
            go_on(progress)
        ended.append(run.job)
        return Outcome()

    stop, thread = running(worker(carry_out, prompt=("quick",)))
    try:
        until(lambda: jobs.counts(control, "default")[0][JobState.RUNNING] == 1)
        clock.now += 60_000_000
        until(lambda: ended == ["quick"])
    finally:
        stop.set()
        thread.join(5)


def test_a_worker_outlives_a_database_that_failed_for_a_while(control, worker, monkeypatch):
    number = enqueue(control)
    claim, failures = jobs.claim, []

    def fails_twice(*given, **named):
        if len(failures) < 2:
            failures.append(1)
            raise Unavailable("DATABASE_FAILED", "The file 'control.db' could not be used.")
        return claim(*given, **named)

    monkeypatch.setattr(jobs, "claim", fails_twice)
    stop, thread = running(worker(nothing, poll_seconds=0.01))
    try:
        until(lambda: jobs.get(control, "default", number).state is JobState.DONE)
    finally:
        stop.set()
        thread.join(5)
    assert len(failures) == 2


def test_an_idle_worker_takes_no_write_lock(control, worker, clock):
    schedules.declare(control, "default", [NIGHTLY], MIDNIGHT)
    clock.now += HOUR
    idle = worker(nothing)
    with control.lock.held():
        thread = threading.Thread(target=idle.step)
        thread.start()
        thread.join(5)
        assert not thread.is_alive()


def test_a_worker_thinks_a_lease_its_own_no_longer_than_others_do(control, worker, monkeypatch):
    number = enqueue(control)
    machine, went_on, claim = Clock(1_000.0), [], jobs.claim

    def slow_claim(*given, **named):
        run = claim(*given, **named)
        machine.now += 10.0
        return run

    def carry_out(_run, progress):
        machine.now = 1_060.0
        claim(control, "thief", lease_seconds=60, machine_now=machine.now, now=MIDNIGHT)
        progress.progress(days=1)
        went_on.append(True)
        return Outcome()

    monkeypatch.setattr(jobs, "claim", slow_claim)
    worker(carry_out, machine_clock=machine, lease_seconds=60).step()
    assert jobs.get(control, "default", number).worker == "thief"
    assert not went_on


def test_a_worker_forgets_jobs_that_ended_long_ago(control, worker, clock):
    jobs.enqueue(control, "default", "roll", {}, "test", clock())
    busy = worker(nothing)
    assert busy.step()
    clock.now += 91 * 24 * HOUR
    later = jobs.enqueue(control, "default", "move", {}, "test", clock())
    assert busy.step()
    assert [job.number for job in jobs.listing(control, "default")] == [later]
