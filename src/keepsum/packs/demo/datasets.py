"""What may be taken away as a file: lines of invoices while they live, and figures for as long as they are kept."""

from keepsum import Dataset, Question
from keepsum.packs.demo.metrics import CUSTOMERS, INVOICES, REVENUE, UNITS
from keepsum.packs.demo.streams import LINES

DATASETS = (
    Dataset(
        "invoice_lines",
        of=LINES,
        columns=(
            "occurred_at",
            "line_id",
            "invoice",
            "customer",
            "country",
            "product",
            "description",
            "cancelled",
            "quantity",
            "unit_price",
            "revenue",
        ),
        filters=("country", "product", "cancelled", "customer"),
        about="Lines of invoices, with who bought for those who may see people.",
    ),
    Dataset("shop_days", about="The shop's days.", of=Question((REVENUE, INVOICES, CUSTOMERS, UNITS), grain="day")),
    Dataset(
        "country_months",
        about="What each country brought, by month.",
        of=Question((REVENUE, INVOICES, CUSTOMERS), by=("country",), grain="month"),
        filters=("country",),
    ),
)
