"""The wallet on the team's own tables while it lives: night by night across the cut-off, and purged end to end."""

import datetime as dt

import pytest
from examples.wallet import generate
from tests.databases import Database, opened
from tests.documents import ROOT, Shell, blocks, differs
from tests.seeds.test_wallet import BASE, Progress, near
from tests.systems import House, lay_out, owner
from tests.wallet_life import Life

from keepsum.model.access import machine
from keepsum.model.errors import Conflict, KeepsumError
from keepsum.model.ledger import Kind
from keepsum.packs.wallet import PACK
from keepsum.pipeline import pack_routes, purge_switch
from keepsum.pipeline.jobs import ALWAYS, JOBS
from keepsum.pipeline.live import Remembered
from keepsum.pipeline.verify import verify_ledger

FIRST, LAST = "2025-10-20", "2025-10-23"
BEGIN = "2025-10-24T03:00+05:30"  # the first night; the first day is due on the second
PURGED = ("entries", "referrals", "authorizations")
ADDRESS = "mysql+pymysql://keepsum:password@127.0.0.1/wallet"
TABLES = {"entries": "wallet_ledger", "referrals": "referrals", "authorizations": "authorizations"}


@pytest.fixture
def life(tmp_path, database):
    """A wallet's life of two weeks, in an application's database and in a twin that nobody purges."""
    folder = tmp_path / "twin"
    folder.mkdir()
    twin: Database = next(opened("sqlite", folder))
    return Life(database, twin, days=14, a_day=16)


@pytest.fixture
def house(tmp_path, life, monkeypatch):
    """Keepsum beside it; records live for four days."""
    lay_out(tmp_path / "house", PACK, "Asia/Kolkata", begin=f"{FIRST}T00:00:00Z")
    monkeypatch.setenv("KEEPSUM_WALLET_DATABASE_URL", life.database.url)
    monkeypatch.setenv("KEEPSUM_WALLET_LEDGER_RETENTION_DAYS", "4")
    life.until(BEGIN)
    made = House(tmp_path / "house", PACK, zone="Asia/Kolkata", now=BEGIN, fresh=False)
    yield made
    made.close()


def night(house):
    return JOBS["nightly"].run(house.system, ALWAYS, Progress())


def call(house, path, first=FIRST, last=LAST, **more):
    """What a route answers, without a server in between."""
    given = {"from": first, "to": last, **more}
    told = {"caller": machine("default"), "told": house.system.told, "remembered": Remembered(), "now": house.clock()}
    return pack_routes.call(house.system.exports, "GET", BASE + path, given, **told)


def enable(house, name):
    stream = house.workspace.catalog.stream(name)
    purge_switch.enable(house.workspace, stream, owner(), now=house.clock())


def days_of(house, last):
    """Each day's figures, as the panel's trend shows them."""
    series = call(house, "/tokens/trend", last=last, granularity="daily")["series"]
    return {str(row.pop("date")): near(row) for row in series}


def gone(house, stream):
    """How many rows of a stream went, by what the ledger says: proven ones, and late ones that were booked first."""
    entries = [e for e in house.entries(Kind.PURGED, Kind.REAPPEARED) if e.stream == stream]
    return sum(e.body["gone" if e.kind is Kind.PURGED else "corrected"] for e in entries)


def test_eight_nights_across_the_cut_off_change_no_number_while_rows_come_late_and_change(house, life):
    night(house)
    for name in PURGED:
        enable(house, name)
    seals = {}
    for number in range(1, 8):
        now = dt.datetime.fromisoformat(BEGIN) + dt.timedelta(days=number)
        life.until(now.isoformat())
        late = {4: "2025-10-25", 6: FIRST}.get(number)  # of a day that is sealed, and of one that is purged
        if late:
            life.late(late, 1_000 + number)
        assert night(house.at(now.isoformat())).held is None
        last = str(now.date() - dt.timedelta(days=1))
        truth = life.truth()
        assert days_of(house, last) == {day: figures for day, figures in truth.items() if day <= last}
        sealed = {(e.stream, e.day): e.seq for e in house.entries(Kind.SEALED) if e.stream == "entries"}
        again = {day for day in seals if sealed[day] != seals[day]}
        assert len(again) == (number == 4)  # only the day that the late row came to
        seals = sealed
    assert {e.body["reason"] for e in house.entries(Kind.SEALED) if e.stream == "purchases"} >= {"first", "touched"}
    assert [e.stream for e in house.entries(Kind.CORRECTED)] == ["entries"]
    for name in PURGED:
        left, every = life.counts(TABLES[name])
        assert left + gone(house, name) == every
        assert gone(house, name) > 0
    assert verify_ledger(house.workspace, deep=True).ok


def everything(house):
    """What every endpoint says of the first days, but who leads."""
    return {
        "overview": call(house, "/tokens/overview"),
        "promo": call(house, "/tokens/overview", token_type="promo", feature="registration_bonus"),
        **{grain: call(house, "/tokens/trend", granularity=grain) for grain in ("daily", "weekly", "monthly")},
        **{path: call(house, path) for path in ("/tokens/by-feature", "/tokens/composition", "/purchases")},
        "promotions": call(house, "/promotions", campaign_id="diwali"),
    }


def test_a_wallet_is_purged_only_as_far_as_somebody_lets_it_and_every_figure_stays(house, life):
    with pytest.raises(Conflict, match="BACKFILL_INCOMPLETE"):
        enable(house, "entries")
    house.roll()
    before, leaders = everything(house), call(house, "/users/top", metric="spend")
    assert leaders["items"]
    house.at("2025-10-29T12:00+05:30")
    assert {due.blocked for due in house.purge_plan().off} == {"PURGE_OFF"}
    assert (house.purge().days, life.counts("wallet_ledger")[0]) == (0, life.counts("wallet_ledger")[1])
    for name in ("purchases", "payments", "refunds", "users"):
        with pytest.raises(Conflict, match="ROWS_SHARED"):
            enable(house, name)
    enable(house, "entries")
    planned = house.purge_plan()
    assert {due.stream for due in planned.going} == {"entries"}
    done = house.purge()
    assert (done.days, done.records) == (len(planned.going), sum(due.records for due in planned.going))
    assert (done.days, done.blocked) == (4, ())
    left, every = life.counts("wallet_ledger")
    assert (left + gone(house, "entries"), gone(house, "entries")) == (every, done.records)
    assert all(life.counts(table)[0] == life.counts(table)[1] for table in ("users", "purchases", "referrals"))
    assert everything(house) == before
    with pytest.raises(KeepsumError, match="RECORDS_PURGED"):
        call(house, "/users/top", metric="spend")
    assert verify_ledger(house.workspace, deep=True).ok


def test_the_page_about_a_wallet_in_its_own_database_does_what_it_says(tmp_path, monkeypatch):
    page = [block for block in blocks(ROOT / "docs/howto/wallet.md") if "with that database" in block.note]
    assert [block.expected is not None for block in page] == [True] * 3
    for database in opened("mysql", tmp_path):
        generate.fill(database.url, generate.wallet(seed=1, first=dt.date(2025, 11, 1), days=14))
        carry_out(page, database, tmp_path, monkeypatch)


def carry_out(page, database, folder, patch):
    """Run blocks in order, and compare what they print."""
    with Shell(folder, patch) as shell:
        patch.setenv("KEEPSUM_ENABLED", "wallet")
        patch.setenv("KEEPSUM_KEY_DIR", str(folder / "wallet-keys"))
        for block in page:
            code, printed = shell.run(block.text.replace(ADDRESS, database.url))
            assert code == 0, printed
            assert not differs(block.expected or "", printed), printed
