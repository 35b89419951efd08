import shutil
import threading
from dataclasses import replace

import pytest
from tests.systems import DAY, HOUR, PLACE_DAILY, SALES, SHOP, House, number, open_folder, sale

from keepsum import Text, years
from keepsum import days as days_of
from keepsum.model.errors import Conflict, NotFound, Unavailable
from keepsum.model.ledger import Kind
from keepsum.pipeline import purge as module
from keepsum.pipeline.verify import verify_ledger
from keepsum.store import days, records

FIRST, SECOND = "2026-02-01", "2026-02-02"
DUE = "2026-03-04T00:00:00"  # thirty days after the end of the first day
KINDS = [Kind.PURGING, Kind.PURGED, Kind.REAPPEARED, Kind.HELD, Kind.EXPIRED]


def sealed(house, *sent):
    house.collect(*(sent or [sale(1), sale(2)]))
    house.at("2026-02-02T02:00").roll()
    return house


def kinds(house):
    return [(entry.kind.value, entry.day) for entry in house.entries(*KINDS)]


def keys(house, day=FIRST):
    with house.workspace.file.read() as connection:
        return records.keys_of(connection, "sales", number(day))


def log_bytes(house):
    return (house.workspace.file.path.with_name("truth.db-wal")).stat().st_size


def test_a_day_goes_when_its_time_is_over_and_not_a_moment_before(house):
    sealed(house)
    house.at(DUE).clock.now -= 1
    assert house.purge_plan().due == ()
    assert house.purge().days == 0
    assert (house.tail(FIRST), len(house.files())) == (0, 1)
    house.clock.now += 1
    assert [(due.day, due.records, due.blocked) for due in house.purge_plan().going] == [(number(FIRST), 2, None)]
    assert house.status(FIRST) == "sealed"
    gone = house.purge()
    assert (gone.days, gone.records, gone.unfinished, gone.blocked) == (1, 2, (), ())
    assert house.status(FIRST) == "purged"


def test_nothing_is_left_of_a_purged_days_records_but_its_figures_stay(house):
    sealed(house)
    before = house.digests()
    house.at(DUE).purge()
    assert (house.files(), house.tail(FIRST), house.segments(FIRST), keys(house)) == ([], 0, (), [])
    assert house.state(FIRST).control.sums == {}
    assert house.digests() == before
    assert [row["m_sales"] for row in house.rows().values()] == [2]


def test_the_intention_is_in_the_ledger_before_the_first_delete(house, monkeypatch):
    sealed(house)

    class Cut(Exception):
        pass

    def cut(*_arguments):
        raise Cut

    monkeypatch.setattr(module, "_delete", cut)
    with pytest.raises(Cut):
        house.at(DUE).purge()
    assert kinds(house) == [("purging", number(FIRST))]
    (entry,) = house.entries(Kind.PURGING)
    (segment,) = house.segments(FIRST)
    seal = house.entries(Kind.SEALED)[0].seq
    assert entry.body == {"records": 2, "seal": seal, "segments": [[segment.file, segment.sha256, 2]]}
    assert (house.status(FIRST), keys(house), len(house.files())) == ("purging", [], 1)


def test_a_day_is_called_purged_only_when_nothing_is_left_of_it_in_the_log(house):
    sealed(house)
    with house.workspace.file.read() as connection:
        connection.exec_driver_sql("SELECT count(*) FROM stream_days").fetchall()
        stuck = house.at(DUE).purge()
        assert ([due.day for due in stuck.unfinished], stuck.days, stuck.records) == ([number(FIRST)], 0, 0)
        assert (house.status(FIRST), house.files(), house.tail(FIRST)) == ("purging", [], 0)
        assert log_bytes(house) > 0
        again = house.purge()
        assert [due.day for due in again.unfinished] == [number(FIRST)]
    done = house.purge()
    assert (done.unfinished, done.days, done.records) == ((), 1, 2)
    assert kinds(house) == [("purging", number(FIRST)), ("purged", number(FIRST))]
    assert house.purge().days == 0


