import io
import json
import shutil
import sqlite3
import tarfile
from contextlib import closing
from dataclasses import replace
from decimal import Decimal

import pytest
import zstandard
from tests.systems import ASKED_SHOP, House, declare, number, roll_all, sale
from tests.tenants import BY, ask, create, fill, roll

from keepsum.engine.calculate import uniques_error
from keepsum.engine.label import SEVERAL_EPOCHS
from keepsum.model.access import machine
from keepsum.model.errors import Conflict, Invalid, NotFound, ProofFailed, Unavailable
from keepsum.model.ledger import Kind
from keepsum.pipeline import purge
from keepsum.pipeline import workspaces as tenants
from keepsum.pipeline.decide import accept
from keepsum.pipeline.export import export
from keepsum.pipeline.restore import restore
from keepsum.pipeline.verify import verify_ledger
from keepsum.store import days, ledger, parcel, workspaces

FIRST, SECOND, THIRD = "2026-02-01", "2026-02-02", "2026-03-05"
EVERYTHING = ["sales", "amount", "cheapest", "dearest", "invoices", "median"]
MONTHS = {"first": "2026-02-01", "last": "2026-03-31"}


@pytest.fixture
def acme(house):
    """The id of a workspace with a purged day, a sealed one, and one that is still open, in tail and segments."""
    install = house.install
    identity = create(install, "acme")
    fill(install, identity, *sales(FIRST, 60, "early"))
    house.at("2026-02-02T12:00:00Z")
    roll(install, identity)
    house.at("2026-03-05T12:00:00Z")
    fill(install, identity, *sales("2026-03-04", 50, "later"))
    roll_system(house, identity)
    fill(install, identity, *sales(THIRD, 40, "today"))
    return identity


def sales(day, count, name):
    return [
        sale(f"{name}{n}", day, buyer=f"{name} {n % 30}", amount=n, invoice=f"{name} {n}", place="york")
        for n in range(count)
    ]


def roll_system(house, identity):
    system = house.install.system(identity)
    roll_all(system)
    purge.purge(system.workspace, system.calendar(), now=house.clock())


def exported(house, identity, name="acme.tar.zst"):
    path = house.folder / name
    entry = workspaces.get(house.install.control, identity)
    export(house.install.system(identity), entry, path, BY)
    return path


def figures(system):
    return ask(system, EVERYTHING, FIRST, THIRD, by=["place"], grain="day").rows


def moved_on(house, path, *, keys=None):
    """Put an export into a fresh install, with keys laid there before, or without."""
    other = House(house.folder / "other", ASKED_SHOP, now="2026-03-05T12:00:00Z")
    if keys is not None:
        shutil.copytree(house.folder / "keys" / keys, other.folder / "keys" / keys)
    return other, restore(other.install, path, BY)


@pytest.fixture
def moved(house, acme):
    """A fresh install that the workspace was moved into without its keys."""
    other, _ = moved_on(house, exported(house, acme))
    yield other
    other.close()


def test_an_export_holds_no_key_and_everything_else(house, acme):
    path = exported(house, acme)
    with zstandard.open(path) as plain, tarfile.open(mode="r|", fileobj=plain) as tar:
        contents = {member.name: tar.extractfile(member).read() for member in tar}  # pyright: ignore[reportOptionalMemberAccess] -- the test fails without it
    listed = json.loads(contents.pop("list.json"))
    assert {one["name"] for one in listed["files"]} == set(contents)
    keys = [key.read_bytes() for key in (house.folder / "keys" / acme).iterdir()]
    assert not [name for name, content in contents.items() for key in keys if key in content]
    assert path.stat().st_mode & 0o077 == 0


def test_restored_where_its_keys_are_it_is_as_it_was(house, acme):
    path, before = exported(house, acme), figures(house.install.system(acme))
    buyers = ask(house.install.system(acme), ["buyers"], **MONTHS)
    other, done = moved_on(house, path, keys=acme)
    with closing(other):
        system = other.install.system(acme)
        assert (done.new_keys, done.epoch, done.entry.name) == (False, 1, "acme")
        assert figures(system) == before
        assert ask(system, ["buyers"], **MONTHS) == buyers
        assert verify_ledger(system.workspace, deep=True).ok
        assert fill(other.install, acme, *sales(THIRD, 40, "today")).duplicates == 40
        assert fill(other.install, acme, *sales(FIRST, 60, "early")).duplicates == 60


def test_restored_without_keys_it_answers_as_before_and_a_new_epoch_begins(house, acme):
    path, before = exported(house, acme), figures(house.install.system(acme))
    other, done = moved_on(house, path)
    with closing(other):
        system = other.install.system(acme)
        assert (done.new_keys, done.epoch, done.days) == (True, 2, 2)
        assert system.workspace.keys.number == 2
        assert figures(system) == before
        other.at("2026-03-06T12:00:00Z")
        assert roll_all(system).sealed == 2
        assert figures(system) == before
        assert verify_ledger(system.workspace, deep=True).ok
        assert roll_all(system).sealed == 0


