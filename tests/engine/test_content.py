"""The content hash: the same for the same rows, another for anything else."""

import hashlib

import pyarrow as pa
import pytest

from keepsum.engine.content import content, content_of_rows, contents_by_day
from keepsum.model.layout import Column

ROWS = [(1, "a", b"\x00", None), (1, None, None, True), (2, "", b"", False), (2, "日本", b"\xff" * 9, None)]
COLUMNS = [Column("day", "integer"), Column("d_x", "text"), Column("data", "bytes"), Column("flag", "boolean")]
TABLE = pa.table(
    {
        "day": pa.array([row[0] for row in ROWS], pa.int32()),
        "d_x": [row[1] for row in ROWS],
        "data": pa.array([row[2] for row in ROWS], pa.binary()),
        "flag": pa.array([row[3] for row in ROWS], pa.bool_()),
    }
)


def test_the_hash_is_of_the_bytes_that_the_docs_describe():
    eight = lambda number: number.to_bytes(8, "little", signed=True)  # noqa: E731 - the bytes below read better
    expected = eight(2) + eight(1) + b"n" + eight(7) + b"integer" + b"\x01\x00" + eight(-5) + eight(0)
    expected += eight(1) + b"t" + eight(4) + b"text" + b"\x01\x01" + eight(2) + eight(1) + b"ab" + b"c"
    table = pa.table({"n": pa.array([-5, None], pa.int64()), "t": ["ab", "c"]})
    assert content(table) == hashlib.sha256(expected).hexdigest()


def test_rows_out_of_a_database_have_the_hash_of_the_table_they_came_from():
    assert content_of_rows(COLUMNS, ROWS) == content(TABLE)
    assert content_of_rows(COLUMNS, []) == content(TABLE.slice(0, 0))


@pytest.mark.parametrize(
    "changed",
    [
        TABLE.take([1, 0, 2, 3]),
        TABLE.slice(0, 3),
        pa.concat_tables([TABLE, TABLE.slice(3)]),
        TABLE.rename_columns(["day", "d_y", "data", "flag"]),
        TABLE.select(["day", "data", "d_x", "flag"]),
        TABLE.set_column(1, "d_x", pa.array(["a", "", None, "日本"])),  # null and empty swapped
        TABLE.set_column(1, "d_x", pa.array(["a", None, "日", "本"])),  # the same bytes, cut elsewhere
        TABLE.set_column(1, "d_x", TABLE["d_x"].cast(pa.binary())),
        TABLE.set_column(0, "day", pa.array([1, 1, 2, 3], pa.int32())),
        TABLE.set_column(3, "flag", pa.array([False, True, False, None])),
    ],
)
def test_any_change_gives_another_hash(changed):
    assert content(changed) != content(TABLE)


def test_the_form_in_memory_changes_nothing():
    chunked = pa.concat_tables([TABLE.slice(0, 1), TABLE.slice(1, 2), TABLE.slice(3)])
    wide = TABLE.set_column(0, "day", TABLE["day"].cast(pa.int64()))
    coded = TABLE.set_column(1, "d_x", TABLE["d_x"].dictionary_encode())
    large = TABLE.set_column(1, "d_x", TABLE["d_x"].cast(pa.large_string()))
    assert {content(table) for table in (chunked, wide, coded, large)} == {content(TABLE)}
    assert content(TABLE.slice(1, 2)) == content(TABLE.take([1, 2]))
    assert content(pa.concat_tables([TABLE, TABLE]).slice(2, 4)) == content(TABLE.take([2, 3, 0, 1]))


def test_what_lies_under_a_null_is_not_part_of_the_content():
    mask, texts = pa.array([False, True, False, False]), pa.array(["a", "hidden", "", "日本"])
    validity = pa.array([True, False, True, True]).buffers()[1]
    hidden = pa.Array.from_buffers(pa.string(), 4, [validity, *texts.buffers()[1:]])
    assert mask.to_pylist() == hidden.is_null().to_pylist()
    assert content(TABLE.set_column(1, "d_x", hidden)) == content(TABLE)


def test_each_day_has_the_hash_of_its_own_rows_in_their_order():
    mixed = TABLE.take([2, 0, 3, 1])
    by_day = {1: content(TABLE.slice(0, 2)), 2: content(TABLE.slice(2))}
    assert contents_by_day(TABLE) == contents_by_day(mixed) == by_day
    assert contents_by_day(TABLE.slice(0, 0)) == {}


def test_a_number_that_is_not_exact_has_no_content():
    with pytest.raises(TypeError):
        content(pa.table({"x": [0.5]}))
