"""What remains of people once nothing late is taken any more: no fingerprint of a key, a value or a person."""

import pytest
from tests.systems import House, sale

FINGERPRINTS = ("distinct_values", "correction_people")


@pytest.fixture
def house(tmp_path):
    house = House(tmp_path)
    yield house
    house.close()


def left(house):
    """How many fingerprints there are, by table, and whether there is one of the day's keys."""
    with house.workspace.file.read() as connection:
        counts = {name: connection.exec_driver_sql(f"SELECT count(*) FROM {name}").scalar() for name in FINGERPRINTS}
        purged = (
            connection.exec_driver_sql("SELECT name FROM sqlite_master WHERE name = 'purged_sales_20260201'")
            .scalars()
            .all()
        )
    return counts, bool(purged)


def test_no_fingerprint_outlives_the_time_for_corrections(house):
    house.collect(sale(1, invoice="i-1"), sale(2, invoice="i-2", buyer="bob"))
    house.at("2026-03-20T12:00:00Z").roll()
    assert house.purge().records == 2
    house.collect(sale(3, invoice="i-3", buyer="eve"))
    assert left(house) == ({"distinct_values": 2, "correction_people": 1}, True)

    house.at("2026-03-27T11:00:00Z").purge()
    assert left(house) == ({"distinct_values": 2, "correction_people": 1}, True)

    house.at("2026-03-28T12:00:00Z").purge()
    assert left(house) == ({"distinct_values": 0, "correction_people": 0}, False)
