import shutil
from dataclasses import replace

import pytest
from tests.systems import DAY, PLACE_DAILY, SALES, SHOP, House, lay_keys, open_folder, sale

from keepsum import Integer
from keepsum.model.errors import Conflict, Unavailable
from keepsum.model.ledger import Kind
from keepsum.store import rollups


@pytest.fixture
def house(tmp_path):
    made = House(tmp_path)
    yield made
    made.close()


def back_up(house):
    """Copy the workspace's file as it stands, as a careless backup would."""
    house.close()
    source = house.folder / "data" / "workspaces" / "default" / "truth.db"
    copy = house.folder / "truth.backup"
    shutil.copyfile(source, copy)
    house.open()
    return lambda: (house.close(), shutil.copyfile(copy, source))


def test_the_first_entry_says_what_the_workspace_was_made_with(house):
    (opened,) = house.entries()
    assert opened.kind is Kind.OPENED
    keys = house.workspace.keys.digests
    assert opened.body == {"id": "default", "zone": "UTC", "week_start": 0, "k": 10, "keys": keys}


def test_settings_that_name_another_zone_than_the_workspace_was_made_in_are_refused_at_every_door(house):
    with pytest.raises(Conflict, match=r"MADE_OTHERWISE.*'zone' \('UTC'\)"):
        open_folder(house.folder, "Asia/Kathmandu", house.clock)
    house.open()
    assert house.system.calendar().zone == "UTC"
    assert len(house.entries()) == 1


def test_other_keys_are_refused(house):
    house.close()
    for path in (house.folder / "keys" / "default").iterdir():
        path.write_bytes(b"x" * 32)
    with pytest.raises(Conflict, match="OTHER_KEYS"):
        house.open()
    lay_keys(house.folder)
    assert house.open().status("2026-02-01") == "open"


def test_keys_that_are_gone_are_not_made_anew(house):
    house.close()
    shutil.rmtree(house.folder / "keys")
    with pytest.raises(Unavailable, match="KEY_FILE_MISSING"):
        house.open()


def test_a_newer_catalog_adds_columns_and_generations_and_keeps_the_old(house):
    house.collect(sale(1))
    wider = replace(SALES, fields=(*SALES.fields, Integer("weight")))
    pack = replace(SHOP, streams=(wider,), rollups=(replace(PLACE_DAILY, of=wider, by=("way",)),))
    house.open(pack)
    house.collect(sale(2, weight=3))
    with house.workspace.file.read() as connection:
        assert [g.rollup for g in rollups.known(connection)] == ["place_daily", "place_daily"]
    assert house.state("2026-02-01").control.sums == {"f_amount": 10, "f_weight": 3}


def test_an_old_copy_of_the_file_is_refused_until_a_person_accepts_it(house):
    house.collect(sale(1))
    put_back = back_up(house)
    house.collect(sale(2))
    house.system.note()
    put_back()
    with pytest.raises(Unavailable, match=r"ROLLED_BACK.*'default'"):
        house.open()
    house.open(accept_rolled_back="the disk died")
    restored = house.entries(Kind.RESTORED)
    assert [entry.body["reason"] for entry in restored] == ["the disk died"]
    assert house.open().collect(sale(2)).accepted == 1


def test_an_old_copy_is_noticed_by_its_ledger_too(house):
    house.collect(sale(1))
    put_back = back_up(house)
    house.clock.now += DAY
    house.roll()
    put_back()
    with pytest.raises(Unavailable, match=r"ROLLED_BACK.*ledger entry 2"):
        house.open()


def test_another_chain_of_the_same_length_is_noticed(house):
    house.collect(sale(1))
    put_back = back_up(house)
    house.clock.now += DAY
    house.roll()
    put_back()
    (house.folder / "data" / "control.db").rename(house.folder / "control.kept")
    house.open()
    house.clock.now += 5
    house.roll()
    house.close()
    (house.folder / "control.kept").replace(house.folder / "data" / "control.db")
    with pytest.raises(Unavailable, match="ROLLED_BACK"):
        house.open()


def test_a_file_that_went_on_without_the_control_file_is_not_refused(house):
    control = house.folder / "data" / "control.db"
    house.collect(sale(1))
    house.close()
    shutil.copyfile(control, house.folder / "control.kept")
    house.open().collect(sale(2))
    house.system.note()
    house.close()
    (house.folder / "control.kept").replace(control)
    assert house.open().state("2026-02-01").control.records == 2


def test_two_systems_share_one_data_directory(house):
    other = open_folder(house.folder, "UTC", house.clock)
    house.collect(sale(1))
    with other.workspace.file.read() as connection:
        assert len(rollups.known(connection)) == 1
    other.close()
    assert house.collect(sale(1)).duplicates == 1
