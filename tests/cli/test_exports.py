import json

import pytest
from tests.exporting import DATASETS, SHOP
from tests.systems import lay_out, sale

from keepsum.assemble.install import open_install
from keepsum.cli.worker import make_worker
from keepsum.settings import load

RANGE = ("--from=2026-02-01", "--to=2026-02-03")


@pytest.fixture
def shop(bare):
    """The command line on a shop with datasets and three sales."""
    lay_out(bare.folder, SHOP, "UTC")
    sales = [sale(f"s{day}", f"2026-02-0{day}", amount=day) for day in (1, 2, 3)]
    assert bare("collect", bare.write("sales.ndjson", sales), "--stream=sales").code == 0
    return bare


def work(shop):
    """Let a worker carry out what waits."""
    places = {"data_dir": shop.folder / "data", "key_dir": shop.folder / "keys", "packs": shop.folder / "packs"}
    install = open_install(load(**places, clock="2026-02-11T12:00:00Z"))
    try:
        worker = make_worker(install, "test")
        while worker.step():
            pass
    finally:
        install.close()


def test_an_export_is_asked_for_made_by_a_worker_and_fetched(shop):
    asked = shop("exports", "create", "all_sales", *RANGE, "--where=way=card", "--wait=0", "--json").json
    assert (asked["state"], asked["estimated_rows"], asked["filters"]) == ("preparing", 3, {"way": ["card"]})
    assert "EXPORT_NOT_READY" in shop("exports", "fetch", asked["id"], shop.folder / "sales.csv").err
    work(shop)
    shown = shop("exports", "show", asked["id"], "--json").json
    assert (shown["state"], shown["rows"], shown["expires_at"]) == ("ready", 3, "2026-02-12T12:00:00Z")
    assert f"{asked['id']} all_sales csv ready 2026-02-01 2026-02-03 3 " in shop("exports").words
    said = shop("exports", "fetch", asked["id"], shop.folder / "sales.csv", "--json").json
    lines = (shop.folder / "sales.csv").read_text().splitlines()
    assert (said["bytes"], len(lines)) == ((shop.folder / "sales.csv").stat().st_size, 4)
    assert "FILE_EXISTS" in shop("exports", "fetch", asked["id"], shop.folder / "sales.csv").err


def test_an_export_waits_for_its_worker_and_says_so(shop):
    said = shop("exports", "create", "takings", *RANGE, "--format=xlsx", "--wait=0")
    assert "preparing" in said.words
    assert "A server or `keepsum worker` makes it." in said.words
    assert [one["state"] for one in shop("exports", "--json").json["exports"]] == ["preparing"]


def test_datasets_are_listed_with_their_filters(shop):
    listed = shop("exports", "--json").json
    assert listed["exports"] == []
    assert [one["name"] for one in listed["datasets"]] == sorted(one.name for one in DATASETS)
    assert (listed["datasets"][1]["columns"], listed["datasets"][1]["personal"]) == (["at", "amount"], [])
    assert "amounts at, amount amount" in shop("exports").words
    assert "No export yet." in shop("exports").words


def test_the_catalog_describes_datasets(shop):
    said = shop.bare("catalog", f"--packs={shop.folder / 'packs'}", "--json").json
    told = {one["name"]: one for one in said["datasets"]}
    assert told["all_sales"]["columns"] == ["at", "id", "buyer", "way", "place", "invoice", "note", "amount"]
    assert (told["all_sales"]["stream"], told["all_sales"]["question"]) == ("sales", None)
    assert told["takings"]["question"] == {
        "metrics": ["sales", "amount"], "by": ["way"], "grain": "day", "where": [], "basis": "origin",
    }  # fmt: skip


def test_an_export_is_deleted_before_its_time(shop):
    asked = shop("exports", "create", "all_sales", *RANGE, "--wait=0", "--json").json
    assert shop("exports", "delete", asked["id"]).words == f"deleted: {asked['id']}"
    assert "UNKNOWN_EXPORT" in shop("exports", "show", asked["id"]).err


def test_an_export_beyond_the_settings_is_refused(shop):
    assert "MISSING_PARAMETER" in shop("exports", "create", "all_sales").err
    assert "RANGE_TOO_LONG" in shop("exports", "create", "all_sales", *RANGE, "--export-days=2").err
    assert "EXPORT_TOO_LONG" in shop("exports", "create", "all_sales", *RANGE, "--export-rows=2").err
    assert "UNKNOWN_FILTER" in shop("exports", "create", "all_sales", *RANGE, "--where=amount=2").err


def test_events_of_exports_are_in_the_audit_log(shop):
    shop("exports", "create", "all_sales", *RANGE, "--where=buyer=ann", "--wait=0")
    events = shop("audit", "--json").json["events"]
    assert [one["kind"] for one in events if one["kind"].startswith("export")] == ["export_asked"]
    assert "ann" not in json.dumps(events)
