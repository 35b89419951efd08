"""What the shop is looked at with: its sales, its products, and what went wrong with orders."""

from keepsum import Dashboard, Place, Widget, WidgetOptions, WidgetQuery

COMPARED = WidgetOptions(comparison=True)
CARDS = (
    ("total_revenue", "Revenue"),
    ("total_orders", "Orders"),
    ("total_items_sold", "Items sold"),
    ("refunds_amount", "Refunded"),
)

OVERVIEW = Dashboard(
    "overview",
    title="Sales",
    about="What was sold, how it was paid, and what came back.",
    range="last_28_days",
    compare="previous",
    refresh="live",
    widgets=(
        *(
            Widget(
                name.replace("_", "-"),
                kind="card",
                title=title,
                place=Place(3 * column, 0, 3, 4),
                query=WidgetQuery((name,)),
                options=COMPARED,
            )
            for column, (name, title) in enumerate(CARDS)
        ),
        Widget(
            "paid-with",
            kind="area",
            title="Revenue by day",
            about="What came from balances, and what came from crypto.",
            place=Place(0, 4, 8, 8),
            query=WidgetQuery(("revenue_from_wallet", "revenue_from_crypto"), grain="day"),
            options=WidgetOptions(stacked=True),
        ),
        Widget(
            "kinds",
            kind="bar",
            title="Kinds of orders",
            place=Place(8, 4, 4, 8),
            query=WidgetQuery(("digital_orders", "physical_orders", "mixed_orders"), grain="week"),
            options=WidgetOptions(stacked=True),
        ),
        Widget(
            "products",
            kind="table",
            title="Products",
            about="By subcategory, the best-selling first.",
            place=Place(0, 12, 6, 8),
            query=WidgetQuery(
                ("product_revenue", "units_sold", "avg_price"),
                by=("category_id", "subcategory_id"),
                grain="all",
                order="-product_revenue",
                top=20,
                totals=True,
            ),
        ),
        Widget(
            "lost",
            kind="line",
            title="Orders that came to nothing",
            place=Place(6, 12, 6, 8),
            query=WidgetQuery(
                ("refunds_count", "cancelled_by_user", "cancelled_by_admin", "timeout_cancelled"), grain="day"
            ),
        ),
    ),
)
YEARS = Dashboard(
    "years",
    title="Months and years",
    about="What stays for the tax office when customers are long gone.",
    range="last_12_months",
    grain="month",
    compare="previous",
    widgets=(
        Widget(
            "months",
            kind="bar",
            title="Revenue by month",
            place=Place(0, 0, 12, 8),
            query=WidgetQuery(("revenue_from_wallet", "revenue_from_crypto"), grain="month"),
            options=WidgetOptions(stacked=True),
        ),
        Widget(
            "table",
            kind="table",
            title="Months",
            place=Place(0, 8, 12, 8),
            query=WidgetQuery(("total_revenue", "total_orders", "total_items_sold"), grain="month", totals=True),
        ),
    ),
)

DASHBOARDS = (OVERVIEW, YEARS)
