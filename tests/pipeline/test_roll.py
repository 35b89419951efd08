import datetime as dt
import os
import signal
import subprocess
import sys
import time
from dataclasses import replace
from pathlib import Path

import pytest
from tests.systems import PLACE_DAILY, SALES, SHOP, House, number, sale

from keepsum.assemble import processes as side
from keepsum.model.control import Control
from keepsum.model.errors import NotFound, Unavailable
from keepsum.model.ledger import Kind
from keepsum.model.rollup import NONE, OTHER
from keepsum.pipeline import roll as module
from keepsum.pipeline import seal
from keepsum.store import days

ROOT = Path(__file__).parents[2]
FIRST, SECOND, THIRD = "2026-02-01", "2026-02-02", "2026-02-03"


def sealed(house, *sent, until="2026-02-02T02:00"):
    house.collect(*sent)
    house.at(until).roll()
    return house


def held(house, day=FIRST):
    state = house.state(day)
    return state.held, state.held_detail


def path(house, day=FIRST, place=0):
    return house.workspace.segments.path(house.segments(day)[place])


def lose(house, day=FIRST):
    """Lose a sealed day's only segment and let the day be rolled again, as a touched one would be."""
    path(house, day).unlink()
    house.collect(sale("late", day=day))
    house.roll()


def test_rolled_rows_are_what_the_records_come_to(house):
    sealed(house, sale(1, amount=4), sale(2, amount=None, buyer="bob"), sale(3, way="cash", place=None, amount=-9))
    rows = house.rows(day=FIRST)
    first = number(FIRST)
    assert rows.keys() == {("card", "york", first, first), ("cash", NONE, first, first)}
    assert rows["card", "york", first, first] == {
        "people": 2, "largest_sales": 500_000, "largest_card_sales": 500_000, "largest_amount": 1_000_000,
        "m_sales": 2, "m_card_sales": 2, "m_amount_hi": 0, "m_amount_lo": 4, "m_cheapest": 4, "m_dearest": 4,
    }  # fmt: skip
    assert (rows["cash", NONE, first, first]["m_amount_hi"], rows["cash", NONE, first, first]["m_cheapest"]) == (-1, -9)


def test_surplus_values_of_a_dimension_become_other(house):
    places = ["york", "york", "hull", "hull", "bath", "bath", "leeds"]
    sealed(house, *(sale(n, place=place) for n, place in enumerate(places)))
    assert {place: row["m_sales"] for (_, place, _, _), row in house.rows().items()} == {
        "york": 2, "hull": 2, "bath": 2, OTHER: 1
    }  # fmt: skip


def test_a_day_is_rolled_an_hour_after_it_ended(house):
    house.collect(sale(1))
    assert house.at("2026-02-02T00:59:59").roll().sealed == 0
    assert house.at("2026-02-02T01:00").roll().sealed == 1
    assert house.roll().sealed == 0


def test_days_without_records_are_sealed_from_the_first_record_on(house):
    sealed(house, sale(1), until="2026-02-05T02:00")
    assert [house.status(f"2026-02-0{n}") for n in range(1, 6)] == ["sealed"] * 4 + ["open"]
    assert house.status("2026-01-31") == "open"
    assert house.rows(day="2026-02-03") == {}
    entry = house.entries(Kind.SEALED)[2]
    assert entry.body["control"] == Control().to_json()


def test_days_count_from_the_declared_start(tmp_path):
    stream = replace(SALES, start=dt.date(2026, 1, 30))
    house = House(tmp_path, replace(SHOP, streams=(stream,), rollups=(replace(PLACE_DAILY, of=stream),)))
    assert house.at("2026-02-02T02:00").roll().sealed == 3
    assert house.status("2026-01-30") == "sealed"
    house.close()


def test_only_the_days_that_are_asked_for_are_rolled(house):
    house.collect(sale(1))
    house.at("2026-02-05T02:00")
    assert house.roll(first=SECOND, last=THIRD).sealed == 2
    assert [house.status(d) for d in (FIRST, SECOND, THIRD)] == ["open", "sealed", "sealed"]


def test_a_seal_says_all_that_its_figures_depend_on(house):
    sealed(house, sale(1), sale(2))
    (entry,) = house.entries(Kind.SEALED)
    (segment,) = house.segments(FIRST)
    (rollup,) = entry.body["rollups"]
    assert entry.body["reason"] == "first"
    assert (entry.body["day"], entry.body["zone"], entry.body["k"], entry.body["epoch"]) == (FIRST, "UTC", 10, 1)
    assert entry.body["end"] - entry.body["start"] == 86_400_000_000
    assert Control.from_json(entry.body["control"]) == house.state(FIRST).control
    assert entry.body["segments"] == [[segment.file, segment.sha256, 2]]
    assert [(rollup["rows"], rollup["content"], rollup["parts"])] == list(house.digests().values())
    assert house.chain_breaks() == []