def test_after_new_keys_what_lives_is_known_and_nothing_late_is_taken_for_purged_days(moved, acme):
    assert fill(moved.install, acme, *sales(THIRD, 40, "today")).duplicates == 40
    late = fill(moved.install, acme, *sales(FIRST, 60, "early"))
    assert (late.accepted, late.duplicates) == (0, 0)
    assert {rejection.code for rejection in late.rejections} == {"TOO_LATE"}


def not_whole(house, identity, day):
    """A sealed day whose file is lost, with a late record, whose loss is accepted."""
    system = house.install.system(identity)
    segments, stream = system.workspace.segments, system.workspace.catalog.stream("sales")
    (name,) = segments.of_day("sales", number(day))
    (segments.folder / name).unlink()
    fill(house.install, identity, sale("late", day, amount=1_000))
    assert roll_all(system).held == 1
    by = machine(system.id)
    accept(system.workspace, system.calendar(), stream, number(day), "the disk died", caller=by, now=house.clock())


def test_after_new_keys_a_day_that_is_not_whole_keeps_its_figures_and_takes_nothing_late(house, acme):
    not_whole(house, acme, "2026-03-04")
    before = figures(house.install.system(acme))
    other, _ = moved_on(house, exported(house, acme))
    with closing(other):
        system = other.install.system(acme)
        sent = (*sales("2026-03-04", 50, "later"), sale("late", "2026-03-04", amount=1_000))
        for clock in ("2026-03-06T12:00:00Z", "2026-04-04T12:00:00Z"):  # before its purge, and right after
            other.at(clock)
            roll_system(other, acme)
            assert {one.code for one in fill(other.install, acme, *sent).rejections} == {"TOO_LATE"}
            assert figures(system) == before
            assert verify_ledger(system.workspace, deep=True).findings == ()
        with system.workspace.file.read() as connection:
            assert days.state(connection, "sales", number("2026-03-04")).purge == "purged"


def test_after_new_keys_a_day_that_was_held_is_counted_once_when_it_is_accepted(house, acme):
    day, system = number("2026-03-04"), house.install.system(acme)
    fill(house.install, acme, sale("late", "2026-03-04", amount=1_000))
    with system.workspace.file.write() as connection:
        assert connection.exec_driver_sql("DELETE FROM tail_sales WHERE key = 'late'").rowcount == 1
    assert roll_all(system).held == 1
    other, _ = moved_on(house, exported(house, acme))
    with closing(other):
        system = other.install.system(acme)
        stream = system.workspace.catalog.stream("sales")
        by = machine(system.id)
        found = accept(system.workspace, system.calendar(), stream, day, "looked at", caller=by, now=other.clock())
        assert (found.held, found.kept) == ("CONTROL_DIFFERS", None)
        assert roll_all(system).held == 0
        assert ask(system, ["sales"], "2026-03-04", "2026-03-04").rows == ((50,),)


def numbers(answer):
    """The first row of an answer, as numbers."""
    return [Decimal(str(cell)) for cell in answer.rows[0]]


def test_people_of_two_epochs_are_an_interval_and_never_added_up(moved, acme):
    system = moved.install.system(acme)
    moved.at("2026-03-06T12:00:00Z")
    roll_all(system)
    early, later = (
        ask(system, ["buyers"], first, last) for first, last in ((FIRST, SECOND), ("2026-03-01", "2026-03-31"))
    )
    both = ask(system, ["buyers"], **MONTHS)
    (one, _), (two, _), (at_least, error) = map(numbers, (early, later, both))
    assert abs(one - 30) <= 3
    assert at_least == two == max(one, two)
    assert one + two <= at_least + error
    assert SEVERAL_EPOCHS in both.labels.notes
    assert SEVERAL_EPOCHS not in (*early.labels.notes, *later.labels.notes)
    assert one + two <= at_least * (1 + Decimal(both.labels.error["buyers"]))
    assert early.labels.error == later.labels.error == {"buyers": round(uniques_error(), 6)}
    by_day = ask(system, ["buyers"], **MONTHS, grain="day")
    assert max(Decimal(str(row[1] or 0)) for row in by_day.rows) < at_least


def test_the_interval_reaches_into_what_is_still_open(moved, acme):
    both = ask(moved.install.system(acme), ["buyers"], **MONTHS)
    assert SEVERAL_EPOCHS in both.labels.notes


