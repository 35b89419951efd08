import subprocess
import sys
from dataclasses import replace

import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from tests.systems import SALES, SHOP

from keepsum.engine.control import control_of
from keepsum.model.catalog import Catalog
from keepsum.model.control import Control
from keepsum.model.errors import Unavailable
from keepsum.model.layout import record_layout
from keepsum.store import disk
from keepsum.store.homes import embedded
from keepsum.store.homes.embedded import Damaged, Engine, Segments

DAY = 20_485
LAYOUT = record_layout(Catalog((SHOP,)), SALES)
KEY = bytes(range(32))


@pytest.fixture
def home(tmp_path):
    return Segments(tmp_path / "segments", tmp_path / "scratch")


def table(count=1_000):
    rows = [
        {
            "time": DAY * 86_400_000_000 + i,
            "key": f"key {i}",
            "subject": f"person {i % 7}" if i % 5 else None,
            "slot": i % 7 if i % 5 else None,
            "rank": 1 if i % 5 else None,
            "f_way": ("card", "cash")[i % 2],
            "f_place": ("york", "ä\u2028", "", None)[i % 4],
            "f_amount": (-1) ** i * 10**17 * (i % 9),
            "b_amount": i % 9,
        }
        for i in range(count)
    ]
    return pa.Table.from_pylist(rows, LAYOUT.schema)


def control(records):
    return control_of({name: records.column(name) for name in LAYOUT.names}, LAYOUT.numbers, KEY)


def written(home, records=None, *, place=True):
    records = table() if records is None else records
    segment = home.write(LAYOUT, DAY, records, control(records))
    if place:
        home.place(segment)
    return segment


def plain(records):
    return records.to_pylist()


def test_a_segment_gives_back_what_was_written(home):
    segment = written(home)
    found = home.read(segment, LAYOUT)
    assert plain(found) == plain(table())
    assert control(found) == segment.control
    assert found.column_names == list(LAYOUT.names)
    home.check(segment)


def test_a_written_segment_is_not_among_the_segments_before_it_is_placed(home):
    segment = written(home, place=False)
    assert list(home.listing()) == []
    assert plain(home.read(segment, LAYOUT, placed=False)) == plain(table())
    home.place(segment)
    assert list(home.listing()) == [segment.file]
    assert segment.file.startswith("sales/2026-02-01/")
    assert home.of_day("sales", DAY) == [segment.file]
    assert home.of_day("sales", DAY + 1) == []
    assert list(home.scratch.iterdir()) == []


def test_a_discarded_segment_leaves_nothing(home):
    segment = written(home, place=False)
    home.discard(segment)
    home.discard(segment)
    assert list(home.scratch.iterdir()) == []


def test_a_manifest_row_names_the_bytes_of_its_file(home):
    segment = written(home)
    assert home.path(segment).stat().st_size == segment.bytes
    assert home.digest(segment.file) == segment.sha256
    assert segment.records == 1_000


def test_only_the_columns_that_are_asked_for_are_read(home):
    found = home.read(written(home), LAYOUT, ("f_way", "f_amount", "day"))
    assert found.column_names == ["f_way", "f_amount"]


def test_a_column_that_the_file_is_too_old_to_have_is_null(home):
    older = replace(LAYOUT, stream=replace(SALES, fields=SALES.fields[:1]), bucketed=())
    records = table().select(list(older.names))
    segment = home.write(older, DAY, records, Control())
    home.place(segment)
    found = home.read(segment, LAYOUT)
    assert found.column("f_amount").null_count == found.num_rows
    assert control(found) == control_of({n: records.column(n) for n in older.names}, (), KEY)


def test_a_segment_without_records_can_be_kept(home):
    segment = written(home, table(0))
    assert home.read(segment, LAYOUT).num_rows == 0


def test_a_missing_file_is_damage(home):
    segment = written(home)
    home.path(segment).unlink()
    with pytest.raises(Damaged, match="is missing") as error:
        home.read(segment, LAYOUT)
    assert error.value.segment == segment
    with pytest.raises(Damaged, match="is missing"):
        home.check(segment)


def test_other_bytes_are_damage_even_where_they_hold_the_same_records(home):
    segment, other = written(home), written(home, table().slice(0, 1_000))
    home.path(segment).write_bytes(home.path(other).read_bytes() + b"\n")
    with pytest.raises(Damaged, match="other bytes"):
        home.check(segment)


def test_a_text_that_is_no_utf_8_is_damage(home):
    segment = written(home)
    records = pq.read_table(home.path(segment))
    texts = pa.array([*[b"a"] * 999, b"\xff"]).view(pa.string())
    pq.write_table(records.set_column(records.column_names.index("key"), "key", texts), home.path(segment))
    with pytest.raises(Damaged, match="cannot be read"):
        home.read(segment, LAYOUT)


