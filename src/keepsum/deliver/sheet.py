"""Workbooks: a sheet of rows, in which no text is ever a formula and no number loses a digit, and one about them.

The library makes the workbook without its rows; these are laid out column by column as the XML that it would make of
them cell by cell (ECMA-376, part 1, 18.3.1), and go into the archive as they are made.
"""

import re
from collections.abc import Callable, Iterable, Mapping
from decimal import Decimal
from io import BytesIO
from pathlib import Path
from typing import IO, Any
from zipfile import ZIP_DEFLATED, ZipFile

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
MARKED = (
    rf"[&<>]|^\s|\s$|{UNSAFE}"  # texts that are not written as they are, or whose spaces a reader drops unless told
)
ROWS_AT_ONCE = 4_000  # laid out together, so that they stay in the processor's cache
LEVEL = 1  # of deflate: worksheets repeat themselves so much that more of it costs time and saves little
MOST_BYTES = 2_000_000_000  # of a worksheet, before readers have to know the 64-bit form of archives
MOST_IN_CELL = 32_767  # characters; a text of a record has fewer
SHEET = "xl/worksheets/sheet1.xml"

Parts = list[pa.Array | str]  # texts and arrays of texts that stand one behind the other in each row
Cell = Callable[[pa.Array, pa.Array], Parts]  # numbers of rows as texts, values without nulls -> XML


def write_sheet(path: Path, schema: pa.Schema, batches: Iterable[pa.RecordBatch], about: Mapping[str, Any]) -> int:
    """Write a workbook and give how many rows it has; raises `SHEET_TOO_LONG` for more than a sheet holds."""
    with (
        ZipFile(BytesIO(_without_rows(schema, about))) as made,
        ZipFile(path, "w", ZIP_DEFLATED, compresslevel=LEVEL) as book,
    ):
        for one in made.infolist():
            if one.filename != SHEET:
                book.writestr(one, made.read(one))
        begin, styles, end = _around_rows(made.read(SHEET))
        with book.open(SHEET, "w") as file:
            file.write(begin)
            rows = _fill(file, schema, styles, batches)
            file.write(end)
    return rows


def _without_rows(schema: pa.Schema, about: Mapping[str, Any]) -> bytes:
    """Give a workbook with the heading, a second row of empty cells that have their columns' formats, and the rest."""
    import xlsxwriter  # noqa: PLC0415 -- only who writes one needs it

    content = BytesIO()
    how = {"in_memory": True, "strings_to_formulas": False, "strings_to_urls": False}
    with xlsxwriter.Workbook(content, how) as book:  # pyright: ignore[reportArgumentType] -- also takes open files
        bold, sheet, described = (
            book.add_format({"bold": True}),
            book.add_worksheet("rows"),
            book.add_worksheet("about"),
        )
        for place, one in enumerate(schema):
            sheet.write_string(0, place, one.name, bold)
            form = _form(one.type)
            if form is not None:
                sheet.write_blank(1, place, None, book.add_format({"num_format": form}))
        for number, (name, value) in enumerate(about.items()):
            described.write_string(number, 0, name, bold)
            text = value if isinstance(value, str) else msgspec.json.encode(value).decode()
            for place, begin in enumerate(range(0, len(text), MOST_IN_CELL)):
                described.write_string(number, 1 + place, text[begin : begin + MOST_IN_CELL])
    return content.getvalue()


def _form(kind: pa.DataType) -> str | None:
    if pa.types.is_decimal(kind):
        return "0." + "0" * kind.scale if kind.scale else "0"
    return "yyyy-mm-dd" if pa.types.is_date(kind) else None


def _around_rows(sheet: bytes) -> tuple[bytes, Mapping[str, str], bytes]:
    """Give what stands before and behind a sheet's rows, and the style of each column that has one, by its letters.

    How large the sheet is, which the library says in front, is not known yet; readers find out.
    """
    found = re.fullmatch(rb'(.*)<dimension [^>]*/>(.*?)(<row r="2".*?</row>)?(</sheetData>.*)', sheet, re.DOTALL)
    if found is None:
        raise ValueError("The library lays worksheets out in another way.")
    first, second, cells, end = found.groups()
    styles = re.findall(r'<c r="([A-Z]+)2" (s="\d+")/>', (cells or b"").decode())
    return first + second, dict(styles), end


