import sqlite3
import threading
from dataclasses import replace

import pytest
from structlog.testing import capture_logs
from tests.systems import DAY, PLACE_DAILY, SHOP, House, sale

from keepsum import Metric, Published, Setting
from keepsum.cli.worker import make_worker
from keepsum.model.access import machine
from keepsum.model.audit import Kind
from keepsum.model.errors import Invalid, KeepsumError, NotFound, ProofFailed
from keepsum.model.job import JobState, JobStopped, Outcome
from keepsum.pipeline import audit
from keepsum.pipeline.jobs import JOBS, Span, carry_out, parameters, schedule, span_of, start
from keepsum.store import jobs, schedules
from keepsum.store.database import Database

LATER = "2026-03-06T12:00"  # kept for 30 days, the first three of February are over


class Progress:
    """Takes down what a job says of itself; may stop it."""

    def __init__(self, stops_after=None):
        self.said, self._left = [], stops_after

    def progress(self, *, days=None, rows=None, total=None, percent=None):
        if self._left is not None:
            self._left -= 1
            if self._left < 0:
                raise JobStopped("enough")
        self.said.append((days, rows, total, percent))


@pytest.fixture
def house(tmp_path):
    house = House(tmp_path)
    for day in (1, 2, 3):
        house.at(f"2026-02-0{day}T12:00")
        house.collect(*(sale(f"{day}-{n}", f"2026-02-0{day}", buyer=f"b{n}") for n in range(day)))
    yield house.at(LATER)
    house.close()


def run(house, name, progress=None, **given):
    return carry_out(house.system, name, given, progress or Progress())


def test_moving_tells_how_many_days_and_records_moved(house):
    outcome = run(house, "move")
    assert (outcome.days, outcome.rows, outcome.held) == (3, 6, None)


def test_rolling_seals_every_ended_day_also_those_without_records(house):
    outcome = run(house, "roll")
    assert (outcome.days, outcome.rows, outcome.held) == (33, 6, None)
    assert house.status("2026-03-05") == "sealed"
    assert house.status("2026-03-06") == "open"


def test_rolling_a_range_seals_these_days_only(house):
    assert run(house, "roll", **{"from": "2026-02-02", "to": "2026-02-02"}).days == 1
    assert [house.status(f"2026-02-0{day}") for day in (1, 2, 3)] == ["open", "sealed", "open"]


def test_rolling_tells_how_far_it_got(house):
    progress = Progress()
    run(house, "roll", progress)
    assert progress.said[-1] == (33, 6, 33, None)


def test_a_day_that_cannot_be_sealed_is_told_to_a_person(house):
    run(house, "move")
    (segment,) = house.segments("2026-02-02")
    house.workspace.segments.path(segment).unlink()
    outcome = run(house, "roll")
    assert outcome.days == 32
    assert outcome.held == "DAYS_HELD: 1 day cannot be sealed; list the days to see why."


def test_purging_deletes_what_is_sealed_and_past_its_time(house):
    run(house, "roll")
    outcome = run(house, "purge")
    assert (outcome.days, outcome.rows, outcome.held) == (3, 6, None)
    assert house.status("2026-02-03") == "purged"


def test_a_day_past_its_time_that_is_not_sealed_stays_and_is_told(house):
    outcome = run(house, "purge")
    assert (outcome.days, outcome.rows) == (0, 0)
    assert outcome.held == "PAST_DEADLINE: 3 days past retention may not go; plan a purge to see why."


def test_a_purge_that_a_reader_kept_from_its_end_is_told(house):
    run(house, "roll")
    with house.workspace.file.read() as connection:
        connection.exec_driver_sql("SELECT count(*) FROM ledger").scalar()
        outcome = run(house, "purge")
    assert outcome.held is not None
    assert outcome.held.startswith("PURGE_UNFINISHED: 3 days")
    run(house, "purge")
    assert house.status("2026-02-03") == "purged"


