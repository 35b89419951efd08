"""The embedded home: immutable Parquet segments on disk, DuckDB in memory to compute over them."""

import hashlib
import os
import secrets
import threading
from collections.abc import Generator, Iterable, Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager, suppress
from pathlib import Path

import duckdb
import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq

from keepsum.model.control import Control
from keepsum.model.day import date_of
from keepsum.model.errors import Unavailable
from keepsum.model.layout import RecordLayout
from keepsum.store import disk
from keepsum.store.manifest import Segment

BUFFER = 1 << 20  # bytes of a column's file read ahead where it is read in pieces
SAMPLE = 1 << 12  # records looked at to tell which columns have few values and get a dictionary


class Damaged(Exception):
    """A segment is missing or not what the manifest says; `day` is held, nothing else."""

    def __init__(self, segment: Segment, what: str) -> None:
        super().__init__(f"segment {segment.file!r} {what}")
        self.segment = segment
        self.what = what


class Segments:
    """The folder of segment files of one workspace."""

    def __init__(self, folder: Path, scratch: Path) -> None:
        self.folder, self.scratch = folder, scratch

    def write(self, layout: RecordLayout, day: int, records: pa.Table, control: Control) -> Segment:
        """Write records to a new file in the scratch folder, durably; `place` puts it among the segments."""
        stem = secrets.token_hex(8)
        path = self.scratch / f"{stem}.parquet"
        path.parent.mkdir(parents=True, exist_ok=True)
        with _space(path):
            pq.write_table(
                records.select(list(layout.names)).cast(layout.schema),
                path,
                compression="lz4",
                use_dictionary=_small_columns(records, layout),
                store_schema=False,
                write_statistics=False,
            )
            size = _durable(path)
        return Segment(
            stream=layout.stream.name,
            day=day,
            file=f"{self.folder_of(layout.stream.name, day)}/{stem}.parquet",
            records=records.num_rows,
            bytes=size,
            sha256=file_digest(path),
            control=control,
        )

    def place(self, segment: Segment) -> None:
        """Move a written file to where the manifest is about to list it; call it under the write lock."""
        path = self.path(segment)
        path.parent.mkdir(parents=True, exist_ok=True)
        self.path(segment, placed=False).rename(path)
        for folder in (path.parent, path.parent.parent, self.folder):
            disk.sync(folder)

    def path(self, segment: Segment, *, placed: bool = True) -> Path:
        """Give where a segment's file is: among the segments, or still in the scratch folder."""
        return self.folder / segment.file if placed else self.scratch / Path(segment.file).name

    def discard(self, segment: Segment) -> None:
        """Delete a file that was written but never placed."""
        self.path(segment, placed=False).unlink(missing_ok=True)

    def read(
        self, segment: Segment, layout: RecordLayout, names: Sequence[str] | None = None, *, placed: bool = True
    ) -> pa.Table:
        """Read a segment's columns; one that the file is too old to have is null. Raises `Damaged`."""
        wanted = [f for f in layout.schema if names is None or f.name in names]
        path = self.path(segment, placed=placed)
        try:
            table = _load(path, layout, wanted)
        except FileNotFoundError as error:
            raise Damaged(segment, "is missing") from error
        except Exception as error:
            # Bytes that are not ours make a reader fail in any way it likes; ours never do, so that is a fault of ours.
            if path.is_file() and file_digest(path) == segment.sha256:
                raise
            raise Damaged(segment, "cannot be read") from error
        if table.num_rows != segment.records:
            raise Damaged(segment, f"holds {table.num_rows} records instead of {segment.records}")
        return table

    def pieces(
        self, segment: Segment, layout: RecordLayout, names: Sequence[str], size: int
    ) -> Iterator[pa.RecordBatch]:
        """Open a segment and give its columns so many records at a time, as plain types; so a file never fills memory.

        The file may be deleted meanwhile. Raises `Damaged`, when it is missing at once.
        """
        wanted = [f for f in layout.schema if f.name in names]
        path = self.path(segment)
        try:
            file = pq.ParquetFile(path, buffer_size=BUFFER, pre_buffer=False)
        except FileNotFoundError as error:
            raise Damaged(segment, "is missing") from error
        except Exception as error:
            raise Damaged(segment, "cannot be read") from error
        return _pieces(file, segment, wanted, size)

    def check(self, segment: Segment) -> None:
        """Raise `Damaged` unless the file's bytes are the ones that were proven."""
        path = self.path(segment)
        if not path.is_file():
            raise Damaged(segment, "is missing")
        if file_digest(path) != segment.sha256:
            raise Damaged(segment, "has other bytes than were written")

    def remove(self, files: Iterable[str]) -> None:
        """Delete files durably; one that is gone already is fine."""
        folders = set[Path]()
        for name in files:
            path = self.folder / name
            path.unlink(missing_ok=True)
            folders.add(path.parent)
        for folder in folders:
            # Another process may be removing the same day's files.
            with suppress(FileNotFoundError):
                disk.sync(folder)
                if not any(folder.iterdir()):
                    folder.rmdir()
                    disk.sync(folder.parent)

    @staticmethod
    def folder_of(stream: str, day: int) -> str:
        """Give the folder of a day, relative to that of all segments."""
        return f"{stream}/{date_of(day)}"

    def of_day(self, stream: str, day: int) -> list[str]:
        """Give the files that lie in a day's folder, listed or not."""
        folder = self.folder / self.folder_of(stream, day)
        return sorted(path.relative_to(self.folder).as_posix() for path in folder.glob("*"))

    def digest(self, name: str) -> str:
        """Give the SHA-256 of a file in the folder."""
        return file_digest(self.folder / name)

    def listing(self) -> Iterator[str]:
        """Give every file in the folder, relative to it."""
        for path in sorted(self.folder.rglob("*.parquet")):
            yield path.relative_to(self.folder).as_posix()


