from dataclasses import replace

import pytest
from tests.systems import MEASURES, PLACE_DAILY, SALES, SHOP, House, number, sale

from keepsum import Boolean, Choice, Integer
from keepsum.engine.buckets import decode
from keepsum.engine.registers import estimate
from keepsum.engine.registers import merge as merged
from keepsum.model.ledger import Kind
from keepsum.model.rollup import NONE, OTHER
from keepsum.pipeline import purge
from keepsum.pipeline.verify import verify_ledger

FIRST, TODAY = "2026-02-01", "2026-03-04"
DAY, BOOKED = number(FIRST), number(TODAY)


def purged(house, *sent):
    house.collect(*sent)
    house.at("2026-02-02T02:00").roll()
    house.at(f"{TODAY}T02:00").purge()
    assert house.status(FIRST) == "purged"
    return house


def booked(house, day=TODAY):
    """What was booked on a day, by way and place."""
    return {key[:2]: row for key, row in house.rows().items() if key[3] == number(day)}


def test_a_correction_is_booked_today_and_leaves_the_day_itself_as_it_was_sealed(house):
    purged(house, sale(1, amount=5))
    before = house.digests()
    house.collect(sale(2, amount=-8, buyer="bob"))
    after = house.digests()
    assert {key: after[key] for key in before} == before
    assert [key[1:] for key in after.keys() - before.keys()] == [(DAY, BOOKED)]
    row = booked(house)["card", "york"]
    assert (row["m_sales"], row["m_amount_hi"], row["m_amount_lo"], row["people"]) == (1, -1, 10**9 - 8, 1)
    assert (row["m_cheapest"], row["m_dearest"]) == (-8, -8)


def test_corrections_of_one_day_are_merged_into_one_row(house):
    purged(house, sale(1))
    house.collect(sale(2, amount=7), sale(3, amount=None))
    house.collect(sale(4, amount=-2, buyer="bob", way="card"))
    (row,) = booked(house).values()
    assert (row["m_sales"], row["m_amount_lo"], row["m_cheapest"], row["m_dearest"]) == (3, 5, -2, 7)
    assert row["people"] >= 2
    parts = {key[:2]: part["data"] for key, part in house.parts().items() if key[5] == BOOKED}
    assert round(estimate(merged([parts["buyers", ""]])).value) == 2
    _, counts = decode(parts["amounts", ""])
    assert sum(counts.tolist()) == 2


def test_corrections_of_different_days_are_booked_apart(house):
    purged(house, sale(1))
    house.collect(sale(2))
    house.at("2026-03-05T02:00").collect(sale(3), sale(4))
    assert [row["m_sales"] for row in booked(house).values()] == [1]
    assert [row["m_sales"] for row in booked(house, "2026-03-05").values()] == [2]


def test_the_ledger_lists_what_stands_there_after_each_correction(house):
    purged(house, sale(1))
    house.collect(sale(2))
    house.collect(sale(3))
    one, other = house.entries(Kind.CORRECTED)
    assert [entry.body["control"]["records"] for entry in (one, other)] == [1, 1]
    assert [entry.body["booked"] for entry in (one, other)] == [BOOKED, BOOKED]
    (listed,) = other.body["rollups"]
    assert house.digests()[listed["table"], DAY, BOOKED] == (listed["rows"], listed["content"], listed["parts"])
    assert verify_ledger(house.workspace, deep=True).findings == ()


def test_a_value_beyond_those_that_a_full_day_kept_goes_to_other(house):
    purged(house, *(sale(n, place=place) for n, place in enumerate(["york", "york", "hull", "hull", "bath", "leeds"])))
    house.collect(sale("a", place="york"), sale("b", place="ripon"), sale("c", place="leeds"), sale("d", place=None))
    assert {place: row["m_sales"] for (_, place), row in booked(house).items()} == {"york": 1, OTHER: 2, NONE: 1}


def test_a_day_with_room_left_keeps_a_new_value(house):
    purged(house, sale(1, place="york"), sale(2, place="hull"))
    house.collect(sale("a", place="ripon"))
    assert {place for _, place in booked(house)} == {"ripon"}


def test_what_is_booked_takes_up_room_too(house):
    purged(house, sale(1, place="york"), sale(2, place="hull"))
    house.collect(sale("a", place="ripon"))
    house.collect(sale("b", place="leeds"), sale("c", place="ripon"))
    assert {place: row["m_sales"] for (_, place), row in booked(house).items()} == {"ripon": 2, OTHER: 1}


def test_closed_lists_and_numbers_are_corrected_too(tmp_path):
    fields = (*SALES.fields, Boolean("paid"), Choice("size", ("s", "m")), Integer("shelf"))
    stream = replace(SALES, fields=fields)
    rollup = replace(PLACE_DAILY, of=stream, by=("paid", "size", "shelf"), measures=MEASURES[:3])
    house = House(tmp_path, replace(SHOP, streams=(stream,), rollups=(rollup,)))
    purged(house, sale(1, paid=True, size="s", shelf=7))
    house.collect(sale(2, paid=False, size="m", shelf=8), sale(3, paid=True, size=None, shelf=7))
    keys = {key[:3] for key in house.rows(rollup) if key[4] == BOOKED}
    assert keys == {("false", "m", "8"), ("true", NONE, "7")}
    house.close()


def test_an_empty_day_that_was_purged_is_corrected_too(house):
    house.collect(sale(1))
    house.at("2026-02-03T02:00").roll()
    house.at("2026-03-05T02:00").purge()
    assert house.collect(sale(2, day="2026-02-02")).accepted == 1
    assert [key[2:] for key in house.rows(day="2026-02-02")] == [(number("2026-02-02"), number("2026-03-05"))]


def test_a_day_whose_purge_is_not_finished_is_corrected_and_never_rolled_again(house, monkeypatch):
    house.collect(sale(1))
    house.at("2026-02-02T02:00").roll()
    monkeypatch.setattr(purge, "_finish", lambda *_arguments, **_named: [])
    house.at(f"{TODAY}T02:00").purge()
    monkeypatch.undo()
    assert house.status(FIRST) == "purging"
    found = house.collect(sale(1), sale(2), sale(1, amount=9))
    assert (found.accepted, found.duplicates, [r.code for r in found.rejections]) == (1, 1, ["RECORD_PURGED"])
    assert house.roll(last=FIRST).sealed == 0
    house.purge()
    assert house.status(FIRST) == "purged"
    assert [row["m_sales"] for row in house.rows().values()] == [1, 1]
    assert verify_ledger(house.workspace, deep=True).findings == ()


def test_a_correction_that_cannot_be_written_is_not_made_at_all(house, monkeypatch):
    purged(house, sale(1))

    def fail(*_arguments, **_named):
        raise ZeroDivisionError

    monkeypatch.setattr(purge.ledger, "append", fail)
    with pytest.raises(ZeroDivisionError):
        house.collect(sale(2))
    monkeypatch.undo()
    assert booked(house) == {}
    assert house.collect(sale(2)).accepted == 1


def test_people_behind_corrections_are_forgotten_when_late_is_over(house):
    purged(house, sale(1))
    house.collect(sale(2, buyer="bob"))

    def known():
        with house.workspace.file.read() as connection:
            return connection.exec_driver_sql("SELECT count(*) FROM correction_people").scalar()

    assert known() == 1
    house.at("2026-03-12T02:00").purge()
    assert known() == 0