def test_a_purge_that_was_cut_off_anywhere_is_finished_by_the_next(house, monkeypatch):
    places = [
        (module.records, "drop_tail"),
        (module.manifest, "withdraw"),
        (module.days, "forget_control"),
        (type(house.workspace.segments), "remove"),
        (type(house.workspace.file), "truncate"),
    ]
    sealed(house)
    house.at(DUE)

    class Cut(Exception):
        pass

    def cut(*_arguments):
        raise Cut

    for owner, name in places:
        monkeypatch.setattr(owner, name, cut)
        with pytest.raises(Cut):
            house.purge()
        monkeypatch.undo()
        assert house.status(FIRST) == "purging", name
        assert house.collect(sale(1)).duplicates == 1, name
        assert house.roll().sealed == (29 if name == "drop_tail" else 0), name
    assert house.purge().days == 1
    assert (house.status(FIRST), house.files()) == ("purged", [])
    assert kinds(house) == [("purging", number(FIRST)), ("purged", number(FIRST))]


def test_files_that_were_withdrawn_but_not_removed_go_before_the_day_is_called_purged(house, monkeypatch):
    sealed(house)
    monkeypatch.setattr(type(house.workspace.segments), "remove", lambda *_arguments: None)
    monkeypatch.setattr(module, "_finish", lambda *_arguments, **_named: [])
    house.at(DUE).purge()
    monkeypatch.undo()
    assert (len(house.files()), house.segments(FIRST)) == (1, ())
    monkeypatch.setattr(module.move, "sweep", lambda *_arguments: 0)  # even if nobody swept
    house.purge()
    assert (house.files(), house.status(FIRST)) == ([], "purged")


def test_two_who_purge_at_once_call_a_day_purged_once_and_only_when_it_is(house, monkeypatch):
    house.at("2026-02-02T12:00").collect(sale(1), sale(2, day=SECOND))
    house.at("2026-02-03T02:00").roll()
    house.at("2026-03-05T02:00")
    other = open_folder(house.folder, "UTC", house.clock)
    begin = module._begin
    seen = []

    def overtaken(workspace, calendar, due, **named):
        begun = begin(workspace, calendar, due, **named)
        if workspace is house.workspace:
            # Another process purges between the intention and the first delete.
            module.purge(other.workspace, other.calendar(), now=house.clock())
            seen.append((house.status(FIRST), house.status(SECOND), len(house.files())))
        return begun

    monkeypatch.setattr(module, "_begin", overtaken)
    house.purge()
    other.close()
    assert seen[0] == ("purged", "purged", 0)
    assert (house.files(), house.tail(FIRST), house.tail(SECOND)) == ([], 0, 0)
    assert sorted(kinds(house)) == sorted(
        (kind, number(day)) for kind in ("purging", "purged") for day in (FIRST, SECOND)
    )


def test_a_day_that_another_process_only_began_is_not_called_purged_by_us(house, monkeypatch):
    house.at("2026-02-02T12:00").collect(sale(1), sale(2, day=SECOND))
    house.at("2026-02-03T02:00").roll()
    house.at(DUE)
    finish, begun = module._finish, []

    def meanwhile(*arguments, **named):
        monkeypatch.setattr(module, "_finish", finish)
        house.at("2026-03-05T02:00")
        (due,) = house.purge_plan().going
        begun.append(module._begin(house.workspace, house.system.calendar(), due, now=house.clock()))
        return finish(*arguments, **named)

    monkeypatch.setattr(module, "_finish", meanwhile)
    house.purge()
    assert begun == [True]
    assert (house.status(FIRST), house.status(SECOND)) == ("purged", "purging")
    assert len(house.segments(SECOND)) == 1
    assert house.purge().days == 1
    assert house.status(SECOND) == "purged"


