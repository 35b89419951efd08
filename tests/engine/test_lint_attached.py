"""What lint says of mappings: each way to leave something open, or to ask for what cannot be read."""

from dataclasses import replace
from typing import Any, cast

import pytest

from keepsum import (
    Amount,
    Attached,
    Boolean,
    Children,
    Choice,
    Choose,
    Coalesce,
    Column,
    Constant,
    Count,
    Decimal,
    Epoch,
    Has,
    Integer,
    Local,
    LocalDate,
    Lookup,
    Minus,
    Money,
    Pack,
    Rollup,
    Setting,
    Stream,
    Text,
    Utc,
    When,
    days,
    where,
    years,
)
from keepsum.engine.lint import lint
from keepsum.model.attached import On
from keepsum.model.catalog import Catalog

ON: On = ("id", "parent")
TOTAL = Amount("total", stored="float")
MAPPING = Attached(
    "orders", url="DATABASE_URL", time=Local("created", zone="Europe/Berlin"), subject="person",
    changed=Utc("updated", pattern="%Y-%m-%d %H:%M:%S"),
    columns={
        "total": Minus(TOTAL, Coalesce(Amount("wallet", stored="integer", scale=0), Constant("0.50"))),
        "fee": Amount("fee", stored="text"),
        "lines": Children("lines", on=ON, count=True),
        "worth": Children("lines", on=ON, sum=Amount("price", stored="decimal")),
        "state": Choose(
            When(Has("lines", on=ON), Constant("full")), When(where(a=1), "state"), otherwise=Constant("empty"),
        ),
        "city": Lookup("people", on=("person", "id"), value=Lookup("cities", on=("city", "id"), value="name")),
    },
)  # fmt: skip
FIELDS = (
    Money("total", unit="EUR"), Decimal("fee", scale=12), Integer("lines"), Money("worth", unit="EUR"),
    Choice("state", ("full", "empty")), Text("city", most=3), Boolean("gift"),
)  # fmt: skip
ORDERS = Stream("orders", time="at", key="id", subject="buyer", keep=days(30), fields=FIELDS, attached=MAPPING)
URL = Setting("DATABASE_URL", kind="secret")


def said(stream=ORDERS, settings=(URL,), **changed):
    """The rules about mappings that a changed mapping breaks."""
    stream = replace(stream, attached=replace(MAPPING, **changed))
    rollup = Rollup("daily", of=stream, measures=(Count("orders"),), keep=years(1))
    pack = Pack("shop", streams=(stream,), rollups=(rollup,), settings=settings)
    return [finding for finding in lint(Catalog((pack,))) if finding.rule.startswith("MAPPING_")]


def of_total(value):
    return said(columns={**dict(MAPPING.columns), "total": value})


def of_state(value):
    return said(columns={**dict(MAPPING.columns), "state": value})


def test_a_mapping_that_says_everything_breaks_no_rule():
    assert said() == []


@pytest.mark.parametrize(
    ("rule", "findings"),
    [
        ("MAPPING_URL", lambda: said(url="OTHER_URL")),
        ("MAPPING_URL", lambda: said(settings=(Setting("DATABASE_URL"),))),
        ("MAPPING_FIELD", lambda: said(columns=(*MAPPING.columns, ("colour", Column("colour"))))),
        ("MAPPING_FIELD", lambda: said(columns=(*MAPPING.columns, ("fee", Amount("fee", stored="text"))))),
        ("MAPPING_FIELD", lambda: said(subject=None)),
        ("MAPPING_FIELD", lambda: said(replace(ORDERS, subject=None))),
        ("MAPPING_CLOCK", lambda: said(time=Local("created", zone="Berlin"))),
        ("MAPPING_CLOCK", lambda: said(time=Utc("created", pattern="%d.%m.%Y %H:%M"))),
        ("MAPPING_CLOCK", lambda: said(changed=Utc("updated", pattern="%Y-%m-%d"))),
        ("MAPPING_CLOCK", lambda: said(time=LocalDate("day"))),
        ("MAPPING_CLOCK", lambda: said(replace(ORDERS, time_kind="date"))),
        ("MAPPING_CLOCK", lambda: said(changed=LocalDate("day"))),
        ("MAPPING_CLOCK", lambda: said(time=Epoch(Lookup("runs", on=ON, value=Constant(1))))),
        ("MAPPING_VALUE", lambda: of_total("total")),
        ("MAPPING_VALUE", lambda: of_total(Coalesce(TOTAL, Column("total")))),
        ("MAPPING_VALUE", lambda: of_total(Coalesce())),
        ("MAPPING_VALUE", lambda: of_total(Constant("0.505"))),
        ("MAPPING_VALUE", lambda: of_total(Constant(value=True))),
        ("MAPPING_VALUE", lambda: of_total(Lookup("people", on=ON, value=Minus(TOTAL, TOTAL)))),
        ("MAPPING_VALUE", lambda: of_total(Children("lines", on=ON))),
        ("MAPPING_VALUE", lambda: of_total(Children("lines", on=ON, count=True, sum=TOTAL))),
        ("MAPPING_VALUE", lambda: of_total(Lookup("people", on=ON, value=Children("lines", on=ON, count=True)))),
        ("MAPPING_VALUE", lambda: of_state(TOTAL)),
        ("MAPPING_VALUE", lambda: of_state(Constant("half"))),
        ("MAPPING_VALUE", lambda: of_state(Choose(otherwise=Constant("full")))),
        ("MAPPING_VALUE", lambda: of_state(Choose(When((), Constant("full"))))),
        ("MAPPING_VALUE", lambda: of_state(Choose(When(where(a=()), Constant("full"))))),
        ("MAPPING_VALUE", lambda: said(columns={**dict(MAPPING.columns), "gift": Constant("yes")})),
        ("MAPPING_VALUE", lambda: said(subject=TOTAL)),
        ("MAPPING_VALUE", lambda: said(where={"state": ()})),
        ("MAPPING_SCALE", lambda: of_total(Amount("total", stored=cast("Any", "money")))),
        ("MAPPING_SCALE", lambda: of_total(Amount("total", stored="float", scale=2))),
        ("MAPPING_SCALE", lambda: of_total(Coalesce(TOTAL, Amount("total", stored="integer", scale=3)))),
        ("MAPPING_SCALE", lambda: of_total(Children("lines", on=ON, sum=Amount("price", stored="text")))),
        ("MAPPING_SCALE", lambda: said(columns={**dict(MAPPING.columns), "fee": Amount("fee", stored="float")})),
    ],
)
def test_a_mapping_that_leaves_something_open_is_refused(rule, findings):
    assert [finding.rule for finding in findings()] == [rule]
