"""Answering: a question becomes rows and the labels that say what they are, in visible steps over one snapshot."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import lru_cache
from time import perf_counter

from keepsum.engine import admit as admitting
from keepsum.engine import guarded as guarded_route
from keepsum.engine import plan as planning
from keepsum.engine import route as routing
from keepsum.engine.admit import Admission
from keepsum.engine.arrange import Side, Table, table
from keepsum.engine.days import Calendar, previous
from keepsum.engine.expire import kept_from
from keepsum.engine.guard.reading import whole_months
from keepsum.engine.label import OTHER_LEFT_OUT, SEVERAL_EPOCHS, Routed, explained_refusals, explained_routes, labels
from keepsum.engine.merge import Key
from keepsum.engine.plan import Group, Plan
from keepsum.engine.route import Standing
from keepsum.engine.sources import Source, candidates, source
from keepsum.model.access import Caller
from keepsum.model.answer import Answer, Explain, Labels
from keepsum.model.errors import NotFound, Unavailable
from keepsum.model.query import Query
from keepsum.model.stream import Duration, Stream
from keepsum.pipeline import live_attached
from keepsum.pipeline.fetch import Fetched, Reading, fetch
from keepsum.pipeline.live import Remembered
from keepsum.pipeline.records import still_listed
from keepsum.store import rollups, standing
from keepsum.store.database import Connection
from keepsum.store.homes.embedded import Damaged
from keepsum.store.workspace import Workspace, terms

ATTEMPTS = 5
_EVER = 10**7  # days, more than any calendar has


@dataclass(frozen=True, kw_only=True)
class Part:
    """One range of a question on its way: the one asked for, or the one before it."""

    plan: Plan
    routed: tuple[Routed, ...] = ()
    fetched: Fetched | None = None

    @property
    def side(self) -> Side:
        """The range with its figures."""
        assert self.fetched is not None  # noqa: S101 -- the steps are in order
        return Side(plan=self.plan, sheet=self.fetched.sheet)


@dataclass(frozen=True, kw_only=True)
class Course:
    """An answer on its way; each step gives it back with more in it."""

    workspace: Workspace
    connection: Connection
    caller: Caller
    query: Query
    now: int
    remembered: Remembered
    admission: Admission | None = None
    damaged: frozenset[tuple[str, int]] = frozenset()
    parts: tuple[Part, ...] = ()
    table: Table | None = None
    labels: Labels | None = None
    seconds: Mapping[str, float] = field(default_factory=dict[str, float])

    @property
    def admitted(self) -> Admission:
        """What may be read."""
        assert self.admission is not None  # noqa: S101 -- the steps are in order
        return self.admission


Step = Callable[[Course], Course]


def admit(course: Course) -> Course:
    """Say what the caller may see of what is asked for; another workspace's caller does not even find this one."""
    name = course.workspace.identity.id
    if course.caller.workspace != name:
        raise NotFound("UNKNOWN_WORKSPACE", f"There is no workspace {name!r}.")
    today = _calendar(course.workspace.identity.zone).number_of(course.now)
    admission = admitting.admit(course.caller, course.workspace.catalog, course.query, today)
    return replace(course, admission=admission, query=admission.query)


def plan(course: Course) -> Course:
    """Say what is needed, for the range asked for and for the one before it where they are compared."""
    query = course.query
    queries = [query]
    if query.compare == "previous":
        first, last = previous(query.first, query.last)
        queries.append(replace(query, first=first, last=last))
    week_start = terms(course.connection).week_start
    catalog, limits = course.workspace.catalog, course.admitted.limits
    plans = (planning.plan(catalog, asked, week_start, limits) for asked in queries)
    return replace(course, parts=tuple(Part(plan=one) for one in plans))


def bound(course: Course) -> Course:
    """Refuse what would be read beyond what the caller may see."""
    for part in course.parts:
        admitting.bound(course.admitted, course.workspace.catalog, part.plan)
    return course


def route(course: Course) -> Course:
    """Say where each day's figures come from."""
    parts = (
        replace(part, routed=tuple(_routed(course, part.plan, group) for group in part.plan.groups))
        for part in course.parts
    )
    return replace(course, parts=tuple(parts))


