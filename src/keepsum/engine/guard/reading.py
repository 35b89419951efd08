"""What a guarded caller's question reads: which measures, which days, which rows, and how much of an unsealed day."""

import calendar
from collections import defaultdict
from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass
from typing import Protocol

import numpy as np
import pyarrow as pa

from keepsum.model.day import date_of, day_number
from keepsum.model.errors import Refusal
from keepsum.model.rollup import AtGrains, Count, Measure, Sum

_READ = {"open", "closed"}


class PublishedDay(Protocol):
    """What was published of a rollup's day: `at` is the day it joined, its own where it joined none."""

    @property
    def day(self) -> int:
        """Its number."""
        ...

    @property
    def state(self) -> str:
        """Open, closed, joined or withheld."""
        ...

    @property
    def at(self) -> int:
        """The day at which its figures stand."""
        ...


@dataclass(frozen=True, kw_only=True)
class Visible:
    """`days` are those whose atoms are read, `withheld` those of which the answer says that they are left out.

    A day that joined one of `days` is in neither: its figures stand there.
    """

    days: tuple[int, ...]
    withheld: tuple[int, ...]


def allowed(measure: Measure, dimensions: Collection[str]) -> Refusal | None:
    """Why a guarded caller does not get a measure by, or filtered by, these dimensions; None if he does."""
    if isinstance(measure, Count | Sum):
        return None
    is_of_the_total = isinstance(measure, AtGrains) and not dimensions
    return None if is_of_the_total else Refusal.GUARDED_MEASURE


def whole_months(first: int, last: int) -> tuple[int, int]:
    """The first and last day of the months that a range touches: days that join each other are of one month."""
    begin, end = date_of(first), date_of(last)
    length = calendar.monthrange(end.year, end.month)[1]
    return day_number(begin.replace(day=1)), day_number(end.replace(day=length))


def visible(published: Iterable[PublishedDay], first: int, last: int) -> Visible:
    """Which days of a range, both ends included, are read; `published` is of its `whole_months`.

    Days that joined each other are read where all of them are inside, and are withheld otherwise.
    """
    every = list(published)
    together: defaultdict[int, set[int]] = defaultdict(set)
    for one in every:
        together[one.at].add(one.day)
    states = {one.day: one.state for one in every}
    is_read = {
        at: states.get(at) in _READ and all(first <= day <= last for day in (at, *days))
        for at, days in together.items()
    }
    inside = sorted((one for one in every if first <= one.day <= last), key=lambda one: one.day)
    return Visible(
        days=tuple(one.day for one in inside if one.state in _READ and is_read[one.at]),
        withheld=tuple(one.day for one in inside if not is_read[one.at]),
    )


def steps(records: pa.Table, k: int, before: Sequence[tuple[int, int]] = ()) -> int:
    """How many of an unsealed day's first records are counted, so that its total moves in steps of k people.

    `records` has a column `subject`, in the order of arrival. Counted is up to the record with which the last full k
    of people had appeared; a null subject is nobody. `before` has, for each k that held before, how many records there
    were when it ended: the steps go on from the last one that may have been shown until then.
    """
    column = records["subject"]
    texts = column.cast(column.type.value_type) if pa.types.is_dictionary(column.type) else column
    known = np.flatnonzero(texts.is_valid().to_numpy())
    codes = texts.drop_null().dictionary_encode().combine_chunks().indices.to_numpy()
    firsts = np.sort(known[np.unique(codes, return_index=True)[1]])
    counted = 0
    for arrived, size in (*before, (len(records), k)):
        people = int(np.searchsorted(firsts, arrived))
        counted += (people - counted) // size * size
    return int(firsts[counted - 1]) + 1 if counted else 0
