import pytest
from tests.systems import number, sale

from keepsum.model.errors import ProofFailed, Unavailable
from keepsum.model.ledger import Kind
from keepsum.pipeline import move as module
from keepsum.store.homes.embedded import Damaged, Segments

FIRST, SECOND = "2026-02-01", "2026-02-02"


def read(house, day=FIRST):
    """The keys of a day's records as their segments hold them, in order."""
    layout = house.workspace.layout(house.stream)
    return [key for s in house.segments(day) for key in house.workspace.segments.read(s, layout)["key"].to_pylist()]


def scratch(house):
    return list(house.workspace.segments.scratch.iterdir())


def test_an_ended_day_is_moved_whole_and_an_open_one_stays(house):
    house.at("2026-02-02T08:00").collect(sale(1), sale(2), sale(3, day=SECOND, at="2026-02-02T07:00:00Z"))
    assert house.move() == 2
    assert (house.tail(FIRST), house.tail(SECOND)) == (0, 1)
    assert read(house) == ["1", "2"]
    assert house.move() == 0


def test_an_open_day_is_moved_when_its_tail_is_full(house, monkeypatch):
    monkeypatch.setattr(module, "FULL", 3)
    house.collect(sale(1), sale(2))
    assert house.move() == 0
    house.collect(sale(3))
    assert house.move() == 3
    house.collect(sale(4), sale(5), sale(6))
    assert house.move() == 3
    assert read(house) == ["1", "2", "3", "4", "5", "6"]
    assert len(house.segments(FIRST)) == 2


def test_records_are_the_same_after_the_move(house):
    house.collect(sale(1, note="ä\u2028'"), sale(2, buyer=None, place=None, amount=None), sale(3, amount=-(10**18) + 1))
    before = house.state(FIRST).control
    house.move_day(FIRST)
    (segment,) = house.segments(FIRST)
    assert segment.control == before == house.state(FIRST).control
    house.workspace.segments.check(segment)
    house.at("2026-02-02T02:00").roll()
    assert house.status(FIRST) == "sealed"


def test_a_long_tail_is_deleted_in_small_steps(house, monkeypatch):
    monkeypatch.setattr(module, "BATCH", 2)
    house.collect(*(sale(n) for n in range(7)))
    assert house.move_day(FIRST) == 7
    assert house.tail(FIRST) == 0


def test_what_was_moved_but_not_yet_deleted_counts_once(house, monkeypatch):
    house.collect(sale(1), sale(2))
    monkeypatch.setattr(module, "_drop", lambda *_arguments: None)
    house.move_day(FIRST)
    monkeypatch.undo()
    assert (house.tail(FIRST), read(house)) == (2, ["1", "2"])
    house.collect(sale(3))
    house.at("2026-02-02T02:00").roll()
    assert house.status(FIRST) == "sealed"
    assert [row["m_sales"] for row in house.rows().values()] == [3]
    assert house.tail(FIRST) == 0


def test_a_day_that_another_process_moved_meanwhile_is_left_alone(house, monkeypatch):
    house.collect(sale(1), sale(2))
    write = module._write

    def overtaken(*arguments):
        written = write(*arguments)
        if not house.segments(FIRST):
            monkeypatch.setattr(module, "_write", write)
            house.move_day(FIRST)
        return written

    monkeypatch.setattr(module, "_write", overtaken)
    assert house.move_day(FIRST) == 0
    assert read(house) == ["1", "2"]
    assert len(house.files()) == 1
    assert scratch(house) == []


def losing(how):
    """A way of writing that does something to the records first."""
    honest = Segments.write
    return lambda self, layout, day, records, control: honest(self, layout, day, how(records), control)


