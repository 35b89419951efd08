import gzip
import json

import pyarrow as pa
import pyarrow.parquet as pq
import pytest
import zstandard

from keepsum.model.errors import Invalid, NotFound, Unavailable
from keepsum.store.files import RecordFile

ROWS = [{"id": str(n), "place": f"place {n}"} for n in range(25)]
CSV = "id,place\n" + "".join(f"{row['id']},{row['place']}\n" for row in ROWS)
LINES = "".join(json.dumps(row) + "\n" for row in ROWS)


def written(tmp_path, name, data):
    path = tmp_path / name
    path.write_bytes(data if isinstance(data, bytes) else data.encode())
    return RecordFile(path)


def read(file, count=10):
    pieces = list(file.pieces(count))
    return (
        [row for piece in pieces for row in piece.rows],
        [place for piece in pieces for place in piece.places],
        [bad for piece in pieces for bad in piece.bad],
    )


def frames(data, size):
    """Several frames one after the other, as tools that append make them."""
    return b"".join(zstandard.compress(data[i : i + size]) for i in range(0, len(data), size))


@pytest.mark.parametrize("text", [CSV, LINES])
@pytest.mark.parametrize(
    ("ending", "pack"),
    [
        ("", bytes),
        (".gz", gzip.compress),
        (".zst", zstandard.compress),
        (".gz", lambda data: gzip.compress(data[:100]) + gzip.compress(data[100:])),
        (".zst", lambda data: frames(data, 100)),
    ],
)
def test_rows_come_in_order_with_their_lines_however_they_are_packed(tmp_path, text, ending, pack):
    name, first = ("a.csv", 2) if text is CSV else ("a.ndjson", 1)
    file = written(tmp_path, name + ending, pack(text.encode()))
    assert read(file) == (ROWS, list(range(first, first + 25)), [])
    assert file.columns() == ("id", "place")


def test_rows_of_parquet_have_their_number(tmp_path):
    pq.write_table(pa.Table.from_pylist(ROWS), tmp_path / "a.parquet")
    file = RecordFile(tmp_path / "a.parquet")
    assert read(file) == (ROWS, list(range(1, 26)), [])
    assert file.columns() == ("id", "place")


def test_what_was_read_grows_to_the_size_of_the_file(tmp_path):
    file = written(tmp_path, "a.csv.gz", gzip.compress(CSV.encode()))
    assert [piece.read for piece in file.pieces(10)][-1] == file.size


def test_a_mark_at_the_start_of_a_file_is_no_part_of_the_first_name(tmp_path):
    assert written(tmp_path, "a.csv", b"\xef\xbb\xbfid,place\n1,york\n").columns() == ("id", "place")


def test_a_row_that_is_not_utf_8_is_bad_and_the_next_is_not(tmp_path):
    file = written(tmp_path, "a.csv", b"id,place\n1,k\xf8ln\n2,york\n")
    assert read(file) == ([{"id": "2", "place": "york"}], [3], [(2, "NOT_UTF_8")])


def test_a_cell_that_is_longer_than_any_is_bad_and_the_next_row_is_not(tmp_path):
    file = written(tmp_path, "a.csv", f"id,place\n1,{'x' * 200_000}\n2,york\n")
    assert read(file) == ([{"id": "2", "place": "york"}], [3], [(2, "ROW_UNREADABLE")])


def test_a_line_that_is_no_object_is_bad_and_empty_ones_are_nothing(tmp_path):
    file = written(tmp_path, "a.ndjson", b'{"a": 1}\n\n[1]\n{"a": NaN}\n{"a": \xff}\n{"a"\n{"a": 2}')
    rows, places, bad = read(file)
    assert (rows, places) == ([{"a": 1}, {"a": 2}], [1, 7])
    assert bad == [(line, "MALFORMED_JSON") for line in (3, 4, 5, 6)]


def test_numbers_of_json_keep_all_their_digits(tmp_path):
    ((row,), _, _) = read(written(tmp_path, "a.ndjson", b'{"a": 0.1000000000000000055, "b": 123456789012345678}\n'))
    assert (str(row["a"]), row["b"]) == ("0.1000000000000000055", 123456789012345678)


def test_a_column_named_twice_is_refused(tmp_path):
    with pytest.raises(Invalid, match=r"COLUMN_TWICE.*'id'"):
        read(written(tmp_path, "a.csv", "id,id\n1,2\n"))


@pytest.mark.parametrize(
    ("name", "data"),
    [
        ("a.csv.gz", gzip.compress(CSV.encode())[:-12]),
        ("a.csv.gz", gzip.compress(CSV.encode())[:-8] + b"\0" * 8),
        ("a.csv.gz", CSV.encode()),
        ("a.csv.zst", zstandard.compress(CSV.encode() * 100)[:-6]),
        ("a.csv.zst", zstandard.compress(CSV.encode()) + b"rest"),
        ("a.csv.zst", CSV.encode()),
        ("a.parquet", b"PAR1"),
    ],
)
def test_a_file_that_ends_too_early_or_is_something_else_is_damaged(tmp_path, name, data):
    with pytest.raises(Unavailable, match="FILE_DAMAGED"):
        read(written(tmp_path, name, data))


def test_a_packed_file_can_be_checked_before_anything_is_read(tmp_path):
    written(tmp_path, "good.csv.gz", gzip.compress(CSV.encode())).check()
    with pytest.raises(Unavailable, match="FILE_DAMAGED"):
        written(tmp_path, "bad.csv.gz", gzip.compress(CSV.encode())[:-12]).check()


@pytest.mark.parametrize("name", ["a.txt", "a", "a.gz", "a.parquet.gz", "a.csv.bz2", ".csv"])
def test_a_format_nobody_knows_is_refused_with_the_known_ones(tmp_path, name):
    with pytest.raises(Invalid, match=r"UNKNOWN_FORMAT.*\.csv"):
        written(tmp_path, name, "")


def test_a_folder_is_no_file(tmp_path):
    (tmp_path / "a.csv").mkdir()
    with pytest.raises(NotFound, match="NO_SUCH_FILE"):
        RecordFile(tmp_path / "a.csv")