def read(course: Course) -> Course:
    """Fetch partial results and merge them; a day whose records cannot be read is routed again, as damaged."""
    reading = Reading(workspace=course.workspace, connection=course.connection, remembered=course.remembered)
    try:
        parts = tuple(
            replace(part, fetched=fetch(reading, part.plan, [r.routes for r in part.routed])) for part in course.parts
        )
    except Damaged as error:
        if not still_listed(course.workspace, error):
            raise _Outdated from error
        return _without(course, error.segment.stream, error.segment.day)
    except live_attached.Unreadable as error:
        return _without(course, error.stream, error.day)
    return replace(course, parts=parts)


def _without(course: Course, stream: str, day: int) -> Course:
    """The course as it goes on when a day has no records to read."""
    return read(route(replace(course, damaged=course.damaged | {(stream, day)})))


def calculate(course: Course) -> Course:
    """Put formulas over the figures, in the order and the columns that were asked for."""
    main, *before = (part.side for part in course.parts)
    return replace(course, table=table(main, before[0] if before else None))


def label(course: Course) -> Course:
    """Say what the numbers are."""
    main, *before = course.parts
    fetched = [part.fetched for part in course.parts if part.fetched]
    epochs = max(1, *(len(one.epochs) for one in fetched))
    remarks = {OTHER_LEFT_OUT: any(one.left_out for one in fetched), SEVERAL_EPOCHS: epochs > 1}
    also = [name for name, is_so in remarks.items() if is_so]
    found = labels(main.plan, main.routed, main.side.sheet, before[0].routed if before else (), also, epochs)
    return replace(course, labels=found)


READING: tuple[Step, ...] = (admit, plan, bound, route, read)
STEPS: tuple[Step, ...] = (*READING, calculate, label)


def answer(
    workspace: Workspace, query: Query, *, caller: Caller, now: int, remembered: Remembered | None = None
) -> Answer:
    """Give the answer to a caller's question as the workspace stands at one moment.

    `remembered` keeps the figures of unsealed days between questions. Raises what `engine.admit.admit` and `bound` and
    `engine.plan.plan` raise, and `ANSWER_TOO_LONG`.
    """
    return _answered(_over_snapshot(workspace, query, STEPS, caller, now, remembered))


def keys(
    workspace: Workspace, query: Query, *, caller: Caller, now: int, remembered: Remembered | None = None
) -> tuple[Key, ...]:
    """Give the groups that the answer to a question would have, as they are stored; raises what `answer` raises."""
    course = _over_snapshot(workspace, query, READING, caller, now, remembered)
    return tuple(course.parts[0].side.sheet.keys)


def _over_snapshot(
    workspace: Workspace, query: Query, steps: tuple[Step, ...], caller: Caller, now: int, remembered: Remembered | None
) -> Course:
    """Carry steps out over one snapshot of the workspace, again when files were replaced meanwhile."""
    kept = Remembered() if remembered is None else remembered
    for _ in range(ATTEMPTS):
        try:
            with workspace.file.read() as connection:
                course = Course(
                    workspace=workspace,
                    connection=connection,
                    caller=caller,
                    query=query,
                    now=now,
                    remembered=kept,
                )
                return _carried_out(course, steps)
        except _Outdated:
            continue
    raise Unavailable("FILES_MOVING", "The files of records were replaced again and again while they were read: retry.")


class _Outdated(Exception):
    """A file was replaced by another after the snapshot was taken."""


def _carried_out(course: Course, steps: tuple[Step, ...]) -> Course:
    for step in steps:
        begin = perf_counter()
        course = step(course)
        seconds = {**course.seconds, step.__name__: round(perf_counter() - begin, 6)}
        course = replace(course, seconds=seconds)
    return course


def _answered(course: Course) -> Answer:
    found, said = course.table, course.labels
    assert found is not None and said is not None  # noqa: S101, PT018 -- the steps are in order
    return Answer(
        columns=found.columns,
        rows=found.rows,
        totals=found.totals,
        labels=said,
        explain=_explained(course) if course.query.explain else None,
    )