def test_every_night_days_are_moved_rolled_and_purged_and_the_head_is_logged(house):
    progress = Progress()
    with capture_logs() as logs:
        outcome = run(house, "nightly", progress)
    assert (outcome.days, outcome.rows) == (33 + 3, 12)
    head = house.entries()[-1]
    (line,) = [line for line in logs if line["event"] == "ledger head"]
    assert (line["entry"], line["head"]) == (head.seq, head.hash)
    assert (line["move_rows"], line["roll_days"], line["purge_rows"]) == (6, 33, 6)


def test_a_job_publishes_and_a_database_out_of_reach_waits_for_a_person(tmp_path, monkeypatch):
    house = House(tmp_path / "house", publishing_pack())
    house.collect(sale("1"))
    house.at("2026-02-03T12:00:00Z").roll()
    assert run(house, "publish") == Outcome()  # nobody told where to
    database = tmp_path / "application.db"
    monkeypatch.setenv("KEEPSUM_SHOP_ADDRESS", f"sqlite:///{database}")
    house.open()
    assert str(run(house, "publish").held).startswith("DATABASE_UNREACHABLE")
    database.touch()
    done = run(house, "nightly")
    assert done.held is None
    with sqlite3.connect(database) as connection:
        assert connection.execute("SELECT date, sales FROM sales_by_day").fetchall() == [
            ("2026-02-01", 1),
            ("2026-02-02", 0),
        ]
    connection.close()
    house.close()


def test_what_is_not_sealed_is_published_every_five_minutes(tmp_path, monkeypatch):
    house = House(tmp_path / "house", publishing_pack(when="open"))
    schedule(house.system, "15 2 * * *")
    assert {row.name for row in schedules.listing(house.system.control)} == {"nightly", "sweep", "move"}
    monkeypatch.setenv("KEEPSUM_SHOP_ADDRESS", "sqlite:////nowhere/application.db")
    house.open()
    schedule(house.system, "15 2 * * *")
    assert {row.name for row in schedules.listing(house.system.control)} == {"nightly", "sweep", "move", "publish"}
    house.close()


def publishing_pack(**more):
    sales = Metric("sales", PLACE_DAILY.sales)
    table = Published("sales_by_day", into="ADDRESS", columns={"date": "day", "sales": sales}, **more)
    return replace(SHOP, metrics=(sales,), settings=(Setting("ADDRESS", kind="secret"),), published=(table,))


def test_a_night_lets_old_events_of_the_audit_log_go_and_logs_its_head(house):
    control, by = house.system.control, machine("default")
    audit.record(control, Kind.SIGNED_IN, by, now=house.clock() - 366 * DAY)
    audit.record(control, Kind.SIGNED_OUT, by, now=house.clock() - 364 * DAY)
    with capture_logs() as logs:
        run(house, "nightly")
    assert [event.kind for event in audit.page(control)] == [Kind.EXPIRED, Kind.SIGNED_OUT]
    (line,) = [line for line in logs if line["event"] == "audit head"]
    assert audit.verify(control, head=line["head"]).ok


@pytest.mark.parametrize("name", sorted(JOBS))
def test_who_asks_for_a_job_that_deletes_is_in_the_audit_log(house, name):
    queued = start(house.system, name, {}, "test", machine("default"))
    found = audit.page(house.system.control, audit.wanted(workspace="default", kind="purged_by_person"))
    told = [(event.caller, event.body) for event in found]
    assert told == ([("machine", {"job": queued.id, "kind": name})] if name in {"purge", "nightly"} else [])


def test_the_percentage_of_a_night_never_goes_back_and_ends_at_all(house):
    progress = Progress()
    run(house, "nightly", progress)
    percents = [percent for *_, percent in progress.said]
    assert percents == sorted(percents)
    assert percents[-1] == pytest.approx(100)


def test_a_night_goes_on_to_purge_when_a_day_is_held(house):
    run(house, "move")
    (segment,) = house.segments("2026-02-02")
    house.workspace.segments.path(segment).unlink()
    outcome = run(house, "nightly")
    assert house.status("2026-02-01") == "purged"
    assert outcome.held is not None
    assert "DAYS_HELD" in outcome.held
    assert "PAST_DEADLINE" in outcome.held


