"""Files of rows: CSV, JSON, Parquet and workbooks, written batch by batch, so that memory does not grow with them.

Rows come as Arrow batches of plain columns; `about` is what the file says of itself where its format has a place for
that: JSON in front of the rows, a workbook on a second sheet, Parquet in its metadata. A CSV has none.
"""

from collections.abc import Callable, Iterable, Mapping, Sequence
from pathlib import Path
from typing import Any

import msgspec
import pyarrow as pa

from keepsum.deliver.cells import is_written, without_formulas, written
from keepsum.deliver.sheet import write_sheet
from keepsum.model.export import Format

About = Mapping[str, Any]
Batches = Iterable[pa.RecordBatch]

_encode = msgspec.json.Encoder(decimal_format="number").encode


def write(form: Format, path: Path, schema: pa.Schema, batches: Batches, about: About) -> int:
    """Write rows into a new file and give how many they are; raises `SHEET_TOO_LONG`, and what the system refuses."""
    return RENDERERS[form](path, schema, batches, about)


def write_csv(path: Path, schema: pa.Schema, batches: Batches, _about: About) -> int:
    """Write CSV in UTF-8: texts in quotes, no value as nothing at all, no text that a spreadsheet would run."""
    from pyarrow import csv  # noqa: PLC0415 -- only who writes one needs it

    texts = pa.schema([pa.field(one.name, pa.string() if is_written(one.type) else one.type) for one in schema])
    rows = 0
    with csv.CSVWriter(str(path), texts, write_options=csv.WriteOptions(quoting_style="needed")) as writer:
        for batch in batches:
            columns = [written(without_formulas(column)) for column in batch.columns]
            writer.write_batch(pa.RecordBatch.from_arrays(columns, schema=texts))
            rows += batch.num_rows
    return rows


def write_json(path: Path, schema: pa.Schema, batches: Batches, about: About) -> int:
    """Write one object of JSON: what it is about, its columns, and under `rows` an object for each row, in a line.

    Numbers are tokens with all their decimals, never passed through a float.
    """
    names, rows = schema.names, 0
    with path.open("wb") as file:
        file.write(_encode({**about, "columns": names})[:-1] + b',"rows":[')
        for batch in batches:
            columns = [_tokens(column) for column in batch.columns]
            lines = [_encode(dict(zip(names, row, strict=True))) for row in zip(*columns, strict=True)]
            if lines:
                file.write((b",\n" if rows else b"\n") + b",\n".join(lines))
            rows += len(lines)
        file.write(b"\n]}\n")
    return rows


def _tokens(column: pa.Array) -> Sequence[Any]:
    if not pa.types.is_decimal(column.type):
        return written(column).to_pylist()
    texts = written(column).cast(pa.string()).to_pylist()
    return [None if text is None else msgspec.Raw(text.encode()) for text in texts]


def write_parquet(path: Path, schema: pa.Schema, batches: Batches, about: About) -> int:
    """Write Parquet with exact types: decimals, instants in UTC, dates; what it is about is its metadata `keepsum`."""
    from pyarrow import parquet  # noqa: PLC0415, TID251 -- this file leaves, and no manifest ever lists it

    rows = 0
    noted = schema.with_metadata({"keepsum": _encode(about)})
    with parquet.ParquetWriter(path, noted, compression="zstd") as writer:
        for batch in batches:
            writer.write_batch(pa.RecordBatch.from_arrays(batch.columns, schema=noted))
            rows += batch.num_rows
    return rows


RENDERERS: Mapping[Format, Callable[[Path, pa.Schema, Batches, About], int]] = {
    "csv": write_csv,
    "json": write_json,
    "xlsx": write_sheet,
    "parquet": write_parquet,
}
