"""What goes soon: the purge's own plan, made as if it were some days later, with every day as it stands now."""

from collections.abc import Iterator
from dataclasses import dataclass, replace

from keepsum.engine.days import Calendar
from keepsum.engine.expire import Lost, deadline, lost_questions
from keepsum.model.day import A_DAY
from keepsum.pipeline import purge
from keepsum.pipeline.due import Due
from keepsum.pipeline.proof import GRACE
from keepsum.store.workspace import Workspace


@dataclass(frozen=True, kw_only=True)
class Going:
    """A day whose retention is over by a date, the number `deadline`."""

    due: Due
    deadline: int


@dataclass(frozen=True, kw_only=True)
class Soon:
    """The days that are to go, by deadline, and which questions can then be asked no more of those that do."""

    days: tuple[Going, ...]
    lost: tuple[Lost, ...]


def ahead(workspace: Workspace, calendar: Calendar, *, now: int, days: int) -> Soon:
    """Say which days are past their deadline within so many days; one that is not over yet is taken to be sealed."""
    planned = purge.plan(workspace, calendar, now=now + days * A_DAY).due
    found = sorted(_dated(workspace, calendar, planned, now=now), key=lambda g: (g.deadline, g.due.stream, g.due.day))
    going = dict.fromkeys(one.due.stream for one in found if one.due.blocked is None)
    return Soon(days=tuple(found), lost=lost_questions(workspace.catalog, sorted(going)))


def _dated(workspace: Workspace, calendar: Calendar, planned: tuple[Due, ...], *, now: int) -> Iterator[Going]:
    for due in planned:
        at = deadline(due.day, workspace.catalog.stream(due.stream).keep, calendar)
        assert at is not None  # noqa: S101 -- what is kept for ever is never due
        is_over = calendar.day(due.day).end + GRACE <= now
        waits = due.blocked in ("NOT_SEALED", "NOT_ROLLED") and not is_over
        yield Going(due=replace(due, blocked=None) if waits else due, deadline=calendar.number_of(at))
