import datetime as dt
from dataclasses import replace
from decimal import Decimal

import pytest
from tests.systems import House, sale

from keepsum import (
    Count,
    Integer,
    Metric,
    Money,
    Nested,
    Pack,
    Published,
    Rollup,
    Setting,
    Stream,
    Sum,
    Text,
    days,
)
from keepsum.model.errors import Conflict, Invalid
from keepsum.model.setting import Secret
from keepsum.pipeline import publishing

SALES = Stream(
    "sales",
    time="at",
    key="id",
    subject="buyer",
    keep=days(30),
    fields=(Text("place", most=3), Integer("shelf"), Money("price", unit="GBP")),
)
DAILY = Rollup("daily", of=SALES, by=("place", "shelf"), measures=(Count("sold"), Sum("price")), keep=days(60))
SOLD = Metric("sold", DAILY.sold)
TAKEN = Metric("taken", DAILY.price, unit="GBP")
MEAN = Metric("mean", TAKEN / SOLD, decimals=2)
INTO = "PUBLISH_URL"
BY_DAY = Published("sales_by_day", into=INTO, columns={"date": "day", "sold": SOLD, "taken": TAKEN, "mean": MEAN})
BY_PLACE = Published(
    "sales_by_place",
    into=INTO,
    columns={"date": "day", "place": "place", "shelf": "shelf", "sold": SOLD, "taken": TAKEN},
)
BY_MONTH = Published("sales_by_month", into=INTO, columns={"year": "year", "month": "month", "taken": TAKEN})
OBJECTS = Published(
    "sales_objects",
    into=INTO,
    columns={
        "date": "day",
        "sold": SOLD,
        "places": Nested({"sold": SOLD, "taken": TAKEN}, by="place"),
        "share": Nested({"mean": MEAN}),
    },
)
NOW = Published("sales_now", into=INTO, when="open", columns={"date": "day", "sold": SOLD, "taken": TAKEN})
TABLES = (BY_DAY, BY_PLACE, BY_MONTH, OBJECTS, NOW)
PACK = Pack(
    "shop",
    streams=(SALES,),
    rollups=(DAILY,),
    metrics=(SOLD, TAKEN, MEAN),
    settings=(Setting(INTO, kind="secret"),),
    published=TABLES,
)
FEBRUARY = [
    sale("1", "2026-02-01", place="york", shelf=1, price="10.10"),
    sale("2", "2026-02-01", place="york", shelf=1, price="0.20"),
    sale("3", "2026-02-01", place=None, shelf=None, price="5.00"),
    sale("4", "2026-02-03", place="leeds", shelf=2, price="-1.25"),
]


@pytest.fixture
def shop(tmp_path):
    """A shop with sales on the first three days of February, of which the first two are sealed."""
    house = House(tmp_path / "house", PACK).at("2026-02-03T12:00:00Z")
    house.collect(*({k: v for k, v in one.items() if k not in ("way", "amount")} for one in FEBRUARY))
    house.roll()
    yield house
    house.close()


def publish(house, address, *tables):
    """Publish into a database, perhaps only some of the tables; give what was done by name."""
    if tables:
        house.open(replace(PACK, published=tables))
    told = {"shop": {INTO: Secret(address)}}
    done = publishing.publish(house.workspace, told, now=house.clock())
    return {one.name: (one.periods, one.rows, one.waiting) for one in done}


def sell(house, key, day, **fields):
    house.collect({"id": key, "at": f"{day}T10:00:00Z", "buyer": "ann", **fields})


def read(database, columns, table):
    """The rows of a table, dates as texts and decimals as such, in the order of all columns."""
    found = database.execute(f"SELECT {columns} FROM {table}")
    return sorted((tuple(map(_plain, row)) for row in found), key=str)


def _plain(value):
    if isinstance(value, dt.date):
        return str(value)
    return Decimal(str(value)) if isinstance(value, float) else value


