"""A shop bot's own database for tests: its rows, and the figures that plain SQL over them gives."""

import datetime as dt
from decimal import Decimal
from typing import Any

import sqlalchemy
from examples.shop import generate

FIRST = dt.date(2026, 2, 15)
DAYS = 45

# Written by hand from the bot's own loop over orders: cents row by row, so that no float is ever added up.
DAILY = """
SELECT CAST(date(created_at) AS CHAR(10)) AS day,
  SUM(CASE WHEN paid = 1 THEN price ELSE 0 END) AS total_revenue,
  SUM(paid) AS total_orders,
  SUM(CASE WHEN paid = 1 THEN items ELSE 0 END) AS total_items_sold,
  SUM(CASE WHEN paid = 1 THEN wallet ELSE 0 END) AS revenue_from_wallet,
  SUM(CASE WHEN paid = 1 THEN price - wallet ELSE 0 END) AS revenue_from_crypto,
  SUM(CASE WHEN paid = 1 AND goods = 0 THEN 1 ELSE 0 END) AS digital_orders,
  SUM(CASE WHEN paid = 1 AND goods > 0 AND goods = items THEN 1 ELSE 0 END) AS physical_orders,
  SUM(CASE WHEN paid = 1 AND goods > 0 AND goods < items THEN 1 ELSE 0 END) AS mixed_orders,
  SUM(refunded) AS refunds_count,
  SUM(CASE WHEN refunded = 0 THEN 0 WHEN refund IS NULL OR refund = 0 THEN price ELSE refund END) AS refunds_amount,
  SUM(CASE WHEN status = 'CANCELLED_BY_USER' THEN 1 ELSE 0 END) AS cancelled_by_user,
  SUM(CASE WHEN status = 'CANCELLED_BY_ADMIN' THEN 1 ELSE 0 END) AS cancelled_by_admin,
  SUM(CASE WHEN status = 'TIMEOUT' THEN 1 ELSE 0 END) AS timeout_cancelled
FROM (
  SELECT o.created_at, o.status,
    CAST(ROUND(o.total_price * 100) AS DECIMAL(20)) AS price,
    CAST(ROUND(o.wallet_used * 100) AS DECIMAL(20)) AS wallet,
    CAST(ROUND(o.refunded_amount * 100) AS DECIMAL(20)) AS refund,
    CASE WHEN o.is_refunded THEN 1 ELSE 0 END AS refunded,
    CASE WHEN o.status IN ('PAID', 'SHIPPED') THEN 1 ELSE 0 END AS paid,
    (SELECT COUNT(*) FROM items i WHERE i.order_id = o.id) AS items,
    (SELECT COUNT(*) FROM items i WHERE i.order_id = o.id AND i.is_physical) AS goods
  FROM orders o
) AS every
GROUP BY date(created_at) ORDER BY day
"""
PRODUCTS = """
SELECT CAST(date(o.created_at) AS CHAR(10)) AS day, i.category_id, i.subcategory_id, COUNT(*) AS units_sold,
  SUM(CAST(ROUND(i.price * 100) AS DECIMAL(20))) AS revenue
FROM items i JOIN orders o ON o.id = i.order_id
WHERE o.status IN ('PAID', 'SHIPPED')
GROUP BY date(o.created_at), i.category_id, i.subcategory_id ORDER BY day, i.category_id, i.subcategory_id
"""
SALES = (
    "total_revenue", "total_orders", "total_items_sold", "revenue_from_wallet", "revenue_from_crypto",
    "digital_orders", "physical_orders", "mixed_orders", "refunds_count", "refunds_amount", "cancelled_by_user",
    "cancelled_by_admin", "timeout_cancelled",
)  # fmt: skip
MONEY = {"total_revenue", "revenue_from_wallet", "revenue_from_crypto", "refunds_amount", "revenue"}


