"""The plain fold: what the roll-up statement must come to, from the same records, by numbering and adding.

Only the numbers that stand for texts and the stored forms of registers and buckets are shared with the statement.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import pyarrow as pa

from keepsum.engine import buckets, registers
from keepsum.engine.codes import Codes
from keepsum.engine.fold_together import (
    Columns,
    Folded,
    Part,
    both,
    extreme,
    highest,
    joined,
    pieces,
    places,
    shared_together,
)
from keepsum.engine.folding import LIMB, Cells, Flags, Folding, Numbers, Records, Tally, cells, numbered, sums, tallied
from keepsum.engine.rolled import Rolled, parts_schema, rows_schema
from keepsum.model.layout import RollupLayout
from keepsum.model.rollup import ALL, AtGrains, Count, Distinct, Max, Measure, Min, Quantiles, Rollup, Sum, Uniques
from keepsum.model.stream import Stream

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


def fold(records: Records, rollup: Rollup) -> Rolled:
    """The rows and parts of one rollup of the stream."""
    found: Folded | None = None
    codes: Mapping[str, Codes] = {}
    for folding in records.slices():
        one, codes = _folded(folding, rollup), folding.codes
        found = one if found is None else both(rollup, found, one)
    if found is None:
        raise ValueError(records)
    return Rolled(rows=_rows(rollup, found.rows, codes), parts=_parts(rollup, found.parts, codes))


def pools(records: Records, rollup: Rollup, pool_of: Numbers) -> dict[int, Pool]:
    """Each pool by its number; `pool_of` has the number of the pool of each of the rollup's rows, -1 for none.

    A pool lies within one day.
    """
    keys = [_keys(folding, rollup.by) for folding in records.slices()]
    summed = RollupLayout(rollup=rollup).summed
    every: list[Columns] = []
    for folding, places_of in zip(records.slices(), places(keys), strict=True):
        number = pool_of[places_of[folding.groups(rollup.by).of]]
        chosen = _rows_of(number >= 0)
        numbers, groups = numbered(number[chosen], int(number.max(initial=0)) + 1)
        people = _People.of(groups, folding.persons()[chosen], len(numbers))
        every.append({"pool": numbers} | _shared(people, {m.name: _weights(folding, m)[chosen] for m in summed}))
    columns = joined(every)
    number, of = np.unique(columns["pool"], return_inverse=True)
    found = shared_together(columns, summed, of, len(number))
    largest = {m.name: _shares(found, m.name) for m in summed}
    return {
        place: Pool(people=int(found["people"][i]), largest={name: int(shares[i]) for name, shares in largest.items()})
        for i, place in enumerate(number.tolist())
    }


def _folded(folding: Folding, rollup: Rollup) -> Folded:
    layout, groups = RollupLayout(rollup=rollup), folding.groups(rollup.by)
    rows, count = _keys(folding, rollup.by), len(groups.record)
    if layout.guarded:
        people = _People.of(groups.of, folding.persons(), count)
        rows |= _shared(people, {m.name: _weights(folding, m) for m in layout.summed})
    for measure in layout.additive:
        rows |= _additive(folding, measure, groups.of, count)
    return Folded(rows=rows, parts=tuple(_part(folding, *piece) for piece in pieces(rollup)))


def _keys(folding: Folding, grain: tuple[str, ...]) -> Columns:
    """The day and the codes of each group of a grain, in order."""
    record = folding.groups(grain).record
    days = folding.column("day").values[record].astype(np.int64)
    return {"day": days} | {f"d_{name}": folding.dimension(name)[record] for name in grain}


def _shared(people: "_People", weights: Mapping[str, Numbers]) -> Columns:
    """How many persons each group has, and of each measure what one of them has at most and what all have."""
    found = {"people": people.known()}
    for name, weight in weights.items():
        found[f"l_{name}_hi"], found[f"l_{name}_lo"] = people.largest(weight)
        found[f"w_{name}_hi"], found[f"w_{name}_lo"] = sums(weight, people.groups, people.count)
    return found


def _rows(rollup: Rollup, found: Columns, codes: Mapping[str, Codes]) -> pa.Table:
    layout, schema = RollupLayout(rollup=rollup), rows_schema(rollup)
    values: dict[str, Any] = {"day": found["day"]}
    values |= {f"d_{name}": _texts(codes, name, found[f"d_{name}"]) for name in rollup.by}
    if layout.guarded:
        values["people"] = found["people"]
        values |= {f"largest_{m.name}": _shares(found, m.name) for m in layout.summed}
    for measure in layout.additive:
        name, is_nothing = f"m_{measure.name}", ~found[f"known_{measure.name}"]
        names = [f"{name}_hi", f"{name}_lo"] if isinstance(measure, Sum) else [name]
        values |= {one: pa.array(found[one], mask=is_nothing) for one in names}
    return pa.table([pa.array(values[field.name], field.type) for field in schema], schema=schema)


def _texts(codes: Mapping[str, Codes], name: str, chosen: Numbers) -> pa.Array:
    return pa.array(codes[name].texts, pa.string()).take(pa.array(chosen))


def _weights(folding: Folding, measure: Measure) -> Numbers:
    """What each record adds to a measure, without its sign."""
    allowed = folding.allowed(measure.where)
    if isinstance(measure, Count):
        return allowed.astype(np.int64)
    column = folding.column(f"f_{measure.source}")
    return np.abs(np.where(allowed & column.known, column.values, 0))


def _additive(folding: Folding, measure: Measure, groups: Numbers, count: int) -> Columns:
    """The columns of one measure that adds up, as subtotals have them."""
    allowed, name, known = folding.allowed(measure.where), f"m_{measure.name}", f"known_{measure.name}"
    if isinstance(measure, Count):
        return {name: np.bincount(groups[allowed], minlength=count), known: np.ones(count, np.bool_)}
    if not isinstance(measure, (Sum, Min, Max)):
        raise TypeError(measure)
    column = folding.column(f"f_{measure.source}")
    read = _rows_of(allowed & column.known)
    groups, values = groups[read], column.values[read]
    found: Columns = {known: np.bincount(groups, minlength=count) > 0}
    if isinstance(measure, Sum):
        found[f"{name}_hi"], found[f"{name}_lo"] = sums(values, groups, count)
    else:
        found[name] = extreme(measure, values, groups, count)
    return found


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

    def largest(self, weights: Numbers) -> tuple[Numbers, Numbers]:
        """The most that one person has of each group's weights, as two limbs."""
        pairs = self.pairs
        hi, lo = sums(weights, pairs.of, len(pairs.group))
        is_somebody = pairs.value != _NOBODY
        return highest(hi[is_somebody], lo[is_somebody], pairs.group[is_somebody], self.count)


