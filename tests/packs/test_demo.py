import csv
import gzip
import re
from collections.abc import Iterator
from datetime import UTC, datetime
from decimal import Decimal
from importlib.resources import files
from io import TextIOWrapper
from typing import Any

import pytest

from keepsum.engine.lint import lint
from keepsum.model.catalog import Catalog
from keepsum.model.errors import Invalid
from keepsum.packs.demo import PACK
from keepsum.packs.demo.readers import read
from keepsum.testing import check_pack

NOW = datetime(2011, 3, 18, 12, tzinfo=UTC)
DATA = files("keepsum.packs.demo") / "data"
ROW = {
    "InvoiceNo": "536365",
    "StockCode": "85123A",
    "Description": "WHITE HANGING HEART T-LIGHT HOLDER",
    "Quantity": "6",
    "InvoiceDate": "2010-12-01 08:26:00",
    "UnitPrice": "2.55",
    "CustomerID": "17850",
    "Country": "United Kingdom",
}


def rows() -> Iterator[dict[str, str]]:
    with (DATA / "online_retail.csv.gz").open("rb") as packed, gzip.open(packed) as raw:
        yield from csv.DictReader(TextIOWrapper(raw, encoding="utf-8", newline=""))


@pytest.fixture(scope="module")
def records() -> list[Any]:
    return list(check_pack(PACK, {"online_retail": rows()}, now=NOW)["online_retail"])


def by_month(records, value):
    """The values of each month's records, months in order."""
    months = {}
    for record in records:
        months.setdefault(record["occurred_at"][:7], []).append(value(record))
    assert sorted(months) == ["2010-12", "2011-01", "2011-02"]
    return [months[month] for month in sorted(months)]


def test_the_catalog_of_the_demo_is_clean():
    assert lint(Catalog((PACK,))) == ()


def test_every_line_of_the_file_becomes_a_record_that_the_door_takes(records):
    assert len(records) == 105_335


def test_the_published_monthly_revenue_comes_out_to_the_penny(records):
    revenue = by_month(records, lambda r: Decimal(r["revenue"]))
    assert [str(sum(month)) for month in revenue] == ["748957.02", "560000.26", "498062.65"]


def test_lines_cancelled_lines_and_units_of_each_month_are_those_of_the_file(records):
    assert [len(month) for month in by_month(records, lambda _: 1)] == [42_481, 35_147, 27_707]
    assert [sum(month) for month in by_month(records, lambda r: r["cancelled"])] == [728, 701, 475]
    assert [sum(month) for month in by_month(records, lambda r: r["quantity"])] == [342_228, 308_966, 277_989]


def test_invoices_are_as_many_as_published_and_none_is_on_two_days(records):
    assert [len(set(month)) for month in by_month(records, lambda r: r["invoice"])] == [2_025, 1_476, 1_393]
    days = {(r["invoice"], r["occurred_at"][:10]) for r in records}
    assert len(days) == len({invoice for invoice, _ in days}) == 4_894


def test_there_are_as_many_known_customers_as_published(records):
    assert [len(set(month) - {None}) for month in by_month(records, lambda r: r["customer"])] == [948, 783, 798]
    assert len({r["customer"] for r in records} - {None}) == 1_749


def test_every_record_carries_every_field_so_that_none_was_forgotten(records):
    assert {tuple(r) for r in records} == {("line_id", *(n for n in read(ROW)))}
    assert set(records[0]) == set(PACK.streams[0].names())


def test_the_totals_beside_the_data_are_those_of_the_file(records):
    said = re.findall(r"^\| (.+?) \| (.+?) \| (.+?) \| (.+?) \| (.+?) \|$", _attribution(), re.MULTILINE)
    totals = {label: (*months, whole) for label, *months, whole in said}
    revenue = by_month(records, lambda r: Decimal(r["revenue"]))
    assert totals["net revenue (quantity x unit price), GBP"] == _shown([sum(m) for m in revenue])
    assert totals["units"] == _shown([sum(m) for m in by_month(records, lambda r: r["quantity"])])
    assert totals["of them cancelled"] == _shown([sum(m) for m in by_month(records, lambda r: r["cancelled"])])


def _attribution():
    return (DATA / "ATTRIBUTION.md").read_text(encoding="utf-8")


def _shown(months):
    return tuple(f"{n:,}" for n in (*months, sum(months)))


def test_the_data_names_its_source_and_licence():
    assert "10.24432/C5BW33" in _attribution()
    assert "CC BY 4.0" in _attribution()


def test_a_row_is_read_exactly():
    assert read(ROW) == {
        "occurred_at": "2010-12-01T08:26:00+00:00",
        "customer": "17850",
        "invoice": "536365",
        "product": "85123A",
        "description": "WHITE HANGING HEART T-LIGHT HOLDER",
        "country": "United Kingdom",
        "cancelled": False,
        "quantity": 6,
        "unit_price": "2.55",
        "revenue": "15.30",
    }


def test_a_cancellation_takes_revenue_away():
    record = read(ROW | {"InvoiceNo": "C536365", "Quantity": "-6"})
    assert (record["cancelled"], record["quantity"], record["revenue"]) == (True, -6, "-15.30")


def test_what_the_shop_does_not_know_is_null():
    record = read(ROW | {"CustomerID": "", "Description": "", "Country": ""})
    assert (record["customer"], record["description"], record["country"]) == (None, None, None)


@pytest.mark.parametrize(
    ("local", "instant"),
    [
        ("2011-07-01 12:00:00", "2011-07-01T12:00:00+01:00"),
        ("2011-03-27 00:59:59", "2011-03-27T00:59:59+00:00"),
        ("2011-03-27 01:30:00", "2011-03-27T01:30:00+00:00"),  # skipped: 02:30 in summer time
        ("2011-03-27 02:00:00", "2011-03-27T02:00:00+01:00"),
        ("2011-10-30 01:30:00", "2011-10-30T01:30:00+01:00"),  # twice: the first
        ("2011-10-30 02:00:00", "2011-10-30T02:00:00+00:00"),
    ],
)
def test_times_are_of_london_summer_and_winter(local, instant):
    assert read(ROW | {"InvoiceDate": local})["occurred_at"] == instant


def test_revenue_is_exact_beyond_what_a_float_holds():
    assert read(ROW | {"Quantity": "9" * 18, "UnitPrice": "1.01"})["revenue"] == "1009999999999999998.99"


def test_revenue_that_does_not_come_out_in_pence_is_refused_not_rounded():
    with pytest.raises(Invalid, match=r"RECORD_REFUSED.*'revenue'.*TOO_MANY_DECIMALS"):
        check_pack(PACK, {"online_retail": [ROW | {"UnitPrice": "2.555", "Quantity": "1"}]}, now=NOW)
    check_pack(PACK, {"online_retail": [ROW | {"UnitPrice": "2.555", "Quantity": "2"}]}, now=NOW)


@pytest.mark.parametrize(
    "broken",
    [
        {"Quantity": "six"},
        {"Quantity": "1.5"},
        {"UnitPrice": ""},
        {"UnitPrice": "NaN"},
        {"UnitPrice": "Infinity"},
        {"InvoiceDate": "01/12/2010"},
        {"InvoiceDate": "2010-12-01 08:26:00+02:00"},
    ],
)
def test_a_row_that_cannot_be_read_is_a_value_error(broken):
    with pytest.raises(ValueError, match=r"."):
        read(ROW | broken)
