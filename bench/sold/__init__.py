"""What is purged: orders in an application's own database, and the items that belong to each."""

from keepsum import Amount, Attached, Child, Choice, Count, Money, Pack, Rollup, Setting, Stream, Sum, Utc, days, years

ORDERS = Stream(
    "orders",
    about="What was ordered.",
    owner="bench",
    time="created_at",
    key="id",
    subject="user_id",
    keep=days(30),
    fields=(
        Choice("status", options=("open", "paid", "refunded"), required=True, about="How far it has come."),
        Money("total", unit="EUR", scale=0, required=True, about="What it was worth, in cents."),
    ),
    attached=Attached(
        "orders",
        url="DATABASE_URL",
        time=Utc("created_at"),
        changed=Utc("created_at"),
        subject="user_id",
        columns={"total": Amount("total", stored="integer")},
        children=(Child("items", on=("id", "order_id")),),
    ),
)
ORDERS_DAILY = Rollup(
    "orders_daily", of=ORDERS, by=("status",), measures=(Count("orders"), Sum("revenue", of="total")), keep=years(10)
)
PACK = Pack("sold", streams=(ORDERS,), rollups=(ORDERS_DAILY,), settings=(Setting("DATABASE_URL", kind="secret"),))