def test_another_segments_file_in_its_place_is_damage(home):
    segment, other = written(home), written(home, table(999))
    home.path(other).replace(home.path(segment))
    with pytest.raises(Damaged, match="999 records instead of 1000"):
        home.read(segment, LAYOUT)


@pytest.mark.parametrize("part", [0, 1, 0.3, 0.6, 0.9, 0.99])
def test_a_cut_off_file_is_damage(home, part):
    segment = written(home)
    data = home.path(segment).read_bytes()
    home.path(segment).write_bytes(data[: int(len(data) * part)] if part < 1 else data[:-1])
    with pytest.raises(Damaged):
        home.read(segment, LAYOUT)
    with pytest.raises(Damaged):
        home.check(segment)


def test_no_flipped_bit_goes_unnoticed(home, round_seed):
    segment = written(home, table(200))
    path, expected = home.path(segment), segment.control
    data = path.read_bytes()
    for place in range(round_seed % 7, len(data), 7):
        path.write_bytes(data[:place] + bytes([data[place] ^ (1 << place % 8)]) + data[place + 1 :])
        with pytest.raises(Damaged):
            home.check(segment)
        try:
            found = home.read(segment, LAYOUT)
        except Damaged:
            continue
        # What can still be read either adds up to something else or is what was written.
        assert control(found) != expected or plain(found) == plain(table(200))


def test_removing_takes_the_files_and_their_empty_folder(home):
    one, other = written(home), written(home)
    home.remove([one.file])
    assert list(home.listing()) == [other.file]
    home.remove([one.file, other.file])
    assert list(home.folder.iterdir()) == [home.folder / "sales"]
    home.remove([one.file])


def test_two_who_remove_at_once_do_not_trip_over_each_other(home, monkeypatch):
    segment = written(home)
    sync = disk.sync

    def removed_meanwhile(folder):
        if folder.exists() and not any(folder.iterdir()):
            folder.rmdir()
        sync(folder)

    monkeypatch.setattr(disk, "sync", removed_meanwhile)
    home.remove([segment.file])
    assert list(home.listing()) == []


def test_a_full_disk_is_named_and_leaves_no_half_file(home, monkeypatch):
    def full(_descriptor):
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(embedded.os, "fsync", full)
    with pytest.raises(Unavailable, match=r"DISK_FULL.*No space left"):
        written(home)
    assert list(home.scratch.iterdir()) == []


def test_the_engine_computes_over_tables_given_by_name_and_keeps_none_of_them(tmp_path):
    engine = Engine(tmp_path / "scratch", threads=1)
    one = pa.table({"n": [1, 2, 3]})
    assert engine.run("SELECT sum(n) + ? AS total FROM one", [10], {"one": one}).to_pylist() == [{"total": 16}]
    with pytest.raises(Exception, match="one"):
        engine.run("SELECT * FROM one", [], {})


def test_the_engine_may_not_look_beyond_its_tables_or_fetch_anything(tmp_path):
    engine = Engine(tmp_path / "scratch", threads=1)
    with pytest.raises(Exception, match=r"httpfs|extension|autoload"):
        engine.run("SELECT * FROM read_parquet('https://example.org/a.parquet')", [], {})


def test_an_engine_that_could_not_begin_tries_again(tmp_path):
    (tmp_path / "scratch").write_text("in the way")
    engine = Engine(tmp_path / "scratch", threads=1)
    engine.prepare()
    with pytest.raises(FileExistsError):
        engine.run("SELECT 1 AS n", [], {})
    (tmp_path / "scratch").unlink()
    assert engine.run("SELECT 1 AS n", [], {}).to_pylist() == [{"n": 1}]


def test_a_statement_that_needs_too_much_memory_says_so(tmp_path):
    engine = Engine(tmp_path / "scratch", threads=1, memory="20MB")
    sql = "SELECT list(n) AS everything FROM range(30000000) AS t(n)"
    with pytest.raises(Unavailable, match="OUT_OF_MEMORY"):
        engine.run(sql, [], {})
    assert engine.run("SELECT 1 AS n", [], {}).to_pylist() == [{"n": 1}]


STOPPED = """
import os, signal, sys, threading
from pathlib import Path
from keepsum.store.homes.embedded import Engine
engine = Engine(Path(sys.argv[1]), threads=1)
signal.signal(signal.SIGINT, signal.default_int_handler)
threading.Timer(0.3, os.kill, (os.getpid(), signal.SIGINT)).start()
try:
    engine.run("SELECT sum(a.range * b.range) FROM range(1000000) a, range(1000000) b WHERE a.range % 7 = ?", [3], {})
except KeyboardInterrupt:
    print("stopped", end="")
"""


def test_a_statement_that_somebody_stops_is_stopped_and_no_error(tmp_path):
    command = [sys.executable, "-c", STOPPED, str(tmp_path)]
    assert subprocess.run(command, capture_output=True, text=True, check=True, timeout=60).stdout == "stopped"