def test_a_touched_day_is_rolled_again_and_says_why(house):
    sealed(house, sale(1))
    house.collect(sale(2))
    house.roll()
    assert [entry.body["reason"] for entry in house.entries(Kind.SEALED)] == ["first", "touched"]
    assert len(house.files()) == 1


def test_records_that_come_while_a_day_is_proven_leave_it_for_the_next_time(house, monkeypatch):
    house.collect(sale(1))
    write = seal.write

    def meanwhile(*arguments, **named):
        house.collect(sale(2))
        return write(*arguments, **named)

    monkeypatch.setattr(seal, "write", meanwhile)
    outcome = house.at("2026-02-02T02:00").roll()
    assert (outcome.left, outcome.sealed, house.entries(Kind.SEALED)) == (1, 0, [])
    monkeypatch.undo()
    assert house.roll().sealed == 1
    assert [row["m_sales"] for row in house.rows().values()] == [2]


def test_a_day_is_sealed_once_by_two_who_roll_it_at_once(house, monkeypatch):
    house.collect(sale(1))
    write = seal.write

    def overtaken(*arguments, **named):
        monkeypatch.setattr(seal, "write", write)
        house.roll()
        return write(*arguments, **named)

    monkeypatch.setattr(seal, "write", overtaken)
    house.at("2026-02-02T02:00").roll()
    assert len(house.entries(Kind.SEALED)) == 1


def test_a_missing_segment_holds_its_day_and_no_other(house):
    house.at("2026-02-02T12:00").collect(sale(1), sale(2, day=SECOND))
    house.at("2026-02-03T02:00")
    house.move()
    path(house).unlink()
    outcome = house.roll()
    assert (outcome.held, outcome.sealed) == (1, 1)
    assert [house.status(FIRST), house.status(SECOND)] == ["held", "sealed"]
    (segment,) = house.segments(FIRST)
    assert held(house) == ("DAMAGED", f"segment {segment.file!r} is missing")
    house.roll()
    assert len(house.entries(Kind.HELD)) == 1


def test_a_segment_with_other_bytes_holds_its_day_as_damaged_whatever_can_be_read_of_it(house):
    house.at("2026-02-02T12:00").collect(sale(1), sale(2, day=SECOND))
    house.at("2026-02-03T02:00")
    house.move()
    path(house).write_bytes(path(house, SECOND).read_bytes())
    assert house.roll().held == 1
    assert held(house)[0] == "DAMAGED"


def test_a_tail_that_was_changed_holds_its_day_as_different_from_control(house):
    house.collect(sale(1), sale(2))
    with house.workspace.file.write() as connection:
        connection.exec_driver_sql("UPDATE tail_sales SET f_amount = 6 WHERE key = '1'")
    outcome = house.at("2026-02-02T02:00").roll()
    assert (outcome.held, held(house)[0], house.entries(Kind.SEALED)) == (1, "CONTROL_DIFFERS", [])
    with house.workspace.file.write() as connection:
        connection.exec_driver_sql("UPDATE tail_sales SET f_amount = 5 WHERE key = '1'")
    assert house.roll().sealed == 1
    assert house.status(FIRST) == "sealed"


def test_a_row_that_somebody_deleted_holds_its_day(house):
    house.collect(sale(1), sale(2))
    with house.workspace.file.write() as connection:
        connection.exec_driver_sql("DELETE FROM tail_sales WHERE key = '1'")
    house.at("2026-02-02T02:00").roll()
    assert held(house)[0] == "CONTROL_DIFFERS"


def test_one_day_that_proves_nothing_does_not_keep_the_others_of_its_batch_from_being_sealed(house, monkeypatch):
    house.at("2026-02-03T12:00").collect(*(sale(n, day=f"2026-02-0{n}") for n in (1, 2, 3)))
    fold = module.fold.fold

    def wrong(folding, rollup):
        rolled = fold(folding, rollup)
        keep = [day != number(SECOND) for day in rolled.rows["day"].to_pylist()]
        return replace(rolled, rows=rolled.rows.filter(keep))

    monkeypatch.setattr(module.fold, "fold", wrong)
    outcome = house.at("2026-02-04T02:00").roll()
    assert (outcome.sealed, outcome.held) == (2, 1)
    assert held(house, SECOND)[0] == "ROLLUP_DIFFERS"


def test_lost_records_of_a_sealed_day_hold_it_as_damaged_and_what_was_sealed_stays(house):
    sealed(house, sale(1), sale(2))
    before = house.digests()
    lose(house)
    assert held(house)[0] == "DAMAGED"
    assert house.digests() == before


