import datetime as dt
import json
import zipfile
from decimal import Decimal

import openpyxl
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from hypothesis import given
from hypothesis import strategies as some
from openpyxl.utils.escape import unescape
from pyarrow import csv

from keepsum.deliver import render, sheet
from keepsum.engine.extract import Heading, schema
from keepsum.model.errors import Invalid
from keepsum.model.export import FORMATS

HEADINGS = (
    Heading(name="at", kind="instant"),
    Heading(name="on", kind="date"),
    Heading(name="name", kind="text"),
    Heading(name="gift", kind="boolean"),
    Heading(name="count", kind="number"),
    Heading(name="paid", kind="number", unit="EUR", scale=2),
    Heading(name="share", kind="number", scale=9),
)
SCHEMA = schema(HEADINGS)
AT = dt.datetime(2026, 2, 1, 10, 30, tzinfo=dt.UTC)
ROW = (AT, dt.date(2026, 2, 1), "ann", True, 7, Decimal("12.50"), Decimal("0.000000001"))
NOTHING = (None,) * len(HEADINGS)
ABOUT = {"dataset": "sales", "labels": {"exact": True}}


def batches(rows, size=2, of=SCHEMA):
    for begin in range(0, len(rows), size):
        columns = zip(*rows[begin : begin + size], strict=True)
        yield pa.RecordBatch.from_arrays(
            [pa.array(column, one.type) for column, one in zip(columns, of, strict=True)], schema=of
        )


def written(folder, form, rows, of=SCHEMA):
    path = folder / f"file.{form}"
    path.unlink(missing_ok=True)
    assert render.write(form, path, of, batches(rows, of=of), ABOUT) == len(rows)
    return path


def texts(*values):
    return [(value,) for value in values]


TEXT = schema((Heading(name="text", kind="text"),))


def test_csv_has_texts_in_quotes_and_nothing_where_there_is_no_value(tmp_path):
    content = written(tmp_path, "csv", [ROW, NOTHING, (*ROW[:2], "", *ROW[3:])]).read_text()
    line = "2026-02-01,{},true,7,12.50,".replace("{}", '"{}"')
    assert content.splitlines() == [
        '"at","on","name","gift","count","paid","share"',
        '"2026-02-01T10:30:00Z",' + line.format("ann") + '"0.000000001"',
        ",,,,,,",
        '"2026-02-01T10:30:00Z",' + line.format("") + '"0.000000001"',
    ]


def test_instants_have_their_microseconds_where_there_are_any(tmp_path):
    of = schema(HEADINGS[:1])
    content = written(tmp_path, "csv", [(AT.replace(microsecond=120),), (AT,)], of).read_text()
    assert content.split() == ['"at"', '"2026-02-01T10:30:00.000120Z"', '"2026-02-01T10:30:00Z"']


@pytest.mark.parametrize(
    "text", ["=1+1", "+1", "-1", "@SUM(A1)", "\t=1", "\r=1", "  =1", "＝1", "＋1", "－1", "＠x", "\n@x", "\tx"]
)
def test_a_text_that_a_spreadsheet_would_run_gets_an_apostrophe(tmp_path, text):
    path = written(tmp_path, "csv", texts(text, "plain = 1", "a-b"), TEXT)
    found = csv.read_csv(path, parse_options=csv.ParseOptions(newlines_in_values=True)).to_pylist()
    assert [row["text"].replace("\n", "\r" if "\r" in text else "\n") for row in found] == [
        "'" + text, "plain = 1", "a-b",
    ]  # fmt: skip


def test_json_is_one_object_whose_numbers_are_tokens_with_all_decimals(tmp_path):
    content = written(tmp_path, "json", [ROW, NOTHING, ROW]).read_text()
    assert content.startswith('{"dataset":"sales","labels":{"exact":true},"columns":["at",')
    assert content.count('"paid":12.50,"share":0.000000001}') == 2
    rows = json.loads(content)["rows"]
    assert rows[0] == {
        "at": "2026-02-01T10:30:00Z", "on": "2026-02-01", "name": "ann", "gift": True, "count": 7, "paid": 12.5,
        "share": 1e-9,
    }  # fmt: skip
    assert set(rows[1].values()) == {None}
    assert json.loads(written(tmp_path, "json", []).read_text())["rows"] == []


def test_parquet_has_exact_types_and_says_what_it_is(tmp_path):
    file = pq.ParquetFile(written(tmp_path, "parquet", [ROW, NOTHING]))
    assert json.loads(file.schema_arrow.metadata[b"keepsum"]) == ABOUT
    table = file.read()
    assert [str(one.type) for one in table.schema] == [
        "timestamp[us, tz=UTC]", "date32[day]", "string", "bool", "decimal128(38, 0)", "decimal128(38, 2)",
        "decimal128(38, 9)",
    ]  # fmt: skip
    assert tuple(table.to_pylist()[0].values()) == ROW


def test_a_workbook_has_rows_as_their_types_and_a_sheet_about_them(tmp_path):
    path = written(tmp_path, "xlsx", [ROW, NOTHING, ROW])
    book = openpyxl.load_workbook(path)
    names, first, second, third = book["rows"].iter_rows(values_only=True)
    assert names == tuple(SCHEMA.names)
    assert first == ("2026-02-01T10:30:00Z", dt.datetime(2026, 2, 1), "ann", True, 7, 12.5, 1e-9)  # noqa: DTZ001 -- worksheets have no zones
    assert (set(second), third) == ({None}, first)
    assert (book["rows"]["F2"].number_format, book["rows"]["A1"].font.b) == ("0.00", True)
    assert list(book["about"].iter_rows(values_only=True)) == [("dataset", "sales"), ("labels", '{"exact":true}')]
    assert sorted(p.name for p in tmp_path.iterdir()) == ["file.xlsx"]


