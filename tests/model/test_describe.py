import json
from typing import Any

import pytest

from keepsum import (
    PERSONAL,
    AccessLevel,
    Boolean,
    Choice,
    Count,
    Cumulative,
    Dashboard,
    DataFile,
    Dataset,
    ErrorShape,
    Grant,
    Metric,
    Money,
    Nested,
    Pack,
    Parameter,
    Permission,
    Published,
    Quantiles,
    Question,
    Reader,
    Role,
    Rollup,
    Route,
    Stream,
    Sum,
    Text,
    Uniques,
    Widget,
    WidgetQuery,
    days,
    last,
    years,
)
from keepsum.model.access import ROLES
from keepsum.model.catalog import Catalog, definition_hash
from keepsum.model.describe import describe, text_of
from keepsum.model.filter import conditions
from keepsum.model.rollup import Formula

STORED = ["occurred_at", "id", "user_id", "direction", "email", "amount", "promo"]


def nothing(_ask, _given):
    return None


ENTRIES = Stream(
    "entries",
    about="Every amount credited or debited.",
    owner="payments",
    time="occurred_at",
    key="id",
    subject="user_id",
    keep=days(90),
    fields=(
        Choice("direction", ("credit", "debit"), required=True),
        Text("email", sensitivity=PERSONAL, longest=200),
        Money("amount", unit="GBP"),
        Boolean("promo"),
    ),
)
DAILY = Rollup(
    "daily",
    of=ENTRIES,
    by=("direction",),
    measures=(
        Count("entries", about="How many."),
        Sum("amount", where=conditions({"promo": (False, None)})),
        Uniques("users", of="user_id"),
        Quantiles("amounts", of="amount"),
    ),
    keep=years(10),
)
CREDITED = Metric("credited", DAILY.amount.where(direction="credit"), unit="GBP", owner="payments")
SHARE = Metric("share", CREDITED / DAILY.amount, about="How much of it is credit.", direction="none", decimals=3)
CATALOG = Catalog(
    (
        Pack(
            "wallet",
            about="Money in and out.",
            streams=(ENTRIES,),
            rollups=(DAILY,),
            metrics=(SHARE, CREDITED),
            datasets=(
                Dataset("all_entries", of=ENTRIES, filters=("direction",), about="Everything."),
                Dataset("shares", of=Question((SHARE,), by=("direction",), where=conditions({"direction": "credit"}))),
            ),
            dashboards=(
                Dashboard(
                    "front", title="Front", widgets=(Widget("sums", kind="card", query=WidgetQuery(("share",))),)
                ),
            ),
            readers=(Reader("csv", stream="entries", read=dict),),
            roles=(
                Role(
                    "teller",
                    about="Looks at the counter.",
                    includes=("collector",),
                    permissions=(Permission.READ,),
                    grants=(Grant("rollup:daily", reach=last(30)), Grant("metric:share", level=AccessLevel.ALL)),
                ),
            ),
            published=(
                Published(
                    "credited_by_day",
                    about="A row a day.",
                    into="ADDRESS",
                    columns={
                        "date": "day",
                        "credited": CREDITED,
                        "ways": Nested({"share": SHARE}, by="direction"),
                    },
                ),
            ),
            routes=(
                Route(
                    "GET",
                    "/wallet/days/{day}",
                    answer=nothing,
                    permission=Permission.READ,
                    parameters=(Parameter("day", kind="date", about="Which.", required=True),),
                    about="One day.",
                ),
            ),
            errors=ErrorShape("nested", told={"invalid": ("validation_error", 400)}),
            data=(DataFile("january", path="january.csv", reader="csv", attribution="Ours."),),
        ),
    )
)


