"""Questions in tests: a shop's declarations, questions in few words, and figures laid out by hand."""

import datetime as dt
from typing import Any

import numpy as np

from keepsum import (
    PERSONAL,
    Boolean,
    Choice,
    Count,
    Cumulative,
    Distinct,
    Integer,
    Max,
    Metric,
    Min,
    Money,
    Pack,
    Quantiles,
    Rollup,
    Stream,
    Sum,
    Text,
    Uniques,
    days,
    years,
)
from keepsum.engine import buckets, registers
from keepsum.engine.merge import Sheet
from keepsum.engine.plan import Need, plan
from keepsum.engine.sources import source
from keepsum.model.catalog import Catalog, definition
from keepsum.model.day import Grain, day_number
from keepsum.model.filter import conditions
from keepsum.model.ledger import canonical
from keepsum.model.query import Query

ORDERS = Stream(
    "orders",
    time="at",
    key="id",
    subject="buyer",
    keep=days(30),
    fields=(
        Choice("way", ("card", "cash")),
        Text("place", most=3),
        Boolean("gift"),
        Integer("shelf"),
        Text("note", sensitivity=PERSONAL),
        Text("invoice", sensitivity=PERSONAL),
        Money("price", unit="GBP"),
        Integer("grams", unit="g"),
    ),
)
VISITS = Stream(
    "visits", time="at", key="id", keep=days(30), fields=(Text("place", most=3), Integer("seconds", unit="s"))
)
TOTAL = Rollup(
    "total",
    of=ORDERS,
    keep=years(3),
    measures=(Count("orders"), Sum("price"), Uniques("buyers", of="buyer"), Distinct("invoices", of="invoice")),
)
PLACES = Rollup(
    "places",
    of=ORDERS,
    by=("way", "place"),
    keep=years(3),
    measures=(
        Count("orders"),
        Count("gifts", where=(("gift", (True,)),)),
        Sum("price"),
        Sum("grams"),
        Min("cheapest", of="price"),
        Max("dearest", of="price"),
        Uniques("buyers", of="buyer", at=((), ("way",), ("way", "place"))),
        Distinct("invoices", of="invoice"),
        Quantiles("prices", of="price"),
    ),
)
VISITED = Rollup("visited", of=VISITS, by=("place",), keep=years(3), measures=(Count("visits"), Sum("seconds")))

REVENUE = Metric("revenue", PLACES.price)
COUNTED = Metric("counted", PLACES.orders)
METRICS = (
    REVENUE,
    COUNTED,
    Metric("gifts", PLACES.gifts),
    Metric("by_card", PLACES.price.where(way="card")),
    Metric("mean", REVENUE / COUNTED, decimals=2),
    Metric("buyers", PLACES.buyers),
    Metric("invoices", PLACES.invoices),
    Metric("median", PLACES.prices.quantile("0.5")),
    Metric("cheapest", PLACES.cheapest),
    Metric("dearest", PLACES.dearest),
    Metric("per_buyer", REVENUE / PLACES.buyers, decimals=2),
    Metric("running", Cumulative(of=REVENUE)),
    Metric("month_to_date", Cumulative(of=REVENUE, since="month")),
    Metric("year_to_date", Cumulative(of=REVENUE, since="year")),
    Metric("pence", REVENUE * 100),
    Metric("eighth", PLACES.price * "0.125"),
    Metric("third", PLACES.price * "1/3", decimals=4),
    Metric("visits", VISITED.visits),
    Metric("orders_per_visit", COUNTED / VISITED.visits),
)
SHOP = Pack("shop", streams=(ORDERS, VISITS), rollups=(TOTAL, PLACES, VISITED), metrics=METRICS)
CATALOG = Catalog((SHOP,))

FIRST = day_number(dt.date(2026, 2, 1))


def query(*metrics, first=0, last=0, where=(), grain="all", **more):
    """A query; days are counted from 2026-02-01, `where` may be a mapping."""
    return Query(
        metrics=metrics, first=FIRST + first, last=FIRST + last, where=conditions(where), grain=Grain(grain), **more
    )


def planned(*metrics, **more):
    """The plan of a query over the shop."""
    return plan(CATALOG, query(*metrics, **more))


def group(*metrics, **more):
    """The one group of a plan that has only one."""
    (found,) = planned(*metrics, **more).groups
    return found


def source_of(rollup, number=1, **more):
    """The source that a rollup's definition makes."""
    return source(number, f"{rollup.name}_{number}", rollup.name, canonical(definition(rollup)), **more)


def need(kind, of=None, **more):
    """A need in few words."""
    return Need(kind=kind, of=of, **more)


def sheet_of(plan, *figures, covered=None, obscured=()):
    """The sheet of a plan's cells: for each need its states by key, one a cell, None where there is none.

    Registers and buckets are given as the texts and numbers that they are made of.
    """
    sheet = Sheet(plan.needs, len(plan.cells.spans))
    for figure, by_key in zip(sheet.figures, figures, strict=True):
        for key, states in by_key.items():
            there = [(column, state) for column, state in enumerate(states) if state is not None]
            figure.add(
                sheet.places([key] * len(there), [column for column, _ in there]),
                [stored(figure.need.kind, state) for _, state in there],
            )
        for column in range(sheet.columns) if covered is None else covered:
            figure.covered[column] = 1
        for column in obscured:
            figure.obscured[column] = 1
    return sheet


def stored(kind, state) -> Any:
    """A state as it is fetched."""
    if kind == "uniques":
        slots, ranks, _ = registers.slots_and_ranks(list(state), bytes(range(32)))
        return registers.encode(slots, ranks)
    if kind == "quantiles":
        found = buckets.bucket_of(np.array(state, np.int64))
        return buckets.encode(found, np.ones(len(found), np.int64))
    return state
