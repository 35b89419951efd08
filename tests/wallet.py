"""A wallet of tokens that application code asks over routes of its own, with errors as that code knows them."""

import datetime as dt
from typing import Any

from keepsum import (
    Choice,
    Count,
    Dataset,
    ErrorShape,
    Grant,
    Integer,
    Invalid,
    Metric,
    Money,
    Pack,
    Parameter,
    Permission,
    Role,
    Rollup,
    Route,
    Setting,
    Stream,
    Sum,
    Text,
    Uniques,
    days,
    years,
)

ADMIN = "/api/v1/admin/analytics"

ENTRIES = Stream(
    "entries", about="Tokens in and out.", time="at", key="id", subject="user", keep=days(90),
    fields=(
        Choice("direction", ("credit", "debit"), required=True), Text("feature", most=40),
        Integer("amount", unit="tokens", required=True), Money("paid", unit="INR"),
    ),
)  # fmt: skip
DAILY = Rollup(
    "entries_daily", of=ENTRIES, by=("direction", "feature"), keep=years(5),
    measures=(Count("entries"), Sum("amount"), Sum("paid"), Uniques("users", of="user")),
)  # fmt: skip
CREDITED = Metric("credited", DAILY.amount.where(direction="credit"), unit="tokens")
DEBITED = Metric("debited", DAILY.amount.where(direction="debit"), unit="tokens")
METRICS = (
    CREDITED,
    DEBITED,
    Metric("net", CREDITED - DEBITED, unit="tokens"),
    Metric("income", DAILY.paid, unit="INR"),
    Metric("active_users", DAILY.users, unit="people"),
)
FIGURES = ("credited", "debited", "net", "income", "active_users")
GRAINS = {"daily": "day", "weekly": "week", "monthly": "month"}
RANGE = (
    Parameter("from", kind="date", about="The first day.", required=True),
    Parameter("to", kind="date", about="The last day, included.", required=True),
)


def asked(given):
    """The part of a question that all routes share; a year is the longest range."""
    if given["to"] - given["from"] > dt.timedelta(days=365):
        raise Invalid("RANGE_OVER_A_YEAR", "Date range cannot exceed 365 days")
    return {"from": given["from"], "to": given["to"], "metrics": FIGURES}


def overview(ask, given):
    where = {} if given["feature"] is None else {"where": {"feature": given["feature"]}}
    (row,) = ask(asked(given) | where).by_column()
    return {name: row[name] for name in FIGURES}


def trend(ask, given):
    rows = ask(asked(given) | {"grain": GRAINS[given["granularity"]]}).by_column()
    return {"series": [{"date": row["time"], **{name: row[name] for name in FIGURES}} for row in rows]}


def by_feature(ask, given):
    question = asked(given) | {"metrics": ["credited", "debited"], "by": ["feature"], "top": given["limit"]}
    return {"items": [dict(row) for row in ask(question | {"order": "-credited"}).by_column()]}


def told(export):
    said = {"export_id": export.id, "status": export.state, "type": export.format, "dataset": export.dataset}
    said |= {"estimated_rows": export.estimated_rows, "actual_rows": export.rows, "download_url": export.link}
    return said | {"filters": export.filters, "from": export.first, "to": export.last}


def export(ask, given):
    return told(ask.find_export(given["export_id"]))


def day_of(sent):
    try:
        return dt.date.fromisoformat(str(sent))
    except ValueError:
        raise Invalid("DATES_MISSING", "from and to date parameters are required") from None


def new_export(ask, given):
    asked = dict(given["filters"])
    first, last = (day_of(asked.pop(name, None)) for name in ("from", "to"))
    return told(ask.export(given["dataset"], given["type"], first, last, asked))


def all_exports(ask, _given):
    return {"exports": [one.id for one in ask.exports(5)]}


def exports(ask, given):
    return {"dataset": given["dataset"], "raw": given["raw"], "on": ask.today, "at_most": ask.settings["EXPORT_ROWS"]}