def test_keys_are_lost_twice_and_the_past_is_three_epochs(moved, acme):
    system = moved.install.system(acme)
    moved.at("2026-04-10T12:00:00Z")
    roll_all(system)
    purge.purge(system.workspace, system.calendar(), now=moved.clock())
    fill(moved.install, acme, *sales("2026-04-09", 50, "third"))
    path = exported(moved, acme)
    tenants.delete(moved.install, acme, BY)
    again = restore(moved.install, path, BY)
    assert (again.epoch, again.new_keys) == (3, True)
    system = moved.install.system(acme)
    moved.at("2026-04-11T12:00:00Z")
    roll_all(system)
    found = ask(system, ["buyers"], "2026-02-01", "2026-04-30")
    at_least, error = numbers(found)
    assert at_least * Decimal(found.labels.error["buyers"]) >= error
    assert abs(at_least - 60) <= 3
    assert at_least + error >= 30 + 60 + 30
    assert verify_ledger(system.workspace, deep=True).ok
    with system.workspace.file.read() as connection:
        assert [entry.body["epoch"] for entry in ledger.entries(connection, kind=Kind.REKEYED)] == [2, 3]


def test_a_workspace_that_is_there_is_not_restored_over(house, acme):
    path = exported(house, acme)
    for name in (None, "another"):
        with pytest.raises(Conflict, match="is here already, named 'acme': delete it first"):
            restore(house.install, path, BY, name=name)
    assert len(workspaces.listing(house.install.control)) == 2


def test_a_deleted_workspace_comes_back_without_the_keys_it_had(house, acme):
    path, before = exported(house, acme), figures(house.install.system(acme))
    digests = house.install.system(acme).workspace.keys.digests
    tenants.delete(house.install, acme, BY)
    done = restore(house.install, path, BY, name="emca")
    system = house.install.system(acme)
    assert (done.new_keys, done.entry.name) == (True, "emca")
    assert system.workspace.keys.digests != digests
    assert figures(system) == before


def test_other_keys_of_the_same_name_are_refused_and_kept(house, acme):
    path = exported(house, acme)
    other = House(house.folder / "other", ASKED_SHOP, now="2026-03-05T12:00:00Z")
    with closing(other):
        shutil.copytree(other.folder / "keys" / "default", other.folder / "keys" / acme)
        with pytest.raises(Conflict, match="OTHER_KEYS"):
            restore(other.install, path, BY)
        assert_nothing(other, acme, keys=True)


def test_a_head_that_was_kept_must_be_in_it(house, acme):
    path, head = exported(house, acme), verify_ledger(house.install.system(acme).workspace).head
    tenants.delete(house.install, acme, BY)
    with pytest.raises(ProofFailed, match=r"RESTORE_UNPROVEN.*HEAD_UNKNOWN"):
        restore(house.install, path, BY, head="0" * 64)
    assert restore(house.install, path, BY, head=head).head


def assert_nothing(house, identity, *, keys=False):
    with pytest.raises(NotFound):
        house.install.system(identity)
    assert [path.name for path in (house.folder / "data" / "workspaces").iterdir()] == ["default"]
    assert (house.folder / "keys" / identity).exists() is keys


def contents_of(path):
    with zstandard.open(path) as plain, tarfile.open(mode="r|", fileobj=plain) as tar:
        return [(member.name, tar.extractfile(member).read()) for member in tar]  # pyright: ignore[reportOptionalMemberAccess] -- the test fails without it


def put_together(path, contents, kind=tarfile.REGTYPE):
    with zstandard.open(path, "wb") as packed, tarfile.open(mode="w|", fileobj=packed) as tar:
        for name, content in contents:
            member = tarfile.TarInfo(name)
            member.size, member.type, member.linkname = (
                len(content),
                kind if name != "list.json" else tarfile.REGTYPE,
                "x",
            )
            tar.addfile(member, io.BytesIO(content))


def listing(contents, **changes):
    return [("list.json", json.dumps({**json.loads(contents[0][1]), **changes}).encode()), *contents[1:]]


SPOILED = {
    "not the list first": lambda found: found[1:],
    "no list": lambda _found: [],
    "a list that is none": lambda found: [("list.json", b"{"), *found[1:]],
    "another format": lambda found: listing(found, format=9),
    "no workspace": lambda found: listing(found, workspace={}),
    "a file is missing": lambda found: found[:-1],
    "a file too many": lambda found: [*found, ("segments/sales/2026-02-01/0123456789abcdef.parquet", b"x")],
    "a file outside": lambda found: [*found, ("../../outside", b"x")],
    "the database differs": lambda found: [(n, c if n != "truth.db" else c[:-1] + b"x") for n, c in found],
    "a segment differs": lambda found: [(n, c if "parquet" not in n else c[:-1] + b"x") for n, c in found],
    "a file is shorter": lambda found: [(n, c if n != "truth.db" else c[:-1]) for n, c in found],
    "an id of a path": lambda found: listing(
        found, workspace={**json.loads(found[0][1])["workspace"], "id": "../../keys"}
    ),
    "a list with a path": lambda found: listing(found, files=[{"name": "../x", "bytes": 1, "sha256": ""}]),
}


