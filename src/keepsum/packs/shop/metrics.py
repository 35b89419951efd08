"""What can be asked for by name: every column of the bot's own tables."""

from keepsum import Metric
from keepsum.packs.shop.rollups import DAILY_BUYS, DAILY_SALES_STATS, PRODUCT_STATS
from keepsum.packs.shop.streams import EUR, OWNER

ORDERS, ITEMS = "orders", "items"

TOTAL_REVENUE = Metric(
    "total_revenue", DAILY_SALES_STATS.total_revenue, unit=EUR, owner=OWNER, about="Orders paid or shipped, in full."
)
TOTAL_ORDERS = Metric("total_orders", DAILY_SALES_STATS.total_orders, unit=ORDERS, owner=OWNER, about="Paid orders.")
TOTAL_ITEMS_SOLD = Metric(
    "total_items_sold", DAILY_SALES_STATS.total_items_sold, unit=ITEMS, owner=OWNER, about="Items of paid orders."
)
REVENUE_FROM_WALLET = Metric(
    "revenue_from_wallet",
    DAILY_SALES_STATS.revenue_from_wallet,
    unit=EUR,
    owner=OWNER,
    about="The part of revenue that came from balances.",
)
REVENUE_FROM_CRYPTO = Metric(
    "revenue_from_crypto",
    TOTAL_REVENUE - REVENUE_FROM_WALLET,
    unit=EUR,
    owner=OWNER,
    about="The rest of revenue.",
)
UNITS_SOLD = Metric("units_sold", PRODUCT_STATS.units_sold, unit=ITEMS, owner=OWNER, about="Items that were paid for.")
PRODUCT_REVENUE = Metric(
    "product_revenue", PRODUCT_STATS.product_revenue, unit=EUR, owner=OWNER, about="What items were sold for."
)
AVG_PRICE = Metric(
    "avg_price",
    PRODUCT_REVENUE / UNITS_SOLD,
    unit=EUR,
    owner=OWNER,
    direction="none",
    decimals=2,
    about="Revenue over units, both summed first.",
)
MONTHLY = (TOTAL_REVENUE, TOTAL_ORDERS, TOTAL_ITEMS_SOLD, REVENUE_FROM_WALLET, REVENUE_FROM_CRYPTO)
DAILY = (
    *MONTHLY,
    Metric("digital_orders", DAILY_SALES_STATS.digital_orders, unit=ORDERS, owner=OWNER, about="Of codes only."),
    Metric("physical_orders", DAILY_SALES_STATS.physical_orders, unit=ORDERS, owner=OWNER, about="Of goods only."),
    Metric("mixed_orders", DAILY_SALES_STATS.mixed_orders, unit=ORDERS, owner=OWNER, about="Of both."),
    Metric(
        "refunds_count",
        DAILY_SALES_STATS.refunds_count,
        unit=ORDERS,
        owner=OWNER,
        direction="down",
        about="Orders of any status that were refunded, on the day they were made.",
    ),
    Metric(
        "refunds_amount",
        DAILY_SALES_STATS.refunds_amount,
        unit=EUR,
        owner=OWNER,
        direction="down",
        about="What went back: the amount that is said, else the whole price.",
    ),
    *(
        Metric(name, formula, unit=ORDERS, owner=OWNER, direction="down", about=about)
        for name, formula, about in (
            ("cancelled_by_user", DAILY_SALES_STATS.cancelled_by_user, "Orders their customer cancelled."),
            ("cancelled_by_admin", DAILY_SALES_STATS.cancelled_by_admin, "Orders the shop cancelled."),
            ("timeout_cancelled", DAILY_SALES_STATS.timeout_cancelled, "Orders that were not paid in time."),
        )
    ),
)
PRODUCTS = (UNITS_SOLD, PRODUCT_REVENUE, AVG_PRICE)
BUYS = (
    Metric("buys", DAILY_BUYS.buys, unit="buys", owner=OWNER, about="Purchases of the older kind."),
    Metric("bought_items", DAILY_BUYS.bought_items, unit=ITEMS, owner=OWNER, about="Items of them."),
    Metric("bought_for", DAILY_BUYS.bought_for, unit=EUR, owner=OWNER, about="What they cost."),
    Metric(
        "refunded_buys",
        DAILY_BUYS.refunded_buys,
        unit="buys",
        owner=OWNER,
        direction="down",
        about="Purchases that were refunded.",
    ),
)

METRICS = (*DAILY, *PRODUCTS, *BUYS)
