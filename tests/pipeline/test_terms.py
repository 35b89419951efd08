"""What an owner changes: k of days sealed afterwards and of steps from there on, and the day weeks begin on."""

import pytest
from tests.systems import open_all, owner, roll_all, sale
from tests.tenants import BY, create

from keepsum.model.access import machine
from keepsum.model.errors import Invalid, NotFound
from keepsum.model.ledger import Kind
from keepsum.pipeline import audit, workspaces
from keepsum.pipeline.answer import answer
from keepsum.pipeline.ask import query_of
from keepsum.pipeline.audit import Wanted
from keepsum.pipeline.live import Remembered
from keepsum.pipeline.verify import verify_ledger

FEB = {"from": "2026-02-01", "to": "2026-02-28"}


def change(house, **wanted):
    return workspaces.change(house.install, "default", owner(), **wanted)


def people(count, day="2026-02-01", first=0, **more):
    return [sale(f"{day} {i}", day, buyer=f"b{i}", amount=2, **more) for i in range(first, first + count)]


def guarded(house, system=None, remembered=None, **more):
    """What a guarded caller is told of sales, and of how much they came to."""
    asked = query_of({"metrics": ["sales", "amount"], "guarded": True, **FEB, **more})
    system = system or house.system
    return answer(system.workspace, asked, caller=machine("default"), now=house.clock(), remembered=remembered).rows


def ks(house):
    """The k of each day's seals, oldest first."""
    return [entry.body["k"] for entry in house.entries(Kind.SEALED)]


def test_a_day_has_the_k_that_held_when_it_was_sealed_and_answers_over_both_are_right(house):
    house.at("2026-02-04T12:00:00Z").collect(*people(12), *people(7, "2026-02-02"))
    house.roll()
    assert guarded(house) == ((12, 24),)  # the second day is withheld
    change(house, k=5)
    assert guarded(house) == ((12, 24),)
    house.collect(*people(7, "2026-02-04"))
    house.at("2026-02-06T12:00:00Z").roll()
    assert (ks(house)[0], ks(house)[-1]) == (10, 5)
    assert guarded(house, grain="day", to="2026-02-04")[-1][1:] == (7, 14)
    assert guarded(house) == ((19, 38),)
    assert verify_ledger(house.workspace, deep=True).ok


def test_a_day_withheld_under_a_larger_k_joins_only_a_day_of_as_many_people(house):
    house.collect(*people(7))
    house.at("2026-02-02T12:00:00Z").roll()
    change(house, k=5)
    house.collect(*people(6, "2026-02-02"))
    house.at("2026-02-03T12:00:00Z").roll()
    assert guarded(house) == ((6, 12),)
    house.collect(*people(10, "2026-02-03"))
    house.at("2026-02-04T12:00:00Z").roll()
    assert guarded(house) == ((23, 46),)
    assert verify_ledger(house.workspace).ok


def test_a_day_that_was_shown_under_a_larger_k_moves_by_as_many_people_as_before(house):
    house.at("2026-02-04T12:00:00Z").collect(*people(20), *people(20, "2026-02-02"))
    house.roll()
    change(house, k=3)
    house.collect(*people(9, first=20))
    house.roll()
    assert guarded(house) == ((40, 80),)
    house.collect(*people(1, first=29))
    house.roll()
    assert guarded(house) == ((50, 100),)
    assert verify_ledger(house.workspace).ok


def test_under_a_larger_k_a_day_shown_before_keeps_what_it_shows_and_others_of_its_batch_keep_theirs(house):
    house.at("2026-02-04T12:00:00Z").collect(*people(12), *people(12, "2026-02-02"))
    house.roll()
    change(house, k=20)
    house.collect(sale("late", buyer="b0", amount=2))
    house.roll()
    assert guarded(house) == ((24, 48),)
    assert ks(house)[-1] == 20
    house.collect(*people(12, "2026-02-04"))
    house.at("2026-02-06T12:00:00Z").roll()
    assert guarded(house) == ((24, 48),)
    assert verify_ledger(house.workspace).ok


def test_corrections_of_a_purged_day_wait_for_as_many_people_as_its_own_k_asks_for(house):
    house.collect(*people(20))
    house.at("2026-03-05T12:00:00Z").roll()
    house.purge()
    change(house, k=3)
    house.collect(*people(9, first=20))
    assert guarded(house) == ((20, 40),)
    house.collect(*people(1, first=29))
    assert guarded(house) == ((30, 60),)
    assert verify_ledger(house.workspace).ok


