"""Adding a correction's figures to those already booked: what merging means, column by column."""

from collections.abc import Callable, Mapping, Sequence
from typing import Any

import numpy as np
import pyarrow as pa

from keepsum.engine import buckets, registers
from keepsum.engine.numbers import join, split
from keepsum.model.catalog import most_of
from keepsum.model.layout import RollupLayout
from keepsum.model.rollup import NONE, OTHER, Count, Max, Min, Quantiles, Rollup, Sum, Uniques
from keepsum.model.stream import Boolean, Choice

Row = Mapping[str, Any]
DOMINATED = 10**6  # parts per million: shares do not merge, so a merged row counts as one person's


def merge_row(layout: RollupLayout, one: Row, other: Row) -> dict[str, Any]:
    """Give the row of two disjoint sets of records of one group; people are at most what it says."""
    merged = dict(one)
    if layout.guarded:
        merged["people"] = one["people"] + other["people"]
    for measure in layout.additive:
        name = f"m_{measure.name}"
        match measure:
            case Count():
                merged[name] = one[name] + other[name]
            case Sum():
                merged |= _added(name, one, other)
            case Min():
                merged[name] = _either(min, one[name], other[name])
            case Max():
                merged[name] = _either(max, one[name], other[name])
            case _:
                raise TypeError(measure)
    merged |= {f"largest_{m.name}": DOMINATED for m in layout.summed if layout.guarded}
    return merged


def merge_part(rollup: Rollup, one: Row, other: Row) -> dict[str, Any]:
    """Give the part of two disjoint sets of records of one group; different values are at most what it says."""
    match rollup.measure(one["measure"]):
        case Uniques():
            merged = registers.merge([one["data"], other["data"]])
            held = np.flatnonzero(merged)
            return {**one, "data": registers.encode(held, merged[held])}
        case Quantiles():
            return {**one, "data": buckets.encode(*buckets.merge([one["data"], other["data"]]))}
        case _:
            return {**one, "value": one["value"] + other["value"]}


def within_kept(rollup: Rollup, records: pa.Table, kept: Mapping[str, Sequence[str]]) -> pa.Table:
    """Put `OTHER` for values that a full day does not keep; `kept` are a purged day's values by dimension.

    A day that has room left keeps a new value, as a roll-up of the whole would; closed lists are never cut.
    """
    for name in rollup.by:
        declared = rollup.of.field(name)
        values = [v for v in kept[name] if v not in (NONE, OTHER)]
        if isinstance(declared, (Boolean, Choice)) or (len(values) < most_of(declared) and OTHER not in kept[name]):
            continue
        place = records.column_names.index(f"f_{name}")
        column = records.column(place).cast(pa.string())
        texts = [v if v is None or v in values else OTHER for v in column.to_pylist()]
        records = records.set_column(place, f"f_{name}", pa.array(texts, pa.string()))
    return records


def _added(name: str, one: Row, other: Row) -> dict[str, int | None]:
    limbs = [(row[f"{name}_hi"], row[f"{name}_lo"]) for row in (one, other) if row[f"{name}_hi"] is not None]
    if not limbs:
        return {f"{name}_hi": None, f"{name}_lo": None}
    hi, lo = split(sum(join(*pair) for pair in limbs))
    return {f"{name}_hi": hi, f"{name}_lo": lo}


def _either(choose: Callable[[int, int], int], one: int | None, other: int | None) -> int | None:
    if one is None or other is None:
        return other if one is None else one
    return choose(one, other)
