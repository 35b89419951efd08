"""What is kept, under the names and with the columns of the bot's own tables."""

from keepsum import Count, Rollup, Sum, days, where, years
from keepsum.packs.shop.settings import ANALYTICS_RETENTION_DAYS, MONTHLY_STATS_RETENTION_YEARS
from keepsum.packs.shop.streams import BUYS, ORDERS, REVENUE, SOLD_ITEMS

DAILY = days(365, setting=ANALYTICS_RETENTION_DAYS)
MONTHLY = years(10, setting=MONTHLY_STATS_RETENTION_YEARS)
PAID = where(status=REVENUE)

TAKEN = (
    Sum("total_revenue", of="total_price", where=PAID, about="What paid orders cost."),
    Count("total_orders", where=PAID, about="How many orders were paid."),
    Sum("total_items_sold", of="items", where=PAID, about="How many items they had."),
    Sum("revenue_from_wallet", of="wallet_used", where=PAID, about="The part that came from balances."),
)

DAILY_SALES_STATS = Rollup(
    "daily_sales_stats",
    about="The shop's days.",
    of=ORDERS,
    keep=DAILY,
    measures=(
        *TAKEN,
        Count("digital_orders", where=where(status=REVENUE, mix="digital"), about="Paid orders of codes only."),
        Count("physical_orders", where=where(status=REVENUE, mix="physical"), about="Paid orders of goods only."),
        Count("mixed_orders", where=where(status=REVENUE, mix="mixed"), about="Paid orders of both."),
        Count("refunds_count", where=where(is_refunded=True), about="Orders of any status that were refunded."),
        Sum("refunds_amount", of="refund", where=where(is_refunded=True), about="What went back."),
        Count("cancelled_by_user", where=where(status="CANCELLED_BY_USER"), about="Cancelled by the customer."),
        Count("cancelled_by_admin", where=where(status="CANCELLED_BY_ADMIN"), about="Cancelled by the shop."),
        Count("timeout_cancelled", where=where(status="TIMEOUT"), about="Never paid in time."),
    ),
)
PRODUCT_STATS = Rollup(
    "product_stats",
    about="The days of each subcategory.",
    of=SOLD_ITEMS,
    by=("category_id", "subcategory_id"),
    keep=DAILY,
    measures=(
        Count("units_sold", where=PAID, about="How many items were paid for."),
        Sum("product_revenue", of="price", where=PAID, about="What they were sold for."),
    ),
)
MONTHLY_REVENUE = Rollup(
    "monthly_revenue",
    about="What the months are added up from, for as long as the tax office may ask.",
    of=ORDERS,
    keep=MONTHLY,
    closes="month",
    measures=TAKEN,
)
DAILY_BUYS = Rollup(
    "daily_buys",
    about="The days of purchases of the older kind.",
    of=BUYS,
    keep=DAILY,
    measures=(
        Count("buys", about="How many purchases."),
        Sum("bought_items", of="quantity", about="How many items."),
        Sum("bought_for", of="total_price", about="What they cost."),
        Count("refunded_buys", where=where(is_refunded=True), about="Purchases that were refunded."),
    ),
)

ROLLUPS = (DAILY_SALES_STATS, PRODUCT_STATS, MONTHLY_REVENUE, DAILY_BUYS)
