"""Records as arrays, and the groups they fall into: filters, capped dimensions and cells, by numbering and counting.

It is the fold's own reading of the declarations: nothing here is shared with the roll-up statement but the codes that
stand for texts.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any, Protocol

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from keepsum.engine.codes import Coded
from keepsum.model.catalog import most_of
from keepsum.model.filter import Filter, Value
from keepsum.model.rollup import NONE, OTHER
from keepsum.model.stream import Stream

Numbers = NDArray[np.int64]
Flags = NDArray[np.bool_]

LIMB = 10**9
_MOST_KEYS = 2**62
_MOST_SUMMED = 2**63  # below it no sum, whole or in part, needs more than 64 bits
_ROOM_A_ROW = 16
_OF_SLICE = 50_000  # records: what is computed of so many stays within some megabytes


@dataclass(frozen=True, kw_only=True)
class Column:
    """The values of a column as an array, and which of them are known; the others mean nothing."""

    values: NDArray[Any]
    known: Flags


@dataclass(frozen=True, kw_only=True)
class Groups:
    """Groups are numbered from 0 by day, then by dimensions; `of` is the number of each record's group.

    `record` is one record of each group, whichever: by it a group's day and dimensions are found.
    """

    of: Numbers
    record: Numbers


@dataclass(frozen=True, kw_only=True)
class Cells:
    """The different pairs of group and value: of each its `group` and its `value`, and `of` each record its pair."""

    of: Numbers
    group: Numbers
    value: Numbers


@dataclass(frozen=True, kw_only=True)
class Tally:
    """The different pairs of group and value, and the `amount` of each, at least 1."""

    group: Numbers
    value: Numbers
    amount: NDArray[Any]


class Records(Protocol):
    """The records of whole days of one stream, in one slice or several."""

    def slices(self) -> Iterator["Folding"]:
        """Give the slices, at least one; the records of a subject are all in one of them."""
        ...


def cells(groups: Numbers, values: NDArray[Any]) -> Cells:
    """The pairs of group and value that occur, in their order."""
    lowest, span = _span(values)
    room = int(groups.max(initial=0)) + 1
    if room * span > _MOST_KEYS:
        known, numbers = np.unique(values, return_inverse=True)
        found = cells(groups, numbers)
        return Cells(of=found.of, group=found.group, value=known[found.value])
    keys, of = numbered(groups * span + (values - np.int64(lowest)), room * span)
    group = keys // span
    return Cells(of=of, group=group, value=keys - group * span + lowest)


def tallied(groups: Numbers, values: NDArray[Any], highest: NDArray[Any] | None = None) -> Tally:
    """The pairs of group and value that occur, in their order, with the highest of these or how often each occurs."""
    lowest, span = _span(values)
    room = (int(groups.max(initial=0)) + 1) * span
    if room > _ROOM_A_ROW * len(groups):
        found = cells(groups, values)
        return Tally(group=found.group, value=found.value, amount=_amounts(found.of, len(found.group), highest))
    # Where they are dense it is enough to keep an amount for every pair there could be.
    every = _amounts(groups * span + (values - np.int64(lowest)), room, highest)
    keys = np.flatnonzero(every)
    group = keys // span
    return Tally(group=group, value=keys - group * span + lowest, amount=every[keys])


def _span(values: NDArray[Any]) -> tuple[int, int]:
    """The lowest value, and how many integers there are from it to the highest one."""
    lowest, highest = (int(values.min()), int(values.max())) if len(values) else (0, 0)
    return lowest, highest - lowest + 1


def _amounts(places: Numbers, count: int, highest: NDArray[Any] | None) -> NDArray[Any]:
    if highest is None:
        return np.bincount(places, minlength=count)
    found = np.zeros(count, highest.dtype)
    np.maximum.at(found, places, highest)
    return found


def numbered(keys: Numbers, room: int) -> tuple[Numbers, Numbers]:
    """The different keys, all below `room`, in order, and each row's place among them."""
    if room > _ROOM_A_ROW * len(keys):
        order = np.argsort(keys)
        found = keys[order]
        is_new = np.ones(len(keys), np.bool_)
        is_new[1:] = found[1:] != found[:-1]
        of = np.empty(len(keys), np.int64)
        of[order] = np.cumsum(is_new) - 1
        return found[is_new], of
    is_found = np.zeros(room, np.bool_)
    is_found[keys] = True
    found = np.flatnonzero(is_found)
    places = np.empty(room, np.int64)
    places[found] = np.arange(len(found))
    return found, places[keys]


def sums(values: Numbers, groups: Numbers, count: int) -> tuple[Numbers, Numbers]:
    """The exact sum of each group, beyond 64 bits: `hi * 10**9 + lo`, `0 <= lo < 10**9`."""
    totals = np.zeros(count, np.int64)
    if len(values) * max(int(values.max(initial=0)), -int(values.min(initial=0))) < _MOST_SUMMED:
        np.add.at(totals, groups, values)
        his = totals // LIMB
        return his, totals - his * LIMB
    # Any quotient near the true one will do, because the rest is taken exactly.
    high = (values * (1 / LIMB)).astype(np.int64)
    his, los = totals, np.zeros(count, np.int64)
    np.add.at(his, groups, high)
    np.add.at(los, groups, values - high * LIMB)
    carry = los // LIMB
    return his + carry, los - carry * LIMB


