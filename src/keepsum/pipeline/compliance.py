"""Whether records go when they have to: of each stream the oldest personal record, and what is there past its time."""

from dataclasses import dataclass

from keepsum.engine.days import Calendar
from keepsum.engine.expire import deadline, shifted
from keepsum.model.stream import Stream
from keepsum.pipeline.survey import StreamSurvey, survey
from keepsum.store.workspace import Workspace


@dataclass(frozen=True, kw_only=True)
class StreamCompliance:
    """One stream: days are numbers; `purge_by` is the date from which its oldest personal records may not be there.

    `keep` is how many days records are kept after their own, counted from today where months are declared; None for
    ever. `past_deadline` and `held` are how many days there are of them.
    """

    stream: str
    attached: bool
    keep: int | None
    oldest_personal: int | None
    past_deadline: int
    held: int
    purge_on: bool
    purge_by: int | None


def compliance(workspace: Workspace, calendar: Calendar, *, now: int) -> tuple[StreamCompliance, ...]:
    """Give how each stream stands, as the health check sees it."""
    found = survey(workspace, calendar, now=now)
    return tuple(_of(workspace.catalog.stream(one.stream), one, calendar, found.today) for one in found.streams)


def _of(stream: Stream, found: StreamSurvey, calendar: Calendar, today: int) -> StreamCompliance:
    last = shifted(today, stream.keep)
    due = None if found.personal is None else deadline(found.personal, stream.keep, calendar)
    return StreamCompliance(
        stream=stream.name,
        attached=found.attachment is not None,
        keep=None if last is None else last - today,
        oldest_personal=found.personal,
        past_deadline=len(found.overdue),
        held=len(found.held),
        purge_on=found.attachment is None or found.attachment.purge_enabled_at is not None,
        purge_by=None if due is None else calendar.number_of(due),
    )
