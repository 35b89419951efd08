"""What the shop is looked at with."""

import datetime as dt

from keepsum import Between, Dashboard, Place, Widget, WidgetOptions, WidgetQuery

WHOLE = Between(dt.date(2010, 12, 1), dt.date(2011, 2, 28))  # what the file is about
NOTE = """\
Three months of invoices of a British online shop. Each day's records are deleted after thirty days; these figures stay.

- Customers are counted, not known: their number is an estimate with its error beside it.
- Days without invoices are days the shop was shut: its own true zeros."""
COMPARED = WidgetOptions(comparison=True)

OVERVIEW = Dashboard(
    "overview",
    title="Online shop",
    about="Net revenue, invoices and customers of the winter that the file is about.",
    range=WHOLE,
    filters=(("country", ()),),
    widgets=(
        Widget(
            "revenue",
            kind="card",
            title="Net revenue",
            place=Place(0, 0, 3, 4),
            query=WidgetQuery(("revenue",)),
            options=COMPARED,
        ),
        Widget("invoices", kind="card", title="Invoices", place=Place(3, 0, 3, 4), query=WidgetQuery(("invoices",))),
        Widget("customers", kind="card", title="Customers", place=Place(6, 0, 3, 4), query=WidgetQuery(("customers",))),
        Widget(
            "cancelled",
            kind="gauge",
            title="Cancelled lines",
            about="Lines that are cancellations, out of a hundred.",
            place=Place(9, 0, 3, 4),
            query=WidgetQuery(("cancellation_rate",), grain="all"),
            options=WidgetOptions(target="2"),
        ),
        Widget(
            "days",
            kind="area",
            title="Revenue by day",
            place=Place(0, 4, 8, 8),
            query=WidgetQuery(("revenue",), grain="day"),
        ),
        Widget(
            "countries",
            kind="bar",
            title="Where it was sold",
            place=Place(8, 4, 4, 8),
            query=WidgetQuery(("revenue",), by=("country",), grain="all", order="-revenue", top=8),
        ),
        Widget(
            "months",
            kind="table",
            title="Months",
            place=Place(0, 12, 8, 6),
            query=WidgetQuery(
                ("revenue", "invoices", "customers", "revenue_per_invoice", "cancellation_rate"),
                grain="month",
                totals=True,
            ),
        ),
        Widget("note", kind="text", title="About", place=Place(8, 12, 4, 6), options=WidgetOptions(text=NOTE)),
    ),
)

DASHBOARDS = (OVERVIEW,)