@pytest.mark.parametrize("how", SPOILED)
def test_an_export_that_is_not_whole_is_refused_and_leaves_nothing(house, acme, how):
    path, spoiled = exported(house, acme), house.folder / "spoiled.tar.zst"
    put_together(spoiled, SPOILED[how](contents_of(path)))
    tenants.delete(house.install, acme, BY)
    with pytest.raises(Invalid, match=r"BAD_EXPORT|BAD_WORKSPACE_NAME"):
        restore(house.install, spoiled, BY)
    assert_nothing(house, acme)
    assert not (house.folder / "outside").exists()
    assert restore(house.install, path, BY).entry.id == acme


def test_links_in_an_export_are_refused(house, acme):
    path, spoiled = exported(house, acme), house.folder / "spoiled.tar.zst"
    put_together(spoiled, [(n, c if n == "list.json" else b"") for n, c in contents_of(path)], tarfile.SYMTYPE)
    tenants.delete(house.install, acme, BY)
    with pytest.raises(Invalid, match="BAD_EXPORT"):
        restore(house.install, spoiled, BY)


@pytest.mark.parametrize("cut", [0, 1, 100, 5_000])
def test_an_export_that_is_cut_off_is_refused(house, acme, cut):
    path = exported(house, acme)
    path.write_bytes(path.read_bytes()[:cut])
    tenants.delete(house.install, acme, BY)
    with pytest.raises(Invalid, match="BAD_EXPORT"):
        restore(house.install, path, BY)
    assert_nothing(house, acme)


def test_what_was_changed_in_the_database_is_found_although_the_list_agrees(house, acme, tmp_path):
    path = exported(house, acme)
    tenants.delete(house.install, acme, BY)
    unpacked = tmp_path / "unpacked"
    parcel.unpack(path, unpacked)
    with closing(sqlite3.connect(unpacked / "truth.db")) as file, file:
        (table,) = file.execute("SELECT table_name FROM generations").fetchone()
        file.execute(f'UPDATE "{table}" SET m_amount_lo = m_amount_lo + 1')
    items = [
        parcel.Item(name=str(one.relative_to(unpacked)), path=one, sha256=parcel.file_digest(one))
        for one in sorted(p for p in unpacked.rglob("*") if p.is_file() and p.name.endswith(("truth.db", ".parquet")))
    ]
    told = {name: value for name, value in parcel.about(path).items() if name not in {"files", "format"}}
    parcel.pack(tmp_path / "changed.tar.zst", told, items)
    with pytest.raises(ProofFailed, match=r"RESTORE_UNPROVEN.*ROWS_DIFFER"):
        restore(house.install, tmp_path / "changed.tar.zst", BY)
    assert_nothing(house, acme)


def test_an_export_is_not_written_over_a_file(house, acme):
    exported(house, acme)
    with pytest.raises(Conflict, match="FILE_EXISTS"):
        exported(house, acme)


@pytest.mark.parametrize("how", ["missing", "damaged"])
def test_a_damaged_workspace_is_not_exported_as_if_it_were_whole(house, acme, how):
    segments = house.install.system(acme).workspace.segments
    path = segments.folder / next(iter(segments.listing()))
    path.unlink() if how == "missing" else path.write_bytes(path.read_bytes()[:-1] + b"x")
    with pytest.raises(Unavailable, match="EXPORT_DAMAGED"):
        exported(house, acme)
    assert [path.name for path in house.folder.iterdir() if "acme" in path.name] == []


def test_an_export_is_one_moment_while_records_come_in(house, acme):
    path = exported(house, acme)
    fill(house.install, acme, *sales(THIRD, 20, "after"))
    other, _ = moved_on(house, path, keys=acme)
    with closing(other):
        assert fill(other.install, acme, *sales(THIRD, 20, "after")).accepted == 20


def test_records_of_a_pack_that_is_not_there_stop_a_restore_without_keys(house, acme):
    declare(house.folder, replace(ASKED_SHOP, name="stall"))
    tenants.switch_packs(house.install, acme, ("stall",), BY)
    path = exported(house, acme)
    tenants.delete(house.install, acme, BY)
    (house.folder / "packs" / "stall.py").unlink()
    with pytest.raises(NotFound, match="UNKNOWN_PACK"):
        restore(house.install, path, BY)
    assert_nothing(house, acme)


def test_no_file_is_no_export(house):
    with pytest.raises(NotFound, match="NO_SUCH_FILE"):
        restore(house.install, house.folder / "nobody", BY)
