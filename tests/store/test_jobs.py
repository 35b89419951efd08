import threading
from concurrent.futures import ThreadPoolExecutor

import pytest
from sqlalchemy import update
from tests.control_file import open_control

from keepsum.model.errors import NotFound
from keepsum.model.job import JobState
from keepsum.store import jobs, tables

NOON = 1_300_000_000_000_000
LEASE = 60.0


@pytest.fixture
def control(tmp_path):
    database = open_control(tmp_path / "control.db")
    yield database
    database.close()


def enqueue(control, job="roll", parameters=None, workspace="default", now=NOON):
    return jobs.enqueue(control, workspace, job, parameters or {}, "test", now)


def claim(control, worker="one", machine_now=0.0, now=NOON + 1):
    run = jobs.claim(control, worker, lease_seconds=LEASE, machine_now=machine_now, now=now)
    assert run is not None
    return run


def finds_nothing(control, worker="two", machine_now=0.0, now=NOON + 1):
    return jobs.claim(control, worker, lease_seconds=LEASE, machine_now=machine_now, now=now) is None


def finish(control, run, state=JobState.DONE, **given):
    return jobs.finish(control, run, state, **({"now": NOON + 9, "days": 0, "rows": 0, "seconds": 0.5} | given))


def test_a_queued_job_is_what_was_asked_for(control):
    number = enqueue(control, parameters={"to": "2024-01-02", "from": "2024-01-01"})
    assert jobs.get(control, "default", number) == jobs.JobRow(
        id=1,
        workspace="default",
        number=number,
        job="roll",
        parameters={"from": "2024-01-01", "to": "2024-01-02"},
        state=JobState.QUEUED,
        cause="test",
        queued_at=NOON,
    )


def test_an_identical_job_that_waits_is_queued_once(control):
    number = enqueue(control, parameters={"from": 1, "to": 2})
    assert enqueue(control, parameters={"to": 2, "from": 1}) == number
    others = {
        enqueue(control, parameters={"from": 1}),
        enqueue(control, parameters={"from": 1, "to": 2}, job="purge"),
    }
    assert number not in others
    assert len(others) == 2
    enqueue(control, parameters={"from": 1, "to": 2}, workspace="other")
    assert len(jobs.listing(control, "other")) == 1


def test_a_workspace_counts_its_own_jobs_whatever_others_have_to_do(control):
    for place, (workspace, number) in enumerate([("one", 1), ("two", 1), ("two", 2), ("one", 2), ("two", 3)]):
        assert enqueue(control, workspace=workspace, parameters={"place": place}) == number
    assert [jobs.get(control, name, 2).parameters for name in ("one", "two")] == [{"place": 3}, {"place": 2}]
    with pytest.raises(NotFound, match="UNKNOWN_JOB"):
        jobs.get(control, "one", 3)


def test_a_job_that_runs_already_can_be_queued_again_and_waits_for_its_end(control):
    first = enqueue(control)
    run = claim(control)
    second = enqueue(control)
    assert second != first
    assert finds_nothing(control, "two")
    assert finish(control, run)
    again = claim(control, "two")
    assert again.id == second


def test_jobs_of_one_name_run_one_at_a_time_in_a_workspace_only(control):
    enqueue(control, parameters={"day": 1})
    blocked = enqueue(control, parameters={"day": 2})
    enqueue(control, workspace="other", parameters={"day": 1})
    enqueue(control, job="purge")
    taken = [claim(control, str(number)) for number in range(3)]
    assert [(run.workspace, run.job) for run in taken] == [("default", "roll"), ("other", "roll"), ("default", "purge")]
    assert finds_nothing(control)
    assert jobs.get(control, "default", blocked).state is JobState.QUEUED


def test_the_oldest_job_runs_first_and_is_its_workers(control):
    number = enqueue(control)
    enqueue(control, job="purge")
    run = claim(control)
    assert run == jobs.get(control, "default", number)
    assert (run.number, run.state, run.worker, run.attempts) == (number, JobState.RUNNING, "one", 1)
    assert run.started_at == NOON + 1


