"""What is kept: the shop's days, the days of each country, and the days of each product there."""

from keepsum import Count, Distinct, Quantiles, Rollup, Sum, Uniques, where, years
from keepsum.packs.demo.streams import LINES

KEEP = years(10)

SUMS = (
    Count("lines", about="How many lines."),
    Count("cancelled_lines", where=where(cancelled=True), about="How many lines are cancellations."),
    Sum("units", of="quantity", about="How many items, returns taken off."),
    Sum("revenue", about="What was taken, cancellations taken off."),
)
INVOICES = Distinct("invoices", of="invoice", about="How many invoices.")
CUSTOMERS = Uniques("customers", of="customer", about="About how many known customers.")
LINE_REVENUE = Quantiles("line_revenue", of="revenue", about="How large the lines are.")

SHOP_DAILY = Rollup(
    "shop_daily", about="The shop's days.", of=LINES, measures=(*SUMS, INVOICES, CUSTOMERS, LINE_REVENUE), keep=KEEP
)
COUNTRY_DAILY = Rollup(
    "country_daily",
    about="The days of each country.",
    of=LINES,
    by=("country",),
    measures=(*SUMS, INVOICES, CUSTOMERS),
    keep=KEEP,
)
PRODUCT_DAILY = Rollup(
    "product_daily",
    about="The days of each product in each country.",
    of=LINES,
    by=("country", "product"),
    measures=SUMS,
    keep=KEEP,
)
