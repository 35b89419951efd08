from keepsum.model.control import Control
from keepsum.store import manifest
from keepsum.store.manifest import Segment

BIG = Control(records=3, hash_a=2**64 - 1, hash_b=7, sums={"amount": -(10**27)})


def segment(name, day=20_000, stream="sales", control=BIG):
    return Segment(stream=stream, day=day, file=name, records=3, bytes=100, sha256="ab" * 32, control=control)


def publish(file, *segments):
    with file.write() as connection:
        for one in segments:
            manifest.publish(connection, one, now=1)


def names(segments):
    return [one.file for one in segments]


def test_a_listed_segment_comes_back_as_it_was_written(file):
    publish(file, segment("a"))
    with file.read() as connection:
        (found,) = manifest.of_day(connection, "sales", 20_000)
    assert found.control == BIG
    assert (found.records, found.bytes, found.sha256, found.id) == (3, 100, "ab" * 32, 1)


def test_segments_come_in_arrival_order_day_by_day(file):
    publish(file, segment("b"), segment("z", day=20_001), segment("a"), segment("x", stream="returns"))
    with file.read() as connection:
        assert names(manifest.of_day(connection, "sales", 20_000)) == ["b", "a"]
        found = manifest.of_days(connection, "sales", 20_000, 20_005)
        assert {day: names(segments) for day, segments in found.items()} == {20_000: ["b", "a"], 20_001: ["z"]}
        assert manifest.of_day(connection, "sales", 19_999) == ()
        assert sorted(names(manifest.everything(connection))) == ["a", "b", "x", "z"]


def test_a_withdrawn_segment_is_gone_and_its_number_is_never_used_again(file):
    publish(file, segment("a"), segment("b"))
    with file.write() as connection:
        manifest.withdraw(connection, manifest.of_day(connection, "sales", 20_000)[1:])
        manifest.withdraw(connection, [])
    publish(file, segment("c"))
    with file.read() as connection:
        assert [(s.file, s.id) for s in manifest.of_day(connection, "sales", 20_000)] == [("a", 1), ("c", 3)]
