"""The kinds of job by name: what each does, over which days, and what it leaves for a person."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Protocol

from keepsum.engine.days import Calendar
from keepsum.engine.schedule import check
from keepsum.model.access import Caller
from keepsum.model.audit import Kind
from keepsum.model.counted import counted
from keepsum.model.day import date_in, day_number
from keepsum.model.errors import Conflict, Invalid, NotFound, ProofFailed, Unavailable
from keepsum.model.job import Outcome, Progress, Schedule
from keepsum.model.published import Published
from keepsum.model.setting import Secret, Told
from keepsum.pipeline import attached, audit, move, proof, purge, roll
from keepsum.pipeline.proof import Batch
from keepsum.pipeline.verify import verify_ledger
from keepsum.store import jobs, ledger, schedules
from keepsum.store.database import Database
from keepsum.store.jobs import JobRow
from keepsum.store.workspace import Workspace

if TYPE_CHECKING:
    from keepsum.pipeline.exports import Exports

MOVES = "*/5 * * * *"
NIGHTS = "15 2 * * *"
SWEEPS = "*/10 * * * *"


class Means(Protocol):
    """What a job works with: a workspace, its days, business time, and somebody who rolls batches."""

    @property
    def workspace(self) -> Workspace:
        """The workspace the job is about."""
        ...

    @property
    def control(self) -> Database:
        """The control file, which has the jobs of all workspaces."""
        ...

    @property
    def archived(self) -> bool:
        """Whether nothing is added to the workspace any more."""
        ...

    @property
    def clock(self) -> Callable[[], int]:
        """Business time in µs."""
        ...

    @property
    def told(self) -> Mapping[str, Mapping[str, Told]]:
        """What each pack is told."""
        ...

    @property
    def audit_keep(self) -> int:
        """How many days the audit log goes back."""
        ...

    @property
    def exports(self) -> "Exports":
        """What exports of the workspace are made with."""
        ...

    def calendar(self) -> Calendar:
        """Give the workspace's days."""
        ...

    def roll(self, batches: Sequence[Batch], advance: roll.Advance) -> proof.Outcome:
        """Roll, prove and seal batches, on one process or several."""
        ...

    def note(self) -> None:
        """Remember outside the workspace how far it has come."""
        ...


@dataclass(frozen=True, kw_only=True)
class Span:
    """The days a job is asked for, both included; None is as far as there is something to do."""

    first: int | None = None
    last: int | None = None


ALWAYS = Span()


@dataclass(frozen=True, kw_only=True)
class Job:
    """One kind of job: what carries it out, whether it takes a range of days, and whether it deletes records."""

    run: Callable[[Means, Span, Progress], Outcome]
    ranged: bool = False
    deletes: bool = False
    about: str


def kind(name: str) -> Job:
    """Give a kind of job; raises `UNKNOWN_JOB_KIND`."""
    if name not in JOBS:
        raise NotFound("UNKNOWN_JOB_KIND", f"There is no job {name!r}; known: {', '.join(JOBS)}.")
    return JOBS[name]


def parameters(name: str, first: str | None = None, last: str | None = None) -> dict[str, str]:
    """Give what is queued for a job, after checking that it can be carried out; dates are ISO, both included.

    Raises `UNKNOWN_JOB_KIND`, `RANGE_NOT_TAKEN`, `BAD_DATE` and `RANGE_REVERSED`.
    """
    given = {name: value for name, value in (("from", first), ("to", last)) if value is not None}
    if given and not kind(name).ranged:
        raise Invalid("RANGE_NOT_TAKEN", f"Job {name!r} takes no range of days: leave 'from' and 'to' out.")
    kind(name)
    span_of(given)
    return given


def span_of(given: Mapping[str, Any]) -> Span:
    """Give the days that parameters name; raises `BAD_DATE` and `RANGE_REVERSED`."""
    first, last = (_day(given, name) for name in ("from", "to"))
    if first is not None and last is not None and last < first:
        raise Invalid("RANGE_REVERSED", f"The range from {given['from']!r} to {given['to']!r} ends before it starts.")
    return Span(first=first, last=last)


def _day(given: Mapping[str, Any], name: str) -> int | None:
    value = given.get(name)
    if value is None:
        return None
    found = date_in(value)
    if found is None:
        raise Invalid("BAD_DATE", f"{name!r} is {value[:20]!r}: give a date such as '2026-01-31'.")
    return day_number(found)


def schedule(means: Means, nightly: str | None) -> None:
    """Make a workspace's schedules those there are; raises `BAD_CRON`.

    Without a time that the install names, the nightly job runs when the packs want it to.
    Of an archived one records are moved no more: retention goes on, and nothing is deleted that is not proven.
    """
    made = means.workspace.identity
    cron = nightly or means.workspace.catalog.nightly or NIGHTS
    declared = [
        Schedule(name="nightly", job="nightly", cron=cron, zone=made.zone),
        Schedule(name="sweep", job="sweep", cron=SWEEPS, zone="UTC"),
    ]
    if not means.archived:
        declared.append(Schedule(name="move", job="move", cron=MOVES, zone="UTC"))
        if any(_open_tables(means)):
            declared.append(Schedule(name="publish", job="publish", cron=MOVES, zone="UTC"))
    for one in declared:
        check(one.cron, one.zone)
    schedules.declare(means.control, made.id, declared, means.clock())


