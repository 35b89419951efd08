import pytest

from keepsum import Attached, Boolean, Epoch, Local, LocalDate, Lookup, Stream, Text, Utc, Zoned, days
from keepsum.engine.misread import misread
from keepsum.model.stream import TimeKind

PLACED = Lookup("orders", on=("order_id", "id"), value="placed_at")


def items(clock, *, time_kind: TimeKind = "instant", **mapping):
    return Stream(
        "items", time="at", time_kind=time_kind, key="id", subject="buyer", keep=days(30),
        fields=(Text("place"), Boolean("paid")),
        attached=Attached("items", url="URL", time=clock, **{"subject": "buyer_id", **mapping}),
    )  # fmt: skip


@pytest.mark.parametrize(
    ("dialect", "clock", "right", "wrong"),
    [
        ("mysql", Zoned, ["timestamp"], ["datetime"]),
        ("mysql", Utc, ["datetime", "timestamp"], ["date", "varchar"]),
        ("mysql", lambda name: Local(name, zone="Europe/Berlin"), ["datetime"], ["timestamp"]),
        ("postgres", Zoned, ["timestamptz"], ["timestamp"]),
        ("postgres", Utc, ["timestamp"], ["timestamptz", "text"]),
        ("postgres", lambda name: Local(name, zone="Europe/Berlin"), ["timestamp"], ["timestamptz"]),
        ("postgres", LocalDate, ["date"], ["timestamp"]),
    ],
)
def test_a_clock_reads_times_of_its_own_kind_only(dialect, clock, right, wrong):
    for column, place in ((clock("at"), ("items", "at")), (clock(PLACED), ("orders", "placed_at"))):
        assert [list(misread(items(column), dialect, {place: kind})) for kind in right] == [[]] * len(right)
        for kind in wrong:
            (fault,) = misread(items(column), dialect, {place: kind})
            assert all(word in fault for word in (*map(repr, place), kind.upper()))
    ((fault),) = misread(items(Epoch("n"), changed=clock("at")), dialect, {("items", "at"): wrong[0]})
    assert "'at'" in fault


def test_bytes_are_no_text_for_mysql():
    types = {("items", "place"): "varchar", ("items", "buyer_id"): "binary", ("items", "paid"): "bit"}
    (fault,) = misread(items(Epoch("at")), "mysql", types)
    assert "'buyer_id' of 'items' is BINARY" in fault
    assert list(misread(items(Epoch("at")), "postgres", {("items", "buyer_id"): "bytea"})) == []


def test_what_nobody_can_see_and_times_as_texts_and_numbers_are_left_to_their_values():
    assert list(misread(items(Zoned("at")), "mysql", {})) == []
    assert list(misread(items(Utc("at", pattern="%Y%m%d%H%M")), "mysql", {("items", "at"): "varchar"})) == []
    assert list(misread(items(Epoch("at")), "mysql", {("items", "at"): "bigint"})) == []
    assert list(misread(items(Zoned("at")), "sqlite", {("items", "at"): "datetime"})) == []