class Bot:
    """The database of a shop bot, by its address."""

    def __init__(self, url: str, *, days: int = DAYS, a_day: int = 12, seed: int = 7) -> None:
        generate.fill(url, generate.shop(seed=seed, first=FIRST, days=days, a_day=a_day))
        self.engine = sqlalchemy.create_engine(url)

    def close(self) -> None:
        self.engine.dispose()

    def run(self, statement: str, **values: Any) -> list[dict[str, Any]]:
        with self.engine.begin() as connection:
            found = connection.execute(sqlalchemy.text(statement), values)
            return [dict(row) for row in found.mappings()] if found.returns_rows else []

    def daily(self) -> dict[str, dict[str, Any]]:
        """What the bot's table of daily sales should hold, by date."""
        return {str(row.pop("day")): exact(row) for row in self.run(DAILY)}

    def products(self) -> dict[tuple[str, int, int], dict[str, Any]]:
        """What its table of products should hold, by date, category and subcategory."""
        found = self.run(PRODUCTS)
        return {
            (str(row["day"]), row["category_id"], row["subcategory_id"]): exact(
                {"units_sold": row["units_sold"], "revenue": row["revenue"]}
            )
            for row in found
        }


def exact(row: dict[str, Any]) -> dict[str, Any]:
    """Cents as money, all else as whole numbers."""
    return {name: Decimal(int(value)).scaleb(-2) if name in MONEY else int(value) for name, value in row.items()}


def summed(rows) -> dict[str, Any]:
    """The sums of several days, column by column."""
    listed = [*rows]
    return {name: sum(row[name] for row in listed) for name in listed[0]}


def orders(bot: Bot) -> list[dict[str, Any]]:
    """The orders as records, as a program that pushes them sends them."""
    found = bot.run(
        "SELECT o.*, (SELECT COUNT(*) FROM items i WHERE i.order_id = o.id) AS items, "
        "(SELECT COUNT(*) FROM items i WHERE i.order_id = o.id AND i.is_physical) AS goods FROM orders o ORDER BY o.id"
    )
    return [_order(row) for row in found]


def _order(row: dict[str, Any]) -> dict[str, Any]:
    goods, items = row["goods"], row["items"]
    return {
        "id": str(row["id"]),
        "created_at": _instant(row["created_at"]),
        "user_id": str(row["user_id"]),
        "status": row["status"],
        "mix": "digital" if not goods else "physical" if goods == items else "mixed",
        "items": items,
        "total_price": _money(row["total_price"]),
        "wallet_used": _money(row["wallet_used"]),
        "is_refunded": bool(row["is_refunded"]),
        "refund": _money(row["refunded_amount"] or row["total_price"]) if row["is_refunded"] else None,
    }


def sold_items(bot: Bot) -> list[dict[str, Any]]:
    """The items of orders as records."""
    found = bot.run(
        "SELECT i.id, o.created_at, o.user_id, o.status, i.category_id, i.subcategory_id, i.price "
        "FROM items i JOIN orders o ON o.id = i.order_id ORDER BY i.id"
    )
    return [
        {
            **row,
            "id": str(row["id"]),
            "user_id": str(row["user_id"]),
            "created_at": _instant(row["created_at"]),
            "price": _money(row["price"]),
        }
        for row in found
    ]


def buys(bot: Bot) -> list[dict[str, Any]]:
    """The purchases of the older kind as records."""
    return [
        {
            "id": str(row["id"]),
            "buyer_id": str(row["buyer_id"]),
            "buy_datetime": _instant(row["buy_datetime"]),
            "quantity": row["quantity"],
            "total_price": _money(row["total_price"]),
            "is_refunded": bool(row["is_refunded"]),
        }
        for row in bot.run("SELECT * FROM buys ORDER BY id")
    ]


def _instant(value: Any) -> str:
    return str(value).replace(" ", "T") + "Z"


def _money(value: float) -> str:
    return f"{value:.2f}"
