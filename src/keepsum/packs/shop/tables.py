"""The bot's own tables, written into its database where that is wanted: no customer, no address, no code is in them."""

from keepsum import Published
from keepsum.packs.shop.metrics import AVG_PRICE, DAILY, MONTHLY, PRODUCT_REVENUE, UNITS_SOLD
from keepsum.packs.shop.settings import PUBLISH_URL

PUBLISHED = (
    Published(
        "daily_sales_stats",
        about="A row a day.",
        into=PUBLISH_URL,
        columns={"date": "day", **{metric.name: metric for metric in DAILY}},
    ),
    Published(
        "product_stats",
        about="A row a day and subcategory of which something was sold.",
        into=PUBLISH_URL,
        columns={
            "date": "day",
            "category_id": "category_id",
            "subcategory_id": "subcategory_id",
            "units_sold": UNITS_SOLD,
            "revenue": PRODUCT_REVENUE,
            "avg_price": AVG_PRICE,
        },
    ),
    Published(
        "monthly_revenue",
        about="A row a month, once all its days are sealed.",
        into=PUBLISH_URL,
        columns={"year": "year", "month": "month", **{metric.name: metric for metric in MONTHLY}},
    ),
)