def test_what_is_not_proven_stays(house):
    house.collect(sale(1))
    house.at(DUE)
    assert [due.blocked for due in house.purge_plan().due] == ["NOT_SEALED"]
    gone = house.purge()
    assert (gone.days, [due.blocked for due in gone.blocked]) == (0, ["NOT_SEALED"])
    assert house.tail(FIRST) == 1


def test_a_held_day_stays(house):
    sealed(house)
    with house.workspace.file.write() as connection:
        days.set_state(connection, "sales", number(FIRST), held="SHRUNK")
    assert [due.blocked for due in house.at(DUE).purge().blocked] == ["HELD_SHRUNK"]
    assert len(house.files()) == 1


def test_a_day_whose_rollup_was_changed_stays_until_it_is_rolled_again(house):
    sealed(house)
    house.at(DUE).open(replace(SHOP, rollups=(replace(PLACE_DAILY, by=("way",)),)))
    assert [due.blocked for due in house.purge().blocked] == ["NOT_ROLLED"]
    house.roll(last=FIRST)
    assert house.purge().days == 1


@pytest.mark.parametrize("how", ["missing", "changed"])
def test_a_day_whose_file_is_not_what_was_proven_stays_and_is_held(house, how):
    sealed(house)
    (segment,) = house.segments(FIRST)
    path = house.workspace.segments.path(segment)
    path.unlink() if how == "missing" else path.write_bytes(path.read_bytes() + b" ")
    assert [due.blocked for due in house.at(DUE).purge().blocked] == ["HELD_DAMAGED"]
    assert (house.status(FIRST), house.state(FIRST).held) == ("held", "DAMAGED")
    assert segment.file in house.state(FIRST).held_detail
    house.purge()
    assert kinds(house) == [("held", number(FIRST))]


def test_a_day_touched_between_the_plan_and_the_purge_stays(house, monkeypatch):
    sealed(house)
    plan = module._planned

    def touched(*arguments, **named):
        planned = plan(*arguments, **named)
        house.collect(sale("late"))
        return planned

    monkeypatch.setattr(module, "_planned", touched)
    assert house.at(DUE).purge().days == 0
    assert (house.status(FIRST), house.entries(Kind.PURGING)) == ("touched", [])


def test_a_clock_behind_the_ledger_stops_every_purge(house):
    sealed(house)
    house.at("2027-01-01").collect(sale("later", day="2026-12-31"))
    house.roll(last=FIRST)
    house.collect(sale("late"))
    house.roll(last=FIRST)
    house.at(DUE)
    with pytest.raises(Unavailable, match=r"CLOCK_BEHIND.*ledger entry"):
        house.purge()
    with pytest.raises(Unavailable, match="CLOCK_BEHIND"):
        house.purge_unproven(FIRST)
    assert house.status(FIRST) == "sealed"
    house.at("2027-01-01")
    assert house.purge().days == 1


def test_an_empty_day_is_purged_like_any_other(house):
    sealed(house)
    house.at("2026-02-05T02:00").roll()
    assert house.at("2026-03-08").purge().days == 4
    assert house.status("2026-02-04") == "purged"
    assert house.collect(sale("late", day="2026-02-04")).accepted == 1


def test_what_came_back_into_a_purged_day_as_a_file_is_purged_again_and_never_counted(house):
    sealed(house)
    copy = house.folder / "backup"
    shutil.copytree(house.workspace.segments.folder, copy)
    before = house.digests()
    house.at(DUE).purge()
    for reopen in (False, True):
        shutil.copytree(copy, house.workspace.segments.folder, dirs_exist_ok=True)
        if reopen:
            house.open()
        assert house.roll(last=FIRST).sealed == 0
        house.clock.now += HOUR
        house.purge()
        assert (house.files(), house.status(FIRST), house.state(FIRST).held) == ([], "purged", None)
    found = house.entries(Kind.REAPPEARED)
    assert [entry.body for entry in found] == [{"files": 1, "records": 0, "unknown_files": 0}] * 2
    assert house.digests() == before


