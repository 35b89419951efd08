"""The shop's scenarios as its bot meets them; what each figure should be says plain SQL over the bot's own tables."""

import asyncio
import csv
import datetime as dt
import json
import shutil
from decimal import Decimal

import openpyxl
import pytest
from tests import shop_bot
from tests.shop_bot import MONEY, SALES, Bot, summed
from tests.systems import House, number

from keepsum.client import open_client
from keepsum.model.access import machine
from keepsum.model.errors import Invalid, NotFound
from keepsum.model.ledger import Kind
from keepsum.model.setting import Secret
from keepsum.packs.shop import PACK
from keepsum.pipeline import closing, exports, make_export
from keepsum.pipeline.live import Remembered
from keepsum.pipeline.pack_routes import call
from keepsum.pipeline.publishing import publish

# Half an hour into the day: the last of 45 days is over, but not for long enough to be sealed.
NOW = "2026-04-01T00:30:00Z"
FIRST, LAST = "2026-02-15", "2026-03-31"
MONTHLY = ("total_revenue", "total_orders", "total_items_sold", "revenue_from_wallet", "revenue_from_crypto")
GONE, LEFT = "2026-03-01", "2026-03-02"  # the last day that a clean-up on that morning deletes, and the first it leaves


@pytest.fixture(scope="module")
def bot(tmp_path_factory):
    bot = Bot(f"sqlite:///{tmp_path_factory.mktemp('bot') / 'bot.db'}")
    yield bot
    bot.close()


@pytest.fixture(scope="module")
def collected(tmp_path_factory, bot):
    """A folder with all records, and nothing done to them."""
    house = House(tmp_path_factory.mktemp("collected") / "house", PACK, now=NOW)
    for stream, records in (
        ("orders", shop_bot.orders(bot)),
        ("sold_items", shop_bot.sold_items(bot)),
        ("buys", shop_bot.buys(bot)),
    ):
        receipt = house.collect(*records, stream=stream)
        assert (receipt.accepted, receipt.rejections) == (len(records), ())
    house.close()
    return house.folder


@pytest.fixture(scope="module")
def cleaned(tmp_path_factory, collected):
    """A folder after a night: rolled, sealed, and purged."""
    house = again(collected, tmp_path_factory.mktemp("cleaned") / "house")
    assert house.roll().sealed == 3 * 44
    assert house.purge().days == 3 * 15
    house.close()
    return house.folder


@pytest.fixture
def house(tmp_path, collected):
    house = again(collected, tmp_path / "house")
    yield house
    house.close()


@pytest.fixture
def cleaned_house(tmp_path, cleaned):
    house = again(cleaned, tmp_path / "cleaned")
    yield house
    house.close()


def again(folder, copy):
    shutil.copytree(folder, copy)
    return House(copy, PACK, now=NOW, fresh=False)


def asked(house, path, **given):
    plain = {name.rstrip("_"): str(value) for name, value in given.items()}
    system = house.system
    how = {"caller": machine(system.id), "told": system.told, "remembered": Remembered(), "now": house.clock()}
    return call(system.exports, "GET", path, plain, **how)


def daily(house, first=FIRST, last=LAST):
    found = asked(house, "/shop/statistics/daily", from_=first, to=last)["days"]
    return {row.pop("date"): row for row in found}


def products(house, day):
    found = asked(house, "/shop/products", from_=day, to=day)["products"]
    return {
        (day, row["category_id"], row["subcategory_id"]): {
            "units_sold": row["units_sold"],
            "revenue": row["product_revenue"],
        }
        for row in found
        if row["units_sold"]
    }


def statistics(house, first, last):
    found = asked(house, "/shop/statistics", from_=first, to=last)
    return {name: found[name] for name in SALES}, found["labels"]


def published(house, database):
    told = {"shop": {"PUBLISH_URL": Secret(database.url)}}
    return publish(house.workspace, told, now=house.clock())


def exact(row):
    return {name: money(value) if name in MONEY else int(value) for name, value in row.items()}


def money(value):
    """What a database gives for money: a decimal, or of SQLite the float that is nearest to it."""
    return Decimal(str(value)).quantize(Decimal("0.01"))


