from dataclasses import replace
from typing import Any, cast

import pytest

from keepsum import (
    FOREVER,
    NOTHING,
    OWN_ROWS,
    PERSONAL,
    PUBLIC,
    SECRET,
    AccessLevel,
    Boolean,
    Choice,
    Count,
    Cumulative,
    Dashboard,
    DataFile,
    Dataset,
    Decimal,
    Declared,
    Distinct,
    ErrorShape,
    Given,
    Grant,
    Integer,
    Level,
    Max,
    Metric,
    Min,
    Money,
    Nested,
    Nightly,
    Pack,
    Parameter,
    Permission,
    Published,
    Quantiles,
    Question,
    Ratio,
    Reader,
    Role,
    Rollup,
    Route,
    Setting,
    Stream,
    Sum,
    Text,
    Uniques,
    Widget,
    WidgetQuery,
    days,
    last,
    months,
    years,
)
from keepsum.engine.lint import RULES, check, lint
from keepsum.engine.lint.keeping import at_least
from keepsum.model.access import ROLES
from keepsum.model.catalog import Catalog
from keepsum.model.errors import Invalid
from keepsum.model.filter import conditions
from keepsum.model.rollup import Arithmetic, Formula

FIELDS = (
    Choice("direction", ("credit", "debit")),
    Text("reason", most=40),
    Text("batch"),
    Text("password", sensitivity=SECRET),
    Boolean("promo"),
    Integer("amount", unit="tokens"),
    Integer("age", sensitivity=PERSONAL),
    Money("price", unit="GBP"),
    Money("fee", unit="EUR", scale=3),
    Money("tax", unit="GBP", scale=4),
)
ENTRIES = Stream("entries", time="occurred_at", key="id", subject="user_id", keep=days(90), fields=FIELDS)
ENTRY_MEASURES = (
    Count("entries"),
    Count("promos", where=conditions({"promo": True})),
    Sum("amount"),
    Sum("price"),
    Sum("fee"),
    Sum("tax"),
    Sum("years", of="age"),
    Min("least", of="amount"),
    Max("most", of="amount"),
    Distinct("batches", of="batch"),
    Uniques("users", of="user_id"),
    Quantiles("prices", of="price"),
)
DAILY = Rollup("daily", of=ENTRIES, measures=ENTRY_MEASURES, by=("reason", "direction"), keep=years(10))
TOTAL = Rollup("total", of=ENTRIES, measures=(*ENTRY_MEASURES[:3],), keep=years(10))
AMOUNT = Metric("amount", DAILY.amount, unit="tokens")
CREDITED = Metric("credited", DAILY.amount.where(direction="credit"), unit="tokens")
READ = Reader("csv", stream="entries", read=dict)
CLEAN_METRICS = (
    AMOUNT,
    CREDITED,
    Metric("net", CREDITED - AMOUNT * "0.5", unit="tokens"),
    Metric("gross", DAILY.price + DAILY.tax, unit="GBP"),
    Metric("share", CREDITED / AMOUNT),
    Metric("per_user", AMOUNT / DAILY.users),
    Metric("users_of_reason", DAILY.users.where(reason=("sale", None))),
    Metric("typical_price", DAILY.prices.quantile("0.5"), unit="GBP"),
    Metric("lowest", DAILY.least),
    Metric("so_far", Cumulative(of=AMOUNT, since="month"), unit="tokens"),
)


def catalog(*rollups, metrics=(), streams=(ENTRIES,), **declared):
    return Catalog((Pack("wallet", streams=streams, rollups=rollups, metrics=metrics, **declared),))


def of_field(declared):
    """A catalog whose stream has one field more."""
    stream = replace(ENTRIES, fields=(*FIELDS, declared))
    return catalog(replace(TOTAL, of=stream), streams=(stream,))


def of_stream(**changed):
    stream = replace(ENTRIES, **changed)
    return catalog(replace(TOTAL, of=stream), streams=(stream,))


def of_rollup(**changed):
    return catalog(replace(DAILY, **changed))


def of_measure(measure, **changed):
    return of_rollup(measures=(Count("entries"), measure), **changed)


def of_metric(formula, **changed):
    return catalog(DAILY, metrics=(AMOUNT, Metric("asked", formula, **changed)))


def of_role(metrics=(), **changed):
    return catalog(DAILY, metrics=metrics, roles=(Role(**{"name": "clerk", **changed}),))


def of_settings(*declared):
    return catalog(DAILY, settings=declared)


