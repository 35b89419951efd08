"""Exports a table of SQLite as a team would write it: `python -m bench.export_plain FORMAT FILE TO`.

CSV by Python's own module, JSON a row at a time, Parquet by pyarrow, a workbook by openpyxl in its write-only mode. It
prints what `export_once` prints. Nothing is checked on the way, and no text is kept from being run as a formula.
"""

import csv
import json
import sqlite3
import sys
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import closing
from itertools import chain, islice
from pathlib import Path
from typing import Any

from bench.memory import of_process

AT_ONCE = 20_000
NUMBERS = ("amount_cents", "duration_ms")
Rows = Iterator[tuple[Any, ...]]


def write_csv(path: Path, names: list[str], rows: Rows) -> None:
    with path.open("w", newline="", encoding="utf-8") as file:
        writer = csv.writer(file)
        writer.writerow(names)
        writer.writerows(rows)


def write_json(path: Path, names: list[str], rows: Rows) -> None:
    with path.open("w", encoding="utf-8") as file:
        for number, row in enumerate(rows):
            file.write(("," if number else "[") + "\n" + json.dumps(dict(zip(names, row, strict=True))))
        file.write("\n]\n")


def write_xlsx(path: Path, names: list[str], rows: Rows) -> None:
    from openpyxl import Workbook

    book = Workbook(write_only=True)
    sheet = book.create_sheet("rows")
    for row in chain([names], rows):
        sheet.append(row)
    book.save(path)


def write_parquet(path: Path, names: list[str], rows: Rows) -> None:
    import pyarrow as pa
    import pyarrow.parquet as pq

    schema = pa.schema(
        [(name, pa.int64() if name in ("amount_cents", "duration_ms") else pa.string()) for name in names]
    )
    with pq.ParquetWriter(path, schema, compression="zstd") as writer:
        while some := list(islice(rows, AT_ONCE)):
            columns = zip(*some, strict=True)
            arrays = [pa.array(column, one.type) for column, one in zip(columns, schema, strict=True)]
            writer.write_batch(pa.RecordBatch.from_arrays(arrays, schema=schema))


WRITERS: Mapping[str, Callable[[Path, list[str], Rows], None]] = {
    "csv": write_csv,
    "json": write_json,
    "xlsx": write_xlsx,
    "parquet": write_parquet,
}


def main() -> None:
    form, source, target = sys.argv[1], sys.argv[2], Path(sys.argv[3])
    with closing(sqlite3.connect(source)) as connection:
        (count,) = connection.execute("SELECT count(*) FROM events").fetchone()
        idle, begin = of_process("VmRSS"), time.perf_counter()
        cursor = connection.execute("SELECT * FROM events ORDER BY ts")
        WRITERS[form](target, [name for name, *_ in cursor.description], iter(cursor))
        took = time.perf_counter() - begin
    found = {"seconds": took, "rows": count, "bytes": target.stat().st_size, "idle": idle, "peak": of_process("VmHWM")}
    print(json.dumps(found))


if __name__ == "__main__":
    main()
