"""Taking records in: many requests share one durable transaction, then each is acknowledged."""

import queue
import threading
import time
from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from concurrent.futures import Future
from dataclasses import dataclass
from functools import lru_cache
from typing import Any, NamedTuple

import numpy as np
import structlog
from numpy.typing import NDArray

from keepsum.engine.accept import Checked, Intake, secrets_in
from keepsum.engine.days import Calendar
from keepsum.engine.redact import Redactor
from keepsum.model.errors import Conflict, Invalid, Rejection, Unavailable
from keepsum.pipeline import correct
from keepsum.pipeline.lot import Lot, lay_out
from keepsum.pipeline.status import CONFLICT, CORRECTION, DUPLICATE, NEW, REASONS, SECRET_DROPPED
from keepsum.store import days, records, tally
from keepsum.store.database import Connection
from keepsum.store.workspace import Workspace

SHOWN = 100  # rejections that are listed one by one
GROUP = 20_000  # records at most in one transaction
BYTES = 100  # of a record in a body, about: most have more
# After a commit for many, most of them come back at once: a short wait for them spares a commit for the first few.
MANY, PATIENCE = 8, 0.001  # requests, seconds

_log: Any = structlog.get_logger(__name__)


@dataclass(frozen=True, kw_only=True)
class Receipt:
    """What became of a batch; the rejections are the first hundred."""

    accepted: int
    duplicates: int
    rejections: tuple[Rejection, ...]
    rejected: int


NOTHING = Receipt(accepted=0, duplicates=0, rejections=(), rejected=0)

Outcome = Receipt | Exception
Deliver = Callable[[Sequence[tuple[Any, Outcome]]], None]


class Body(NamedTuple):
    """Records as they were sent: a JSON array, one object, or lines of JSON."""

    content: bytes
    lines: bool


class _Handed(NamedTuple):
    """What was handed over, as it came."""

    stream: str
    batch: Checked | Body
    atomic: bool
    ticket: Any
    deliver: Deliver

    @property
    def size(self) -> int:
        """About how many records there are."""
        batch = self.batch
        return len(batch.good) if isinstance(batch, Checked) else len(batch.content) // BYTES


class _Request(NamedTuple):
    stream: str
    checked: Checked
    atomic: bool
    ticket: Any
    deliver: Deliver


