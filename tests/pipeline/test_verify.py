"""The ledger's check finds every change to what the chain covers, unless its author rewrote the chain as well."""

import shutil
import sqlite3
from functools import cache
from pathlib import Path
from tempfile import mkdtemp

import pytest
from tests.systems import PLACE_DAILY, House, sale

from keepsum.model.layout import RollupLayout
from keepsum.model.ledger import GENESIS, link
from keepsum.pipeline.verify import verify_ledger

TABLE = RollupLayout(rollup=PLACE_DAILY).table
PURGED, SEALED, OPEN = "2026-02-01", "2026-02-25", "2026-03-05"
# What the chain says nothing about: when things happened to be written, what is still going on, and how far a day
# was touched, which makes it one that is rolled again. How long figures are kept is for the declaration to say.
FREE = {
    "stream_days": {
        *("touched", "sealed", "moved", "version", "held", "held_detail", "held_at", "accepted"),
        *("purged_at", "late_until"),
    },
    "segments": {"id", "control", "created_at"},
    "generations": {"id", "created_at", "stream", "keep_days", "keep_months"},
    "workspace": {"created_at"},
}


@cache
def template():
    """A folder with a purged and corrected day, a sealed day and an open one."""
    house = House(Path(mkdtemp()))
    house.at("2026-02-25T18:00:00Z")
    for day in (PURGED, SEALED):
        for i in range(24):
            fields = {"buyer": f"buyer {i}", "amount": i, "place": ("york", "leeds", "hull", "ripon")[i % 4]}
            house.collect(sale(f"{day}-{i}", day, invoice=f"{day} {i}", way=("card", "cash")[i % 2], **fields))
    house.at("2026-03-05T12:00:00Z")
    house.roll()
    house.purge()
    house.collect(*(sale(f"late-{i}", PURGED, buyer=f"late {i}", amount=3) for i in range(12)))
    house.collect(sale("open", OPEN))
    house.workspace.file.truncate()
    house.close()
    return house.folder


@pytest.fixture
def house(tmp_path):
    shutil.copytree(template(), tmp_path / "house")
    made = House(tmp_path / "house", fresh=False, now="2026-03-05T12:00:00Z")
    yield made
    made.close()


def tampered(house, statement, *parameters):
    """Change the file behind the product's back; give how many rows that touched."""
    with sqlite3.connect(house.workspace.file.path) as connection:
        return connection.execute(statement, parameters).rowcount


def tables(house):
    with sqlite3.connect(house.workspace.file.path) as connection:
        names = [name for (name,) in connection.execute("SELECT name FROM sqlite_master WHERE type = 'table'")]
        return {name: [row[1] for row in connection.execute(f'PRAGMA table_info("{name}")')] for name in names}


COVERED = (
    "workspace", "days", "stream_days", "control_sums", "segments", "generations", "rolled", "published", "ledger",
    TABLE, f"{TABLE}_parts", f"{TABLE}_atoms",
)  # fmt: skip


def where(table):
    """The rows of a table that a seal, a purge or a correction speaks of."""
    if table in {"stream_days", "control_sums", "segments"}:
        return "day <= (SELECT max(day) FROM rolled)"
    return "number <= (SELECT max(day) FROM rolled)" if table == "days" else "1"


def test_what_nobody_touched_is_as_the_ledger_says(house):
    verdict = verify_ledger(house.workspace, deep=True)
    assert (verdict.ok, verdict.findings) == (True, ())
    assert verdict.seals == len(house.entries("sealed"))


@pytest.mark.parametrize("table", COVERED)
def test_every_changed_value_is_found(house, table):
    columns = [c for c in tables(house)[table] if c not in FREE.get(table, set())]
    assert columns
    kept, missed = saved(house), []
    for column in columns:
        other = f"""CASE WHEN "{column}" IS NULL THEN 7 WHEN typeof("{column}") = 'blob' THEN x'00'
                    WHEN typeof("{column}") = 'integer' THEN "{column}" + 1 ELSE "{column}" || 'x' END"""
        assert tampered(house, f'UPDATE OR REPLACE "{table}" SET "{column}" = {other} WHERE {where(table)}'), column
        if verify_ledger(house.workspace).ok:
            missed.append(column)
        restore(house, kept)
    assert missed == []


