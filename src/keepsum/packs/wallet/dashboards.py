"""What the wallet is looked at with: tokens, features, purchases and referrals."""

from keepsum import Dashboard, Place, Widget, WidgetOptions, WidgetQuery

COMPARED, STACKED = WidgetOptions(comparison=True), WidgetOptions(stacked=True)
CARDS = (
    ("credited", "Tokens credited"),
    ("debited", "Tokens spent"),
    ("active_users", "Active users"),
    ("revenue_in_inr", "Revenue"),
)

OVERVIEW = Dashboard(
    "overview",
    title="Wallet",
    about="Tokens that users got, spent and paid for.",
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
            "flow",
            kind="line",
            title="Credited and spent",
            place=Place(0, 4, 8, 8),
            query=WidgetQuery(("credited", "debited", "net"), grain="day"),
        ),
        Widget(
            "kinds",
            kind="pie",
            title="Bought and given tokens",
            about="Tokens that moved, by their kind.",
            place=Place(8, 4, 4, 8),
            query=WidgetQuery(("moved",), by=("token_type",), grain="all"),
        ),
        Widget(
            "features",
            kind="bar",
            title="By feature",
            about="Tokens that moved, by what for.",
            place=Place(0, 12, 6, 8),
            query=WidgetQuery(("credited", "debited"), by=("reason",), grain="all", order="-debited", top=12),
        ),
        Widget(
            "providers",
            kind="bar",
            title="Revenue by provider",
            place=Place(6, 12, 6, 8),
            query=WidgetQuery(("revenue_in_inr",), by=("provider",), grain="week"),
            options=STACKED,
        ),
        Widget(
            "purchases",
            kind="table",
            title="Purchases by month",
            place=Place(0, 20, 6, 8),
            query=WidgetQuery(
                ("total_purchases", "revenue_in_inr", "unique_buyers", "avg_revenue_per_purchase"),
                grain="month",
                totals=True,
            ),
        ),
        Widget(
            "campaigns",
            kind="table",
            title="Referrals by campaign",
            place=Place(6, 20, 6, 8),
            query=WidgetQuery(
                ("total_referrals", "successful_referrals", "conversion_rate", "total_bonus_awarded"),
                by=("campaign_id",),
                grain="all",
                order="-total_referrals",
                top=20,
            ),
        ),
    ),
)

DASHBOARDS = (OVERVIEW,)
