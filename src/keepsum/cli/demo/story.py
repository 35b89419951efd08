"""What the demo does, step by step, and what came of it: every figure before the purge, after it, and the truth."""

from collections import deque
from collections.abc import Iterator, Mapping, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import msgspec

from keepsum.cli.demo.server import LINES, Server
from keepsum.cli.screen import Bar, Screen
from keepsum.model.counted import counted

STREAM, BATCH = "lines", 5_000
AHEAD = 2  # batches read while one is on its way
RANGE = {"from": "2010-12-01", "to": "2011-02-28"}
EXACT = ("revenue", "lines", "cancelled_lines", "units", "invoices")
COUNTRIES = {"metrics": ["revenue", "lines"], "by": ["country"], "order": "-revenue", "top": 8, "totals": True}

QUESTIONS: Mapping[str, Mapping[str, object]] = {
    "months": {**RANGE, "metrics": [*EXACT, "customers"], "grain": "month"},
    "days": {**RANGE, "metrics": ["revenue", "lines", "customers"], "grain": "day"},
    "whole": {**RANGE, "metrics": ["revenue", "lines", "invoices", "customers"]},
    "countries": {**RANGE, **COUNTRIES},
    "guarded countries": {**RANGE, **COUNTRIES, "guarded": True},
}

Answers = Mapping[str, "Asked"]


@dataclass(frozen=True, kw_only=True)
class Asked:
    """An answer as it came over HTTP."""

    names: tuple[str, ...]
    rows: tuple[tuple[Any, ...], ...]
    totals: tuple[Any, ...] | None
    labels: Mapping[str, Any]

    def column(self, name: str) -> tuple[Any, ...]:
        """Give one column's values."""
        place = self.names.index(name)
        return tuple(row[place] for row in self.rows)

    def same_figures(self, other: "Asked") -> bool:
        """Say whether another answer has the same figures, whatever they were read from."""
        return (self.names, self.rows, self.totals) == (other.names, other.rows, other.totals)


@dataclass(kw_only=True)
class Truth:
    """What the file itself says of customers, counted one by one while it is read."""

    days: dict[str, set[object]] = field(default_factory=dict[str, set[object]])

    def add(self, row: Mapping[str, object], *, time: str, subject: str) -> None:
        """Count the customer of one line, if the file knows one, on the date the line was written."""
        if row[subject] is not None:
            self.days.setdefault(str(row[time])[:10], set()).add(row[subject])

    def between(self, start: str) -> int:
        """Give how many different customers bought on dates that begin with these letters."""
        return len(set[object]().union(*(people for date, people in self.days.items() if date.startswith(start))))


@dataclass(frozen=True, kw_only=True)
class Told:
    """Everything that came of it."""

    attribution: str
    collected: Mapping[str, int]
    again: Mapping[str, int]
    sealed: int
    purged: Mapping[str, int]
    left: int
    before: Answers
    after: Answers
    truth: Truth
    ledger: Mapping[str, Any]

    @property
    def holds(self) -> bool:
        """Whether every answer is the same after the purge, and the ledger is what it should be."""
        same = all(self.before[name].same_figures(self.after[name]) for name in QUESTIONS)
        return same and self.again["accepted"] == 0 and bool(self.ledger["ok"])

    def data(self, seconds: float) -> dict[str, object]:
        """Give the facts for a machine."""
        whole = self.after["whole"]
        return {
            "months": list(self._months()),
            "customers": {
                "truth": self.truth.between(""),
                "estimate": whole.column("customers")[0],
                "error": whole.column("customers:error")[0],
            },
            "records": {"collected": self.collected["accepted"], "purged": self.purged["records"], "left": self.left},
            "ledger": dict(self.ledger),
            "seconds": round(seconds, 1),
        }

    def _months(self) -> Iterator[dict[str, object]]:
        before, after = self.before["months"], self.after["months"]
        for place, start in enumerate(before.column("time")):
            yield {
                "month": start[:7],
                "revenue_before": before.column("revenue")[place],
                "revenue_after": after.column("revenue")[place],
                "invoices_before": before.column("invoices")[place],
                "invoices_after": after.column("invoices")[place],
            }