def test_every_day_is_what_the_bots_own_loop_adds_up_to_while_its_orders_live(house, bot):
    assert daily(house) == bot.daily()


def test_every_day_stays_the_same_when_its_orders_are_gone(cleaned_house, bot):
    assert daily(cleaned_house) == bot.daily()


def test_a_range_across_the_clean_up_is_seamless(cleaned_house, bot):
    wanted = bot.daily()
    found, labels = statistics(cleaned_house, "2026-02-20", LAST)
    assert found == summed(row for day, row in wanted.items() if day >= "2026-02-20")
    assert labels["sources"] == {"rollup": 39, "records": 1, "missing": 0}
    assert labels["missing"] == ()
    inside, _ = statistics(cleaned_house, LEFT, LAST)
    older, _ = statistics(cleaned_house, FIRST, GONE)
    whole, _ = statistics(cleaned_house, FIRST, LAST)
    assert whole == summed([older, inside]) == summed(wanted.values())


def test_the_last_days_are_asked_for_by_their_count_and_today_is_one_of_them(cleaned_house, bot):
    found = asked(cleaned_house, "/shop/statistics", days=31)
    assert (found["from"], found["to"]) == (dt.date(2026, 3, 2), dt.date(2026, 4, 1))
    wanted = summed(row for day, row in bot.daily().items() if day >= LEFT)
    assert {name: found[name] for name in SALES} == wanted
    usual = asked(cleaned_house, "/shop/statistics")
    assert (usual["from"], usual["to"]) == (dt.date(2026, 3, 3), dt.date(2026, 4, 1))


def test_a_range_and_a_count_of_days_are_not_asked_for_together(cleaned_house):
    with pytest.raises(Invalid, match=r"BAD_PARAMETER.*not for both"):
        asked(cleaned_house, "/shop/statistics", days=3, to=LAST)
    with pytest.raises(Invalid, match="RANGE_TOO_LONG"):
        asked(cleaned_house, "/shop/statistics", from_="2010-01-01", to=LAST)
    with pytest.raises(NotFound, match=r"UNKNOWN_PATH.*GET /shop/statistics/daily"):
        asked(cleaned_house, "/shop/statistic")


def test_products_are_counted_by_category_and_subcategory(cleaned_house, bot):
    wanted = bot.products()
    for day in (FIRST, GONE, LEFT, LAST):
        assert products(cleaned_house, day) == {key: row for key, row in wanted.items() if key[0] == day}


def test_the_average_price_is_revenue_over_units_of_the_whole_range(cleaned_house, bot):
    rows = asked(cleaned_house, "/shop/products", from_=FIRST, to=LAST)["products"]
    wanted = bot.products().items()
    assert len(rows) == 5
    for row in rows:
        total = summed(one for key, one in wanted if key[1:] == (row["category_id"], row["subcategory_id"]))
        assert row["avg_price"] == (total["revenue"] / total["units_sold"]).quantize(Decimal("0.01"))


def test_months_are_the_sums_of_their_days(cleaned_house, bot):
    found = asked(cleaned_house, "/shop/monthly-revenue", year=2026)["months"]
    by_month = {row["month"]: row for row in found}
    wanted = bot.daily()
    for month in (2, 3):
        total = summed(row for day, row in wanted.items() if day.startswith(f"2026-0{month}"))
        assert by_month[month] == {
            "year": 2026,
            "month": month,
            "closed": None,
            **{name: total[name] for name in MONTHLY},
        }


def test_whoever_rolls_a_day_gets_the_same_rows(house, cleaned_house):
    house.roll("2026-03-20", "2026-03-24")
    mine = house.digests()
    assert {day for _, day, _ in mine} == {number(f"2026-03-{20 + n}") for n in range(5)}
    others = cleaned_house.digests()
    assert mine == {key: others[key] for key in mine}


def test_a_purged_day_is_never_rolled_again_so_no_sum_is_overwritten_with_zero(cleaned_house, bot):
    before = cleaned_house.digests()
    assert cleaned_house.roll(FIRST, GONE).sealed == 0
    assert cleaned_house.digests() == before
    assert daily(cleaned_house) == bot.daily()