@pytest.mark.parametrize("table", COVERED)
def test_every_missing_row_is_found(house, table):
    keys = ", ".join(f'"{c}"' for c in tables(house)[table])
    chosen = f'SELECT {keys} FROM "{table}" WHERE {where(table)}'
    with sqlite3.connect(house.workspace.file.path) as connection:
        rows = connection.execute(chosen).fetchall()
    kept, newest = saved(house), head(house)
    for row in (rows[0], rows[-1]):
        same = " AND ".join(f'"{c}" IS ?' for c in tables(house)[table])
        assert tampered(house, f'DELETE FROM "{table}" WHERE {same}', *row) == 1
        # The last entry is missed only by who kept the head.
        assert not verify_ledger(house.workspace, head=newest if table == "ledger" else None).ok, row
        restore(house, kept)


def head(house):
    with sqlite3.connect(house.workspace.file.path) as connection:
        return connection.execute("SELECT hash FROM ledger ORDER BY seq DESC").fetchone()[0]


def saved(house):
    """A copy of the file as it is."""
    kept = house.folder / "kept.db"
    shutil.copyfile(house.workspace.file.path, kept)
    return kept


def restore(house, kept):
    with sqlite3.connect(kept) as whole, sqlite3.connect(house.workspace.file.path) as changed:
        whole.backup(changed)


def test_a_row_that_was_never_sealed_is_found(house):
    names = ", ".join(f'"{c}"' for c in tables(house)[TABLE] if c != "day")
    tampered(house, f'INSERT INTO "{TABLE}" (day, {names}) SELECT day + 400, {names} FROM "{TABLE}" LIMIT 1')
    assert {f.code for f in verify_ledger(house.workspace).findings} == {"ROWS_UNKNOWN"}


def test_a_chain_rewritten_from_the_change_on_passes_until_a_kept_head_is_asked_for(house):
    kept = head(house)
    with sqlite3.connect(house.workspace.file.path) as connection:
        rows = connection.execute("SELECT seq, at, kind, stream, day, body FROM ledger ORDER BY seq").fetchall()
        previous = GENESIS
        for seq, at, kind, stream, day, body in rows:
            text = body.replace('"reason":"first"', '"reason":"touched"')
            digest = link(seq, at, kind, stream, day, text, previous)
            statement = "UPDATE ledger SET body = ?, previous = ?, hash = ? WHERE seq = ?"
            connection.execute(statement, (text, previous, digest, seq))
            previous = digest
    assert verify_ledger(house.workspace).ok
    assert {f.code for f in verify_ledger(house.workspace, head=kept).findings} == {"HEAD_UNKNOWN"}


def test_a_kept_head_holds_while_the_chain_grows(house):
    kept = head(house)
    house.at("2026-03-06T12:00:00Z").roll()
    assert head(house) != kept
    assert verify_ledger(house.workspace, head=kept).ok


def test_only_a_deep_check_reads_the_bytes_of_segments(house):
    path = house.workspace.segments.folder / house.segments(SEALED)[0].file
    content = bytearray(path.read_bytes())
    content[len(content) // 2] ^= 1
    path.write_bytes(content)
    assert verify_ledger(house.workspace).ok
    assert "SEGMENT_DAMAGED" in {f.code for f in verify_ledger(house.workspace, deep=True).findings}


def test_a_missing_segment_and_a_stray_file_are_found(house):
    path = house.workspace.segments.folder / house.segments(SEALED)[0].file
    path.rename(path.with_name("stray.parquet"))
    assert {f.code for f in verify_ledger(house.workspace).findings} == {"SEGMENT_DAMAGED", "FILE_UNKNOWN"}