def test_everything_declared_is_described():
    described = describe(CATALOG)
    roles: Any = described.pop("roles")
    assert described == {
        "packs": [
            {
                "name": "wallet",
                "about": "Money in and out.",
                "streams": ["entries"],
                "rollups": ["daily"],
                "metrics": ["share", "credited"],
                "dashboards": ["front"],
                "datasets": ["all_entries", "shares"],
                "readers": ["csv"],
                "roles": ["teller"],
                "errors": {"form": "nested", "told": {"invalid": ["validation_error", 400]}},
                "nightly": None,
                "data": [{"name": "january", "reader": "csv", "attribution": "Ours."}],
                "later": [],
                "settings": [],
            }
        ],
        "streams": [
            {
                "name": "entries",
                "about": "Every amount credited or debited.",
                "owner": "payments",
                "time": "occurred_at",
                "time_kind": "instant",
                "key": "id",
                "subject": "user_id",
                "keep": {"days": 90, "months": 0},
                "late": {"days": 7, "months": 0},
                "reread": {"days": 7, "months": 0},
                "settles": {"days": 0, "months": 0},
                "start": None,
                "covered_with": None,
                "shrinks": False,
                "mode": "append",
                "home": "embedded",
                "actor": None,
                "erase": None,
                "attached": None,
                "fields": [
                    {
                        "name": "direction",
                        "type": "choice",
                        "sensitivity": "public",
                        "required": True,
                        "about": "",
                        "options": ["credit", "debit"],
                    },
                    {
                        "name": "email",
                        "type": "text",
                        "sensitivity": "personal",
                        "required": False,
                        "about": "",
                        "most": None,
                        "longest": 200,
                    },
                    {
                        "name": "amount",
                        "type": "money",
                        "sensitivity": "public",
                        "required": False,
                        "about": "",
                        "unit": "GBP",
                        "scale": 2,
                    },
                    {"name": "promo", "type": "boolean", "sensitivity": "public", "required": False, "about": ""},
                ],
            }
        ],
        "rollups": [
            {
                "name": "daily",
                "about": "",
                "keep": {"days": 0, "months": 120},
                "closes": None,
                "hash": definition_hash(DAILY),
                "definition": {
                    "stream": "entries",
                    "time_kind": "instant",
                    "subject": "user_id",
                    "by": [{"name": "direction", "type": "Choice", "most": 1000}],
                    "measures": [
                        {
                            "name": "entries",
                            "kind": "count",
                            "of": None,
                            "scale": 0,
                            "unit": "",
                            "where": [],
                            "at": None,
                        },
                        {
                            "name": "amount",
                            "kind": "sum",
                            "of": "amount",
                            "scale": 2,
                            "unit": "GBP",
                            "where": [["promo", [False, None]]],
                            "at": None,
                        },
                        {
                            "name": "users",
                            "kind": "uniques",
                            "of": "user_id",
                            "scale": 0,
                            "unit": "",
                            "where": [],
                            "at": [[], ["direction"]],
                        },
                        {
                            "name": "amounts",
                            "kind": "quantiles",
                            "of": "amount",
                            "scale": 2,
                            "unit": "GBP",
                            "where": [],
                            "at": [[], ["direction"]],
                        },
                    ],
                },
                "measures": {"entries": "How many.", "amount": "", "users": "", "amounts": ""},
            }
        ],
        "metrics": [
            {
                "name": "credited",
                "about": "",
                "owner": "payments",
                "kind": "simple",
                "unit": "GBP",
                "direction": "up",
                "decimals": 6,
                "text": "amount where direction in (credit)",
                "formula": {
                    "rollup": "daily",
                    "measure": "amount",
                    "where": [["direction", ["credit"]]],
                    "quantile": None,
                },
            },
            {
                "name": "share",
                "about": "How much of it is credit.",
                "owner": "",
                "kind": "ratio",
                "unit": "",
                "direction": "none",
                "decimals": 3,
                "text": "credited / amount",
                "formula": {
                    "op": "/",
                    "left": {"metric": "credited"},
                    "right": {"rollup": "daily", "measure": "amount", "where": [], "quantile": None},
                },
            },
        ],
        "dashboards": [
            {
                "name": "wallet.front",
                "title": "Front",
                "about": "",
                "range": {"preset": "last_28_days"},
                "grain": None,
                "compare": None,
                "filters": [],
                "refresh": 300,
                "widgets": [
                    {
                        "id": "sums",
                        "kind": "card",
                        "title": "",
                        "about": "",
                        "place": {"x": 0, "y": 0, "w": 6, "h": 6},
                        "query": {
                            "metrics": ["share"],
                            "by": [],
                            "where": {},
                            "grain": None,
                            "order": None,
                            "top": None,
                            "totals": False,
                        },
                        "options": {"stacked": False, "normal": False, "comparison": False, "target": None, "text": ""},
                    }
                ],
            }
        ],
        "datasets": [
            {
                "name": "all_entries",
                "about": "Everything.",
                "filters": ["direction"],
                "stream": "entries",
                "columns": STORED,
                "question": None,
            },
            {
                "name": "shares",
                "about": "",
                "filters": [],
                "stream": None,
                "columns": None,
                "question": {
                    "metrics": ["share"],
                    "by": ["direction"],
                    "grain": "month",
                    "where": [["direction", ["credit"]]],
                    "basis": "origin",
                },
            },
        ],
        "readers": [{"name": "csv", "stream": "entries"}],
        "routes": [
            {
                "pack": "wallet",
                "method": "GET",
                "path": "/wallet/days/{day}",
                "about": "One day.",
                "permission": "read",
                "status": 200,
                "parameters": [
                    {
                        "name": "day",
                        "kind": "date",
                        "about": "Which.",
                        "required": True,
                        "default": None,
                        "options": [],
                        "least": None,
                        "most": None,
                        "longest": 200,
                    }
                ],
            }
        ],
        "published": [
            {
                "pack": "wallet",
                "name": "credited_by_day",
                "about": "A row a day.",
                "into": "ADDRESS",
                "when": "sealed",
                "columns": {
                    "date": "day",
                    "credited": {"metric": "credited"},
                    "ways": {"metrics": {"share": "share"}, "by": "direction"},
                },
            }
        ],
    }
    assert [role["name"] for role in roles] == sorted([*ROLES, "teller"])
    assert roles[-2] == {
        "name": "teller",
        "about": "Looks at the counter.",
        "includes": ["collector"],
        "permissions": ["read"],
        "grants": [
            {"on": "rollup:daily", "reach": "last 30 days", "level": "organization"},
            {"on": "metric:share", "reach": "full", "level": "all"},
        ],
    }


