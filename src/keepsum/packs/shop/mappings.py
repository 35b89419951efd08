"""Where the bot has its records: what each field is made of in its own tables, if their address is told."""

from keepsum import (
    Amount,
    Attached,
    Child,
    Children,
    Choose,
    Constant,
    Has,
    Lookup,
    Utc,
    When,
    where,
)
from keepsum.packs.shop.settings import DATABASE_URL

ITEMS = ("id", "order_id")  # of an order, and which order an item is of
ORDER = ("order_id", "id")
GOODS = Has("items", on=ITEMS, where=where(is_physical=True))
CODES = Has("items", on=ITEMS, where=where(is_physical=False))
PRICE = Amount("total_price", stored="float")

ORDERS_TABLE = Attached(
    "orders",
    url=DATABASE_URL,
    time=Utc("created_at"),
    subject="user_id",
    columns={
        "mix": Choose(
            When((GOODS, CODES), Constant("mixed")),
            When(GOODS, Constant("physical")),
            otherwise=Constant("digital"),
        ),
        "items": Children("items", on=ITEMS, count=True),
        "total_price": PRICE,
        "wallet_used": Amount("wallet_used", stored="float"),
        # An amount of 0 is one that nobody said, as in the bot's own statistics.
        "refund": Choose(
            When(where(is_refunded=True, refunded_amount=(None, 0)), PRICE),
            When(where(is_refunded=True), Amount("refunded_amount", stored="float")),
        ),
    },
    children=(Child("items", on=ITEMS),),
)

ITEMS_TABLE = Attached(
    "items",
    url=DATABASE_URL,
    time=Utc(Lookup("orders", on=ORDER, value="created_at")),
    subject=Lookup("orders", on=ORDER, value="user_id"),
    where=where(is_sold=True),  # what waits in stock is of no order and of no day
    columns={
        "status": Lookup("orders", on=ORDER, value="status"),
        "category_id": Amount("category_id", stored="integer"),
        "subcategory_id": Amount("subcategory_id", stored="integer"),
        "price": Amount("price", stored="float"),
    },
)

BUYS_TABLE = Attached(
    "buys",
    url=DATABASE_URL,
    time=Utc("buy_datetime"),
    subject="buyer_id",
    columns={
        "quantity": Amount("quantity", stored="integer"),
        "total_price": Amount("total_price", stored="float"),
    },
)