class Folding:
    """The coded records of one stream, ready to be folded; what several rollups share is found once.

    `dimensions` are the codes of those of which more records than these decide what is kept.
    """

    def __init__(self, coded: Coded, stream: Stream, dimensions: Mapping[str, Numbers] | None = None) -> None:
        self.stream = stream
        self.codes = coded.codes
        self._table = coded.table
        self._columns: dict[str, Column] = {}
        self._dimensions: dict[str, Numbers] = dict(dimensions or {})
        self._groups: dict[tuple[str, ...], Groups] = {}

    def __len__(self) -> int:
        """How many records there are."""
        return len(self._table)

    def slices(self) -> Iterator["Folding"]:
        """All records at once."""
        yield self

    def column(self, name: str) -> Column:
        """A column of the coded records."""
        if name not in self._columns:
            column = self._table[name]
            known = column.is_valid().to_numpy()
            values = column.fill_null(False if column.type == "bool" else 0).to_numpy()
            self._columns[name] = Column(values=values, known=known)
        return self._columns[name]

    def dimension(self, name: str) -> Numbers:
        """The codes of a dimension as it is rolled: null and surplus values as their reserved ones."""
        if name not in self._dimensions:
            texts, column = self.codes[name].texts, self.column(f"d_{name}")
            codes = np.where(column.known, column.values, texts.index(NONE)).astype(np.int64)
            codes[self._surplus(name, column)] = texts.index(OTHER)
            self._dimensions[name] = codes
        return self._dimensions[name]

    def _surplus(self, name: str, column: Column) -> Flags:
        """Which records have a value beyond those of their day with the most records, smaller ones first in a tie."""
        surplus = np.zeros(len(self), np.bool_)
        most = most_of(self.stream.field(name))
        if self.codes[name].values > most:
            found = cells(self.groups(()).of[column.known], column.values[column.known])
            order = np.lexsort((found.value, -np.bincount(found.of), found.group))
            days, starts = np.unique(found.group, return_index=True)
            places = np.empty(len(order), np.int64)
            places[order] = np.arange(len(order)) - starts[np.searchsorted(days, found.group[order])]
            surplus[column.known] = (places >= most)[found.of]
        return surplus

    def groups(self, grain: tuple[str, ...]) -> Groups:
        """The groups of a grain; with no dimension, the days."""
        if grain not in self._groups:
            coarser = self.groups(grain[:-1]).of if grain else np.zeros(len(self), np.int64)
            found = cells(coarser, self.dimension(grain[-1]) if grain else self.column("day").values)
            record = np.empty(len(found.group), np.int64)
            record[found.of] = np.arange(len(self))
            self._groups[grain] = Groups(of=found.of, record=record)
        return self._groups[grain]

    def allowed(self, where: Filter) -> Flags:
        """Which records a filter allows."""
        allowed = np.ones(len(self), np.bool_)
        for name, values in where:
            column = self.column(f"f_{name}")
            listed = [self._stored(name, value) for value in values if value is not None]
            is_listed = np.isin(column.values, np.array(listed, column.values.dtype)) & column.known
            allowed &= is_listed | ~column.known if None in values else is_listed
        return allowed

    def persons(self) -> Numbers:
        """A number for each record's subject, different for different subjects of a day; -1 is nobody."""
        column = self.column("subject")
        return np.where(column.known, column.values, -1).astype(np.int64)

    def _stored(self, name: str, value: Value) -> Value:
        if not isinstance(value, str):
            return value
        texts = self.codes[name].texts
        return texts.index(value) if value in texts else -1


class Sliced:
    """The same for more records than should be folded at once: some of the subjects at a time, in several slices."""

    def __init__(self, coded: Coded, stream: Stream, most: int = _OF_SLICE) -> None:
        self._coded = Coded(table=coded.table.combine_chunks(), codes=coded.codes)
        self._stream = stream
        self._whole = Folding(self._coded, stream)
        self._count = max(1, -(-len(self._whole) // most))
        # What is kept of a day's values is decided by all of its records.
        grouped = [name for name in coded.codes if f"d_{name}" in coded.table.column_names]
        capped = [name for name in grouped if coded.codes[name].values > most_of(stream.field(name))]
        self._capped = {name: self._whole.dimension(name) for name in capped if self._count > 1}
        if capped:
            self._whole = Folding(self._coded, stream)  # without all that deciding it took

    def slices(self) -> Iterator[Folding]:
        """The slices, each made when it is asked for."""
        if self._count == 1:
            yield self._whole
            return
        of = self._places()
        for number in range(self._count):
            chosen = np.flatnonzero(of == number)
            some = Coded(table=self._coded.table.take(pa.array(chosen)), codes=self._coded.codes)
            yield Folding(some, self._stream, {name: codes[chosen] for name, codes in self._capped.items()})

    def _places(self) -> Numbers:
        """The slice of each record."""
        if "subject" not in self._coded.table.column_names:
            return np.arange(len(self._whole)) % self._count
        return self._coded.table["subject"].fill_null(0).to_numpy() % self._count
