"""Who has the most of a metric: people by name, from living records, for callers who may see them, and audited."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any, cast

from keepsum.engine import access, admit
from keepsum.engine.compile.attached import group_columns, grouped
from keepsum.engine.days import Calendar
from keepsum.engine.lead import Leading, Standings, grouping, latest, leading, shown
from keepsum.model.access import Caller, Permission
from keepsum.model.answer import Leader
from keepsum.model.audit import Kind
from keepsum.model.day import Day, date_of
from keepsum.model.errors import Forbidden, Invalid, NotFound, Unavailable
from keepsum.model.query import Query
from keepsum.model.stream import Field, Stream
from keepsum.pipeline import audit, gather
from keepsum.pipeline.ask import query_of
from keepsum.pipeline.records import read_records
from keepsum.store import days
from keepsum.store.database import Connection
from keepsum.store.days import DayState
from keepsum.store.homes.embedded import Damaged
from keepsum.store.workspace import Workspace

USUAL, MOST = 20, 1_000
_PARAMETERS = ("metric", "from", "to", "top", "fields")


@dataclass(frozen=True, kw_only=True)
class Question:
    """Whose sums of a metric over a range are the largest, and which fields of theirs are wanted beside them."""

    query: Query
    leading: Leading
    top: int
    fields: tuple[Field, ...]

    @property
    def stream(self) -> Stream:
        """Whose records are read."""
        return self.leading.stream


def leaders(
    workspace: Workspace,
    parameters: Mapping[str, object],
    *,
    caller: Caller,
    now: int,
) -> tuple[Leader, ...]:
    """Give the people who have the most of a metric, as plain values ask for it: see `model.route.Ask.leaders`."""
    today = Calendar(workspace.identity.zone).number_of(now)
    asked = _question(workspace, parameters, caller, today)
    with workspace.file.read() as connection:
        living = _living(connection, asked)
        read = _in_database if asked.stream.name in workspace.attached else _in_files
        found = read(workspace, connection, asked, living)
    told = {
        "stream": asked.stream.name,
        "metric": asked.query.metrics[0],
        "from": str(date_of(asked.query.first)),
        "to": str(date_of(asked.query.last)),
        "fields": [field.name for field in asked.fields],
        "people": len(found),
    }
    audit.record(workspace.control, Kind.PERSONAL_READ, caller, told, now=now)
    return found


def _question(workspace: Workspace, parameters: Mapping[str, object], caller: Caller, today: int) -> Question:
    """Read what is asked, and refuse what the caller may not see."""
    unknown = sorted(parameters.keys() - set(_PARAMETERS))
    if unknown:
        known = ", ".join(_PARAMETERS)
        raise Invalid("UNKNOWN_PARAMETER", f"Leaders have no parameter {unknown[0]!r}; known: {known}.")
    range_ = {name: parameters.get(name) for name in ("from", "to")}
    metric = parameters.get("metric")
    query = query_of({"metrics": metric if metric is None else [metric], **range_})
    if query.last < query.first:
        raise Invalid("RANGE_REVERSED", "The range ends before it starts: swap 'from' and 'to'.")
    access.require(caller, Permission.PERSONAL)
    admission = admit.admit(caller, workspace.catalog, query, today)
    wanted = leading(workspace.catalog.metric(query.metrics[0]))
    _check_whole(admission, wanted.stream)
    top = parameters.get("top", USUAL)
    if not isinstance(top, int) or not 1 <= top <= MOST:
        raise Invalid("TOP_OUT_OF_RANGE", f"'top' is a whole number within 1 and {MOST}: choose another.")
    names = cast("Sequence[str]", parameters.get("fields", ()))
    return Question(query=query, leading=wanted, top=top, fields=tuple(_field(wanted.stream, n) for n in names))


def _check_whole(admission: admit.Admission, stream: Stream) -> None:
    """Refuse whoever is shown some of the records only, or none of their own: people are not shown in part."""
    seen = access.narrowest((admission.of_stream(stream.name), access.see(admission.caller, admission.today, stream)))
    if not seen.allowed or seen.guarded or seen.actors is not None:
        message = f"People of stream {stream.name!r} are shown to whom all of its records are: ask an owner for a role."
        raise Forbidden("NOT_PERMITTED", message)
    if seen.first_day is not None and admission.query.first < seen.first_day:
        first = date_of(seen.first_day)
        message = f"Your roles show stream {stream.name!r} from {first} on: ask from then."
        raise Forbidden("OUTSIDE_GRANT", message)


def _field(stream: Stream, name: str) -> Field:
    found = next((field for field in stream.stored if field.name == name), None)
    if found is None:
        known = ", ".join(field.name for field in stream.stored) or "none"
        raise Invalid("UNKNOWN_FIELD", f"Stream {stream.name!r} keeps no field {name!r}; known: {known}.")
    return found


def _living(connection: Connection, asked: Question) -> list[DayState]:
    """Give the days to read, the latest first; raises `RECORDS_PURGED`, naming from which day on records live."""
    known = days.states(connection, asked.stream.name, asked.query.first, asked.query.last)
    gone = [day for day, state in known.items() if state.purge and state.control.records]
    if gone:
        message = (
            f"Records of stream {asked.stream.name!r} up to {date_of(max(gone))} are deleted, and nobody knows "
            f"any more whose they were: ask from {date_of(max(gone) + 1)} on."
        )
        raise NotFound("RECORDS_PURGED", message)
    return [state for _, state in sorted(known.items(), reverse=True) if state.control.records]


def _in_files(
    workspace: Workspace, connection: Connection, asked: Question, living: Sequence[DayState]
) -> tuple[Leader, ...]:
    """Add up the records that were collected; raises `RECORDS_DAMAGED`."""
    standings, stream = Standings(asked.leading), asked.stream
    try:
        for state in living:
            standings.add(read_records(workspace, connection, stream, (state,), asked.leading.columns))
        first = standings.first(asked.top)
        fields = _fields_of({subject for subject, _ in first}, workspace, connection, asked, living)
    except Damaged as error:
        day = date_of(error.segment.day)
        message = f"Records of stream {stream.name!r} of {day} cannot be read: ask without that day."
        raise Unavailable("RECORDS_DAMAGED", message) from error
    return _leaders(asked, first, fields)


def _in_database(
    workspace: Workspace, connection: Connection, asked: Question, _living: Sequence[DayState]
) -> tuple[Leader, ...]:
    """Let the application's own database add its rows up by person; raises `DATABASE_*`."""
    standings = Standings(asked.leading)
    rollup = grouping(asked.leading, asked.fields)
    with gather.snapshot(workspace, asked.stream) as reading:
        for span in _spans(workspace, connection, asked):
            for groups in reading.stream(grouped(rollup, reading.dialect, span)):
                standings.add_groups(group_columns(rollup), groups)
    first = standings.first(asked.top)
    return _leaders(asked, first, standings.fields((subject for subject, _ in first), asked.fields))