def test_ten_nights_across_the_cut_off_change_no_sealed_number(cleaned_house, bot):
    wanted = bot.daily()
    for night in range(10):
        cleaned_house.at(f"2026-04-{2 + night:02d}T02:15:00Z")
        cleaned_house.roll()
        assert cleaned_house.purge().days == 3
        assert daily(cleaned_house) == wanted
    assert cleaned_house.chain_breaks() == []


def test_what_the_bot_sets_by_its_own_names_is_kept(house, monkeypatch):
    monkeypatch.setenv("DATA_RETENTION_DAYS", "40")
    monkeypatch.setenv("ANALYTICS_RETENTION_DAYS", "41")
    monkeypatch.setenv("MONTHLY_STATS_RETENTION_YEARS", "7")
    house.open()
    kept = {rollup.name: rollup.keep for rollup in house.workspace.catalog.rollups.values()}
    assert {stream.keep.days for stream in house.workspace.catalog.streams.values()} == {40}
    assert (kept["daily_sales_stats"].days, kept["monthly_revenue"].months) == (41, 84)
    february = asked(house, "/shop/monthly-revenue", year=2026)["months"][1]
    house.roll(FIRST, "2026-02-21")
    assert house.purge().days == 3 * 5
    house.at("2026-04-02T00:30:00Z").purge()
    # The daily figures of the oldest days are gone after 41 days; the month is whole.
    assert daily(house, FIRST, FIRST)[FIRST]["mixed_orders"] is None
    assert asked(house, "/shop/monthly-revenue", year=2026)["months"][1] == february


def test_a_retention_of_figures_below_that_of_orders_is_refused(house, monkeypatch):
    monkeypatch.setenv("ANALYTICS_RETENTION_DAYS", "7")
    with pytest.raises(Invalid, match=r"KEEP_TOO_SHORT: rollup 'daily_sales_stats'"):
        house.open()


def test_the_bots_own_tables_are_published_into_its_database(cleaned_house, bot, database):
    published(cleaned_house, database)
    rows = database.execute(f"SELECT date, {', '.join(SALES)} FROM daily_sales_stats")
    found = {str(date): exact(dict(zip(SALES, figures, strict=True))) for date, *figures in rows}
    wanted = bot.daily()
    assert found == {day: row for day, row in wanted.items() if day != LAST}  # which is not sealed yet
    rows = database.execute("SELECT date, category_id, subcategory_id, units_sold, revenue FROM product_stats")
    found = {(str(date), *key): exact({"units_sold": n, "revenue": total}) for date, *key, n, total in rows}
    assert found == {key: row for key, row in bot.products().items() if key[0] != LAST}
    rows = database.execute("SELECT year, month, total_revenue, total_orders FROM monthly_revenue")
    february = summed(row for day, row in wanted.items() if day < "2026-03")
    assert [(year, month, money(total), orders) for year, month, total, orders in rows] == [
        (2026, 2, february["total_revenue"], february["total_orders"])
    ]


def test_a_night_after_the_clean_up_writes_no_zero_over_a_sum(cleaned_house, bot, database):
    published(cleaned_house, database)
    before = database.execute("SELECT * FROM daily_sales_stats ORDER BY date")
    cleaned_house.at("2026-04-02T02:15:00Z").roll()
    cleaned_house.purge()
    published(cleaned_house, database)
    after = database.execute("SELECT * FROM daily_sales_stats ORDER BY date")
    assert after[: len(before)] == before
    assert len(after) == len(before) + 2
    assert database.execute("SELECT COUNT(*) FROM monthly_revenue") == [(2,)]


def test_published_tables_hold_no_customer_address_or_code(cleaned_house, bot, database):
    published(cleaned_house, database)
    values = [
        str(value)
        for table in ("daily_sales_stats", "product_stats", "monthly_revenue", "keepsum_published")
        for row in database.execute(f"SELECT * FROM {table}")
        for value in row
    ]
    assert len(values) > 500
    for statement in ("SELECT telegram_username, telegram_id FROM users", "SELECT shipping_address FROM orders",
                      "SELECT private_data FROM items"):  # fmt: skip
        secrets = {str(value) for row in bot.run(statement) for value in row.values()}
        assert secrets
        assert not secrets & set(values)


