"""Workbooks: a sheet of rows, in which no text is ever a formula and no number loses a digit, and one about them.

The library writes the workbook; the rows of the first sheet are laid out column by column and handed to it as the XML
that it would make of them cell by cell, in a tenth of the time (ECMA-376, part 1, 18.3.1).
"""

import re
from collections.abc import Callable, Iterable, Mapping, Sequence
from decimal import Decimal
from pathlib import Path
from typing import Any

import msgspec
import pyarrow as pa
import pyarrow.compute as pc

from keepsum.deliver.cells import joined, written
from keepsum.model.errors import Invalid
from keepsum.model.export import MOST_IN_SHEET

DIGITS = 15  # of a number in a worksheet, which is a binary float; longer ones are written as texts
EPOCH = 25_569  # what worksheets call the day 1970-01-01
FIRST = 61  # from this day of theirs on, 1900-03-01, worksheets count days as calendars do
UNSAFE = r"[\x00-\x08\x0B-\x1F\x{FFFE}\x{FFFF}]|_x[0-9A-Fa-f]{4}_"  # what texts of a worksheet spell as _xHHHH_

Cell = Callable[[pa.Array, pa.Array], pa.Array]  # numbers of rows as texts, values -> XML


def write_sheet(path: Path, schema: pa.Schema, batches: Iterable[pa.RecordBatch], about: Mapping[str, Any]) -> int:
    """Write a workbook and give how many rows it has; what is written on the way lies beside it.

    Raises `SHEET_TOO_LONG` for more rows than a sheet has.
    """
    import xlsxwriter  # noqa: PLC0415 -- only who writes one needs it
    from xlsxwriter.exceptions import FileCreateError  # noqa: PLC0415 -- the same

    how = {"constant_memory": True, "tmpdir": str(path.parent), "strings_to_formulas": False, "strings_to_urls": False}
    try:
        with xlsxwriter.Workbook(str(path), how) as book:
            book.use_zip64()
            rows = _fill(book, schema, batches)
            described, bold = book.add_worksheet("about"), book.add_format({"bold": True})
            for number, (name, value) in enumerate(about.items()):
                described.write_string(number, 0, name, bold)
                text = value if isinstance(value, str) else msgspec.json.encode(value).decode()
                described.write_string(number, 1, text)
    except FileCreateError as error:
        raise OSError(*error.args) from error
    return rows


def _fill(book: Any, schema: pa.Schema, batches: Iterable[pa.RecordBatch]) -> int:
    sheet = book.add_worksheet("rows")
    cells = [_cell(book, place, one.type) for place, one in enumerate(schema)]
    heading = [_texts(place, book.add_format({"bold": True}))(*_alone(name)) for place, name in enumerate(schema.names)]
    sheet.row_data_fh.write(_rows(pa.array(["1"]), heading))
    rows = 0
    for batch in batches:
        if rows + batch.num_rows > MOST_IN_SHEET:
            message = f"A worksheet has {MOST_IN_SHEET:,} rows at most: export less, or in another format."
            raise Invalid("SHEET_TOO_LONG", message)
        numbers = pa.array(range(rows + 2, rows + 2 + batch.num_rows)).cast(pa.string())
        columns = [cell(numbers, column) for cell, column in zip(cells, batch.columns, strict=True)]
        sheet.row_data_fh.write(_rows(numbers, columns))
        rows += batch.num_rows
    sheet.dim_rowmin, sheet.dim_colmin, sheet.dim_rowmax, sheet.dim_colmax = 0, 0, rows, len(schema) - 1
    return rows


def _alone(name: str) -> tuple[pa.Array, pa.Array]:
    return pa.array(["1"]), pa.array([name])


def _rows(numbers: pa.Array, columns: Sequence[pa.Array]) -> str:
    cells = [pc.fill_null(column, "") for column in columns]
    return "".join(joined('<row r="', numbers, '">', *cells, "</row>").to_pylist())


def _cell(book: Any, place: int, kind: pa.DataType) -> Cell:
    """Give what writes the values of one column."""
    if pa.types.is_decimal(kind):
        form = "0." + "0" * kind.scale if kind.scale else "0"
        return _numbers(place, book.add_format({"num_format": form}), kind.scale)
    if pa.types.is_date(kind):
        return _dates(place, book.add_format({"num_format": "yyyy-mm-dd"}))
    if pa.types.is_boolean(kind):
        return lambda numbers, column: _typed(place, numbers, ' t="b"', column.cast(pa.int8()).cast(pa.string()))
    return _texts(place, None)


def _texts(place: int, form: Any) -> Cell:
    style = "" if form is None else _style(form)

    def cell(numbers: pa.Array, column: pa.Array) -> pa.Array:
        begin = joined(f'<c r="{_letters(place)}', numbers, f'"{style} t="inlineStr"><is><t xml:space="preserve">')
        return joined(begin, _escaped(written(column)), "</t></is></c>")

    return cell


def _numbers(place: int, form: Any, scale: int) -> Cell:
    least, texts, style = Decimal(10**DIGITS).scaleb(-scale), _texts(place, None), _style(form)

    def cell(numbers: pa.Array, column: pa.Array) -> pa.Array:
        spelt = written(column).cast(pa.string())
        found = _typed(place, numbers, style, spelt)
        is_long = pc.greater_equal(pc.abs(column), pa.scalar(least, column.type))
        return pc.if_else(is_long, texts(numbers, spelt), found) if pc.any(is_long).as_py() else found

    return cell


def _dates(place: int, form: Any) -> Cell:
    texts, style = _texts(place, None), _style(form)

    def cell(numbers: pa.Array, column: pa.Array) -> pa.Array:
        days = pc.add(column.cast(pa.int32()), EPOCH)
        found = _typed(place, numbers, style, days.cast(pa.string()))
        return pc.if_else(pc.less(days, FIRST), texts(numbers, column.cast(pa.string())), found)

    return cell


def _typed(place: int, numbers: pa.Array, attributes: str, values: pa.Array) -> pa.Array:
    return joined(f'<c r="{_letters(place)}', numbers, f'"{attributes}><v>', values, "</v></c>")


def _style(form: Any) -> str:
    return f' s="{form._get_xf_index()}"'  # noqa: SLF001 -- what the library itself asks a format for


def _letters(place: int) -> str:
    """Give the letters of a column, counted from 0: A to Z, then AA."""
    text, place = "", place + 1
    while place:
        place, last = divmod(place - 1, 26)
        text = chr(ord("A") + last) + text
    return text


def _escaped(column: pa.Array) -> pa.Array:
    for character, spelt in (("&", "&amp;"), ("<", "&lt;"), (">", "&gt;")):
        column = pc.replace_substring(column, character, spelt)
    if pc.any(pc.match_substring_regex(column, UNSAFE)).as_py():
        column = pa.array([None if text is None else _spelt(text) for text in column.to_pylist()], pa.string())
    return column


def _spelt(text: str) -> str:
    """Spell what XML has no character for, and what looks like that spelling (ECMA-376, part 1, 22.9.2.19)."""
    text = re.sub("_(x[0-9A-Fa-f]{4}_)", r"_x005F_\1", text)
    return re.sub("[\x00-\x08\x0b-\x1f\ufffe\uffff]", lambda found: f"_x{ord(found[0]):04X}_", text)
