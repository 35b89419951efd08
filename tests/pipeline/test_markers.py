"""After a purge nothing that named anybody on a purged day is in any byte of the data directory."""

from pathlib import Path

import pyarrow.parquet as pq
from tests.systems import sale

from keepsum.model.ledger import Kind

SECRET_NAME, SECRET_KEY, SECRET_NOTE, SECRET_INVOICE, SECRET_PIN = (
    "Zyxomma Petiolatum", "key-Qwaszx-77", "her door code is Plokm", "inv-Mnbvc-12", "pin-Lkjhg-99",
)  # fmt: skip
MARKERS = (SECRET_NAME, SECRET_KEY, SECRET_NOTE, SECRET_INVOICE, SECRET_PIN)
GONE, KEPT = "2026-02-01", "2026-02-25"


def marked(day, suffix):
    return sale(
        SECRET_KEY + suffix, day, buyer=SECRET_NAME + suffix, note=SECRET_NOTE + suffix,
        invoice=SECRET_INVOICE + suffix, pin=SECRET_PIN + suffix,
    )  # fmt: skip


def found(folder, markers):
    """Which markers stand in which file: in its bytes, and in what a segment's bytes decode to."""
    hits = set()
    for path in sorted(p for p in Path(folder).rglob("*") if p.is_file()):
        content = path.read_bytes()
        if path.suffix == ".parquet":
            content += repr(pq.ParquetFile(path).read().to_pylist()).encode()
        hits |= {(marker, path.name.split(".")[-1]) for marker in markers if marker.encode() in content}
    return hits


def fill(house):
    house.at("2026-02-25T18:00:00Z")
    house.collect(*(marked(GONE, f"-gone-{i}") for i in range(30)), marked(KEPT, "-kept"))
    house.collect({**marked(GONE, "-refused"), "amount": "no number"})


def test_markers_stand_in_the_files_before_the_purge(house):
    fill(house)
    names = {marker for marker, _ in found(house.folder / "data", [m + "-gone" for m in MARKERS])}
    assert names == {m + "-gone" for m in (SECRET_NAME, SECRET_KEY, SECRET_NOTE, SECRET_INVOICE)}


def test_a_secret_field_is_in_no_byte_at_any_time(house):
    fill(house)
    assert found(house.folder / "data", [SECRET_PIN]) == set()


def test_after_the_purge_no_marker_of_the_purged_day_is_in_any_byte(house):
    fill(house)
    house.at("2026-03-05T12:00:00Z")
    house.roll()
    house.purge()
    assert house.status(GONE) == "purged"
    assert found(house.folder / "data", [m + "-gone" for m in MARKERS] + [m + "-refused" for m in MARKERS]) == set()
    kept = {marker for marker, _ in found(house.folder / "data", [m + "-kept" for m in MARKERS])}
    assert kept == {m + "-kept" for m in (SECRET_NAME, SECRET_KEY, SECRET_NOTE, SECRET_INVOICE)}


def test_corrections_of_a_purged_day_leave_no_marker_either(house):
    fill(house)
    house.at("2026-03-05T12:00:00Z")
    house.roll()
    house.purge()
    receipt = house.collect(marked(GONE, "-late"))
    assert (receipt.accepted, len(house.entries(Kind.CORRECTED))) == (1, 1)
    house.workspace.file.truncate()
    assert found(house.folder / "data", [m + "-late" for m in MARKERS]) == set()


def test_a_day_purged_unproven_leaves_no_marker(house):
    fill(house)
    house.at("2026-03-05T12:00:00Z")
    house.purge_unproven(GONE)
    assert found(house.folder / "data", [m + "-gone" for m in MARKERS]) == set()