def latest(_ask, _given):
    return {"export_id": None}


def broken(_ask, given):
    return {}[f"MARKER {given['text']}"]


def strange(_ask, _given):
    return object()


def tokens(path, answer, *parameters, method: Any = "GET", **more):
    return Route(
        method, f"{ADMIN}{path}", answer=answer, parameters=parameters, permission=Permission.ADMINISTER, **more
    )


FEATURE = Parameter("feature", about="Only this feature.", longest=40)
TEXT = Parameter("text", default="nothing")
EXPORT_ID = Parameter("export_id", about="Which export.", longest=26)
ROUTES = (
    tokens(
        "/tokens/overview", overview, *RANGE, FEATURE,
        about="Show what tokens did.",
        example={"credited": 50000, "debited": 35000, "net": 15000, "income": 1500.00, "active_users": 120},
    ),
    tokens("/tokens/trend", trend, Parameter("granularity", options=tuple(GRAINS), required=True), *RANGE),
    tokens(
        "/tokens/by-feature", by_feature, *RANGE, Parameter("limit", kind="integer", least=1, most=100, default=20)
    ),
    tokens("/exports/{export_id}", export, EXPORT_ID),
    tokens("/exports/latest", latest),
    tokens(
        "/exports", exports, Parameter("dataset", options=("transactions", "users"), required=True),
        Parameter("raw", kind="boolean", default=False), method="POST",
    ),
    tokens(
        "/files", new_export, Parameter("type", options=("csv", "json"), default="csv"),
        Parameter("dataset", options=("transactions",), required=True),
        Parameter("filters", kind="object", required=True), method="POST", status=201,
    ),
    tokens("/files", all_exports),
    tokens("/broken", broken, TEXT),
    tokens("/strange", strange),
    Route("GET", "/api/v1/users/active", answer=overview, permission=Permission.READ, parameters=(*RANGE, FEATURE)),
)  # fmt: skip
ERRORS = ErrorShape(
    "nested",
    told={
        "invalid": ("validation_error", 400),
        "not_found": ("not_found", 404),
        "RANGE_OVER_A_YEAR": ("business_rule_violation", 422),
    },
)
TRANSACTIONS = Dataset("transactions", of=ENTRIES, filters=("direction", "feature", "user"))
SPENDING = Role("spending", permissions=(Permission.READ,), grants=(Grant("metric:debited"),))
WALLET = Pack(
    "wallet", about="What tokens did.", streams=(ENTRIES,), rollups=(DAILY,), metrics=METRICS, roles=(SPENDING,),
    routes=ROUTES, errors=ERRORS, datasets=(TRANSACTIONS,),
    settings=(Setting("EXPORT_ROWS", kind="integer", default=100_000),),
)  # fmt: skip


def ping(ask, given):
    return {"pong": given["times"], "today": ask.today}


def through(ask, given):
    return ask({"metrics": [given["metric"]], "from": "2026-01-29", "to": "2026-01-31", "grain": "day"}).rows


def refuse(_ask, _given):
    raise Invalid("NOT_ON_SUNDAYS", "Nothing is answered on Sundays.")


def plain(path, answer, *parameters):
    return Route("GET", path, answer=answer, parameters=parameters, permission=Permission.READ)


# A pack that has routes only, and tells errors as the server does.
PLAIN = Pack(
    "plain",
    routes=(
        plain("/plain/ping/{times}", ping, Parameter("times", kind="integer", least=0, most=9)),
        plain("/plain/refuse", refuse),
        plain("/plain/ask/{metric}", through, Parameter("metric")),
    ),
)


def entry(key, direction="credit", **fields):
    """A record as it is sent; the day before the clock starts."""
    usual = {"at": "2026-01-31T10:00:00Z", "user": "ann", "feature": "chat", "amount": 10}
    return usual | {"id": key, "direction": direction} | fields
