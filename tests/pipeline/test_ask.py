"""The shapes of questions and answers outside."""

import datetime as dt
import json
from decimal import Decimal

import pytest

from keepsum.model.answer import Answer, Column, Coverage, Explain, Labels
from keepsum.model.day import Grain
from keepsum.model.errors import Invalid
from keepsum.model.filter import conditions
from keepsum.model.query import Order, Query
from keepsum.pipeline.ask import query_of, to_json

LEAST = {"metrics": ["revenue"], "from": "2026-02-01", "to": "2026-02-28"}
LABELS = Labels(
    exact=False,
    final=True,
    coverage=Coverage(days=28, missing=("2026-02-03",)),
    suppressed=False,
    guarded=False,
    basis="origin",
    sources={"rollup": 27, "records": 0, "missing": 1},
    error={"buyers": 0.049678},
    notes=("AT_MOST",),
)


def answer(*rows, columns=(), totals=None, explain=None):
    return Answer(columns=columns, rows=rows, labels=LABELS, totals=totals, explain=explain)


def test_the_least_question_is_a_metric_and_a_range():
    assert query_of(LEAST) == Query(metrics=("revenue",), first=20485, last=20512)


def test_a_date_may_be_one_already():
    assert query_of(LEAST | {"from": dt.date(2026, 2, 1), "to": dt.date(2026, 2, 28)}) == query_of(LEAST)


def test_every_parameter_is_read():
    asked = LEAST | {
        "metrics": ["revenue", "orders"],
        "by": ["place"],
        "grain": "month",
        "where": {"way": ["card", None], "gift": True, "shelf": 7},
        "compare": "previous",
        "order": "-revenue",
        "top": 5,
        "totals": True,
        "basis": "booked",
        "guarded": True,
        "explain": True,
    }
    assert query_of(asked) == Query(
        metrics=("revenue", "orders"),
        first=20485,
        last=20512,
        by=("place",),
        grain=Grain.MONTH,
        where=conditions({"way": ("card", None), "gift": (True,), "shelf": (7,)}),
        compare="previous",
        order=Order(by="revenue", descending=True),
        top=5,
        totals=True,
        basis="booked",
        guarded=True,
        explain=True,
    )


def test_texts_of_a_url_mean_the_same():
    texts = {
        "metrics": "revenue, orders",
        "by": "place",
        "grain": "day",
        "top": "5",
        "totals": "true",
        "guarded": "false",
    }
    found = query_of(LEAST | texts | {"order": "time"})
    assert (found.metrics, found.by, found.top, found.totals, found.guarded) == (
        ("revenue", "orders"),
        ("place",),
        5,
        True,
        False,
    )
    assert found.order == Order(by="time", descending=False)


def test_null_means_not_given():
    assert query_of(LEAST | {"top": None, "where": None}) == query_of(LEAST)


@pytest.mark.parametrize(
    ("code", "change"),
    [
        ("UNKNOWN_PARAMETER", {"limit": 5}),
        ("MISSING_PARAMETER", {"metrics": None}),
        ("MISSING_PARAMETER", {"from": None}),
        ("BAD_PARAMETER", {"metrics": [1]}),
        ("BAD_PARAMETER", {"metrics": {"a": 1}}),
        ("BAD_PARAMETER", {"from": "2026-02-30"}),
        ("BAD_PARAMETER", {"from": "2026-W05-1"}),
        ("BAD_PARAMETER", {"from": "0000-01-01"}),
        ("BAD_PARAMETER", {"to": 20485}),
        ("BAD_PARAMETER", {"to": dt.datetime(2026, 2, 28, tzinfo=dt.UTC)}),
        ("BAD_PARAMETER", {"grain": "hour"}),
        ("BAD_PARAMETER", {"grain": ["day"]}),
        ("BAD_PARAMETER", {"where": ["way"]}),
        ("BAD_PARAMETER", {"where": {"way": [1.5]}}),
        ("BAD_PARAMETER", {"where": {"way": [["card"]]}}),
        ("BAD_PARAMETER", {"compare": "last year"}),
        ("BAD_PARAMETER", {"order": "-"}),
        ("BAD_PARAMETER", {"order": 3}),
        ("BAD_PARAMETER", {"top": "many"}),
        ("BAD_PARAMETER", {"top": True}),
        ("BAD_PARAMETER", {"top": "9" * 5_000}),
        ("BAD_PARAMETER", {"totals": "yes"}),
        ("BAD_PARAMETER", {"basis": "cash"}),
    ],
)
def test_a_question_that_is_not_understood_says_which_part(code, change):
    with pytest.raises(Invalid) as caught:
        query_of(LEAST | change)
    assert caught.value.code == code
    assert repr(next(iter(change))) in caught.value.message


def test_numbers_are_tokens_with_their_decimals():
    columns = (Column(name="revenue", kind="metric", unit="GBP", scale=2),)
    found = to_json(answer((Decimal("748957.02"),), (Decimal("-0.05"),), (Decimal("0.00"),), (None,), columns=columns))
    assert b'"rows":[[748957.02],[-0.05],[0.00],[null]]' in found


def test_numbers_beyond_64_bits_and_with_many_decimals_are_written_out():
    columns = (Column(name="ratio", kind="metric", scale=9),)
    found = to_json(answer((Decimal("0.000000001"),), (10**27,), columns=columns, totals=(Decimal("0E-9"),)))
    assert b'"rows":[[0.000000001],[1000000000000000000000000000]]' in found
    assert b'"totals":[0.000000000]' in found


def test_an_answer_says_everything_in_one_object():
    columns = (Column(name="time", kind="time"), Column(name="revenue", kind="metric", unit="GBP", scale=2))
    explain = Explain(access=(), routes=({"source": "records"},), refusals=(), rows_read=3, seconds={"plan": 0.5})
    found = json.loads(to_json(answer(("2026-02-01", None), columns=columns, explain=explain)))
    assert list(found) == ["columns", "rows", "totals", "labels", "explain"]
    assert found["columns"][1] == {"name": "revenue", "kind": "metric", "unit": "GBP", "scale": 2}
    assert found["totals"] is None
    assert found["labels"] == {
        "exact": False,
        "final": True,
        "coverage": {"days": 28, "missing": ["2026-02-03"]},
        "suppressed": False,
        "guarded": False,
        "basis": "origin",
        "sources": {"rollup": 27, "records": 0, "missing": 1},
        "error": {"buyers": 0.049678},
        "notes": ["AT_MOST"],
    }
    assert found["explain"]["seconds"] == {"plan": 0.5}