def of_published(**changed):
    table = replace(Published("sold", into="ADDRESS", columns={"date": "day", "amount": AMOUNT}), **changed)
    settings = (Setting("ADDRESS", kind="secret"), Setting("LIMIT", kind="integer"))
    return catalog(DAILY, metrics=(AMOUNT,), settings=settings, published=(table,))


def of_routes(*routes, **declared):
    return catalog(DAILY, routes=routes, **declared)


def of_dataset(name="sums", of: Any = ENTRIES, **declared):
    return catalog(DAILY, metrics=(AMOUNT,), datasets=(Dataset(name, of=of, **declared),))


def of_dashboard(**changed):
    """A catalog with a dashboard of one widget, which keeps the rules unless it is changed."""
    asked = changed.pop("asked", WidgetQuery(("amount",), by=("reason",)))
    widget = Widget("sums", kind="bar", query=asked)
    front = Dashboard(**{"name": "front", "title": "Front", "widgets": (widget,), **changed})
    return catalog(DAILY, metrics=(AMOUNT,), dashboards=(front,))


def nothing(_ask, _given):
    return None


def route(path="/shop/days", **changed):
    """A route that keeps the rules, unless it is changed."""
    return Route(**{"method": "GET", "path": path, "answer": nothing, "permission": Permission.READ, **changed})


def of_parameter(name="day", **declared):
    return of_routes(route(parameters=(Parameter(name, **declared),)))


BLIND = Role("blind", grants=(Grant("rollup:daily", reach=NOTHING),))
JANUARY = DataFile("january", path="january.csv", reader=READ.name)
DATASETS = (
    Dataset("all", of=ENTRIES),
    Dataset("some", of=ENTRIES, columns=("id", "user_id", "batch"), filters=("user_id", "reason", "amount", "promo")),
    Dataset("sums", of=Question((AMOUNT,), by=("reason",), grain="day"), filters=("direction",)),
)
CLEAN = catalog(
    DAILY,
    TOTAL,
    metrics=CLEAN_METRICS,
    readers=(READ,),
    data=(JANUARY,),
    datasets=DATASETS,
    dashboards=(Dashboard("front", title="Front", filters=(("reason", ()),), widgets=(Widget("a", kind="text"),)),),
)
WIDE = replace(ENTRIES, fields=(Text("reason", most=1_001), Choice("direction", ("credit", "debit"))))
ANONYMOUS = replace(ENTRIES, subject=None)