def _fill(file: IO[bytes], schema: pa.Schema, styles: Mapping[str, str], batches: Iterable[pa.RecordBatch]) -> int:
    places = [_letters(place) for place in range(len(schema))]
    cells = {letters: _cell(letters, one.type, styles) for letters, one in zip(places, schema, strict=True)}
    rows = size = 0
    for batch in batches:
        if rows + batch.num_rows > MOST_IN_SHEET:
            message = f"A worksheet has {MOST_IN_SHEET:,} rows at most: export less, or in another format."
            raise Invalid("SHEET_TOO_LONG", message)
        for begin in range(0, batch.num_rows, ROWS_AT_ONCE):
            some = batch.slice(begin, ROWS_AT_ONCE)
            laid = _rows(rows + 2, some, cells)
            rows, size = rows + some.num_rows, size + len(laid)
            if size > MOST_BYTES:
                message = f"The worksheet would be larger than {MOST_BYTES:,} bytes: export less, or in another format."
                raise Invalid("SHEET_TOO_LONG", message)
            file.write(laid)
    return rows


def _rows(first: int, batch: pa.RecordBatch, cells: Mapping[str, Cell]) -> memoryview:
    """Give rows as XML in one piece, without a copy of it."""
    numbers = pa.array(range(first, first + batch.num_rows)).cast(pa.string())
    parts: Parts = ['<row r="', numbers, '">']
    for (letters, cell), column in zip(cells.items(), batch.columns, strict=True):
        found = cell(numbers, column)
        if column.null_count:
            found = [pc.coalesce(joined(*found), joined(f'<c r="{letters}', numbers, '"/>'))]
        parts += found
    rows = joined(*parts, "</row>")
    _, offsets, content = rows.buffers()
    ends = memoryview(offsets).cast("i")
    return memoryview(content)[ends[rows.offset] : ends[rows.offset + len(rows)]]


def _cell(letters: str, kind: pa.DataType, styles: Mapping[str, str]) -> Cell:
    """Give what lays out the values of one column."""
    style = styles.get(letters, "")
    if pa.types.is_decimal(kind):
        return _numbers(letters, style, kind.scale)
    if pa.types.is_date(kind):
        return _dates(letters, style)
    if pa.types.is_boolean(kind):
        return lambda numbers, column: _typed(letters, numbers, 't="b"', column.cast(pa.int8()).cast(pa.string()))
    return lambda numbers, column: _text(letters, numbers, written(column))


def _numbers(letters: str, style: str, scale: int) -> Cell:
    least = Decimal(10**DIGITS).scaleb(-scale)

    def cell(numbers: pa.Array, column: pa.Array) -> Parts:
        spelt = written(column).cast(pa.string())
        is_long = pc.greater_equal(pc.abs(column), pa.scalar(least, column.type))
        return _unless(is_long, letters, numbers, spelt, _typed(letters, numbers, style, spelt))

    return cell


def _dates(letters: str, style: str) -> Cell:
    def cell(numbers: pa.Array, column: pa.Array) -> Parts:
        days = pc.add(column.cast(pa.int32()), EPOCH)
        shown = _typed(letters, numbers, style, days.cast(pa.string()))
        return _unless(pc.less(days, FIRST), letters, numbers, column.cast(pa.string()), shown)

    return cell


def _unless(which: pa.Array, letters: str, numbers: pa.Array, texts: pa.Array, shown: Parts) -> Parts:
    """Give what is shown, and texts in its place where these are wanted."""
    if not pc.any(which).as_py():
        return shown
    return [pc.if_else(which, joined(*_text(letters, numbers, texts)), joined(*shown))]


def _typed(letters: str, numbers: pa.Array, attributes: str, values: pa.Array) -> Parts:
    return [f'<c r="{letters}', numbers, f'" {attributes}><v>', values, "</v></c>"]


def _text(letters: str, numbers: pa.Array, values: pa.Array) -> Parts:
    if pc.any(pc.match_substring_regex(values, MARKED)).as_py():
        return [
            f'<c r="{letters}',
            numbers,
            '" t="inlineStr"><is><t xml:space="preserve">',
            _escaped(values),
            "</t></is></c>",
        ]
    return [f'<c r="{letters}', numbers, '" t="inlineStr"><is><t>', values, "</t></is></c>"]


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