def _open_tables(means: Means) -> Iterator[Published]:
    """Give the published tables of what is not sealed yet, which are written all day."""
    every = ((pack, table) for pack in means.workspace.catalog.packs for table in pack.published)
    told = (table for pack, table in every if isinstance(means.told.get(pack.name, {}).get(table.into), Secret))
    return (table for table in told if table.when == "open")


def start(means: Means, name: str, given: Mapping[str, Any], cause: str, caller: Caller) -> JobRow:
    """Queue a job with checked parameters, or give the identical one that still waits; raises `WORKSPACE_ARCHIVED`.

    The audit log says who asked for one that deletes.
    """
    if means.archived:
        raise Conflict("WORKSPACE_ARCHIVED", "The workspace is archived: only what deletes in time goes on, by itself.")
    made, now = means.workspace.identity.id, means.clock()
    with means.control.write() as connection:
        number = jobs.put(connection, made, name, given, cause, now)
        if kind(name).deletes:
            told = {"job": number, "kind": name}
            audit.note(connection, Kind.PURGED_BY_PERSON, caller, told, now=now)
    return jobs.get(means.control, made, number)


DAYS_HELD = "DAYS_HELD"  # stands last in what waits for a person


def carry_out(means: Means, name: str, given: Mapping[str, Any], progress: Progress) -> Outcome:
    """Do a job and say what it did; what waits for a person is in `held`."""
    outcome = OWN[name](means, given, progress) if name in OWN else kind(name).run(means, span_of(given), progress)
    means.note()
    return outcome


def _move(means: Means, _span: Span, progress: Progress) -> Outcome:
    tally = _Tally(progress)
    moved = move.move(means.workspace, means.calendar(), now=means.clock(), advance=tally)
    return Outcome(days=tally.days, rows=moved)


def _roll(means: Means, span: Span, progress: Progress) -> Outcome:
    planned, told = _planned(means, span)
    outcome = means.roll(planned, _Tally(progress, sum(len(batch.days) for batch in planned)))
    told += outcome.unreached
    if outcome.held:
        told.append(f"{DAYS_HELD}: {counted(outcome.held, 'days')} cannot be sealed; list the days to see why.")
    held = " ".join(told)
    return Outcome(days=outcome.sealed, rows=outcome.records, held=held or None)


def _planned(means: Means, span: Span) -> tuple[list[Batch], list[str]]:
    """Give the days of every stream that are to be rolled, and what people should know of databases they lie in."""
    workspace, calendar, now = means.workspace, means.calendar(), means.clock()
    here = [name for name in workspace.catalog.streams if name not in workspace.attached]
    batches = roll.plan(workspace, calendar, now=now, first=span.first, last=span.last, streams=here)
    told: list[str] = []
    for name in workspace.attached:
        stream = workspace.catalog.stream(name)
        try:
            found = attached.plan(workspace, stream, calendar, now=now, first=span.first, last=span.last)
        except (Conflict, Unavailable) as error:
            if not attached.is_of_database(error):
                raise
            told.append(str(error))
            continue
        batches.extend(found.batches)
        if found.timeless:
            rows = "1 row is" if found.timeless == 1 else f"{found.timeless} rows are"
            told.append(f"ROWS_WITHOUT_TIME: of stream {name!r} {rows} of no day and in no figure.")
    return batches, told


def _close(means: Means, _span: Span, progress: Progress) -> Outcome:
    from keepsum.pipeline import closing  # noqa: PLC0415 -- only nights and who asks for it close months

    closed, _ = closing.close(means.workspace, means.calendar(), now=means.clock())
    progress.progress(percent=100.0)
    return Outcome(rows=len(closed))


def _purge(means: Means, _span: Span, progress: Progress) -> Outcome:
    now, calendar = means.clock(), means.calendar()
    going = purge.plan(means.workspace, calendar, now=now).going
    done = purge.purge(means.workspace, calendar, now=now, advance=_Tally(progress, len(going)))
    return Outcome(days=done.days, rows=done.records, held=_unpurged(done))


def _unpurged(done: purge.Purged) -> str | None:
    elsewhere = sorted({due.detail for due in done.unfinished if due.detail})
    if elsewhere:
        return f"PURGE_UNFINISHED: {' '.join(elsewhere)} The next purge goes on."
    if done.unfinished:
        left = counted(len(done.unfinished), "days")
        return f"PURGE_UNFINISHED: {left} deleted, but a reader held the log; purge again."
    if done.blocked:
        return (
            f"PAST_DEADLINE: {counted(len(done.blocked), 'days')} past retention may not go; plan a purge to see why."
        )
    return None


