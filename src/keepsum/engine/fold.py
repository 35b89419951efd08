"""The plain fold: what the roll-up statement must come to, from the same records, by numbering and adding.

Only the numbers that stand for texts and the stored forms of registers and buckets are shared with the statement.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
import pyarrow as pa

from keepsum.engine import buckets, registers
from keepsum.engine.folding import Cells, Flags, Folding, Numbers, cells, numbered, sums, tallied
from keepsum.engine.rolled import Rolled, parts_schema, rows_schema
from keepsum.model.layout import RollupLayout
from keepsum.model.rollup import ALL, AtGrains, Count, Distinct, Max, Measure, Min, Quantiles, Rollup, Sum, Uniques
from keepsum.model.stream import Stream

_LIMB = 10**9
_MILLION = 10**6
_SMALL_HI = 9_000  # a million times a smaller sum fits in 64 bits
_NOBODY = -1


@dataclass(frozen=True, kw_only=True)
class Pool:
    """Some groups of a day taken together: exactly how many subjects, and the largest share of one, by measure.

    A share is one of the sum of absolute values, in parts per million, rounded up.
    """

    people: int
    largest: Mapping[str, int]


def fold(folding: Folding, rollup: Rollup) -> Rolled:
    """The rows and parts of one rollup of the stream."""
    return Rolled(rows=_rows(folding, rollup), parts=_parts(folding, rollup))


def pools(folding: Folding, rollup: Rollup, pool_of: Numbers) -> dict[int, Pool]:
    """Each pool by its number; `pool_of` has the number of the pool of each of the rollup's rows, -1 for none.

    A pool lies within one day.
    """
    number = pool_of[folding.groups(rollup.by).of]
    chosen = _rows_of(number >= 0)
    numbers, places = numbered(number[chosen], int(number.max(initial=0)) + 1)
    people = _People.of(places, folding.persons()[chosen], len(numbers))
    known = people.known()
    largest = {m.name: people.largest(_weights(folding, m)[chosen]) for m in RollupLayout(rollup=rollup).summed}
    return {
        int(number): Pool(people=int(known[i]), largest={name: int(shares[i]) for name, shares in largest.items()})
        for i, number in enumerate(numbers)
    }


def _rows(folding: Folding, rollup: Rollup) -> pa.Table:
    layout, schema = RollupLayout(rollup=rollup), rows_schema(rollup)
    groups = folding.groups(rollup.by)
    values: dict[str, Any] = {"day": folding.column("day").values[groups.record]}
    values |= {f"d_{name}": _texts(folding, name, groups.record) for name in rollup.by}
    if layout.guarded:
        people = _People.of(groups.of, folding.persons(), len(groups.record))
        values["people"] = people.known()
        values |= {f"largest_{m.name}": people.largest(_weights(folding, m)) for m in layout.summed}
    for measure in layout.additive:
        values |= _additive(folding, measure, groups.of, len(groups.record))
    return pa.table([pa.array(values[field.name], field.type) for field in schema], schema=schema)


def _texts(folding: Folding, name: str, record: Numbers) -> pa.Array:
    return pa.array(folding.codes[name].texts, pa.string()).take(pa.array(folding.dimension(name)[record]))


def _weights(folding: Folding, measure: Measure) -> Numbers:
    """What each record adds to a measure, without its sign."""
    allowed = folding.allowed(measure.where)
    if isinstance(measure, Count):
        return allowed.astype(np.int64)
    column = folding.column(f"f_{measure.source}")
    return np.abs(np.where(allowed & column.known, column.values, 0))


def _additive(folding: Folding, measure: Measure, groups: Numbers, count: int) -> dict[str, pa.Array]:
    """The columns of one measure that adds up: `m_<name>`, of a sum `m_<name>_hi` and `m_<name>_lo`."""
    allowed, name = folding.allowed(measure.where), f"m_{measure.name}"
    if isinstance(measure, Count):
        return {name: pa.array(np.bincount(groups[allowed], minlength=count))}
    column = folding.column(f"f_{measure.source}")
    read = _rows_of(allowed & column.known)
    groups, values = groups[read], column.values[read]
    is_nothing = np.bincount(groups, minlength=count) == 0
    match measure:
        case Sum():
            hi, lo = sums(values, groups, count)
            return {f"{name}_hi": pa.array(hi, mask=is_nothing), f"{name}_lo": pa.array(lo, mask=is_nothing)}
        case Min():
            smallest = np.full(count, np.iinfo(np.int64).max)
            np.minimum.at(smallest, groups, values)
            return {name: pa.array(smallest, mask=is_nothing)}
        case Max():
            biggest = np.full(count, np.iinfo(np.int64).min)
            np.maximum.at(biggest, groups, values)
            return {name: pa.array(biggest, mask=is_nothing)}
        case _:
            raise TypeError(measure)


def _rows_of(read: Flags) -> Flags | slice:
    """What picks the rows that are read; all of them are picked without a copy."""
    return slice(None) if read.all() else read


@dataclass(frozen=True, kw_only=True)
class _People:
    """Who is in which group: `pairs` are of group and person, `groups` has each record's group."""

    pairs: Cells
    groups: Numbers
    count: int

    @classmethod
    def of(cls, groups: Numbers, persons: Numbers, count: int) -> "_People":
        """The people of so many groups, from each record's group and person."""
        return cls(pairs=cells(groups, persons), groups=groups, count=count)

    def known(self) -> Numbers:
        """How many different persons each group has."""
        return np.bincount(self.pairs.group[self.pairs.value != _NOBODY], minlength=self.count)

    def largest(self, weights: Numbers) -> Numbers:
        """The largest share of one person in each group's weights, in parts per million, rounded up."""
        pairs = self.pairs
        hi, lo = sums(weights, pairs.of, len(pairs.group))
        is_somebody = pairs.value != _NOBODY
        group, hi, lo = pairs.group[is_somebody], hi[is_somebody], lo[is_somebody]
        most_hi, most_lo = np.zeros(self.count, np.int64), np.zeros(self.count, np.int64)
        np.maximum.at(most_hi, group, hi)
        is_top = hi == most_hi[group]
        np.maximum.at(most_lo, group[is_top], lo[is_top])
        return _shares((most_hi, most_lo), sums(weights, self.groups, self.count))


