import shutil

import pytest
from structlog.testing import capture_logs
from tests.systems import DAY, declare, open_all, sale
from tests.tenants import BY, ask, bytes_with, create, fill, roll

from keepsum import Pack
from keepsum.cli.worker import make_worker
from keepsum.model.errors import Conflict, Invalid, NotFound, Unavailable
from keepsum.model.workspace import WorkspaceState
from keepsum.pipeline import jobs, move
from keepsum.pipeline import workspaces as tenants
from keepsum.pipeline.verify import verify_ledger
from keepsum.store import audit, schedules, workspaces
from keepsum.store import jobs as stored_jobs
from keepsum.store.lock import FileLock

GONE = pytest.mark.parametrize("identity", ["nobody", "", "default' OR 1=1", "../default", "DEFAULT"])


@pytest.fixture
def install(house):
    return house.install


def names(install):
    return [entry.name for entry in workspaces.listing(install.control)]


def rows(control, table, **columns):
    where = " WHERE " + " AND ".join(f"{name} = ?" for name in columns) if columns else ""
    with control.read() as connection:
        return connection.exec_driver_sql(f"SELECT * FROM {table}{where}", tuple(columns.values())).all()


def test_a_new_workspace_has_keys_and_files_of_its_own(house, install):
    identity = create(install, "acme", zone="Europe/Rome", k=20)
    made = install.system(identity).workspace
    assert (made.identity.zone, made.terms().k) == ("Europe/Rome", 20)
    assert made.keys.digests != house.workspace.keys.digests
    assert made.file.path.parent != house.workspace.file.path.parent
    assert names(install) == ["acme", "default"]
    assert verify_ledger(made).ok


def test_a_new_workspace_has_the_packs_that_are_enabled_when_it_is_made_and_keeps_them(house, install):
    identity = create(install, "acme")
    declare(house.folder, Pack("later"))
    assert [pack.name for pack in install.catalog(None).packs] == ["later", "shop"]
    assert [pack.name for pack in install.system(identity).catalog.packs] == ["shop"]


def test_records_of_one_workspace_are_none_of_another(house, install):
    other = create(install, "acme")
    assert fill(install, other).accepted == 20
    assert house.collect(sale(1, buyer="b1")).accepted == 1
    house.clock.now += DAY
    assert roll(install, other).sealed == roll(install, "default").sealed == 1
    assert ask(install.system(other), "sales").rows != ask(house.system, "sales").rows


def test_the_schedules_of_a_new_workspace_are_there_at_once_in_its_zone(install):
    identity = create(install, "acme", zone="Europe/Rome")
    found = {row.name: row.zone for row in schedules.listing(install.control, identity)}
    assert found == {"nightly": "Europe/Rome", "move": "UTC", "sweep": "UTC"}


@pytest.mark.parametrize("name", ["", "A", "a b", "a/b", "..", "a-", "-a", "1a", "a--b", "a" * 41, "é", "a\n"])
def test_a_name_that_is_none_is_refused(install, name):
    with pytest.raises(Invalid, match="BAD_WORKSPACE_NAME"):
        create(install, name)
    assert names(install) == ["default"]


def test_a_name_is_given_once(house, install):
    create(install, "acme")
    for again in (lambda: create(install, "acme"), lambda: tenants.rename(install, "default", "acme", BY)):
        with pytest.raises(Conflict, match="WORKSPACE_EXISTS"):
            again()
    assert names(install) == ["acme", "default"]
    for folder in (house.folder / "data" / "workspaces", house.folder / "keys"):
        assert len([path for path in folder.iterdir() if path.is_dir()]) == 2


@pytest.mark.parametrize("how", [{"packs": ("nobody",)}, {"zone": "Mars/Olympus"}])
def test_what_cannot_be_made_leaves_nothing(house, install, how):
    with pytest.raises((NotFound, Invalid)):
        create(install, "acme", **how)
    assert names(install) == ["default"]
    assert [path.name for path in (house.folder / "keys").iterdir() if path.is_dir()] == ["default"]


def test_making_that_fails_half_way_leaves_nothing(house, install, monkeypatch):
    def fails(*made):
        type(install).make(install, *made).close()
        raise RuntimeError("half way")

    monkeypatch.setattr(install, "make", fails)
    with pytest.raises(RuntimeError):
        create(install, "acme")
    assert names(install) == ["default"]
    assert [path.name for path in (house.folder / "keys").iterdir() if path.is_dir()] == ["default"]
    assert [path.name for path in (house.folder / "data" / "workspaces").iterdir()] == ["default"]
    monkeypatch.undo()
    assert create(install, "acme")


def test_a_renamed_workspace_keeps_its_id_and_what_it_has(install):
    identity = create(install, "acme")
    fill(install, identity)
    opened = install.system(identity)
    assert tenants.rename(install, identity, "emca", BY).id == identity
    assert install.system(identity) is opened  # whoever works on it is not interrupted
    assert workspaces.named(install.control, "emca").id == identity
    with pytest.raises(NotFound, match="UNKNOWN_WORKSPACE"):
        workspaces.named(install.control, "acme")
    assert create(install, "acme") != identity


