"""Partial results made one: figures by group and stretch of days, each kind of measure merged as it may be."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import lru_cache
from operator import add
from typing import Any, NamedTuple

from keepsum.engine import buckets, registers
from keepsum.engine.plan import Need
from keepsum.engine.registers import Estimate


class Aged(NamedTuple):
    """Stored registers of an earlier epoch, which had another key: they merge among themselves."""

    epoch: int
    blob: bytes


Key = tuple[str, ...]  # a group: the text of each dimension that was asked by

# What stands for a figure until it is shown: an exact integer, stored registers or buckets to be merged, or
# `UNKNOWN`, where figures met that do not add.
State = int | list[bytes | Aged] | None
UNKNOWN = None


@dataclass(kw_only=True)
class Figure:
    """One need's figures by place; `covered` columns have a day that was answered, `obscured` ones hide something."""

    need: Need
    columns: int
    states: dict[int, State] = field(default_factory=dict[int, State])
    covered: bytearray = field(default_factory=bytearray)
    obscured: bytearray = field(default_factory=bytearray)

    def __post_init__(self) -> None:
        """Begin with nothing covered."""
        self.covered = self.covered or bytearray(self.columns)
        self.obscured = self.obscured or bytearray(self.columns)

    def add(self, places: Sequence[int], states: Sequence[Any]) -> None:
        """Merge figures into their places; None is a group without a value of this measure."""
        if None in states:
            there = [(p, s) for p, s in zip(places, states, strict=True) if s is not None]
            places, states = [p for p, _ in there], [s for _, s in there]
        if self.need.kind in GATHERED:
            states = [[blob] for blob in states]
        merge(self.need.kind, self.states, places, states)


class Sheet:
    """Figures of several needs laid out in one grid: the place of a key and a column is key * columns + column.

    `shown` are the keys in the order that they are read in; it is set when all figures are there.
    """

    def __init__(self, needs: Iterable[Need], columns: int) -> None:
        self.columns = columns
        self.keys: dict[Key, int] = {}
        self.figures = [Figure(need=need, columns=columns) for need in needs]
        self.shown: tuple[Key, ...] = ()
        self.order: list[int] = []

    def places(self, keys: Iterable[Key], columns: Iterable[int]) -> list[int]:
        """Give the place of each (key, column), making room for keys that are new."""
        known, width = self.keys, self.columns
        return [known.setdefault(key, len(known)) * width + column for key, column in zip(keys, columns, strict=True)]

    def show(self, keys: Iterable[Key]) -> None:
        """Say which keys are read, in which order; one without figures is there all the same."""
        self.shown = tuple(keys)
        starts = [self.keys.setdefault(key, len(self.keys)) * self.columns for key in self.shown]
        self.order = [start + column for column in range(self.columns) for start in starts]

    def folded(self, columns: Sequence[int | None], width: int, keys: Mapping[Key, Key] | None = None) -> "Sheet":
        """Give the sheet with columns moved and keys renamed; what falls onto one place is merged, None is left out.

        Different values of one period but several keys do not add: their figure becomes unknown.
        """
        renamed = keys or {}
        sheet = Sheet((figure.need for figure in self.figures), width)
        targets = [sheet.keys.setdefault(new, len(sheet.keys)) for new in (renamed.get(k, k) for k in self.keys)]
        is_shared = len(set(targets)) < len(targets)
        for old, new in zip(self.figures, sheet.figures, strict=True):
            self._fold(old, new, targets, columns)
            if is_shared and old.need.kind == "distinct":
                self._forget_sums(old, new, targets, columns)
        sheet.show(dict.fromkeys(renamed.get(key, key) for key in self.shown))
        return sheet

    def _fold(self, old: Figure, new: Figure, targets: Sequence[int], columns: Sequence[int | None]) -> None:
        for column, target in enumerate(columns):
            if target is not None:
                new.covered[target] |= old.covered[column]
                new.obscured[target] |= old.obscured[column]
        places: list[int] = []
        states: list[State] = []
        for place, state in old.states.items():
            key, column = divmod(place, self.columns)
            target = columns[column]
            if target is not None:
                places.append(targets[key] * new.columns + target)
                states.append(state)
        merge(old.need.kind, new.states, places, states)

    def _forget_sums(self, old: Figure, new: Figure, targets: Sequence[int], columns: Sequence[int | None]) -> None:
        """Make unknown every place that took figures of more than one key."""
        came_from: dict[int, int] = {}
        for place in old.states:
            key, column = divmod(place, self.columns)
            target = columns[column]
            if target is not None:
                there = targets[key] * new.columns + target
                if came_from.setdefault(there, key) != key:
                    new.states[there] = UNKNOWN


def merge(kind: str, into: dict[int, State], places: Sequence[int], states: Sequence[Any]) -> None:
    """Merge states of one kind of measure into what is there; unknown and anything is unknown."""
    if kind in GATHERED:
        # Stored forms are only gathered, in lists of our own, and merged when somebody looks.
        gathered: dict[int, Any] = into
        for place, blobs in zip(places, states, strict=True):
            gathered.setdefault(place, []).extend(blobs)
        return
    if not into and len(fresh := dict(zip(places, states, strict=True))) == len(places):
        into.update(fresh)
        return
    one = _MERGES[kind]
    for place, state in zip(places, states, strict=True):
        if place not in into:
            into[place] = state
        else:
            before = into[place]
            into[place] = UNKNOWN if before is UNKNOWN or state is UNKNOWN else one(before, state)


GATHERED = frozenset(("uniques", "quantiles"))
_MERGES: Mapping[str, Callable[[Any, Any], Any]] = {"count": add, "sum": add, "distinct": add, "min": min, "max": max}


def estimate(states: Sequence[bytes | Aged]) -> Estimate:
    """Give the number of different subjects in stored registers.

    Of several epochs nobody can say who is in two of them: it is at least the largest, and at most the sum.
    """
    by_epoch: dict[int, list[bytes]] = {}
    for state in states:
        epoch, blob = state if isinstance(state, Aged) else (0, state)
        by_epoch.setdefault(epoch, []).append(blob)
    found = [_estimate(blobs) for blobs in (by_epoch or {0: []}).values()]
    largest = max(found, key=lambda one: one.value)
    if len(found) == 1:
        return largest
    return replace(largest, low=max(one.low for one in found), high=sum(one.high for one in found))


def _estimate(blobs: Sequence[bytes]) -> Estimate:
    return _estimate_one(blobs[0]) if len(blobs) == 1 else registers.estimate(registers.merge(blobs))


@lru_cache(maxsize=4_096)
def _estimate_one(blob: bytes) -> Estimate:
    return registers.estimate(registers.merge((blob,)))


def counted(blobs: Sequence[bytes]) -> tuple[buckets.Buckets, buckets.Counts]:
    """Give the merged buckets of stored ones."""
    return buckets.merge(blobs)
