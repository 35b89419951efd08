"""What proving gives: days whose records equal control and whose rollups came out the same twice."""

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
import pyarrow as pa

from keepsum.engine.folding import Folding
from keepsum.engine.rolled import Rolled
from keepsum.model.stream import Stream
from keepsum.store.days import DayState


@dataclass(frozen=True, kw_only=True)
class Outcome:
    """What came of rolling: days sealed, days held, days left because records came in meanwhile, records proven."""

    sealed: int = 0
    held: int = 0
    left: int = 0
    records: int = 0

    @property
    def days(self) -> int:
        """How many days there were."""
        return self.sealed + self.held + self.left

    def __add__(self, other: "Outcome") -> "Outcome":
        """Give both together."""
        return Outcome(
            sealed=self.sealed + other.sealed,
            held=self.held + other.held,
            left=self.left + other.left,
            records=self.records + other.records,
        )


@dataclass(frozen=True, kw_only=True)
class Proven:
    """Several days of one stream: their states as read, each rollup's rows and parts, and the records themselves."""

    stream: Stream
    states: Mapping[int, DayState]
    rolled: Mapping[str, Rolled]
    folding: Folding
    records: pa.Table

    @staticmethod
    def of_day(table: pa.Table, day: int) -> pa.Table:
        """Give one day's part of a table that has a `day` column."""
        days = table.column("day").to_numpy()
        if len(days) and (days[1:] >= days[:-1]).all():
            begin, end = np.searchsorted(days, [day, day + 1]).tolist()
            return table.slice(begin, end - begin)
        return table.take(pa.array(np.flatnonzero(days == day)))
