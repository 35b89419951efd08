"""A lot: checked records of one stream laid out in columns as they will be stored, hashed row by row."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from keepsum.engine import accept, buckets, registers
from keepsum.engine.days import Calendar
from keepsum.engine.numbers import exact_sum, grouped_sums, split
from keepsum.engine.redact import Redactor
from keepsum.engine.rowhash import hash_few, hash_rows
from keepsum.model.control import Control
from keepsum.model.day import A_DAY
from keepsum.model.layout import ARROW, RecordLayout
from keepsum.model.stream import PUBLIC, Text
from keepsum.store.keys import Keys
from keepsum.store.tally import More

Hashes = NDArray[np.uint64]
Mask = NDArray[np.bool_]
Places = NDArray[np.intp]

FEW = 256  # rows up to which a call for each column costs more than its values


@dataclass(frozen=True, kw_only=True)
class Lot:
    """Rows in arrival order: `columns` as lists in layout order, each as Arrow once asked for, day and row hashes."""

    layout: RecordLayout
    days: NDArray[np.int32]
    columns: Mapping[str, Sequence[Any]]
    arrow: "Arrays"
    hash_a: NDArray[np.uint64]
    hash_b: NDArray[np.uint64]

    def __len__(self) -> int:
        """How many rows there are."""
        return len(self.days)

    @cached_property
    def row_hashes(self) -> list[int]:
        """The first lane as signed integers, as the identity of a key keeps it."""
        return self.hash_a.view(np.int64).tolist()

    @cached_property
    def by_day(self) -> dict[int, Places]:
        """The places of each day's rows, in arrival order."""
        if not len(self):
            return {}
        if (self.days == self.days[0]).all():
            return {int(self.days[0]): np.arange(len(self))}
        order, starts = _grouped(self.days)
        numbers: list[int] = self.days[order[starts]].tolist()
        return dict(zip(numbers, np.split(order, starts[1:]), strict=True))

    def pairs(self, places: Places) -> list[tuple[str, int]]:
        """Give the key and row hash of the rows at some places."""
        keys, hashes = self.columns["key"], self.row_hashes
        if len(places) == len(self):
            return list(zip(keys, hashes, strict=True))
        return [(keys[i], hashes[i]) for i in places.tolist()]

    def more(self, chosen: Mask) -> list[More]:
        """Give what the chosen rows add to the control of each day."""
        if len(self.by_day) == 1:
            return self._more_of_one_day(chosen)
        places = np.flatnonzero(chosen)
        if not len(places):
            return []
        order, starts = _grouped(self.days[places])
        places = places[order]
        lanes = (np.add.reduceat(lane[places], starts).tolist() for lane in (self.hash_a, self.hash_b))
        counts = np.diff(starts, append=len(places)).tolist()
        sums = [(name, *_limbs(self.amounts[name][places], starts)) for name in self.layout.numbers]
        each = zip(self.days[places[starts]].tolist(), counts, *lanes, strict=True)
        return [
            More(day, count, hash_a, hash_b, [(name, hi[i], lo[i]) for name, hi, lo in sums])
            for i, (day, count, hash_a, hash_b) in enumerate(each)
        ]

    def _more_of_one_day(self, chosen: Mask) -> list[More]:
        added = self.control(chosen)
        sums = [(name, *split(total)) for name, total in added.sums.items()]
        day = int(self.days[0])
        return [More(day, added.records, added.hash_a, added.hash_b, sums)] if added.records else []

    @cached_property
    def amounts(self) -> dict[str, NDArray[np.int64]]:
        """The numbers that control adds up; a null adds nothing."""
        if len(self) <= FEW:
            return {n: np.array([v or 0 for v in self.columns[n]], np.int64) for n in self.layout.numbers}
        return {name: _amounts(self.arrow[name]) for name in self.layout.numbers}

    def control(self, chosen: Mask) -> Control:
        """Give the control of the chosen rows."""
        here = slice(None) if chosen.all() else chosen
        return Control(
            records=int(np.count_nonzero(chosen)),
            hash_a=int(self.hash_a[here].sum(dtype=np.uint64)),
            hash_b=int(self.hash_b[here].sum(dtype=np.uint64)),
            sums={name: exact_sum(values[here]) for name, values in self.amounts.items()},
        )

    def rows(self, chosen: Mask) -> tuple[list[int], list[Sequence[Any]]]:
        """Give the days and the columns of the chosen rows, in layout order."""
        if chosen.all():
            return self.days.tolist(), [self.columns[name] for name in self.layout.names]
        places = np.flatnonzero(chosen).tolist()
        return self.days[chosen].tolist(), [[self.columns[n][i] for i in places] for n in self.layout.names]

    def table(self, chosen: Mask) -> pa.Table:
        """Give the chosen rows as a table with their day."""
        table = pa.table({"day": pa.array(self.days), **self.arrow.all()})
        return table.filter(pa.array(chosen))


