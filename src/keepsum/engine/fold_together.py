"""What slices of a stream's records fold to, and what several slices come to together."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from keepsum.engine.folding import LIMB, Numbers, Tally, cells
from keepsum.model.layout import RollupLayout
from keepsum.model.rollup import AtGrains, Count, Max, Measure, Min, Quantiles, Rollup, Sum

Columns = dict[str, NDArray[Any]]


@dataclass(frozen=True, kw_only=True)
class Part:
    """One measure at one grain: `keys` say which groups there are, `tally` what each has."""

    keys: Columns
    tally: Tally


@dataclass(frozen=True, kw_only=True)
class Folded:
    """What a slice, or several together, come to: subtotals of groups, and the parts in their order.

    Subtotals have `day`, codes of dimensions, `people`, and of each measure `m_<name>` (of a sum two limbs) with
    `known_<name>`. `l_<name>` is the most that one person has of it without its sign, `w_<name>` what all have.
    """

    rows: Columns
    parts: tuple[Part, ...]


def both(rollup: Rollup, first: Folded, second: Folded) -> Folded:
    """What two slices come to together."""
    parts = (_both_parts(piece[0], *two) for piece, *two in zip(pieces(rollup), first.parts, second.parts, strict=True))
    return Folded(rows=_both_rows(rollup, first.rows, second.rows), parts=tuple(parts))


def _both_rows(rollup: Rollup, first: Columns, second: Columns) -> Columns:
    layout = RollupLayout(rollup=rollup)
    keys = ("day", *layout.dimensions)
    columns, (of, record) = joined([first, second]), _grouped([first, second], keys)
    count = len(record)
    found = {name: columns[name][record] for name in keys}
    if layout.guarded:
        found |= shared_together(columns, layout.summed, of, count)
    for measure in layout.additive:
        found |= _measure_together(columns, measure, of, count)
    return found


def _both_parts(measure: AtGrains, first: Part, second: Part) -> Part:
    keys = [first.keys, second.keys]
    of, record = _grouped(keys, first.keys)
    begin = len(first.keys["day"])
    groups = np.concatenate([of[:begin][first.tally.group], of[begin:][second.tally.group]])
    values = np.concatenate([first.tally.value, second.tally.value])
    amounts = np.concatenate([first.tally.amount, second.tally.amount])
    found = cells(groups, values)
    amount = np.zeros(len(found.group), amounts.dtype)
    (np.add if isinstance(measure, Quantiles) else np.maximum).at(amount, found.of, amounts)
    tally = Tally(group=found.group, value=found.value, amount=amount)
    return Part(keys={name: column[record] for name, column in joined(keys).items()}, tally=tally)


def joined(every: Sequence[Columns]) -> Columns:
    """The rows of these one behind another."""
    return {name: np.concatenate([one[name] for one in every]) for name in every[0]}


def _grouped(every: Sequence[Columns], keys: Iterable[str]) -> tuple[Numbers, Numbers]:
    """The number of the group of each row of these together, in order of keys, and one row of each group."""
    columns = joined(every)
    of = np.zeros(len(columns["day"]), np.int64)
    for name in keys:
        of = cells(of, columns[name]).of
    record = np.zeros(int(of.max(initial=-1)) + 1, np.int64)
    record[of] = np.arange(len(of))
    return of, record


def places(keys: Sequence[Columns]) -> list[Numbers]:
    """The places of the groups of each slice among those of all."""
    of, _ = _grouped(keys, keys[0])
    return np.split(of, np.cumsum([len(one["day"]) for one in keys])[:-1])


def shared_together(columns: Columns, summed: Sequence[Measure], of: Numbers, count: int) -> Columns:
    """What `_shared` gave of different persons, put together."""
    found = {"people": _added(columns["people"], of, count)}
    for measure in summed:
        most, whole = (f"{kind}_{measure.name}" for kind in "lw")
        found[f"{most}_hi"], found[f"{most}_lo"] = highest(columns[f"{most}_hi"], columns[f"{most}_lo"], of, count)
        found |= _limbs_together(columns, whole, of, count)
    return found


def _measure_together(columns: Columns, measure: Measure, of: Numbers, count: int) -> Columns:
    name, known = f"m_{measure.name}", f"known_{measure.name}"
    is_known = columns[known]
    found: Columns = {known: np.zeros(count, np.bool_)}
    found[known][of[is_known]] = True
    match measure:
        case Count():
            return found | {name: _added(columns[name], of, count)}
        case Sum():
            return found | _limbs_together(columns, name, of, count)
        case _:
            return found | {name: extreme(measure, columns[name][is_known], of[is_known], count)}


def _limbs_together(columns: Columns, name: str, of: Numbers, count: int) -> Columns:
    hi, lo = (_added(columns[f"{name}_{limb}"], of, count) for limb in ("hi", "lo"))
    carry = lo // LIMB
    return {f"{name}_hi": hi + carry, f"{name}_lo": lo - carry * LIMB}


def _added(values: Numbers, of: Numbers, count: int) -> Numbers:
    found = np.zeros(count, np.int64)
    np.add.at(found, of, values)
    return found


def highest(hi: Numbers, lo: Numbers, group: Numbers, count: int) -> tuple[Numbers, Numbers]:
    """The highest number of each group, of numbers in limbs; 0 where a group has none."""
    most_hi, most_lo = np.zeros(count, np.int64), np.zeros(count, np.int64)
    np.maximum.at(most_hi, group, hi)
    is_top = hi == most_hi[group]
    np.maximum.at(most_lo, group[is_top], lo[is_top])
    return most_hi, most_lo


def extreme(measure: Measure, values: Numbers, groups: Numbers, count: int) -> Numbers:
    """The smallest or largest value of each group; of a group without one it means nothing."""
    match measure:
        case Min():
            found = np.full(count, np.iinfo(np.int64).max)
            np.minimum.at(found, groups, values)
        case Max():
            found = np.full(count, np.iinfo(np.int64).min)
            np.maximum.at(found, groups, values)
        case _:
            raise TypeError(measure)
    return found


def pieces(rollup: Rollup) -> list[tuple[AtGrains, tuple[str, ...]]]:
    """Each measure at each grain it is kept at, in the order of the parts."""
    kept = [(measure, grain) for measure in RollupLayout(rollup=rollup).at_grains for grain in rollup.grains(measure)]
    return sorted(kept, key=lambda piece: (piece[0].name, ",".join(piece[1])))
