import gzip
import json

import pyarrow as pa
import pyarrow.parquet as pq
import pytest
import zstandard
from tests.systems import sale

ROWS = [sale(n, buyer=f"b{n}", amount=n) for n in range(1, 4)]
CSV = "id,at,buyer,way,place,amount\n" + "".join(
    ",".join(str(row[name]) for name in ("id", "at", "buyer", "way", "place", "amount")) + "\n" for row in ROWS
)
LINES = "".join(json.dumps(row) + "\n" for row in ROWS)


def parquet(path):
    pq.write_table(pa.Table.from_pylist(ROWS), path)


WRITERS = {
    "a.csv": lambda path: path.write_text(CSV),
    "a.csv.gz": lambda path: path.write_bytes(gzip.compress(CSV.encode())),
    "a.csv.zst": lambda path: path.write_bytes(zstandard.compress(CSV.encode())),
    "a.ndjson": lambda path: path.write_text(LINES),
    "a.jsonl.gz": lambda path: path.write_bytes(gzip.compress(LINES.encode())),
    "a.ndjson.zst": lambda path: path.write_bytes(zstandard.compress(LINES.encode())),
    "a.parquet": parquet,
}


def counts(said):
    return [(one["accepted"], one["duplicates"], one["rejected"]) for one in said.json["files"]]


@pytest.mark.parametrize("name", sorted(WRITERS))
def test_every_format_is_collected_once_and_known_the_second_time(install, name):
    path = install.folder / name
    WRITERS[name](path)
    first = install("collect", path, "--stream=sales", "--json")
    second = install("collect", path, "--stream=sales", "--json")
    assert (first.code, counts(first)) == (0, [(3, 0, 0)])
    assert (second.code, counts(second)) == (0, [(0, 3, 0)])


def test_the_same_records_in_all_formats_are_the_same_records(install):
    for name, write in WRITERS.items():
        write(install.folder / name)
    said = install("collect", *(install.folder / name for name in WRITERS), "--stream=sales", "--json")
    assert counts(said) == [(3, 0, 0)] + [(0, 3, 0)] * (len(WRITERS) - 1)


def test_lines_without_a_key_are_keyed_by_file_and_line_so_that_copies_count(install):
    path = install.folder / "till.csv"
    path.write_text("at,buyer,amount\n" + "2026-02-01T10:00:00Z,ann,5\n" * 4)
    assert counts(install("collect", path, "--stream=sales", "--json")) == [(4, 0, 0)]
    assert counts(install("collect", path, "--stream=sales", "--json")) == [(0, 4, 0)]


def test_a_bad_row_is_told_by_line_field_and_code_and_never_by_its_value(install):
    person = "anna@example.org"
    rows = [sale("1"), sale("2", amount=person), sale("3", way="cheque"), sale("4", colour="red")]
    said = install("collect", install.write("some.ndjson", rows), "--stream=sales", "--json")
    assert (said.code, counts(said)) == (1, [(1, 0, 3)])
    assert said.json["files"][0]["rejections"] == [
        {"line": 2, "field": "amount", "code": "WRONG_TYPE"},
        {"line": 3, "field": "way", "code": "NOT_AN_OPTION"},
        {"line": 4, "field": "colour", "code": "UNKNOWN_FIELD"},
    ]
    again = install("collect", install.folder / "some.ndjson", "--stream=sales")
    assert person not in said.out + said.err + again.out + again.err
    assert "amount WRONG_TYPE 1" in again.words


def test_lines_are_counted_as_an_editor_counts_them(install):
    path = install.folder / "till.csv"
    path.write_text('id,at,place\n1,2026-02-01T10:00:00Z,"a\nb"\n\n2,2026-02-01T10:00:00Z\n3,soon,york\n')
    said = install("collect", path, "--stream=sales", "--json")
    assert counts(said) == [(1, 0, 2)]
    assert [(r["line"], r["code"]) for r in said.json["files"][0]["rejections"]] == [
        (5, "COLUMNS_DIFFER"),
        (6, "TIME_MALFORMED"),
    ]


def test_rejects_are_counted_by_field_and_reason_in_the_workspace(install):
    rows = [sale(n, amount="much") for n in range(3)]
    install("collect", install.write("some.ndjson", rows), "--stream=sales")
    said = install("collect", install.folder / "some.ndjson", "--stream=sales", "--json")
    assert said.json["files"][0]["reasons"] == [{"field": "amount", "code": "WRONG_TYPE", "count": 3}]


def test_a_key_with_another_record_is_a_conflict_on_its_line(shop):
    said = shop("collect", shop.write("more.ndjson", [sale("new"), sale("1-0", amount=99)]), "--stream=sales", "--json")
    (rejection,) = said.json["files"][0]["rejections"]
    assert (rejection["line"], rejection["code"]) == (2, "KEY_CONFLICT")


def test_a_file_cut_off_leaves_nothing_behind(install):
    path = install.folder / "till.csv.gz"
    path.write_bytes(gzip.compress(("at,amount\n" + "2026-02-01T10:00:00Z,5\n" * 20_000).encode(), mtime=0)[:-20])
    said = install("collect", path, "--stream=sales")
    assert said.code == 4
    assert "FILE_DAMAGED" in said.err
    assert install("days", "--json").json == {"days": []}


@pytest.mark.parametrize(
    ("name", "code", "exit_code"), [("none.csv", "NO_SUCH_FILE", 2), ("sales.xlsx", "UNKNOWN_FORMAT", 2)]
)
def test_a_file_that_cannot_be_collected_is_named(install, name, code, exit_code):
    (install.folder / "sales.xlsx").write_text("")
    said = install("collect", install.folder / name, "--stream=sales")
    assert said.code == exit_code
    assert said.err.startswith(f"keepsum: {code}: ")


def test_an_unknown_stream_or_reader_is_named_with_those_there_are(install):
    path = install.write("some.ndjson", [])
    assert "UNKNOWN_STREAM" in install("collect", path, "--stream=sails").err
    assert "UNKNOWN_READER" in install("collect", path, "--stream=sales", "--reader=till").err


def test_an_empty_file_is_no_error(install):
    for name in ("none.csv", "none.ndjson"):
        (install.folder / name).write_text("")
        said = install("collect", install.folder / name, "--stream=sales", "--json")
        assert (said.code, counts(said)) == (0, [(0, 0, 0)])
