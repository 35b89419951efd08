"""What can be asked for by name."""

from keepsum import Cumulative, Metric
from keepsum.packs.demo.rollups import SHOP_DAILY

OWNER = "shop"

REVENUE = Metric("revenue", SHOP_DAILY.revenue, unit="GBP", owner=OWNER, about="Net revenue: sales less cancellations.")
LINES = Metric("lines", SHOP_DAILY.lines, unit="lines", owner=OWNER, about="Invoice lines.")
CANCELLED_LINES = Metric(
    "cancelled_lines",
    SHOP_DAILY.cancelled_lines,
    unit="lines",
    owner=OWNER,
    direction="down",
    about="Invoice lines that are cancellations.",
)
UNITS = Metric("units", SHOP_DAILY.units, unit="items", owner=OWNER, about="Items sold, returns taken off.")
INVOICES = Metric("invoices", SHOP_DAILY.invoices, unit="invoices", owner=OWNER, about="Invoices, exactly.")
CUSTOMERS = Metric(
    "customers", SHOP_DAILY.customers, unit="customers", owner=OWNER, about="Known customers, as an estimate."
)

METRICS = (
    REVENUE,
    LINES,
    CANCELLED_LINES,
    UNITS,
    INVOICES,
    CUSTOMERS,
    Metric(
        "revenue_per_invoice",
        REVENUE / INVOICES,
        unit="GBP",
        owner=OWNER,
        decimals=2,
        about="Net revenue over invoices, cancelled ones included.",
    ),
    Metric(
        "revenue_per_customer",
        REVENUE / CUSTOMERS,
        unit="GBP",
        owner=OWNER,
        decimals=2,
        about="Net revenue, that of unknown customers included, over known customers: an estimate.",
    ),
    Metric(
        "cancellation_rate",
        (CANCELLED_LINES * 100) / LINES,
        unit="percent",
        owner=OWNER,
        direction="down",
        decimals=2,
        about="Lines that are cancellations, out of a hundred.",
    ),
    Metric(
        "running_revenue",
        Cumulative(of=REVENUE),
        unit="GBP",
        owner=OWNER,
        about="Net revenue since the start of the range.",
    ),
    Metric(
        "median_line_revenue",
        SHOP_DAILY.line_revenue.quantile("0.5"),
        unit="GBP",
        owner=OWNER,
        about="Half of the lines are worth this or less, within 1 %.",
    ),
)
