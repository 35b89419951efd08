"""Purging rows of an application's own database, on each of the three."""

from contextlib import closing
from dataclasses import replace

import pytest
from tests.ordering import MISREAD, AttachedHouse, lay_table, order, orders, shop
from tests.systems import number, owner

from keepsum import Count, Rollup, years
from keepsum.model.errors import Conflict, ProofFailed
from keepsum.model.ledger import Kind
from keepsum.pipeline import purge_attached, purge_switch
from keepsum.pipeline.purge_rows import Home
from keepsum.pipeline.verify import verify_ledger

FIRST, SECOND = "2026-02-01", "2026-02-02"
DUE = "2026-03-04T00:00:00"  # thirty days after the end of the first day
(DAILY,) = shop().rollups
PURGES = (Kind.PURGING, Kind.PARTLY_PURGED, Kind.PURGED, Kind.REAPPEARED, Kind.CORRECTED, Kind.HELD)


@pytest.fixture
def house(tmp_path, database, monkeypatch):
    """A shop with five orders on two days, all sealed."""
    rows = [order(i, user=f"user {i % 2}") for i in range(1, 4)] + [order(i, SECOND) for i in (4, 5)]
    lay_table(database, *rows)
    made = AttachedHouse(tmp_path, database, monkeypatch, now="2026-02-03T02:00:00Z")
    made.roll()
    yield made
    made.close()


def enable(house):
    purge_switch.enable(house.workspace, house.stream, owner(), now=house.clock())
    return house


def ids(house):
    return [key for (key,) in house.database.execute("SELECT id FROM orders ORDER BY id")]


def kinds(house):
    return [(entry.kind.value, entry.day) for entry in house.entries(*PURGES)]


def test_what_is_due_goes_from_the_applications_table_and_its_figures_stay(house):
    before = house.digests()
    enable(house).at(DUE)
    assert [(due.day, due.records, due.blocked) for due in house.purge_plan().due] == [(number(FIRST), 3, None)]
    done = house.purge()
    assert (done.days, done.records, done.blocked, done.unfinished) == (1, 3, (), ())
    assert ids(house) == [4, 5]
    assert house.status(FIRST) == "purged"
    assert kinds(house) == [("purging", number(FIRST)), ("purged", number(FIRST))]
    assert house.entries(Kind.PURGED)[0].body == {"was": 3, "gone": 3, "left": 0}
    assert house.digests() == before
    assert verify_ledger(house.workspace).findings == ()


def test_a_day_without_rows_goes_too(tmp_path, database, monkeypatch):
    lay_table(database, order(1), order(2, "2026-02-03"))
    house = AttachedHouse(tmp_path, database, monkeypatch, now="2026-02-04T02:00:00Z")
    house.roll()
    enable(house).at("2026-03-05T00:00:00")
    assert (house.purge().days, house.status(SECOND), ids(house)) == (2, "purged", [2])
    assert [entry.body for entry in house.entries(Kind.PURGED)][1] == {"was": 0, "gone": 0, "left": 0}
    house.close()


def test_nothing_goes_before_a_person_lets_it_and_the_plan_says_so(house):
    house.at(DUE)
    assert [(due.day, due.blocked) for due in house.purge_plan().off] == [(number(FIRST), "PURGE_OFF")]
    assert (house.purge_plan().blocked, house.purge_plan().going, house.purge().days) == ((), (), 0)
    assert ids(house) == [1, 2, 3, 4, 5]
    enable(house)
    purge_switch.disable(house.workspace, house.stream, owner("bob"), now=house.clock())
    assert house.purge().days == 0
    said = [(entry.kind, entry.body) for entry in house.entries(Kind.PURGE_ENABLED, Kind.PURGE_DISABLED)]
    assert said == [(Kind.PURGE_ENABLED, {"by": "ann"}), (Kind.PURGE_DISABLED, {"by": "bob"})]


