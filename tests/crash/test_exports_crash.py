"""Killed, or out of disk, at any step of making an export: its file is there whole, or nothing of it is."""

import shutil
import sys
import time
from contextlib import closing

import pytest
from tests.control_file import Clock
from tests.crash.test_spine_crash import Nursery
from tests.exporting import NOW, Exporting, fill, worker_of
from tests.systems import instant, open_all

from keepsum.assemble.install import DEFAULT
from keepsum.model.access import machine
from keepsum.model.export import ExportState
from keepsum.pipeline import exports


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


def at_a_step(nursery, folder, tmp_path, seed, **how):
    """Run the process in a copy until one of its steps; give the copy and which step."""
    shutil.copytree(folder, tmp_path / "whole")
    steps = next(int(words[1]) for words in nursery.run(tmp_path / "whole") if words[0] == "steps")
    for part in range(4):  # a round comes to four of the steps, in different quarters of the way
        number = 1 + (seed * 7 + part * steps // 4) % steps
        copy = tmp_path / f"part-{part}"
        shutil.copytree(folder, copy)
        nursery.run(copy, **{how["at"]: number})
        yield copy, f"step {number} of {steps}"


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
