"""Killed, or out of disk, at any step of making an export: its file is there whole, or nothing of it is."""

import shutil
import sys
import time
from contextlib import closing

import pytest
from tests.control_file import Clock
from tests.crash.test_spine_crash import Nursery
from tests.exporting import FIRST, LAST, NOW, Exporting, fill, worker_of
from tests.ordering import AttachedHouse, lay_table, order
from tests.systems import instant, number, open_all

from keepsum.assemble.install import DEFAULT
from keepsum.model.access import machine
from keepsum.model.export import ExportState
from keepsum.pipeline import exports
from keepsum.pipeline.exports import LASTS, Order
from keepsum.store import jobs

ORDER = Order(dataset="orders", format="csv", first=number(FIRST), last=number(LAST), filters={})


@pytest.fixture(scope="module")
def nursery():
    made = Nursery([sys.executable, "-m", "tests.crash.export_process"])
    yield made
    with made.process:
        made.process.kill()


@pytest.fixture(scope="module")
def asked(tmp_path_factory):
    """A folder in which an export waits to be made, and the export."""
    house = fill(Exporting(tmp_path_factory.mktemp("asked")))
    export = house.ask(form="csv")
    house.close()
    return house.folder, export.id


def at_a_step(nursery, folder, tmp_path, seed, at, **more):
    """Run the process in a copy until one of its steps; give the copy and which step."""
    steps = steps_of(nursery, folder, tmp_path, **more)
    for part in range(4):  # a round comes to four of the steps, in different quarters of the way
        step = 1 + (seed * 7 + part * steps // 4) % steps
        copy = tmp_path / f"part-{part}"
        shutil.copytree(folder, copy)
        nursery.run(copy, **{at: step}, **more)
        yield copy, f"step {step} of {steps}"


def steps_of(nursery, folder, tmp_path, **more):
    """How many steps there are when nobody dies."""
    shutil.copytree(folder, tmp_path / "whole")
    return next(int(words[1]) for words in nursery.run(tmp_path / "whole", **more) if words[0] == "steps")


def files(system):
    found = system.exports.folder.path.rglob("*")
    return sorted(path.name for path in found if path.is_file() and path.suffix != ".lock")


def test_killed_at_any_step_an_export_is_made_again_and_nothing_half_made_is_left(nursery, asked, tmp_path, round_seed):
    folder, export = asked
    for copy, when in at_a_step(nursery, folder, tmp_path, round_seed, at="dies_at"):
        with closing(open_all(copy, "UTC", Clock(instant(NOW)))) as install:
            system = install.system(DEFAULT)
            told = exports.look(system.exports, export, machine(DEFAULT))
            assert told.state in (ExportState.PREPARING, ExportState.READY), when
            assert (f"{export}.csv" in files(system)) or told.state is ExportState.PREPARING, when
            # The lease of the one that was killed is over by then.
            worker = worker_of(install, machine_clock=lambda: time.monotonic() + 3_600)
            while worker.step():
                pass
            exports.sweep(system.exports)
            assert files(system) == [f"{export}.csv"], when
            row, file = exports.fetch_own(system.exports, export, machine(DEFAULT))
            with file:
                content = file.read()
            assert (len(content.splitlines()), len(content)) == (1 + 6, row.bytes), when


def test_a_disk_that_is_full_at_any_step_leaves_the_file_whole_or_a_reason(nursery, asked, tmp_path, round_seed):
    folder, export = asked
    for copy, when in at_a_step(nursery, folder, tmp_path, round_seed, at="full_at"):
        with closing(open_all(copy, "UTC", Clock(instant(NOW)))) as install:
            system = install.system(DEFAULT)
            worker = worker_of(install, machine_clock=lambda: time.monotonic() + 3_600)
            while worker.step():
                pass
            exports.sweep(system.exports)
            told = exports.look(system.exports, export, machine(DEFAULT))
            assert told.state in (ExportState.READY, ExportState.FAILED), when
            assert files(system) == ([f"{export}.csv"] if told.state is ExportState.READY else []), when
            assert told.error is None or told.error.partition(":")[0] in ("DISK_FULL", "UNEXPECTED_ERROR"), told.error


NAME = "Zyxomma-Petiolatum"


@pytest.fixture
def attached(tmp_path, database, monkeypatch):
    """A folder in which an export of an application's own rows waits to be made, the export, and the rows' address."""
    lay_table(database, *(order(n, "2026-02-02", user=NAME, email=NAME) for n in range(30)))
    house = AttachedHouse(tmp_path / "asked", database, monkeypatch).at(NOW)
    export = exports.create(house.system.exports, ORDER, machine(DEFAULT))
    house.close()
    return house.folder, export.id, database.url


def opened(folder):
    return closing(open_all(folder, "UTC", Clock(instant(NOW))))


def test_killed_at_any_step_an_applications_rows_are_nowhere_but_in_the_export_and_gone_with_it(
    nursery, attached, tmp_path, round_seed
):
    folder, export, url = attached
    for copy, when in at_a_step(nursery, folder, tmp_path, round_seed, "dies_at", url=url):
        assert {place.parent.name for place in holding(copy)} <= {"exports", *drafts(copy)}, when
        with opened(copy) as install:
            means = install.system(DEFAULT).exports
            worker = worker_of(install, machine_clock=lambda: time.monotonic() + 3_600)
            while worker.step():
                pass
            exports.sweep(means)
            assert [place.name for place in holding(copy)] == [f"{export}.csv"], when
            assert exports.look(means, export, machine(DEFAULT)).rows == 30, when
            install.clock.now += LASTS
            exports.sweep(means)
            install.control.truncate()
            assert holding(copy) == [], when


def holding(folder):
    """The files in which somebody's name stands."""
    paths = (path for path in (folder / "data").rglob("*") if path.is_file())
    return sorted(path for path in paths if NAME.encode() in path.read_bytes())


def drafts(folder):
    """The names of the folders in which files are made."""
    return {path.name for path in (folder / "data").glob("workspaces/*/exports/drafts/*")}


def test_an_export_whose_workers_die_again_and_again_fails_by_itself_and_leaves_no_row(nursery, attached, tmp_path):
    folder, export, url = attached
    dies_at = steps_of(nursery, folder, tmp_path, url=url) // 2
    for death in range(jobs.MOST_ATTEMPTS):
        nursery.run(folder, url=url, dies_at=dies_at, later=death * 3_600)
        with opened(folder) as install:
            told = exports.look(install.system(DEFAULT).exports, export, machine(DEFAULT))
            (job,) = jobs.listing(install.control, DEFAULT)
            assert (told.state, job.attempts) == (ExportState.PREPARING, death + 1)
    nursery.run(folder, url=url, later=jobs.MOST_ATTEMPTS * 3_600)
    with opened(folder) as install:
        means = install.system(DEFAULT).exports
        told = exports.look(means, export, machine(DEFAULT))
        assert (told.state, (told.error or "").partition(":")[0]) == (ExportState.FAILED, "ATTEMPTS_EXHAUSTED")
        exports.sweep(means)
        assert (holding(folder), files(install.system(DEFAULT))) == ([], [])