BROKEN = [
    ("NAME_MALFORMED", of_rollup(name="Daily")),
    ("NAME_MALFORMED", of_rollup(name="d" * 41)),
    ("NAME_MALFORMED", of_rollup(name="daily\n")),
    ("NAME_MALFORMED", of_stream(name="1st")),
    ("NAME_MALFORMED", of_stream(key="my key")),
    ("NAME_MALFORMED", of_field(Boolean("rank"))),
    ("NAME_MALFORMED", of_measure(Sum("by", of="amount"))),
    ("NAME_MALFORMED", of_measure(Sum("people", of="amount"))),
    ("NAME_MALFORMED", catalog(DAILY, metrics=(Metric("month", DAILY.amount),))),
    ("NAME_MALFORMED", catalog(DAILY, metrics=(Metric("own_amount", DAILY.amount),))),
    ("NAME_MALFORMED", catalog(DAILY, readers=(replace(READ, name="a-b"),))),
    ("NAME_MALFORMED", Catalog((Pack("", streams=(ENTRIES,), rollups=(DAILY,)),))),
    ("NAME_TAKEN", catalog(DAILY, streams=(ENTRIES, ENTRIES))),
    ("NAME_TAKEN", catalog(DAILY, DAILY)),
    ("NAME_TAKEN", catalog(DAILY, metrics=(AMOUNT, AMOUNT))),
    ("NAME_TAKEN", catalog(DAILY, readers=(READ, READ))),
    ("NAME_TAKEN", catalog(DAILY, readers=(READ,), data=(JANUARY, JANUARY))),
    ("NAME_TAKEN", Catalog((Pack("wallet"), Pack("wallet", streams=(ENTRIES,), rollups=(DAILY,))))),
    ("NAME_TAKEN", Catalog((Pack("one", streams=(ENTRIES,), rollups=(DAILY,)), Pack("two", rollups=(DAILY,))))),
    ("NAME_TAKEN", of_field(Boolean("promo"))),
    ("NAME_TAKEN", of_field(Text("user_id"))),
    ("NAME_TAKEN", of_rollup(by=("reason", "reason"))),
    ("NAME_TAKEN", of_measure(Count("entries"))),
    ("NAME_TAKEN", of_rollup(measures=(Sum("amount"), Count("amount_lo")))),
    ("NAME_TAKEN", catalog(DAILY, metrics=(Metric("reason", DAILY.amount),))),
    (
        "MEASURE_AMBIGUOUS",
        catalog(DAILY, replace(TOTAL, measures=(Count("entries", where=conditions({"promo": True})),))),
    ),
    ("CHOICE_OPTIONS", of_field(Choice("size"))),
    ("CHOICE_OPTIONS", of_field(Choice("size", ("s", "s")))),
    ("CHOICE_OPTIONS", of_field(Choice("size", ("s", "\x01other")))),
    ("NUMBER_SCALE", of_field(Decimal("weight", scale=19))),
    ("NUMBER_SCALE", of_field(Decimal("weight", scale=-1))),
    ("NUMBER_SCALE", of_field(Integer("weight", scale=2))),
    ("CURRENCY_MISSING", of_field(Money("cost"))),
    ("CURRENCY_MISSING", of_field(Money("cost", unit="pounds"))),
    ("TEXT_MOST", of_field(Text("size", most=0))),
    ("TEXT_LONGEST", of_field(Text("size", longest=0))),
    ("TEXT_LONGEST", of_field(Text("size", longest=10_001))),
    ("KEEP_MISSING", of_rollup(keep=None)),
    ("KEEP_TOO_SHORT", of_rollup(keep=days(89))),
    ("KEEP_TOO_SHORT", of_rollup(keep=months(3))),
    ("KEEP_TOO_SHORT", of_stream(keep=days(0))),
    ("KEEP_TOO_SHORT", of_stream(keep=days(-1))),
    ("KEEP_TOO_SHORT", of_stream(late=days(-1))),
    ("SETTLES_AFTER_KEEP", of_stream(settles=days(91))),
    ("COVERED_WITH_UNFIT", of_stream(covered_with="purchases")),
    ("COVERED_WITH_UNFIT", of_stream(covered_with="entries")),
    ("CLOSES_UNFIT", of_rollup(closes="month")),
    ("CLOSES_UNFIT", catalog(replace(TOTAL, closes=cast("Any", "year")), DAILY)),
    ("CLOSES_UNFIT", catalog(replace(TOTAL, closes="month", measures=(Max("dearest", of="amount"),)), DAILY)),
    ("NOTHING_KEPT", catalog()),
    ("NOT_IN_THIS_VERSION", of_stream(mode="upsert")),
    ("NOT_IN_THIS_VERSION", of_stream(home="postgres")),
    ("NOT_IN_THIS_VERSION", of_stream(erase="forget")),
    ("NOT_IN_THIS_VERSION", of_measure(Level("amount"))),
    ("NOT_IN_THIS_VERSION", of_measure(Given("amount"))),
    ("NOT_IN_THIS_VERSION", of_role(grants=(Grant("dashboard:front"),))),
    ("NOT_IN_THIS_VERSION", catalog(DAILY, later=(Declared(name="onboarding", kind="funnel"),))),
    ("READER_STREAM_UNKNOWN", catalog(DAILY, readers=(replace(READ, stream="exits"),))),
    ("DATA_READER_UNKNOWN", catalog(DAILY, readers=(READ,), data=(replace(JANUARY, reader="json"),))),
    ("STREAM_OF_OTHER_CATALOG", catalog(DAILY, replace(TOTAL, of=replace(ENTRIES, keep=days(80))))),
    ("FIELD_UNKNOWN", of_rollup(by=("colour",))),
    ("FIELD_UNKNOWN", of_rollup(by=("occurred_at",))),
    ("FIELD_UNKNOWN", of_measure(Sum("sizes", of="size"))),
    ("FIELD_UNKNOWN", of_measure(Sum("size"))),
    ("FIELD_UNKNOWN", of_measure(Distinct("times", of="occurred_at"))),
    ("FIELD_UNKNOWN", of_measure(Count("red", where=conditions({"colour": "red"})))),
    ("FILTER_IMPOSSIBLE", of_measure(Count("red", where=conditions({"direction": "sideways"})))),
    ("FILTER_IMPOSSIBLE", of_measure(Count("red", where=conditions({"direction": ()})))),
    ("FILTER_IMPOSSIBLE", of_measure(Count("red", where=conditions({"promo": "true"})))),
    ("FILTER_IMPOSSIBLE", of_measure(Count("red", where=conditions({"reason": 1})))),
    ("FILTER_IMPOSSIBLE", of_measure(Count("red", where=conditions({"amount": True})))),
    ("FILTER_IMPOSSIBLE", of_measure(Count("red", where=conditions({"price": 100})))),
    ("FILTER_IMPOSSIBLE", of_metric(DAILY.amount.where(direction="sideways"))),
    ("DIMENSION_PERSONAL", of_rollup(by=("batch",))),
    ("DIMENSION_PERSONAL", of_rollup(by=("password",))),
    ("DIMENSION_PERSONAL", of_rollup(by=("user_id",), measures=(Count("entries"),))),
    ("DIMENSION_PERSONAL", of_measure(Count("red", where=conditions({"batch": "b"})))),
    ("DIMENSION_PERSONAL", of_measure(Count("known", where=conditions({"user_id": "u"})))),
    ("DIMENSION_NOT_TEXTUAL", of_rollup(by=("price",))),
    ("SOURCE_SECRET", of_measure(Distinct("passwords", of="password"))),
    ("EXTREME_PERSONAL", of_measure(Max("oldest", of="age"))),
    ("NUMBER_EXPECTED", of_measure(Sum("reasons", of="reason"))),
    ("NUMBER_EXPECTED", of_measure(Quantiles("promo"))),
    ("UNIQUES_OF_SUBJECT", of_measure(Uniques("reasons", of="reason"))),
    ("UNIQUES_OF_SUBJECT", of_measure(Uniques("users"))),
    (
        "UNIQUES_OF_SUBJECT",
        catalog(replace(TOTAL, of=ANONYMOUS, measures=(Uniques("users", of="user_id"),)), streams=(ANONYMOUS,)),
    ),
    ("DISTINCT_RECURS", of_measure(Distinct("users", of="user_id"))),
    ("DISTINCT_RECURS", of_measure(Distinct("directions", of="direction"))),
    ("DISTINCT_RECURS", of_measure(Distinct("promos", of="promo"))),
    ("DISTINCT_RECURS", of_measure(Distinct("batches"))),
    ("GRAIN_UNKNOWN", of_measure(Uniques("users", of="user_id", at=((), ("promo",))))),
    ("GRAIN_UNKNOWN", of_measure(Uniques("users", of="user_id", at=()))),
    (
        "TOO_MANY_GROUPS",
        catalog(
            replace(
                DAILY,
                of=WIDE,
                measures=(Uniques("users", of="user_id", at=(("reason", "direction"),)),),
            ),
            streams=(WIDE,),
        ),
    ),
    ("ROLLUPS_NOT_NESTED", catalog(replace(TOTAL, by=("promo",)), DAILY)),
    ("FORMULA_MALFORMED", of_metric(DAILY.amount, direction="sideways")),
    ("FORMULA_MALFORMED", of_metric(DAILY.amount, decimals=-1)),
    ("FORMULA_MALFORMED", of_metric(Formula())),
    ("FORMULA_MALFORMED", of_metric(Arithmetic(op="*", left=DAILY.amount, right=DAILY.amount))),
    ("FORMULA_MALFORMED", of_metric(Cumulative(of=DAILY.amount, since="week"))),
    ("METRIC_OF_OTHER_CATALOG", of_metric(TOTAL.amount)),
    ("METRIC_OF_OTHER_CATALOG", of_metric(replace(DAILY, keep=FOREVER).amount)),
    ("METRIC_OF_OTHER_CATALOG", of_metric(replace(DAILY.amount, measure=Sum("amount", of="price")))),
    ("METRIC_OF_OTHER_CATALOG", of_metric(CREDITED / AMOUNT)),
    ("FILTER_NOT_A_DIMENSION", of_metric(DAILY.amount.where(promo=True))),
    ("GRAIN_MISSING", of_metric(DAILY.users.where(direction="credit", reason="sale"))),
    ("QUANTILE_UNNAMED", of_metric(DAILY.prices)),
    ("QUANTILE_UNNAMED", of_metric(DAILY.prices.quantile("1"))),
    ("QUANTILE_UNNAMED", of_metric(DAILY.amount.quantile("0.5"))),
    ("RATIO_DOES_NOT_MERGE", of_metric(DAILY.most / DAILY.amount)),
    ("RATIO_DOES_NOT_MERGE", of_metric(DAILY.most - DAILY.least)),
    ("RATIO_DOES_NOT_MERGE", of_metric(DAILY.prices.quantile("0.5") / DAILY.entries)),
    ("RATIO_DOES_NOT_MERGE", of_metric(Ratio(numerator=Cumulative(of=AMOUNT), denominator=DAILY.entries))),
    ("RATIO_DOES_NOT_MERGE", of_metric(Cumulative(of=AMOUNT) * 2 - AMOUNT)),
    ("RATIO_DOES_NOT_MERGE", of_metric(Cumulative(of=AMOUNT / DAILY.entries))),
    ("RATIO_DOES_NOT_MERGE", of_metric(Cumulative(of=Cumulative(of=AMOUNT)))),
    *(
        ("RATIO_DOES_NOT_MERGE", of_metric(Cumulative(of=leaf)))
        for leaf in (DAILY.users, DAILY.batches, DAILY.least, DAILY.most, DAILY.prices.quantile("0.5"))
    ),
    ("CURRENCIES_MIXED", of_metric(DAILY.price + DAILY.fee)),
    ("CURRENCIES_MIXED", of_metric(DAILY.price, unit="EUR")),
    ("UNITS_MIXED", of_metric(DAILY.price + DAILY.amount)),
    ("UNITS_MIXED", of_metric(AMOUNT - DAILY.entries)),
    ("UNITS_MIXED", of_metric(AMOUNT, unit="coins")),
    ("UNITS_MIXED", of_metric(DAILY.price / DAILY.amount + DAILY.price)),
    ("NAME_MALFORMED", of_dashboard(name="front-page")),
    ("NAME_TAKEN", catalog(DAILY, metrics=(AMOUNT,), dashboards=of_dashboard().packs[0].dashboards * 2)),
    ("DASHBOARD_UNFIT", of_dashboard(title="")),
    ("DASHBOARD_UNFIT", of_dashboard(widgets=(Widget("Sums", kind="text"),))),
    ("DASHBOARD_UNFIT", of_dashboard(widgets=(Widget("sums", kind="bar"),))),
    ("DASHBOARD_UNFIT", of_dashboard(widgets=tuple(Widget(f"w{n}", kind="text") for n in range(21)))),
    ("DASHBOARD_QUESTION", of_dashboard(asked=WidgetQuery(("profit",)))),
    ("DASHBOARD_QUESTION", of_dashboard(asked=WidgetQuery(("amount",), by=("colour",)))),
    ("DASHBOARD_QUESTION", of_dashboard(asked=WidgetQuery(("amount",), by=("batch",)))),
    ("DASHBOARD_QUESTION", of_dashboard(asked=WidgetQuery(("amount",), where=conditions({"reason": ()})))),
    ("DASHBOARD_QUESTION", of_dashboard(filters=(("batch", ()),))),
    ("NAME_MALFORMED", of_role(name="the clerk")),
    ("NAME_TAKEN", of_role(name="viewer")),
    ("SETTING_UNFIT", of_settings(Setting("limit"))),
    ("SETTING_UNFIT", of_settings(Setting("KEEPSUM_LIMIT"))),
    ("SETTING_UNFIT", of_settings(Setting("LIMIT", kind="integer", default="3"))),
    ("SETTING_UNFIT", of_settings(Setting("LIMIT", kind="integer", default=True))),
    ("SETTING_UNFIT", of_settings(Setting("LIMIT", kind=cast("Any", "number"), default=3))),
    ("SETTING_UNFIT", of_settings(Setting("PASSWORD", kind="secret", default="xyzzy"))),
    ("SETTING_UNFIT", of_settings(Setting("LIMIT"), Setting("LIMIT"))),
    ("SETTING_UNFIT", of_stream(keep=days(30, setting="LIMIT"))),
    (
        "SETTING_AMBIGUOUS",
        Catalog(
            (
                *of_settings(Setting("ONE_LIMIT")).packs,
                Pack("wallet_one", settings=(Setting("OTHER"), Setting("LIMIT"))),
            )
        ),
    ),
    ("NIGHTLY_UNFIT", catalog(DAILY, nightly=Nightly("at three"))),
    ("ACTOR_UNFIT", of_stream(actor="clerk")),
    ("ACTOR_UNFIT", of_stream(actor="batch")),
    ("ACTOR_UNFIT", of_stream(actor="price")),
    ("ROLE_UNKNOWN", of_role(includes=("boss",))),
    ("ROLE_UNKNOWN", of_role(includes=("clerk",))),
    ("ROLE_UNKNOWN", catalog(DAILY, roles=(Role("one", includes=("two",)), Role("two", includes=("one",))))),
    ("GRANT_UNKNOWN", of_role(grants=(Grant("metric:amount"),))),
    ("GRANT_UNKNOWN", of_role(grants=(Grant("rollup:weekly"),))),
    ("GRANT_UNKNOWN", of_role(grants=(Grant("stream:exits"),))),
    ("GRANT_UNKNOWN", of_role(grants=(Grant("stream"),))),
    ("GRANT_UNKNOWN", of_role(grants=(Grant("table:daily"),))),
    ("GRANT_UNCLEAR", of_role(grants=(Grant("*"), Grant("*", reach=last(3))))),
    ("GRANT_UNCLEAR", of_role(grants=(Grant("*", reach=last(0)),))),
    ("ROWS_OF_NOBODY", of_role(grants=(Grant("rollup:daily", reach=OWN_ROWS),))),
    ("ROWS_OF_NOBODY", of_role(grants=(Grant("stream:entries", level=AccessLevel.TEAM),))),
    ("ROWS_OF_NOBODY", of_role((AMOUNT,), grants=(Grant("metric:amount", reach=OWN_ROWS),))),
    ("INCLUDED_NARROWED", of_role(includes=("viewer",), grants=(Grant("*", reach=last(30)),))),
    ("INCLUDED_NARROWED", of_role(includes=("admin",), grants=(Grant("*"),))),
    ("GRANT_OVERRULED", catalog(DAILY, roles=(BLIND, Role("boss", includes=("blind",), grants=(Grant("*"),))))),
    ("NAME_MALFORMED", of_dataset("the sums")),
    ("NAME_TAKEN", catalog(DAILY, metrics=(AMOUNT,), datasets=(DATASETS[0], DATASETS[0]))),
    ("DATASET_OF_OTHER_CATALOG", of_dataset(of=replace(ENTRIES, keep=days(9)))),
    ("DATASET_OF_OTHER_CATALOG", of_dataset(of=Question((Metric("other", DAILY.amount),)))),
    ("DATASET_COLUMNS", of_dataset(columns=("id", "colour"))),
    ("DATASET_COLUMNS", of_dataset(columns=("id", "password"))),
    ("DATASET_COLUMNS", of_dataset(columns=("id", "id"))),
    ("DATASET_COLUMNS", of_dataset(of=Question((AMOUNT,)), columns=("amount",))),
    ("DATASET_QUESTION", of_dataset(of=Question(()))),
    ("DATASET_QUESTION", of_dataset(of=Question((AMOUNT,), grain=cast("Any", "hour")))),
    ("DATASET_QUESTION", of_dataset(of=Question((AMOUNT,), basis=cast("Any", "paid")))),
    ("DATASET_QUESTION", of_dataset(of=Question((AMOUNT,), by=("batch",)))),
    ("DATASET_QUESTION", of_dataset(of=Question((AMOUNT,), where=conditions({"user_id": "ann"})))),
    ("DATASET_FILTERS", of_dataset(filters=("batch",))),
    ("DATASET_FILTERS", of_dataset(filters=("price",))),
    ("DATASET_FILTERS", of_dataset(filters=("reason", "reason"))),
    ("DATASET_FILTERS", of_dataset(of=Question((AMOUNT,)), filters=("user_id",))),
    ("PUBLISHED_UNFIT", of_published(name="Sold")),
    ("PUBLISHED_UNFIT", of_published(into="LIMIT")),
    ("PUBLISHED_UNFIT", of_published(columns={"amount": AMOUNT})),
    ("PUBLISHED_UNFIT", of_published(columns={"year": "year", "amount": AMOUNT})),
    ("PUBLISHED_UNFIT", of_published(columns={"year": "year", "month": "month", "amount": AMOUNT}, when="open")),
    ("PUBLISHED_UNFIT", of_published(columns={"date": "day"})),
    ("PUBLISHED_UNFIT", of_published(columns={"date": "day", "amount": replace(AMOUNT, unit="GBP")})),
    ("PUBLISHED_UNFIT", of_published(columns={"date": "day", "user": "user_id", "amount": AMOUNT})),
    ("PUBLISHED_UNFIT", of_published(columns={"date": "day", "batch": "batch", "amount": AMOUNT})),
    (
        "PUBLISHED_UNFIT",
        of_published(
            columns={"date": "day", "way": "direction", "amount": AMOUNT, "parts": Nested({"amount": AMOUNT})}
        ),
    ),
    ("ROUTE_OPEN", of_routes(route(permission=None))),
    ("ROUTE_PATH", of_routes(route("shop"))),
    ("ROUTE_PATH", of_routes(route("/"))),
    ("ROUTE_PATH", of_routes(route("/shop/"))),
    ("ROUTE_PATH", of_routes(route("/shop//days"))),
    ("ROUTE_PATH", of_routes(route("/shop/../days"))),
    ("ROUTE_PATH", of_routes(route("/shop/a b"))),
    ("ROUTE_PATH", of_routes(route("/shop/day-{day}", parameters=(Parameter("day"),)))),
    ("ROUTE_PATH", of_routes(route("/shop/" + "d" * 200))),
    ("ROUTE_PATH", of_routes(route("/v1/days"))),
    ("ROUTE_PATH", of_routes(route("/metrics"))),
    ("ROUTE_PATH", of_routes(route("/{day}", parameters=(Parameter("day"),)))),
    ("ROUTE_PATH", of_routes(route(method="DELETE"))),
    ("ROUTE_STATUS", of_routes(route(status=204))),
    ("ROUTE_TAKEN", of_routes(route(), route(about="Again."))),
    (
        "ROUTE_TAKEN",
        of_routes(*(route(f"/shop/{{{name}}}", parameters=(Parameter(name),)) for name in ("day", "month"))),
    ),
    ("ROUTE_TAKEN", Catalog((*of_routes(route()).packs, Pack("other", routes=(route(method="POST"),))))),
    (
        "ROUTE_TAKEN",
        Catalog(
            (*of_routes(route()).packs, Pack("other", routes=(route("/shop/{day}", parameters=(Parameter("day"),)),)))
        ),
    ),
    ("PARAMETER_UNFIT", of_routes(route("/shop/{day}"))),
    ("PARAMETER_UNFIT", of_routes(route("/shop/{day}/{day}", parameters=(Parameter("day"),)))),
    ("PARAMETER_UNFIT", of_routes(route(parameters=(Parameter("day"), Parameter("day"))))),
    ("PARAMETER_UNFIT", of_parameter("filters", kind="object")),
    ("PARAMETER_UNFIT", of_parameter("the day")),
    ("PARAMETER_UNFIT", of_parameter(kind=cast("Any", "number"))),
    ("PARAMETER_UNFIT", of_parameter(kind="integer", default="3")),
    ("PARAMETER_UNFIT", of_parameter(kind="integer", default=True)),
    ("PARAMETER_UNFIT", of_parameter(kind="integer", least=1, default=0)),
    ("PARAMETER_UNFIT", of_parameter(kind="integer", most=9, default=10)),
    ("PARAMETER_UNFIT", of_parameter(kind="integer", least=2, most=1)),
    ("PARAMETER_UNFIT", of_parameter(kind="integer", options=("a",))),
    ("PARAMETER_UNFIT", of_parameter(kind="date", default="2026-02-30")),
    ("PARAMETER_UNFIT", of_parameter(options=("a", "b"), default="c")),
    ("PARAMETER_UNFIT", of_parameter(default="")),
    ("PARAMETER_UNFIT", of_parameter(default="a", required=True)),
    ("PARAMETER_UNFIT", of_parameter(least=1)),
    ("PARAMETER_UNFIT", of_parameter(longest=0)),
    ("ERRORS_UNFIT", of_routes(errors=ErrorShape(told={"invalid": ("wrong", 400)}))),
    ("ERRORS_UNFIT", of_routes(errors=ErrorShape("nested", told={"wrong": ("wrong", 400)}))),
    ("ERRORS_UNFIT", of_routes(errors=ErrorShape("nested", told={"invalid": ("is wrong", 400)}))),
    ("ERRORS_UNFIT", of_routes(errors=ErrorShape("nested", told={"invalid": ("wrong", 200)}))),
]