def fewer(house):
    """Let the days look as if more records had been sealed than there are, as after erasing some."""
    with house.workspace.file.write() as connection:
        connection.exec_driver_sql("UPDATE stream_days SET sealed_records = 9, touched = touched + 1")


def test_a_day_with_fewer_records_than_were_sealed_is_held_until_somebody_accepts_it(house):
    sealed(house, sale(1))
    fewer(house)
    outcome = house.roll()
    assert (outcome.held, held(house)) == (1, ("SHRUNK", "The day was sealed with 9 records and has 1 now."))
    assert house.roll().sealed == 0
    assert house.accept(FIRST).held == "SHRUNK"
    assert house.roll().sealed == 1
    assert house.entries(Kind.SEALED)[-1].body["reason"] == "accepted SHRUNK"
    assert house.state(FIRST).accepted is None
    fewer(house)
    assert house.roll().held == 1


def test_a_stream_that_may_shrink_is_not_held_for_it(tmp_path):
    stream = replace(SALES, shrinks=True)
    house = House(tmp_path, replace(SHOP, streams=(stream,), rollups=(replace(PLACE_DAILY, of=stream),)))
    sealed(house, sale(1))
    fewer(house)
    assert house.roll().sealed == 1
    house.close()


def test_a_value_that_was_counted_on_another_day_holds_the_day(house):
    house.at("2026-02-02T12:00").collect(sale(1, invoice="a"), sale(2, day=SECOND, invoice="a"))
    outcome = house.at("2026-02-03T02:00").roll()
    assert (outcome.sealed, outcome.held) == (1, 1)
    assert held(house, SECOND) == (
        "KEY_ON_TWO_DAYS",
        "Counted on another day already, such as 2026-02-01: 1 value of 'invoice'.",
    )
    house.accept(SECOND)
    assert house.roll().sealed == 1
    assert house.status(SECOND) == "sealed"


def test_who_accepts_that_a_value_counts_on_two_days_accepts_it_for_both(house):
    house.at("2026-02-02T12:00").collect(sale(1, invoice="a"), sale(2, day=SECOND, invoice="a"))
    house.at("2026-02-03T02:00").roll()
    house.accept(SECOND)
    assert house.roll().sealed == 1
    house.collect(sale(3, invoice="b"))
    house.collect(sale(4, day=SECOND, invoice="c"))
    assert (house.roll().sealed, house.status(FIRST), house.status(SECOND)) == (2, "sealed", "sealed")
    house.at("2026-02-03T12:00").collect(sale(5, day=THIRD, invoice="a"), sale(6, invoice="c"))
    outcome = house.at("2026-02-04T02:00").roll()
    assert outcome.held == 2
    assert held(house, THIRD)[1].endswith("1 value of 'invoice'.")
    assert held(house)[1] == "Counted on another day already, such as 2026-02-02: 1 value of 'invoice'."


def test_a_value_of_a_purged_day_is_recognised_while_late_lasts(house):
    sealed(house, sale(1, invoice="a"))
    house.at("2026-03-04T02:00").purge()
    house.at("2026-03-06T12:00").collect(sale(2, day="2026-03-06", invoice="a"))
    assert house.at("2026-03-07T02:00").roll().held == 1


def test_nothing_remains_of_a_purged_days_values_once_late_is_over(house):
    sealed(house, sale(1, invoice="a"))
    house.at("2026-03-04T02:00").purge()
    house.at("2026-03-12T12:00").purge()
    house.collect(sale(2, day="2026-03-12", invoice="a"))
    assert house.at("2026-03-13T02:00").roll().held == 0
    with house.workspace.file.read() as connection:
        found = connection.exec_driver_sql("SELECT DISTINCT day FROM distinct_values").scalars().all()
    assert found == [number("2026-03-12")]


def test_a_day_held_for_two_reasons_goes_on_when_both_are_accepted(house):
    house.at("2026-02-02T12:00").collect(sale(1, invoice="a"), sale(2, day=SECOND, invoice="a"))
    house.at("2026-02-03T02:00").roll()
    house.accept(SECOND)
    with house.workspace.file.write() as connection:
        days.set_state(connection, "sales", number(SECOND), sealed_records=9)
    house.roll()
    assert held(house, SECOND)[0] == "SHRUNK"
    house.accept(SECOND)
    assert house.roll().held == 0
    assert house.status(SECOND) == "sealed"


def test_a_day_that_is_not_held_has_nothing_to_accept(house):
    with pytest.raises(NotFound, match=r"NOT_HELD.*2026-02-01"):
        house.accept(FIRST)