def test_checking_the_ledger_counts_its_seals_and_entries(house):
    run(house, "roll")
    outcome = run(house, "verify")
    assert (outcome.days, outcome.rows) == (33, len(house.entries()))


def test_a_ledger_that_does_not_hold_is_a_failed_proof(house):
    run(house, "roll")
    with house.workspace.file.write() as connection:
        connection.exec_driver_sql("UPDATE ledger SET at = at + 1 WHERE seq = 3")
    with pytest.raises(ProofFailed, match="LEDGER_BROKEN"):
        run(house, "verify")


def test_a_job_stops_where_it_is_told_to_and_goes_on_later(house):
    run(house, "roll")
    with pytest.raises(JobStopped):
        run(house, "purge", Progress(stops_after=0))
    assert house.status("2026-02-01") == "purging"
    run(house, "purge")
    assert house.status("2026-02-01") == "purged"


def test_what_a_job_did_is_remembered_outside_the_workspace(house):
    run(house, "roll")
    head = house.entries()[-1]
    with house.system.control.read() as connection:
        kept = connection.exec_driver_sql("SELECT ledger_seq, ledger_hash FROM workspaces").one()
    assert tuple(kept) == (head.seq, head.hash)


def test_a_job_nobody_knows_is_refused_with_the_ones_there_are(house):
    with pytest.raises(NotFound, match=r"UNKNOWN_JOB_KIND.*move, roll, close, purge, publish, nightly, sweep, verify"):
        run(house, "tidy")


@pytest.mark.parametrize("name", sorted(JOBS.keys() - {"roll"}))
def test_only_rolling_takes_a_range(name):
    with pytest.raises(Invalid, match="RANGE_NOT_TAKEN"):
        parameters(name, "2026-01-01", None)


@pytest.mark.parametrize(
    ("first", "last", "code"),
    [("2026-02-02", "2026-02-01", "RANGE_REVERSED"), ("soon", None, "BAD_DATE"), (None, "2026-02-30", "BAD_DATE")],
)
def test_a_range_that_is_none_is_refused_before_it_is_queued(first, last, code):
    with pytest.raises(KeepsumError, match=code):
        parameters("roll", first, last)


def test_a_range_is_open_where_nothing_is_said():
    assert span_of(parameters("roll")) == Span()
    assert span_of(parameters("roll", "1970-01-02")) == Span(first=1)


def test_a_worker_carries_out_what_is_queued(house):
    control: Database = house.system.control
    number = jobs.enqueue(control, "default", "roll", {}, "test", house.clock())
    assert make_worker(house.install).step()
    done = jobs.get(control, "default", number)
    assert (done.state, done.days, done.rows, done.percent) == (JobState.DONE, 33, 6, 100.0)


def test_a_worker_makes_the_schedules_of_the_settings(house):
    make_worker(house.install)
    listed = {row.name: (row.job, row.cron, row.zone) for row in schedules.listing(house.system.control)}
    assert listed == {
        "nightly": ("nightly", "15 2 * * *", "UTC"),
        "move": ("move", "*/5 * * * *", "UTC"),
        "sweep": ("sweep", "*/10 * * * *", "UTC"),
    }


def test_a_worker_rolls_the_next_night_by_itself(house):
    worker = make_worker(house.install)
    house.at("2026-03-07T02:20")
    while worker.step():
        pass
    assert house.status("2026-03-06") == "sealed"


def test_two_workers_side_by_side_do_each_job_once(house):
    control: Database = house.system.control
    numbers = [jobs.enqueue(control, "default", "roll", {"to": f"2026-02-{n:02}"}, "test", 0) for n in range(1, 5)]
    workers = [make_worker(house.install) for _ in range(2)]
    threads = [threading.Thread(target=lambda w=w: [None for _ in range(6) if w.step()]) for w in workers]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    while workers[0].step():
        pass
    assert {jobs.get(control, "default", number).state for number in numbers} == {JobState.DONE}
    assert len(house.entries("sealed")) == 4
