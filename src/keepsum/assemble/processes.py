"""Rolls a backlog side by side, in this process and in helpers of it."""

import contextlib
import gc
import signal
from collections.abc import Callable, Generator, Iterable, Iterator, Sequence
from typing import TYPE_CHECKING

from keepsum.pipeline import roll
from keepsum.pipeline.jobs import Means
from keepsum.pipeline.proof import Batch, Outcome
from keepsum.store.workspace import Workspace

if TYPE_CHECKING:
    from concurrent.futures import Future
    from multiprocessing.sharedctypes import Synchronized

PARALLEL_FROM = 400_000  # records of a backlog from which more processes are worth their start
ENDED = 1 << 62  # more batches than there are: nobody takes another


def helpers_for(workspace: Workspace, batches: Sequence[Batch], *, most: int) -> int:
    """Give how many processes beside this one are worth their start, when there may be so many in all."""
    more = min(most, len(batches)) - 1
    return more if more > 0 and roll.backlog(workspace, batches) >= PARALLEL_FROM else 0


@contextlib.contextmanager
def side_by_side(
    again: Callable[[], Means], helpers: int
) -> Generator[Callable[[Callable[[Batch], Outcome], Sequence[Batch]], Iterator[Outcome]]]:
    """Give a map over batches, once: each is taken by whoever is free first, a helper or this process.

    `again` opens in a helper what is open here; it goes there by pickle. When the block ends nobody takes another.
    """
    from concurrent.futures import (  # noqa: PLC0415 - few commands have a backlog, all would wait for it
        ProcessPoolExecutor,
        as_completed,
        wait,
    )
    from multiprocessing import get_context  # noqa: PLC0415 - the same

    def each(here: Callable[[Batch], Outcome], batches: Sequence[Batch]) -> Iterator[Outcome]:
        away = {pool.submit(_roll_in_process, batches) for _ in batches}  # as many turns as there can be
        while (batch := _taken(batches, count)) is not None:
            yield here(batch)
            ended = wait(away, timeout=0).done
            away.difference_update(ended)
            yield from _rolled(ended)
        yield from _rolled(as_completed(away))

    # TRICKY: DuckDB and open files do not survive a fork, so helpers start anew and open everything themselves.
    context = get_context("spawn")
    count = context.Value("q", 0)
    initial = (again, count, gc.get_threshold())
    with ProcessPoolExecutor(helpers, context, initializer=_start_process, initargs=initial) as pool:
        try:
            yield each
        finally:
            with count.get_lock():
                count.value = ENDED


def _rolled(turns: "Iterable[Future[Outcome | None]]") -> Iterator[Outcome]:
    outcomes = (turn.result() for turn in turns)
    return (outcome for outcome in outcomes if outcome is not None)


def _taken(batches: Sequence[Batch], count: "Synchronized[int]") -> Batch | None:
    """Take the next of the batches, of which so many are taken by all processes together; None when there is none."""
    with count.get_lock():
        place = count.value
        count.value = place + 1
    return batches[place] if place < len(batches) else None


_process: "dict[str, tuple[Means, Synchronized[int]]]" = {}


def _start_process(again: Callable[[], Means], count: "Synchronized[int]", threshold: tuple[int, int, int]) -> None:
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # Ctrl-C is for the process that waits for this one
    gc.set_threshold(*threshold)  # who is helped knows how seldom there is garbage to look for
    _process["mine"] = again(), count


def _roll_in_process(batches: Sequence[Batch]) -> Outcome | None:
    """Take a turn: roll the next batch, if there is one."""
    means, count = _process["mine"]
    batch = _taken(batches, count)
    return None if batch is None else roll.roll_batch(means.workspace, means.calendar(), batch, now=means.clock())
