"""A job: a piece of work that a worker carries out, how far it got, and how it ended."""

from dataclasses import dataclass
from enum import StrEnum
from typing import Protocol


class JobState(StrEnum):
    """Where a job stands; a held one ran to its end and left something that waits for a person."""

    QUEUED = "queued"
    RUNNING = "running"
    DONE = "done"
    FAILED = "failed"
    HELD = "held"


@dataclass(frozen=True, kw_only=True)
class Schedule:
    """When a job is queued by itself: a cron expression of five fields, read in an IANA zone."""

    name: str
    job: str
    cron: str
    zone: str


@dataclass(frozen=True, kw_only=True)
class Outcome:
    """What a job did, in days and rows; `held` says what waits for a person, as `CODE: message`."""

    days: int = 0
    rows: int = 0
    held: str | None = None


class Progress(Protocol):
    """Whom a long job tells how far it got."""

    def progress(
        self,
        *,
        days: int | None = None,
        rows: int | None = None,
        total: int | None = None,
        percent: float | None = None,
    ) -> None:
        """Say how many days and rows are done so far, of `total` days, or what percent; what is left out stays.

        Raises `JobStopped` when the job must not go on: let it pass, whatever was committed stays.
        """
        ...


class JobStopped(Exception):
    """This run of a job is over: its worker stops, or its lease went to another; it is no error of the job."""
