"""Small real systems in a folder: a shop's declarations, a clock that tests move, and the steps by name.

A system is made from a template (its tables are created once a process), with fixed keys beside it, so that one
costs a few milliseconds. The pack is a file in the folder, so that another process opens the same system.
"""

import datetime as dt
import hashlib
import pickle
import shutil
import tempfile
from dataclasses import replace
from functools import cache
from itertools import count
from pathlib import Path
from typing import Any

from tests.control_file import Clock

from keepsum import (
    PERSONAL,
    SECRET,
    Choice,
    Count,
    Distinct,
    Integer,
    Max,
    Metric,
    Min,
    Pack,
    Quantiles,
    Rollup,
    Stream,
    Sum,
    Text,
    Uniques,
    days,
    years,
)
from keepsum.assemble.install import DEFAULT, open_install, open_system
from keepsum.engine import access
from keepsum.model.access import ROLES, machine
from keepsum.model.day import day_number
from keepsum.model.layout import RollupLayout
from keepsum.pipeline import decide, move, purge, roll, seal
from keepsum.pipeline.collect import Collector
from keepsum.settings import load
from keepsum.store import days as day_states
from keepsum.store import ledger, manifest, records, rollups
from keepsum.store.keys import NAMES

BEGIN = "2026-02-01T12:00:00Z"  # where clocks start; a workspace is never younger than its records
HOUR, DAY = 3_600_000_000, 86_400_000_000

SALES = Stream(
    "sales",
    time="at",
    key="id",
    subject="buyer",
    keep=days(30),
    late=days(7),
    fields=(
        Choice("way", ("card", "cash")),
        Text("place", most=3),
        Text("invoice", sensitivity=PERSONAL),
        Text("note", sensitivity=PERSONAL),
        Text("pin", sensitivity=SECRET),
        Integer("amount"),
    ),
)
MEASURES = (
    Count("sales"),
    Count("card_sales", where=(("way", ("card",)),)),
    Sum("amount"),
    Min("cheapest", of="amount"),
    Max("dearest", of="amount"),
    Distinct("invoices", of="invoice"),
    Uniques("buyers", of="buyer"),
    Quantiles("amounts", of="amount"),
)
PLACE_DAILY = Rollup("place_daily", of=SALES, by=("way", "place"), measures=MEASURES, keep=years(3))
METRICS = (
    Metric("sales", PLACE_DAILY.sales),
    Metric("amount", PLACE_DAILY.amount),
    Metric("cheapest", PLACE_DAILY.cheapest),
    Metric("dearest", PLACE_DAILY.dearest),
    Metric("invoices", PLACE_DAILY.invoices),
    Metric("buyers", PLACE_DAILY.buyers),
    Metric("median", PLACE_DAILY.amounts.quantile("0.5")),
    Metric("amount_per_sale", PLACE_DAILY.amount / PLACE_DAILY.sales, decimals=4),
)
SHOP = Pack("shop", streams=(SALES,), rollups=(PLACE_DAILY,))
ASKED_SHOP = replace(SHOP, metrics=METRICS)


def instant(text):
    """Microseconds of `2026-02-01`, `2026-02-01T10:00` or with a zone; UTC when it names none."""
    time = dt.datetime.fromisoformat(text)
    time = time if time.tzinfo else time.replace(tzinfo=dt.UTC)
    return (time - dt.datetime(1970, 1, 1, tzinfo=dt.UTC)) // dt.timedelta(microseconds=1)


def number(text):
    """The number of a day such as `2026-02-01`."""
    return day_number(dt.date.fromisoformat(text))


def owner(name="ann"):
    """A person who may decide about everything."""
    return access.caller("person", name, DEFAULT, ("owner",), ROLES)


def sale(key, day="2026-02-01", **fields):
    """One record as it is sent; at ten in the morning unless `at` says otherwise."""
    usual = {"at": f"{day}T10:00:00Z", "buyer": "ann", "way": "card", "place": "york", "amount": 5}
    return usual | {"id": str(key)} | fields


