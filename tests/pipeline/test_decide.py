"""What a person decides about a held day: what was proven stays, what cannot be told from it is written down."""

from dataclasses import replace

import pytest
from tests.systems import ASKED_SHOP, PLACE_DAILY, SALES, number, owner, sale

from keepsum import Text
from keepsum.engine import access
from keepsum.model.access import ROLES, machine
from keepsum.model.audit import Kind as Audited
from keepsum.model.control import Control
from keepsum.model.errors import Conflict, Forbidden, NotFound
from keepsum.model.ledger import Kind
from keepsum.model.query import Query
from keepsum.pipeline import audit
from keepsum.pipeline import purge as purging
from keepsum.pipeline import roll as rolling
from keepsum.pipeline.answer import answer
from keepsum.pipeline.audit import Wanted
from keepsum.pipeline.decide import Accepted
from keepsum.pipeline.verify import verify_ledger
from keepsum.store import records

FIRST, SECOND = "2026-02-01", "2026-02-02"
DUE = "2026-03-04T02:00"


def sealed(house, *sent, until="2026-02-02T02:00"):
    house.collect(*sent)
    house.at(until).roll()
    return house


def path(house, day=FIRST, place=0):
    return house.workspace.segments.path(house.segments(day)[place])


def lost(house, *late):
    """A sealed day of three sales whose only segment is lost, and what came after the seal."""
    sealed(house, sale(1, amount=5), sale(2, amount=7), sale(3, amount=9, place="hull"))
    path(house).unlink()
    house.collect(*(late or [sale("late", amount=100)]))
    assert house.roll().held == 1
    return house


def asked(house, *metrics, day=FIRST, **how):
    query = Query(metrics=metrics or ("sales", "amount"), first=number(day), last=number(day), **how)
    return answer(house.workspace, query, caller=machine("default"), now=house.clock())


def figures(house, **how):
    (row,) = asked(house, **how).rows
    return list(row[-2:])


def findings(house):
    return verify_ledger(house.workspace, deep=True).findings


def test_the_figures_that_a_seal_proved_stay_when_its_records_are_lost_and_what_came_later_is_added(house):
    lost(house)
    seal = house.state(FIRST).seal
    before = house.digests()
    assert house.accept(FIRST, "the disk died") == Accepted(held="DAMAGED", kept=seal)
    after = house.digests()
    assert {key: after[key] for key in before} == before
    assert (house.status(FIRST), house.state(FIRST).seal, house.state(FIRST).held) == ("sealed", seal, None)
    assert figures(house) == [4, 121]
    assert asked(house).labels.notes == ()
    assert findings(house) == ()


def test_the_ledger_says_what_was_kept_what_is_left_and_what_is_lost(house):
    lost(house)
    house.accept(FIRST, "the disk died")
    accepted, corrected = house.entries(Kind.ACCEPTED, Kind.CORRECTED)
    body = accepted.body
    assert (body["held"], body["reason"], body["kept"]) == ("DAMAGED", "the disk died", house.state(FIRST).seal)
    assert (body["booked"], body["uncounted"]) == (1, 0)
    assert Control.from_json(body["control_before"]).records == 4
    assert Control.from_json(body["control"]).sums == {"f_amount": 100}
    assert [records for _, _, records in body["lost_segments"]] == [3]
    assert corrected.body["booked"] == number(SECOND)
    assert house.state(FIRST).incomplete == accepted.seq


def test_a_day_that_is_no_longer_whole_goes_when_it_is_due_and_its_figures_stay(house):
    lost(house).accept(FIRST)
    house.roll()
    assert [due.blocked for due in house.at(DUE).purge_plan().due] == [None]
    assert house.purge().days == 1
    assert (house.status(FIRST), house.files(), house.tail(FIRST)) == ("purged", [], 0)
    assert figures(house) == [4, 121]
    assert findings(house) == ()


def test_a_sealed_day_that_only_the_purge_found_damaged_goes_with_its_sealed_figures_once_accepted(house):
    sealed(house, sale(1), sale(2))
    path(house).unlink()
    assert [due.blocked for due in house.at(DUE).purge().blocked] == ["HELD_DAMAGED"]
    house.accept(FIRST)
    assert house.purge().days == 1
    assert figures(house) == [2, 10]
    assert findings(house) == ()


def test_a_day_that_is_no_longer_whole_is_never_rolled_again_under_any_definition(house):
    lost(house).accept(FIRST)
    assert house.roll(last=FIRST).sealed == 0
    wider = replace(SALES, fields=(*SALES.fields, Text("shelf", most=9)))
    changed = replace(PLACE_DAILY, of=wider, by=("way",))
    house.open(replace(ASKED_SHOP, streams=(wider,), rollups=(changed,), metrics=()))
    assert (house.roll(last=FIRST).sealed, house.status(FIRST)) == (0, "sealed")
    assert house.at(DUE).purge().blocked == ()
    assert house.status(FIRST) == "purged"