def test_a_queue_takes_the_jobs_it_is_for_also_those_whose_worker_died(control):
    enqueue(control, job="roll")
    enqueue(control, job="export")
    how = {"lease_seconds": LEASE, "now": NOON}
    quick, slow = jobs.Queue(only=("export",)), jobs.Queue(never=("export",))
    for now in (0.0, 100.0):
        taken = [jobs.claim(control, "one", machine_now=now, queue=queue, **how) for queue in (quick, slow)]
        assert [run and (run.job, run.attempts) for run in taken] == [
            ("export", 1 + now / 100),
            ("roll", 1 + now / 100),
        ]
        assert not [queue for queue in (quick, slow) if jobs.claim(control, "two", machine_now=now, queue=queue, **how)]


def test_nothing_to_do_is_nothing_claimed(control):
    assert finds_nothing(control)


def test_a_lease_that_is_renewed_keeps_others_away_and_one_that_is_not_does_not(control):
    number = enqueue(control)
    run = claim(control, machine_now=0)
    assert finds_nothing(control, "two", machine_now=59)
    assert jobs.renew(control, run, lease_seconds=LEASE, machine_now=50)
    assert finds_nothing(control, "two", machine_now=109)
    taken = claim(control, "two", machine_now=110)
    assert (taken.id, taken.worker, taken.attempts) == (number, "two", 2)


def test_who_lost_the_lease_changes_nothing_any_more(control):
    number = enqueue(control)
    lost = claim(control, machine_now=0)
    taken = claim(control, "two", machine_now=60)
    assert not jobs.renew(control, lost, lease_seconds=LEASE, machine_now=61)
    assert not jobs.progress(control, lost, days=9, rows=9, percent=90)
    assert not jobs.release(control, lost)
    assert not finish(control, lost, JobState.FAILED, error="LATE: too late")
    assert jobs.get(control, "default", number) == taken
    assert finish(control, taken)
    assert not finish(control, lost, JobState.FAILED, error="LATE: too late")
    assert jobs.get(control, "default", number).state is JobState.DONE


def test_a_worker_that_takes_its_own_job_again_is_another_run(control):
    enqueue(control)
    lost = claim(control, machine_now=0)
    again = claim(control, machine_now=60)
    assert not finish(control, lost)
    assert finish(control, again)


def test_a_lease_that_ran_out_is_still_ours_until_another_takes_it(control):
    enqueue(control)
    run = claim(control, machine_now=0)
    assert jobs.renew(control, run, lease_seconds=LEASE, machine_now=200)
    assert finds_nothing(control, "two", machine_now=210)


def test_a_lease_from_before_the_machine_started_again_is_over(control):
    enqueue(control)
    claim(control, machine_now=1_000_000.0)
    assert finds_nothing(control, "two", machine_now=1_000_000.0 - LEASE)  # a clock read before a wait for the lock
    claim(control, "two", machine_now=30.0)


def test_a_job_that_ends_its_workers_fails_after_five_attempts(control):
    number = enqueue(control)
    for attempt in range(jobs.MOST_ATTEMPTS):
        run = claim(control, machine_now=attempt * 100)
        assert run.attempts == attempt + 1
    assert finds_nothing(control, machine_now=1_000, now=NOON + 7)
    failed = jobs.get(control, "default", number)
    assert (failed.state, failed.finished_at, failed.attempts) == (JobState.FAILED, NOON + 7, 5)
    assert failed.error is not None
    assert failed.error.startswith("ATTEMPTS_EXHAUSTED: ")


def test_a_job_that_gave_up_lets_the_next_of_its_name_run(control):
    enqueue(control)
    for attempt in range(jobs.MOST_ATTEMPTS):
        claim(control, machine_now=attempt * 100)
    following = enqueue(control)
    run = claim(control, machine_now=1_000)
    assert run.number == following


def test_a_released_job_runs_again_at_once_and_loses_no_attempt(control):
    number = enqueue(control)
    for _ in range(2 * jobs.MOST_ATTEMPTS):
        run = claim(control)
        assert (run.number, run.attempts) == (number, 1)
        assert jobs.release(control, run)
    assert jobs.get(control, "default", number).state is JobState.QUEUED
    assert jobs.get(control, "default", number).worker is None


def test_progress_and_the_end_are_on_record(control):
    number = enqueue(control)
    run = claim(control)
    assert jobs.progress(control, run, days=3, rows=1_000, percent=30.0)
    told = jobs.get(control, "default", number)
    assert (told.state, told.days, told.rows, told.percent) == (JobState.RUNNING, 3, 1_000, 30.0)
    assert finish(control, run, days=10, rows=5_000, seconds=1.5)
    done = jobs.get(control, "default", number)
    assert (done.state, done.days, done.rows, done.percent) == (JobState.DONE, 10, 5_000, 100.0)
    assert (done.finished_at, done.seconds, done.error) == (NOON + 9, 1.5, None)


