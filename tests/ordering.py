"""A shop's orders in a table of its own database, on each of the three, and a house that asks it for sums."""

from tests.systems import House, lay_out

from keepsum import (
    Amount,
    Attached,
    Choice,
    Column,
    Count,
    Dataset,
    Distinct,
    Integer,
    Max,
    Metric,
    Min,
    Money,
    Pack,
    Quantiles,
    Rollup,
    Setting,
    Stream,
    Sum,
    Text,
    Uniques,
    Utc,
    days,
    years,
)

URL = "KEEPSUM_SHOP_DATABASE_URL"
TIMES = {"sqlite": "TEXT", "postgres": "TIMESTAMP", "mysql": "DATETIME(6)"}
TABLE = """
    CREATE TABLE orders (
        id BIGINT PRIMARY KEY, user_id VARCHAR(40), status VARCHAR(20) NOT NULL, place VARCHAR(40),
        email VARCHAR(80), total DOUBLE PRECISION, items BIGINT, created_at {time} NOT NULL, updated_at {time} NOT NULL
    )
"""
# Changes after which no value looks odd, and what is read is something else.
MISREAD = {
    "postgres": "ALTER TABLE orders ALTER created_at TYPE TIMESTAMPTZ",
    "mysql": "ALTER TABLE orders MODIFY user_id BINARY(16)",
}
MAPPING = Attached(
    "orders",
    url="DATABASE_URL",
    time=Utc("created_at"),
    changed=Utc("updated_at"),
    subject="user_id",
    columns={
        "price": Amount("total", stored="float"),
        "items": Amount("items", stored="integer"),
        "place": Column("place"),
    },
)


def orders(mapping=MAPPING, **more):
    return Stream(
        "orders",
        time="created_at",
        key="id",
        subject="user_id",
        keep=days(30),
        fields=(
            Choice("status", ("open", "paid", "refunded"), required=True),
            Text("place", most=3),
            Text("email"),
            Money("price", unit="EUR"),
            Integer("items"),
        ),
        attached=mapping,
        **more,
    )


def shop(stream=None):
    """A pack about these orders."""
    stream = stream or orders()
    daily = Rollup(
        "orders_daily",
        of=stream,
        by=("status", "place"),
        measures=(
            Count("orders"),
            Count("paid_orders", where=(("status", ("paid",)),)),
            Sum("revenue", of="price"),
            Min("cheapest", of="price"),
            Max("dearest", of="price"),
            Distinct("numbers", of="id"),
            Uniques("buyers", of="user_id"),
            Quantiles("prices", of="price"),
        ),
        keep=years(3),
    )
    metrics = (
        Metric("orders", daily.orders),
        Metric("revenue", daily.revenue),
        Metric("dearest", daily.dearest),
        Metric("numbers", daily.numbers),
        Metric("buyers", daily.buyers),
        Metric("median", daily.prices.quantile("0.5")),
    )
    return Pack(
        "shop",
        streams=(stream,),
        rollups=(daily,),
        metrics=metrics,
        settings=(Setting("DATABASE_URL", kind="secret"),),
        datasets=(Dataset("orders", of=stream, filters=("status", "user_id")),),
    )


def order(number, day="2026-02-01", *, at="10:00:00", changed=None, **fields):
    """One row, its columns in the order of the table."""
    usual = {"user": "ann", "status": "paid", "place": "york", "email": "ann@example.org", "total": 4.5, "items": 1}
    values = usual | fields
    return (number, *values.values(), f"{day} {at}", changed or f"{day} {at}")


def lay_table(database, *rows):
    """Make the table of orders in a database, with some rows."""
    database.execute(TABLE.format(time=TIMES[database.dialect]), "CREATE INDEX orders_by_time ON orders (created_at)")
    database.insert("orders", rows)


class AttachedHouse(House):
    """A house whose only stream lives in a database."""

    def __init__(self, folder, database, patch, pack=None, **more):
        lay_out(folder, pack or shop(), "UTC")  # before an address is told, for laid out systems are shared
        patch.setenv(URL, database.url)
        self.database = database
        super().__init__(folder, pack or shop(), fresh=False, **more)
