"""Control: what is added up as records are accepted, and added up again from what was stored, to prove both equal."""

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from keepsum.engine.numbers import exact_sum, grouped_sums, join
from keepsum.engine.rowhash import Read, Words, hash_rows, mix_rows, read_blocks
from keepsum.model.control import Control

__all__ = ["Control", "control_of", "controls_by_day", "hash_rows"]


def control_of(columns: Mapping[str, Any], numbers: Sequence[str], key: bytes) -> Control:
    """The control of a batch: columns as in `hash_rows`, and which of them are numbers to add up; nulls add nothing."""
    total = Control.zero()
    for block in read_blocks(columns, key):
        total += _control(block, numbers, key)
    return total


def controls_by_day(
    columns: Mapping[str, Any], days: NDArray[Any], numbers: Sequence[str], key: bytes
) -> dict[int, Control]:
    """The control of each day in a batch, by day number ascending; `days` has the day of each row."""
    if any(len(column) != len(days) for column in columns.values()):
        raise ValueError(f"{len(days)} days are not one for each row")
    totals: dict[int, Control] = {}
    done = 0
    for block in read_blocks(columns, key):
        rows = next(iter(block.values())).words.shape[-1]
        for day, control in _by_day(block, days[done : done + rows], numbers, key):
            totals[day] = totals[day] + control if day in totals else control
        done += rows
    return dict(sorted(totals.items()))


def _control(block: Mapping[str, Read], numbers: Sequence[str], key: bytes) -> Control:
    lane_a, lane_b = mix_rows(block, key)
    return Control(
        records=len(lane_a),
        hash_a=int(lane_a.sum()),
        hash_b=int(lane_b.sum()),
        sums={name: exact_sum(_amounts(name, block)) for name in numbers},
    )


def _by_day(
    block: Mapping[str, Read], days: NDArray[Any], numbers: Sequence[str], key: bytes
) -> list[tuple[int, Control]]:
    """(day, control) of each day in a block."""
    if days.min() == days.max():
        return [(int(days[0]), _control(block, numbers, key))]
    order = np.argsort(days, kind="stable")
    ordered = days[order]
    starts = np.flatnonzero(np.diff(ordered, prepend=ordered[0] - 1))
    counts = np.diff(starts, append=len(days)).tolist()
    hashes = (_added(lane[order], starts) for lane in mix_rows(block, key))
    sums = [_sums(_amounts(name, block)[order], starts) for name in numbers]
    return [
        (day, Control(records=count, hash_a=a, hash_b=b, sums=dict(zip(numbers, amounts, strict=True))))
        for day, count, a, b, *amounts in zip(ordered[starts].tolist(), counts, *hashes, *sums, strict=True)
    ]


def _added(lane: Words, starts: NDArray[Any]) -> list[int]:
    return np.add.reduceat(lane, starts).tolist()


def _sums(amounts: NDArray[np.int64], starts: NDArray[Any]) -> list[int]:
    hi, lo = grouped_sums(amounts, starts)
    return [join(*limbs) for limbs in zip(hi.tolist(), lo.tolist(), strict=True)]


def _amounts(name: str, block: Mapping[str, Read]) -> NDArray[np.int64]:
    """The values of a number column, 0 where there is none."""
    words, nulls = block[name]
    if words.ndim > 1:
        raise TypeError(f"column {name!r} is text and cannot be added up")
    amounts = words.view(np.int64)
    return amounts if nulls is None else np.where(nulls, 0, amounts)
