"""The shop on the bot's own tables: what plain SQL over them gives, while Keepsum has no row of them."""

import pytest
from tests.seeds.test_shop import daily, products, statistics
from tests.shop_bot import Bot, summed
from tests.systems import House, lay_out

from keepsum.model.setting import Secret
from keepsum.packs.shop import PACK
from keepsum.pipeline.publishing import publish

DAYS = 5
KEPT = "12"  # days: each of those without orders until then is read, too
BEGUN, ENDED = "2026-02-15", "2026-02-19"


@pytest.fixture
def bot(database):
    bot = Bot(database.url, days=DAYS, a_day=8)
    yield bot
    bot.close()


@pytest.fixture
def house(tmp_path, bot, database, monkeypatch):
    lay_out(tmp_path / "house", PACK, "UTC")
    monkeypatch.setenv("KEEPSUM_SHOP_DATABASE_URL", database.url)
    monkeypatch.setenv("KEEPSUM_SHOP_DATA_RETENTION_DAYS", KEPT)
    house = House(tmp_path / "house", PACK, fresh=False, now="2026-02-20T02:15:00Z")
    yield house
    house.close()


def test_every_day_is_what_the_bots_own_loop_adds_up_to_before_and_after_it_is_sealed(house, bot):
    wanted = bot.daily()
    assert daily(house, BEGUN, ENDED) == wanted
    assert house.roll().sealed == 3 * DAYS
    assert daily(house, BEGUN, ENDED) == wanted
    assert products(house, BEGUN) == {key: row for key, row in bot.products().items() if key[0] == BEGUN}


def test_an_order_that_is_paid_later_changes_its_day_while_it_lives(house, bot):
    house.roll()
    bot.run("UPDATE orders SET status = 'SHIPPED' WHERE status = 'PENDING_PAYMENT'")
    bot.run("UPDATE orders SET is_refunded = TRUE, refunded_amount = NULL WHERE id = 3")
    house.roll()
    wanted, _ = statistics(house, BEGUN, ENDED)
    assert wanted == summed(bot.daily().values())


def test_a_day_near_its_deadline_is_read_again_each_night_so_that_nothing_is_missed(house, bot):
    house.roll()
    house.at("2026-02-22T02:15:00Z")  # less than a week before the first day is due
    bot.run("UPDATE orders SET status = 'TIMEOUT' WHERE id = 1")
    house.roll()
    assert daily(house, BEGUN, BEGUN) == {BEGUN: bot.daily()[BEGUN]}


def test_the_tables_of_a_bot_are_written_beside_its_own_while_its_orders_live(house, bot, database):
    told = {"shop": {"PUBLISH_URL": Secret(database.url)}}
    house.roll()
    publish(house.workspace, told, now=house.clock())
    found = {str(row["date"]): row["total_orders"] for row in bot.run("SELECT * FROM daily_sales_stats")}
    assert found == {day: row["total_orders"] for day, row in bot.daily().items()}
    bot.run("UPDATE orders SET status = 'TIMEOUT'")
    house.at("2026-02-28T02:15:00Z").roll()  # all days are read again each night
    publish(house.workspace, told, now=house.clock())
    found = [row["timeout_cancelled"] for row in bot.run("SELECT * FROM daily_sales_stats WHERE total_orders = 0")]
    assert sum(found) >= sum(row["timeout_cancelled"] for row in [*bot.daily().values()][:4])


def test_no_customer_address_or_code_of_the_bots_tables_is_kept(house, bot):
    house.roll()
    house.close()
    secrets = {
        str(value).encode()
        for statement in ("SELECT shipping_address FROM orders", "SELECT private_data FROM items WHERE order_id > 0")
        for row in bot.run(statement)
        for value in row.values()
    }
    kept = b"".join(path.read_bytes() for path in (house.folder / "data").rglob("*") if path.is_file())
    assert secrets
    assert not [secret for secret in secrets if secret in kept]