@pytest.mark.parametrize("processes", [1, 3])
def test_a_backlog_is_rolled_whole_by_as_many_processes_as_the_settings_say(tmp_path, monkeypatch, processes):
    house = House(tmp_path, now="2026-02-12T12:00")
    house.collect(*(sale(f"{day}-{n}", f"2026-02-{day:02}") for day in range(1, 11) for n in range(day)))
    settings = house.system.settings.model_copy(update={"processes": processes})
    monkeypatch.setattr(side, "PARALLEL_FROM", 1)
    monkeypatch.setattr(module, "DAYS_A_BATCH", 1)
    batches = module.plan(house.workspace, house.system.calendar(), now=house.clock())
    said = []
    outcome = replace(house.system, settings=settings).roll(batches, lambda *done: said.append(done))
    assert (outcome.sealed, outcome.records) == (11, 55)
    assert sorted(said) == [(1, records) for records in range(11)]
    assert [row["m_sales"] for row in house.rows().values()] == list(range(1, 11))
    assert house.chain_breaks() == []
    house.close()


def backlog(tmp_path, monkeypatch):
    """A house with ten days to be rolled by this process and a helper, and the batches, of a day each."""
    house = House(tmp_path, now="2026-02-12T12:00")
    house.collect(*(sale(str(day), f"2026-02-{day:02}") for day in range(1, 11)))
    monkeypatch.setattr(side, "PARALLEL_FROM", 1)
    monkeypatch.setattr(module, "DAYS_A_BATCH", 1)
    settings = house.system.settings.model_copy(update={"processes": 2})
    batches = module.plan(house.workspace, house.system.calendar(), now=house.clock())
    return house, replace(house.system, settings=settings), batches


def sealed_days(house):
    return [day for day in range(1, 11) if house.status(f"2026-02-{day:02}") == "sealed"]


def wait_for_helper(house):
    """Wait until somebody else than this process, which has rolled one, has a batch in their hands."""
    while len(list((house.folder / "data" / "tmp").glob("*/turns-*/*"))) < 2:
        time.sleep(0.01)


class Doing:
    """Opens a system in a helper whose clock, which it looks at when it has taken a batch, does something else."""

    def __init__(self, again, clock):
        self.again, self.clock = again, clock

    def __call__(self):
        return replace(self.again(), clock=self.clock)


def sleep_long():
    time.sleep(600)


def die():
    os.kill(os.getpid(), signal.SIGKILL)


def test_who_stops_a_backlog_leaves_the_rest_to_nobody_and_waits_for_no_helper(tmp_path, monkeypatch):
    house, system, batches = backlog(tmp_path, monkeypatch)

    def stop(*_done):
        wait_for_helper(house)
        raise KeyboardInterrupt

    began = time.monotonic()
    with pytest.raises(KeyboardInterrupt):
        replace(system, again=Doing(system.again, sleep_long)).roll(batches, stop)
    assert time.monotonic() - began < 300
    assert len(sealed_days(house)) == 1
    house.close()


def test_a_helper_that_is_killed_with_a_batch_in_its_hands_keeps_nobody_waiting(tmp_path, monkeypatch):
    house, system, batches = backlog(tmp_path, monkeypatch)
    with pytest.raises(Unavailable, match="HELPER_ENDED"):
        replace(system, again=Doing(system.again, die)).roll(batches, lambda *_done: wait_for_helper(house))
    assert len(sealed_days(house)) < 10
    left = module.plan(house.workspace, house.system.calendar(), now=house.clock())
    assert system.roll(left, lambda *_done: None).held == 0
    assert sealed_days(house) == list(range(1, 11))
    assert house.chain_breaks() == []
    house.close()


class Telling:
    """What a helper opens that says in a folder which process it is, and does not get further."""

    def __init__(self, folder):
        self.folder = folder

    def __call__(self):
        (self.folder / "pid.part").write_text(str(os.getpid()))
        (self.folder / "pid.part").rename(self.folder / "pid")
        sleep_long()


HELPED = """
import sys
from pathlib import Path
from keepsum.assemble.processes import side_by_side
from tests.pipeline.test_roll import Telling, sleep_long
folder = Path(sys.argv[1])
with side_by_side(Telling(folder), 1, folder) as each:
    list(each(lambda batch: sleep_long(), ["one", "two"]))
"""


def is_alive(pid):
    try:
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0] != "Z"
    except (FileNotFoundError, ProcessLookupError):
        return False


def test_no_helper_outlives_a_process_that_is_killed(tmp_path):
    with subprocess.Popen(
        [sys.executable, "-c", HELPED, str(tmp_path)], cwd=ROOT, stderr=subprocess.DEVNULL
    ) as process:
        while not (tmp_path / "pid").exists():
            assert process.poll() is None
            time.sleep(0.01)
        helper = int((tmp_path / "pid").read_text())
        assert is_alive(helper)
        process.kill()
    until = time.monotonic() + 60
    while is_alive(helper):
        assert time.monotonic() < until
        time.sleep(0.01)