INTERRUPTED = "Query interrupted"  # what DuckDB says when a signal's handler raised


class Engine:
    """DuckDB in memory: stateless, with our temp folder and no downloads."""

    def __init__(self, scratch: Path, *, threads: int = 2, memory: str = "1GB") -> None:
        self._scratch, self._threads, self._memory = scratch, threads, memory
        self._local = threading.local()

    def on_one_thread(self) -> "Engine":
        """Give another one that leaves the machine's other processors alone."""
        return Engine(self._scratch, threads=1, memory=self._memory)

    def run(self, sql: str, parameters: Sequence[object], tables: Mapping[str, pa.Table]) -> pa.Table:
        """Run one statement over Arrow tables given by name."""
        connection = self._connection()
        for name, table in tables.items():
            connection.register(name, table)
        try:
            return connection.sql(sql, params=list(parameters)).to_arrow_table()
        except duckdb.OutOfMemoryException as error:
            message = f"The statement needs more than {self._memory} of memory: {error}"
            raise Unavailable("OUT_OF_MEMORY", message) from error
        except RuntimeError as error:
            if str(error) != INTERRUPTED:
                raise
            # TRICKY: this is all that DuckDB leaves of Ctrl-C, which nobody may take for an error.
            raise KeyboardInterrupt from error
        finally:
            for name in tables:
                connection.unregister(name)

    def prepare(self) -> None:
        """Begin to make this thread's connection beside whatever comes before its first statement.

        That takes DuckDB as long as Python needs to read a small day's records, and Python need not wait for it.
        """
        if self._local.__dict__:
            return  # it is made, or being made
        maker = ThreadPoolExecutor(1)
        self._local.coming = maker.submit(self._connect)
        maker.shutdown(wait=False)

    def _connection(self) -> duckdb.DuckDBPyConnection:
        self.prepare()
        mine = self._local.__dict__
        if "coming" in mine:
            mine["connection"] = mine.pop("coming").result()
        return mine["connection"]

    def _connect(self) -> duckdb.DuckDBPyConnection:
        self._scratch.mkdir(parents=True, exist_ok=True)
        options: dict[str, str | bool | int | float | list[str]] = {
            "threads": self._threads,
            "memory_limit": self._memory,
            "temp_directory": str(self._scratch),
            "autoinstall_known_extensions": False,
            "autoload_known_extensions": False,
        }
        return duckdb.connect(":memory:", config=options)