def test_rows_that_came_back_into_a_purged_day_are_purged_again_and_never_counted(house):
    sealed(house).at(DUE).purge()
    with house.workspace.file.write() as connection:
        layout = house.workspace.layout(house.stream)
        columns = [["x", "2", "1"] if n == "key" else [1, 1, 1] if n == "time" else [None] * 3 for n in layout.names]
        records.append(connection, layout, [number(FIRST)] * 3, columns)
    house.purge()
    assert house.tail(FIRST) == 1
    assert [entry.body["records"] for entry in house.entries(Kind.REAPPEARED)] == [2]
    assert house.state(FIRST).held == "REAPPEARED"
    assert "0 files and 1 record" in house.state(FIRST).held_detail
    with house.workspace.file.write() as connection:
        records.drop_rows(
            connection, "sales", number(FIRST), [s for s, _ in records.tail_keys(connection, "sales", number(FIRST))]
        )
    house.purge()
    assert house.state(FIRST).held is None


def test_a_file_that_was_never_proven_holds_the_purged_day_it_lies_in_until_it_is_gone(house):
    sealed(house).at(DUE).purge()
    stranger = house.workspace.segments.folder / "sales" / FIRST / "stranger.parquet"
    stranger.parent.mkdir(parents=True)
    stranger.write_bytes(b"who knows")
    house.purge()
    house.open().purge()
    assert stranger.exists()
    assert (house.state(FIRST).held, house.status(FIRST)) == ("REAPPEARED", "purged")
    assert kinds(house).count(("held", number(FIRST))) == 1
    stranger.unlink()
    house.purge()
    assert house.state(FIRST).held is None


def test_what_a_crash_left_of_a_day_goes_with_it(house):
    sealed(house)
    (segment,) = house.segments(FIRST)
    orphan = house.workspace.segments.path(segment).with_name("orphan.parquet")
    shutil.copyfile(house.workspace.segments.path(segment), orphan)
    left = house.workspace.segments.scratch.parent / "0123456789abcdef"
    left.mkdir()
    shutil.copyfile(orphan, left / "draft.parquet")
    house.at(DUE).purge()
    assert (house.files(), left.exists(), house.status(FIRST)) == ([], False, "purged")
    assert house.workspace.segments.scratch.exists()


def test_an_unproven_day_goes_only_by_a_persons_decision_that_the_ledger_keeps(house):
    house.collect(sale(1), sale(2, amount=7))
    with pytest.raises(Conflict, match=r"NOT_DUE.*2026-02-01"):
        house.purge_unproven(FIRST)
    with pytest.raises(NotFound, match=r"NO_RECORDS.*2026-02-02"):
        house.purge_unproven(SECOND)
    house.at(DUE)
    assert house.purge_unproven(FIRST, "the law says so").records == 2
    assert (house.status(FIRST), house.tail(FIRST), keys(house)) == ("purged", 0, [])
    (entry,) = house.entries(Kind.PURGING)
    assert (entry.body["unproven"], entry.body["reason"], entry.body["seal"]) == ("NOT_SEALED", "the law says so", None)
    assert entry.body["control"]["sums"] == {"f_amount": 12}
    with pytest.raises(NotFound, match="NO_RECORDS"):
        house.purge_unproven(FIRST)


def test_a_damaged_day_goes_by_a_persons_decision_and_its_sealed_figures_stay(house):
    sealed(house)
    (segment,) = house.segments(FIRST)
    house.workspace.segments.path(segment).unlink()
    house.at(DUE).purge()
    assert house.purge_unproven(FIRST).records == 2
    (entry,) = house.entries(Kind.PURGING)
    assert entry.body["unproven"] == "DAMAGED"
    assert (house.status(FIRST), house.state(FIRST).held) == ("purged", None)
    assert [row["m_sales"] for row in house.rows().values()] == [2]