def rules_broken(declared):
    return {finding.rule for finding in lint(declared)}


def test_a_clean_catalog_gives_nothing():
    assert lint(CLEAN) == ()
    check(CLEAN)


@pytest.mark.parametrize(("rule", "declared"), BROKEN, ids=[f"{i}-{rule}" for i, (rule, _) in enumerate(BROKEN)])
def test_each_broken_catalog_breaks_just_its_rule(rule, declared):
    assert rules_broken(declared) == {rule}


def test_every_rule_has_a_catalog_that_breaks_just_it():
    # Mappings have a page of their own.
    named = {rule.name for rule in RULES if not rule.name.startswith("MAPPING_")}
    assert {rule for rule, _ in BROKEN} == named


def test_every_rule_is_named_for_its_function_and_says_in_one_line_what_it_asks():
    assert [r.name for r in RULES] == [r.find.__name__.upper() for r in RULES]
    assert [r.name for r in RULES if not r.about.splitlines()[0].endswith((".", ":"))] == []


@pytest.mark.parametrize(("rule", "declared"), BROKEN, ids=[f"{i}-{rule}" for i, (rule, _) in enumerate(BROKEN)])
def test_every_finding_names_its_subject_and_says_what_to_do(rule, declared):
    for finding in lint(declared):
        assert "'" in finding.subject
        assert ": " in finding.message
        assert str(finding) == f"{rule}: {finding.subject}: {finding.message}"


