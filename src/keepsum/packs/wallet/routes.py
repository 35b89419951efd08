"""What the panel asks: overview, trend, features, composition, leading users, purchases and promotions."""

import datetime as dt
from collections.abc import Mapping
from typing import Any, Literal

from keepsum import Ask, Invalid, Parameter, Permission, Route
from keepsum.packs.wallet import exports

BASE = "/api/v1/admin/analytics"
LONGEST = dt.timedelta(days=365)

TOKENS = ("credited", "debited", "net")
OVERVIEW = (*TOKENS, "revenue_in_inr", "active_users")
TREND = (*TOKENS, "active_users", "revenue_in_inr")
PURCHASES = (
    "total_purchases",
    "total_tokens",
    "total_revenue",
    "avg_tokens_per_purchase",
    "avg_revenue_per_purchase",
    "unique_buyers",
)
PROMOTIONS = (
    "total_referrers",
    "total_referrals",
    "successful_referrals",
    "total_bonus_awarded",
    "conversion_rate",
)
RENAMED = {"total_revenue": "revenue_in_inr"}  # one figure, which the panel knows by two names
GRAINS = {"daily": "day", "weekly": "week", "monthly": "month"}
KINDS = ("regular", "promo")
LEADING = {"spend": "debited", "earn": "credited", "net": "net"}

Given = Mapping[str, Any]


def overview(ask: Ask, given: Given) -> object:
    """Give what tokens did, perhaps of one feature or kind; purchases have neither, so revenue is all there is."""
    where = _where(reason=given["feature"], token_type=given["token_type"])
    if not where:
        return _one(ask, given, OVERVIEW)
    tokens = _one(ask, given, (*TOKENS, "active_users"), where=where)
    revenue = _one(ask, given, ("revenue_in_inr",))
    found = {**tokens, **revenue}
    return {name: found[name] for name in OVERVIEW}


def trend(ask: Ask, given: Given) -> object:
    """Give each day, week or month of a range; a period that nothing is known of has null, never zero."""
    rows = ask({**_range(given), "metrics": TREND, "grain": GRAINS[given["granularity"]]}).by_column()
    return {"series": [{"date": row["time"], **{name: row[name] for name in TREND}} for row in rows]}


def by_feature(ask: Ask, given: Given) -> object:
    """Give what went to each feature and came from it."""
    question = {"metrics": ("credited", "debited"), "by": ("reason",), "order": "reason"}
    rows = ask({**_range(given), **question}).by_column()
    return {"items": [{"feature": row["reason"], **{n: row[n] for n in ("credited", "debited")}} for row in rows]}


def composition(ask: Ask, given: Given) -> object:
    """Give each kind's share of all tokens that moved, in percent; null when none did."""
    found = _one(ask, given, tuple(f"{kind}_share" for kind in KINDS))
    return {kind: found[f"{kind}_share"] for kind in KINDS}


def top_users(ask: Ask, given: Given) -> object:
    """Give who has the most, by name, as long as the entries of the range live."""
    metric = LEADING[given["metric"]]
    question = {"metric": metric, "top": given["limit"], "fields": ("username", "email")}
    items = [
        {"user_id": _number(leader.subject), **leader.fields, given["metric"]: leader.value}
        for leader in ask.leaders({**_range(given), **question})
    ]
    return {"items": items}


def _number(user: str) -> int | str:
    """Give the id of a user as the application has it: a number, or a text that is none."""
    return int(user) if user.isascii() and user.isdecimal() and str(int(user)) == user else user


def purchases(ask: Ask, given: Given) -> object:
    """Give what was bought."""
    found = _one(ask, given, tuple(RENAMED.get(name, name) for name in PURCHASES))
    return {name: found[RENAMED.get(name, name)] for name in PURCHASES}


def promotions(ask: Ask, given: Given) -> object:
    """Give who was brought by whom, perhaps of one campaign."""
    return _one(ask, given, PROMOTIONS, where=_where(campaign_id=given["campaign_id"]))


def _one(ask: Ask, given: Given, metrics: tuple[str, ...], **more: object) -> dict[str, object]:
    """Give the figures of the whole range."""
    (row,) = ask({**_range(given), "metrics": metrics, **more}).by_column()
    return {name: row[name] for name in metrics}


def _range(given: Given) -> dict[str, object]:
    """Give the part of a question that all routes share."""
    if given["to"] - given["from"] > LONGEST:
        raise Invalid("RANGE_OVER_A_YEAR", "Date range cannot exceed 365 days")
    return {"from": given["from"], "to": given["to"]}