def test_an_unsealed_day_goes_on_in_steps_of_the_new_k_from_what_was_shown(house):
    house.at("2026-02-01T13:00:00Z")
    remembered, seen, there = Remembered(), [], 0
    for more, k in ((24, 7), (2, 7), (1, 10), (9, 3), (1, 3), (2, 3)):
        house.collect(*people(more, first=there))
        there += more
        before = guarded(house, remembered=remembered)[0][0]
        change(house, k=k)
        seen.append((there, before, guarded(house, remembered=remembered)[0][0]))
    # Of 24 people 20 in tens; from there in sevens, then in tens, then in threes.
    assert seen == [(24, 20, 20), (26, 20, 20), (27, 27, 27), (36, 27, 36), (37, 36, 36), (39, 39, 39)]


def test_the_k_of_before_takes_no_step_back(house):
    house.at("2026-02-01T13:00:00Z").collect(*people(27))
    remembered, seen = Remembered(), []
    for k in (10, 7, 10):
        change(house, k=k)
        seen.append(guarded(house, remembered=remembered)[0][0])
    assert seen == [20, 27, 27]


def test_another_process_has_it_in_the_next_seal_and_the_next_answer(house):
    other = open_all(house.folder, "UTC", house.clock)
    stale = other.system("default")
    house.at("2026-02-01T13:00:00Z").collect(*people(12))
    assert guarded(house, stale) == ((10, 20),)
    change(house, k=3)
    house.collect(*people(1, first=12))
    assert guarded(house, stale) == guarded(house) == ((13, 26),)
    house.at("2026-02-03T12:00:00Z")
    roll_all(stale)
    assert set(ks(house)) == {3}
    other.close()


def test_the_ledger_and_the_audit_log_keep_who_changed_what(house):
    assert vars(change(house, k=5, week_start="sunday")) == {"week_start": 6, "k": 5}
    (entry,) = house.entries(Kind.SETTINGS_CHANGED)
    assert entry.body == {"k": 5, "week_start": 6, "before": {"k": 10, "week_start": 0}, "by": owner().id}
    events = audit.page(house.install.control, Wanted(workspace="default"))
    assert [(str(one.kind), dict(one.body), one.caller) for one in events] == [
        ("settings_changed", {"week_start": "sunday", "before": "monday"}, owner().id),
        ("settings_changed", {"k": 5, "before": 10}, owner().id),
    ]
    assert verify_ledger(house.workspace).ok
    with house.workspace.file.write() as connection:
        connection.exec_driver_sql("UPDATE workspace SET k = 4")
    assert [one.code for one in verify_ledger(house.workspace).findings] == ["WORKSPACE_DIFFERS"]


def test_what_is_as_it_was_is_no_change(house):
    change(house, k=10, week_start="monday")
    change(house)
    assert house.entries(Kind.SETTINGS_CHANGED) == []
    assert audit.page(house.install.control, Wanted(workspace="default")) == []


@pytest.mark.parametrize(
    ("wanted", "code"), [({"k": 0}, "BAD_K"), ({"k": 10_001}, "BAD_K"), ({"week_start": "payday"}, "BAD_WEEKDAY")]
)
def test_what_cannot_hold_is_refused_and_changes_nothing(house, wanted, code):
    with pytest.raises(Invalid, match=code):
        change(house, **{"k": 5, "week_start": "sunday"} | wanted)
    assert house.workspace.terms().k == 10
    with pytest.raises(NotFound, match="UNKNOWN_WORKSPACE"):
        workspaces.change(house.install, "nobody", BY, k=5)


def test_a_workspace_is_changed_without_the_others(house):
    other = create(house.install, "acme", k=20)
    workspaces.change(house.install, other, BY, k=30)
    assert (house.workspace.terms().k, house.install.system(other).workspace.terms().k) == (10, 30)


def test_weeks_begin_elsewhere_in_answers_about_any_time(house):
    house.at("2026-02-04T12:00:00Z").collect(*people(11), *people(12, "2026-02-02"))  # a Sunday and a Monday
    house.roll()
    weeks = {"grain": "week", "from": "2026-02-01", "to": "2026-02-03"}
    assert [row[1:] for row in guarded(house, **weeks)] == [(11, 22), (12, 24)]
    change(house, week_start="sunday")
    assert [row[1:] for row in guarded(house, **weeks)] == [(23, 46)]
    assert verify_ledger(house.workspace).ok


def test_a_day_that_waited_is_shown_once_it_is_sealed_again_under_a_smaller_k(house):
    house.collect(*people(7))
    house.at("2026-02-03T12:00:00Z").roll()
    change(house, k=5)
    assert guarded(house) == ((None, None),)
    house.collect(sale("late", buyer="b0", amount=2))
    house.roll()
    assert guarded(house) == ((8, 16),)
    assert verify_ledger(house.workspace).ok