class Arrays(dict[str, pa.Array]):
    """Columns as Arrow, each made when it is first asked for."""

    def __init__(self, layout: RecordLayout, columns: Mapping[str, Sequence[Any]], times: NDArray[np.int64]) -> None:
        super().__init__(time=pa.array(times))
        self._types, self._columns = {c.name: ARROW[c.type] for c in layout.columns}, columns

    def __missing__(self, name: str) -> pa.Array:
        made = self[name] = pa.array(self._columns[name], self._types[name])
        return made

    def all(self) -> dict[str, pa.Array]:
        """Give every column, in layout order."""
        return {name: self[name] for name in self._types}


def _grouped(days: NDArray[np.int32]) -> tuple[Places, Places]:
    """The order that brings the rows of a day together, as they came, and where in it each day starts."""
    order = np.argsort(days, kind="stable")
    ordered = days[order]
    return order, np.flatnonzero(np.diff(ordered, prepend=ordered[0] - 1))


def _limbs(amounts: NDArray[np.int64], starts: Places) -> tuple[list[int], list[int]]:
    hi, lo = grouped_sums(amounts, starts)
    return hi.tolist(), lo.tolist()


def _amounts(column: pa.Array) -> NDArray[np.int64]:
    values = column.fill_null(0) if column.null_count else column
    return values.to_numpy()


def lay_out(
    layout: RecordLayout, records: Sequence[accept.Record], *, keys: Keys, calendar: Calendar, redactor: Redactor
) -> Lot:
    """Turn checked records into columns: redacted, with slot, rank and buckets, and hashed as stored."""
    stream = layout.stream
    times = accept.times_of(stream, records)
    days = (times // A_DAY).astype(np.int32) if stream.time_kind == "date" else calendar.numbers_of(times)
    columns: dict[str, Sequence[Any]] = {"time": times.tolist(), "key": accept.keys_of(stream, records)}
    if stream.subject:
        columns |= _subject(accept.subjects_of(stream, records), keys)
    for field in stream.stored:
        values = accept.values_of(field, records)
        public_text = isinstance(field, Text) and field.exposure is PUBLIC
        columns[f"f_{field.name}"] = redactor.column(values) if public_text else values
    for name in layout.bucketed:
        columns[f"b_{name}"] = _buckets(columns[f"f_{name}"])
    columns |= dict.fromkeys((c.name for c in layout.retired), [None] * len(records))
    arrow = Arrays(layout, columns, times)
    few = 0 < len(records) <= FEW
    hash_a, hash_b = _hash_few(layout, columns, keys.control) if few else hash_rows(arrow.all(), keys.control)
    return Lot(layout=layout, days=days, columns=columns, arrow=arrow, hash_a=hash_a, hash_b=hash_b)


def _hash_few(layout: RecordLayout, columns: Mapping[str, Sequence[Any]], key: bytes) -> tuple[Hashes, Hashes]:
    texts = {c.name: columns[c.name] for c in layout.columns if c.type == "text"}
    integers = {c.name: columns[c.name] for c in layout.columns if c.type == "integer"}
    for column in layout.columns:
        if column.type == "boolean":
            integers[column.name] = [None if v is None else int(v) for v in columns[column.name]]
    return hash_few(texts, integers, key)


def _subject(subjects: list[str | None], keys: Keys) -> dict[str, Sequence[Any]]:
    slots, ranks, null = registers.slots_and_ranks(subjects, keys.epoch)
    if not null.any():
        return {"subject": subjects, "slot": slots.tolist(), "rank": ranks.tolist()}
    absent = null.tolist()
    return {
        "subject": subjects,
        "slot": [None if gone else slot for slot, gone in zip(slots.tolist(), absent, strict=True)],
        "rank": [None if gone else rank for rank, gone in zip(ranks.tolist(), absent, strict=True)],
    }


def _buckets(values: Sequence[int | None]) -> list[int | None]:
    found = buckets.bucket_of(np.array([v or 0 for v in values], dtype=np.int64)).tolist()
    return [None if v is None else bucket for v, bucket in zip(values, found, strict=True)]
