"""The bot's clean-up on its own tables, from the backfill to the night when orders, their items and buys go."""

import asyncio
import datetime as dt
import json
from decimal import Decimal

import pytest
from tests.seeds.test_shop import asked, daily, products, statistics
from tests.served import served_from
from tests.shop_bot import SALES, Bot, summed
from tests.systems import House, lay_out, owner

from keepsum.cli import run
from keepsum.client import open_client
from keepsum.model.errors import Conflict
from keepsum.packs.shop import PACK
from keepsum.pipeline import purge_switch
from keepsum.pipeline.jobs import carry_out
from keepsum.pipeline.verify import verify_ledger

DAYS = 6
KEPT = "9"  # days: of each day without orders until then every night makes sure
BEGUN, ENDED = "2026-02-15", "2026-02-20"
GONE, LEFT = "2026-02-17", "2026-02-18"  # the last day that goes on that night, and the first that stays
ROLLED = "2026-02-21T02:15:00Z"
NIGHT = "2026-02-27T02:15:00Z"


@pytest.fixture
def bot(database):
    bot = Bot(database.url, days=DAYS, a_day=6)
    yield bot
    bot.close()


@pytest.fixture
def house(tmp_path, bot, database, monkeypatch):
    lay_out(tmp_path / "house", PACK, "UTC")
    monkeypatch.setenv("KEEPSUM_SHOP_DATABASE_URL", database.url)
    monkeypatch.setenv("KEEPSUM_SHOP_DATA_RETENTION_DAYS", KEPT)
    house = House(tmp_path / "house", PACK, fresh=False, now=ROLLED)
    yield house
    house.close()


class Quiet:
    """Hears what a job says of itself, and does nothing about it."""

    def progress(self, **_said): ...


def nightly(house):
    return carry_out(house.system, "nightly", {}, Quiet())


def enable(house, *names):
    for name in names:
        stream = house.workspace.catalog.stream(name)
        purge_switch.enable(house.workspace, stream, owner("machine"), now=house.clock())


def count(bot, table, where="1 = 1"):
    return bot.run(f"SELECT COUNT(*) AS n FROM {table} WHERE {where}")[0]["n"]


def february(house):
    """The month's revenue, whether it is closed or not."""
    found = asked(house, "/shop/monthly-revenue", year=2026)["months"][1]
    return {name: value for name, value in found.items() if name != "closed"}


def of_days(first, last):
    """A condition on orders, and one on their items."""
    orders = f"created_at >= '{first}' AND created_at < '{dt.date.fromisoformat(last) + dt.timedelta(days=1)}'"
    return orders, f"order_id IN (SELECT id FROM orders WHERE {orders})"


def test_orders_their_items_and_buys_go_after_the_backfill_and_no_figure_changes(house, bot):
    with pytest.raises(Conflict, match="BACKFILL_INCOMPLETE"):
        enable(house, "orders")
    nightly(house)
    enable(house, "orders", "buys")
    wanted, sold, month = bot.daily(), bot.products(), february(house)
    orders, items = of_days(LEFT, ENDED)
    left = count(bot, "orders", orders), count(bot, "items", items), count(bot, "items", "order_id IS NULL")
    house.at(NIGHT)
    assert nightly(house).held is None
    there = count(bot, "orders"), count(bot, "items", "order_id IS NOT NULL"), count(bot, "items", "order_id IS NULL")
    assert there == left
    assert count(bot, "buys", f"buy_datetime < '{LEFT}'") == 0
    assert count(bot, "buys") > 0
    assert daily(house, BEGUN, ENDED) == wanted
    assert products(house, BEGUN) == {key: row for key, row in sold.items() if key[0] == BEGUN}
    assert february(house) == month
    found, labels = statistics(house, "2026-02-16", "2026-02-19")  # two days gone, two that live
    assert found == summed(row for day, row in wanted.items() if "2026-02-16" <= day <= "2026-02-19")
    assert (labels["missing"], labels["sources"]["missing"]) == ((), 0)
    assert verify_ledger(house.workspace, deep=True).findings == ()
    nightly(house)  # the night after adds nothing up again from orders that are gone
    assert daily(house, BEGUN, ENDED) == wanted


@pytest.mark.parametrize("database", ["sqlite"], indirect=True)
def test_every_door_says_the_same_before_and_after_the_clean_up(house, bot, capsys):
    nightly(house)
    enable(house, "orders", "buys")
    wanted = summed(bot.daily().values())
    assert doors(house, capsys) == [wanted] * 3
    house.at(NIGHT)
    nightly(house)
    assert count(bot, "orders", f"created_at < '{LEFT}'") == 0
    assert doors(house, capsys) == [wanted] * 3


def doors(house, capsys):
    """The statistics of all days as an async call, a request and a command give them."""
    with served_from(house) as served:
        sent = served.client.get("/shop/statistics", params={"from": BEGUN, "to": ENDED}).text
    house.close()
    places = {"data_dir": house.folder / "data", "key_dir": house.folder / "keys", "packs": house.folder / "packs"}
    clock = dt.datetime(1970, 1, 1, tzinfo=dt.UTC) + dt.timedelta(microseconds=house.clock())

    async def panel():
        async with open_client(**places, clock=clock) as keepsum:
            return await keepsum.get("/shop/statistics", {"from": BEGUN, "to": ENDED})

    called = asyncio.run(panel())
    capsys.readouterr()
    flags = [f"--{name.replace('_', '-')}={path}" for name, path in places.items()]
    said = [
        "call",
        "/shop/statistics",
        f"from={BEGUN}",
        f"to={ENDED}",
        "--json",
        f"--clock={clock.isoformat()}",
        *flags,
    ]
    assert run(said) == 0
    printed = capsys.readouterr().out
    house.open()
    answers = (called, *(json.loads(text, parse_float=Decimal) for text in (sent, printed)))
    return [{name: found[name] for name in SALES} for found in answers]


def test_an_item_that_never_was_marked_sold_goes_with_its_order_and_keeps_nothing_waiting(house, bot):
    (order,) = bot.run("SELECT MIN(order_id) AS id FROM items WHERE order_id IS NOT NULL")
    bot.run("UPDATE items SET is_sold = FALSE WHERE order_id = :id", **order)
    nightly(house)
    enable(house, "orders")
    wanted = bot.daily()
    house.at(NIGHT)
    assert nightly(house).held is None
    assert count(bot, "orders", f"created_at < '{LEFT}'") == 0
    assert count(bot, "items", f"order_id = {order['id']}") == 0
    assert daily(house, BEGUN, ENDED) == wanted


def test_an_order_that_changes_before_its_purge_is_proven_anew_first(house, bot):
    nightly(house)
    enable(house, "orders", "buys")
    house.at("2026-02-26T02:15:00Z")
    nightly(house)
    bot.run("UPDATE orders SET status = 'SHIPPED' WHERE status = 'PENDING_PAYMENT'")
    bot.run(f"UPDATE orders SET is_refunded = TRUE, refunded_amount = 0.5 WHERE created_at >= '{GONE}'")
    wanted = bot.daily()
    house.at(NIGHT)
    assert nightly(house).held is None
    assert daily(house, GONE, ENDED) == wanted
    assert count(bot, "orders", f"created_at < '{LEFT}'") == 0