class House:
    """An install in a folder, opened, with its steps."""

    def __init__(self, folder, pack=SHOP, *, zone="UTC", now=BEGIN, begin=BEGIN, fresh=True):
        self.folder, self.zone, self.clock = folder, zone, Clock(instant(now))
        self.install: Any = None
        self.system: Any = None
        self.collector: Any = None
        if fresh:
            lay_out(folder, pack, zone, begin)
        self.open()

    def open(self, pack=None, **how):
        """Open the system again as a new process would, perhaps with other declarations."""
        self.close()
        if pack is not None:
            declare(self.folder, pack)
        self.install = open_all(self.folder, self.zone, self.clock)
        self.system = self.install.system(DEFAULT, **how)
        self.collector = Collector(self.workspace, clock=self.clock)
        return self

    def close(self):
        if self.system is not None:
            self.collector.close()
        if self.install is not None:
            self.install.close()
        self.install = self.system = self.collector = None

    @property
    def workspace(self):
        return self.system.workspace

    @property
    def stream(self):
        return next(iter(self.workspace.catalog.streams.values()))

    def at(self, text):
        """Set the clock."""
        self.clock.now = instant(text)
        return self

    def collect(self, *sent, atomic=False, stream=None):
        """Hand records in as one batch, and wait for the receipt."""
        name = stream or self.stream.name
        checked = self.collector.intake(name).convert(sent, now=self.clock())
        return self.collector.submit(name, checked, atomic=atomic).result(60)

    def codes(self, *sent):
        """What a batch is refused for, by place."""
        return [(r.index, r.field, r.code) for r in self.collect(*sent).rejections]

    def move(self):
        return move.move(self.workspace, self.system.calendar(), now=self.clock())

    def move_day(self, day):
        return move.move_day(self.workspace, self.stream, number(day), now=self.clock())

    def roll(self, first=None, last=None):
        bounds = [text and number(text) for text in (first, last)]
        return roll_all(self.system, first=bounds[0], last=bounds[1])

    def purge(self):
        return purge.purge(self.workspace, self.system.calendar(), now=self.clock())

    def purge_plan(self):
        return purge.plan(self.workspace, self.system.calendar(), now=self.clock())

    def purge_unproven(self, day, reason="a person said so"):
        calendar = self.system.calendar()
        return purge.purge_unproven(self.workspace, calendar, self.stream, number(day), reason, now=self.clock())

    def accept(self, day, reason="a person said so", by=None):
        calendar, now = self.system.calendar(), self.clock()
        by = by or machine(self.workspace.identity.id)
        return decide.accept(self.workspace, calendar, self.stream, number(day), reason, caller=by, now=now)

    def state(self, day):
        with self.workspace.file.read() as connection:
            return day_states.state(connection, self.stream.name, number(day))

    def status(self, day):
        return self.state(day).status

    def segments(self, day):
        with self.workspace.file.read() as connection:
            return manifest.of_day(connection, self.stream.name, number(day))

    def files(self):
        """Every segment file there is, listed or not, relative to the segments folder."""
        return list(self.workspace.segments.listing())

    def lose_files(self):
        """Take every segment file away, as a broken disk might."""
        for file in self.files():
            (self.workspace.segments.folder / file).unlink()

    def tail(self, day):
        """How many rows of a day lie in the tail, moved ones among them."""
        with self.workspace.file.read() as connection:
            return records.tail_days(connection, self.stream.name).get(number(day), (0, 0))[0]

    def entries(self, *kinds):
        """The ledger's entries, oldest first, perhaps only some kinds."""
        with self.workspace.file.read() as connection:
            return [entry for entry in ledger.entries(connection) if not kinds or entry.kind in kinds]

    def chain_breaks(self):
        with self.workspace.file.read() as connection:
            return list(ledger.broken_at(connection))

    def rows(self, rollup=PLACE_DAILY, *, table=None, day=None):
        """A rollup's rows as stored, by (day, booked, dimensions)."""
        return self._stored(RollupLayout(rollup=rollup, name=table or ""), "", day)

    def parts(self, rollup=PLACE_DAILY, *, table=None, day=None):
        """A rollup's parts as stored, by (measure, at, dimensions, day, booked)."""
        return self._stored(RollupLayout(rollup=rollup, name=table or ""), "_parts", day)

    def _stored(self, layout, suffix, day):
        keys = ("measure", "at") if suffix else ()
        names = (*keys, *layout.dimensions, "day", "booked")
        where = "" if day is None else f" WHERE day = {number(day)}"
        with self.workspace.file.read() as connection:
            found = connection.exec_driver_sql(f'SELECT * FROM "{layout.table}{suffix}"{where}').mappings().all()
        return {
            tuple(row[n] for n in names): {k: v for k, v in row.items() if k not in {*names, "epoch"}} for row in found
        }

    def digests(self):
        """The digests of every day of every generation that covers it, corrections beside them, by what they are of."""
        found = {}
        with self.workspace.file.read() as connection:
            for generation in rollups.known(connection):
                rollup = self.workspace.catalog.rollups.get(generation.rollup)
                if rollup is None or RollupLayout(rollup=rollup).table != generation.table:
                    continue
                layout = RollupLayout(rollup=rollup)
                for day, booked in rollups.booked_days(connection, layout):
                    digest = seal.stored_digests(connection, layout, day, booked)
                    found[generation.table, day, booked] = digest
        return found


