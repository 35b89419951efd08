"""A shop whose datasets are exported: what callers ask for, worker's turns, and files read back by other programs."""

import json
from dataclasses import replace

import openpyxl
import pyarrow.parquet as pq
from pyarrow import csv
from tests.systems import ASKED_SHOP, METRICS, SALES, House, number, sale

from keepsum import Dataset, Grant, Permission, Question, Role
from keepsum.engine import access
from keepsum.model.access import machine
from keepsum.pipeline import exports
from keepsum.pipeline.exports import Order
from keepsum.pipeline.jobs import carry_out
from keepsum.store import audit
from keepsum.worker import Worker

BY_NAME = {metric.name: metric for metric in METRICS}
DATASETS = (
    Dataset("all_sales", of=SALES, filters=("way", "place", "buyer"), about="Every sale."),
    Dataset("amounts", of=SALES, columns=("at", "amount"), filters=("amount",)),
    Dataset(
        "takings",
        of=Question((BY_NAME["sales"], BY_NAME["amount"]), by=("way",), grain="day"),
        filters=("way", "place"),
    ),
    Dataset("buyers", of=Question((BY_NAME["buyers"],), grain="month")),
)
ROLES = (Role("seer", permissions=(Permission.READ, Permission.SMALL_GROUPS, Permission.EXPORT), grants=(Grant("*"),)),)
SHOP = replace(ASKED_SHOP, datasets=DATASETS, roles=ROLES)
FIRST, LAST = "2026-02-01", "2026-02-03"
NOW = "2026-02-04T12:00:00Z"


def worker_of(install, **how):
    """A worker that carries out what waits, and has no schedules."""

    def work(run, progress):
        return carry_out(install.system(run.workspace), run.job, run.parameters, progress)

    return Worker(install.control, work, clock=install.clock, name="test", **how)


class Exporting(House):
    """A house with exports: its clock stands on 2026-02-04, after three days of records."""

    def __init__(self, folder, pack=SHOP):
        super().__init__(folder, pack)
        self.at(NOW)

    @property
    def means(self):
        return self.system.exports

    @property
    def caller(self):
        return machine(self.system.id)

    def role(self, *names, actor=None):
        return access.caller("identity", "somebody", self.system.id, names, self.workspace.catalog.roles, actor=actor)

    def ask(self, dataset="all_sales", form="csv", first=FIRST, last=LAST, caller=None, **filters):
        order = Order(dataset=dataset, format=form, first=number(first), last=number(last), filters=filters)
        return exports.create(self.means, order, caller or self.caller)

    def look(self, export, caller=None):
        return exports.look(self.means, export.id, caller or self.caller)

    def work(self):
        """Let a worker do all that waits, and nothing that schedules fire."""
        worker = worker_of(self.install)
        while worker.step():
            pass

    def exported(self, *named, caller=None, **how):
        """Ask for an export and have it made."""
        asked = self.ask(*named, caller=caller, **how)
        self.work()
        return self.look(asked, caller)

    def text(self, export, caller=None):
        row, file = exports.fetch_own(self.means, export.id, caller or self.caller)
        with file:
            assert (row.id, row.bytes) == (export.id, export.bytes)
            return file.read()

    def rows(self, export, caller=None):
        return READERS[export.format](self.folder, self.text(export, caller))

    def kept(self):
        """Every file under the export folder, locks apart."""
        found = self.means.folder.path.rglob("*")
        return sorted(path.name for path in found if path.is_file() and path.suffix != ".lock")

    def events(self, *kinds):
        with self.install.control.read() as connection:
            listed = [one for one in audit.newest(connection) if str(one.kind).startswith("export")]
        return [one for one in reversed(listed) if not kinds or one.kind in kinds]


def _csv(folder, content):
    (folder / "read.csv").write_bytes(content)
    return csv.read_csv(folder / "read.csv", convert_options=csv.ConvertOptions(strings_can_be_null=True)).to_pylist()


def _parquet(folder, content):
    (folder / "read.parquet").write_bytes(content)
    return pq.ParquetFile(folder / "read.parquet").read().to_pylist()


def _xlsx(folder, content):
    (folder / "read.xlsx").write_bytes(content)
    names, *rows = openpyxl.load_workbook(folder / "read.xlsx")["rows"].iter_rows(values_only=True)
    return [dict(zip(names, row, strict=True)) for row in rows]


READERS = {
    "csv": _csv,
    "json": lambda _folder, content: json.loads(content)["rows"],
    "parquet": _parquet,
    "xlsx": _xlsx,
}


def fill(house):
    """Three days of sales: one, two and three, the last of them with a note that a spreadsheet would run."""
    for day in (1, 2, 3):
        noted = {"note": "=HYPERLINK(1)"} if day == 3 else {}
        house.collect(
            *(sale(f"{day}-{n}", f"2026-02-0{day}", buyer=f"b{n}", amount=10 * day, **noted) for n in range(day))
        )
    return house