def test_a_purge_cannot_be_allowed_before_every_ended_day_is_sealed(tmp_path, database, monkeypatch):
    lay_table(database, order(1), order(2, SECOND))
    house = AttachedHouse(tmp_path, database, monkeypatch, now="2026-02-03T02:00:00Z")
    house.roll(first=SECOND)
    with pytest.raises(Conflict, match="BACKFILL_INCOMPLETE"):
        enable(house)
    house.roll()
    enable(house)
    house.close()


def test_a_purge_can_be_allowed_of_a_table_that_never_had_a_row_once_somebody_looked(tmp_path, database, monkeypatch):
    lay_table(database)
    house = AttachedHouse(tmp_path, database, monkeypatch, now="2026-02-03T02:00:00Z")
    with pytest.raises(Conflict, match="BACKFILL_INCOMPLETE"):
        enable(house)
    house.roll()
    enable(house)
    database.insert("orders", [order(1)])
    house.at(DUE)
    assert (house.purge().days, ids(house)) == (0, [1])  # its day is not sealed yet
    house.close()


def test_a_day_of_which_a_row_changed_is_proven_anew_before_it_goes(house):
    enable(house).at(DUE)
    house.database.execute("UPDATE orders SET items = 7 WHERE id = 2")
    assert [due.blocked for due in house.purge().blocked] == ["ROWS_CHANGED"]
    assert (ids(house), house.status(FIRST)) == ([1, 2, 3, 4, 5], "touched")
    house.roll(last=FIRST)
    assert (house.purge().days, ids(house)) == (1, [4, 5])


def test_rows_that_come_while_their_day_is_purged_survive_and_are_booked_once(house, monkeypatch):
    enable(house).at(DUE)
    delete = Home.delete

    def with_a_new_row(home, piece, **how):
        if 6 not in ids(house):
            house.database.insert("orders", [order(6, user="late")])
        return delete(home, piece, **how)

    monkeypatch.setattr(Home, "delete", with_a_new_row)
    house.purge()
    assert ids(house) == [4, 5]  # booked, and gone in the same run
    assert kinds(house)[-2:] == [("corrected", number(FIRST)), ("reappeared", number(FIRST))]
    figures = house.digests()
    for _ in range(2):
        house.purge()
    assert house.digests() == figures
    assert sum(row["m_orders"] for key, row in house.rows(DAILY).items() if key[-2] == number(FIRST)) == 4
    assert verify_ledger(house.workspace).findings == ()


def test_a_row_that_another_session_changes_after_the_proof_stops_its_chunk(house, monkeypatch):
    enable(house).at(DUE)
    begin = purge_attached._begin

    def changed_after(*arguments, **named):
        found = begin(*arguments, **named)
        house.database.execute("UPDATE orders SET status = 'refunded' WHERE id = 2")
        return found

    monkeypatch.setattr(purge_attached, "_begin", changed_after)
    done = house.purge()
    monkeypatch.undo()
    assert ([due.blocked for due in done.blocked], done.days) == (["HELD_PARTLY_PURGED"], 0)
    assert ids(house) == [1, 2, 3, 4, 5]
    assert [entry.body for entry in house.entries(Kind.PARTLY_PURGED)] == [{"was": 3, "gone": 0, "left": 3}]
    assert [due.blocked for due in house.purge().blocked] == ["HELD_PARTLY_PURGED"]
    assert len(house.entries(Kind.PARTLY_PURGED, Kind.HELD)) == 2  # said once
    assert verify_ledger(house.workspace).findings == ()
    house.accept(FIRST)
    assert (house.purge().days, ids(house), house.status(FIRST)) == (1, [4, 5], "purged")
    assert house.entries(Kind.PURGED)[0].body == {"was": 3, "gone": 3, "left": 0}