def file_digest(path: Path) -> str:
    """Give the SHA-256 of a file's bytes."""
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def _small_columns(records: pa.Table, layout: RecordLayout) -> list[str]:
    sample = records.slice(0, SAMPLE)
    few = [n for n in layout.names if len(sample.column(n).unique()) * 4 <= max(sample.num_rows, 4)]
    return [n for n in layout.names if n in few or n[2:] in layout.grouped]


def _dimensions(layout: RecordLayout, wanted: Sequence[pa.Field]) -> list[str]:
    return [f.name for f in wanted if f.name[2:] in layout.grouped and pa.types.is_string(f.type)]


def _load(path: Path, layout: RecordLayout, wanted: Sequence[pa.Field]) -> pa.Table:
    """Read columns of a file, checked so far that nothing else trips over them; raises all that a reader may raise."""
    about = pq.read_metadata(path, memory_map=True)
    there = [f for f in wanted if f.name in about.schema.names]
    file = pq.ParquetFile(path, metadata=about, memory_map=True, read_dictionary=_dimensions(layout, there))
    table = file.read(columns=[f.name for f in there], use_threads=False)
    for column in table.columns:
        column.validate(full=not _is_ascii(column))  # texts are UTF-8, and every index is one of its dictionary
    dimensions = _dimensions(layout, wanted)
    return pa.table({f.name: _column(table, f, is_dimension=f.name in dimensions) for f in wanted})


def _pieces(file: pq.ParquetFile, segment: Segment, wanted: Sequence[pa.Field], size: int) -> Iterator[pa.RecordBatch]:
    there = [f.name for f in wanted if f.name in file.schema_arrow.names]
    count = 0
    with file:
        try:
            for batch in file.iter_batches(size, columns=there, use_threads=False):
                batch.validate(full=True)  # texts are UTF-8
                columns = [_column(batch, f, is_dimension=False) for f in wanted]
                count += batch.num_rows
                yield pa.RecordBatch.from_arrays(columns, schema=pa.schema(wanted))
        except (pa.ArrowException, OSError, TypeError, ValueError) as error:
            raise Damaged(segment, "cannot be read") from error
    if count != segment.records:
        raise Damaged(segment, f"holds {count} records instead of {segment.records}")


def _is_ascii(column: pa.ChunkedArray) -> bool:
    """Say whether a column is texts of ASCII alone, which takes a fraction of what it takes to check any other text."""
    if not pa.types.is_string(column.type):
        return False
    datas = (chunk.buffers()[2] for chunk in column.chunks)
    return all(data is None or np.frombuffer(data, np.int8).min(initial=0) >= 0 for data in datas)


def _column(table: pa.Table | pa.RecordBatch, wanted: pa.Field, *, is_dimension: bool) -> pa.Array | pa.ChunkedArray:
    if wanted.name not in table.schema.names:
        return pa.nulls(table.num_rows, pa.dictionary(pa.int32(), wanted.type) if is_dimension else wanted.type)
    column = table.column(wanted.name)
    plain = column.type.value_type if pa.types.is_dictionary(column.type) else column.type
    if plain != wanted.type:
        raise TypeError(f"column {wanted.name!r} is of type {plain}")
    return column


@contextmanager
def _space(path: Path) -> Generator[None]:
    try:
        yield
    except OSError as error:
        path.unlink(missing_ok=True)
        raise Unavailable(
            "DISK_FULL", f"The segment {path.name!r} could not be written: {error.strerror or error}."
        ) from error


def _durable(path: Path) -> int:
    descriptor = os.open(path, os.O_RDONLY)
    try:
        os.fsync(descriptor)
        size = os.fstat(descriptor).st_size
    finally:
        os.close(descriptor)
    return size