def _spans(workspace: Workspace, connection: Connection, asked: Question) -> Iterator[Day]:
    """Give the range as one long day, so that one statement is enough; dates are asked for one by one."""
    calendar = Calendar(workspace.identity.zone, days.known(connection))
    first, last = calendar.day(asked.query.first), calendar.day(asked.query.last)
    if asked.stream.time_kind == "instant":
        yield replace(first, end=last.end)
    else:
        yield from (calendar.day(number) for number in range(first.number, last.number + 1))


def _leaders(
    asked: Question, first: Sequence[tuple[str, int]], fields: Mapping[str, tuple[Any, ...]]
) -> tuple[Leader, ...]:
    names = [field.name for field in asked.fields]
    return tuple(
        Leader(
            subject=subject,
            value=shown(value, asked.leading.scale),
            fields=dict(zip(names, fields.get(subject, ()), strict=True)),
        )
        for subject, value in first
    )


def _fields_of(
    subjects: set[str],
    workspace: Workspace,
    connection: Connection,
    asked: Question,
    living: Sequence[DayState],
) -> dict[str, tuple[Any, ...]]:
    """Give the wanted fields of each subject's last record, reading no further back than it takes."""
    found: dict[str, tuple[Any, ...]] = {}
    if not asked.fields:
        return dict.fromkeys(subjects, ())
    columns = ("time", "key", "subject", *(f"f_{field.name}" for field in asked.fields))
    for state in living:
        if not subjects - found.keys():
            break
        records = read_records(workspace, connection, asked.stream, (state,), columns)
        found |= latest(records, asked.fields, subjects - found.keys())
    return found
