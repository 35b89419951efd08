"""What the bot's panel asks: statistics of a range, its days, its products, and the revenue of months."""

import datetime as dt
from collections.abc import Mapping
from typing import Any

from keepsum import Answer, Ask, Invalid, Parameter, Permission, Route
from keepsum.packs.shop.metrics import DAILY, MONTHLY, PRODUCTS
from keepsum.packs.shop.rollups import MONTHLY_REVENUE

LONGEST = 3_660  # days, ten years
USUAL = 30


def statistics(ask: Ask, given: Mapping[str, Any]) -> object:
    """Give the figures of a range, or of the last so many days with today."""
    first, last = _range(ask, given)
    found = ask({"metrics": [metric.name for metric in DAILY], "from": first, "to": last})
    (row,) = found.by_column()
    return {"from": first, "to": last, **row, "labels": _labels(found)}


def daily(ask: Ask, given: Mapping[str, Any]) -> object:
    """Give the figures of each day."""
    first, last = _range(ask, given)
    found = ask({"metrics": [metric.name for metric in DAILY], "from": first, "to": last, "grain": "day"})
    rows = ({"date": row.pop("time"), **row} for row in found.by_column())
    return {"from": first, "to": last, "days": [*rows], "labels": _labels(found)}


def products(ask: Ask, given: Mapping[str, Any]) -> object:
    """Give what was sold of each subcategory, the most first."""
    first, last = _range(ask, given)
    by = ["category_id", "subcategory_id"]
    names = [metric.name for metric in PRODUCTS]
    found = ask({"metrics": names, "by": by, "from": first, "to": last, "order": "-units_sold", "top": given["limit"]})
    rows = [{**row, **{name: _number(row[name]) for name in by}} for row in found.by_column()]
    return {"from": first, "to": last, "products": rows, "labels": _labels(found)}


def monthly(ask: Ask, given: Mapping[str, Any]) -> object:
    """Give the revenue of each month, and when it was closed; what came late stands in the month it was booked in."""
    first, last = given["year"] or ask.today.year, given["to_year"] or given["year"] or ask.today.year
    if last < first:
        raise Invalid("RANGE_REVERSED", "The last year is before the first: swap 'year' and 'to_year'.")
    begin, end = dt.date(first, 1, 1), dt.date(last, 12, 31)
    names = [metric.name for metric in MONTHLY]
    found = ask({"metrics": names, "from": begin, "to": end, "grain": "month", "basis": "booked"})
    closed = ask.closed(MONTHLY_REVENUE.name, begin, end)
    rows = ({**_month(str(row.pop("time")), closed), **row} for row in found.by_column())
    return {"months": [*rows], "labels": _labels(found)}


def _range(ask: Ask, given: Mapping[str, Any]) -> tuple[dt.date, dt.date]:
    """Give the days asked about: from and to, or so many up to today, which is one of them."""
    first, last, days = given["from"], given["to"], given["days"]
    if days is not None and (first or last):
        raise Invalid("BAD_PARAMETER", "Ask for a range by 'from' and 'to', or for the last 'days': not for both.")
    last = last or ask.today
    first = first or last - dt.timedelta(days=(days or USUAL) - 1)
    if (last - first).days >= LONGEST:
        raise Invalid("RANGE_TOO_LONG", f"Ask for at most {LONGEST:,} days at once.")
    return first, last


def _number(text: object) -> object:
    """Give the number of a category; what is no single category keeps its word."""
    return int(text) if isinstance(text, str) and text.removeprefix("-").isdecimal() else text


def _month(date: str, closed: Mapping[dt.date, dt.datetime]) -> dict[str, int | str | None]:
    first = dt.date.fromisoformat(date[:7] + "-01")
    at = closed.get(first)
    return {"year": first.year, "month": first.month, "closed": at and f"{at:%Y-%m-%dT%H:%M:%SZ}"}


def _labels(found: Answer) -> dict[str, object]:
    """Give what the figures are worth."""
    said = found.labels
    return {
        "exact": said.exact,
        "final": said.final,
        "guarded": said.guarded,
        "suppressed": said.suppressed,
        "days": said.coverage.days,
        "missing": said.coverage.missing,
        "basis": said.basis,
        "sources": said.sources,
        "notes": said.notes,
    }


RANGE = (
    Parameter("from", kind="date", about="The first day."),
    Parameter("to", kind="date", about="The last day, included; today unless said."),
    Parameter("days", kind="integer", least=1, most=LONGEST, about="In place of both: so many days with today; 30."),
)
YEAR = Parameter("year", kind="integer", least=1970, most=9998, about="Which year; this one unless said.")
TO_YEAR = Parameter("to_year", kind="integer", least=1970, most=9998, about="The last year, where it is another.")
LIMIT = Parameter("limit", kind="integer", least=1, most=1000, default=100, about="How many subcategories.")

ROUTES = (
    Route(
        "GET",
        "/shop/statistics",
        answer=statistics,
        permission=Permission.READ,
        parameters=RANGE,
        about="Show the figures of a range of days.",
    ),
    Route(
        "GET",
        "/shop/statistics/daily",
        answer=daily,
        permission=Permission.READ,
        parameters=RANGE,
        about="Show the figures of each day.",
    ),
    Route(
        "GET",
        "/shop/products",
        answer=products,
        permission=Permission.READ,
        parameters=(*RANGE, LIMIT),
        about="Show what was sold of each subcategory.",
    ),
    Route(
        "GET",
        "/shop/monthly-revenue",
        answer=monthly,
        permission=Permission.READ,
        parameters=(YEAR, TO_YEAR),
        about="Show the revenue of each month.",
    ),
)