def _nightly(means: Means, span: Span, progress: Progress) -> Outcome:
    """Do each step of a night, whatever came of the one before; then log how both chains stand."""
    import structlog  # noqa: PLC0415 - workers have it; a command that carries out one job has nothing to log

    from keepsum.pipeline import night  # noqa: PLC0415 - the same

    with means.workspace.file.read() as connection:
        begun, _, _ = ledger.head(connection)
    done: dict[str, Outcome] = {}
    for number, name in enumerate(NIGHTLY):
        share = _Share(progress, number / len(NIGHTLY), (number + 1) / len(NIGHTLY))
        done[name] = JOBS[name].run(means, span, share)
    with means.workspace.file.read() as connection:
        seq, digest, _ = ledger.head(connection)
    figures = {f"{name}_{what}": getattr(of, what) for name, of in done.items() for what in ("days", "rows")}
    log: Any = structlog.get_logger(__name__)
    log.info("ledger head", workspace=means.workspace.identity.id, entry=seq, head=digest, **figures)
    audit.expire(means.control, now=means.clock(), keep=means.audit_keep)
    log.info("audit head", head=audit.head(means.control))
    held = " ".join(outcome.held for outcome in done.values() if outcome.held)
    night.tell(means, log, since=begun, expired=done["sweep"].rows, held=held or None)
    counted = (done["roll"], done["purge"])
    return Outcome(days=sum(o.days for o in counted), rows=sum(o.rows for o in counted), held=held or None)


def _verify(means: Means, _span: Span, progress: Progress) -> Outcome:
    def advance(done: int, total: int) -> None:
        progress.progress(percent=100.0 * done / total)

    verdict = verify_ledger(means.workspace, advance=advance)
    if not verdict.ok:
        raise ProofFailed("LEDGER_BROKEN", str(verdict))
    return Outcome(days=verdict.seals, rows=verdict.entries)


def _sweep(means: Means, _span: Span, progress: Progress) -> Outcome:
    from keepsum.pipeline import exports  # noqa: PLC0415 -- whoever only rolls does not wait for it

    gone = exports.sweep(means.exports)
    progress.progress(percent=100.0)
    return Outcome(rows=gone)


def _export(means: Means, given: Mapping[str, Any], progress: Progress) -> Outcome:
    from keepsum.pipeline.make_export import make  # noqa: PLC0415 -- the same

    return make(means.exports, given["export"], progress)


def _publish(means: Means, _span: Span, progress: Progress) -> Outcome:
    """Publish what changed; a database that is out of reach, or not as it should be, waits for a person."""
    from keepsum.pipeline.publishing import publish  # noqa: PLC0415 - few jobs publish, and it loads what databases need

    try:
        done = publish(means.workspace, means.told, now=means.clock())
    except (Conflict, Invalid, Unavailable) as error:
        return Outcome(held=str(error))
    periods, rows = sum(one.periods for one in done), sum(one.rows for one in done)
    progress.progress(days=periods, rows=rows, percent=100.0)
    return Outcome(days=periods, rows=rows)


NIGHTLY = ("move", "roll", "close", "purge", "sweep", "publish")

JOBS: Mapping[str, Job] = {
    "move": Job(run=_move, about="Move records of ended days, and full open ones, into segments."),
    "roll": Job(run=_roll, ranged=True, about="Roll, prove and seal every ended day that is not."),
    "close": Job(run=_close, about="Enter the figures of months that are over into the ledger."),
    "purge": Job(run=_purge, deletes=True, about="Delete the records of every sealed day past its retention."),
    "publish": Job(run=_publish, about="Write figures into the tables of an application's own database."),
    "nightly": Job(
        run=_nightly, deletes=True, about="Move, roll, close, purge, sweep and publish, and log the ledger's head."
    ),
    "sweep": Job(run=_sweep, about="Delete the files of exports that are over."),
    "verify": Job(run=_verify, about="Check the ledger against everything it covers."),
}

# Jobs that are part of something else, and that nobody starts by name.
OWN: Mapping[str, Callable[[Means, Mapping[str, Any], Progress], Outcome]] = {"export": _export}

# Somebody waits for the first, and the second keeps the hour at which files end: neither waits for a long night.
PROMPT = ("export", "sweep")


class _Tally:
    """Adds up what steps report and passes the sums on."""

    def __init__(self, progress: Progress, total: int | None = None) -> None:
        self._progress, self._total = progress, total
        self.days = self.rows = 0

    def __call__(self, days: int, rows: int) -> None:
        self.days, self.rows = self.days + days, self.rows + rows
        self._progress.progress(days=self.days, rows=self.rows, total=self._total)


class _Share:
    """The progress of one step of several, as its share of the whole."""

    def __init__(self, progress: Progress, begin: float, end: float) -> None:
        self._progress, self._begin, self._end = progress, begin, end

    def progress(
        self,
        *,
        days: int | None = None,
        rows: int | None = None,
        total: int | None = None,
        percent: float | None = None,
    ) -> None:
        """Pass the step's progress on."""
        done = percent / 100 if percent is not None else (days or 0) / total if total else 0.0
        self._progress.progress(
            days=days, rows=rows, percent=100 * (self._begin + (self._end - self._begin) * min(done, 1.0))
        )
