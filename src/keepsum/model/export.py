"""Exports: the datasets that packs declare, and what is known of a file that is made of one for somebody."""

import datetime as dt
from collections.abc import Mapping
from dataclasses import KW_ONLY, dataclass, field
from enum import StrEnum
from typing import Any, Literal, get_args

from keepsum.model.filter import Filter, conditions
from keepsum.model.metric import Metric
from keepsum.model.query import Basis
from keepsum.model.stream import SECRET, Stream

Format = Literal["csv", "json", "xlsx", "parquet"]
FORMATS: tuple[Format, ...] = get_args(Format)

MOST_IN_SHEET = 1_048_575  # rows of a worksheet below its heading


@dataclass(frozen=True)
class Question:
    """What a dataset of figures asks: metrics by dimensions at a grain; each export brings its range and filters."""

    metrics: tuple[Metric, ...]
    _: KW_ONLY
    by: tuple[str, ...] = ()
    grain: Literal["day", "week", "month", "quarter", "year", "all"] = "month"
    where: Filter = ()
    basis: Basis = "origin"

    def __post_init__(self) -> None:
        """Bring the filter, which may be given as a mapping, to its canonical form."""
        object.__setattr__(self, "where", conditions(self.where))


@dataclass(frozen=True)
class Dataset:
    """What may be exported under a name: the records of a stream while they live, or the answer to a question.

    Of a stream, `columns` are names that its records carry, in the order of the file (none: all that are stored).
    `filters` may be given with an export: dimensions, and of a stream also its subject.
    """

    name: str
    _: KW_ONLY
    of: Stream | Question
    columns: tuple[str, ...] = ()
    filters: tuple[str, ...] = ()
    about: str = ""

    @property
    def listed(self) -> tuple[str, ...]:
        """The columns of records, in order; none of an answer, which has those of its question."""
        if not isinstance(self.of, Stream):
            return ()
        secret = {one.name for one in self.of.fields if one.exposure is SECRET}
        return self.columns or tuple(name for name in self.of.names() if name not in secret)


class ExportState(StrEnum):
    """Where an export stands."""

    PREPARING = "preparing"
    READY = "ready"
    FAILED = "failed"
    EXPIRED = "expired"


@dataclass(frozen=True, kw_only=True)
class Export:
    """What is known of an export; its instants are in UTC, its dates local.

    `filters` are lists of values by name, without those of a subject (an empty list). `estimated_rows` is how many
    records the days have, `columns` what the file has, `about` what it says of itself: labels, and the ledger's head.
    `link` is where whoever asked for it fetches it, until `expires_at`; `error` is a code and a message.
    """

    id: str
    dataset: str
    format: Format
    state: ExportState
    first: dt.date
    last: dt.date
    filters: Mapping[str, list[Any]]
    estimated_rows: int | None
    created_at: dt.datetime
    columns: tuple[str, ...] = ()
    rows: int | None = None
    bytes: int | None = None
    about: Mapping[str, Any] = field(default_factory=dict[str, Any])
    completed_at: dt.datetime | None = None
    expires_at: dt.datetime | None = None
    link: str | None = None
    error: str | None = None