def test_nothing_is_published_unless_a_database_is_told(shop):
    assert publishing.publish(shop.workspace, shop.system.told, now=shop.clock()) == []


def test_sealed_days_are_published_with_exact_money(shop, database):
    assert publish(shop, database.url, BY_DAY) == {"sales_by_day": (2, 2, 0)}
    assert read(database, "date, sold, taken, mean", "sales_by_day") == [
        ("2026-02-01", 3, Decimal("15.30"), Decimal("5.10")),
        ("2026-02-02", 0, Decimal("0.00"), None),
    ]


def test_groups_of_a_day_are_rows_and_empty_ones_are_none(shop, database):
    publish(shop, database.url, BY_PLACE)
    assert read(database, "date, place, shelf, sold, taken", "sales_by_place") == [
        ("2026-02-01", "york", 1, 2, Decimal("10.30")),
        ("2026-02-01", None, None, 1, Decimal("5.00")),
    ]


def test_a_month_is_published_once_all_its_days_are_sealed(shop, database):
    assert publish(shop, database.url, BY_MONTH) == {"sales_by_month": (0, 0, 1)}
    shop.at("2026-03-01T12:00:00Z").roll()
    assert publish(shop, database.url) == {"sales_by_month": (1, 1, 0)}
    assert read(database, "year, month, taken", "sales_by_month") == [(2026, 2, Decimal("14.05"))]


def test_objects_hold_figures_with_all_their_decimals(shop, database):
    publish(shop, database.url, OBJECTS)
    text = "CAST(places AS CHAR(200)), CAST(share AS CHAR(200))"
    first, second = sorted(database.execute(f"SELECT date, {text} FROM sales_objects"), key=lambda row: str(row[0]))
    assert [part.replace(" ", "") for part in first[1:]] == [
        '{"york":{"sold":2,"taken":10.30},"(none)":{"sold":1,"taken":5.00}}',
        '{"mean":5.10}',
    ]
    assert [part.replace(" ", "") for part in second[1:]] == ["{}", '{"mean":null}']


def test_what_is_not_sealed_is_published_apart_and_leaves_when_it_is(shop, database):
    publish(shop, database.url, NOW)
    assert read(database, "date, sold, taken", "sales_now") == [("2026-02-03", 1, Decimal("-1.25"))]
    sell(shop, "5", "2026-02-03", price="2.00")
    publish(shop, database.url)
    assert read(database, "date, sold", "sales_now") == [("2026-02-03", 2)]
    shop.at("2026-02-04T12:00:00Z").roll()
    publish(shop, database.url)
    assert read(database, "date, sold", "sales_now") == [("2026-02-04", 0)]


def test_only_days_that_changed_are_written_again(shop, database):
    publish(shop, database.url, BY_DAY)
    assert publish(shop, database.url) == {"sales_by_day": (0, 0, 0)}
    database.execute("UPDATE sales_by_day SET sold = 77")
    sell(shop, "5", "2026-02-02", price="4.00")
    assert publish(shop, database.url) == {"sales_by_day": (0, 0, 0)}
    shop.roll()
    assert publish(shop, database.url) == {"sales_by_day": (1, 1, 0)}
    assert read(database, "date, sold", "sales_by_day") == [("2026-02-01", 77), ("2026-02-02", 1)]


def test_a_purge_changes_nothing_and_a_correction_its_day(shop, database):
    publish(shop, database.url, BY_DAY)
    shop.at("2026-03-05T12:00:00Z").roll()
    shop.purge()
    publish(shop, database.url)
    before = read(database, "date, sold, taken", "sales_by_day")
    assert before[0] == ("2026-02-01", 3, Decimal("15.30"))
    sell(shop, "9", "2026-02-01", price="1.00")
    assert publish(shop, database.url) == {"sales_by_day": (1, 1, 0)}
    after = read(database, "date, sold, taken", "sales_by_day")
    assert after == [("2026-02-01", 4, Decimal("16.30")), *before[1:]]