def test_check_lists_every_error_and_names_its_rule():
    with pytest.raises(Invalid) as refused:
        check(of_rollup(keep=None, by=("colour",)))
    assert refused.value.code == "CATALOG_REFUSED"
    assert "KEEP_MISSING: rollup 'daily': " in refused.value.message
    assert "FIELD_UNKNOWN: rollup 'daily': " in refused.value.message


def test_warnings_do_not_refuse_a_catalog():
    declared = catalog()
    assert [finding.severity for finding in lint(declared)] == ["warning"]
    check(declared)


def test_a_catalog_that_breaks_many_rules_is_still_read_to_the_end():
    broken = replace(
        ENTRIES, name="", time="", key="", keep=days(0), mode="upsert", fields=(Choice("c"), Text("t", most=0))
    )
    rollup = Rollup("r", of=broken, by=("nowhere", "t", "t"), measures=(Distinct("d"), Quantiles("q"), Level("l")))
    metrics = (Metric("m", Cumulative(of=rollup.q / rollup.d)), Metric("n", Formula()))
    assert len(rules_broken(catalog(rollup, streams=(), metrics=metrics))) > 8


def test_own_rows_may_be_shown_where_a_rollup_is_by_the_actor():
    entries = replace(ENTRIES, actor="reason")
    daily = replace(DAILY, of=entries)
    grants = (Grant("rollup:daily", reach=OWN_ROWS), Grant("stream:entries", level=AccessLevel.TEAM))
    assert rules_broken(catalog(daily, streams=(entries,), roles=(Role("clerk", grants=grants),))) == set()


