"""A shop that sells and is visited, with a metric of every kind, for tests of whole answers."""

from tests.systems import MEASURES, PLACE_DAILY, SALES

from keepsum import Count, Cumulative, Integer, Metric, Pack, Rollup, Stream, Sum, Text, days, years

VISITS = Stream("visits", time="at", key="id", keep=days(30), fields=(Text("place", most=3), Integer("seconds")))
VISITED = Rollup("visited", of=VISITS, by=("place",), measures=(Count("visits"), Sum("seconds")), keep=years(3))
DAILY = Rollup("daily", of=SALES, measures=MEASURES, keep=years(3))
AMOUNT = Metric("amount", PLACE_DAILY.amount)
SOLD = Metric("sold", PLACE_DAILY.sales)
METRICS = (
    AMOUNT,
    SOLD,
    Metric("card", PLACE_DAILY.card_sales),
    Metric("mean", AMOUNT / SOLD, decimals=2),
    Metric("running", Cumulative(of=AMOUNT)),
    Metric("cheapest", PLACE_DAILY.cheapest),
    Metric("dearest", PLACE_DAILY.dearest),
    Metric("invoices", PLACE_DAILY.invoices),
    Metric("buyers", PLACE_DAILY.buyers),
    Metric("median", PLACE_DAILY.amounts.quantile("0.5")),
    Metric("visits", VISITED.visits),
    Metric("sold_per_visit", SOLD / VISITED.visits, decimals=2),
)
PACK = Pack("shop", streams=(SALES, VISITS), rollups=(DAILY, PLACE_DAILY, VISITED), metrics=METRICS)
SUMS = ("sold", "amount", "mean")
EVERY = tuple(m.name for m in METRICS if m.name not in {"visits", "sold_per_visit"})  # all about sales
