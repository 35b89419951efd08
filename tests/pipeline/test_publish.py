"""What guarded callers are shown is fixed when a day is sealed, and moves only by whole groups of people."""

from dataclasses import replace

import pytest
from tests.systems import SALES, House, number, sale

from keepsum import Count, Pack, Rollup, Sum, years
from keepsum.model.layout import RollupLayout
from keepsum.pipeline.verify import verify_ledger
from keepsum.store import rollups

MEASURES = (Count("sales"), Sum("amount"))
TOTAL = Rollup("total_daily", of=SALES, measures=MEASURES, keep=years(3))
PLACES = Rollup("places", of=SALES, by=("place",), measures=MEASURES, keep=years(3))
NESTED = Pack("shop", streams=(SALES,), rollups=(TOTAL, PLACES))
DAY = "2026-02-01"


@pytest.fixture
def house(tmp_path):
    made = House(tmp_path, NESTED)
    yield made
    made.close()


def people(count, day=DAY, place="york", first=0):
    return [sale(f"{place}-{i}", day, buyer=f"{place} {i}", place=place, amount=2) for i in range(first, first + count)]


def seal(house, now="2026-02-10T12:00:00Z"):
    house.at(now).roll()


def shown(house, rollup, day=DAY):
    """The atoms of a day, by place where there is one: how many sales and people."""
    layout = RollupLayout(rollup=rollup)
    with house.workspace.file.read() as connection:
        rows = rollups.read_atoms(connection, layout, number(day), number(day))
    width = len(layout.dimensions)
    return {row[1 : 1 + width]: (row[2 + width], row[1 + width]) for row in rows}


def state(house, rollup, day=DAY):
    with house.workspace.file.read() as connection:
        table = RollupLayout(rollup=rollup).table
        return rollups.publications(connection, table, number(day), number(day))[number(day)].state


def corrections(house, rollup=TOTAL, day=DAY):
    with house.workspace.file.read() as connection:
        found = rollups.booked_atoms(connection, RollupLayout(rollup=rollup), number(day))
    return [(atom["m_sales"], atom["people"]) for atom in found]


def test_groups_of_ten_stand_and_the_others_are_one_pool(house):
    house.collect(*people(12), *people(11, place="leeds"), *people(6, place="hull"), *people(5, place="ripon"))
    seal(house)
    # The stream keeps three places a day: the smallest is in (other) already.
    assert shown(house, PLACES) == {("\x01hidden",): (11, 11), ("leeds",): (11, 11), ("york",): (12, 12)}
    assert shown(house, TOTAL) == {(): (34, 34)}


def test_a_pool_of_fewer_than_ten_closes_the_day(house):
    house.collect(*people(12), *people(4, place="hull"))
    seal(house)
    assert (shown(house, PLACES), state(house, PLACES)) == ({("\x01hidden",): (16, 16)}, "closed")


def test_a_day_of_fewer_than_ten_is_withheld_until_it_joins_a_later_one_of_its_month(house):
    house.collect(*people(4))
    seal(house, "2026-02-03T12:00:00Z")
    assert (shown(house, TOTAL), state(house, TOTAL)) == ({}, "withheld")
    house.collect(*people(15, "2026-02-03"))
    seal(house)
    assert state(house, TOTAL) == "joined"
    assert shown(house, TOTAL, "2026-02-03") == {(): (19, 15)}
    assert verify_ledger(house.workspace).ok


def test_a_day_sealed_again_with_a_few_more_people_keeps_what_was_shown(house):
    house.collect(*people(20))
    seal(house)
    house.collect(*people(9, first=20))
    seal(house)
    assert shown(house, TOTAL) == {(): (20, 20)}
    house.collect(*people(1, first=29))
    seal(house)
    assert shown(house, TOTAL) == {(): (30, 30)}
    assert verify_ledger(house.workspace).ok


def test_corrections_of_a_purged_day_appear_in_steps_of_ten_people(house):
    house.collect(*people(20))
    seal(house, "2026-03-05T12:00:00Z")
    house.purge()
    house.collect(*people(9, place="leeds"))
    assert corrections(house) == []
    house.collect(*people(3, place="leeds", first=9))
    assert corrections(house) == [(12, 12)]
    house.collect(*people(5, place="leeds", first=12))
    assert corrections(house) == [(12, 12)]
    assert verify_ledger(house.workspace).ok


def test_a_rollup_declared_later_shows_the_totals_of_days_that_others_showed(house):
    house.open(Pack("shop", streams=(SALES,), rollups=(TOTAL,)))
    house.collect(*people(12), *people(11, place="leeds"))
    seal(house)
    house.open(NESTED)
    seal(house)
    assert shown(house, PLACES) == {("\x01hidden",): (23, 23)}
    assert verify_ledger(house.workspace).ok


def test_streams_without_a_subject_publish_nothing(tmp_path):
    nobody = replace(SALES, subject=None)
    rollup = Rollup("total_daily", of=nobody, measures=MEASURES, keep=years(3))
    made = House(tmp_path, Pack("shop", streams=(nobody,), rollups=(rollup,)))
    made.collect({k: v for k, v in sale("one").items() if k != "buyer"})
    seal(made)
    with made.workspace.file.read() as connection:
        table = RollupLayout(rollup=rollup).table
        assert rollups.publications(connection, table, *rollups.ALWAYS) == {}
    made.close()


def test_rollups_of_a_stream_share_what_they_have_shown(house):
    house.collect(*people(20))
    seal(house)
    house.open(Pack("shop", streams=(SALES,), rollups=(replace(TOTAL, measures=(Count("sales"),)), PLACES)))
    house.collect(*people(3, first=20))
    seal(house)
    changed = replace(TOTAL, measures=(Count("sales"),))
    assert (shown(house, changed), state(house, changed)) == ({}, "withheld")
    assert shown(house, PLACES) == {("york",): (20, 20)}
    assert verify_ledger(house.workspace).ok