def test_the_roles_of_every_workspace_keep_the_rules():
    others = tuple(replace(role, name=f"my_{name}") for name, role in ROLES.items())
    assert rules_broken(catalog(DAILY, roles=others)) == set()


def test_routes_that_do_not_get_into_each_others_way_are_clean():
    day = (Parameter("day", kind="date"),)
    mine = of_routes(
        route("/shop/{day}", parameters=day),
        route("/shop/today", parameters=(Parameter("limit", kind="integer", least=1, most=100, default=20),)),
        route("/shop/{day}", parameters=day, method="POST"),
        errors=ErrorShape("nested", told={"not_found": ("not_found", 404), "SHOP_SHUT": ("business_rule", 422)}),
    )
    other = Pack("other", routes=(route("/shop/{day}/more", parameters=day), route("/house/{day}", parameters=day)))
    assert rules_broken(Catalog((*mine.packs, other))) == set()


def test_an_empty_catalog_is_clean():
    assert lint(Catalog()) == ()


def test_a_distinct_may_count_a_personal_field_and_the_key():
    assert rules_broken(of_measure(Distinct("batches", of="batch"))) == set()
    assert rules_broken(of_measure(Distinct("ids", of="id"))) == set()


def test_a_record_may_call_its_time_key_and_subject_what_they_are():
    stream = replace(ENTRIES, time="time", key="key", subject="subject")
    assert rules_broken(catalog(replace(TOTAL, of=stream), streams=(stream,))) == set()