def test_an_unproven_purge_that_a_reader_keeps_from_finishing_says_so(house):
    house.collect(sale(1))
    with house.at(DUE).workspace.file.read() as connection:
        connection.exec_driver_sql("SELECT count(*) FROM stream_days").fetchall()
        with pytest.raises(Unavailable, match="PURGE_UNFINISHED"):
            house.purge_unproven(FIRST)
    assert house.purge().days == 1


def test_the_plan_says_what_can_be_asked_no_more(house):
    assert house.purge_plan().lost == ()
    sealed(house).at(DUE)
    wider = replace(SALES, fields=(*SALES.fields, Text("shelf", most=9)))
    house.open(replace(SHOP, streams=(wider,), rollups=(replace(PLACE_DAILY, of=wider),)))
    lost = [one.what for one in house.purge_plan().lost]
    assert "any figure by shelf" in lost
    assert "any figure by place" not in lost
    assert lost[-1] == "single records, and anything about one person"


def test_rollups_expire_by_their_own_retention_whatever_definition_made_them(tmp_path):
    short = replace(PLACE_DAILY, keep=days_of(40))
    house = House(tmp_path, replace(SHOP, rollups=(short,)))
    sealed(house).at(DUE).purge()
    changed = replace(short, by=("way",))
    house.open(replace(SHOP, rollups=(changed,)))
    assert house.at("2026-03-13T23:00").purge().expired == 0
    assert len(house.rows(short)) == 1
    gone = house.at("2026-03-14T00:00").purge()
    assert (gone.expired, house.rows(short), house.parts(short)) == (1, {}, {})
    (entry,) = house.entries(Kind.EXPIRED)
    assert (entry.body["before"], entry.body["days"]) == (number(SECOND), 1)
    house.close()


@pytest.mark.parametrize("gone", ["rollup", "stream"])
def test_rollups_expire_as_they_were_declared_last_when_nobody_declares_them_any_more(tmp_path, gone):
    short = replace(PLACE_DAILY, keep=days_of(40))
    house = House(tmp_path, replace(SHOP, rollups=(short,)))
    sealed(house).at(DUE).purge()
    house.open(replace(SHOP, rollups=(replace(short, keep=days_of(50)),)))
    other = replace(SALES, name="other")
    streams = (SALES,) if gone == "rollup" else (other,)
    house.open(replace(SHOP, streams=streams, rollups=(replace(PLACE_DAILY, name="other_daily", of=streams[0]),)))
    assert house.at("2026-03-23T23:00").purge().expired == 0
    assert len(house.rows(short)) == 1
    assert house.at("2026-03-24T00:00").purge().expired == 1
    assert (house.rows(short), house.parts(short)) == ({}, {})
    (entry,) = house.entries(Kind.EXPIRED)
    assert (entry.stream, entry.body["before"], entry.body["days"]) == ("sales", number(SECOND), 1)
    assert verify_ledger(house.workspace).findings == ()
    house.close()


def test_rollups_that_are_kept_for_years_are_not_touched_by_a_purge(house):
    assert PLACE_DAILY.keep == years(3)
    sealed(house).at("2029-01-31").purge()
    assert len(house.rows()) == 1
    house.clock.now += 3 * DAY
    house.purge()
    assert house.rows() == {}


def test_collecting_goes_on_while_a_day_is_purged(house):
    house.collect(*(sale(n) for n in range(3_000)))
    house.at("2026-02-02T02:00").roll()
    house.at(DUE)
    told, stop = [], threading.Event()

    def send():
        while not stop.is_set():
            told.append(house.collect(sale(len(told), day="2026-03-03"), sale(5)))

    sender = threading.Thread(target=send)
    sender.start()
    assert house.purge().days == 1
    stop.set()
    sender.join()
    assert house.state("2026-03-03").control.records == len(told)
    assert {(one.accepted, one.duplicates) for one in told} == {(1, 1)}