def test_who_planned_to_roll_the_day_before_it_was_accepted_does_not_seal_what_is_left_of_it(house):
    lost(house)
    calendar = house.system.calendar()
    planned = rolling.plan(house.workspace, calendar, now=house.clock())
    house.accept(FIRST)
    outcome = rolling.roll(house.workspace, calendar, planned, now=house.clock())
    assert (outcome.sealed, house.state(FIRST).held, figures(house)) == (0, None, [4, 121])


def test_what_comes_later_is_a_correction_what_was_counted_a_duplicate_and_a_change_a_conflict(house):
    lost(house).accept(FIRST)
    found = house.collect(sale(1, amount=5), sale("late", amount=100), sale("later", amount=1000))
    assert (found.accepted, found.duplicates) == (1, 2)
    assert house.codes(sale(2, amount=8)) == [(0, "", "KEY_CONFLICT")]
    assert figures(house) == [5, 1121]
    assert house.collect(sale("later", amount=1000)).duplicates == 1
    house.at(DUE).purge()
    assert house.collect(sale("later", amount=1000), sale("last", amount=10_000)).accepted == 1
    assert house.codes(sale(2, amount=8)) == [(0, "", "RECORD_PURGED")]
    assert figures(house) == [6, 11_121]
    assert findings(house) == ()


def test_records_that_came_after_the_seal_and_are_lost_with_it_are_in_no_figure_and_every_answer_says_so(house):
    sealed(house, sale(1, amount=5))
    house.collect(sale(2, amount=7), sale(3, amount=9))
    house.move()
    rolling._gather(house.workspace, house.stream, number(FIRST), now=house.clock())  # cut off before it was sealed
    path(house).unlink()
    house.roll()
    assert house.accept(FIRST).uncounted == 2
    assert figures(house) == [1, 5]
    assert asked(house).labels.notes == ("RECORDS_LOST",)
    house.at(DUE).purge()
    assert asked(house).labels.notes == ("RECORDS_LOST",)
    assert findings(house) == ()


def test_records_that_were_lost_after_the_seal_only_leave_the_day_to_be_proven_again(house):
    sealed(house, sale(1, amount=5))
    house.collect(sale(2, amount=7))
    house.move_day(FIRST)
    path(house, place=1).unlink()
    house.roll()
    assert house.accept(FIRST) == Accepted(held="DAMAGED")
    assert house.collect(sale(2, amount=7)).accepted == 1
    assert house.roll().sealed == 1
    assert (figures(house), house.state(FIRST).incomplete) == ([2, 12], None)


def test_records_that_were_never_proven_can_be_sent_again_once_their_loss_is_accepted(house):
    house.collect(sale(1), sale(2))
    house.move_day(FIRST)
    path(house).unlink()
    house.at("2026-02-02T02:00").roll()
    assert house.collect(sale(1)).duplicates == 1
    assert house.accept(FIRST) == Accepted(held="DAMAGED")
    assert house.collect(sale(1), sale(2)).accepted == 2
    assert house.roll().sealed == 1
    assert house.entries(Kind.SEALED)[-1].body["reason"] == "accepted DAMAGED"
    assert figures(house) == [2, 10]


def test_a_day_that_is_damaged_twice_is_added_to_once(house):
    lost(house).accept(FIRST)
    house.move_day(FIRST)
    path(house).unlink()
    assert [due.blocked for due in house.at(DUE).purge().blocked] == ["HELD_DAMAGED"]
    house.accept(FIRST)
    assert (figures(house), len(house.entries(Kind.CORRECTED))) == ([4, 121], 1)
    assert house.purge().days == 1
    assert findings(house) == ()


def test_what_no_rollup_keeps_of_a_day_that_is_no_longer_whole_is_missing_and_explained(house):
    lost(house).accept(FIRST)
    found = asked(house, "median", where=(("way", ("card",)),), by=("place",), explain=True)
    assert found.labels.coverage.missing == (FIRST,)
    assert found.explain is not None
    assert "DAY_DAMAGED" in {refusal["reason"] for refusal in found.explain.refusals}