def test_the_description_is_plain_json():
    assert json.loads(json.dumps(describe(CATALOG))) == describe(CATALOG)


def test_names_come_in_one_order_whatever_order_packs_have():
    other = Pack("shop", streams=(Stream("baskets", time="t", key="k", keep=days(1), fields=()),))
    one, two = (describe(Catalog(packs)) for packs in ((other, *CATALOG.packs), (*CATALOG.packs, other)))
    assert [one[part] for part in ("streams", "rollups", "metrics")] == [
        two[part] for part in ("streams", "rollups", "metrics")
    ]


@pytest.mark.parametrize(
    ("formula", "text"),
    [
        (DAILY.amount, "amount"),
        (DAILY.amount.where(direction=("credit", None)), "amount where direction in (credit, none)"),
        (DAILY.amount.where(promo=True, direction="credit"), "amount where direction in (credit) and promo in (true)"),
        (DAILY.amounts.quantile("0.95"), "quantile 0.95 of amounts"),
        (CREDITED / DAILY.entries.where(direction="credit"), "credited / (entries where direction in (credit))"),
        (CREDITED - DAILY.amount + CREDITED, "(credited - amount) + credited"),
        (CREDITED * "0.2", "credited * 0.2"),
        ((CREDITED + DAILY.amount) * 100, "(credited + amount) * 100"),
        (CREDITED * "1/3", "credited * 1/3"),
        (Cumulative(of=CREDITED, since="month"), "credited since the start of the month"),
    ],
)
def test_a_formula_reads_as_people_write_it(formula, text):
    assert text_of(formula) == text


def test_a_numbered_option_is_not_taken_for_true():
    assert text_of(DAILY.amount.where(promo=(0, 1))) == "amount where promo in (0, 1)"


def test_the_structure_of_a_derived_and_a_cumulative_metric_names_its_parts():
    net = Metric("net", Cumulative(of=(CREDITED - DAILY.amount) * "0.5"))
    described = describe(
        Catalog(
            (
                Pack(
                    "p",
                    metrics=(net, Metric("middle", DAILY.amounts.quantile("0.5"))),
                ),
            )
        )
    )
    middle, cumulative = described["metrics"]  # pyright: ignore[reportGeneralTypeIssues] - here two metrics
    amount = {"rollup": "daily", "measure": "amount", "where": [], "quantile": None}
    halved = {"op": "*", "left": {"op": "-", "left": {"metric": "credited"}, "right": amount}, "right": "0.5"}
    assert cumulative["formula"] == {"op": "cumulative", "since": "range", "of": halved}
    assert middle["formula"] == {"rollup": "daily", "measure": "amounts", "where": [], "quantile": "0.5"}


def test_what_is_no_formula_is_not_described():
    with pytest.raises(TypeError):
        text_of(Formula())