def test_a_worksheet_runs_no_text_and_loses_no_digit(tmp_path):
    of = schema((Heading(name="text", kind="text"), Heading(name="much", kind="number", scale=2)))
    rows = [("=1+1", Decimal("9999999999999.99")), ("http://a.example", Decimal("-10000000000000.00")), ("x", None)]
    path = written(tmp_path, "xlsx", rows, of)
    cells = [cell for row in openpyxl.load_workbook(path)["rows"].iter_rows(min_row=2) for cell in row]
    assert [(c.value, c.data_type) for c in cells] == [
        ("=1+1", "s"), (9999999999999.99, "n"), ("http://a.example", "s"), ("-10000000000000.00", "s"), ("x", "s"),
        (None, "n"),
    ]  # fmt: skip
    assert b"<f>" not in zipfile.ZipFile(path).read("xl/worksheets/sheet1.xml")


def test_days_before_worksheets_count_are_texts(tmp_path):
    of = schema((Heading(name="on", kind="date"),))
    rows = texts(dt.date(1900, 2, 28), dt.date(1900, 3, 1), dt.date(1, 1, 1))
    found = openpyxl.load_workbook(written(tmp_path, "xlsx", rows, of))["rows"].iter_rows(min_row=2, values_only=True)
    assert [str(value)[:10] for (value,) in found] == ["1900-02-28", "1900-03-01", "0001-01-01"]


def test_more_rows_than_a_worksheet_has_are_refused(tmp_path, monkeypatch):
    monkeypatch.setattr(sheet, "MOST_IN_SHEET", 3)
    assert written(tmp_path, "xlsx", texts("a", "b", "c"), TEXT)
    with pytest.raises(Invalid, match="SHEET_TOO_LONG: A worksheet has 3 rows at most"):
        written(tmp_path, "xlsx", texts(*"abcd"), TEXT)


def test_a_worksheet_larger_than_archives_of_32_bits_hold_is_refused(tmp_path, monkeypatch):
    monkeypatch.setattr(sheet, "MOST_BYTES", 1_000)
    assert written(tmp_path, "xlsx", texts(*"ab"), TEXT)
    with pytest.raises(Invalid, match="SHEET_TOO_LONG: The worksheet would be larger than 1,000 bytes"):
        written(tmp_path, "xlsx", texts(*"abcdefghijklmnopqrst"), TEXT)


def test_rows_are_where_they_are_said_to_be_whatever_the_size_of_the_pieces(tmp_path, monkeypatch):
    monkeypatch.setattr(sheet, "ROWS_AT_ONCE", 2)
    rows = [(f"t{n}" if n % 3 else None, Decimal(n) if n % 2 else None) for n in range(11)]
    of = schema((Heading(name="text", kind="text"), Heading(name="much", kind="number")))
    path = tmp_path / "file.xlsx"
    assert render.write("xlsx", path, of, batches(rows, 5, of), ABOUT) == len(rows)
    for how in ({}, {"read_only": True}):
        book = openpyxl.load_workbook(path, **how)
        assert list(book["rows"].iter_rows(min_row=2, values_only=True)) == rows
        book.close()


def test_what_is_long_about_a_workbook_goes_on_in_the_next_cell(tmp_path):
    path = tmp_path / "file.xlsx"
    render.write("xlsx", path, TEXT, batches([]), {"long": "x" * 40_000, "short": "y"})
    found = openpyxl.load_workbook(path)["about"].iter_rows(values_only=True)
    assert list(found) == [("long", "x" * 32_767, "x" * 7_233), ("short", "y", None)]


def test_a_file_that_cannot_be_made_is_an_error_of_the_system_in_every_format(tmp_path):
    for form in FORMATS:
        with pytest.raises(OSError, match="No such file"):
            render.write(form, tmp_path / "nowhere" / f"file.{form}", TEXT, batches([]), ABOUT)


def test_columns_beyond_the_alphabet_have_two_letters():
    assert [sheet._letters(place) for place in (0, 25, 26, 51, 701, 702)] == ["A", "Z", "AA", "AZ", "ZZ", "AAA"]


READ = {
    "csv": lambda path: [
        row["text"] for row in csv.read_csv(
            path, parse_options=csv.ParseOptions(newlines_in_values=True),
            convert_options=csv.ConvertOptions(column_types={"text": pa.string()}, strings_can_be_null=False),
        ).to_pylist()
    ],
    "json": lambda path: [row["text"] for row in json.loads(path.read_text())["rows"]],
    "parquet": lambda path: pq.ParquetFile(path).read()["text"].to_pylist(),
    "xlsx": lambda path: [cell.value for (cell,) in openpyxl.load_workbook(path)["rows"].iter_rows(min_row=2)],
}  # fmt: skip
# What a record may hold; a carriage return is a line's end to some readers, and has tests of its own.
ANY_TEXT = some.text(some.characters(codec="utf-8", exclude_characters="\r", min_codepoint=9), min_size=1, max_size=12)
ODD = some.sampled_from(["_x000D_", "_x0041_", "a&b<c>d", '"', "\x0b", "\x1f", "\ufffe", " ", "},{", "a\nb"])


@pytest.mark.parametrize("form", FORMATS)
@given(values=some.lists(ANY_TEXT | ODD, min_size=1, max_size=5))
def test_every_text_comes_back_as_it_was(tmp_path_factory, form, values):
    path = written(tmp_path_factory.getbasetemp(), form, texts(*values), TEXT)
    found = READ[form](path)
    if form == "csv":
        found = [text.removeprefix("'") if text != value else text for text, value in zip(found, values, strict=True)]
    if form == "xlsx":
        found = [unescape(text) for text in found]
    assert found == values