def test_a_file_that_was_given_up_and_comes_back_after_the_purge_goes_again(house):
    sealed(house, sale(1), sale(2))
    kept = path(house).read_bytes()
    where = path(house)
    where.unlink()
    house.collect(sale("late"))
    house.roll()
    house.accept(FIRST)
    house.at(DUE).purge()
    where.parent.mkdir(parents=True, exist_ok=True)
    where.write_bytes(kept)
    house.purge()
    assert (house.files(), house.state(FIRST).held) == ([], None)
    assert figures(house) == [3, 15]


def test_a_purged_day_cannot_be_accepted_once_its_purge_began(house, monkeypatch):
    sealed(house, sale(1))
    monkeypatch.setattr(purging, "_finish", lambda *_a, **_n: [])
    house.at(DUE).purge()
    with house.workspace.file.write() as connection:
        connection.exec_driver_sql("UPDATE stream_days SET held = 'DAMAGED'")
    with pytest.raises(Conflict, match="DAY_PURGED"):
        house.accept(FIRST)


def restored(house, *keys):
    """Rows of a purged day lie in the tail again, as after a restored backup."""
    with house.workspace.file.write() as connection:
        layout = house.workspace.layout(house.stream)
        known = {"key": list(keys), "time": [1] * len(keys)}
        columns = [known.get(name, [None] * len(keys)) for name in layout.names]
        records.append(connection, layout, [number(FIRST)] * len(keys), columns)
    house.purge()
    assert house.state(FIRST).held == "REAPPEARED"


def test_only_who_may_operate_decides_and_only_who_may_delete_about_a_purged_day(house):
    lost(house)
    viewer, admin = (access.caller("person", "p", "default", (role,), ROLES) for role in ("viewer", "admin"))
    with pytest.raises(Forbidden, match="'operate'"):
        house.accept(FIRST, by=viewer)
    assert house.accept(FIRST, by=admin).held == "DAMAGED"
    house.at(DUE).purge()
    restored(house, "x")
    with pytest.raises(Forbidden, match="'delete'"):
        house.accept(FIRST, by=admin)
    assert house.state(FIRST).held == "REAPPEARED"
    assert house.accept(FIRST, by=owner()).removed == 1


def test_the_audit_log_says_whose_decision_it_was(house):
    lost(house)
    with pytest.raises(NotFound, match="NOT_HELD"):
        house.accept(SECOND, by=owner())
    house.accept(FIRST, by=owner("bob"))
    (event,) = audit.page(house.workspace.control, Wanted(kind=Audited.DAY_ACCEPTED))
    assert (event.caller, event.body) == ("bob", {"stream": "sales", "day": FIRST})


def test_records_that_were_never_proven_leave_a_purged_day_by_a_persons_decision(house):
    sealed(house, sale(1)).at(DUE).purge()
    restored(house, "x", "1", "y")
    before = figures(house)
    assert house.accept(FIRST, "from a test") == Accepted(held="REAPPEARED", removed=2)
    assert (house.tail(FIRST), house.state(FIRST).held, house.status(FIRST)) == (0, None, "purged")
    (entry,) = house.entries(Kind.ACCEPTED)
    assert (entry.body["reason"], entry.body["removed"]) == ("from a test", 2)
    house.purge()
    assert (house.state(FIRST).held, figures(house)) == (None, before)
    assert findings(house) == ()


def test_files_that_were_never_proven_are_left_to_a_person(house):
    sealed(house, sale(1)).at(DUE).purge()
    stranger = house.workspace.segments.folder / "sales" / FIRST / "stranger.parquet"
    stranger.parent.mkdir(parents=True, exist_ok=True)
    stranger.write_bytes(b"who knows")
    restored(house, "x")
    with pytest.raises(Conflict, match=r"FILES_UNKNOWN.*stranger\.parquet"):
        house.accept(FIRST)
    assert (stranger.exists(), house.tail(FIRST)) == (True, 1)


def test_a_day_deleted_unproven_after_late_records_has_its_sealed_figures_and_says_what_they_lack(house):
    sealed(house, sale(1, amount=5), sale(2, amount=7))
    house.collect(sale(3, amount=100))
    gone = house.at(DUE).purge_unproven(FIRST)
    assert (gone.records, gone.kept, gone.uncounted) == (3, house.state(FIRST).seal, 1)
    assert house.entries(Kind.PURGING)[0].body["uncounted"] == 1
    assert figures(house) == [2, 12]
    assert asked(house).labels.notes == ("RECORDS_LOST",)
    assert findings(house) == ()


def test_a_day_deleted_unproven_that_never_had_a_seal_is_missing(house):
    house.collect(sale(1))
    gone = house.at(DUE).purge_unproven(FIRST)
    assert (gone.records, gone.kept, gone.uncounted) == (1, None, 0)
    assert asked(house).labels.coverage.missing == (FIRST,)
