"""What is recorded: an order with what was in it, a sold item, and a buy of the older kind."""

from keepsum import Boolean, Choice, Integer, Money, Stream, days
from keepsum.packs.shop.mappings import BUYS_TABLE, ITEMS_TABLE, ORDERS_TABLE
from keepsum.packs.shop.settings import AGGREGATE_DATA_BEFORE_DAYS, DATA_RETENTION_DAYS

EUR = "EUR"
KEEP = days(30, setting=DATA_RETENTION_DAYS)
REREAD = days(7, setting=AGGREGATE_DATA_BEFORE_DAYS)
OWNER = "shop"

REVENUE = ("PAID", "SHIPPED")  # nothing else is revenue, however far it got
STATUSES = (
    "PENDING_PAYMENT",
    "PENDING_PAYMENT_AND_ADDRESS",
    "PENDING_PAYMENT_PARTIAL",
    "PAID",
    "PAID_AWAITING_SHIPMENT",
    "SHIPPED",
    "CANCELLED_BY_USER",
    "CANCELLED_BY_ADMIN",
    "CANCELLED_BY_SYSTEM",
    "TIMEOUT",
)
MIXES = ("digital", "physical", "mixed")
STATUS = Choice("status", STATUSES, required=True, about="How far the order got.")

ORDERS = Stream(
    "orders",
    about="One order, with what its items were; it is of the day it was made on.",
    owner=OWNER,
    time="created_at",
    key="id",
    subject="user_id",
    keep=KEEP,
    reread=REREAD,
    attached=ORDERS_TABLE,
    fields=(
        STATUS,
        Choice("mix", MIXES, required=True, about="What kinds of items are in it; one without items is digital."),
        Integer("items", unit="items", required=True, about="How many items are in it."),
        Money("total_price", unit=EUR, required=True, about="What it costs."),
        Money("wallet_used", unit=EUR, about="The part of it that came from the customer's balance."),
        Boolean("is_refunded", about="Whether money went back."),
        Money("refund", unit=EUR, about="What went back; the whole price where no amount is said."),
    ),
)

SOLD_ITEMS = Stream(
    "sold_items",
    about="One item of an order, on the day of the order.",
    owner=OWNER,
    time="created_at",
    key="id",
    subject="user_id",
    keep=KEEP,
    reread=REREAD,
    attached=ITEMS_TABLE,
    covered_with="orders",
    fields=(
        STATUS,
        Integer("category_id", required=True, about="Its category."),
        Integer("subcategory_id", required=True, about="Its subcategory."),
        Money("price", unit=EUR, required=True, about="What it was sold for."),
    ),
)

BUYS = Stream(
    "buys",
    about="One purchase as the bot noted it before it had orders.",
    owner=OWNER,
    time="buy_datetime",
    key="id",
    subject="buyer_id",
    keep=KEEP,
    reread=REREAD,
    attached=BUYS_TABLE,
    fields=(
        Integer("quantity", unit="items", required=True, about="How many items."),
        Money("total_price", unit=EUR, required=True, about="What they cost."),
        Boolean("is_refunded", about="Whether money went back."),
    ),
)

STREAMS = (ORDERS, SOLD_ITEMS, BUYS)