def _shares(found: Columns, name: str) -> Numbers:
    """`l_` as a share of `w_` in parts per million, rounded up; 0 where there is nothing to share."""
    largest, whole = ((found[f"{kind}_{name}_hi"], found[f"{kind}_{name}_lo"]) for kind in "lw")
    shares = np.zeros(len(whole[0]), np.int64)
    is_small = whole[0] < _SMALL_HI
    part, total = (hi[is_small] * LIMB + lo[is_small] for hi, lo in (largest, whole))
    shares[is_small] = -(-part * _MILLION // np.maximum(total, 1))
    for place in np.flatnonzero(~is_small).tolist():
        part, total = (int(hi[place]) * LIMB + int(lo[place]) for hi, lo in (largest, whole))
        shares[place] = -(-part * _MILLION // total)
    return shares


def _part(folding: Folding, measure: AtGrains, grain: tuple[str, ...]) -> Part:
    column = folding.column(_source(folding.stream, measure))
    read = _rows_of(folding.allowed(measure.where) & column.known)
    groups, values = folding.groups(grain).of[read], column.values[read]
    match measure:
        case Distinct():
            found = cells(groups, values)
            tally = Tally(group=found.group, value=found.value, amount=np.ones(len(found.group), np.int64))
        case Uniques():
            tally = tallied(groups, values, highest=folding.column("rank").values[read])
        case Quantiles():
            tally = tallied(groups, values)
        case _:
            raise TypeError(measure)
    return Part(keys=_keys(folding, grain), tally=tally)


def _parts(rollup: Rollup, parts: Sequence[Part], codes: Mapping[str, Codes]) -> pa.Table:
    named = zip(pieces(rollup), parts, strict=True)
    tables = [_part_table(rollup, *piece, part, codes) for piece, part in named]
    return pa.concat_tables([parts_schema(rollup).empty_table(), *tables])


def _part_table(
    rollup: Rollup, measure: AtGrains, grain: tuple[str, ...], part: Part, codes: Mapping[str, Codes]
) -> pa.Table:
    keys, count = part.keys, len(part.keys["day"])
    # Groups are numbered by day first, parts are sorted by day last.
    order = np.lexsort([np.arange(count), *(keys[f"d_{name}"] for name in reversed(grain))])
    every: dict[str, Any] = {"measure": measure.name, "at": ",".join(grain), "value": None, "data": None}
    every |= {f"d_{n}": _texts(codes, n, keys[f"d_{n}"][order]) if n in grain else ALL for n in rollup.by}
    every["day"] = keys["day"][order]
    every["value" if isinstance(measure, Distinct) else "data"] = _kept(measure, part.tally, count).take(
        pa.array(order)
    )
    schema = parts_schema(rollup)
    return pa.table([_column(every[field.name], field.type, count) for field in schema], schema=schema)


def _column(values: Any, kind: pa.DataType, count: int) -> pa.Array:
    if values is None or isinstance(values, str):
        return pa.repeat(pa.scalar(values, kind), count)
    return pa.array(values, kind)


def _kept(measure: AtGrains, found: Tally, count: int) -> pa.Array:
    """What one measure keeps of each group: how many values, or encoded registers or buckets."""
    if isinstance(measure, Distinct):
        return pa.array(np.bincount(found.group, minlength=count))
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