def _explained(course: Course) -> Explain:
    routed = [r for part in course.parts for r in part.routed]
    return Explain(
        access=course.admitted.explained(),
        routes=explained_routes(routed),
        refusals=explained_refusals(routed),
        # How much was read to find the rows of one actor would tell how much the others have.
        rows_read=None if course.admitted.sees_some_rows else _rows_read(course),
        seconds=course.seconds,
    )


def _rows_read(course: Course) -> int:
    return sum(part.fetched.rows_read for part in course.parts if part.fetched)


def _routed(course: Course, plan: Plan, group: Group) -> Routed:
    """How one group's stream stands, and where each of its needs comes from."""
    connection, stream = course.connection, group.stream
    found = _standing(course, stream, group.first, group.last)
    every = _sources(course, stream)
    sources = [one for one in every if course.admitted.reads(stream, one.rollup)]
    tables = {fit.source.table for need in group.needs for fit in candidates(sources, group, need)[0]}
    corrected = _corrections(course, plan, group)
    booked = _booked(connection, tables, corrected, group) if plan.query.basis == "booked" else None
    is_guarded = plan.query.guarded and stream.subject is not None
    if is_guarded:
        months = whole_months(group.first, group.last)
        published = {s.table: standing.published(connection, s.table, *months) for s in every}
        routes = guarded_route.route(group, found, sources, published, booked)
    else:
        coverage = {table: standing.covered(connection, table, group.first, group.last) for table in tables}
        routes = routing.route(group, found, sources, coverage, booked)
    days = frozenset(day for day, _ in corrected)
    return Routed(group=group, standing=found, routes=routes, guarded=is_guarded, corrected=days)


def _standing(course: Course, stream: Stream, first: int, last: int) -> Standing:
    found = standing.stood(course.connection, stream.name, first, last)
    course.remembered.records.forget(course.workspace.file.path, stream.name, found.purged)
    stands = Standing(
        start=standing.begin(course.connection, stream),
        today=_calendar(course.workspace.identity.zone).number_of(course.now),
        sealed=found.sealed,
        purged=found.purged,
        collected=found.collected | _collected_beside(course, stream, first, last),
        noted=found.noted,
        damaged=found.damaged | {day for name, day in course.damaged if name == stream.name},
        short=found.short,
    )
    if stream.name not in course.workspace.attached:
        return stands
    span = (first, last)
    return live_attached.stands(course.workspace, course.connection, stream, stands, course.remembered, span)


def _collected_beside(course: Course, stream: Stream, first: int, last: int) -> frozenset[int]:
    """The days of which the stream that this one is covered with has records."""
    if stream.covered_with is None:
        return frozenset()
    return standing.stood(course.connection, stream.covered_with, first, last).collected


def _sources(course: Course, stream: Stream) -> Sequence[Source]:
    zone = course.workspace.identity.zone
    today = _calendar(zone).number_of(course.now)
    return [
        source(g.id, g.table, g.rollup, g.definition, _kept_from(g.keep, zone, today))
        for g in rollups.known(course.connection, stream.name)
    ]


def _corrections(course: Course, plan: Plan, group: Group) -> frozenset[tuple[int, int]]:
    """The corrections of a group's stream, where they matter: to basis, and to what is at most."""
    matters = plan.query.basis == "booked" or any(need.kind == "distinct" for need in group.needs)
    return standing.corrections(course.connection, group.stream.name) if matters else frozenset()


def _booked(
    connection: Connection, tables: set[str], corrections: frozenset[tuple[int, int]], group: Group
) -> Mapping[str, Sequence[tuple[int, int]]]:
    """By table, the corrections that were booked within the range and that the table has."""
    within = sorted(pair for pair in corrections if group.first <= pair[1] <= group.last)
    covered = {table: standing.covered(connection, table, -_EVER, _EVER) for table in tables} if within else {}
    return {table: [pair for pair in within if pair[0] in days] for table, days in covered.items()}


@lru_cache(maxsize=16)
def _calendar(zone: str) -> Calendar:
    return Calendar(zone)


@lru_cache(maxsize=256)
def _kept_from(keep: Duration, zone: str, today: int) -> int | None:
    """The first day whose figures have not expired as today begins."""
    calendar = _calendar(zone)
    return kept_from(keep, calendar, calendar.day(today).start)