def test_a_row_that_moves_to_another_day_after_the_proof_stops_its_chunk(house, monkeypatch):
    enable(house).at(DUE)
    begin = purge_attached._begin

    def moved_after(*arguments, **named):
        found = begin(*arguments, **named)
        house.database.execute(f"UPDATE orders SET created_at = '{SECOND} 10:00:00' WHERE id = 2")
        return found

    monkeypatch.setattr(purge_attached, "_begin", moved_after)
    assert [due.blocked for due in house.purge().blocked] == ["HELD_PARTLY_PURGED"]
    assert ids(house) == [1, 2, 3, 4, 5]


def test_what_changed_back_goes_without_anybodys_decision(house, monkeypatch):
    test_a_row_that_moves_to_another_day_after_the_proof_stops_its_chunk(house, monkeypatch)
    monkeypatch.undo()
    house.database.execute(f"UPDATE orders SET created_at = '{FIRST} 10:00:00' WHERE id = 2")
    assert (house.purge().days, ids(house), house.status(FIRST)) == (1, [4, 5], "purged")


def test_rows_that_a_backup_brought_back_are_deleted_again_and_never_counted(house):
    enable(house).at(DUE).purge()
    figures = house.digests()
    house.database.insert("orders", [order(1, user="user 1"), order(3, user="user 1")])
    house.roll(last=FIRST)
    house.purge()
    assert (ids(house), house.digests(), house.status(FIRST)) == ([4, 5], figures, "purged")
    assert [entry.body for entry in house.entries(Kind.REAPPEARED)] == [{"records": 2, "corrected": 0, "left": 0}]


def test_rows_that_came_back_otherwise_than_they_went_wait_for_a_person(house):
    enable(house).at(DUE).purge()
    figures = house.digests()
    house.database.insert("orders", [order(1, user="user 1", status="open")])
    house.purge()
    assert (ids(house), house.state(FIRST).held) == ([1, 4, 5], "REAPPEARED")
    house.accept(FIRST)
    house.purge()
    assert (ids(house), house.state(FIRST).held, house.digests()) == ([4, 5], None, figures)


def test_rows_that_come_when_late_is_over_are_in_no_figure_and_wait_for_a_person(house):
    enable(house).at(DUE).purge()
    house.at("2026-03-20T00:00:00").purge()
    figures = house.digests()
    house.database.insert("orders", [order(9)])
    house.purge()
    assert (house.state(FIRST).held, house.digests()) == ("REAPPEARED", figures)
    assert 9 in ids(house)
    house.database.execute("DELETE FROM orders WHERE id = 9")
    house.purge()
    assert house.state(FIRST).held is None


def test_a_row_that_is_no_record_holds_its_purged_day_and_keeps_no_other_waiting(house):
    enable(house).at(DUE).purge()
    figures = house.digests()
    house.database.insert("orders", [order(9, status="nonsense")])
    house.at("2026-03-05T00:00:00").purge()
    assert (house.status(SECOND), house.status(FIRST), house.state(FIRST).held) == ("purged", "purged", "BAD_ROW")
    assert "nonsense" not in str(house.state(FIRST).held_detail)
    house.database.insert("orders", [order(4, SECOND)])
    house.purge()
    assert (ids(house), house.digests()) == ([9], figures)  # what came back into another day has gone again
    house.database.execute("DELETE FROM orders WHERE id = 9")
    house.purge()
    assert house.state(FIRST).held is None
    assert verify_ledger(house.workspace).findings == ()


def sold(tmp_path, database, patch):
    """A shop with three orders on its first day, which is due and may go."""
    lay_table(database, *(order(i) for i in (1, 2, 3)), order(4, SECOND))
    house = AttachedHouse(tmp_path, database, patch, now="2026-02-03T02:00:00Z")
    house.roll()
    return enable(house).at(DUE)


def unfinished(done):
    return [(due.blocked, due.stream) for due in done.unfinished]


