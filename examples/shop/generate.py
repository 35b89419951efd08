"""Fills a shop bot's database with days of believable orders: the same seed gives the same shop.

python examples/shop/generate.py sqlite:///shop.db --first 2025-10-01 --days 60
"""

import argparse
import datetime as dt
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from random import Random
from typing import Any

import sqlalchemy

Row = dict[str, Any]

SCHEMA = Path(__file__).with_name("schema.sql")
CATEGORIES = {1: "Tea", 2: "Codes", 3: "Tools"}
SUBCATEGORIES = {1: (1, "Green tea", True), 2: (1, "Black tea", True), 3: (2, "Licence", False),
                 4: (2, "Voucher", False), 5: (3, "Kettle", True)}  # fmt: skip
PRICES = {1: 6.49, 2: 5.19, 3: 19.99, 4: 10.1, 5: 34.95}
STATUSES = {
    "PAID": 40, "SHIPPED": 35, "PENDING_PAYMENT": 3, "PAID_AWAITING_SHIPMENT": 4, "CANCELLED_BY_USER": 6,
    "CANCELLED_BY_ADMIN": 4, "TIMEOUT": 8,
}  # fmt: skip
STREETS = ("Teekannenweg", "Am Kai", "Lindenhof")


@dataclass
class Shop:
    """The rows of every table, by its name; foreign keys point back only."""

    tables: dict[str, list[Row]] = field(
        default_factory=lambda: {
            name: [] for name in ("users", "categories", "subcategories", "orders", "items", "buys")
        }
    )

    def add(self, table: str, **values: Any) -> int:
        """Add a row, and give its number."""
        rows = self.tables[table]
        rows.append({"id": len(rows) + 1, **values})
        return len(rows)


def shop(*, seed: int, first: dt.date, days: int, a_day: int = 40, people: int = 200) -> Shop:
    """Give a shop with so many days of orders, about `a_day` each."""
    chance, made = Random(seed), Shop()
    for number in range(1, people + 1):
        made.add("users", telegram_id=7_000_000 + number, telegram_username=f"buyer_{number}")
    for name in CATEGORIES.values():
        made.add("categories", name=name)
    for _, name, _ in SUBCATEGORIES.values():
        made.add("subcategories", name=name)
    for _ in range(a_day):
        _item(chance, made, None, chance.choice([*SUBCATEGORIES]))
    for time in _times(chance, first, days, a_day):
        _order(chance, made, time, people)
        if chance.random() < 0.2:
            _buy(chance, made, time, people)
    return made


def _times(chance: Random, first: dt.date, days: int, a_day: int) -> Iterator[str]:
    for number in range(days):
        midnight = dt.datetime.combine(first + dt.timedelta(days=number), dt.time())
        seconds = sorted(chance.randrange(86_400) for _ in range(chance.randint(a_day // 2, a_day * 3 // 2)))
        yield from (str(midnight + dt.timedelta(seconds=second)) for second in seconds)


def _order(chance: Random, made: Shop, time: str, people: int) -> None:
    goods = [chance.choice([*SUBCATEGORIES]) for _ in range(chance.choice((0, 1, 1, 1, 2, 2, 3, 5)))]
    total = round(sum(PRICES[one] for one in goods) or 5.0, 2)
    is_refunded = chance.random() < 0.07
    order = made.add(
        "orders",
        user_id=chance.randint(1, people),
        status=chance.choices([*STATUSES], [*STATUSES.values()])[0],
        total_price=total,
        wallet_used=chance.choice((0.0, 0.0, total, round(total / 3, 2))),
        is_refunded=is_refunded,
        refunded_amount=chance.choice((None, 0.0, round(total / 2, 2))) if is_refunded else None,
        shipping_address=f"{chance.choice(STREETS)} {chance.randint(1, 99)}",
        created_at=time,
    )
    for one in goods:
        _item(chance, made, order, one)


def _item(chance: Random, made: Shop, order: int | None, good: int) -> None:
    """Add an item of an order, or one that waits in stock."""
    category, _, is_physical = SUBCATEGORIES[good]
    made.add(
        "items",
        order_id=order,
        category_id=category,
        subcategory_id=good,
        price=PRICES[good],
        is_physical=is_physical,
        is_sold=order is not None,
        private_data=f"KEY-{chance.getrandbits(64):016X}",
    )


def _buy(chance: Random, made: Shop, time: str, people: int) -> None:
    good, quantity = chance.choice([*PRICES]), chance.randint(1, 4)
    made.add(
        "buys",
        buyer_id=chance.randint(1, people),
        quantity=quantity,
        total_price=round(PRICES[good] * quantity, 2),
        is_refunded=chance.random() < 0.05,
        buy_datetime=time,
    )


def fill(url: str, made: Shop) -> None:
    """Make the tables in a database that has none of them, and put the shop's rows there."""
    engine = sqlalchemy.create_engine(url)
    with engine.begin() as connection:
        for statement in SCHEMA.read_text(encoding="utf-8").split(";"):
            if statement.strip():
                connection.execute(sqlalchemy.text(statement))
        for table, rows in made.tables.items():
            if rows:
                names = [*rows[0]]
                values = ", ".join(f":{name}" for name in names)
                statement = f"INSERT INTO {table} ({', '.join(names)}) VALUES ({values})"
                connection.execute(sqlalchemy.text(statement), rows)
    engine.dispose()


def main() -> None:
    """Fill the database that the command line names."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("url", help="a database as SQLAlchemy names it, empty")
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--first", type=dt.date.fromisoformat, required=True)
    parser.add_argument("--days", type=int, default=60)
    parser.add_argument("--a-day", type=int, default=40)
    given = parser.parse_args()
    made = shop(seed=given.seed, first=given.first, days=given.days, a_day=given.a_day)
    fill(given.url, made)
    print(", ".join(f"{len(rows):,} {name}" for name, rows in made.tables.items() if rows))


if __name__ == "__main__":
    main()