def test_figures_past_their_own_retention_leave_the_table_too(shop, database):
    publish(shop, database.url, BY_DAY)
    shop.at("2026-04-06T12:00:00Z")
    shop.roll()
    shop.purge()
    publish(shop, database.url)
    listed = [row[0] for row in read(database, "date", "sales_by_day")]
    assert "2026-02-01" not in listed
    assert "2026-04-05" in listed


def test_a_database_that_was_set_back_is_published_anew(shop, database):
    publish(shop, database.url, BY_DAY)
    before = read(database, "date, sold, taken, mean", "sales_by_day")
    database.execute("DROP TABLE sales_by_day")
    assert publish(shop, database.url) == {"sales_by_day": (2, 2, 0)}
    assert read(database, "date, sold, taken, mean", "sales_by_day") == before
    database.execute("DELETE FROM sales_by_day", "UPDATE keepsum_published SET entry = 99999")
    assert publish(shop, database.url) == {"sales_by_day": (2, 2, 0)}
    assert read(database, "date, sold, taken, mean", "sales_by_day") == before


def test_a_table_that_means_something_else_now_is_published_anew(shop, database):
    publish(shop, database.url, BY_DAY)
    columns = {"date": "day", "sold": SOLD, "taken": TAKEN, "mean": TAKEN}
    assert publish(shop, database.url, replace(BY_DAY, columns=columns)) == {"sales_by_day": (2, 2, 0)}
    assert read(database, "date, mean", "sales_by_day")[0] == ("2026-02-01", Decimal("15.30"))


def test_a_table_of_the_applications_own_is_left_alone(shop, database):
    database.execute("CREATE TABLE sales_by_day (date DATE, sold INTEGER)", "INSERT INTO sales_by_day VALUES (NULL, 5)")
    with pytest.raises(Conflict, match=r"TABLE_TAKEN.*'sales_by_day'"):
        publish(shop, database.url, BY_DAY)
    assert database.execute("SELECT sold FROM sales_by_day") == [(5,)]


def test_a_table_with_other_columns_is_refused_by_what_differs(shop, database):
    publish(shop, database.url, BY_DAY)
    other = replace(BY_DAY, columns={"date": "day", "sold": SOLD, "average": MEAN})
    with pytest.raises(Conflict, match=r"TABLE_DIFFERS.*see average, mean, taken"):
        publish(shop, database.url, other)
    assert len(read(database, "date, taken", "sales_by_day")) == 2


def test_nothing_of_a_table_changes_when_a_row_of_it_cannot_be_written(shop, database):
    publish(shop, database.url, BY_DAY)
    before = read(database, "date, sold, taken, mean", "sales_by_day")
    for number in range(20):
        sell(shop, f"big {number}", "2026-02-02", price="9999999999999999.99")
    sell(shop, "late", "2026-02-01", price="1.00")
    shop.roll()
    if database.dialect == "sqlite":
        with pytest.raises(Invalid, match=r"FIGURE_TOO_LARGE.*'taken'"):
            publish(shop, database.url)
        assert read(database, "date, sold, taken, mean", "sales_by_day") == before
    else:
        publish(shop, database.url)
        assert read(database, "date, taken", "sales_by_day")[1] == ("2026-02-02", Decimal("199999999999999999.80"))


def test_who_published_meanwhile_is_not_overwritten(shop, database, monkeypatch):
    publish(shop, database.url, BY_DAY)
    sell(shop, "5", "2026-02-02", price="4.00")
    shop.roll()
    write = publishing._Publishing._write

    def overtaken(self, *given, **named):
        monkeypatch.setattr(publishing._Publishing, "_write", write)
        publish(shop, database.url)
        database.execute("UPDATE sales_by_day SET sold = 8 WHERE date = '2026-02-02'")
        write(self, *given, **named)

    monkeypatch.setattr(publishing._Publishing, "_write", overtaken)
    publish(shop, database.url)
    assert read(database, "date, sold", "sales_by_day")[1] == ("2026-02-02", 8)