def _where(**wanted: str | None) -> dict[str, list[str]]:
    return {name: [value] for name, value in wanted.items() if value is not None}


RANGE = (
    Parameter("from", kind="date", about="The first day.", required=True),
    Parameter("to", kind="date", about="The last day, included; at most 365 after the first.", required=True),
)
FEATURE = Parameter("feature", about="Only this feature.", longest=64)
TOKEN_TYPE = Parameter("token_type", options=KINDS, about="Only this kind of token.")
GRANULARITY = Parameter("granularity", options=tuple(GRAINS), required=True, about="How long each period is.")
METRIC = Parameter("metric", options=tuple(LEADING), required=True, about="Who spent, got or kept the most.")
LIMIT = Parameter("limit", kind="integer", least=1, most=100, default=20, about="How many users.")
CAMPAIGN = Parameter("campaign_id", about="Only this campaign.", longest=64)

READY = {
    "export_id": "01ARZ3NDEKTSV4RRFFQ69G5FAV",
    "status": "ready",
    "type": "csv",
    "dataset": "transactions",
    "estimated_rows": 1500,
    "actual_rows": 1498,
    "download_url": "/v1/exports/01ARZ3NDEKTSV4RRFFQ69G5FAV/file?token=...",
    "expires_at": "2025-11-09 15:30:45",
    "created_at": "2025-11-08 15:30:42",
    "completed_at": "2025-11-08 15:30:45",
}


def _route(
    path: str,
    answer: Any,
    about: str,
    example: object,
    *parameters: Parameter,
    method: Literal["GET", "POST"] = "GET",
    status: int = 200,
) -> Route:
    return Route(
        method,
        BASE + path,
        answer=answer,
        permission=Permission.ADMINISTER,
        parameters=parameters,
        about=about,
        example=example,
        status=status,
    )


ROUTES = (
    _route(
        "/tokens/overview",
        overview,
        "Show what tokens did in a range.",
        {"credited": 50000, "debited": 35000, "net": 15000, "revenue_in_inr": 1500.00, "active_users": 120},
        *RANGE,
        FEATURE,
        TOKEN_TYPE,
    ),
    _route(
        "/tokens/trend",
        trend,
        "Show what tokens did in each day, week or month.",
        {
            "series": [
                {
                    "date": "2025-11-01",
                    "credited": 5000,
                    "debited": 3000,
                    "net": 2000,
                    "active_users": 25,
                    "revenue_in_inr": 300.00,
                }
            ]
        },
        GRANULARITY,
        *RANGE,
    ),
    _route(
        "/tokens/by-feature",
        by_feature,
        "Show what went to each feature and came from it.",
        {"items": [{"feature": "chapter_generation", "credited": 0, "debited": 15000}]},
        *RANGE,
    ),
    _route(
        "/tokens/composition",
        composition,
        "Show the share of each kind of token, in percent.",
        {"regular": 68.5, "promo": 31.5},
        *RANGE,
    ),
    _route(
        "/users/top",
        top_users,
        "Show who has the most tokens spent, got or kept, where the caller may see people.",
        {"items": [{"user_id": 42, "username": "john_doe", "email": "john@example.com", "spend": 5000}]},
        METRIC,
        *RANGE,
        LIMIT,
    ),
    _route(
        "/purchases",
        purchases,
        "Show what was bought.",
        {
            "total_purchases": 150,
            "total_tokens": 75000,
            "total_revenue": 2250.00,
            "avg_tokens_per_purchase": 500.0,
            "avg_revenue_per_purchase": 15.00,
            "unique_buyers": 85,
        },
        *RANGE,
    ),
    _route(
        "/promotions",
        promotions,
        "Show who was brought by whom.",
        {
            "total_referrers": 45,
            "total_referrals": 120,
            "successful_referrals": 98,
            "total_bonus_awarded": 9800,
            "conversion_rate": 81.67,
        },
        *RANGE,
        CAMPAIGN,
    ),
    _route(
        "/exports",
        exports.create,
        "Have a file made of a dataset.",
        READY,
        Parameter("type", options=exports.TYPES, default="csv", about="What kind of file."),
        Parameter("dataset", options=exports.NAMES, required=True, about="Of what."),
        Parameter(
            "filters", kind="object", required=True, about="From and to, and what the dataset may be narrowed by."
        ),
        method="POST",
        status=201,
    ),
    _route(
        "/exports/{export_id}",
        exports.status,
        "Show how an export stands.",
        {**READY, "filters": {"from": "2025-11-01", "to": "2025-11-08"}},
        Parameter("export_id", about="Which export.", longest=26),
    ),
)
