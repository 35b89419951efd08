"""Dashboards below the doors: what exports and deletions take along, and two who change one at the same instant."""

from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace

import pytest
from tests.tenants import BY, bytes_with, create

from keepsum import Dashboard, Widget, WidgetOptions
from keepsum.model.access import machine
from keepsum.model.document import document
from keepsum.model.errors import NotFound
from keepsum.pipeline import dashboards, published
from keepsum.pipeline import workspaces as tenants
from keepsum.pipeline.dashboards import Changed
from keepsum.pipeline.export import export
from keepsum.pipeline.restore import restore
from keepsum.store import dashboards as store
from keepsum.store import workspaces

MARK = "zqxmark"
BOARD = Dashboard(title=MARK, widgets=(Widget("note", kind="text", options=WidgetOptions(text="one\n- two")),))


@pytest.fixture
def install(house):
    return house.install


@pytest.fixture
def acme(install):
    """A workspace with a dashboard in two versions, shared and published: its id, that of the dashboard, the link."""
    identity = create(install, "acme")
    known, me = install.system(identity).dashboards, machine(identity)
    made = dashboards.make(known, me, BOARD, now=install.clock())
    changed = replace(BOARD, title="Second")
    dashboards.change(known, me, made.id, 1, changed, now=install.clock())
    seen = dashboards.share(known, me, made.id, ["viewer"], published=True, now=install.clock())
    return identity, made.id, dashboards.link(known, seen)


def exported(house, identity):
    path = house.folder / "acme.tar.zst"
    export(house.install.system(identity), workspaces.get(house.install.control, identity), path, BY)
    return path


@pytest.mark.parametrize("keys", ["kept", "lost"])
def test_an_export_brings_dashboards_back_with_their_versions_and_nobody_sees_them_by_the_old_link(house, acme, keys):
    identity, board, link = acme
    path, folder = exported(house, identity), house.install.key_folder / identity
    kept = {file.name: file.read_bytes() for file in folder.iterdir()}
    tenants.delete(house.install, identity, BY)
    if keys == "kept":
        folder.mkdir(mode=0o700)
        for name, content in kept.items():
            (folder / name).write_bytes(content)
            (folder / name).chmod(0o600)
    restore(house.install, path, BY)
    known, me = house.install.system(identity).dashboards, machine(identity)
    (seen,) = dashboards.listing(known, me)
    assert (seen.id, seen.dashboard.title, seen.version, seen.shared) == (board, "Second", 2, ("viewer",))
    assert [(one.version, one.document["title"]) for one in dashboards.history(known, me, board)] == [
        (2, "Second"),
        (1, MARK),
    ]
    assert seen.is_published is False
    with pytest.raises(NotFound, match="LINK_INVALID"):
        published.find(house.install.control, link)


def test_of_a_deleted_workspace_no_dashboard_and_no_link_is_left(house, acme):
    identity, board, link = acme
    assert bytes_with(house.folder, MARK) != []
    tenants.delete(house.install, identity, BY)
    assert bytes_with(house.folder, MARK) == []
    with house.install.control.read() as connection:
        assert connection.exec_driver_sql("SELECT count(*) FROM public_links").scalar() == 0
    with pytest.raises(NotFound, match="LINK_INVALID"):
        published.find(house.install.control, link)
    assert bytes_with(house.folder, board) == ["data/control.db"]  # what was done with it, in the audit log


def test_of_many_who_change_a_version_at_once_one_does(house, acme):
    identity, board, _ = acme
    known, me = house.install.system(identity).dashboards, machine(identity)

    def change(number):
        try:
            return dashboards.change(known, me, board, 2, replace(BOARD, title=f"No. {number}"), now=number).version
        except Changed as error:
            return error.code

    with ThreadPoolExecutor(8) as pool:
        found = sorted(map(str, pool.map(change, range(8))))
    assert found == ["3", *["DASHBOARD_CHANGED"] * 7]
    with known.workspace.file.read() as connection:
        assert [one.version for one in store.history(connection, board)] == [3, 2, 1]


def test_a_published_dashboard_that_an_older_file_does_not_have_is_not_there(house, acme):
    identity, board, link = acme
    system = house.install.system(identity)
    with system.workspace.file.write() as connection:
        store.drop(connection, board)
    what = published.find(house.install.control, link)
    with pytest.raises(NotFound, match="LINK_INVALID"):
        published.show(system.workspace, what, 20_000)


def test_what_is_stored_is_the_document_as_it_was(house, acme):
    identity, board, _ = acme
    with house.install.system(identity).workspace.file.read() as connection:
        kept = store.version(connection, board, 1)
        assert kept is not None
        assert kept.document == document(BOARD)
        assert store.version(connection, board, 3) is None
        assert store.find(connection, "none") is None