def open_folder(folder, zone, clock, **how):
    """Open the system in a folder with a clock that can be moved, wired as the product wires it."""
    return open_system(settings_of(folder, zone, clock), clock=clock, **how)


def open_all(folder, zone, clock, **more):
    """Open the whole install in a folder with a clock that can be moved."""
    return open_install(settings_of(folder, zone, clock, **more), clock=clock)


def roll_all(system, *, first=None, last=None):
    """Roll, prove and seal all that is due."""
    batches = roll.plan(system.workspace, system.calendar(), now=system.clock(), first=first, last=last)
    outcome = system.roll(batches, lambda _days, _records: None)
    system.note()
    return outcome


def settings_of(folder, zone, clock, **more):
    time = dt.datetime(1970, 1, 1, tzinfo=dt.UTC) + dt.timedelta(microseconds=clock())
    places = {"data_dir": folder / "data", "key_dir": folder / "keys", "packs": folder / "packs"}
    return load(**places, zone=zone, clock=time, processes=1, **({"port": 0} | more))


def declare(folder, pack):
    """Write a pack where the system in a folder finds it."""
    (folder / "packs").mkdir(parents=True, exist_ok=True)
    text = f"import pickle\n\nPACK = pickle.loads(bytes.fromhex({pickle.dumps(pack).hex()!r}))\n"
    (folder / "packs" / f"{pack.name}.py").write_text(text)


def lay_out(folder, pack, zone, begin=BEGIN):
    """Put a fresh system into a folder: its keys, its pack, and its files as they are before any record."""
    folder.mkdir(parents=True, exist_ok=True)
    declare(folder, pack)
    lay_keys(folder)
    shutil.copytree(_template(pickle.dumps(pack), zone, begin), folder / "data", copy_function=shutil.copyfile)


def lay_keys(folder):
    """Put fixed keys where the system in a folder finds them."""
    keys = folder / "keys" / DEFAULT
    keys.mkdir(parents=True, exist_ok=True)
    for path in (*(keys / f"{name}.key" for name in NAMES), keys.parent / "install-1.key"):
        path.write_bytes(hashlib.sha256(path.stem.encode()).digest())


_templates = tempfile.TemporaryDirectory(prefix="keepsum-templates-")
_numbers = count()


@cache
def _template(pack, zone, begin):
    folder = Path(_templates.name) / str(next(_numbers))
    declare(folder, pickle.loads(pack))
    lay_keys(folder)
    open_folder(folder, zone, Clock(instant(begin))).close()
    return folder / "data"
