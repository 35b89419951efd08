"""Checking one day finds every change to what proves it, and says what is left where its records are gone."""

import sqlite3

import pytest
from tests.ordering import AttachedHouse, lay_table, order, shop
from tests.systems import PLACE_DAILY, House, number, sale

from keepsum.model.errors import Conflict
from keepsum.model.layout import RollupLayout
from keepsum.pipeline.day_checks import ABOUT, UNDONE
from keepsum.pipeline.verify_day import verify_day

TABLE = RollupLayout(rollup=PLACE_DAILY).table
DAY, OTHER = "2026-02-01", "2026-02-02"


@pytest.fixture
def house(tmp_path):
    """Two sealed days of a shop."""
    made = House(tmp_path)
    for day in (DAY, OTHER):
        made.at(f"{day}T12:00:00Z")
        fields = {"place": "hull", "way": "cash"}
        made.collect(
            *(sale(f"{day} {n}", day, buyer=f"b{n}", invoice=f"{day} {n}", amount=n, **fields) for n in range(24))
        )
    made.at("2026-02-03T12:00:00Z").roll()
    yield made
    made.close()


def verified(house, day=DAY):
    return verify_day(house.workspace, house.stream, number(day))


def passed(house, day=DAY):
    return {check.code: check.passed for check in verified(house, day).checks}


def failed(house, day=DAY):
    return {code for code, found in passed(house, day).items() if found is False}


def tampered(house, statement, *parameters):
    with sqlite3.connect(house.workspace.file.path) as connection:
        assert connection.execute(statement, parameters).rowcount > 0


def test_a_day_that_nobody_touched_passes_every_check(house):
    found = verified(house)
    assert [check.code for check in found.checks] == list(ABOUT)
    assert found.verified
    assert all(check.passed for check in found.checks)
    said = {check.code: check.detail for check in found.checks}
    assert (said["RECORDS_COUNTED"], said["NUMBERS_SUMMED"]) == ("24 records.", "amount 276.")


@pytest.mark.parametrize(
    ("statement", "codes"),
    [
        (f'UPDATE "{TABLE}" SET m_sales = m_sales + 1 WHERE day = ?', {"ROWS_STORED"}),
        (f'DELETE FROM "{TABLE}" WHERE day = ?', {"ROWS_STORED"}),
        (f"UPDATE \"{TABLE}_parts\" SET data = x'00' WHERE data IS NOT NULL AND day = ?", {"PARTS_STORED"}),
        ("UPDATE days SET end_us = end_us + 1 WHERE number = ?", {"DAY_CUT"}),
        ("UPDATE control_sums SET lo = lo + 1 WHERE day = ?", {"DAY_CUT"}),
        ("UPDATE stream_days SET sealed_records = 7 WHERE day = ?", {"DAY_CUT"}),
        ("UPDATE ledger SET at = at + 1 WHERE kind = 'sealed' AND day = ?", {"ENTRIES_CHAINED"}),
        ("UPDATE segments SET sha256 = 'x' || sha256 WHERE day = ?", {"FILES_WHOLE"}),
    ],
)
def test_what_was_changed_is_named_and_on_no_other_day(house, statement, codes):
    tampered(house, statement, number(DAY))
    assert failed(house) == codes
    assert not verified(house).verified
    assert failed(house, OTHER) == set()


def test_a_seal_that_was_rewritten_with_its_figures_does_not_fit_the_records(house):
    body = "replace(body, '\"records\":24', '\"records\":25')"
    tampered(house, f"UPDATE ledger SET body = {body} WHERE kind = 'sealed' AND day = ?", number(DAY))
    assert failed(house) >= {"ENTRIES_CHAINED", "RECORDS_COUNTED"}


def test_a_file_with_another_byte_or_none_is_found(house):
    path = house.workspace.segments.folder / house.segments(DAY)[0].file
    content = bytearray(path.read_bytes())
    content[len(content) // 2] ^= 1
    path.write_bytes(content)
    assert failed(house) == {"FILES_WHOLE"}
    path.unlink()
    found = passed(house)
    assert (found["FILES_WHOLE"], found["RECORDS_COUNTED"], found["ROWS_STORED"]) == (False, None, True)


def test_of_a_purged_day_its_figures_and_entries_are_left_to_be_checked(house):
    house.at("2026-03-05T12:00:00Z").purge()
    assert house.status(DAY) == "purged"
    house.collect(sale("late", DAY, place="hull"))
    found = verified(house)
    assert found.verified
    assert {check.code for check in found.checks if check.passed} == {
        "ENTRIES_CHAINED", "DAY_CUT", "ROWS_STORED", "PARTS_STORED",
    }  # fmt: skip
    tampered(house, f'UPDATE "{TABLE}" SET m_sales = 9 WHERE day = ? AND booked <> day', number(DAY))
    assert failed(house) == {"ROWS_STORED"}


def test_records_that_came_after_the_seal_are_for_the_next_roll_to_prove(house):
    house.collect(sale("later", DAY))
    found = passed(house)
    assert (found["RECORDS_COUNTED"], found["ROLLED_TWICE"], found["ROWS_STORED"]) == (None, None, True)
    assert {(check.why, check.detail) for check in verified(house).checks if check.passed is None} == {
        ("TOUCHED", UNDONE["TOUCHED"])
    }
    house.roll()
    assert all(passed(house).values())


def test_a_day_without_a_seal_has_nothing_to_be_held_against(house):
    with pytest.raises(Conflict, match="has no seal"):
        verified(house, "2026-02-03")


def test_a_day_of_an_applications_database_is_read_there_again(tmp_path, monkeypatch, database):
    lay_table(database)
    house = AttachedHouse(tmp_path / "house", database, monkeypatch, shop())
    database.insert("orders", [order(n) for n in range(12)])
    house.at("2026-02-03T02:00").roll()
    found = passed(house)
    assert found == dict.fromkeys(ABOUT, True) | {"FILES_WHOLE": None}
    assert [check.why for check in verified(house).checks if check.why] == ["RECORDS_ELSEWHERE"]
    database.execute("UPDATE orders SET total = 3 WHERE id = 1", "DELETE FROM orders WHERE id = 2")
    assert failed(house) == {"RECORDS_COUNTED", "NUMBERS_SUMMED", "RECORDS_HASHED", "ROLLED_TWICE"}
    house.close()
