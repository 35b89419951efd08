import threading
from concurrent.futures import ThreadPoolExecutor

import pytest
from tests.systems import House, open_all
from tests.tenants import BY, create

from keepsum.assemble.install import DEFAULT
from keepsum.model.errors import Unavailable
from keepsum.pipeline import workspaces


@pytest.fixture
def house(tmp_path):
    house = House(tmp_path)
    yield house
    house.close()


def test_who_opens_a_workspace_keeps_nobody_waiting_who_asks_for_another(house, monkeypatch):
    monkeypatch.setattr("keepsum.assemble.install.LOOKS_EVERY", 0)
    slow = create(house.install, "slow")
    began, may_go_on = threading.Event(), threading.Event()

    def clock():
        if threading.current_thread().name.startswith("slow"):  # opening asks for the time first
            began.set()
            may_go_on.wait(60)
        return house.clock()

    install = open_all(house.folder, "UTC", clock)
    with ThreadPoolExecutor(1, "slow") as one, ThreadPoolExecutor(2, "quick") as others:
        opening = one.submit(install.system, slow)
        try:
            assert began.wait(60)
            assert install.at_hand(slow) is None
            first = others.submit(install.system, DEFAULT).result(20)
            assert others.submit(install.system, DEFAULT).result(20) is first
            assert getattr(others.submit(install.at_hand, DEFAULT).result(20), "system", None) is first
            same = others.submit(install.system, slow)
        finally:
            may_go_on.set()
        assert same.result(20) is opening.result(20)
    install.close()


def test_one_workspace_that_cannot_be_let_go_of_keeps_no_other_open(house, monkeypatch):
    install = open_all(house.folder, "UTC", house.clock)
    collectors = [install.collector(one) for one in (DEFAULT, create(install, "other"))]

    def full(*_given):
        raise Unavailable("DISK_FULL", "Nothing of this step was kept.")

    monkeypatch.setattr("keepsum.assemble.system.workspace.note", full)
    with pytest.raises(Unavailable, match="DISK_FULL"):
        install.close()
    assert [collector._closed for collector in collectors] == [True, True]


def test_a_look_lets_go_of_what_another_process_archived_or_deleted_and_of_nothing_else(house, monkeypatch):
    monkeypatch.setattr("keepsum.assemble.install.LOOKS_EVERY", 0)
    archived, deleted = (create(house.install, name) for name in ("archived", "deleted"))
    install = open_all(house.folder, "UTC", house.clock)
    collectors = {one: install.collector(one) for one in (DEFAULT, archived, deleted)}
    workspaces.archive(house.install, archived, BY)
    workspaces.delete(house.install, deleted, BY)
    install.look()
    assert [one for one, collector in collectors.items() if collector._closed] == [archived, deleted]
    assert install.collector(DEFAULT) is collectors[DEFAULT]
    install.close()