def test_a_month_says_when_it_was_closed(cleaned_house):
    closing.close(cleaned_house.workspace, cleaned_house.system.calendar(), now=cleaned_house.clock())
    months = asked(cleaned_house, "/shop/monthly-revenue", year=2026)["months"]
    assert {row["month"]: row["closed"] for row in months if row["closed"]} == {2: "2026-04-01T00:30:00Z"}


@pytest.mark.parametrize("form", ["csv", "xlsx"])
def test_the_months_are_exported_for_the_tax_office_with_the_ledgers_proof(cleaned_house, bot, form, tmp_path):
    closing.close(cleaned_house.workspace, cleaned_house.system.calendar(), now=cleaned_house.clock())
    rows, about = exported(cleaned_house, form, tmp_path)
    wanted = bot.daily()
    assert [str(row["time"])[:10] for row in rows] == ["2026-02-01", "2026-03-01"]
    for row, month in zip(rows, ("2026-02", "2026-03"), strict=True):
        total = summed(figures for day, figures in wanted.items() if day.startswith(month))
        assert {name: money(row[name]) for name in MONTHLY} == {name: total[name] for name in MONTHLY}
    head, closed = cleaned_house.entries()[-1], cleaned_house.entries(Kind.CLOSED)
    assert about["ledger"] == {"entry": head.seq, "head": head.hash}
    (february,) = closed  # the last day of March is not sealed yet
    said = {"month": "2026-02", "rollup": "monthly_revenue", "entry": february.seq, "hash": february.hash}
    assert about["closings"] == [said]
    assert Decimal(february.body["figures"]["total_revenue"]) == money(rows[0]["total_revenue"])
    assert about["labels"]["basis"] == "booked"


def exported(house, form, folder):
    """The rows of the file for the tax office as another program reads them, and what is said about it."""
    exporting, caller = house.system.exports, machine("default")
    days = {"first": number("2026-02-01"), "last": number("2026-03-31")}
    made = exports.create(exporting, exports.Order(dataset="monthly_revenue", format=form, **days, filters={}), caller)
    make_export.make(exporting, made.id, Quiet())
    ready = exports.look(exporting, made.id, caller)
    _, file = exports.fetch_own(exporting, made.id, caller)
    with file:
        content = file.read()
    if form == "csv":
        return [*csv.DictReader(content.decode("utf-8-sig").splitlines())], ready.about
    path = folder / "months.xlsx"
    path.write_bytes(content)
    book = openpyxl.load_workbook(path)
    heading, *rows = book["rows"].iter_rows(values_only=True)
    about = {name: text for name, text, *_ in book["about"].iter_rows(values_only=True)}
    told = {name: json.loads(str(about[name])) for name in ("ledger", "closings", "labels")}
    assert told["ledger"] == ready.about["ledger"]
    return [dict(zip(heading, row, strict=True)) for row in rows], told


class Quiet:
    """Hears what a job says of itself, and does nothing about it."""

    def progress(self, **_said): ...


def test_a_program_asks_for_the_statistics_without_a_server(cleaned_house, bot):
    cleaned_house.close()
    folder = cleaned_house.folder
    places = {"data_dir": folder / "data", "key_dir": folder / "keys", "packs": folder / "packs"}

    async def panel():
        async with open_client(**places, clock=NOW) as keepsum:
            given = {"from": dt.date(2026, 2, 15), "to": dt.date(2026, 3, 31)}
            whole, months = await asyncio.gather(
                keepsum.get("/shop/statistics", given), keepsum.get("/shop/monthly-revenue", {"year": 2026})
            )
            plain = await keepsum.ask({"metrics": ["total_revenue"], **given})
        return whole, months, plain

    whole, months, plain = asyncio.run(panel())
    wanted = summed(bot.daily().values())
    assert {name: whole[name] for name in SALES} == wanted
    assert plain.rows == ((wanted["total_revenue"],),)
    assert sum(month["total_revenue"] or 0 for month in months["months"]) == wanted["total_revenue"]
