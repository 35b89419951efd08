import pytest
from tests.databases import opened
from tests.ordering import URL, AttachedHouse, lay_table, order, orders, shop

from keepsum import Amount, Attached, Utc
from keepsum.model.errors import Conflict
from keepsum.model.ledger import Kind
from keepsum.store import attachments

RECORD = {"id": "1", "created_at": "2026-02-01T10:00:00Z", "user_id": "ann", "status": "paid", "price": 4.5}


@pytest.fixture
def database(tmp_path):
    """A database file; what is looked at here is the same for all that hold one."""
    yield from opened("sqlite", tmp_path)


@pytest.fixture
def house(tmp_path, database, monkeypatch):
    lay_table(database, order(1))
    made = AttachedHouse(tmp_path / "house", database, monkeypatch)
    yield made
    made.close()


def has_attachment(house):
    with house.workspace.file.read() as connection:
        return "orders" in attachments.known(connection)


def attachment(house):
    with house.workspace.file.read() as connection:
        found = attachments.of(connection, "orders")
    assert found is not None
    return found


def test_which_database_a_stream_lives_in_is_written_down(house, database):
    (entry,) = house.entries(Kind.ATTACHED)
    assert entry.stream == "orders"
    assert entry.body == {
        "dialect": "sqlite", "database": database.url.replace("sqlite:///", "sqlite://"),
        "mapping": attachment(house).mapping,
    }  # fmt: skip
    house.open()
    assert len(house.entries(Kind.ATTACHED)) == 1


def test_records_of_a_stream_that_lives_in_a_database_are_not_collected(house):
    with pytest.raises(Conflict, match="STREAM_ATTACHED"):
        house.collect(RECORD)


def test_while_no_address_is_told_the_stream_is_an_ordinary_one(tmp_path, database, monkeypatch):
    house = AttachedHouse(tmp_path / "house", database, monkeypatch)
    monkeypatch.setenv(URL, "")
    house.open()
    assert not has_attachment(house)
    assert house.collect(RECORD).accepted == 1
    assert house.at("2026-02-02T02:00").roll().sealed == 1
    monkeypatch.setenv(URL, database.url)
    with pytest.raises(Conflict, match=r"HOME_CHANGED.*has records or seals of its own"):
        house.open()


def test_a_stream_with_seals_does_not_leave_its_database(house, monkeypatch):
    house.at("2026-02-02T02:00").roll()
    monkeypatch.delenv(URL)
    with pytest.raises(Conflict, match=r"HOME_CHANGED.*lives in the sqlite database"):
        house.open()


def test_another_database_is_read_anew_and_nobody_has_enabled_a_purge_there(house, tmp_path, monkeypatch):
    house.at("2026-02-02T02:00").roll()
    with house.workspace.file.write() as connection:
        attachments.change(connection, "orders", purge_enabled_at=1, purge_enabled_by="ann")
    other = tmp_path / "other"
    other.mkdir()
    for database in opened("sqlite", other):
        lay_table(database, order(1), order(2))
        monkeypatch.setenv(URL, database.url)
        house.open()
    assert attachment(house).purge_enabled_at is None
    assert house.status("2026-02-01") == "touched"
    assert house.roll().sealed == 1
    assert house.state("2026-02-01").control.records == 2


def test_another_mapping_is_read_anew_in_the_same_database(house):
    house.at("2026-02-02T02:00").roll()
    before = attachment(house)
    mapping = Attached(
        "orders", url="DATABASE_URL", time=Utc("created_at"), changed=Utc("updated_at"), subject="user_id",
        columns={"price": Amount("items", stored="integer"), "items": Amount("items", stored="integer")},
    )  # fmt: skip
    house.open(shop(orders(mapping)))
    assert attachment(house).mapping != before.mapping
    assert attachment(house).backfilled_at is None
    assert house.roll().sealed == 1
    assert house.state("2026-02-01").control.sums == {"f_items": 1, "f_price": 1}