class Collector:
    """The one thread of a process that writes records of a workspace."""

    def __init__(self, workspace: Workspace, *, clock: Callable[[], int]) -> None:
        self._workspace, self._clock = workspace, clock
        with workspace.file.read() as connection:
            self._calendar = Calendar(workspace.identity.zone, days.known(connection))
        self._redactor = Redactor()
        self._intakes = {name: Intake(stream) for name, stream in workspace.catalog.streams.items()}
        streams = workspace.catalog.streams.values()
        self._secretive = {s.name for s in streams if len(s.stored) < len(s.fields)}
        self._layouts = {name: workspace.layout(stream) for name, stream in workspace.catalog.streams.items()}
        self._waiting: queue.SimpleQueue[_Handed | None] = queue.SimpleQueue()
        self._closed, self._door = False, threading.Lock()
        self._expected = 0
        self._thread = threading.Thread(target=self._run, name="collector", daemon=True)
        self._thread.start()

    def intake(self, stream: str) -> Intake:
        """Give what decodes and checks a stream's records; raises `UNKNOWN_STREAM` and `STREAM_ATTACHED`."""
        self._workspace.catalog.stream(stream)
        if stream in self._workspace.attached:
            message = f"The records of stream {stream!r} live in the application's own database: nothing is sent here."
            raise Conflict("STREAM_ATTACHED", message)
        return self._intakes[stream]

    def submit(self, stream: str, checked: Checked, *, atomic: bool = False) -> "Future[Receipt]":
        """Hand checked records over; the future is done when they are durable. With `atomic` all or none."""
        done: Future[Receipt] = Future()
        self.hand_over(stream, checked, ticket=done, deliver=_resolve, atomic=atomic)
        return done

    def hand_over(
        self, stream: str, batch: Checked | Body, *, ticket: object, deliver: Deliver, atomic: bool = False
    ) -> None:
        """Hand records over, checked or as they were sent, and be told when they are durable, or why not.

        `deliver` is called in the collector's thread with (ticket, receipt or error) of every request of a commit
        that named it, once for all of them; it has to return soon. Raises `SHUTTING_DOWN` after `close`.
        """
        request = _Handed(stream, batch, atomic, ticket, deliver)
        with self._door:
            if self._closed:
                raise Unavailable("SHUTTING_DOWN", "The server is stopping; send the batch again.")
            self._waiting.put(request)

    def close(self) -> None:
        """Write what was handed over, then stop."""
        with self._door:
            self._closed = True
            self._waiting.put(None)
        self._thread.join()

    def _run(self) -> None:
        running = True
        while running:
            group, running = self._next_group()
            for requests in _apart(self._read(group)):
                self._settle(requests)

    def _next_group(self) -> tuple[list[_Handed], bool]:
        """Wait for a request, then take along what arrived meanwhile."""
        group, size = list[_Handed](), 0
        request = self._waiting.get()
        if self._waiting.qsize() + 1 < self._expected:
            time.sleep(PATIENCE)
        while request is not None:
            group.append(request)
            size += request.size
            if size >= GROUP or self._waiting.empty():
                self._expected = len(group) if len(group) >= MANY else 0
                return group, True
            request = self._waiting.get()
        return group, False

    def _read(self, group: Sequence[_Handed]) -> list[_Request]:
        """Give the requests with their records read; whoever sent none, or what is none, is told at once."""
        found: list[_Request] = []
        for handed in group:
            stream, batch, atomic, ticket, deliver = handed
            try:
                checked = batch if isinstance(batch, Checked) else self._decode(stream, batch)
            except Exception as error:  # noqa: BLE001 -- whatever it is, the sender must hear it and the thread go on
                _tell([handed], [error])
            else:
                if checked.received:
                    found.append(_Request(stream, checked, atomic, ticket, deliver))
                else:
                    _tell([handed], [NOTHING])
        return found

    def _decode(self, stream: str, body: Body) -> Checked:
        return self.intake(stream).decode(body.content, lines=body.lines, now=self._clock())

    def _settle(self, requests: Sequence[_Request]) -> None:
        """Commit the requests together and tell each; an error that may be one's alone is looked for one by one."""
        try:
            outcomes: Sequence[Outcome] = self._commit(requests)
        except Exception as error:  # noqa: BLE001 -- whatever it is, the callers must hear it and the thread go on
            if len(requests) > 1 and not isinstance(error, Unavailable):
                for request in requests:
                    self._settle([request])
                return
            outcomes = [error] * len(requests)
        _tell(requests, outcomes)

    def _commit(self, requests: Sequence[_Request]) -> list[Receipt]:
        now = self._clock()
        try:
            return self._write(requests, now=now)
        except BatchRefused as refused:
            # Nothing of the batch was kept, but what was wrong with it is counted.
            with self._workspace.file.write() as connection:
                self._count_rejects(connection, requests[0].stream, [refused.receipt], now=now)
            raise

    def _write(self, requests: Sequence[_Request], *, now: int) -> list[Receipt]:
        lots = [(name, members, self._lay_out(name, members)) for name, members in _by_stream(requests).items()]
        receipts: dict[str, Iterator[Receipt]] = {}
        with self._workspace.file.write() as connection:
            for name, members, lot in lots:
                statuses = self._sort_out(connection, lot, now=now)
                self._append(connection, lot, statuses)
                mine = _receipts(members, statuses)
                self._count_rejects(connection, name, mine, now=now)
                self._count_secrets(connection, name, members, now=now)
                receipts[name] = iter(mine)
                _refuse_atomic(members, mine)
        return [next(receipts[request.stream]) for request in requests]

    def _lay_out(self, stream: str, requests: Sequence[_Request]) -> Lot:
        good = requests[0].checked.good if len(requests) == 1 else [r for q in requests for r in q.checked.good]
        layout = self._layouts[stream]
        return lay_out(layout, good, keys=self._workspace.keys, calendar=self._calendar, redactor=self._redactor)

    def _sort_out(self, connection: Connection, lot: Lot, *, now: int) -> NDArray[np.int8]:
        """Say of each row whether it is new, known, contradicts a known one, or is of a day whose figures are final."""
        statuses = np.zeros(len(lot), dtype=np.int8)
        stream = lot.layout.stream.name
        before = tally.standings(connection, stream, list(lot.by_day))
        final = [day for day, standing in before.items() if standing.is_final]
        for day in final:
            here, state = lot.by_day[day], days.state(connection, stream, day)
            statuses[here] = correct.sort_out(self._workspace, connection, lot, here, state, now=now)
        alive = {day: lot.pairs(here) for day, here in lot.by_day.items() if day not in final}
        if not records.claim_all(connection, stream, alive):
            for day, pairs in alive.items():
                statuses[lot.by_day[day]] = _identify(connection, stream, day, pairs)
        more = lot.more(statuses == NEW)
        untouched = [one.day for one in more if one.day not in before or not before[one.day].touched]
        days.write_down(connection, map(self._calendar.day, untouched))
        tally.add(connection, stream, before, more)
        if final:
            late = statuses == CORRECTION
            correct.carry_out(self._workspace, connection, lot, late, now=now, calendar=self._calendar)
        return statuses

    def _append(self, connection: Connection, lot: Lot, statuses: NDArray[np.int8]) -> None:
        fresh = statuses == NEW
        if fresh.any():
            listed, columns = lot.rows(fresh)
            records.append(connection, lot.layout, listed, columns)

    def _count_rejects(self, connection: Connection, stream: str, receipts: Sequence[Receipt], *, now: int) -> None:
        rejected = [r for receipt in receipts if receipt.rejected for r in receipt.rejections]
        if rejected:
            counts = Counter((r.field, r.code) for r in rejected)
            records.count_rejects(connection, stream, self._calendar.number_of(now), counts)

    def _count_secrets(self, connection: Connection, stream: str, requests: Sequence[_Request], *, now: int) -> None:
        """Count in how many records a secret field was present; that is all that remains of it."""
        if stream in self._secretive:
            good = [record for request in requests for record in request.checked.good]
            found = secrets_in(self._workspace.catalog.stream(stream), good)
            counts = {(name, SECRET_DROPPED): count for name, count in found.items() if count}
            records.count_rejects(connection, stream, self._calendar.number_of(now), counts)


