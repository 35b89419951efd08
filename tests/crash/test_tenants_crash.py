"""Killed at any step of making, deleting or restoring a workspace: it is there whole, or nothing of it is.

Killed while its k is changed, it has the one or the other, and the audit log has every change that was made.
"""

import shutil
import sys
from contextlib import closing

import pytest
from tests.control_file import Clock
from tests.crash.tenant_process import EXPORT
from tests.crash.test_spine_crash import Nursery
from tests.systems import BEGIN, House, instant, open_all, sale
from tests.tenants import BY, bytes_with, create, fill

from keepsum.model.audit import Kind
from keepsum.pipeline import audit
from keepsum.pipeline import workspaces as tenants
from keepsum.pipeline.audit import Wanted
from keepsum.pipeline.export import export
from keepsum.pipeline.verify import verify_ledger
from keepsum.store import days, workspaces

RARE = "somebody rare"
DEEDS = ("create", "change", "delete", "restore")


@pytest.fixture(scope="module")
def nursery():
    made = Nursery([sys.executable, "-m", "tests.crash.tenant_process"])
    yield made
    with made.process:
        made.process.kill()


@pytest.fixture(scope="module")
def before(tmp_path_factory):
    """A folder as it is before each of the deeds, by its name."""
    found = {}
    for does in DEEDS:
        house = House(tmp_path_factory.mktemp(does))
        if does != "create":
            identity = create(house.install, "acme")
            fill(house.install, identity, *(sale(n, buyer=RARE) for n in range(5)))
        if does == "restore":
            entry = workspaces.get(house.install.control, identity)
            export(house.install.system(identity), entry, house.folder / EXPORT, BY)
            tenants.delete(house.install, identity, BY)
        house.close()
        found[does] = house.folder
    return found


def steps_of(nursery, folder, does, tmp_path):
    shutil.copytree(folder, tmp_path / "whole")
    return next(int(words[1]) for words in nursery.run(tmp_path / "whole", does=does) if words[0] == "steps")


@pytest.mark.parametrize("does", DEEDS)
def test_killed_at_any_step_the_workspace_is_there_whole_or_not_at_all(nursery, before, tmp_path, round_seed, does):
    steps = steps_of(nursery, before[does], does, tmp_path)
    for part in range(4):  # a round comes to four of the steps, in different quarters of the way
        dies_at = 1 + (round_seed * 7 + part * steps // 4) % steps
        folder = tmp_path / f"{does}-{part}"
        shutil.copytree(before[does], folder)
        nursery.run(folder, does=does, dies_at=dies_at)
        assert_whole_or_gone(folder, f"killed at step {dies_at} of {steps}")


def assert_whole_or_gone(folder, when):
    with closing(open_all(folder, "UTC", Clock(instant(BEGIN)))) as install:
        there = {entry.name: entry for entry in workspaces.listing(install.control)}
        with install.control.read() as connection:
            noted = connection.exec_driver_sql("SELECT id FROM workspaces ORDER BY id").scalars().all()
        assert sorted(entry.id for entry in there.values()) == noted, when
        assert sorted(path.name for path in (folder / "keys").iterdir() if path.is_dir()) == noted, when
        folders = sorted(entry.folder for entry in there.values())
        assert sorted(path.name for path in (folder / "data" / "workspaces").iterdir()) == folders, when
        if "acme" in there:
            system = install.system(there["acme"].id)
            assert verify_ledger(system.workspace, deep=True).ok, when
            assert_changed_or_not(install, system.workspace, when)
            fill(install, system.id, sale("one more"))
            tenants.delete(install, system.id, BY)
        assert bytes_with(folder / "data", RARE) == [], when
        assert create(install, "acme"), when


def assert_changed_or_not(install, workspace, when):
    k, identity = workspace.terms().k, workspace.identity.id
    with workspace.file.read() as connection:
        noted = [state.steps for state in days.states(connection, "sales").values()]
    assert (k, noted) in ((10, []), (10, [()]), (5, [((5, 10),)])), when
    told = audit.page(install.control, Wanted(workspace=identity, kind=Kind.SETTINGS_CHANGED))
    assert [dict(one.body) for one in told] == [{"k": 5, "before": 10}] or k == 10, when