def test_rows_of_a_column_that_would_be_misread_are_not_deleted(served, tmp_path, monkeypatch):
    house = sold(tmp_path, served, monkeypatch)
    served.execute(MISREAD[served.dialect])
    done = house.purge()
    assert (done.days, unfinished(done), kinds(house)) == (0, [("DATABASE_SCHEMA", "orders")], [])
    assert (ids(house), house.status(FIRST)) == ([1, 2, 3, 4], "sealed")
    house.close()


def test_a_purge_that_was_cut_off_waits_while_a_column_would_be_misread(served, tmp_path, monkeypatch):
    house = sold(tmp_path, served, monkeypatch)
    monkeypatch.setattr(purge_attached, "_delete", lambda _unit, due, _left, **_: due)
    house.purge()
    monkeypatch.undo()
    served.execute(MISREAD[served.dialect])
    done = house.purge()
    assert (done.days, unfinished(done), kinds(house)) == (
        0,
        [("DATABASE_SCHEMA", "orders")],
        [("purging", number(FIRST))],
    )
    assert ids(house) == [1, 2, 3, 4]
    house.close()


def test_a_late_row_of_a_column_that_would_be_misread_is_booked_and_deleted_by_nobody(served, tmp_path, monkeypatch):
    house = sold(tmp_path, served, monkeypatch)
    assert house.purge().days == 1
    served.execute(MISREAD[served.dialect])
    served.insert("orders", [order(9)])
    done = house.purge()
    assert (done.days, unfinished(done)) == (0, [("DATABASE_SCHEMA", "orders")])
    assert (ids(house), house.entries(Kind.CORRECTED, Kind.REAPPEARED)) == ([4, 9], [])
    house.close()


def test_a_row_that_is_no_record_any_more_holds_the_day_whose_purge_has_begun(house, monkeypatch):
    enable(house).at("2026-03-05T00:00:00")
    begin = purge_attached._begin

    def changed_after(unit, calendar, day, proof, *, now):
        found = begin(unit, calendar, day, proof, now=now)
        if day == number(FIRST):
            house.database.execute("UPDATE orders SET status = 'nonsense' WHERE id = 2")
        return found

    monkeypatch.setattr(purge_attached, "_begin", changed_after)
    house.purge()
    monkeypatch.undo()
    house.database.insert("orders", [order(4, SECOND)])
    done = house.purge()
    assert [(due.day, due.blocked) for due in done.blocked] == [(number(FIRST), "HELD_BAD_ROW")]
    assert "'status'" in str(done.blocked[0].detail)
    assert (ids(house), house.state(FIRST).held, house.state(SECOND).purge) == ([1, 2, 3], "BAD_ROW", "purged")
    house.database.execute("UPDATE orders SET status = 'paid' WHERE id = 2")
    assert (house.purge().days, ids(house), house.state(FIRST).held) == (1, [], None)


def test_a_missing_value_that_becomes_one_that_cannot_be_kept_stops_its_chunk(tmp_path, database, monkeypatch):
    lay_table(database, order(1, place=None), order(2, SECOND))
    with closing(AttachedHouse(tmp_path, database, monkeypatch, now="2026-02-03T02:00:00Z")) as house:
        house.roll()
        enable(house).at(DUE)
        begin = purge_attached._begin

        def changed_after(*arguments, **named):
            found = begin(*arguments, **named)
            mark = "?" if database.dialect == "sqlite" else "%s"
            database.execute(f"UPDATE orders SET place = {mark} WHERE id = 1", parameters=("\x01",))
            return found

        monkeypatch.setattr(purge_attached, "_begin", changed_after)
        assert [due.blocked for due in house.purge().blocked] == ["HELD_PARTLY_PURGED"]
        assert ids(house) == [1, 2]