def _shares(largest: tuple[Numbers, Numbers], whole: tuple[Numbers, Numbers]) -> Numbers:
    """Parts per million, rounded up, of two arrays of limbs; 0 where there is nothing to share."""
    shares = np.zeros(len(whole[0]), np.int64)
    is_small = whole[0] < _SMALL_HI
    part, total = (hi[is_small] * _LIMB + lo[is_small] for hi, lo in (largest, whole))
    shares[is_small] = -(-part * _MILLION // np.maximum(total, 1))
    for place in np.flatnonzero(~is_small).tolist():
        part, total = (int(hi[place]) * _LIMB + int(lo[place]) for hi, lo in (largest, whole))
        shares[place] = -(-part * _MILLION // total)
    return shares


def _parts(folding: Folding, rollup: Rollup) -> pa.Table:
    kept = [(measure, grain) for measure in RollupLayout(rollup=rollup).at_grains for grain in rollup.grains(measure)]
    kept.sort(key=lambda piece: (piece[0].name, ",".join(piece[1])))
    tables = (_part(folding, rollup, measure, grain) for measure, grain in kept)
    return pa.concat_tables([parts_schema(rollup).empty_table(), *tables])


def _part(folding: Folding, rollup: Rollup, measure: AtGrains, grain: tuple[str, ...]) -> pa.Table:
    groups = folding.groups(grain)
    dimensions = [folding.dimension(name)[groups.record] for name in grain]
    # Groups are numbered by day first, parts are sorted by day last.
    order = np.lexsort([np.arange(len(groups.record)), *reversed(dimensions)])
    record = groups.record[order]
    every: dict[str, Any] = {"measure": measure.name, "at": ",".join(grain), "value": None, "data": None}
    every |= {f"d_{name}": _texts(folding, name, record) if name in grain else ALL for name in rollup.by}
    every["day"] = folding.column("day").values[record]
    kept = _kept(folding, measure, groups.of, len(record))
    every["value" if isinstance(measure, Distinct) else "data"] = kept.take(pa.array(order))
    schema = parts_schema(rollup)
    return pa.table([_column(every[field.name], field.type, len(record)) for field in schema], schema=schema)


def _column(values: Any, kind: pa.DataType, count: int) -> pa.Array:
    if values is None or isinstance(values, str):
        return pa.repeat(pa.scalar(values, kind), count)
    return pa.array(values, kind)


def _kept(folding: Folding, measure: AtGrains, groups: Numbers, count: int) -> pa.Array:
    """What one measure keeps of each group: how many values, or encoded registers or buckets."""
    column = folding.column(_source(folding.stream, measure))
    read = _rows_of(folding.allowed(measure.where) & column.known)
    groups, values = groups[read], column.values[read]
    match measure:
        case Distinct():
            return pa.array(np.bincount(cells(groups, values).group, minlength=count))
        case Uniques():
            found = tallied(groups, values, highest=folding.column("rank").values[read])
        case Quantiles():
            found = tallied(groups, values)
        case _:
            raise TypeError(measure)
    stored = registers if isinstance(measure, Uniques) else buckets
    data = np.full(count, stored.encode(np.empty(0, np.int64), np.empty(0, np.int64)), object)
    data[np.bincount(found.group, minlength=count) > 0] = stored.encode_groups(found.group, found.value, found.amount)
    return pa.array(data, pa.binary())


def _source(stream: Stream, measure: AtGrains) -> str:
    """The column that a measure kept at grains reads."""
    match measure:
        case Uniques():
            return "slot"
        case Quantiles():
            return f"b_{measure.source}"
        case _ if measure.source == stream.key:
            return "key"
        case _ if measure.source == stream.subject:
            return "subject"
        case _:
            return "time" if measure.source == stream.time else f"f_{measure.source}"