@pytest.mark.parametrize(
    "how",
    [
        lambda records: records.slice(1),
        lambda records: records.slice(0, 0),
        lambda records: records.take([0, 1, 1]),
        lambda records: records.take([0, 1, 2, 2]),
        lambda records: records.set_column(0, "time", records["time"].take([1, 0, 2])),
    ],
    ids=["a row", "all rows", "one for another", "one twice", "two swapped values"],
)
def test_a_mover_that_does_not_keep_what_it_was_given_is_refused_and_the_records_stay(house, monkeypatch, how):
    records = [sale(n, at=f"{FIRST}T0{n}:00:00Z") for n in (1, 2, 3)]
    house.collect(*records)
    monkeypatch.setattr(Segments, "write", losing(how))
    with pytest.raises(ProofFailed, match=r"CONTROL_DIFFERS.*'sales'.*2026-02-01"):
        house.move_day(FIRST)
    assert (house.tail(FIRST), house.segments(FIRST), house.files(), scratch(house)) == (3, (), [], [])
    house.at("2026-02-02T02:00")
    assert house.move() == 0
    assert (house.status(FIRST), house.state(FIRST).held) == ("held", "CONTROL_DIFFERS")
    assert (house.roll().held, house.entries(Kind.SEALED)) == (1, [])
    house.roll()
    assert len(house.entries(Kind.HELD)) == 1
    monkeypatch.undo()
    assert house.roll().sealed == 1
    assert house.collect(*records).duplicates == 3


def test_a_file_that_cannot_be_read_back_is_refused(house, monkeypatch):
    house.collect(sale(1))

    def broken(_self, segment, *_arguments, **_named):
        raise Damaged(segment, "cannot be read")

    monkeypatch.setattr(Segments, "read", broken)
    with pytest.raises(ProofFailed, match=r"CONTROL_DIFFERS.*cannot be read back"):
        house.move_day(FIRST)
    assert scratch(house) == []


def test_a_move_that_finds_no_room_leaves_nothing_behind_and_can_be_made_again(house, monkeypatch):
    house.collect(sale(1))

    def full(*_arguments, **_named):
        raise Unavailable("DISK_FULL", "no room")

    monkeypatch.setattr(module.manifest, "publish", full)
    with pytest.raises(Unavailable):
        house.move_day(FIRST)
    assert (house.tail(FIRST), house.segments(FIRST), scratch(house)) == (1, (), [])
    monkeypatch.undo()
    assert house.move_day(FIRST) == 1
    assert len(house.files()) == 2  # the one that was placed before the room ran out counts for nothing
    assert module.sweep(house.workspace) == 1
    assert read(house) == ["1"]


def test_a_day_is_brought_together_in_one_file(house):
    for key in (1, 2, 3):
        house.collect(sale(key, place=f"place {key}"))
        house.move_day(FIRST)
    before = house.files()
    assert len(before) == 3
    module.compact(house.workspace, house.stream, number(FIRST), now=house.clock())
    assert read(house) == ["1", "2", "3"]
    assert len(house.files()) == 1
    assert not set(before) & set(house.files())
    module.compact(house.workspace, house.stream, number(FIRST), now=house.clock())
    assert len(house.files()) == 1


def test_records_that_come_while_a_day_is_brought_together_are_not_lost(house, monkeypatch):
    for key in (1, 2):
        house.collect(sale(key))
        house.move_day(FIRST)
    write = module._write

    def meanwhile(*arguments):
        monkeypatch.setattr(module, "_write", write)
        house.collect(sale(3))
        house.move_day(FIRST)
        return write(*arguments)

    monkeypatch.setattr(module, "_write", meanwhile)
    module.compact(house.workspace, house.stream, number(FIRST), now=house.clock())
    assert read(house) == ["1", "2", "3"]
    assert len(house.files()) == 3
    assert scratch(house) == []


def test_a_damaged_file_is_named_when_a_day_is_brought_together(house):
    for key in (1, 2):
        house.collect(sale(key))
        house.move_day(FIRST)
    one, other = (house.workspace.segments.path(s) for s in house.segments(FIRST))
    one.write_bytes(other.read_bytes())
    with pytest.raises(Damaged, match="has other bytes"):
        module.compact(house.workspace, house.stream, number(FIRST), now=house.clock())
    assert len(house.segments(FIRST)) == 2


def test_files_that_no_manifest_lists_are_swept_and_listed_ones_stay(house):
    house.collect(sale(1))
    house.move_day(FIRST)
    (listed,) = house.files()
    orphan = house.workspace.segments.folder / "sales" / "2026-01-09" / "orphan.parquet"
    orphan.parent.mkdir()
    orphan.write_bytes(b"left by a crash")
    assert module.sweep(house.workspace) == 1
    assert house.files() == [listed]
    assert not orphan.parent.exists()
    orphan.parent.mkdir()
    orphan.write_bytes(b"left by a crash")
    assert house.open().files() == [listed]