@pytest.mark.parametrize("state", [JobState.FAILED, JobState.HELD])
def test_a_job_that_did_not_succeed_says_why_and_where_it_stopped(control, state):
    number = enqueue(control)
    run = claim(control)
    jobs.progress(control, run, days=3, rows=10, percent=30.0)
    assert finish(control, run, state, error="SHRUNK: fewer", days=3, rows=10)
    ended = jobs.get(control, "default", number)
    assert (ended.state, ended.error, ended.percent, ended.days) == (state, "SHRUNK: fewer", 30.0, 3)
    assert finds_nothing(control, "two", machine_now=10_000)


def test_a_second_attempt_counts_its_progress_from_nothing(control):
    enqueue(control)
    run = claim(control, machine_now=0)
    jobs.progress(control, run, days=3, rows=10, percent=30.0)
    again = claim(control, machine_now=60)
    assert (again.days, again.rows, again.percent) == (0, 0, 0.0)


def test_a_listing_is_newest_first_and_of_one_state(control):
    numbers = [enqueue(control, parameters={"day": day}) for day in range(5)]
    finish(control, claim(control))
    assert [row.number for row in jobs.listing(control, "default")] == numbers[::-1]
    assert [row.number for row in jobs.listing(control, "default", limit=2)] == numbers[:2:-1]
    assert [row.number for row in jobs.listing(control, "default", state=JobState.DONE)] == numbers[:1]
    assert [row.number for row in jobs.listing(control, "default", limit=1, state=JobState.QUEUED)] == numbers[-1:]


def test_a_job_that_never_was_is_not_found(control):
    with pytest.raises(NotFound) as refused:
        jobs.get(control, "default", 7)
    assert refused.value.code == "UNKNOWN_JOB"


def test_many_workers_share_the_jobs_out_without_doubles(control):
    numbers = [enqueue(control, job=f"job {number}") for number in range(40)]
    ready = threading.Barrier(4)

    def work(worker):
        ready.wait()
        runs = iter(lambda: jobs.claim(control, worker, lease_seconds=LEASE, machine_now=0, now=NOON), None)
        return [run.number for run in runs]

    with ThreadPoolExecutor(4) as pool:
        shares = list(pool.map(work, "abcd"))
    assert sorted(number for share in shares for number in share) == numbers


def test_many_that_queue_the_same_job_at_once_queue_one(control):
    with ThreadPoolExecutor(4) as pool:
        found = set(pool.map(lambda _: enqueue(control), range(12)))
    assert len(found) == 1


def test_jobs_that_ended_long_ago_are_forgotten_and_those_that_did_not_end_are_kept(control):
    long_ago = NOON - 91 * 24 * 3_600_000_000
    for place, (state, ended) in enumerate(
        [(JobState.DONE, long_ago), (JobState.FAILED, long_ago), (JobState.HELD, long_ago), (JobState.DONE, NOON)]
    ):
        number = jobs.enqueue(control, "default", f"job {place}", {}, "test", long_ago)
        with control.write() as connection:
            values = {"state": state, "finished_at": ended}
            connection.execute(update(tables.jobs).where(tables.jobs.c.id == number).values(values))
    waiting = jobs.enqueue(control, "default", "job", {}, "test", long_ago)
    assert jobs.prune(control, NOON) == 3
    assert [job.number for job in jobs.listing(control, "default")] == [waiting, 4]
    assert jobs.prune(control, NOON) == 0
    assert jobs.enqueue(control, "default", "other", {}, "test", NOON) == 6


def test_a_number_is_not_given_again_when_all_jobs_of_a_workspace_are_old(control):
    for name in ("one", "two"):
        for day in (1, 2):
            enqueue(control, workspace=name, parameters={"day": day})
    for worker in "abcd":
        finish(control, claim(control, worker))
    assert jobs.prune(control, NOON + 91 * 24 * 3_600_000_000) == 2
    assert [enqueue(control, workspace=name, parameters={"day": 3}) for name in ("one", "two")] == [3, 3]