def test_an_archived_workspace_takes_nothing_in_and_answers_as_before(house, install):
    identity = create(install, "acme")
    fill(install, identity)
    house.clock.now += DAY
    roll(install, identity)
    before = ask(install.system(identity), "sales").rows
    tenants.archive(install, identity, BY)
    with pytest.raises(Conflict, match="WORKSPACE_ARCHIVED"):
        fill(install, identity, sale(99))
    with pytest.raises(Conflict, match="WORKSPACE_ARCHIVED"):
        install.system(identity).collector()
    assert ask(install.system(identity), "sales").rows == before
    assert house.collect(sale(1)).accepted == 1


def test_an_archived_workspace_is_purged_in_time_and_nobody_starts_a_job_of_it(house, install):
    identity = create(install, "acme")
    fill(install, identity)
    tenants.archive(install, identity, BY)
    with pytest.raises(Conflict, match="WORKSPACE_ARCHIVED"):
        jobs.start(install.system(identity), "roll", {}, "test", BY)
    assert [row.name for row in schedules.listing(install.control, identity)] == ["nightly", "sweep"]
    house.clock.now += 40 * DAY
    worker = make_worker(install)
    while worker.step():
        pass
    assert rows(install.system(identity).workspace.file, "stream_days", purge="purged")


def test_one_worker_serves_all_workspaces(house, install):
    found = {name: create(install, name) for name in ("acme", "emca")}
    for identity in found.values():
        fill(install, identity)
    worker = make_worker(install)
    house.clock.now += DAY
    while worker.step():
        pass
    for identity in found.values():
        assert rows(install.system(identity).workspace.file, "stream_days WHERE seal IS NOT NULL")
        done = [job.job for job in stored_jobs.listing(install.control, identity) if job.state == "done"]
        assert sorted(set(done)) == ["move", "nightly", "sweep"]


def test_a_workspace_that_cannot_be_opened_keeps_the_worker_from_no_other(house, install):
    broken, whole = create(install, "acme"), create(install, "emca")
    fill(install, whole)
    install.let_go(broken)
    shutil.rmtree(house.folder / "keys" / broken)
    with capture_logs() as lines:
        worker = make_worker(install)
    assert [(line["event"], line["workspace"]) for line in lines] == [("workspace not opened", broken)]
    house.clock.now += DAY
    while worker.step():
        pass
    assert rows(install.system(whole).workspace.file, "stream_days WHERE seal IS NOT NULL")
    failed = {job.error.partition(":")[0] for job in stored_jobs.listing(install.control, broken) if job.error}
    assert failed == {"KEY_FILE_MISSING"}


def test_settings_of_one_workspace_keep_nobody_from_another(house, install):
    identity = create(install, "acme", zone="Europe/Rome")
    install.let_go(identity)
    assert "zone" in install.settings.model_fields_set
    assert install.system(identity).workspace.identity.zone == "Europe/Rome"


def test_strangers_are_not_told_why_a_workspace_cannot_be_opened(house, install):
    identity = create(install, "acme")
    install.let_go(identity)
    for key in (house.folder / "keys" / identity).iterdir():
        key.write_bytes(b"x" * 32)
    with pytest.raises(Conflict, match="OTHER_KEYS"):
        install.system(identity)
    install.is_served = True
    with capture_logs() as lines, pytest.raises(Unavailable, match="WORKSPACE_UNUSABLE"):
        install.system(identity)
    assert [line["error"].partition(":")[0] for line in lines] == ["OTHER_KEYS"]


def test_an_archived_workspace_can_be_taken_back(install):
    identity = create(install, "acme")
    tenants.archive(install, identity, BY)
    assert tenants.archive(install, identity, BY, undo=True).state is WorkspaceState.ACTIVE
    assert fill(install, identity).accepted == 20
    assert len(schedules.listing(install.control, identity)) == 3


def test_packs_are_switched_for_one_workspace_while_others_are_open(house, install):
    declare(house.folder, Pack("later"))
    identity = create(install, "acme", packs=("later",))
    with pytest.raises(NotFound, match="UNKNOWN_STREAM"):
        fill(install, identity)
    tenants.switch_packs(install, identity, ("shop",), BY)
    assert fill(install, identity).accepted == 20
    tenants.switch_packs(install, identity, ("later",), BY)
    assert list(install.system(identity).catalog.streams) == []
    tenants.switch_packs(install, identity, ("shop", "later"), BY)
    assert fill(install, identity).duplicates == 20
    with pytest.raises(NotFound, match="UNKNOWN_PACK"):
        tenants.switch_packs(install, identity, ("nobody",), BY)
    assert list(house.system.catalog.streams) == ["sales"]