def tell(server: Server, screen: Screen) -> Told:
    """Do everything, in order, saying each step that is done."""
    attribution, truth, collected, again = _collect(server, screen)
    with screen.bar("Rolling, proving, sealing") as bar:
        sealed = server.do("roll", bar)["days"]
    screen.tell(f"[green]✓[/] {counted(sealed, 'days')} rolled up, proven and sealed")
    before = _answers(server)
    with screen.bar("Purging") as bar:
        gone = server.do("purge", bar)
    left = _left(server)
    screen.tell(
        f"[green]✓[/] {counted(gone['days'], 'days')} purged: {counted(gone['rows'], 'lines')} went, {left:,} are left"
    )
    after = _answers(server)
    ledger = _ledger(server, screen)
    return Told(
        attribution=attribution,
        collected=collected,
        again=again,
        sealed=sealed,
        purged={"days": gone["days"], "records": gone["rows"]},
        left=left,
        before=before,
        after=after,
        truth=truth,
        ledger=ledger,
    )


def _collect(server: Server, screen: Screen) -> tuple[str, Truth, dict[str, int], dict[str, int]]:
    """Send the file's lines, and then all of them again."""
    from keepsum.assemble.catalog import find_catalog
    from keepsum.pipeline.collect_file import records_of
    from keepsum.settings import load
    from keepsum.store.files import RecordFile

    catalog = find_catalog(load(enabled="demo"))
    shipped = next(data for pack in catalog.packs for data in pack.data)
    stream, reader = catalog.stream(STREAM), catalog.readers[shipped.reader]
    truth, bodies = Truth(), list[bytes]()
    file = RecordFile(Path(shipped.path))

    def read() -> Iterator[tuple[float, bytes]]:
        for piece in records_of(file, stream, reader, BATCH):
            for row in piece.rows:
                truth.add(row, time=stream.time, subject=stream.subject or "")
            bodies.append(_encoder.encode_lines(piece.rows))
            yield piece.read / file.size, bodies[-1]

    screen.tell(f"[dim]{shipped.attribution}[/]")
    with screen.bar("Sending the lines") as bar:
        collected = _send(server, read(), bar)
    screen.tell(f"[green]✓[/] {collected['accepted']:,} lines collected over HTTP")
    with screen.bar("Sending them again") as bar:
        again = _send(server, (((n + 1) / len(bodies), body) for n, body in enumerate(bodies)), bar)
    screen.tell(f"[green]✓[/] sent again: {again['accepted']:,} added, {again['duplicates']:,} known already")
    return shipped.attribution, truth, collected, again


_encoder = msgspec.json.Encoder()


def _send(server: Server, batches: Iterator[tuple[float, bytes]], bar: Bar) -> dict[str, int]:
    """Send batches, reading the next ones meanwhile, and add up what became of them."""
    total = {"accepted": 0, "duplicates": 0, "rejected_count": 0}
    waiting: deque[tuple[float, Future[Any]]] = deque()

    def settle() -> None:
        part, receipt = waiting.popleft()
        for name, count in receipt.result().items():
            if name in total:
                total[name] += count
        bar.set(part, 1.0, f"{sum(total.values()):,} lines")

    with ThreadPoolExecutor(1) as sender:
        for part, body in batches:
            waiting.append((part, sender.submit(server.post, f"/v1/streams/{STREAM}/records", body, LINES)))
            if len(waiting) > AHEAD:
                settle()
        while waiting:
            settle()
    return total


def _answers(server: Server) -> Answers:
    return {name: _asked(server.ask(question)) for name, question in QUESTIONS.items()}


def _asked(value: Mapping[str, Any]) -> Asked:
    totals: Sequence[Any] | None = value["totals"]
    return Asked(
        names=tuple(column["name"] for column in value["columns"]),
        rows=tuple(tuple(row) for row in value["rows"]),
        totals=None if totals is None else tuple(totals),
        labels=value["labels"],
    )


def _left(server: Server) -> int:
    """Give how many lines the days still hold that are not purged."""
    days = server.get("/v1/days", stream=STREAM, limit=10_000)["days"]
    return sum(day["records"] for day in days if day["status"] != "purged")


def _ledger(server: Server, screen: Screen) -> dict[str, Any]:
    from keepsum.model.errors import ProofFailed

    head = server.get("/v1/ledger/head")["hash"]
    try:
        with screen.bar("Checking the ledger") as bar:
            done = server.do("verify", bar)
    except ProofFailed as error:
        screen.tell(f"[bold red]✗[/] {error.message}")
        return {"ok": False, "seals": 0, "head": head}
    screen.tell(f"[green]✓[/] the ledger holds: {done['rows']:,} entries, {done['days']:,} seals")
    return {"ok": True, "seals": done["days"], "head": head}
