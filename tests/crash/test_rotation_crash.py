"""Killed at any step of changing the key: everything encrypted can be read, and the change can be done again."""

import shutil
import sys
from contextlib import closing

import pytest
from tests.control_file import Clock
from tests.crash.test_spine_crash import Nursery
from tests.systems import BEGIN, House, instant, open_all

from keepsum.model.access import machine
from keepsum.pipeline import keys, links, people
from keepsum.pipeline.links import Given
from keepsum.store import vault

EMAIL, NAME, SECRET = "zyxomma@petiolatum.example", "Zyxomma Petiolatum", "hunter2"
MACHINE = machine("default")
NOW = instant(BEGIN)


@pytest.fixture(scope="module")
def nursery():
    made = Nursery([sys.executable, "-m", "tests.crash.tenant_process"])
    yield made
    with made.process:
        made.process.kill()


@pytest.fixture(scope="module")
def before(tmp_path_factory):
    """The folder of an install with a person, a link and a secret."""
    house = House(tmp_path_factory.mktemp("rotate"))
    accounts = house.install.accounts
    link = links.owner_link(accounts, MACHINE, now=NOW)
    links.use(accounts, link.text, Given(password="a long sentence", email=EMAIL, name=NAME), now=NOW)
    links.invite(accounts, MACHINE, "invited@petiolatum.example", ("viewer",), now=NOW)
    vault.keep_secret(accounts.control, accounts.vault, "", "smtp_password", SECRET, now=NOW)
    house.close()
    return house.folder


def test_killed_at_any_step_of_a_change_of_keys_nothing_is_without_its_key(nursery, before, tmp_path):
    shutil.copytree(before, tmp_path / "whole")
    said = nursery.run(tmp_path / "whole", does="rotate")
    steps = next(int(words[1]) for words in said if words[0] == "steps")
    assert steps > 8
    for dies_at in range(1, steps + 1):
        folder = tmp_path / str(dies_at)
        shutil.copytree(before, folder)
        nursery.run(folder, does="rotate", dies_at=dies_at)
        assert_readable(folder, f"killed at step {dies_at} of {steps}")


def assert_readable(folder, when):
    with closing(open_all(folder, "UTC", Clock(NOW))) as install:
        accounts = install.accounts
        for _ in range(2):
            found = people.find(accounts, MACHINE, EMAIL)
            assert (found.person.email, found.person.name) == (EMAIL, NAME), when
            assert vault.secret(accounts.control, accounts.vault, "", "smtp_password") == SECRET, when
            keys.rotate(accounts, MACHINE, now=NOW)
        assert len(list((folder / "keys").glob("install-*.key"))) == 1, when
        assert list((folder / "keys").glob(".*")) == [], when