def test_a_deleted_workspace_leaves_nothing_but_its_receipt(house, install):
    identity = create(install, "acme")
    fill(install, identity, *(sale(n, buyer="somebody rare") for n in range(3)))
    digests = install.system(identity).workspace.keys.digests
    house.clock.now += DAY
    roll(install, identity)
    assert bytes_with(house.folder / "data", "somebody rare")
    receipt = tenants.delete(install, identity, BY)
    assert receipt["streams"]["sales"] == {
        "records": 3, "purged_before": 0, "first_day": "2026-02-01", "last_day": "2026-02-01"
    }  # fmt: skip
    assert receipt["keys_destroyed"] == digests.split(",")
    assert (receipt["name"], receipt["by"]) == ("acme", "machine")
    assert workspaces.receipts_given(install.control) == [receipt]
    assert names(install) == ["default"]
    assert bytes_with(house.folder / "data", "somebody rare") == []
    assert [path.name for path in (house.folder / "data" / "workspaces").iterdir()] == ["default"]
    assert [path.name for path in (house.folder / "keys").iterdir() if path.is_dir()] == ["default"]
    for table in ("jobs", "schedules", "members", "tokens", "sessions", "links"):
        assert rows(install.control, table, workspace=identity) == []


def test_a_deletion_is_in_the_audit_log_which_outlives_it(install):
    identity = create(install, "acme")
    tenants.delete(install, identity, BY)
    with install.control.read() as connection:
        kinds = [event.kind for event in audit.newest(connection) if event.workspace == identity]
    assert kinds == ["workspace_deleted", "workspace_created"]


def test_people_go_with_their_last_workspace(install):
    identity = create(install, "acme")
    with install.control.write() as connection:
        for person, homes in (("here", (identity,)), ("both", (identity, "default")), ("there", ("default",))):
            connection.exec_driver_sql("INSERT INTO people VALUES (?, ?, 'e', 'n', NULL, 0, NULL)", (person, person))
            for home in homes:
                connection.exec_driver_sql("INSERT INTO members VALUES (?, ?, '[]', NULL, NULL, 0)", (home, person))
    tenants.delete(install, identity, BY)
    assert sorted(row.id for row in rows(install.control, "people")) == ["both", "there"]
    assert sorted(row.person for row in rows(install.control, "members")) == ["both", "there"]


def test_a_workspace_that_cannot_be_opened_can_be_deleted(house, install):
    identity = create(install, "acme")
    install.let_go(identity)
    for key in (house.folder / "keys" / identity).iterdir():
        key.write_bytes(b"x" * 32)
    receipt = tenants.delete(install, identity, BY)
    assert receipt["unreadable"] == "OTHER_KEYS"
    assert names(install) == ["default"]


def test_another_process_notices_that_a_workspace_is_gone(house, install, monkeypatch):
    monkeypatch.setattr("keepsum.assemble.install.LOOKS_EVERY", 0)
    identity = create(install, "acme")
    other = open_all(house.folder, "UTC", house.clock)
    try:
        fill(other, identity)
        before = other.collector(identity)
        tenants.delete(install, identity, BY)
        assert other.at_hand(identity) is None
        for use in (other.system, other.collector):
            with pytest.raises(NotFound, match="UNKNOWN_WORKSPACE"):
                use(identity)
        with pytest.raises(Unavailable, match="SHUTTING_DOWN"):  # nothing of it is left open
            before.submit("sales", before.intake("sales").convert([sale(1)], now=house.clock()))
    finally:
        other.close()


def test_who_still_writes_to_a_deleted_workspace_leaves_no_file(house, install):
    identity = create(install, "acme")
    other = open_all(house.folder, "UTC", house.clock)
    try:
        fill(other, identity)
        system = other.system(identity)
        tenants.delete(install, identity, BY)
        with pytest.raises(Unavailable, match="DATABASE_FAILED"):
            move.move(system.workspace, system.calendar(), now=house.clock() + 2 * DAY)
    finally:
        other.close()
    assert [path.name for path in (house.folder / "data" / "workspaces").iterdir()] == ["default"]


def test_the_last_workspace_may_go_and_none_comes_by_itself(house):
    tenants.delete(house.install, "default", BY)
    house.collector.close()
    house.install.close()
    house.system = house.collector = None
    house.install = open_all(house.folder, "UTC", house.clock)
    assert names(house.install) == []
    assert create(house.install, "default") != "default"


def test_one_that_waits_for_its_maker_is_left_alone_while_the_maker_lives(house, install):
    with FileLock(house.folder / "data" / "workspaces.lock").held():
        with install.control.write() as connection:
            entry = workspaces.WorkspaceEntry(
                id="X", name="x", folder="X", state=WorkspaceState.MAKING, packs=(), created_at=0
            )
            workspaces.add(connection, entry, {"keys": "made"})
        open_all(house.folder, "UTC", house.clock).close()
        assert rows(install.control, "workspaces", id="X")
    open_all(house.folder, "UTC", house.clock).close()
    assert not rows(install.control, "workspaces", id="X")


@GONE
def test_an_unknown_id_is_as_unknown_as_one_that_is_being_made(install, identity):
    with install.control.write() as connection:
        entry = workspaces.WorkspaceEntry(
            id="X", name="x", folder="X", state=WorkspaceState.MAKING, packs=(), created_at=0
        )
        workspaces.add(connection, entry, {"keys": "made"})
    for asked in (identity, "X"):
        with pytest.raises(NotFound) as refused:
            install.system(asked)
        assert refused.value.message == f"There is no workspace {asked!r}."
