"""How a workspace stands on one page: streams, days, what waits for a person, what is overdue, where the ledger is."""

from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from keepsum.engine.days import Calendar
from keepsum.engine.expire import deadline
from keepsum.model.day import A_DAY
from keepsum.model.stream import PERSONAL, Stream
from keepsum.store import attachments, days, ledger
from keepsum.store.attachments import Attachment
from keepsum.store.database import Connection
from keepsum.store.days import DayState
from keepsum.store.workspace import Workspace

A_NIGHT = A_DAY  # µs: a deadline may pass in the morning, and the purge comes at night


@dataclass(frozen=True, kw_only=True)
class StreamSurvey:
    """One stream: days by status, records living and gone, the days with records, and what nobody should overlook.

    `overdue` are days a day past their deadline that still have records; `personal` is the oldest day whose personal
    records live. `seal_lag` is how long the oldest day with records that is not sealed has been over, `purge_lag` how
    long ago the first day with records had to be gone, both in µs and 0 when there is none. Where an `attachment` says
    that the records live in an application's own database, they are counted as they were sealed last, and nothing is
    overdue before a person lets rows be purged.
    """

    stream: str
    statuses: Mapping[str, int]
    living: int
    gone: int
    first: int | None
    last: int | None
    held: tuple[DayState, ...]
    overdue: tuple[int, ...]
    personal: int | None
    seal_lag: int
    purge_lag: int
    attachment: Attachment | None = None


@dataclass(frozen=True, kw_only=True)
class Survey:
    """A workspace at one moment: its streams, and its ledger's last entry (number, hash, time in µs)."""

    streams: tuple[StreamSurvey, ...]
    head: tuple[int, str, int]
    today: int


def survey(workspace: Workspace, calendar: Calendar, *, now: int) -> Survey:
    """Give how everything stands, from one snapshot."""
    with workspace.file.read() as connection:
        streams = workspace.catalog.streams.values()
        return Survey(
            streams=tuple(_stream(connection, stream, calendar, now=now) for stream in streams),
            head=ledger.head(connection),
            today=calendar.number_of(now),
        )


def first_day(workspace: Workspace) -> int | None:
    """Give the first day that any stream has records of."""
    with workspace.file.read() as connection:
        known = (days.states(connection, name) for name in workspace.catalog.streams)
        collected = (day for states in known for day, state in states.items() if state.touched)
        elsewhere = (one.first_day for one in attachments.known(connection).values() if one.first_day is not None)
        return min((*collected, *elsewhere), default=None)


def _stream(connection: Connection, stream: Stream, calendar: Calendar, *, now: int) -> StreamSurvey:
    states = list(days.states(connection, stream.name).values())
    counted = [state for state in states if state.control.records]
    living = [state for state in counted if state.purge != "purged"]
    attachment = attachments.of(connection, stream.name)
    going = living if attachment is None or attachment.purge_enabled_at is not None else []
    unsealed = [s.day for s in living if not s.is_sealed and not s.purge]
    if attachment is not None and attachment.first_day is not None:
        done = {s.day for s in states if s.is_sealed or s.purge}
        unsealed = [day for day in range(attachment.first_day, calendar.number_of(now)) if day not in done]
    return StreamSurvey(
        stream=stream.name,
        statuses=Counter(state.status for state in states),
        living=sum(state.control.records for state in living),
        gone=sum(state.control.records for state in counted if state.purge == "purged"),
        first=min((state.day for state in counted), default=None),
        last=max((state.day for state in counted), default=None),
        held=tuple(state for state in states if state.held),
        overdue=tuple(state.day for state in going if _is_overdue(state.day, stream, calendar, now)),
        personal=min((state.day for state in living), default=None) if _is_personal(stream) else None,
        seal_lag=_since((calendar.day(day).end for day in unsealed), now),
        purge_lag=_since((due for s in going if (due := deadline(s.day, stream.keep, calendar)) is not None), now),
        attachment=attachment,
    )


def _since(instants: Iterable[int], now: int) -> int:
    """Give how long the first of some instants is over."""
    return max(0, now - min(instants, default=now))


def _is_overdue(day: int, stream: Stream, calendar: Calendar, now: int) -> bool:
    due = deadline(day, stream.keep, calendar)
    return due is not None and due + A_NIGHT <= now


def _is_personal(stream: Stream) -> bool:
    return stream.subject is not None or any(f.exposure is PERSONAL for f in stream.stored)
