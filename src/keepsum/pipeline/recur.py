"""Rows of an application's own database that another day has counted for good, because their time was moved.

The figures of a day stay as they are once its purge has begun. A row that leaves it alive, before its chunk goes or
after a backup brought it back, is known on its new day by the mark of its key, until `late` of the old one ends.
"""

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from keepsum.model.counted import counted
from keepsum.model.day import date_of
from keepsum.model.stream import Stream
from keepsum.pipeline.hold import TWO_DAYS, hold
from keepsum.store import days, distinct, records
from keepsum.store.database import Connection
from keepsum.store.days import DayState
from keepsum.store.workspace import Workspace

KEYS = "(key)"  # no field is called so: the fingerprints of values that are counted are others than the marks of keys

Words = NDArray[np.int64]


@dataclass(frozen=True, kw_only=True)
class Looked:
    """The marks of a day's keys, and those of them that each final day has; every final day was looked at."""

    stream: Stream
    keys: Words
    found: Mapping[int, Words]

    @property
    def twice(self) -> Words:
        """The marks that another day counts, in order, each once."""
        return np.unique(np.concatenate([np.empty(0, np.int64), *self.found.values()]))


def look(workspace: Workspace, stream: Stream, day: int, keys: NDArray[np.uint64]) -> Looked:
    """Say which of a day's keys, by their marks, other days count whose purge has begun."""
    looked = Looked(stream=stream, keys=keys.view(np.int64), found={})
    with workspace.file.read() as connection:
        return _looked(workspace, connection, day, looked)


def _looked(workspace: Workspace, connection: Connection, day: int, before: Looked) -> Looked:
    """Look at the final days that were not looked at before, and forget those whose marks are gone."""
    stream, found = before.stream, dict[int, Words]()
    if not len(before.keys) or not workspace.catalog.rollups_of(stream.name):
        return Looked(stream=stream, keys=before.keys, found={})
    for other, state in days.states(connection, stream.name).items():
        # A day that was deleted without ever being sealed has no figures that could count a row.
        if other == day or not state.purge or state.seal is None or state.late_until is None:
            continue
        known = before.found.get(other)
        if known is None:
            theirs = records.fingerprints(connection, stream.name, other)
            known = np.intersect1d(before.keys, theirs, assume_unique=True)
        found[other] = known
    return Looked(stream=stream, keys=before.keys, found=found)


def hold_recurring(workspace: Workspace, connection: Connection, state: DayState, before: Looked, *, now: int) -> bool:
    """Hold a day with keys that another day counts for good, unless a person let them count twice; say whether."""
    looked = _looked(workspace, connection, state.day, before)
    let = distinct.accepted(connection, state.stream, KEYS, state.day)
    twice = [mark for mark in looked.twice.tolist() if mark not in let]
    if not twice:
        return False
    if TWO_DAYS in state.accepts:
        distinct.note_accepted(connection, state.stream, KEYS, state.day, twice)
        return False
    example = min(other for other, marks in looked.found.items() if np.isin(marks, twice).any())
    detail = (
        f"{counted(len(twice), 'rows')} of {date_of(state.day)}: a day whose purge has begun counts their keys "
        f"already, such as {date_of(example)}. Move them back or take them away, or accept that both days count them."
    )
    hold(connection, state.stream, state.day, TWO_DAYS, detail, now=now)
    return True