def test_a_day_that_cannot_be_proven_goes_when_a_person_says_so_and_keeps_its_figures(house):
    figures = house.digests()
    house.database.execute("DELETE FROM orders WHERE id = 2")
    house.at(DUE).roll(last=FIRST)
    assert house.state(FIRST).held == "SHRUNK"
    with pytest.raises(Conflict, match="PURGE_OFF"):
        house.purge_unproven(FIRST)
    enable(house)
    with pytest.raises(Conflict, match="NOT_DUE"):
        house.purge_unproven(SECOND)
    assert ids(house) == [1, 3, 4, 5]
    done = house.purge_unproven(FIRST, reason="the shop cleaned up")
    assert (done.records, done.uncounted, ids(house), house.status(FIRST)) == (2, 0, [4, 5], "purged")
    (purging,) = house.entries(Kind.PURGING)
    assert (purging.body["unproven"], purging.body["reason"]) == ("SHRUNK", "the shop cleaned up")
    assert house.entries(Kind.PURGED)[0].body == {"was": 2, "gone": 2, "left": 0}
    assert house.digests() == figures
    assert verify_ledger(house.workspace).findings == ()


def test_what_the_figures_of_an_unproven_day_lack_is_said(house):
    figures = house.digests()
    house.database.insert("orders", [order(6)])
    done = enable(house).at(DUE).purge_unproven(FIRST)
    assert (done.records, done.kept is not None, done.uncounted, ids(house)) == (4, True, 1, [4, 5])
    assert (house.digests(), house.state(FIRST).uncounted) == (figures, 1)
    assert verify_ledger(house.workspace).findings == ()


def test_a_row_that_is_no_record_does_not_even_go_unproven(house):
    house.database.execute("UPDATE orders SET status = 'nonsense' WHERE id = 2")
    with pytest.raises(ProofFailed, match="BAD_ROW"):
        enable(house).at(DUE).purge_unproven(FIRST)
    assert (ids(house), house.entries(Kind.PURGING)) == ([1, 2, 3, 4, 5], [])


def test_a_row_that_changes_while_its_unproven_day_goes_stays(house, monkeypatch):
    delete = Home.delete

    def changed_before(home, piece, **how):
        house.database.execute("UPDATE orders SET items = 9 WHERE id = 2")
        return delete(home, piece, **how)

    monkeypatch.setattr(Home, "delete", changed_before)
    with pytest.raises(Conflict, match="PARTLY_PURGED"):
        enable(house).at(DUE).purge_unproven(FIRST)
    monkeypatch.undo()
    assert (ids(house), house.state(FIRST).held) == ([1, 2, 3, 4, 5], "PARTLY_PURGED")
    house.accept(FIRST)
    assert (house.purge().days, ids(house)) == (1, [4, 5])


def test_a_row_whose_time_changed_is_missed_on_its_old_day_before_that_goes(tmp_path, database, monkeypatch):
    """Its new day hears of it at once. The old one counts it until it is read again, at the latest when it would go."""
    counting = Rollup("daily", of=orders(), by=("status",), measures=(Count("orders"),), keep=years(3))
    pack = replace(shop(), rollups=(counting,), metrics=())
    lay_table(database, order(1), order(2), order(3, SECOND))
    with closing(AttachedHouse(tmp_path, database, monkeypatch, pack, now="2026-02-03T02:00:00Z")) as house:
        house.roll()
        enable(house).at("2026-02-10T02:00:00")
        changed = f"created_at = '{SECOND} 09:00:00', updated_at = '2026-02-09 09:00:00'"
        database.execute(f"UPDATE orders SET {changed} WHERE id = 2")
        house.roll()
        counted = {day: house.state(day).control.records for day in (FIRST, SECOND)}
        assert (counted, house.status(FIRST)) == ({FIRST: 2, SECOND: 2}, "sealed")
        assert ([due.blocked for due in house.at(DUE).purge().blocked], ids(house)) == (["ROWS_CHANGED"], [1, 2, 3])
        house.roll(last=FIRST)
        assert house.state(FIRST).held == "SHRUNK"
        house.accept(FIRST)
        house.roll(last=FIRST)
        assert (house.purge().days, ids(house), house.state(FIRST).sealed_records) == (1, [2, 3], 1)
