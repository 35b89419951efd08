from dataclasses import replace

import pytest
from tests.systems import SHOP, House, sale

from keepsum import Pack, Reader
from keepsum.model.catalog import Catalog
from keepsum.model.errors import Invalid, NotFound
from keepsum.pipeline.collect_file import choose_reader, collect_file, records_of
from keepsum.store.files import RecordFile

(STREAM,) = SHOP.streams


def read(row):
    return {"at": f"2026-02-0{row['Day']}T10:00:00Z", "amount": int(row["Amount"])}


TILL = Reader("till", stream="sales", read=read)
BOOK = replace(TILL, name="book")
TEXT = "Day,Amount\n1,5\n1,5\n2,much\n2,7\n"


def catalog(*readers):
    return Catalog((Pack("shop", streams=SHOP.streams, readers=readers),))


@pytest.fixture
def file(tmp_path):
    path = tmp_path / "till.csv"
    path.write_text(TEXT)
    return RecordFile(path)


def collected(house, file, reader=None, **given):
    return collect_file(house.collector, house.stream, file, reader, clock=house.clock, **given)


def test_the_only_reader_of_a_stream_reads_its_csv(file):
    assert choose_reader(catalog(TILL), STREAM, file) is TILL
    assert choose_reader(catalog(), STREAM, file) is None


def test_of_several_readers_one_has_to_be_named(file):
    with pytest.raises(Invalid, match=r"READER_UNNAMED.*till, book"):
        choose_reader(catalog(TILL, BOOK), STREAM, file)
    assert choose_reader(catalog(TILL, BOOK), STREAM, file, "book") is BOOK


def test_a_reader_of_another_stream_is_none_of_this_one(file):
    with pytest.raises(NotFound, match="UNKNOWN_READER"):
        choose_reader(catalog(replace(TILL, stream="returns")), STREAM, file, "till")


def test_columns_that_are_fields_need_no_reader(tmp_path):
    path = tmp_path / "plain.csv"
    path.write_text("at,amount\n2026-02-01T10:00:00Z,5\n")
    assert choose_reader(catalog(TILL), STREAM, RecordFile(path)) is None


def test_what_a_reader_cannot_read_is_refused_on_its_line_and_the_rest_is_kept(tmp_path, file):
    with_house = House(tmp_path / "house", now="2026-02-03T12:00")
    found = collected(with_house, file, TILL)
    assert (found.accepted, found.duplicates, dict(found.rejected)) == (3, 0, {("", "ROW_UNREADABLE"): 1})
    assert [(r.index, r.code) for r in found.rejections] == [(4, "ROW_UNREADABLE")]
    again = collected(with_house, file, TILL)
    assert (again.accepted, again.duplicates) == (0, 3)
    with_house.close()


def test_a_line_of_a_file_is_keyed_by_the_file_and_the_line(file):
    (piece,) = records_of(file, STREAM, TILL)
    assert [row["id"] for row in piece.rows] == [f"{file.digest[:16]}:{line}" for line in (2, 3, 5)]


def test_a_key_of_the_file_stays(tmp_path):
    path = tmp_path / "plain.csv"
    path.write_text("id,at\n7,2026-02-01T10:00:00Z\n,2026-02-01T10:00:00Z\n")
    (piece,) = records_of(RecordFile(path), STREAM, None)
    assert [row["id"] for row in piece.rows] == ["7", None]


def test_batches_of_any_size_collect_the_same(house, tmp_path):
    path = tmp_path / "many.csv"
    path.write_text("id,at,amount\n" + "".join(f"{n},2026-02-01T10:00:00Z,{n % 7}\n" for n in range(40)))
    keys = [
        [row["id"] for piece in records_of(RecordFile(path), STREAM, None, size) for row in piece.rows]
        for size in (1, 7, 99)
    ]
    assert keys[0] == keys[1] == keys[2]
    house.at("2026-02-01T12:00")
    reached = []
    found = collected(house, RecordFile(path), advance=lambda done, records: reached.append((done, records)))
    assert found.accepted == 40
    assert reached[-1] == (path.stat().st_size, 40)


def test_rejections_are_counted_all_and_listed_to_the_hundredth(house, tmp_path):
    path = tmp_path / "bad.csv"
    path.write_text("id,at,amount\n" + "".join(f"{n},2026-02-01T10:00:00Z,much\n" for n in range(250)))
    found = collected(house.at("2026-02-01T12:00"), RecordFile(path))
    assert found.rejected == {("amount", "WRONG_TYPE"): 250}
    assert [r.index for r in found.rejections] == list(range(2, 102))


def test_records_the_workspace_knows_otherwise_are_refused_on_their_line(house, tmp_path):
    house.at("2026-02-01T12:00").collect(sale("7", amount=5))
    path = tmp_path / "plain.csv"
    path.write_text("id,at,amount\n6,2026-02-01T10:00:00Z,1\n7,2026-02-01T10:00:00Z,6\n")
    found = collected(house, RecordFile(path))
    assert [(r.index, r.code) for r in found.rejections] == [(3, "KEY_CONFLICT")]
