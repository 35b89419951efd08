"""The stretches of days that figures are fetched for, and what periods and running windows they make up."""

from bisect import bisect_left
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property, lru_cache
from itertools import pairwise

from keepsum.engine import days
from keepsum.model.day import Grain

Span = tuple[int, int]  # first and last day, both included


@dataclass(frozen=True, kw_only=True)
class Cells:
    """The stretches of days that figures are fetched for, and what periods and running windows they make up.

    Without a cumulative metric cells are periods. `periods` are the whole periods of the grain, `of_period` the cells
    in each, and `windows[since]` the cells that a figure running since then adds up for each period.
    """

    spans: tuple[Span, ...]
    periods: tuple[Span, ...]
    of_period: tuple[range, ...]
    windows: Mapping[str, tuple[range, ...]]

    @cached_property
    def are_days(self) -> bool:
        """Whether every cell is a single day."""
        return all(first == last for first, last in self.spans)

    @cached_property
    def column_of(self) -> Mapping[int, int]:
        """The number of the cell that each day is in."""
        return {day: column for column, (first, last) in enumerate(self.spans) for day in range(first, last + 1)}


def window_start(day: int, since: str, range_first: int) -> int:
    """Give the first day that a figure running since the range, the month or the year adds up for a day."""
    return range_first if since == "range" else days.period_start(day, Grain(since))


@lru_cache(maxsize=256)
def cells(first: int, last: int, grain: Grain, sinces: tuple[str, ...], lead: int, week_start: int = 0) -> Cells:
    """Give the stretches of days to fetch from `lead` on: the periods, cut again where a running window begins."""
    periods = tuple(days.periods(first, last, grain, week_start))
    cuts = {max(start, first) for start, _ in periods} | {lead}
    for since in sinces:
        if since != "range":
            cuts |= {start for start, _ in days.periods(lead, last, Grain(since)) if start >= lead}
    starts = sorted(cuts)
    spans = tuple((start, end - 1) for start, end in zip(starts, [*starts[1:], last + 1], strict=True))
    bounds = [bisect_left(starts, max(start, first)) for start, _ in periods] + [len(starts)]
    of_period = tuple(range(begin, end) for begin, end in pairwise(bounds))
    windows = {
        since: tuple(
            # The window that holds a period's last day, from its start to that day.
            range(bisect_left(starts, window_start(starts[part[-1]], since, first)), part[-1] + 1)
            for part in of_period
        )
        for since in sinces
    }
    return Cells(spans=spans, periods=periods, of_period=of_period, windows=windows)