class BatchRefused(Invalid):
    """An atomic batch had a bad record: nothing of it was kept."""

    def __init__(self, receipt: Receipt) -> None:
        super().__init__("BATCH_REFUSED", f"{receipt.rejected} records are not acceptable, so none was kept.")
        self.receipt = receipt

    def __reduce__(self) -> tuple[type["BatchRefused"], tuple[Receipt]]:
        return BatchRefused, (self.receipt,)


def _resolve(outcomes: Sequence[tuple["Future[Receipt]", Outcome]]) -> None:
    for done, outcome in outcomes:
        if not done.set_running_or_notify_cancel():
            continue
        if isinstance(outcome, Receipt):
            done.set_result(outcome)
        else:
            done.set_exception(outcome)


def _tell(requests: Sequence[_Handed | _Request], outcomes: Sequence[Outcome]) -> None:
    """Tell the requests what became of them, each who waits for them once."""
    told: dict[Deliver, list[tuple[Any, Outcome]]] = {}
    for request, outcome in zip(requests, outcomes, strict=True):
        told.setdefault(request.deliver, []).append((request.ticket, outcome))
    for deliver, mine in told.items():
        try:
            deliver(mine)
        except Exception as error:  # noqa: BLE001 -- the records are kept; who no longer listens cannot be told
            _log.warning("nobody listens for receipts", count=len(mine), error=type(error).__name__)


def _refuse_atomic(requests: Sequence[_Request], receipts: Sequence[Receipt]) -> None:
    for request, receipt in zip(requests, receipts, strict=True):
        if request.atomic and receipt.rejected:
            raise BatchRefused(receipt)


def _apart(group: Sequence[_Request]) -> list[list[_Request]]:
    """Give each atomic batch a transaction of its own; the others share one."""
    shared = [r for r in group if not r.atomic]
    alone = [[r] for r in group if r.atomic]
    return [shared, *alone] if shared else alone


def _by_stream(requests: Sequence[_Request]) -> Mapping[str, list[_Request]]:
    found: dict[str, list[_Request]] = {}
    for request in requests:
        found.setdefault(request.stream, []).append(request)
    return found


def _identify(connection: Connection, stream: str, day: int, pairs: Sequence[tuple[str, int]]) -> NDArray[np.int8]:
    """Claim the keys of one day; on any clash look at each."""
    known = records.claim(connection, stream, day, pairs)
    statuses = np.zeros(len(pairs), dtype=np.int8)
    if known is None:
        return statuses
    fresh: list[tuple[str, int]] = []
    for place, (key, row) in enumerate(pairs):
        before = known.get(key)
        if before is None:
            known[key] = row
            fresh.append((key, row))
        else:
            statuses[place] = DUPLICATE if before == row else CONFLICT
    if fresh:
        records.claim(connection, stream, day, fresh)
    return statuses


@lru_cache(maxsize=1_024)
def _all_new(accepted: int) -> Receipt:
    return Receipt(accepted=accepted, duplicates=0, rejections=(), rejected=0)


def _receipt_of_new(checked: Checked) -> Receipt:
    reasons, accepted = checked.rejections, len(checked.good)
    if not reasons:
        return _all_new(accepted)
    return Receipt(accepted=accepted, duplicates=0, rejections=reasons, rejected=len(reasons))


def _receipts(requests: Sequence[_Request], statuses: NDArray[np.int8]) -> list[Receipt]:
    if not statuses.any():
        return [_receipt_of_new(request.checked) for request in requests]
    found, begin = list[Receipt](), 0
    for request in requests:
        checked, end = request.checked, begin + len(request.checked.good)
        mine = statuses[begin:end]
        begin = end
        bad = np.flatnonzero((mine != NEW) & (mine != DUPLICATE) & (mine != CORRECTION)).tolist()
        late = [_rejection(checked.places[i], int(mine[i])) for i in bad]
        rejections = sorted((*checked.rejections, *late), key=lambda r: r.index) if late else checked.rejections
        found.append(
            Receipt(
                accepted=int(((mine == NEW) | (mine == CORRECTION)).sum()),
                duplicates=int((mine == DUPLICATE).sum()),
                rejections=tuple(rejections),
                rejected=len(rejections),
            )
        )
    return found


def _rejection(index: int, status: int) -> Rejection:
    code, reason = REASONS[status]
    return Rejection(index=index, field="", code=code, message=f"Record {index}: {reason}.")