def test_rollups_of_a_stream_without_people_need_not_be_nested():
    counted = (Count("entries"),)
    apart = (replace(TOTAL, of=ANONYMOUS, by=("promo",)), replace(DAILY, of=ANONYMOUS, measures=counted))
    assert rules_broken(catalog(*apart, streams=(ANONYMOUS,))) == set()


def test_uniques_may_have_two_thousand_groups_a_day_and_no_more():
    def groups(most):
        stream = replace(ENTRIES, fields=(Text("reason", most=most, sensitivity=PUBLIC), Boolean("promo")))
        users = Uniques("users", of="user_id", at=(("reason", "promo"),))
        rollup = Rollup("r", of=stream, measures=(users,), by=("reason", "promo"), keep=FOREVER)
        return rules_broken(catalog(rollup, streams=(stream,)))

    assert groups(1_000) == set()
    assert groups(1_001) == {"TOO_MANY_GROUPS"}


@pytest.mark.parametrize(
    ("longer", "shorter"),
    [
        (days(30), days(30)),
        (months(1), days(28)),
        (months(3), months(3)),
        (days(31), months(1)),
        (years(1), days(365)),
        (days(366), years(1)),
        (months(13), years(1)),
        (FOREVER, years(100)),
    ],
)
def test_a_duration_is_at_least_another_when_no_calendar_makes_it_shorter(longer, shorter):
    assert at_least(longer, shorter)


@pytest.mark.parametrize(
    ("one", "other"),
    [
        (days(29), days(30)),
        (months(1), days(29)),
        (days(30), months(1)),
        (days(365), years(1)),
        (years(1), days(366)),
        (years(100), FOREVER),
    ],
)
def test_a_duration_that_some_calendar_makes_shorter_is_not_at_least_another(one, other):
    assert not at_least(one, other)
